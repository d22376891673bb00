"""Forms of coordinates other than plain numbers: angles, pairs in one cell, links of maps.

Each reader takes one cell and gives what it names with the step of its last digit, or None where
the text is not of its form. Nothing is corrected and nothing is fetched.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

LONGEST_LINK, LONGEST_TEXT = 2_000, 200
MICRO = 1_000_000
"""Whole numbers of this part of a degree are written by some devices."""


@dataclass(frozen=True)
class Spot:
    """A place as one cell names it: degrees, and the step of its last digit in degrees."""

    lat: float
    lon: float
    step: float


def parse_angle(text: str) -> tuple[float, float] | None:
    """Read degrees, minutes and seconds; return degrees and the step of the last digit.

    Examples
    --------
    >>> degrees, step = parse_angle("51°13′40″N")
    >>> round(degrees, 6), round(step, 6)
    (51.227778, 0.000278)
    >>> parse_angle("51 13 40") == parse_angle("51°13′40″")
    True
    >>> parse_angle("51°60′00″") is None
    True
    """
    found = _ANGLE.fullmatch(text.strip().lower()) if len(text) <= LONGEST_TEXT else None
    return None if found is None else _angle(found)


def parse_pair(text: str, order: str = "lat,lon") -> Spot | None:
    """Read two coordinates of one cell: numbers, angles or a WKT point (which is x, then y).

    Examples
    --------
    >>> parse_pair("51.2278, 51.3865")
    Spot(lat=51.2278, lon=51.3865, step=0.0001)
    >>> parse_pair("POINT (51.3865 51.2278)")
    Spot(lat=51.2278, lon=51.3865, step=0.0001)
    >>> parse_pair("51,2278; 51,3865") == parse_pair("51.2278 51.3865")
    True
    """
    plain = text.strip().lower()
    if len(plain) > LONGEST_TEXT:
        return None
    point = _WKT.fullmatch(plain)
    if point:
        return _spot(point[2], point[1])
    for form in _PAIRS:
        numbers = form.fullmatch(plain)
        if numbers:
            first, second = numbers[1], numbers[2]
            return _spot(first, second) if order == "lat,lon" else _spot(second, first)
    return _angles(plain, order)


def parse_link(text: str) -> Spot | None:
    """Read the marked place of a link to Google, OpenStreetMap, 2GIS or Yandex maps.

    The last two write longitude first. Links without coordinates in them give None: nothing is
    fetched.

    Examples
    --------
    >>> parse_link("https://yandex.kz/maps/?pt=51.3865,51.2278&z=17").lat
    51.2278
    >>> parse_link("https://maps.google.com/?q=51.2278,51.3865").lat
    51.2278
    """
    if len(text) > LONGEST_LINK:
        return None
    plain = text.strip()
    if plain.lower().startswith("geo:"):
        return _first(plain[4:], _COMMA, lon_first=False)
    parts = _split_link(plain)
    if parts is None:
        return None
    host, path, query, fragment = parts
    for names, read in _SITES:
        if any(f".{name}." in f".{host}." for name in names):
            return read(path, query, fragment)
    return None


def is_micro(text: str) -> bool:
    """Tell whether a text may be a whole number of millionths of a degree."""
    return _MICRO.fullmatch(text) is not None


# -------------------------------------------------------------------------------------------

_NUMBER = r"[+-]?[0-9]{1,3}(?:\.[0-9]{1,15})"
_COMMA_NUMBER = r"[+-]?[0-9]{1,3}(?:,[0-9]{1,15})"
_MICRO = re.compile(r"[+-]?[0-9]{7,9}")
_PAIRS = tuple(
    re.compile(rf"[(\[]?\s*({number})\s*{between}\s*({number})\s*[)\]]?")
    for number, between in ((_NUMBER, r"(?:[,;/|]|\s)"), (_COMMA_NUMBER, r"(?:[;/|]|,\s|\s)"))
)
_WKT = re.compile(
    rf"(?:srid=4326;)?\s*point\s*(?:z|m|zm)?\s*\(\s*({_NUMBER})\s+({_NUMBER})(?:\s+\S+){{0,2}}\s*\)"
)
_COMMA = re.compile(rf"({_NUMBER}),\s*({_NUMBER})")
_SLASH = re.compile(rf"({_NUMBER})/({_NUMBER})")

_NORTH, _SOUTH = r"n|с\.? ?ш\.?|с\.? ?е\.?|с|север\w*", r"s|ю\.? ?ш\.?|ю|юж\w*"
_EAST, _WEST = r"e|в\.? ?д\.?|ш\.? ?б\.?|в|вост\w*", r"w|з\.? ?д\.?|з|зап\w*"
_SIDE = rf"(?:{_NORTH}|{_SOUTH}|{_EAST}|{_WEST})"
_PART = r"[0-9]{1,2}"
_ANGLE_TEXT = (
    rf"(?P<before>{_SIDE})?\s*(?P<sign>[+-]?)(?P<degrees>[0-9]{{1,3}})"
    rf"(?:(?P<degree_part>[.,][0-9]{{1,12}})?\s*(?:°|º|˚|гр(?:ад)?\.?|deg\.?)"
    rf"|(?=\s+{_PART}(?:[.,][0-9]+)?\s+{_PART}))\s*"
    rf"(?:(?P<minutes>{_PART})(?P<minute_part>[.,][0-9]{{1,12}})?\s*(?:['′’‘`´]|мин\.?|\s)\s*"
    rf"(?:(?P<seconds>{_PART})(?P<second_part>[.,][0-9]{{1,12}})?"
    rf"\s*(?:[\"″”“]|''|′′|’’|сек\.?)?)?)?"
    rf"\s*(?P<after>{_SIDE})?"
)
_ANGLE = re.compile(_ANGLE_TEXT)
_TWO_ANGLES = re.compile(
    rf"(?P<one>{_SIDE}?\s*[+-]?[0-9]{{1,3}}\s*[°º˚ ][^,;a-zа-я]*{_SIDE}?)[,;\s]+"
    rf"(?P<two>{_SIDE}?\s*[+-]?[0-9]{{1,3}}\s*[°º˚ ][^,;a-zа-я]*{_SIDE}?)"
)


def _angle(found: re.Match[str]) -> tuple[float, float] | None:
    part = {name: text or "" for name, text in found.groupdict().items()}
    if (part["degree_part"] and part["minutes"]) or (part["minute_part"] and part["seconds"]):
        return None
    if part["before"] and part["after"]:
        return None
    numbers, size, step = 0.0, 1.0, 1.0
    for name in ("degree", "minute", "second"):
        whole = part[f"{name}s"]
        if not whole:
            break
        fraction = part[f"{name}_part"].replace(",", ".")
        value = float(whole + fraction)
        if name != "degree" and value >= 60:
            return None
        numbers += value / size
        step = 10.0 ** -max(len(fraction) - 1, 0) / size
        size *= 60
    side = part["before"] or part["after"]
    below = part["sign"] == "-" or re.fullmatch(rf"{_SOUTH}|{_WEST}", side) is not None
    return (-numbers if below else numbers), step


def _angles(plain: str, order: str) -> Spot | None:
    two = _TWO_ANGLES.fullmatch(plain)
    if two is None:
        return None
    read = [parse_angle(two[name]) for name in ("one", "two")]
    if read[0] is None or read[1] is None:
        return None
    (first, one_step), (second, other_step) = read[0], read[1]
    east_first = re.search(rf"(?:{_EAST}|{_WEST})$|^(?:{_EAST}|{_WEST})", two["one"].strip())
    if east_first or order == "lon,lat":
        first, second = second, first
    return Spot(first, second, max(one_step, other_step))


def _spot(lat: str, lon: str) -> Spot:
    lat, lon = lat.replace(",", "."), lon.replace(",", ".")
    digits = max(len(number.partition(".")[2]) for number in (lat, lon))
    return Spot(float(lat), float(lon), 10.0**-digits)


def _first(text: str, form: re.Pattern[str], *, lon_first: bool) -> Spot | None:
    found = form.search(text)
    if found is None:
        return None
    return _spot(found[2], found[1]) if lon_first else _spot(found[1], found[2])


def _split_link(plain: str) -> tuple[str, str, dict[str, list[str]], str] | None:
    link = plain if "://" in plain else f"https://{plain}"
    try:
        parts = urlsplit(link)
        host = (parts.hostname or "").lower()
        return host, unquote(parts.path), parse_qs(parts.query), unquote(parts.fragment)
    except ValueError:
        return None


Read = Callable[[str, dict[str, list[str]], str], Spot | None]


def _read_google(path: str, query: dict[str, list[str]], fragment: str) -> Spot | None:
    pinned = re.search(rf"!3d({_NUMBER})!4d({_NUMBER})", path)
    if pinned:
        return _spot(pinned[1], pinned[2])
    named = [
        query[name][0] for name in ("q", "query", "destination", "daddr", "ll") if name in query
    ]
    for text in (*named, path):
        spot = _first(text, _COMMA, lon_first=False)
        if spot:
            return spot
    return None


def _read_osm(path: str, query: dict[str, list[str]], fragment: str) -> Spot | None:
    if "mlat" in query and "mlon" in query:
        return _first(f"{query['mlat'][0]},{query['mlon'][0]}", _COMMA, lon_first=False)
    return _first(fragment, _SLASH, lon_first=False)


def _read_2gis(path: str, query: dict[str, list[str]], fragment: str) -> Spot | None:
    for text in (path, *query.get("m", []), *query.get("center", [])):
        spot = _first(text, _COMMA, lon_first=True)
        if spot:
            return spot
    return None


def _read_yandex(path: str, query: dict[str, list[str]], fragment: str) -> Spot | None:
    for name in ("pt", "whatshere[point]", "poi[point]"):
        if name in query:
            return _first(query[name][0], _COMMA, lon_first=True)
    if "text" in query and (spot := _first(query["text"][0], _COMMA, lon_first=False)):
        return spot
    return _first(query["ll"][0], _COMMA, lon_first=True) if "ll" in query else None


_SITES: tuple[tuple[tuple[str, ...], Read], ...] = (
    (("google",), _read_google),
    (("openstreetmap.org", "osm.org"), _read_osm),
    (("2gis",), _read_2gis),
    (("yandex", "ya.ru"), _read_yandex),
)
