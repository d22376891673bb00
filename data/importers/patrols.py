"""Read what is known of patrols: visits, traces of receivers, or route sheets."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from data.importers.asset_rows import RowForm, read_known_words
from data.importers.file_kinds import FileKind, kind_of_file
from data.importers.opening import TABLES, read_source_table
from data.importers.places.known_places import KnownPlaces
from data.importers.points import PointKind, take_points
from data.importers.report import Imported
from data.importers.route_sheets import KINDS, take_route_sheet
from data.importers.tabular import ReadOptions, SourceTable
from data.importers.traces import take_traces
from data.importers.values.moments import DAY, mark_future
from data.importers.values.visit_times import read_visit_times
from data.importers.values.words import read_numbers

FILE_KINDS = (
    FileKind(
        "route_sheet",
        needs=(frozenset({"description", "starts_at", "hours", "shift", "staff", "house_from"}),),
        lacks=frozenset({"arrived_at", "minutes"}),
    ),
    FileKind(
        "traces",
        needs=(frozenset({"arrived_at"}), frozenset({"place"})),
        lacks=frozenset({"minutes"}),
    ),
    FileKind("visits"),
)


def read_patrols_file(path: Path, options: ReadOptions, places: KnownPlaces) -> Imported:
    """Read visits, traces or planned patrols, whichever the file holds.

    Visits have the columns of the table ``patrol_visits``; one without its time of day or its
    minutes cannot be used and is put aside. Of traces only the visits behind them are returned.
    """
    table = read_source_table(path, "patrols", options, (*TABLES, "gpx"))
    kind = kind_of_file(table, FILE_KINDS)
    if kind == "route_sheet":
        return take_route_sheet(table, options, places)
    if kind == "traces":
        return take_traces(table, options, places)
    return take_points(table, _VISITS, options, places)


# -------------------------------------------------------------------------------------------


def _read_fields(table: SourceTable, options: ReadOptions, places: KnownPlaces) -> pd.DataFrame:
    arrived = read_visit_times(table, places.area)
    mark_future(table, arrived, "arrived_at", options.received_at)
    table.faults.add(arrived.precision_code == DAY, table.head("arrived_at"), "time_unknown")
    minutes = read_numbers(table, "minutes", 0, 24 * 60)
    table.faults.add(table.text("minutes").isna(), table.head("minutes"), "minutes_missing")
    return pd.DataFrame(
        {
            "kind": read_known_words(table, "kind", KINDS, closed=False),
            "arrived_at": arrived.at,
            "minutes": minutes,
        }
    )


_VISITS = PointKind(
    RowForm("patrol_visits", ("arrived_at", "minutes"), day="arrived_at"), _read_fields
)
