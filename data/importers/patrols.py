"""Read patrol visits: where, when and for how many minutes a patrol stayed."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from data.importers.known_places import KnownPlaces
from data.importers.moments import mark_future, read_moments
from data.importers.points import PointKind, read_points, texts_or_none
from data.importers.report import Imported
from data.importers.tabular import ReadOptions, SourceTable
from data.importers.words import read_numbers


def read_patrols_file(path: Path, options: ReadOptions, places: KnownPlaces) -> Imported:
    """Read visits with the columns of the table ``patrol_visits``.

    A visit without its time of day or its minutes cannot be used and is put aside.
    """
    return read_points(path, _VISITS, options, places)


# -------------------------------------------------------------------------------------------


def _read_fields(table: SourceTable, options: ReadOptions, places: KnownPlaces) -> pd.DataFrame:
    arrived = read_moments(table, "arrived_at", places.area, required=True)
    mark_future(table, arrived, "arrived_at", options.received_at)
    table.faults.add(arrived.precision == "day", table.head("arrived_at"), "time_unknown")
    minutes = read_numbers(table, "minutes", 0, 24 * 60)
    table.faults.add(table.text("minutes").isna(), table.head("minutes"), "minutes_missing")
    return pd.DataFrame(
        {
            "kind": texts_or_none(table.text("kind")),
            "arrived_at": arrived.at,
            "minutes": minutes,
        }
    )


_VISITS = PointKind("patrols", _read_fields, ("arrived_at", "minutes"), day="arrived_at")
