"""Columns of text cut into blocks, so that no whole column is copied while it is read."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
import pyarrow as pa

BLOCK = 100_000
"""Rows that are read at a time."""


def blocks_of(texts: pd.Series) -> Iterator[tuple[slice, pa.Array]]:
    """Cut a column into blocks of Arrow text."""
    for start in range(0, len(texts), BLOCK):
        rows = slice(start, min(start + BLOCK, len(texts)))
        block = pa.array(texts.iloc[rows], pa.large_string(), from_pandas=True)
        if isinstance(block, pa.ChunkedArray):
            block = block.combine_chunks()
        yield rows, block
