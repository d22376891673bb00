"""Move a checked frame into a table, new rows only, and a table back into a frame.

Rows travel in bulk and past the ORM: as one COPY on PostgreSQL, as raw tuples on SQLite.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pandas as pd
import psycopg
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
from sqlalchemy.exc import IntegrityError

from geo import columns as c
from geo.errors import DatabaseUnreachableError, FrameError

ROWS_AT_ONCE = 20_000
ROWS_WORTH_STATISTICS = 1_000
"""From so many new rows on, an empty table is filled without its indexes, and ANALYZE is run."""


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
    rows = _rows_of_table(connection, table, frame, import_id)
    if not rows.num_rows:
        return 0
    try:
        if connection.dialect.name == "postgresql":
            # One import at a time, as SQLite has it anyway; two that fill tables would deadlock.
            connection.execute(select(func.pg_advisory_xact_lock(_IMPORT_LOCK)))
        before = _rows_of_import(connection, table, import_id)
        if connection.dialect.name == "postgresql":
            _copy_new(connection, table, rows)
        else:
            _insert_new(connection, table, rows)
    except (IntegrityError, psycopg.IntegrityError) as error:
        # The database's own words quote the row; only the rule's name may travel on.
        raise FrameError(
            f"{table.name}: a row breaks the rule {_broken_rule(error)} of the table; nothing "
            "was stored."
        ) from None
    return _rows_of_import(connection, table, import_id) - before


def read_rows(connection: Connection, table: Table, names: list[str], id_name: str) -> pd.DataFrame:
    """Read columns of every row, sorted by identity, with the identity's start as id.

    Text and optional truth values come as objects with None, numbers as float64 (int64 where
    none can be missing), times as datetime64[us].
    """
    columns = [table.c.identity, *(table.c[name] for name in names)]
    values = (
        _copied_values(connection, table, columns)
        if connection.dialect.name == "postgresql"
        else _fetched_values(connection, table, columns)
    )
    order = np.argsort(values[0], kind="stable")  # here, as each database has an order of its own
    ids = np.array([identity[:16] for identity in values[0][order]], dtype=object)
    frame = {id_name: pd.Series(ids, dtype=object)}
    for column, found in zip(columns[1:], values[1:], strict=True):
        frame[column.name] = _series(column, found[order])
    return pd.DataFrame(frame)


# -------------------------------------------------------------------------------------------

_IMPORT_LOCK = 0x5AFE0002


def _rows_of_table(
    connection: Connection, table: Table, frame: pd.DataFrame, import_id: int
) -> pa.Table:
    """Return the frame with the table's types, one row an identity, in the identities' order."""
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
    _, first = np.unique(frame["identity"].to_numpy(str), return_index=True)
    names = sorted(frame.columns)
    rows = pa.table(
        {
            name: pa.Array.from_pandas(frame[name], type=_arrow_type(table.c[name]), safe=False)
            for name in names
        }
    ).take(pa.array(first))
    geometry = _points(rows, connection.dialect.name)
    ids = pa.array(np.full(len(first), import_id, np.int64))
    return rows.append_column("geom", geometry).append_column("import_id", ids)


def _points(rows: pa.Table, dialect: str) -> pa.Array:
    points = shapely.points(rows[c.LON].to_numpy(), rows[c.LAT].to_numpy())
    if dialect == "sqlite":
        return pa.array(shapely.to_wkb(points, byte_order=1), pa.binary())
    points = shapely.set_srid(points, 4326)
    return pa.array(shapely.to_wkb(points, hex=True, include_srid=True, byte_order=1), pa.string())


def _insert_new(connection: Connection, table: Table, rows: pa.Table) -> None:
    names = ", ".join(rows.column_names)
    marks = ", ".join("?" * rows.num_columns)
    statement = f"INSERT INTO {table.name} ({names}) VALUES ({marks}) ON CONFLICT DO NOTHING"
    for start in range(0, rows.num_rows, ROWS_AT_ONCE):
        block = rows.slice(start, ROWS_AT_ONCE)
        values = [_sqlite_values(column) for column in block.columns]
        connection.exec_driver_sql(statement, list(zip(*values, strict=True)))


def _sqlite_values(column: pa.ChunkedArray) -> list[Any]:
    """Return Python values; a missing number is NaN, which SQLite stores as NULL."""
    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.string())
    values: list[Any] = column.to_numpy().tolist()
    return values


def _copy_new(connection: Connection, table: Table, rows: pa.Table) -> None:
    connection.execute(text("SET LOCAL statement_timeout = 0"))  # it takes as long as the file is
    many = rows.num_rows >= ROWS_WORTH_STATISTICS
    if many and _is_empty(connection, table):
        _copy_all(connection, table, rows)
    else:
        _copy_beside(connection, table, rows)
    if many:
        connection.execute(text(f"ANALYZE {table.name}"))


def _copy_all(connection: Connection, table: Table, rows: pa.Table) -> None:
    """Fill an empty table; indexes made after the rows take a fifth of the time."""
    connection.execute(text(f"LOCK TABLE {table.name}"))
    indexes = sorted(table.indexes, key=lambda index: str(index.name))
    for index in indexes:
        index.drop(connection)
    _copy_in(connection, table.name, rows)
    for index in indexes:
        index.create(connection)


def _copy_beside(connection: Connection, table: Table, rows: pa.Table) -> None:
    """COPY cannot skip rows that are there: copy beside the table, then insert what is new."""
    names = ", ".join(rows.column_names)
    connection.execute(
        text(f"CREATE TEMP TABLE incoming AS SELECT {names} FROM {table.name} LIMIT 0")
    )
    _copy_in(connection, "incoming", rows)
    connection.execute(
        text(
            f"INSERT INTO {table.name} ({names}) SELECT {names} FROM incoming "
            "ON CONFLICT (identity) DO NOTHING"
        )
    )
    connection.execute(text("DROP TABLE incoming"))


def _copy_in(connection: Connection, target: str, rows: pa.Table) -> None:
    statement = f"COPY {target} ({', '.join(rows.column_names)}) FROM STDIN (FORMAT csv)"
    with _copying(connection, statement) as copy:
        for start in range(0, rows.num_rows, ROWS_AT_ONCE):
            copy.write(_csv(rows.slice(start, ROWS_AT_ONCE)))


@contextmanager
def _copying(connection: Connection, statement: str) -> Iterator[psycopg.Copy]:
    """Open a COPY on the driver's own connection; SQLAlchemy has no word for it."""
    raw = connection.connection.driver_connection
    assert isinstance(raw, psycopg.Connection)
    try:
        with raw.cursor() as cursor, cursor.copy(statement) as copy:
            yield copy
    except psycopg.OperationalError as error:
        raise DatabaseUnreachableError(
            "The database broke off while rows were copied; nothing was stored. Try again."
        ) from error


