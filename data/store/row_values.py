"""Rows between three forms: a frame of pandas, typed Arrow columns, and the database's values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import shapely
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Double,
    Integer,
    SmallInteger,
    Table,
)

from data.geometry import Geo
from geo import columns as c
from geo.errors import FrameError

MADE_BY_STORE = frozenset({"version", "content", "import_id", "valid_from", "valid_to", "geom"})
"""Columns of a record that no frame brings."""


def rows_of_table(table: Table, frame: pd.DataFrame) -> pa.Table:
    """Return a frame with the table's types, one row an identity, in the identities' order.

    ``geom`` is made of ``lat`` and ``lon``; geometries are little-endian WKB. A column that the
    frame lacks and that has a default gets it.

    Raises
    ------
    FrameError
        A column is unknown, so that it would be lost unseen, or a needed one is missing.
    """
    made_here = MADE_BY_STORE & {column.name for column in table.columns}
    wanted = {column.name for column in table.columns} - made_here
    needed = {column.name for column in table.columns if _must_come(column)} - made_here
    unknown, missing = sorted(set(frame.columns) - wanted), sorted(needed - set(frame.columns))
    if unknown or missing:
        raise FrameError(
            f"{table.name}: columns {unknown or 'none'} are not stored, {missing or 'none'} are "
            "missing."
        )
    names = [column.name for column in table.columns if column.name in frame.columns]
    rows = pa.table({name: _arrow_column(table.c[name], frame[name]) for name in names})
    rows = _each_once(rows)
    for column in table.columns:
        if column.name in wanted - set(frame.columns) and column.server_default is not None:
            text = pa.array([_default(column)] * rows.num_rows, pa.string())
            rows = rows.append_column(column.name, text)
    if "geom" in made_here:
        rows = rows.append_column("geom", _points(rows))
    return rows.combine_chunks()


def arrow_type(column: Column[Any]) -> pa.DataType:
    """Return the Arrow type of a column's values."""
    kinds = (
        (Boolean, pa.bool_()),
        (SmallInteger, pa.int16()),
        (BigInteger, pa.int64()),
        (Integer, pa.int32()),
        (Double, pa.float64()),
        (DateTime, pa.timestamp("us")),
        (Date, pa.date32()),
        (Geo, pa.binary()),
    )
    return next((arrow for kind, arrow in kinds if isinstance(column.type, kind)), pa.string())


def arrow_values(column: Column[Any], values: Sequence[Any]) -> pa.Array:
    """Return values as a database gave them (SQLite: times as text, flags as numbers) typed."""
    kind = arrow_type(column)
    if pa.types.is_boolean(kind):
        return pa.array([None if value is None else bool(value) for value in values], kind)
    if pa.types.is_timestamp(kind):
        return pa.array(np.array(values, dtype="datetime64[us]"), kind)
    if pa.types.is_date(kind):
        return pa.array(np.array(values, dtype="datetime64[D]"), kind)
    return pa.array(values, kind)


def present_bytes(values: pa.Array) -> pa.Array:
    """Return texts or bytes as bytes, missing ones as none at all."""
    written = values.cast(pa.binary())
    return written.fill_null(b"") if values.null_count else written  # it would copy them all


def sqlite_tuples(rows: pa.Table) -> list[tuple[Any, ...]]:
    """Return rows as SQLite takes them; times are text, as SQLAlchemy writes them there."""
    return list(zip(*(_sqlite_values(column) for column in rows.columns), strict=True))


def series_of(column: Column[Any], values: np.ndarray) -> pd.Series:
    """Return a column's values as frames hold them.

    Text and optional truth values are objects with None, numbers float64 (int64 where none can be
    missing), times datetime64[us].
    """
    if isinstance(column.type, DateTime | Date):
        return pd.Series(values.astype("datetime64[us]"))
    if isinstance(column.type, Double) or (isinstance(column.type, Integer) and column.nullable):
        return pd.Series(values.astype(float))
    if isinstance(column.type, Integer):
        return pd.Series(values.astype(np.int64))
    if isinstance(column.type, Boolean):
        if not column.nullable:
            return pd.Series(values.astype(bool))
        values = np.array([None if value is None else bool(value) for value in values], object)
    if isinstance(column.type, Geo):
        values = shapely.from_wkb(values)
    return pd.Series(values, dtype=object)


# -------------------------------------------------------------------------------------------


def _each_once(rows: pa.Table) -> pa.Table:
    """Return one row an identity, in the identities' order; most frames come so."""
    identity = rows["identity"]
    ordered = pc.less(identity.slice(0, max(len(identity) - 1, 0)), identity.slice(1))
    if len(identity) < 2 or pc.all(ordered).as_py():
        return rows
    _, first = np.unique(identity.to_numpy().astype(str), return_index=True)
    return rows.take(pa.array(first))


def _must_come(column: Column[Any]) -> bool:
    return not column.nullable and column.server_default is None


def _default(column: Column[Any]) -> str:
    return str(column.server_default.arg)  # type: ignore[union-attr]


def _arrow_column(column: Column[Any], values: pd.Series) -> pa.Array:
    kind = arrow_type(column)
    if isinstance(column.type, Geo):
        lines = values.to_numpy(object)
        return pa.array(shapely.to_wkb(lines, byte_order=1, output_dimension=2), kind)
    try:
        return pa.Array.from_pandas(values, type=kind, safe=False)
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        raise FrameError(f"Column {column.name!r} does not hold {kind}.") from error


def _points(rows: pa.Table) -> pa.Array:
    """Write lon and lat as WKB of points: order, type and two numbers, 21 bytes each."""
    made = np.zeros(rows.num_rows, [("head", "V5"), ("x", "<f8"), ("y", "<f8")])
    made["head"] = np.void(b"\x01\x01\x00\x00\x00")
    made["x"], made["y"] = rows[c.LON].to_numpy(), rows[c.LAT].to_numpy()
    ends = np.arange(rows.num_rows + 1, dtype=np.int32) * made.itemsize
    return pa.Array.from_buffers(
        pa.binary(), rows.num_rows, [None, pa.py_buffer(ends), pa.py_buffer(made.tobytes())]
    )


def _sqlite_values(column: pa.ChunkedArray) -> list[Any]:
    """Return Python values; a missing number is NaN, which SQLite stores as NULL."""
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if pa.types.is_timestamp(column.type) or pa.types.is_date(column.type):
        column = column.cast(pa.string())
    values: list[Any] = column.to_numpy().tolist()
    return values
