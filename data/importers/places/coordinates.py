"""Coordinates as written → latitude and longitude, with the accuracy that their digits allow."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError

from data.importers.parsing.raw_columns import GEOMETRY
from data.importers.places.known_places import KnownPlaces
from data.importers.places.placement_checks import Placement, Spots, judge_placement
from data.importers.report import BoolArray
from data.importers.tabular import SourceTable
from data.importers.values.written_coordinates import Written, read_written
from geo.errors import InputRefusedError, UsageError
from geo.study_area import WGS84, FloatArray, StudyArea

METRES_PER_DEGREE = 111_320

_FEWER_DIGITS_SHARE = 0.03


@dataclass(frozen=True)
class Located:
    """Where the rows of a file lie.

    Attributes
    ----------
    lat, lon
        WGS84 degrees; NaN where the row has a fault or no coordinates.
    missing
        Rows without coordinates.
    placement
        What the checks made of the rows: method, accuracy (half a step of the last digit given,
        or more) and findings.
    """

    lat: FloatArray
    lon: FloatArray
    missing: BoolArray
    placement: Placement

    @property
    def accuracy_m(self) -> FloatArray:
        """Return the accuracy of each place in metres."""
        return self.placement.accuracy_m


def locate_rows(
    table: SourceTable, places: KnownPlaces, addressed: BoolArray | None = None
) -> Located:
    """Place every row, mark those that cannot be placed or lie outside the study area.

    Parameters
    ----------
    table, places
        The file, and the area that its rows should lie in.
    addressed
        Rows that name an address and so may do without coordinates: ``coord_missing`` is left to
        whoever looks the address up. With such rows the file needs no column of coordinates.

    Raises
    ------
    UsageError
        ``crs_unknown``.
    InputRefusedError
        ``column_missing``, ``crs_mismatch``, ``likely_swapped``: the whole file is meant.
    """
    area = places.area
    crs = file_crs(table)
    excused = np.zeros(len(table.rows), bool) if addressed is None else addressed
    written = read_written(table, area, geographic=crs.is_geographic)
    if written is None:
        _refuse_placeless(table, excused)
        nowhere = np.full(len(table.rows), np.nan)
        table.faults.add(~excused, "lat", "coord_missing")
        placement = judge_placement(table, places, Spots(nowhere, nowhere, nowhere, "lat"))
        return Located(nowhere, nowhere.copy(), np.ones(len(nowhere), bool), placement)
    northing, easting = written.northing, written.easting
    missing = (np.isnan(northing) | np.isnan(easting)) & ~written.faulty
    missing |= (northing == 0) & (easting == 0)
    other = table.text(GEOMETRY).eq("not a point").to_numpy(bool)
    table.faults.add(missing & ~other & ~excused, written.head, "coord_missing")
    table.faults.add(other, "geometry", "geometry_not_point")

    usable = ~(missing | other | written.faulty)
    _check_units(table, crs, northing[usable], easting[usable])
    northing, easting = _by_axes(table, crs, area, (northing, easting), usable)
    lat, lon = _to_degrees(crs, northing, easting)
    beyond = usable & ~((np.abs(lat) <= 90) & (np.abs(lon) <= 180))
    table.faults.add(beyond, written.head, "coord_out_of_range")
    lat[~usable | beyond] = np.nan
    lon[~usable | beyond] = np.nan

    accuracy_m = _accuracy_m(crs, written, np.isfinite(lat))
    placement = judge_placement(table, places, Spots(lat, lon, accuracy_m, written.head))
    return Located(lat, lon, missing & ~other, placement)


def file_crs(table: SourceTable) -> CRS:
    """Return the CRS of a file's coordinates: what was declared, its own, else WGS84.

    Raises
    ------
    UsageError
        ``crs_unknown``.
    InputRefusedError
        ``crs_mismatch``: the file names another than was declared.
    """
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


# -------------------------------------------------------------------------------------------


def _known_crs(name: str) -> CRS:
    try:
        return CRS.from_user_input(name)
    except CRSError as error:
        raise UsageError(
            f"Unknown CRS {name[:64]!r}; name one as EPSG:4326 or EPSG:32639.", code="crs_unknown"
        ) from error


def _same(one: CRS, other: CRS) -> bool:
    return one.equals(other, ignore_axis_order=True)


def _refuse_placeless(table: SourceTable, excused: BoolArray) -> None:
    if not excused.any():
        raise InputRefusedError(
            f"{table.file_name} has no pair of columns for latitude and longitude; name them in a "
            "mapping file: 'columns: {lat: HEAD, lon: HEAD}'.",
            code="column_missing",
        )


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


def _by_axes(
    table: SourceTable,
    crs: CRS,
    area: StudyArea,
    numbers: tuple[FloatArray, FloatArray],
    usable: BoolArray,
) -> tuple[FloatArray, FloatArray]:
    """Tell x from y in a plane whose own first axis points north, as in zones of Pulkovo 1942."""
    if crs.is_geographic or crs.axis_info[0].direction != "north" or not usable.any():
        return numbers
    shares = []
    for northing, easting in (numbers, numbers[::-1]):
        lat, lon = _to_degrees(crs, northing[usable], easting[usable])
        finite = np.isfinite(lat) & np.isfinite(lon)
        inside = np.zeros(len(lat), bool)
        inside[finite] = area.contains(lat[finite], lon[finite])
        shares.append(float(inside.mean()))
    if not shares[1] > 0.5 > shares[0]:
        return numbers
    table.inferred["axes"] = (
        f"x points north: {shares[1]:.1%} inside the study area so, {shares[0]:.1%} otherwise"
    )
    return numbers[1], numbers[0]


def _to_degrees(
    crs: CRS, northing: FloatArray, easting: FloatArray
) -> tuple[FloatArray, FloatArray]:
    if _same(crs, CRS.from_user_input(WGS84)):
        return northing, easting
    lon, lat = Transformer.from_crs(crs, WGS84, always_xy=True).transform(easting, northing)
    return np.array(lat, float), np.array(lon, float)


def _accuracy_m(crs: CRS, written: Written, placed: BoolArray) -> FloatArray:
    step = written.step
    if step is None:
        assert written.decimals is not None
        digits = written.decimals.copy()
        if placed.any():
            usual = int(np.bincount(digits[placed]).argmax())
            fewer = placed & (digits < usual)
            # Writers drop zeros at the end: one point in a hundred loses a digit of both numbers.
            if fewer.sum() <= max(1, _FEWER_DIGITS_SHARE * placed.sum()):
                digits[fewer] = usual
        step = 10.0 ** -digits.astype(float)
    return np.asarray(0.5 * step * _metres_per_unit(crs))


def _metres_per_unit(crs: CRS) -> float:
    if crs.is_geographic:
        return METRES_PER_DEGREE
    return float(crs.axis_info[0].unit_conversion_factor)
