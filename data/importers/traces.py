"""Read traces of patrol vehicles and officers, and keep of them only where they stayed.

The number of a unit orders the fixes of one file and is forgotten with it; no fix is stored. Each
fix without a fault is counted with the visit of its unit that is nearest to it in time.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from data.importers.asset_rows import ROWS, build_report, read_known_words
from data.importers.bad_share import check_share
from data.importers.identity import content_digests, identify_rows, microdegrees
from data.importers.places.coordinates import locate_rows
from data.importers.places.known_places import KnownPlaces
from data.importers.report import Imported, RowFaults
from data.importers.route_sheets import KINDS
from data.importers.stays import (
    LONGEST_GAP_S,
    Track,
    find_stays,
    mark_bases,
    mark_jumps,
    nearest_stay,
)
from data.importers.tabular import ReadOptions, SourceTable
from data.importers.values.moments import DAY, mark_future
from data.importers.values.visit_times import note_zone_of_trace, read_visit_times
from geo import columns as c
from geo.study_area import FloatArray, StudyArea

BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.int64]
_EPOCH = np.datetime64(0, "us")
_SECOND = np.timedelta64(1, "s")


def take_traces(table: SourceTable, options: ReadOptions, places: KnownPlaces) -> Imported:
    """Read fixes of receivers; return the visits behind them, as `read_patrols_file` does.

    A visit is a stay of three minutes or more within 60 m that is not at a base. It is known
    again by the moment and place of its first fix: a longer trace of the same shift makes a new
    version of the visit that it continues. The column ``rows`` holds the fixes behind each visit.
    """
    fixes = _read_fixes(table, options, places)
    chosen = np.flatnonzero(~table.faults.bad)
    order = np.lexsort([fixes.lon, fixes.lat, fixes.track.seconds, fixes.track.unit])
    rows = order[np.isin(order, chosen, assume_unique=True)]
    repeated = _mark_repeats(table, fixes, rows)
    rows = rows[~repeated[rows]]
    jumps = mark_jumps(fixes.track.take(rows))
    _mark(table, rows[jumps], table.head(c.LAT), "jump")
    rows = rows[~jumps]

    track = fixes.track.take(rows)
    stays = find_stays(track)
    at_base = mark_bases(track, stays)
    visits = stays[~at_base].reset_index(drop=True)
    behind = nearest_stay(track, visits)
    _mark(table, rows[behind < 0], table.head("unit"), "no_stay")
    _note(table, track, stays, at_base)
    frame = _visits(visits, behind, fixes, rows, places.area)
    return _imported(table, frame, fixes, options)


# -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Fixes:
    """Every row of the file; NaN where a row has a fault."""

    track: Track
    lat: FloatArray
    lon: FloatArray
    kind: npt.NDArray[np.object_]


def _read_fixes(table: SourceTable, options: ReadOptions, places: KnownPlaces) -> _Fixes:
    area = places.area
    moments = read_visit_times(table, area)
    note_zone_of_trace(table, area)
    mark_future(table, moments, "arrived_at", options.received_at)
    table.faults.add(moments.precision_code == DAY, table.head("arrived_at"), "time_unknown")
    scratch = RowFaults(table.rows)
    located = locate_rows(replace(table, faults=scratch), places)
    no_fix = scratch.has("coord_missing")
    table.faults.add(no_fix, table.head(c.LAT), "no_fix")
    table.faults.take_over(scratch, ~no_fix)

    at = moments.at.to_numpy("datetime64[us]")
    seconds = np.where(np.isnat(at), np.nan, (at - _EPOCH) / _SECOND)
    unit, _ = pd.factorize(table.text("unit").fillna(""), sort=True)
    placed = np.isfinite(located.lat)
    x, y = np.full(len(at), np.nan), np.full(len(at), np.nan)
    if placed.any():
        x[placed], y[placed] = area.to_metric(located.lat[placed], located.lon[placed])
    kind = read_known_words(table, "kind", KINDS, closed=False).to_numpy(object)
    return _Fixes(Track(unit.astype(np.int64), seconds, x, y), located.lat, located.lon, kind)


def _mark_repeats(table: SourceTable, fixes: _Fixes, rows: IntArray) -> BoolArray:
    """Tell which fixes repeat an earlier one; those elsewhere at the same moment are marked.

    Rows come sorted by unit, moment and place.
    """
    repeated = np.zeros(len(table.rows), bool)
    unit, seconds = fixes.track.unit[rows], fixes.track.seconds[rows]
    same_moment = (np.diff(unit) == 0) & (np.diff(seconds) == 0)
    same_place = (np.diff(fixes.lat[rows]) == 0) & (np.diff(fixes.lon[rows]) == 0)
    repeated[rows[1:][same_moment]] = True
    _mark(table, rows[1:][same_moment & ~same_place], table.head("arrived_at"), "time_repeated")
    return repeated


def _mark(table: SourceTable, rows: IntArray, column: str, code: str) -> None:
    mask = np.zeros(len(table.rows), bool)
    mask[rows] = True
    table.faults.add(mask, column, code)


def _note(table: SourceTable, track: Track, stays: pd.DataFrame, at_base: BoolArray) -> None:
    gaps = (np.diff(track.unit) == 0) & (np.diff(track.seconds) > LONGEST_GAP_S)
    table.findings["traces"] = {
        "units": len(np.unique(track.unit)),
        "visits": int((~at_base).sum()),
        "stays_at_base": int(at_base.sum()),
        "gaps": int(gaps.sum()),
    }


def _visits(
    visits: pd.DataFrame, behind: IntArray, fixes: _Fixes, rows: IntArray, area: StudyArea
) -> pd.DataFrame:
    first = rows[visits["first"].to_numpy(np.int64)]
    lat, lon = area.to_degrees(visits["x"], visits["y"]) if len(visits) else ([], [])
    since = visits["start_s"].to_numpy(float)
    return pd.DataFrame(
        {
            "kind": fixes.kind[first],
            "arrived_at": pd.Series(_EPOCH + (since * 1e6).astype("timedelta64[us]")),
            "minutes": (visits["end_s"].to_numpy(float) - since) / 60,
            c.LAT: np.asarray(lat, float),
            c.LON: np.asarray(lon, float),
            ROWS: np.bincount(behind[behind >= 0], minlength=len(visits)),
            "first_lat": fixes.lat[first],
            "first_lon": fixes.lon[first],
            "first": first,
        }
    )


def _imported(
    table: SourceTable, frame: pd.DataFrame, fixes: _Fixes, options: ReadOptions
) -> Imported:
    start = (
        frame["arrived_at"],
        microdegrees(frame["first_lat"]),
        microdegrees(frame["first_lon"]),
    )
    order = np.lexsort((frame["minutes"].to_numpy(float), content_digests(*start)))
    frame = frame.iloc[order].reset_index(drop=True)
    nothing = pd.Series(None, index=frame.index, dtype=object)
    content = content_digests(*(column.iloc[order].reset_index(drop=True) for column in start))
    identity = identify_rows(table, nothing, content, options.id_key)
    frame["identity"] = identity.astype(str).astype(object)
    frame["source_row"] = table.rows[frame["first"].to_numpy(np.int64)].astype(np.int64)
    frame = frame.drop(columns=["first", "first_lat", "first_lon"])

    report = build_report(table, frame.drop(columns="source_row"), int(frame[ROWS].sum()), None)
    seconds = fixes.track.seconds[np.isfinite(fixes.track.seconds) & np.isfinite(fixes.lat)]
    if len(seconds):
        first, last = pd.to_datetime([seconds.min(), seconds.max()], unit="s")
        report = replace(report, covers_from=first.date(), covers_to=last.date())
    check_share(report, table.faults, table.file_name, options.allowed_bad_share)
    # A hash of a fix could be tried out place by place; of traces not even that is kept.
    refused = table.faults.frame().drop(columns="raw_sha256", errors="ignore")
    frame = frame.sort_values("identity", kind="stable", ignore_index=True)
    return Imported([frame], refused, report, rows_are="patrol_visits")
