"""Move a checked frame into a table, new rows only, and a table back into a frame."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv
import shapely
from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    DateTime,
    Double,
    Integer,
    Table,
    func,
    select,
    text,
)
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import IntegrityError

from geo import columns as c
from geo.errors import FrameError

ROWS_AT_ONCE = 20_000
ROWS_WORTH_STATISTICS = 1_000


def add_rows(connection: Connection, table: Table, frame: pd.DataFrame, import_id: int) -> int:
    """Add the rows whose identity the table does not have yet; return how many these were.

    Parameters
    ----------
    connection
        An open transaction that writes.
    table
        A table of placed records.
    frame
        ``identity`` and columns of the table; ``geom`` and ``import_id`` are added here. Columns
        that the table does not have are a fault, so that nothing is lost unseen.
    import_id
        The import that brings the rows.

    Raises
    ------
    FrameError
        A column is unknown or missing, or a row breaks a rule of the table; the transaction must
        then be undone.
    """
    rows = _table_rows(table, frame, import_id)
    if not len(rows):
        return 0
    before = _rows_of_import(connection, table, import_id)
    try:
        if connection.dialect.name == "postgresql":
            _copy_new(connection, table, rows)
        else:
            _insert_new(connection, table, rows)
    except IntegrityError as error:
        # The database's own words quote the row; only the rule's name may travel on.
        raise FrameError(
            f"{table.name}: a row breaks the rule {_broken_rule(error)} of the database; nothing "
            "was stored."
        ) from None
    return _rows_of_import(connection, table, import_id) - before


def read_rows(connection: Connection, table: Table, names: list[str], id_name: str) -> pd.DataFrame:
    """Read columns of every row, sorted by identity, with the identity's start as id.

    Text and optional truth values come as objects with None, numbers as float64 (int64 where
    none can be missing), times as datetime64[us].
    """
    chosen = [table.c.identity, *(table.c[name] for name in names)]
    rows = connection.execute(select(*chosen)).all()
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(chosen)
    identity = np.array(columns[0], dtype=object)
    order = np.argsort(identity, kind="stable")
    frame = {id_name: pd.Series([identity[row][:16] for row in order], dtype=object)}
    for column, values in zip(chosen[1:], columns[1:], strict=True):
        frame[column.name] = _series(column, values).iloc[order].reset_index(drop=True)
    return pd.DataFrame(frame)


# -------------------------------------------------------------------------------------------


def _table_rows(table: Table, frame: pd.DataFrame, import_id: int) -> pd.DataFrame:
    """Return the frame as the table wants it: every column, None for missing, one of a kind."""
    made_here = {"geom", "import_id"}
    wanted = {column.name for column in table.columns} - made_here
    unknown = sorted(set(frame.columns) - wanted)
    needed = {column.name for column in table.columns if not column.nullable} - made_here
    missing = sorted(needed - set(frame.columns))
    if unknown or missing:
        raise FrameError(
            f"{table.name}: columns {unknown or 'none'} are not stored, {missing or 'none'} are "
            "missing."
        )
    rows = frame.reindex(columns=sorted(wanted & set(frame.columns)))
    # One order for all writers, so that two at once wait for each other and never in a circle.
    rows = rows.drop_duplicates("identity").sort_values("identity", ignore_index=True)
    return rows.assign(import_id=import_id)


def _points(rows: pd.DataFrame) -> np.ndarray:
    return np.asarray(shapely.points(rows[c.LON].to_numpy(float), rows[c.LAT].to_numpy(float)))


def _insert_new(connection: Connection, table: Table, rows: pd.DataFrame) -> None:
    statement = sqlite.insert(table).on_conflict_do_nothing(index_elements=["identity"])
    rows = rows.assign(geom=shapely.to_wkb(_points(rows), byte_order=1))
    for start in range(0, len(rows), ROWS_AT_ONCE):
        block = rows.iloc[start : start + ROWS_AT_ONCE]
        lists = [_python_values(block[name]) for name in block.columns]
        connection.execute(
            statement,
            [dict(zip(block.columns, row, strict=True)) for row in zip(*lists, strict=True)],
        )


def _python_values(series: pd.Series) -> list[Any]:
    """Return Python values with None where something is missing."""
    if pd.api.types.is_datetime64_any_dtype(series):
        values = np.array(series.dt.to_pydatetime(), dtype=object)
    else:
        values = series.astype(object).to_numpy()
    return [
        None if gone else value for gone, value in zip(series.isna(), values.tolist(), strict=True)
    ]


def _copy_new(connection: Connection, table: Table, rows: pd.DataFrame) -> None:
    """COPY everything beside the table, then insert what is new."""
    points = shapely.set_srid(_points(rows), 4326)
    rows = rows.assign(geom=shapely.to_wkb(points, hex=True, include_srid=True, byte_order=1))
    names = ", ".join(rows.columns)
    connection.execute(
        text(
            f"CREATE TEMP TABLE incoming ON COMMIT DROP AS SELECT {names} FROM {table.name} LIMIT 0"
        )
    )
    raw = connection.connection.driver_connection
    assert raw is not None
    copying = f"COPY incoming ({names}) FROM STDIN (FORMAT csv)"
    with raw.cursor() as cursor, cursor.copy(copying) as copy:
        for start in range(0, len(rows), ROWS_AT_ONCE):
            copy.write(_csv_block(table, rows.iloc[start : start + ROWS_AT_ONCE]))
    connection.execute(
        text(
            f"INSERT INTO {table.name} ({names}) SELECT {names} FROM incoming "
            "ORDER BY identity ON CONFLICT (identity) DO NOTHING"
        )
    )
    connection.execute(text("DROP TABLE incoming"))
    if len(rows) >= ROWS_WORTH_STATISTICS:
        connection.execute(text(f"ANALYZE {table.name}"))


def _csv_block(table: Table, rows: pd.DataFrame) -> memoryview:
    """Render rows for COPY: missing is nothing at all, text is quoted."""
    fields = [pa.field(name, _arrow_type(table.c[name])) for name in rows.columns]
    arrays = [
        pa.Array.from_pandas(rows[field.name], type=field.type, safe=False) for field in fields
    ]
    sink = io.BytesIO()
    options = pyarrow.csv.WriteOptions(include_header=False)
    pyarrow.csv.write_csv(pa.table(arrays, schema=pa.schema(fields)), sink, options)
    return sink.getbuffer()


def _arrow_type(column: Column[Any]) -> pa.DataType:
    kinds = ((Boolean, pa.bool_()), (Integer, pa.int64()), (Double, pa.float64()))
    for kind, arrow in kinds:
        if isinstance(column.type, kind):
            return arrow
    return pa.timestamp("us") if isinstance(column.type, DateTime) else pa.string()


def _series(column: Column[Any], values: tuple[Any, ...]) -> pd.Series:
    if isinstance(column.type, DateTime):
        return pd.Series(np.array(values, dtype="datetime64[us]"))
    if isinstance(column.type, Double) or (isinstance(column.type, Integer) and column.nullable):
        return pd.Series(np.array(values, dtype=float))
    if isinstance(column.type, Integer):
        return pd.Series(np.array(values, dtype=np.int64))
    if isinstance(column.type, Boolean) and not column.nullable:
        return pd.Series(np.array(values, dtype=bool))
    return pd.Series(np.array(values, dtype=object))


def _rows_of_import(connection: Connection, table: Table, import_id: int) -> int:
    counted = select(func.count()).select_from(table).where(table.c.import_id == import_id)
    return int(connection.execute(counted).scalar_one())


def _broken_rule(error: IntegrityError) -> str:
    diagnosis = getattr(error.orig, "diag", None)
    if diagnosis is not None:
        return str(diagnosis.constraint_name or diagnosis.column_name)
    return str(error.orig).rpartition(": ")[2]
