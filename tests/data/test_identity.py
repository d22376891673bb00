"""The order of digests, and rows that are the same record."""

import numpy as np
import pandas as pd
import pytest

from data.importers import incident_frame
from data.importers.identity import digest_order, first_of_each, mark_repeats, ordinals
from data.importers.incident_frame import RowBlocks
from data.importers.mapped_columns import MappedColumns
from data.importers.mapping import SourceMapping
from data.importers.report import RowFaults
from data.importers.tabular import SourceTable

COLUMNS = MappedColumns()
HALF = "0123456789abcdef"


def digests(*texts: str) -> np.ndarray:
    return np.array([text.rjust(32, "0") for text in texts], "S32")


def table_of_rows(count: int) -> SourceTable:
    rows = np.arange(count)
    mapping = SourceMapping()
    return SourceTable(
        "t.csv", "t", "incidents", rows, {}, {}, mapping, None, None, RowFaults(rows)
    )


@pytest.mark.parametrize(
    "given",
    [
        digests("b", "a", "c", "a", "b"),
        # Their first halves are alike, so that only the second one decides.
        digests(*(HALF + f"{end:016x}" for end in (3, 1, 3, 2, 1, 0))),
        digests(*(HALF + f"{end:016x}" for end in (5, 5, 5))),
        digests(),
    ],
)
def test_the_order_is_that_of_the_texts_and_stable(given):
    expected = sorted(range(len(given)), key=lambda row: (given[row], row))
    assert digest_order(given, COLUMNS).tolist() == expected


def test_the_order_of_many_is_that_of_the_texts():
    random = np.random.default_rng(3)
    given = digests(*(f"{value:032x}" for value in random.integers(0, 9_000, 50_000).tolist()))
    assert np.array_equal(digest_order(given, COLUMNS), np.argsort(given, kind="stable"))


def test_equal_rows_are_numbered_in_their_order():
    assert ordinals(digests("a", "b", "a", "a", "b"), COLUMNS).tolist() == [0, 0, 1, 2, 1]


def test_the_first_of_the_chosen_rows_stands_for_its_record():
    chosen = np.array([False, True, True, True, False])
    assert first_of_each(digests("a", "b", "a", "b", "c"), chosen, COLUMNS).tolist() == [1, 2]


def test_rows_of_one_id_that_differ_are_all_at_fault():
    table = table_of_rows(6)
    identity = digests("a", "b", "a", "b", "b", "c")
    content = digests("1", "2", "1", "2", "3", "1")
    assert mark_repeats(identity, content, table, "id").tolist() == [0, 0, 1, 0, 0, 0]
    assert table.faults.has("conflicting_duplicate").tolist() == [0, 1, 0, 1, 1, 0]


def test_every_stretch_of_a_file_comes_in_the_order_of_its_identities(monkeypatch):
    monkeypatch.setattr(incident_frame, "RUN_ROWS", 10)
    monkeypatch.setattr(incident_frame, "BLOCK_ROWS", 4)
    random = np.random.default_rng(8)
    identity = digests(*(f"{value:032x}" for value in random.permutation(40).tolist()))
    rows = np.array([*range(3, 28), 39])
    blocks = [*RowBlocks(identity, rows, COLUMNS, lambda part: pd.DataFrame({"row": part}))]
    assert max(map(len, blocks)) <= 4
    taken = np.concatenate([block["row"] for block in blocks])
    assert sorted(taken) == rows.tolist()
    assert (np.diff(taken // 10) >= 0).all()  # one stretch after the other
    for first in range(0, 40, 10):
        run = taken[(taken >= first) & (taken < first + 10)]
        assert identity[run].tolist() == sorted(identity[run])
    assert [*RowBlocks(identity, rows[:0], COLUMNS, lambda part: pd.DataFrame())] == []
