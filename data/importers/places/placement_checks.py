"""Whether the coordinates of a file can be true: their order, their stacks, their digits.

What the whole file shows decides what is said of a row: one row off every street may be a steppe
road, a hundred rows that would all lie in town if swapped are a swap.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from data.importers.places.known_places import KnownPlaces
from data.importers.places.point_stacks import DISTRICT_ACCURACY_M, find_stacks
from data.importers.report import OUTSIDE_REGION, BoolArray
from data.importers.tabular import SourceTable
from geo.errors import InputRefusedError
from geo.study_area import WGS84, FloatArray

METHODS = np.array([None, "given", "geocoded", "street-only", "district"], object)
GIVEN, DISTRICT = 1, 4
EVENTS = frozenset({"incidents", "kpssu"})
"""Nouns whose rows lie where chance has it; lamps share poles, patrols come to the same stops."""
SWAPPED_SHARE = 0.2
"""A file with a larger share of rows that look swapped is refused whole."""
STREET_REACH_M = 100.0
SURE_ROWS = 3
THREE_DECIMALS_M, TWO_DECIMALS_M = 55.0, 550.0
"""Half a step of the third and of the second decimal of a degree, less one percent."""


@dataclass(frozen=True)
class Spots:
    """Rows with coordinates, as far as they could be read.

    Attributes
    ----------
    lat, lon
        WGS84 degrees; NaN where the row has a fault or no coordinates.
    accuracy_m
        What their digits allow.
    head
        Column that faults of the place are told of.
    """

    lat: FloatArray
    lon: FloatArray
    accuracy_m: FloatArray
    head: str


@dataclass(frozen=True)
class Placement:
    """What the checks made of the rows.

    Attributes
    ----------
    method_code
        Place in `METHODS`: `GIVEN`; `DISTRICT` where the point stands for a whole settlement; 0
        without coordinates.
    accuracy_m
        As it came; at least `DISTRICT_ACCURACY_M` for the method ``district``.
    findings
        For the report: ``swap`` and ``crs`` with verdict and shares, ``stacked`` with the points
        that hold the most rows.
    """

    method_code: npt.NDArray[np.int8]
    accuracy_m: FloatArray
    findings: dict[str, Any]


def judge_placement(table: SourceTable, places: KnownPlaces, spots: Spots) -> Placement:
    """Mark rows that look swapped or lie outside the study area, and flag places that are rough.

    Faults go to the table: ``likely_swapped``, ``outside_region``; warnings too:
    ``geocode_default``, ``coordinates_coarse``.

    Raises
    ------
    InputRefusedError
        ``likely_swapped``: too many rows look swapped; its facts hold the verdict.
    """
    placed = np.isfinite(spots.lat)
    swap = _judge_order(table, places, spots)
    outside = np.zeros(len(placed), bool)
    outside[placed] = ~places.area.contains(spots.lat[placed], spots.lon[placed])
    table.faults.add(outside & ~swap.rows, spots.head, OUTSIDE_REGION)

    kept = placed & ~outside & ~swap.rows
    method_code = np.where(placed, GIVEN, 0).astype(np.int8)
    accuracy_m = spots.accuracy_m.copy()
    findings: dict[str, Any] = {
        "swap": swap.finding,
        "crs": _crs_finding(table, swap.finding),
        "stacked": [],
    }
    if table.noun in EVENTS:
        stacks = find_stacks(table, places, spots.lat, spots.lon, kept)
        method_code[stacks.rows] = DISTRICT
        accuracy_m[stacks.rows] = np.maximum(accuracy_m[stacks.rows], DISTRICT_ACCURACY_M)
        findings["stacked"] = stacks.listed
    _note_digits(table, spots, kept)
    return Placement(method_code, accuracy_m, findings)


# -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Swap:
    rows: BoolArray
    finding: dict[str, Any]


def _judge_order(table: SourceTable, places: KnownPlaces, spots: Spots) -> _Swap:
    """Find rows that would lie in town only if latitude and longitude changed places.

    A box cannot tell: where latitude and longitude are nearly equal the swapped point lies in the
    same district. Streets can: such a row lies off every street and settlement as given, and on a
    street of a settlement if swapped. A row by a lone road counts only among many that are clear:
    swapped rows fall on such a road by chance, and true ones lie there.
    """
    placed = np.isfinite(spots.lat)
    rows = np.zeros(len(placed), bool)
    if not placed.any():
        return _Swap(rows, {"verdict": "no_coordinates", "placed": 0, "rows": 0})
    lat, lon = spots.lat[placed], spots.lon[placed]
    turned = np.abs(lon) <= 90
    finding = _by_area(table, places, lat, lon, turned)
    if places.extract is not None:
        near, near_swapped = (
            places.near_street(lat, lon, STREET_REACH_M),
            places.near_street(lon, lat, STREET_REACH_M) & turned,
        )
        in_town_swapped = near_swapped & places.settled(lon, lat) & ~places.settled(lat, lon)
        clear, by_road = in_town_swapped & ~near, in_town_swapped & near
        many = clear.sum() >= SURE_ROWS and clear.sum() > by_road.sum()
        rows[placed] = clear | (by_road & many)
        finding |= {
            "by": "streets",
            "near_street": round(float(near.mean()), 4),
            "near_street_swapped": round(float(near_swapped.mean()), 4),
        }
    return _verdict(table, spots, rows, finding)


def _by_area(
    table: SourceTable, places: KnownPlaces, lat: FloatArray, lon: FloatArray, turned: BoolArray
) -> dict[str, Any]:
    """Compare both orders by the study area; refuse the file where it settles the matter."""
    inside = float(places.area.contains(lat, lon).mean())
    swapped = float((places.area.contains(lon, lat) & turned).mean())
    finding = {
        "by": "study_area",
        "placed": len(lat),
        "inside": round(inside, 4),
        "inside_swapped": round(swapped, 4),
    }
    table.inferred["coordinate_order"] = (
        f"{inside:.1%} inside the study area as given, {swapped:.1%} if swapped"
    )
    if swapped > 0.5 > inside:
        _refuse(
            table,
            f"{swapped:.0%} of the points lie in the study area when swapped, {inside:.0%} as "
            "given",
            finding | {"verdict": "refused"},
        )
    return finding


def _verdict(table: SourceTable, spots: Spots, rows: BoolArray, finding: dict[str, Any]) -> _Swap:
    count, share = int(rows.sum()), float(rows.sum()) / finding["placed"]
    finding |= {"rows": count, "share": round(share, 4)}
    if finding["by"] == "streets":
        table.inferred["coordinate_order"] += (
            f"; {finding['near_street']:.1%} within {STREET_REACH_M:.0f} m of a street as given, "
            f"{finding['near_street_swapped']:.1%} if swapped"
        )
    if share > SWAPPED_SHARE:
        _refuse(
            table,
            f"{share:.0%} of the rows lie off every street as given and on a street of the town "
            "when swapped",
            finding | {"verdict": "refused"},
        )
    finding["verdict"] = "rows_flagged" if count else "as_given"
    table.faults.add(rows, spots.head, "likely_swapped")
    return _Swap(rows, finding)


def _refuse(table: SourceTable, why: str, finding: dict[str, Any]) -> None:
    raise InputRefusedError(
        f"{table.file_name}: latitude and longitude look swapped ({why}); swap the columns in the "
        "file or in the mapping. Nothing was stored.",
        code="likely_swapped",
        facts={"swap": finding},
    )


def _crs_finding(table: SourceTable, swap: dict[str, Any]) -> dict[str, Any]:
    """Say which CRS was taken, why, and whether the rows then lie where they should."""
    own = table.inferred.get("crs_of_file")
    source = "declared" if table.crs else "file" if own else "default"
    inside = swap.get("inside")
    return {
        "used": str(table.crs or own or WGS84)[:64],
        "from": source,
        "inside": inside,
        "near_street": swap.get("near_street"),
        "verdict": "unknown" if inside is None else "fits" if inside >= 0.5 else "doubtful",
    }


def _note_digits(table: SourceTable, spots: Spots, kept: BoolArray) -> None:
    """Warn of coordinates with three decimals or fewer, and of those with two."""
    rough = kept & (spots.accuracy_m >= THREE_DECIMALS_M)
    if not rough.any():
        return
    finest = spots.accuracy_m[rough].min()
    which = "no coordinate is" if rough.sum() == kept.sum() else f"{rough.sum()} rows are not"
    coarse = int((kept & (spots.accuracy_m >= TWO_DECIMALS_M)).sum())
    more = f" {coarse} rows stand for {TWO_DECIMALS_M:.0f} m or more and enter no cell."
    table.warnings.append(
        f"coordinates_coarse: {which} written more finely than ±{finest:.0f} m."
        + (more if coarse else "")
    )
