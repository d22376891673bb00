"""Digest what a row says, so that a changed record is told from a repeated one.

The digest is a promise to every database there is: it must not depend on the platform, on the
versions of numpy, pandas and Arrow, nor on columns that say nothing. Each value present is
written with its column's name, in the names' order: numbers, truth values and moments as eight
bytes, text and geometries with their length. A missing value and a column's default are not
written, so a column that comes later changes no digest of rows that lack it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Column, Connection, Table, text

from data.store.repeats import columns_of, joined_rows
from data.store.row_values import arrow_type, arrow_values, present_bytes

NOT_CONTENT = frozenset(
    {
        "identity",
        "version",
        "content",
        "import_id",
        "source_row",
        "valid_from",
        "valid_to",
        "pinned_at",
        "geom",  # lat and lon once more
    }
)
LENGTH = 16
ROWS_AT_ONCE = 20_000


def content_digests(table: Table, rows: pa.Table) -> pa.Array:
    """Return the digest of each row as 32 hex characters.

    Parameters
    ----------
    table
        Names the defaults that are not written.
    rows
        Typed rows (`data.store.row_values.rows_of_table`).
    """
    defaults = {
        column.name: str(column.server_default.arg)  # type: ignore[attr-defined]
        for column in table.columns
        if column.server_default is not None
    }
    return _digests(rows, defaults)


def digest_stored_rows(
    connection: Connection, source: str, columns: Mapping[str, Column[Any]], target: str
) -> None:
    """Write ``identity, content`` of every row of one table into a new temporary one.

    Parameters
    ----------
    source
        A table with an ``identity`` for each row.
    columns
        Its columns with their types.
    target
        Name of the temporary table.
    """
    connection.execute(text(f"CREATE TEMPORARY TABLE {target} (identity TEXT, content TEXT)"))
    for rows in _blocks(connection, source, columns):
        made = zip(rows["identity"].to_pylist(), _digests(rows, {}).to_pylist(), strict=True)
        connection.execute(
            text(f"INSERT INTO {target} (identity, content) VALUES (:identity, :content)"),
            [{"identity": identity, "content": content} for identity, content in made],
        )


# -------------------------------------------------------------------------------------------


def _digests(rows: pa.Table, defaults: Mapping[str, str]) -> pa.Array:
    names = sorted(
        name
        for name in set(rows.column_names) - NOT_CONTENT
        if rows[name].null_count < rows.num_rows
    )
    if not names:
        return pa.array([hashlib.blake2b(digest_size=LENGTH).hexdigest()] * rows.num_rows)
    said = joined_rows(
        columns_of(rows.select(names)),
        lambda name, values: _written(name, values, defaults.get(name)),
    )
    return _hashed(said)


def _hashed(said: pa.Array) -> pa.Array:
    view = memoryview(said.buffers()[2] or b"")
    bounds = np.frombuffer(said.buffers()[1], np.int32)[: len(said) + 1].tolist()
    fresh = hashlib.blake2b(digest_size=LENGTH)
    made = []
    for start, end in pairwise(bounds):
        digest = fresh.copy()  # costs less than to make one and say its length
        digest.update(view[start:end])
        made.append(digest.digest())
    ends = np.arange(len(said) + 1, dtype=np.int32) * 2 * LENGTH
    letters = b"".join(made).hex().encode()
    buffers = [None, pa.py_buffer(ends), pa.py_buffer(letters)]
    return pa.Array.from_buffers(pa.string(), len(said), buffers)


def _written(name: str, column: pa.Array, default: str | None) -> tuple[pa.Array, ...]:
    """Return what each value adds to its row's bytes; a missing one adds nothing."""
    tag = name.encode() + b"\x1f"
    if not pa.types.is_string(column.type) and not pa.types.is_binary(column.type):
        return (_marked(tag, column.is_valid(), _eight_bytes(column)),)
    said = column.is_valid() if default is None else pc.not_equal(column, default).fill_null(False)
    lengths = pc.binary_length(column).fill_null(0).to_numpy().astype("<i8")
    heads = _marked(tag, said, lengths)
    if default is not None:
        column = pc.if_else(said, column, None)
    return heads, present_bytes(column)


def _marked(tag: bytes, said: pa.Array, words: np.ndarray) -> pa.Array:
    """Return tag and eight bytes where something is said, no byte elsewhere."""
    present = said.to_numpy(zero_copy_only=False)
    made = np.zeros(len(words), [("tag", f"V{len(tag)}"), ("word", "V8")])
    made["tag"] = np.void(tag)
    made["word"] = words.view("V8")
    ends = np.zeros(len(words) + 1, np.int32)
    np.cumsum(present * made.itemsize, out=ends[1:])
    data = (made if present.all() else made[present]).tobytes()
    buffers = [None, pa.py_buffer(ends), pa.py_buffer(data)]
    return pa.Array.from_buffers(pa.binary(), len(words), buffers)


def _eight_bytes(column: pa.Array) -> np.ndarray:
    if pa.types.is_floating(column.type):
        numbers: np.ndarray = column.fill_null(0.0).to_numpy() + 0.0  # −0 is 0
        return numbers.astype("<f8")
    if pa.types.is_date(column.type):
        column = column.cast(pa.int32())
    whole: np.ndarray = column.cast(pa.int64()).fill_null(0).to_numpy()
    return whole.astype("<i8")


def _blocks(
    connection: Connection, source: str, columns: Mapping[str, Column[Any]]
) -> Iterator[pa.Table]:
    """Read a table in blocks, each starting after the identity where the last one ended."""
    kept = {name: column for name, column in columns.items() if name != "geom"}
    statement = text(
        f"SELECT {', '.join(kept)} FROM {source} WHERE identity > :after"
        f" ORDER BY identity LIMIT {ROWS_AT_ONCE}"
    )
    after = ""
    while found := connection.execute(statement, {"after": after}).all():
        values = zip(*found, strict=True)
        yield pa.table(
            {
                name: arrow_values(column, list(part)).cast(arrow_type(column))
                for (name, column), part in zip(kept.items(), values, strict=True)
            }
        )
        after = found[-1]._mapping["identity"]
