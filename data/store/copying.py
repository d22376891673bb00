"""PostgreSQL's COPY in both directions, past the ORM and without a Python step per row.

In: binary. Each value is its length and its bytes, big-endian; Arrow joins the columns' bytes
row by row, and what comes out is sent as it lies in memory.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import chain
from typing import Any

import numpy as np
import psycopg
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
from sqlalchemy import Column, Connection, Table

from data.geometry import Geo
from data.store.repeats import columns_of, joined_rows, repeating_first
from data.store.row_values import arrow_type, present_bytes
from geo.errors import DatabaseUnreachableError

_HEADER = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
_MISSING = b"\xff\xff\xff\xff"
_TRAILER = b"\xff\xff"
_EPOCH_US = 946_684_800_000_000  # 2000-01-01, from where PostgreSQL counts
_EPOCH_DAYS = 10_957
_SRID = b"\x20\xe6\x10\x00\x00"
"""What stands in place of the last byte of a geometry's type: the flag of a system, and 4326."""


def copy_in(connection: Connection, table: Table, target: str, blocks: Iterable[pa.Table]) -> int:
    """Append rows to a table; return how many.

    Parameters
    ----------
    table
        Gives the columns' types.
    target
        The table itself or one with columns of the same types.
    blocks
        Typed rows, all with the same columns.
    """
    count = 0
    blocks = iter(blocks)
    first = next(blocks, None)
    if first is None:
        return 0
    names = repeating_first(columns_of(first))
    statement = f"COPY {target} ({', '.join(names)}) FROM STDIN (FORMAT binary)"
    with _copying(connection, statement) as copy:
        copy.write(_HEADER)
        made = (
            (_binary_rows(table, block.select(names)), block.num_rows)
            for block in chain([first], blocks)
        )
        for sent, rows in _ahead(made):
            copy.write(sent)
            count += rows
        copy.write(_TRAILER)
    return count


def copy_out(connection: Connection, query: str, columns: list[Column[Any]]) -> list[np.ndarray]:
    """Return the columns of a query's rows; missing values are None, NaN or NaT."""
    sink = io.BytesIO()
    with _copying(connection, f"COPY ({query}) TO STDOUT (FORMAT csv)") as copy:
        for block in copy:
            sink.write(block)
    if not sink.tell():
        return [np.array([], dtype=object)] * len(columns)
    sink.seek(0)
    rows = pyarrow.csv.read_csv(
        sink,
        pyarrow.csv.ReadOptions(column_names=[column.name for column in columns]),
        pyarrow.csv.ParseOptions(newlines_in_values=True),
        pyarrow.csv.ConvertOptions(
            column_types={column.name: _csv_type(column) for column in columns},
            null_values=[""],
            true_values=["t"],
            false_values=["f"],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        ),
    )
    return [_csv_values(column, found) for column, found in zip(columns, rows.columns, strict=True)]


# -------------------------------------------------------------------------------------------


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


def _ahead(made: Iterator[tuple[memoryview, int]]) -> Iterator[tuple[memoryview, int]]:
    """Make the next block while the server takes the last one; it works as long as we do."""
    with ThreadPoolExecutor(1) as pool:
        coming = pool.submit(next, made, None)
        while (block := coming.result()) is not None:
            coming = pool.submit(next, made, None)
            yield block


def _csv_type(column: Column[Any]) -> pa.DataType:
    return pa.string() if isinstance(column.type, Geo) else arrow_type(column)


def _csv_values(column: Column[Any], values: pa.ChunkedArray) -> np.ndarray:
    if not isinstance(column.type, Geo):
        found: np.ndarray = values.to_numpy()
        return found
    wkb = [None if text is None else bytes.fromhex(text) for text in values.to_pylist()]
    return np.array(wkb, dtype=object)


def _binary_rows(table: Table, rows: pa.Table) -> memoryview:
    """Return rows as COPY takes them: the number of values, then each value."""
    joined = joined_rows(
        columns_of(rows),
        lambda name, values: _binary_values(table.c[name], values),
        rows.num_columns.to_bytes(2, "big"),
    )
    return memoryview(joined.buffers()[2])[: joined.total_values_length]


def _binary_values(column: Column[Any], values: pa.Array) -> tuple[pa.Array | pa.Scalar, ...]:
    if values.null_count == len(values):
        return (pa.scalar(_MISSING, pa.binary()),)
    if isinstance(column.type, Geo):
        values = _with_system(values)
    if not (pa.types.is_string(values.type) or pa.types.is_binary(values.type)):
        return (_fixed(values),)
    lengths = pc.binary_length(values).fill_null(-1).to_numpy().astype(">i4")
    heads = _binary_array(lengths.tobytes(), np.arange(len(values) + 1, dtype=np.int32) * 4)
    return heads, present_bytes(values)


def _with_system(values: pa.Array) -> pa.Array:
    """Write WKB as PostGIS's own form of it, which names the reference system."""
    return pc.binary_replace_slice(values, 4, 5, _SRID)


def _fixed(values: pa.Array) -> pa.Array:
    """Write numbers, flags and moments: four bytes of length and the value, −1 where missing."""
    numbers = _numbers(values)
    width = numbers.itemsize
    made = np.zeros(len(numbers), [("length", ">i4"), ("value", f"V{width}")])
    made["length"] = width
    made["value"] = numbers.view(f"V{width}")
    if not values.null_count:
        return _binary_array(
            made.tobytes(), np.arange(len(values) + 1, dtype=np.int32) * made.itemsize
        )
    present = values.is_valid().to_numpy(zero_copy_only=False)
    made["length"][~present] = -1
    lengths = np.where(present, made.itemsize, 4)
    cells = made.view(np.uint8).reshape(len(made), made.itemsize)
    data = cells[np.arange(made.itemsize) < lengths[:, None]].tobytes()
    ends = np.zeros(len(values) + 1, np.int32)
    np.cumsum(lengths, out=ends[1:])
    return _binary_array(data, ends)


def _numbers(values: pa.Array) -> np.ndarray:
    kind = values.type
    if pa.types.is_floating(kind):
        form, shift = ">f8", 0
    elif pa.types.is_boolean(kind):
        form, shift, values = ">u1", 0, values.cast(pa.uint8())
    elif pa.types.is_timestamp(kind):
        form, shift, values = ">i8", _EPOCH_US, values.cast(pa.int64())
    elif pa.types.is_date(kind):
        form, shift, values = ">i4", _EPOCH_DAYS, values.cast(pa.int32())
    else:
        form, shift = f">i{kind.bit_width // 8}", 0
    plain: np.ndarray = values.fill_null(0).to_numpy()
    return (plain - shift if shift else plain).astype(form)


def _binary_array(data: bytes, ends: np.ndarray) -> pa.Array:
    buffers = [None, pa.py_buffer(ends), pa.py_buffer(data)]
    return pa.Array.from_buffers(pa.binary(), len(ends) - 1, buffers)
