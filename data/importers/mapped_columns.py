"""Columns of a file that lie on disk and are seen as memory, so that memory does not grow with it.

What a large file holds by row would take hundreds of megabytes. Its columns are files that the
system maps: pages come in as they are used and are let go of again between two steps.
"""

from __future__ import annotations

import errno
import mmap
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from geo.errors import SafeRegionError

TEXT = pd.StringDtype(storage="pyarrow", na_value=np.nan)
"""Of columns of text: Arrow's, which need not be in memory."""
BLOCK_ROWS = 20_000
"""So many rows are worked on at a time."""
SMALL_BYTES = 1 << 20
"""Columns below that stay in memory of their own: most files are small, and mapping takes time."""


class MappedColumns:
    """The columns of one file; they live as long as somebody holds this or an array of it."""

    def __init__(self) -> None:
        self._maps: list[mmap.mmap] = []

    def open(self, file: Path) -> mmap.mmap:
        """Map a file for reading; it may be unlinked afterwards."""
        with file.open("rb") as source:
            self._maps.append(mmap.mmap(source.fileno(), 0, access=mmap.ACCESS_READ))
        return self._maps[-1]

    def zeros(self, count: int, dtype: npt.DTypeLike) -> npt.NDArray[Any]:
        """Return a column of zeros that can be written.

        Raises
        ------
        SafeRegionError
            ``disk_full``.
        """
        kind = np.dtype(dtype)
        size = count * kind.itemsize
        if size < SMALL_BYTES:
            return np.zeros(count, kind)
        with tempfile.TemporaryFile(prefix="safe-region-") as file:
            _reserve(file.fileno(), size)
            self._maps.append(mmap.mmap(file.fileno(), size))
        return np.frombuffer(self._maps[-1], kind)

    def keep(self, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Return a copy that can be let go of."""
        kept = self.zeros(len(values), values.dtype)
        kept[:] = values
        self.release()
        return kept

    def keep_texts(self, blocks: Iterable[pd.Series]) -> pd.Series:
        """Return texts that come block by block as one column that can be let go of.

        Raises
        ------
        SafeRegionError
            ``disk_full``.
        """
        schema = pa.schema([("text", pa.large_string())])
        with tempfile.TemporaryFile(prefix="safe-region-") as file:
            with _room_needed(), pa.ipc.new_file(file, schema) as writer:
                for block in blocks:
                    texts = pa.array(block, pa.large_string(), from_pandas=True)
                    writer.write_table(pa.table([texts], schema=schema))
                    self.release()
            file.flush()
            self._maps.append(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        table = pa.ipc.open_file(pa.BufferReader(pa.py_buffer(self._maps[-1]))).read_all()
        return pd.Series(pd.array(table["text"], dtype=TEXT))

    def release(self) -> None:
        """Let go of the pages that were used; their content stays on disk."""
        for one in self._maps:
            one.madvise(mmap.MADV_DONTNEED)


def row_blocks(count: int) -> Iterator[slice]:
    """Yield the rows of a column block by block."""
    return (slice(start, start + BLOCK_ROWS) for start in range(0, count, BLOCK_ROWS))


# -------------------------------------------------------------------------------------------


def _reserve(file: int, size: int) -> None:
    """Take the room on the disk now: a write to memory that finds none ends the process."""
    with _room_needed():
        os.posix_fallocate(file, 0, size)


@contextmanager
def _room_needed() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        raise SafeRegionError(
            f"The disk of {tempfile.gettempdir()} is full; free some space and bring the file "
            "again. Nothing was stored.",
            code="disk_full",
        ) from error
