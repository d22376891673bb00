"""Open a file of events from outside by the columns a person names, and tell what is refused.

Only these columns are read, in the same confined parser as imports; nothing is stored.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from data.importers.bad_share import WAYS_OUT
from data.importers.mapping import DATE_ORDERS, SourceMapping
from data.importers.opening import TABLES
from data.importers.parsing.isolation import check_file, run_isolated
from data.importers.parsing.raw_columns import GEOMETRY, LINE, RAW, ROW, X, Y
from data.importers.parsing.table_parsers import parse_table
from data.importers.report import OUTSIDE_REGION, BoolArray, RowFaults
from data.importers.tabular import SourceTable
from geo import columns as c
from geo.errors import InputRefusedError, UsageError
from geo.study_area import WGS84

ALLOWED_BAD_SHARE = 0.2
LISTED_ROWS = 20
PLACE_COARSE = "place_coarse"
PUT_ASIDE = frozenset({OUTSIDE_REGION, PLACE_COARSE})
"""Reasons that say nothing against a file: such rows are counted and not used."""


@dataclass(frozen=True)
class OutsideFile:
    """A file of events and what a person says about it.

    Attributes
    ----------
    path
        CSV, XLSX, GeoJSON, GeoPackage or zipped Shapefile.
    date
        Column of the day, or of day and time.
    x, y
        Columns of the coordinates, x to the east; None where each row has a point of its own.
    crs
        Of the coordinates; that of the file, or WGS84, where None.
    category
        Column and value that name the target group; None where all events are one group.
    date_order, encoding, sheet
        As in an import.
    """

    path: Path
    date: str
    x: str | None = None
    y: str | None = None
    crs: str | None = None
    category: tuple[str, str] | None = None
    date_order: str | None = None
    encoding: str | None = None
    sheet: str | None = None


def open_outside_file(source: OutsideFile) -> SourceTable:
    """Read the named columns of a file as text.

    Raises
    ------
    NotFoundError
        ``file_not_found``.
    UsageError
        ``columns_missing``, ``date_order_invalid``.
    InputRefusedError
        ``column_missing``, or what the parser refuses.
    """
    check_file(source.path)
    if (source.x is None) != (source.y is None):
        raise UsageError("Give --x and --y together.", code="columns_missing")
    if source.date_order not in (None, *DATE_ORDERS):
        raise UsageError(
            f"The order of a date is one of {', '.join(DATE_ORDERS)}.", code="date_order_invalid"
        )
    heads = {c.OCCURRED_AT: source.date}
    if source.x is not None and source.y is not None:
        heads |= {"x": source.x, "y": source.y}
    if source.category is not None:
        heads["offence"] = source.category[0]
    asked = {
        "accepted": list(TABLES),
        "encoding": source.encoding,
        "sheet": source.sheet,
        "only": list(dict.fromkeys(heads.values())),
    }
    parsed = run_isolated(parse_table, source.path, asked)
    raw = parsed.tables["rows"]
    positions = [name for name in (X, Y, GEOMETRY, LINE) if name in raw.column_names]
    if source.x is None and X not in positions:
        raise UsageError(
            f"{source.path.name} is a table: name the columns of its coordinates with --x and --y.",
            code="columns_missing",
        )
    texts = {name: _column(raw, head) for name, head in heads.items()}
    crs = parsed.facts.get("crs")
    rows = raw[ROW].to_numpy().astype(np.int64, copy=False)
    return SourceTable(
        file_name=source.path.name,
        source="outside",
        noun="events",
        rows=rows,
        texts=texts | {name: _column(raw, name) for name in positions},
        heads=heads,
        mapping=SourceMapping(columns={name: heads[name] for name in ("x", "y") if name in heads}),
        crs=source.crs,
        date_order=source.date_order,
        faults=RowFaults(rows, None, raw[RAW]),
        inferred={"format": parsed.facts["format"]} | ({"crs_of_file": crs} if crs else {}),
    )


def spoilt_rows(table: SourceTable) -> BoolArray:
    """Rows that are refused, and not merely put aside."""
    return table.faults.bad & ~table.faults.only(PUT_ASIDE)


def check_bad_share(table: SourceTable) -> None:
    """Raise where no row or too few can be read.

    Raises
    ------
    InputRefusedError
        ``no_valid_rows`` or ``too_many_bad_rows``; its facts hold the counts.
    """
    bad, count = int(spoilt_rows(table).sum()), len(table.rows)
    if bad == count:
        raise none_left(table, "can be read")
    if bad > ALLOWED_BAD_SHARE * count:
        raise InputRefusedError(
            f"{table.file_name}: {bad} of {count} rows are bad, more than {ALLOWED_BAD_SHARE:.0%} "
            f"({_counted(table)}).{_first(table)}",
            code="too_many_bad_rows",
            facts=refused_rows(table),
        )


def none_left(table: SourceTable, what: str) -> InputRefusedError:
    """Return the refusal of a file none of whose rows ``what`` ("can be read")."""
    return InputRefusedError(
        f"{table.file_name}: none of {len(table.rows)} rows {what} ({_counted(table)})."
        f"{_first(table)}",
        code="no_valid_rows",
        facts=refused_rows(table),
    )


def refused_rows(table: SourceTable) -> dict[str, Any]:
    """Return how many rows were read and refused, why, and the first of them."""
    listed = table.faults.frame()
    bad = listed[~listed["code"].isin(PUT_ASIDE)]
    return {
        "rows_read": len(table.rows),
        "refused": int(spoilt_rows(table).sum()),
        "reasons": table.faults.reasons(),
        "refused_rows": [
            {"row": int(row), "column": str(column), "code": str(code)}
            for row, column, code in bad[["row", "column", "code"]].head(LISTED_ROWS).to_numpy()
        ],
    }


def crs_word(table: SourceTable) -> str:
    """Name the CRS of the coordinates: declared, else the file's own, else WGS84."""
    return str(table.crs or table.inferred.get("crs_of_file") or WGS84)


# -------------------------------------------------------------------------------------------


def _column(raw: Any, head: str) -> pd.Series:
    kind = pd.StringDtype(storage="pyarrow", na_value=np.nan)
    return pd.Series(raw[head].to_pandas(types_mapper=lambda _: kind))


def _counted(table: SourceTable) -> str:
    return ", ".join(f"{code} {count}" for code, count in table.faults.reasons().items())


def _first(table: SourceTable) -> str:
    """Name the first fault, and the ways out of those that occur."""
    listed = table.faults.frame()
    if not len(listed):
        return ""
    row, column, code = (listed.iloc[0][name] for name in ("row", "column", "code"))
    ways = [way for known, way in WAYS_OUT.items() if known in table.faults.reasons()]
    return f" First: row {row}, column {column}, {code}; {'; '.join(ways)}."
