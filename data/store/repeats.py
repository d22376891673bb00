"""Join the bytes of many columns row by row, what many rows have alike made once for all of them.

Registers repeat themselves: of twenty closed words and flags a file knows a few hundred
combinations. Those are written, and each row takes its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

Write = Callable[[str, pa.Array], Sequence[pa.Array | pa.Scalar]]
"""Give what each value of a column is written as, in one or more parts that follow each other; a
scalar where a part is the same for all."""


def joined_rows(columns: Mapping[str, pa.Array], write: Write, start: bytes = b"") -> pa.Array:
    """Return each row's bytes: the start, then its values written in the columns' order.

    Parameters
    ----------
    columns
        Columns of one length, with their names; repeating ones may be numbered already.
    write
        Must depend on the value alone, not on its neighbours.
    start
        Begins each row.
    """
    pieces = [pa.scalar(start, pa.binary())]
    for names, rows in _runs(columns):
        if rows is None:
            pieces += [part for name in names for part in write(name, columns[name])]
        else:
            few = pa.array(_first_of_each(rows))
            nothing = pa.array([b""] * len(few), pa.binary())
            written = [part for name in names for part in write(name, _few(columns[name], few))]
            once = pc.binary_join_element_wise(nothing, *written, b"")
            pieces.append(once.take(pa.array(rows.numbers)))
    return pc.binary_join_element_wise(*pieces, b"")


def repeats_numbered(rows: pa.Table) -> pa.Table:
    """Return rows whose repeating columns are dictionaries, for who writes them more than once."""
    numbered = {name: (_codes(values), values) for name, values in columns_of(rows).items()}
    return pa.table(
        {name: values if codes is None else codes for name, (codes, values) in numbered.items()}
    )


def repeating_first(columns: Mapping[str, pa.Array]) -> list[str]:
    """Return the names, those of columns with few distinct values first, so that they join."""
    return sorted(columns, key=lambda name: _codes(columns[name]) is None)


def columns_of(rows: pa.Table) -> dict[str, pa.Array]:
    """Return the columns by name; `combine_chunks` would copy what lies in one piece already."""
    return {
        name: column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
        for name, column in zip(rows.column_names, rows.columns, strict=True)
    }


# -------------------------------------------------------------------------------------------

_LOOKED_AT = 256
_MOST_DISTINCT = 32
_ROWS_EACH = 4
"""So many rows must share a combination on average."""


@dataclass(frozen=True)
class _Numbered:
    """The number of each row's values, of 0, 1, … up to a count."""

    numbers: np.ndarray
    count: int

    @property
    def repeats(self) -> bool:
        return (self.count - 1) * _ROWS_EACH < len(self.numbers)

    def with_values_of(self, other: _Numbered) -> _Numbered:
        """Return the number of each pair that there is."""
        if other.count == 1:
            return self
        pairs = self.numbers * other.count + other.numbers
        possible = self.count * other.count
        if possible > _ROWS_EACH * len(pairs):
            numbers, known = pd.factorize(pairs)
            return _Numbered(numbers, len(known))
        there = np.zeros(possible, bool)  # a table of all of them is faster than to hash each row
        there[pairs] = True
        numbers = np.cumsum(there) - 1
        return _Numbered(numbers[pairs], int(numbers[-1]) + 1)


def _runs(columns: Mapping[str, pa.Array]) -> Iterator[tuple[Sequence[str], _Numbered | None]]:
    """Part the columns; with each run of repeating ones goes the number of each row's values."""
    run: list[str] = []
    rows = _Numbered(np.zeros(0, np.int64), 0)
    for name, values in columns.items():
        codes = _codes(values)
        if codes is not None and run:
            both = rows.with_values_of(_numbered(codes))
            if both.repeats:
                run, rows = [*run, name], both
                continue
        if run:
            yield run, rows
        run = [name] if codes is not None else []
        if codes is None:
            yield [name], None
        else:
            rows = _numbered(codes)
    if run:
        yield run, rows


def _codes(values: pa.Array) -> pa.DictionaryArray | None:
    """Return repeating values by number; None where they differ."""
    if pa.types.is_dictionary(values.type):
        return values
    kind = values.type
    if pa.types.is_floating(kind):
        values = values.view(pa.int64())  # −0 is not 0 here
    start = values.slice(0, _LOOKED_AT)
    if len(start) < _LOOKED_AT or len(start.dictionary_encode().dictionary) > _MOST_DISTINCT:
        return None
    codes = _codes_of_one(values)
    codes = values.dictionary_encode() if codes is None else codes
    if len(codes.dictionary) * _ROWS_EACH >= len(values):
        return None
    return pa.DictionaryArray.from_arrays(codes.indices, codes.dictionary.view(kind))


def _codes_of_one(values: pa.Array) -> pa.DictionaryArray | None:
    """Return values that are all alike by number; to see that takes less than to hash them."""
    if not values.slice(1).equals(values.slice(0, len(values) - 1)):
        return None
    if values.null_count:
        return pa.DictionaryArray.from_arrays(pa.nulls(len(values), pa.int32()), values.slice(0, 0))
    return pa.DictionaryArray.from_arrays(np.zeros(len(values), np.int32), values.slice(0, 1))


def _numbered(codes: pa.DictionaryArray) -> _Numbered:
    """Return the numbers, the last one for missing values where there are any."""
    count = len(codes.dictionary)
    numbers = codes.indices.fill_null(count) if codes.null_count else codes.indices
    return _Numbered(numbers.to_numpy().astype(np.int64), count + bool(codes.null_count))


def _first_of_each(rows: _Numbered) -> np.ndarray:
    first = np.zeros(rows.count, np.int64)
    first[rows.numbers[::-1]] = np.arange(len(rows.numbers))[::-1]
    return first


def _few(values: pa.Array, rows: pa.Array) -> pa.Array:
    few = values.take(rows)
    return few.dictionary_decode() if pa.types.is_dictionary(few.type) else few
