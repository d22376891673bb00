"""Lines of streets for rows that name a street and its ends."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from shapely.geometry import LineString

from data.importers.places.known_places import KnownPlaces
from data.importers.places.street_parts import StreetEnd, StreetPart, street_part
from data.importers.tabular import SourceTable
from geo.study_area import FloatArray, StudyArea

_HOUSE = re.compile(
    r"(?i)(?:д\.?|дом|зд\.?|үй|house|№)?\s*\d+\s*[а-яәіңғүұқөһa-z]?(?:\s*[/\\-]\s*\d+\s*[а-яa-z]?)?\.?"
)
_OWN_END = frozenset({"начало", "конец", "начала", "конца", "басы", "соңы", "start", "end", "-"})


@dataclass(frozen=True)
class StreetLines:
    """Parts of streets, one a row.

    Attributes
    ----------
    lat, lon
        Middle of each line; NaN where none was found.
    line
        LineString (longitude, latitude), or None.
    length_m
        Along the street.
    score
        How well the names match, 0–100; NaN where none was found.
    """

    lat: FloatArray
    lon: FloatArray
    line: npt.NDArray[np.object_]
    length_m: FloatArray
    score: FloatArray


def find_lines(
    table: SourceTable, named: pd.DataFrame, rows: npt.NDArray[np.bool_], places: KnownPlaces
) -> StreetLines:
    """Find the part of a street that each row names; mark rows whose part is not found.

    Parameters
    ----------
    table
        Takes ``map_missing``, ``street_missing``, ``address_unknown``, ``address_ambiguous``.
    named
        ``street``, ``start``, ``end`` as written; an end is a house or a street that crosses.
    rows
        Which rows to look for.
    places
        Their map has the streets.
    """
    count = len(named)
    parts: list[StreetPart | None] = [None] * count
    missing = rows & named["street"].isna().to_numpy(bool)
    table.faults.add(missing, table.head("street"), "street_missing")
    gazetteer = places.gazetteer()
    if gazetteer is None:
        table.faults.add(rows & ~missing, table.head("street"), "map_missing")
        return _lines_of(parts, places.area)

    found: dict[tuple[str, ...], StreetPart] = {}
    for row in np.flatnonzero(rows & ~missing):
        texts = [named[name].iloc[row] for name in ("street", "start", "end")]
        key = tuple("" if pd.isna(text) else str(text) for text in texts)
        if key not in found:
            found[key] = street_part(gazetteer, key[0], read_end(key[1]), read_end(key[2]))
        parts[row] = found[key]
    for code in sorted({part.fault for part in found.values() if part.fault}):
        wrong = np.array([part is not None and part.fault == code for part in parts])
        table.faults.add(wrong, table.head("street"), code)
    return _lines_of(parts, places.area)


def read_end(text: str) -> StreetEnd | None:
    """Tell whether an end of a part is a house or a crossing street; None where neither.

    Examples
    --------
    >>> read_end("д. 12/1")
    StreetEnd(house='12/1', crossing=None)
    >>> read_end("8 марта")
    StreetEnd(house=None, crossing='8 марта')
    """
    plain = text.strip()
    if not plain or plain.casefold() in _OWN_END:
        return None
    if _HOUSE.fullmatch(plain):
        return StreetEnd(house=re.sub(r"^\D+", "", plain).rstrip("."))
    return StreetEnd(crossing=plain)


# -------------------------------------------------------------------------------------------


def _lines_of(parts: list[StreetPart | None], area: StudyArea) -> StreetLines:
    good = [part if part is not None and part.fault is None else None for part in parts]
    lines = np.array([part.line if part else None for part in good] or [], object)
    middles = [middle_of(line, area) if line is not None else (np.nan, np.nan) for line in lines]
    lat, lon = np.array(middles, float).reshape(-1, 2).T
    return StreetLines(
        lat=lat,
        lon=lon,
        line=lines,
        length_m=np.array([part.length_m if part else np.nan for part in good], float),
        score=np.array([part.score if part else np.nan for part in good], float),
    )


def middle_of(line: LineString, area: StudyArea) -> tuple[float, float]:
    """Return latitude and longitude halfway along a line, measured in metres."""
    lon, lat = shapely.get_coordinates(line).T
    plane = shapely.LineString(np.column_stack(area.to_metric(lat, lon)))
    middle = plane.interpolate(0.5, normalized=True)
    found_lat, found_lon = area.to_degrees(middle.x, middle.y)
    return float(found_lat[0]), float(found_lon[0])


def distance_to_line(line: LineString, point: tuple[float, float], area: StudyArea) -> float:
    """Return how far a point (latitude, longitude) lies from a line, in metres."""
    lon, lat = shapely.get_coordinates(line).T
    plane = shapely.LineString(np.column_stack(area.to_metric(lat, lon)))
    (x,), (y,) = area.to_metric([point[0]], [point[1]])
    return float(plane.distance(shapely.Point(x, y)))
