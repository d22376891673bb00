"""Read the events of any town's file for a test of the forecast; nothing of it is stored.

A row is refused where its day or place cannot be read, and counted where it lies outside the
study area.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from pyproj import CRS, Transformer

from data.importers.incident_frame import RESOLUTION, address_keys
from data.importers.places.coordinates import Located, locate_rows
from data.importers.places.known_places import KnownPlaces
from data.importers.report import BoolArray, RowFaults
from data.importers.tabular import SourceTable
from data.importers.values.moments import Moments, hide_false_midnight, mark_future, read_moments
from data.importers.values.written_coordinates import read_written
from data.inputs import COARSEST_PLACE_M
from data.outside_areas import hull_of_events, known_crs, outside_area, read_area_file
from data.outside_files import (
    PLACE_COARSE,
    OutsideFile,
    check_bad_share,
    crs_word,
    none_left,
    open_outside_file,
    refused_rows,
    spoilt_rows,
)
from geo import columns as c
from geo.cells import latlng_to_cells
from geo.errors import UsageError
from geo.study_area import WGS84, FloatArray, StudyArea

HULL = "hull"
"""In place of a file of the area: the hull of the events."""

ALL = "all"
"""The one group of events that have no category."""

NO_CATEGORY, OTHERS = "(empty)", "(others)"
LISTED_VALUES = 40


@dataclass(frozen=True)
class OutsideEvents:
    """Events as the rate takes them.

    Attributes
    ----------
    frame
        Rows of the contract ``INCIDENTS``; groups are the file's own words.
    area
        Inside which they lie.
    groups
        Names of the groups, the target first, the others by falling number.
    covered
        First and last day of the file.
    told
        What was read, refused and understood, as JSON values.
    """

    frame: pd.DataFrame
    area: StudyArea
    groups: tuple[str, ...]
    covered: tuple[date, date]
    told: dict[str, Any]

    @property
    def hours_known(self) -> bool:
        """Tell whether any event has an hour."""
        return bool((self.frame[c.OCCURRED_PRECISION] != "day").any())


def read_outside_events(
    source: OutsideFile, study_area: Path | str, *, today: datetime
) -> OutsideEvents:
    """Read, place and group the events of a file.

    Parameters
    ----------
    study_area
        A file that `read_area_file` takes, or `HULL`.
    today
        Local time; events more than a day later are refused.

    Raises
    ------
    NotFoundError
        ``file_not_found``.
    UsageError
        ``crs_unknown``, ``date_order_invalid``, ``columns_missing``, ``category_unknown``.
    InputRefusedError
        ``column_missing``, ``no_valid_rows``, ``too_many_bad_rows``, ``crs_mismatch``,
        ``likely_swapped``, ``date_order_ambiguous``, or what the parser refuses.
    """
    table = open_outside_file(source)
    area, drawn = _area_of(table, study_area)
    located = locate_rows(table, KnownPlaces(area))
    moments = read_moments(table, c.OCCURRED_AT, area, required=True)
    mark_future(table, moments, c.OCCURRED_AT, today)
    moments = hide_false_midnight(table, moments, c.OCCURRED_AT)
    words = _groups_of_rows(table, source)
    check_bad_share(table)

    coarse = ~table.faults.bad & (located.accuracy_m > COARSEST_PLACE_M)
    table.faults.add(coarse, table.head("x"), PLACE_COARSE)
    kept = ~table.faults.bad
    frame = _frame(table, located, moments, words, kept).reset_index(drop=True)
    if frame.empty:
        raise none_left(table, "lies in the study area")
    frame[c.ADDRESS_KEY] = address_keys(
        frame, pd.Series(None, frame.index, dtype=object), table.source, area
    )
    days = moments.at.where(~spoilt_rows(table)).dropna()
    told = {**_told(table, source, frame), "study_area": drawn, "crs": crs_word(table)[:64]}
    return OutsideEvents(
        frame=frame,
        area=area,
        groups=_group_names(frame, source),
        covered=(days.min().date(), days.max().date()),
        told=told,
    )


# -------------------------------------------------------------------------------------------


def _area_of(table: SourceTable, study_area: Path | str) -> tuple[StudyArea, str]:
    """Return the study area and say what it was made from."""
    crs = known_crs(crs_word(table))
    if study_area != HULL:
        path = Path(study_area)
        boundary, own = read_area_file(path, crs)
        return outside_area(path.stem, boundary, (crs, own)), path.name
    area = outside_area(HULL, hull_of_events(*_rough_places(table, crs)), (crs,))
    return area, "convex hull of the events and 500 m round it"


def _rough_places(table: SourceTable, crs: CRS) -> tuple[FloatArray, FloatArray]:
    """Return the degrees of all rows that have a place at all, for drawing the area."""
    trial = SourceTable(**{**vars(table), "faults": RowFaults(table.rows)})
    world = outside_area("world", hull_of_events([0.0], [0.0]), ())
    written = read_written(trial, world, geographic=crs.is_geographic)
    if written is None:
        return np.empty(0), np.empty(0)
    x, y = written.easting, written.northing
    given = np.isfinite(x) & np.isfinite(y) & ~((x == 0) & (y == 0))
    lon, lat = Transformer.from_crs(crs, WGS84, always_xy=True).transform(x[given], y[given])
    lon, lat = np.asarray(lon, float), np.asarray(lat, float)
    there = np.isfinite(lat) & np.isfinite(lon) & (np.abs(lat) < 90) & (np.abs(lon) <= 180)
    return lat[there], lon[there]


def _groups_of_rows(table: SourceTable, source: OutsideFile) -> pd.Series:
    if source.category is None:
        return pd.Series(ALL, range(len(table.rows)), dtype=object)
    words = table.text("offence").astype(object)
    words = words.where(words.notna(), NO_CATEGORY)
    column, wanted = source.category
    counts = words.value_counts()
    if wanted not in counts.index:
        listed = ", ".join(f"{str(word)[:40]!r}" for word in counts.index[:LISTED_VALUES])
        more = f" and {len(counts) - LISTED_VALUES} more" if len(counts) > LISTED_VALUES else ""
        raise UsageError(
            f"{table.file_name}: no row has {wanted[:40]!r} in {column[:64]!r}; its values are "
            f"{listed}{more}.",
            code="category_unknown",
        )
    return words


def _group_names(frame: pd.DataFrame, source: OutsideFile) -> tuple[str, ...]:
    counts = frame[c.OFFENCE_GROUP].value_counts()
    names = sorted(counts.index, key=lambda word: (-counts[word], word))
    if source.category is None:
        return (ALL,)
    target = source.category[1]
    return (target, *(word for word in names if word != target))


def _frame(
    table: SourceTable, located: Located, moments: Moments, words: pd.Series, kept: BoolArray
) -> pd.DataFrame:
    places = np.flatnonzero(kept)
    at = moments.at.iloc[places].to_numpy("M8[us]")
    until = moments.until
    lat, lon = located.lat[places], located.lon[places]
    return pd.DataFrame(
        {
            c.INCIDENT_ID: [f"{place:09d}" for place in places],
            c.LAT: lat,
            c.LON: lon,
            c.H3_CELL: latlng_to_cells(lat, lon, RESOLUTION),
            c.OFFENCE_GROUP: words.iloc[places].to_numpy(object),
            c.SEVERITY_DAYS: np.nan,
            c.OCCURRED_AT: at,
            c.OCCURRED_TO: np.datetime64("NaT", "us")
            if until is None
            else until.iloc[places].to_numpy("M8[us]"),
            c.OCCURRED_PRECISION: moments.precision[places],
            c.PLACE_TYPE: "unknown",
            c.DISCOVERY: "reported",
            c.SENSITIVE: False,
            c.GEO_ACCURACY_M: located.accuracy_m[places],
        }
    )


def _told(table: SourceTable, source: OutsideFile, frame: pd.DataFrame) -> dict[str, Any]:
    return {
        "file": source.path.name,
        **refused_rows(table),
        "used": len(frame),
        "inferred": {
            name: value
            for name, value in table.inferred.items()
            if isinstance(value, str | int | float | dict)
        },
        "warnings": list(table.warnings),
    }
