"""Properties of tile features: every distinct value encoded once, numbered once per tile."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from geo.errors import UsageError
from maps.tile_bytes import (
    IntArray,
    Runs,
    braid,
    encode_varints,
    length_delimited,
    totals,
    varint_sizes,
    zigzag,
)

KEY_TAG = 3 << 3 | 2
VALUE_TAG = 4 << 3 | 2
TEXT_TAG, DOUBLE_TAG, UINT_TAG, SINT_TAG, BOOL_TAG = 0x0A, 0x19, 0x28, 0x30, 0x38


@dataclass(frozen=True)
class PropertyTable:
    """A frame's values, each distinct one encoded once.

    Attributes
    ----------
    codes
        (rows, columns): the number of each value in `values`, −1 where it is missing.
    keys
        The column names as bytes of a layer, the same in every tile.
    values
        The distinct values of all columns as bytes of a layer.
    """

    codes: IntArray
    keys: bytes
    values: Runs


def build_property_table(properties: pd.DataFrame) -> PropertyTable:
    """Encode a frame of text, whole numbers, floats and truth values.

    A missing value (None, NaN, NA) is left out of its feature. The encoding follows the column's
    type, so a whole number in a float column is a double.

    Raises
    ------
    UsageError
        ``tile_property_invalid``: a column holds something that a tile has no form for.
    """
    kinds = [_kind(properties[column]) for column in properties]
    codes = np.full(properties.shape, -1, np.int64)
    tables: list[Runs] = []
    known = 0
    for kind in ("bool", "int", "float", "text"):
        columns = [place for place, other in enumerate(kinds) if other == kind]
        if not columns:
            continue
        # All columns of a kind share one table: a class number stands once, not once a column.
        code, table = _coded(kind, [properties.iloc[:, place] for place in columns])
        shaped = code.reshape(len(columns), len(properties)).T
        codes[:, columns] = np.where(shaped >= 0, shaped + known, -1)
        tables.append(table)
        known += len(table.lengths)
    keys = length_delimited(
        KEY_TAG, _text_runs(pa.array(list(properties.columns), pa.large_string()))
    )
    empty = Runs(np.empty(0, np.uint8), np.empty(0, np.int64))
    values = Runs(
        np.concatenate([empty.flat, *(table.flat for table in tables)]),
        np.concatenate([empty.lengths, *(table.lengths for table in tables)]),
    )
    return PropertyTable(codes, keys.flat.tobytes(), values)


def tile_tags(
    table: PropertyTable, rows: IntArray, tiles: IntArray, tile_count: int
) -> tuple[Runs, Runs]:
    """Give the values of features numbers within their tiles.

    Parameters
    ----------
    table
        The layer's values.
    rows, tiles
        For each feature its row of the table and its tile (0, 1, …, not falling).
    tile_count
        Number of tiles.

    Returns
    -------
    tuple of Runs
        Per feature its pairs of key and value number; per tile the bytes of its values.
    """
    codes = table.codes[rows]
    present = codes >= 0
    feature, column = np.nonzero(present)
    size = len(table.values.lengths)
    place, distinct = _numbered(tiles[feature] * size + codes[present], tile_count * size)
    tile_of_value = distinct // max(size, 1)
    first = np.searchsorted(tile_of_value, np.arange(tile_count))
    tags = np.empty((len(place), 2), np.uint32)
    tags[:, 0] = column
    tags[:, 1] = place - first[tiles[feature]]
    values = table.values.take(distinct % max(size, 1))
    return (
        Runs(tags.ravel(), 2 * present.sum(axis=1)),
        Runs(values.flat, totals(values.lengths, tile_of_value, tile_count)),
    )


# -------------------------------------------------------------------------------------------


def _kind(column: pd.Series) -> str:
    inferred = pd.api.types.infer_dtype(column, skipna=True)
    kind = {
        "string": "text",
        "integer": "int",
        "floating": "float",
        "mixed-integer-float": "float",
        "boolean": "bool",
        "empty": "text",
        "categorical": "text",
    }.get(inferred)
    if kind is None:
        raise UsageError(
            f"Column {column.name!r} holds {inferred}; give text, numbers or truth values.",
            code="tile_property_invalid",
        )
    return kind


def _coded(kind: str, columns: list[pd.Series]) -> tuple[IntArray, Runs]:
    """Return the columns' values end to end as numbers, −1 for none, and the distinct values."""
    if kind == "text":
        chunks = [pa.Array.from_pandas(column, type=pa.large_string()) for column in columns]
        texts = pa.concat_arrays(
            [part for chunk in chunks for part in getattr(chunk, "chunks", [chunk])]
        ).dictionary_encode()
        code = texts.indices.fill_null(-1).to_numpy().astype(np.int64)
        return code, _text_values(_text_runs(texts.dictionary))
    code, distinct = pd.factorize(pd.concat(columns, ignore_index=True))
    return code, length_delimited(VALUE_TAG, _number_messages(kind, distinct))


def _text_values(texts: Runs) -> Runs:
    """Encode texts as a layer's values: two tags, each with the length of what follows."""
    lengths = texts.lengths.astype(np.uint64)
    heads = np.empty((len(lengths), 4), np.uint64)
    heads[:, 0], heads[:, 2], heads[:, 3] = VALUE_TAG, TEXT_TAG, lengths
    heads[:, 1] = 1 + varint_sizes(lengths) + lengths
    flat, sizes = encode_varints(heads.ravel())
    return braid(Runs(flat, sizes.reshape(-1, 4).sum(axis=1, dtype=np.int64)), texts)


def _number_messages(kind: str, distinct: npt.ArrayLike) -> Runs:
    """Encode distinct numbers or truth values as the protocol's value messages."""
    if kind == "float":
        values = np.asarray(distinct, "<f8")
        message = np.empty((len(values), 9), np.uint8)
        message[:, 0] = DOUBLE_TAG
        message[:, 1:] = values.view(np.uint8).reshape(-1, 8)
        return Runs(message.ravel(), np.full(len(values), 9, np.int64))
    values = np.asarray(distinct, np.int64)
    negative = values < 0
    tag = np.where(negative, SINT_TAG, UINT_TAG if kind == "int" else BOOL_TAG)
    numbers = np.where(negative, zigzag(values), values.astype(np.uint64))
    flat, sizes = encode_varints(np.column_stack([tag.astype(np.uint64), numbers]).ravel())
    return Runs(flat, sizes.reshape(-1, 2).sum(axis=1, dtype=np.int64))


def _text_runs(texts: pa.LargeStringArray) -> Runs:
    if not len(texts):
        return Runs(np.empty(0, np.uint8), np.empty(0, np.int64))
    _, offsets, data = texts.buffers()
    ends = np.frombuffer(offsets, np.int64)[texts.offset : texts.offset + len(texts) + 1]
    flat = np.frombuffer(data or b"", np.uint8)[ends[0] : ends[-1]]
    return Runs(flat, np.diff(ends))


def _numbered(keys: IntArray, size: int) -> tuple[IntArray, IntArray]:
    """Return for each key its number among the distinct ones, and these, sorted."""
    if size > 8 * len(keys) + (1 << 20):
        distinct, place = np.unique(keys, return_inverse=True)
        return place, distinct
    held = np.zeros(size, np.bool_)
    held[keys] = True
    distinct = np.flatnonzero(held)
    number = np.empty(size, np.int64)
    number[distinct] = np.arange(len(distinct))
    return number[keys], distinct
