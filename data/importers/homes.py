"""Read a list of dwelling houses: where children set out from."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from data.importers.asset_rows import RowForm, read_texts
from data.importers.places.known_places import KnownPlaces
from data.importers.points import PointKind, read_points
from data.importers.report import Imported
from data.importers.tabular import ReadOptions, SourceTable
from data.importers.values.words import read_numbers


def read_homes_file(path: Path, options: ReadOptions, places: KnownPlaces) -> Imported:
    """Read homes with the columns of the table ``homes``; each needs its number of dwellings."""
    return read_points(path, "homes", _HOMES, options, places)


# -------------------------------------------------------------------------------------------


def _read_fields(table: SourceTable, options: ReadOptions, places: KnownPlaces) -> pd.DataFrame:
    dwellings = read_numbers(table, "dwellings", 0, 100_000)
    table.faults.add(table.text("dwellings").isna(), table.head("dwellings"), "dwellings_missing")
    return pd.DataFrame({**read_texts(table, "kind"), "dwellings": dwellings})


_HOMES = PointKind(RowForm("homes", ("kind",)), _read_fields)
