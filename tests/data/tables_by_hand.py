"""Opened tables made by hand, for tests of what their texts mean."""

import numpy as np
import pandas as pd
from shapely.geometry import box

from data.importers.mapping import SourceMapping
from data.importers.places.known_places import KnownPlaces
from data.importers.report import RowFaults
from data.importers.tabular import SourceTable
from geo.study_area import build_study_area

ORAL = build_study_area("Oral", box(51.2, 51.1, 51.6, 51.4), time_zone="Asia/Oral")
PLACES = KnownPlaces(ORAL)


def table_of_texts(*, crs=None, date_order=None, inferred=None, mapping=None, **texts):
    """Return an opened table with these columns; its rows are numbered from 2."""
    count = len(next(iter(texts.values())))
    rows = np.arange(2, count + 2)
    return SourceTable(
        file_name="rows.csv",
        source="hand",
        noun="incidents",
        rows=rows,
        texts={name: pd.Series(values, dtype="str") for name, values in texts.items()},
        heads={},
        mapping=SourceMapping(**(mapping or {})),
        crs=crs,
        date_order=date_order,
        faults=RowFaults(rows),
        inferred={"format": "csv", "delimiter": ";"} if inferred is None else inferred,
    )


def faults_of(table):
    """Return the faults as (row, column, code)."""
    return list(table.faults.frame().itertuples(index=False, name=None))
