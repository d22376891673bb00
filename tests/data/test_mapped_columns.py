"""Columns on disk: they say the same after they were let go of, and a full disk is told."""

import errno
import mmap
import os

import numpy as np
import pandas as pd
import pytest

from data.importers import mapped_columns
from data.importers.mapped_columns import TEXT, MappedColumns, row_blocks
from geo.errors import SafeRegionError

MANY = mapped_columns.SMALL_BYTES // 8 + 3
"""Of eight bytes each: enough to be on disk."""


def resident_kb() -> int:
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))


def test_a_column_says_the_same_after_it_was_let_go_of():
    columns = MappedColumns()
    given = np.random.default_rng(5).normal(size=MANY)
    kept, written = columns.keep(given), columns.zeros(MANY, np.int64)
    written[[0, -1]] = 7, 9
    columns.release()
    assert np.array_equal(kept, given)
    assert (written[0], written[-1], written.sum()) == (7, 9, 16)


def test_what_is_let_go_of_leaves_the_memory():
    columns = MappedColumns()
    kept = columns.keep(np.ones(100 * MANY))
    before = resident_kb()
    assert kept.sum() == 100 * MANY
    touched = resident_kb()
    columns.release()
    after = resident_kb()
    held = kept.nbytes // 1024
    assert touched - before > 0.9 * held
    assert touched - after > 0.9 * held


def test_a_column_outlives_its_holder():
    kept = MappedColumns().keep(np.arange(MANY))
    assert kept[-1] == MANY - 1
    texts = MappedColumns().keep_texts([pd.Series(["Абай", None], dtype=TEXT)])
    assert texts[0] == "Абай"
    assert pd.isna(texts[1])


def test_few_rows_take_no_file(monkeypatch):
    monkeypatch.setattr(mmap, "mmap", None)
    assert MappedColumns().keep(np.arange(3)).tolist() == [0, 1, 2]


def test_texts_of_several_blocks_are_one_column():
    blocks = [pd.Series([f"{block}-{row}", None], dtype=TEXT) for block in "ab" for row in (1, 2)]
    texts = MappedColumns().keep_texts(iter(blocks))
    assert texts.dropna().tolist() == ["a-1", "a-2", "b-1", "b-2"]
    assert texts.isna().tolist() == [False, True] * 4
    assert list(texts.index) == list(range(8))
    assert texts.dtype == TEXT
    assert len(MappedColumns().keep_texts([])) == 0


@pytest.mark.bad_input("F07")
def test_a_full_disk_is_told_before_anything_is_written(monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "posix_fallocate", full)
    with pytest.raises(SafeRegionError, match="is full") as refused:
        MappedColumns().zeros(MANY, np.int64)
    assert refused.value.code == "disk_full"


def test_blocks_are_all_rows_once():
    count = 2 * mapped_columns.BLOCK_ROWS + 5
    assert np.concatenate([np.arange(count)[rows] for rows in row_blocks(count)]).tolist() == list(
        range(count)
    )
