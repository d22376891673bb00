"""Take an address apart: which words name streets, which the house, and what joins them.

Read are "street, house", "corner of A and B", "A between B and C" and "between A, B, C and D", as
people write them in Kazakh, Russian and English. Which of several readings holds is decided by
the names that the map knows; here they are only listed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from data.importers.places.house_numbers import HouseNumber, parse_house
from data.importers.values.look_alikes import fold

HOUSE, CROSSING, BETWEEN = "house", "crossing", "between"

_BETWEEN = re.compile(
    r"\b(?:между|арасында\w*|аралығы\w*|арасы|between|квадрат\w*|в границах|внутри)\b"
    r"(?:\s+(?:улиц|улицами)\b)?"
)
_CORNER = re.compile(
    r"\b(?:на\s+)?(?:уг|угол|углу|пересечени\w*|пересеч|перекрест\w*|қиылыс\w*|киылыс\w*|бұрыш\w*|"
    r"corner|crossing|intersection)\b\.?(?:\s+(?:of|улиц)\b)?"
)
_LIST = re.compile(r"\s*[,;/&+×]\s*|\s+[-–—xх]\s+|\s+(?:и|с|және|мен|пен|бен|and)\s+")
_SETTLEMENT = re.compile(
    r"^(?:г|гор|город|қ|қала)\.?\s+\w[\w-]*\s*|^\w[\w-]*\s+(?:қаласы|қ\.)\s*|"
    r"\b(?:рк|казахстан|қазақстан|республика казахстан|қазақстан республикасы)\b"
)
_REGION = re.compile(r"\b(?:обл|область|облысы|район|р-н|ауданы)\b")
_QUARTERS = re.compile(r"\b(?:шағын|ықшам|шагын|мөлтек)\s+ауданы?\b")
_SLASHED = re.compile(r"[^\W\d_]{3}\s*[/\\]\s*[^\W\d_]{3}")
_LETTERS = re.compile(r"[^\W\d_]{2}")


@dataclass(frozen=True)
class Reading:
    """One way to read an address.

    Attributes
    ----------
    form
        ``house`` (one street, or quarter), ``crossing`` (two) or ``between`` (the part of the
        first between the others, or four around a block).
    streets
        Names as written, folded.
    house
        House number; None where the address has none.
    context
        Further names that may tell which of several streets of a name is meant.
    """

    form: str
    streets: tuple[str, ...]
    house: HouseNumber | None = None
    context: tuple[str, ...] = ()


def read_address(text: str) -> list[Reading]:
    """List the readings of one free address text, the likelier first.

    Examples
    --------
    >>> [(r.streets, str(r.house)) for r in read_address("ул. Абая, д. 34")][0]
    (('ул. абая',), '34')
    >>> read_address("уг. Абая и Сатпаева")[0].streets
    ('абая', 'сатпаева')
    """
    plain = fold(text.replace("№", " ")).strip(" .,;")
    if _BETWEEN.search(plain):
        return _between(plain)
    if _CORNER.search(plain):
        names = _listed(_CORNER.sub(",", plain))
        return [Reading(CROSSING, tuple(names[:2]))] if len(names) >= 2 else []
    if _SLASHED.search(plain):
        names = [name for name in _listed(plain) if _LETTERS.search(name)]
        return [Reading(CROSSING, tuple(names[:2]))] if len(names) >= 2 else []
    readings = _houses(plain)
    pair = _listed(plain)
    if len(pair) == 2 and not any(parse_house(name) for name in pair):
        readings.append(Reading(CROSSING, tuple(pair)))
    return readings


def read_crossing(street: str | None, crossing: str) -> list[Reading]:
    """List the readings of a crossing that stands in a field of its own."""
    names = _listed(_CORNER.sub(",", fold(crossing)))
    if len(names) >= 2 and not _BETWEEN.search(fold(crossing)):
        return [Reading(CROSSING, tuple(names[:2]))]
    if _BETWEEN.search(fold(crossing)):
        return _between(f"{fold(street or '')} {fold(crossing)}")
    return [Reading(CROSSING, (fold(street), names[0]))] if street and names else []


# -------------------------------------------------------------------------------------------


def _listed(text: str) -> list[str]:
    parts = _LIST.split(text)
    if len([part for part in parts if _LETTERS.search(part)]) < 2:
        parts = re.split(r"[-–—]", text)
    names = [name.strip(" .,-") for name in parts]
    return [name for name in names if _LETTERS.search(name) or parse_house(name)]


def _between(plain: str) -> list[Reading]:
    names = [name for name in _listed(_BETWEEN.sub(",", plain)) if _LETTERS.search(name)]
    if len(names) in (3, 4):
        return [Reading(BETWEEN, tuple(names))]
    return [Reading(CROSSING, tuple(names))] if len(names) == 2 else []


def _houses(plain: str) -> list[Reading]:
    parts = [_SETTLEMENT.sub("", _QUARTERS.sub("мкр", part.strip())) for part in plain.split(",")]
    parts = [part.strip(" .-") for part in parts if not _REGION.search(part)]
    parts = [part for part in parts if part]
    readings = []
    for position, part in enumerate(parts):
        if parse_house(part) and not _LETTERS.search(part):
            continue
        context = tuple(other for other in parts if other != part and _LETTERS.search(other))
        following = next(
            (house for other in parts[position + 1 :] if (house := parse_house(other))), None
        )
        readings.append(Reading(HOUSE, (part,), following, context))
        if following is None:
            readings += [Reading(HOUSE, (name,), house, context) for name, house in _cut_ends(part)]
    return readings


def _cut_ends(part: str) -> list[tuple[str, HouseNumber]]:
    """Cut a house number off the end of "абая 34 корп. 2" or the front of "34 абай көшесі"."""
    words = part.split()
    cuts = []
    for at in range(1, len(words)):
        name, house = " ".join(words[:at]), parse_house(" ".join(words[at:]))
        if house is not None and any(char.isalnum() for char in name):
            cuts.append((name, house))
    return cuts