def _csv(rows: pa.Table) -> memoryview:
    """Render rows for COPY: missing is nothing at all, text is quoted."""
    sink = io.BytesIO()
    pyarrow.csv.write_csv(rows, sink, pyarrow.csv.WriteOptions(include_header=False))
    return sink.getbuffer()


def _copied_values(connection: Connection, table: Table, columns: list[Column[Any]]) -> list[Any]:
    names = [column.name for column in columns]
    statement = f"COPY (SELECT {', '.join(names)} FROM {table.name}) TO STDOUT (FORMAT csv)"
    sink = io.BytesIO()
    with _copying(connection, statement) as copy:
        for block in copy:
            sink.write(block)
    if not sink.tell():
        return [np.array([], dtype=object)] * len(columns)
    sink.seek(0)
    rows = pyarrow.csv.read_csv(
        sink,
        pyarrow.csv.ReadOptions(column_names=names),
        pyarrow.csv.ParseOptions(newlines_in_values=True),
        pyarrow.csv.ConvertOptions(
            column_types={column.name: _arrow_type(column) for column in columns},
            null_values=[""],
            true_values=["t"],
            false_values=["f"],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        ),
    )
    return [column.to_numpy() for column in rows.columns]


def _fetched_values(connection: Connection, table: Table, columns: list[Column[Any]]) -> list[Any]:
    names = ", ".join(column.name for column in columns)
    rows = connection.exec_driver_sql(f"SELECT {names} FROM {table.name}").all()
    values = list(zip(*rows, strict=True)) if rows else [()] * len(columns)
    return [np.array(column, dtype=object) for column in values]


def _arrow_type(column: Column[Any]) -> pa.DataType:
    kinds = ((Boolean, pa.bool_()), (Integer, pa.int64()), (Double, pa.float64()))
    for kind, arrow in kinds:
        if isinstance(column.type, kind):
            return arrow
    return pa.timestamp("us") if isinstance(column.type, DateTime) else pa.string()


def _series(column: Column[Any], values: np.ndarray) -> pd.Series:
    if isinstance(column.type, DateTime):
        return pd.Series(values.astype("datetime64[us]"))
    if isinstance(column.type, Double) or (isinstance(column.type, Integer) and column.nullable):
        return pd.Series(values.astype(float))
    if isinstance(column.type, Integer):
        return pd.Series(values.astype(np.int64))
    if isinstance(column.type, Boolean):
        if not column.nullable:
            return pd.Series(values.astype(bool))
        values = np.array([None if value is None else bool(value) for value in values], object)
    return pd.Series(values, dtype=object)


def _is_empty(connection: Connection, table: Table) -> bool:
    return bool(connection.execute(select(~select(table.c.identity).exists())).scalar_one())


def _rows_of_import(connection: Connection, table: Table, import_id: int) -> int:
    counted = select(func.count()).select_from(table).where(table.c.import_id == import_id)
    return int(connection.execute(counted).scalar_one())


def _broken_rule(error: IntegrityError | psycopg.IntegrityError) -> str:
    cause = error.orig if isinstance(error, IntegrityError) else error
    if isinstance(cause, psycopg.Error):
        return str(cause.diag.constraint_name or cause.diag.column_name)
    return str(cause).rpartition(": ")[2]
