"""Find the two columns of a file that hold its coordinates, by where their points lie."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations
from typing import Any

import numpy as np
import pandas as pd
from pyproj import Transformer

from geo.study_area import WGS84, FloatArray, StudyArea

MOST_COLUMNS = 6
CLEAR_SHARE, UNCLEAR_SHARE = 0.6, 0.3
ZONES = ("EPSG:32642", *(f"EPSG:{zone}" for zone in range(32638, 32646) if zone != 32642))
"""The country-wide zone of the official layer, and the UTM zones of Kazakhstan."""

_NUMBER = r"[+-]?[0-9]+[.,][0-9]{2,}|[+-]?[0-9]{5,8}"
_SHARE_OF_NUMBERS = 0.8


def find_places(columns: pd.DataFrame, area: StudyArea | None) -> Iterator[dict[str, Any]]:
    """Yield for each column that can be a coordinate what is proposed: ``head, field, code``, ….

    ``degrees_inside`` and ``metres_inside`` propose a field, because one order (and one CRS) puts
    most points in the study area and no other does. ``degrees`` and ``metres`` leave it open.
    """
    numbers = {str(head): _numbers(columns[head]) for head in columns}
    numbers = {head: found for head, found in numbers.items() if np.isfinite(found).any()}
    numbers = dict(list(numbers.items())[:MOST_COLUMNS])
    for small in (True, False):
        heads = [head for head, found in numbers.items() if _is_small(found) == small]
        yield from _judged({head: numbers[head] for head in heads}, area, degrees=small)


# -------------------------------------------------------------------------------------------


def _numbers(texts: pd.Series) -> FloatArray:
    values = np.full(len(texts), np.nan)
    number = texts.str.fullmatch(_NUMBER).fillna(False).to_numpy(bool)
    if number.sum() < max(3, _SHARE_OF_NUMBERS * texts.notna().sum()):
        return values
    values[number] = pd.to_numeric(texts[number].str.replace(",", ".", regex=False))
    return values


def _is_small(values: FloatArray) -> bool:
    return bool(np.nanmax(np.abs(values)) <= 180)


def _judged(
    numbers: dict[str, FloatArray], area: StudyArea | None, *, degrees: bool
) -> Iterator[dict[str, Any]]:
    best = _best(numbers, area, degrees=degrees) if area else None
    if best is not None:
        share, crs, first, second = best
        facts = {"share": round(share, 3), "rows": int(np.isfinite(numbers[first]).sum())}
        if degrees:
            yield {"head": first, "field": "lat", "code": "degrees_inside", **facts}
            yield {"head": second, "field": "lon", "code": "degrees_inside", **facts}
        else:
            yield {"head": first, "field": "y", "code": "metres_inside", "crs": crs, **facts}
            yield {"head": second, "field": "x", "code": "metres_inside", "crs": crs, **facts}
    elif len(numbers) > 1:
        for head, values in numbers.items():
            known = np.isfinite(values)
            code = "degrees" if degrees else "metres"
            yield {
                "head": head, "field": None, "code": code,
                "share": round(float(known.mean()), 3), "rows": len(values),
            }  # fmt: skip


def _best(
    numbers: dict[str, FloatArray], area: StudyArea, *, degrees: bool
) -> tuple[float, str, str, str] | None:
    """Return (share inside, CRS, northing's head, easting's head) where one answer is clear."""
    frames = (WGS84,) if degrees else dict.fromkeys((area.metric_crs, *ZONES, "EPSG:3857"))
    tried = [
        (_share_inside(crs, numbers[first], numbers[second], area), crs, first, second)
        for crs in frames
        for first, second in permutations(numbers, 2)
    ]
    tried.sort(key=lambda one: -one[0])
    if not tried or tried[0][0] < CLEAR_SHARE:
        return None
    return None if len(tried) > 1 and tried[1][0] > UNCLEAR_SHARE else tried[0]


def _share_inside(crs: str, northing: FloatArray, easting: FloatArray, area: StudyArea) -> float:
    known = np.isfinite(northing) & np.isfinite(easting)
    if not known.any():
        return 0.0
    lat, lon = northing[known], easting[known]
    if crs != WGS84:
        to_degrees = Transformer.from_crs(crs, WGS84, always_xy=True)
        lon, lat = to_degrees.transform(easting[known], northing[known])
    return float(area.contains(lat, lon).mean())
