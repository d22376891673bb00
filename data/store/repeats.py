"""Join the bytes of many columns row by row, what many rows have alike made once for all of them.

Registers repeat themselves: of twenty closed words and flags a file knows a few hundred
combinations. Those are written, and each row takes its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

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
        Columns of one length, with their names.
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
            written = [part for name in names for part in write(name, columns[name].take(few))]
            once = pc.binary_join_element_wise(nothing, *written, b"")
            pieces.append(once.take(pa.array(rows)))
    return pc.binary_join_element_wise(*pieces, b"")


def repeating_first(columns: Mapping[str, pa.Array]) -> list[str]:
    """Return the names, those of columns with few distinct values first, so that they join."""
    return sorted(columns, key=lambda name: _codes(columns[name]) is None)


# -------------------------------------------------------------------------------------------

_LOOKED_AT = 256
_MOST_DISTINCT = 32
_ROWS_EACH = 4
"""So many rows must share a combination on average."""


def _runs(columns: Mapping[str, pa.Array]) -> Iterator[tuple[Sequence[str], np.ndarray | None]]:
    """Part the columns; with each run of repeating ones goes the number of each row's values."""
    run: list[str] = []
    rows = np.zeros(0, np.int64)
    for name, values in columns.items():
        codes = _codes(values)
        if codes is not None and run:
            both = pd.factorize(rows * len(codes.dictionary) + codes.indices.to_numpy())[0]
            if both.max() * _ROWS_EACH < len(both):
                run, rows = [*run, name], both
                continue
        if run:
            yield run, rows
        run = [name] if codes is not None else []
        if codes is None:
            yield [name], None
        else:
            rows = codes.indices.to_numpy().astype(np.int64)
    if run:
        yield run, rows


def _codes(values: pa.Array) -> pa.DictionaryArray | None:
    """Return repeating values by number, missing ones too; None where they differ."""
    if pa.types.is_floating(values.type):
        values = values.view(pa.int64())  # −0 is not 0 here
    start = values.slice(0, _LOOKED_AT)
    if len(start) < _LOOKED_AT or len(start.dictionary_encode().dictionary) > _MOST_DISTINCT:
        return None
    codes = values.dictionary_encode(null_encoding="encode")
    return codes if len(codes.dictionary) * _ROWS_EACH < len(values) else None


def _first_of_each(numbers: np.ndarray) -> np.ndarray:
    first = np.empty(numbers.max() + 1, np.int64)
    first[numbers[::-1]] = np.arange(len(numbers))[::-1]
    return first
