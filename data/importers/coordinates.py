"""Coordinates as written → latitude and longitude, with the accuracy that their digits allow."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError

from data.importers.parsing.raw_columns import GEOMETRY, X, Y
from data.importers.report import OUTSIDE_REGION
from data.importers.tabular import SourceTable
from geo.errors import InputRefusedError, UsageError
from geo.study_area import WGS84, FloatArray, StudyArea

METRES_PER_DEGREE = 111_320
COARSE_DECIMALS = 3

_NUMBER = r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
_NOT_FINITE = r"(?i)[+-]?(?:nan|inf|infinity)"
_DECIMALS = r"\.([0-9]*)"
_FEWER_DIGITS_SHARE = 0.03


@dataclass(frozen=True)
class Located:
    """Where the rows of a file lie.

    Attributes
    ----------
    lat, lon
        WGS84 degrees; NaN where the row has a fault.
    accuracy_m
        Half a step of the last digit given, in metres.
    """

    lat: FloatArray
    lon: FloatArray
    accuracy_m: FloatArray


def locate_rows(table: SourceTable, area: StudyArea) -> Located:
    """Place every row, mark those that cannot be placed or lie outside the study area.

    Raises
    ------
    UsageError
        ``crs_unknown``.
    InputRefusedError
        ``column_missing``, ``crs_mismatch``, ``likely_swapped``: the whole file is meant.
    """
    crs = _crs_of(table)
    first, second = _axes(table, crs)
    northing, easting = (_numbers(table, name) for name in (first, second))
    missing = np.isnan(northing.values) & ~northing.faulty
    missing |= (northing.values == 0) & (easting.values == 0)
    missing |= np.isnan(easting.values) & ~easting.faulty
    other = table.text(GEOMETRY).eq("not a point").to_numpy(bool)
    table.faults.add(missing & ~other, table.head(first), "coord_missing")
    table.faults.add(other, "geometry", "geometry_not_point")

    usable = ~(missing | other | northing.faulty | easting.faulty)
    _check_units(table, crs, northing.values[usable], easting.values[usable])
    lat, lon = _to_degrees(crs, northing.values, easting.values)
    beyond = usable & ~((np.abs(lat) <= 90) & (np.abs(lon) <= 180))
    table.faults.add(beyond, table.head(first), "coord_out_of_range")
    lat[~usable | beyond] = np.nan
    lon[~usable | beyond] = np.nan

    _judge_order(table, area, lat, lon)
    outside = np.zeros(len(lat), bool)
    placed = np.isfinite(lat)
    outside[placed] = ~area.contains(lat[placed], lon[placed])
    table.faults.add(outside, table.head(first), OUTSIDE_REGION)
    return Located(lat, lon, _accuracy_m(table, crs, (first, second), placed))


# -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Numbers:
    values: FloatArray
    faulty: npt.NDArray[np.bool_]


def _crs_of(table: SourceTable) -> CRS:
    own = table.inferred.get("crs_of_file")
    declared = _known_crs(table.crs) if table.crs else None
    if own and declared and not _same(_known_crs(own), declared):
        raise InputRefusedError(
            f"{table.file_name} says that its CRS is {own[:64]}, but {table.crs} was declared; "
            "leave out --crs or bring the file in the CRS that it names.",
            code="crs_mismatch",
        )
    if declared is None and own is None:
        table.inferred["crs"] = f"{WGS84} (nothing else was declared)"
    return declared or _known_crs(own or WGS84)


def _known_crs(name: str) -> CRS:
    try:
        return CRS.from_user_input(name)
    except CRSError as error:
        raise UsageError(
            f"Unknown CRS {name[:64]!r}; name one as EPSG:4326 or EPSG:32639.", code="crs_unknown"
        ) from error


def _same(one: CRS, other: CRS) -> bool:
    return one.equals(other, ignore_axis_order=True)


def _axes(table: SourceTable, crs: CRS) -> tuple[str, str]:
    pairs = [("lat", "lon"), ("y", "x")]
    if not crs.is_geographic:
        pairs.reverse()
    mapped = table.mapping.columns
    pairs.sort(key=lambda pair: not (pair[0] in mapped and pair[1] in mapped))
    if X in table.texts and not any(name in mapped for pair in pairs for name in pair):
        pairs.insert(0, (Y, X))
    for first, second in pairs:
        if first in table.texts and second in table.texts:
            return first, second
    raise InputRefusedError(
        f"{table.file_name} has no pair of columns for latitude and longitude; name them in a "
        "mapping file: 'columns: {lat: HEAD, lon: HEAD}'.",
        code="column_missing",
    )


def _numbers(table: SourceTable, name: str) -> _Numbers:
    text = table.text(name)
    head = "geometry" if name in (X, Y) else table.head(name)
    if table.mapping.decimal == ",":
        text = text.str.replace(",", ".", regex=False)
    number = text.str.fullmatch(_NUMBER).fillna(False).to_numpy(bool)
    values = np.full(len(text), np.nan)
    values[number] = pd.to_numeric(text[number]).to_numpy(float)
    endless = text.str.fullmatch(_NOT_FINITE).fillna(False).to_numpy(bool) | np.isinf(values)
    strange = text.notna().to_numpy(bool) & ~number & ~endless
    table.faults.add(endless, head, "coord_not_finite")
    table.faults.add(strange, head, "coord_not_number")
    values[endless] = np.nan
    return _Numbers(values, endless | strange)


def _check_units(table: SourceTable, crs: CRS, northing: FloatArray, easting: FloatArray) -> None:
    if not len(northing):
        return
    degrees = (np.abs(northing) <= 180) & (np.abs(easting) <= 180)
    share = float(degrees.mean())
    if crs.is_geographic and share < 0.5:
        # Whole numbers of a millionth of a degree look like metres too; both need a word.
        raise InputRefusedError(
            f"{table.file_name}: most coordinates are too large for degrees (latitude up to "
            f"{np.abs(northing).max():.6g}); name the CRS of their metres or feet with --crs.",
            code="crs_mismatch",
        )
    if not crs.is_geographic and share > 0.5:
        raise InputRefusedError(
            f"{table.file_name}: {table.crs or table.inferred.get('crs_of_file')} is declared, but "
            "most coordinates look like degrees; leave out --crs or name the columns of metres.",
            code="crs_mismatch",
        )


def _to_degrees(
    crs: CRS, northing: FloatArray, easting: FloatArray
) -> tuple[FloatArray, FloatArray]:
    if _same(crs, CRS.from_user_input(WGS84)):
        return northing.copy(), easting.copy()
    lon, lat = Transformer.from_crs(crs, WGS84, always_xy=True).transform(easting, northing)
    return np.array(lat, float), np.array(lon, float)


def _judge_order(table: SourceTable, area: StudyArea, lat: FloatArray, lon: FloatArray) -> None:
    placed = np.isfinite(lat)
    if not placed.any():
        return
    as_given = float(area.contains(lat[placed], lon[placed]).mean())
    swapped = float(area.contains(lon[placed], lat[placed]).mean())
    table.inferred["coordinate_order"] = (
        f"{as_given:.1%} inside the study area as given, {swapped:.1%} if swapped"
    )
    if swapped > 0.5 > as_given:
        raise InputRefusedError(
            f"{table.file_name}: latitude and longitude look swapped ({swapped:.0%} of the points "
            f"lie in the study area when swapped, {as_given:.0%} as given); swap the columns in "
            "the file or in the mapping. Nothing was stored.",
            code="likely_swapped",
        )


def _accuracy_m(
    table: SourceTable, crs: CRS, axes: tuple[str, str], placed: npt.NDArray[np.bool_]
) -> FloatArray:
    digits = np.zeros(len(placed), int)
    for name in axes:
        text = table.text(name).str.replace(",", ".", regex=False)
        decimals = text.str.extract(_DECIMALS)[0].str.len().fillna(0).to_numpy(int)
        digits = np.maximum(digits, decimals)
    if placed.any():
        usual = int(np.bincount(digits[placed]).argmax())
        fewer = placed & (digits < usual)
        # Writers drop zeros at the end: one point in a hundred loses a digit of both numbers.
        if fewer.sum() <= max(1, _FEWER_DIGITS_SHARE * placed.sum()):
            digits[fewer] = usual
    step = 10.0 ** -digits.astype(float)
    accuracy = 0.5 * step * _metres_per_unit(crs)
    if placed.any() and crs.is_geographic and digits[placed].max() <= COARSE_DECIMALS:
        table.warnings.append(
            f"coordinates_coarse: no coordinate has more than {digits[placed].max()} decimals "
            f"(±{accuracy[placed].min():.0f} m)."
        )
    return np.asarray(accuracy)


def _metres_per_unit(crs: CRS) -> float:
    if crs.is_geographic:
        return METRES_PER_DEGREE
    return float(crs.axis_info[0].unit_conversion_factor)
