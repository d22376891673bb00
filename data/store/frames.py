"""Move checked frames into a table as versions of its records, and a table back into a frame.

Rows travel in blocks, in bulk and past the ORM: as one binary COPY on PostgreSQL, as raw tuples
on SQLite. Into an empty table they go straight; else they are laid beside it and merged.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any

import numpy as np
import pandas as pd
import psycopg
import pyarrow as pa
from sqlalchemy import Column, Connection, Table, select, text
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.schema import AddConstraint, DropConstraint

from data.store.contents import content_digests
from data.store.copying import copy_in, copy_out
from data.store.repeats import repeats_numbered
from data.store.row_values import MADE_BY_STORE, rows_of_table, series_of, sqlite_tuples
from data.store.versions import (
    Added,
    Stamp,
    lock_imports,
    mark_known_identities,
    mark_known_rows,
    merge_incoming,
    wait_as_long_as_it_takes,
)
from geo.errors import FrameError
from geo.schema import Contract, check_frame

ROWS_AT_ONCE = 20_000
ROWS_WORTH_STATISTICS = 1_000
"""From so many rows in its first block on, an empty table is filled without its indexes; from so
many new rows on, ANALYZE is run."""
SORTING_MEMORY = "256MB"
"""Of the server, while it makes indexes: the keys of a million rows fit, so none go by its disk."""


def add_rows(
    connection: Connection,
    table: Table,
    frames: Iterable[pd.DataFrame],
    import_id: int,
    moment: dt.datetime,
) -> Added:
    """Add what the table does not hold yet: new records, and new versions of changed ones.

    A row whose identity has a current version that says the same is known and adds nothing.

    Parameters
    ----------
    connection
        An open transaction that writes.
    table
        A table of records.
    frames
        Blocks of rows, an identity in one of them only: ``identity`` and columns of the table.
        What only the store knows is added here. Columns that the table or the first block does
        not have are a fault, so that nothing is lost unseen.
    import_id
        The import that brings the rows.
    moment
        When it does, naive UTC.

    Raises
    ------
    FrameError
        A column is unknown or missing, or a row breaks a rule of the table; the transaction must
        then be undone.
    """
    stamp = Stamp(import_id, moment)
    lock_imports(connection)
    with _rules_named(table):
        blocks = _blocks(table, frames)
        if _is_empty(connection, table):
            return Added(new=_fill(connection, table, blocks, stamp))
        _lay_beside(connection, table, blocks)
        mark_known_rows(connection, table, stamp)
        return _merged(connection, table, stamp)


def add_unknown_rows(
    connection: Connection,
    tables: Sequence[Table],
    frames: Iterable[pd.DataFrame],
    stamp: Stamp,
) -> Added:
    """Add to the first table the rows whose identity is current in none of the tables.

    Raises
    ------
    FrameError
        As `add_rows`.
    """
    table = tables[0]
    lock_imports(connection)
    with _rules_named(table):
        _lay_beside(connection, table, _blocks(table, frames))
        for other in reversed(tables):
            mark_known_identities(connection, other)
        return _merged(connection, table, stamp)


def checked_frames(
    frames: Iterable[pd.DataFrame], contract: Contract, *, name: str, without: str = ""
) -> Iterator[pd.DataFrame]:
    """Hand on blocks that keep their contract, one column left out.

    Raises
    ------
    FrameError
        A block does not.
    """
    for frame in frames:
        check_frame(frame, contract, name=name)
        yield frame.drop(columns=without, errors="ignore")


def read_rows(connection: Connection, table: Table, names: list[str], id_name: str) -> pd.DataFrame:
    """Read columns of every current row, sorted by identity, with the identity's start as id.

    Text and optional truth values come as objects with None, numbers as float64 (int64 where
    none can be missing), times as datetime64[us], geometries as shapely's.
    """
    columns = [table.c.identity, *(table.c[name] for name in names)]
    values = _values(connection, table, columns)
    order = np.argsort(values[0], kind="stable")  # here, as each database has an order of its own
    ids = np.array([identity[:16] for identity in values[0][order]], dtype=object)
    frame = {id_name: pd.Series(ids, dtype=object)}
    for column, found in zip(columns[1:], values[1:], strict=True):
        frame[column.name] = series_of(column, found[order])
    return pd.DataFrame(frame)


def write_rows(
    connection: Connection, table: Table, target: str, blocks: Iterator[pa.Table]
) -> int:
    """Append typed rows to a table, or to one with columns of the same types; return how many."""
    if connection.dialect.name == "postgresql":
        wait_as_long_as_it_takes(connection)
        return copy_in(connection, table, target, blocks)
    count = 0
    for block in blocks:
        names, marks = ", ".join(block.column_names), ", ".join("?" * block.num_columns)
        statement = f"INSERT INTO {target} ({names}) VALUES ({marks})"
        connection.exec_driver_sql(statement, sqlite_tuples(block))
        count += block.num_rows
    return count


# -------------------------------------------------------------------------------------------

_STAMPED = MADE_BY_STORE - {"content", "geom"}
_SEARCHED = ("identity", "version", "content", "import_id", "valid_to")
"""What the statements of an import search by; the server looks at the rest in its own time."""


@contextmanager
def _rules_named(table: Table) -> Iterator[None]:
    """Turn the refusal of a table's rule into our own error.

    The database's own words quote the row; only the rule's name may travel on.
    """
    try:
        yield
    except (IntegrityError, DataError, psycopg.IntegrityError, psycopg.DataError) as error:
        cause = error if isinstance(error, psycopg.Error) else error.orig
        raise FrameError(
            f"{table.name}: a row breaks the rule {_broken_rule(cause)} of the table; nothing was "
            "stored."
        ) from None


def _broken_rule(error: BaseException | None) -> str:
    if isinstance(error, psycopg.Error):
        return str(error.diag.constraint_name or error.diag.column_name or error.sqlstate)
    return str(error).rpartition(": ")[2]


def _blocks(table: Table, frames: Iterable[pd.DataFrame]) -> Iterator[pa.Table]:
    names = None
    for frame in frames:
        names = names or set(frame.columns)
        if set(frame.columns) != names:  # one COPY has one list of columns
            differing = sorted(set(frame.columns) ^ names)
            raise FrameError(f"{table.name}: the blocks differ in the columns {differing}.")
        for start in range(0, len(frame), ROWS_AT_ONCE):
            rows = rows_of_table(table, frame.iloc[start : start + ROWS_AT_ONCE])
            rows = repeats_numbered(rows)
            yield rows.append_column("content", content_digests(table, rows))


def _is_empty(connection: Connection, table: Table) -> bool:
    return bool(connection.execute(select(~select(table.c.identity).exists())).scalar_one())


def _fill(connection: Connection, table: Table, blocks: Iterator[pa.Table], stamp: Stamp) -> int:
    """Write first versions into an empty table; indexes made after many rows take less time."""
    first = next(blocks, None)
    if first is None:
        return 0
    many = connection.dialect.name == "postgresql" and first.num_rows >= ROWS_WORTH_STATISTICS
    with _made_after(connection, table) if many else nullcontext():
        count = write_rows(connection, table, table.name, _stamped(first, blocks, stamp))
    _analyse(connection, table, count)
    return count


@contextmanager
def _made_after(connection: Connection, table: Table) -> Iterator[None]:
    """Take indexes and keys off an empty table while it is filled: made at once they cost less.

    Nobody else sees the table without them; it is locked until the transaction ends.
    """
    connection.execute(text(f"LOCK TABLE {table.name}"))
    connection.execute(text(f"SET LOCAL maintenance_work_mem = '{SORTING_MEMORY}'"))
    indexes = sorted(table.indexes, key=lambda index: str(index.name))
    keys = [
        table.primary_key,
        *sorted(table.foreign_key_constraints, key=lambda key: str(key.name)),
    ]
    for index in indexes:
        index.drop(connection)
    for key in keys:
        connection.execute(DropConstraint(key))
    yield
    for key in keys:
        connection.execute(AddConstraint(key))
    for index in indexes:
        index.create(connection)


def _stamped(first: pa.Table, rest: Iterator[pa.Table], stamp: Stamp) -> Iterator[pa.Table]:
    block: pa.Table | None = first
    while block is not None:
        count = block.num_rows
        moment = pa.array(np.full(count, stamp.moment, "datetime64[us]"))
        block = block.append_column("version", pa.array(np.ones(count, np.int32)))
        block = block.append_column(
            "import_id", pa.array(np.full(count, stamp.import_id, np.int32))
        )
        yield block.append_column("valid_from", moment)
        block = next(rest, None)


def _lay_beside(connection: Connection, table: Table, blocks: Iterator[pa.Table]) -> None:
    """Fill the temporary table ``incoming``; on SQLite too it lies on disk, not in memory."""
    names = [column.name for column in table.columns if column.name not in _STAMPED]
    empty = f"SELECT {', '.join(names)} FROM {table.name} LIMIT 0"
    connection.execute(text(f"CREATE TEMPORARY TABLE incoming AS {empty}"))
    connection.execute(text("ALTER TABLE incoming ADD COLUMN known INTEGER NOT NULL DEFAULT 0"))
    write_rows(connection, table, "incoming", blocks)
    if connection.dialect.name == "postgresql":
        connection.execute(text("ANALYZE incoming"))


def _merged(connection: Connection, table: Table, stamp: Stamp) -> Added:
    added = merge_incoming(connection, table, stamp)
    connection.execute(text("DROP TABLE incoming"))
    _analyse(connection, table, added.new + added.versions)
    return added


def _analyse(connection: Connection, table: Table, count: int) -> None:
    if connection.dialect.name == "postgresql" and count >= ROWS_WORTH_STATISTICS:
        connection.execute(text(f"ANALYZE {table.name} ({', '.join(_SEARCHED)})"))


def _values(connection: Connection, table: Table, columns: list[Column[Any]]) -> list[np.ndarray]:
    names = ", ".join(column.name for column in columns)
    query = f"SELECT {names} FROM {table.name} WHERE valid_to IS NULL"
    if connection.dialect.name == "postgresql":
        return copy_out(connection, query, columns)
    rows = connection.exec_driver_sql(query).all()
    values = list(zip(*rows, strict=True)) if rows else [()] * len(columns)
    return [_objects(column) for column in values]


def _objects(values: Sequence[Any]) -> np.ndarray:
    made = np.empty(len(values), dtype=object)
    made[:] = values
    return made
