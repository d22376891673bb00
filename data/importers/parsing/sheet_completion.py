"""Complete the rows of a worksheet: cells with errors, and cells merged over several rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np

from data.importers.parsing.raw_columns import FAULT, ROW, Block, Rows
from data.importers.parsing.sheet_form import Line
from data.importers.parsing.sheet_marks import SheetMarks

Corners = tuple[tuple[int, int], tuple[int, int]]
"""First and last cell of a merged range, row and column, both from 0."""

_ERROR = "#ERROR"  # stands in a cell with an error until its row has its fault


class _Merged(NamedTuple):
    """A merged range, rows from 1 and columns from 0, and the text that holds for it."""

    first: int
    last: int
    columns: range
    text: str = ""


class SheetCompletion:
    """Completes one sheet on its way: first `lines`, then the `blocks` made of them."""

    def __init__(self, marks: SheetMarks, merged: Iterable[Corners]) -> None:
        order = np.lexsort((marks.error_columns, marks.error_rows))
        self._rows = np.asarray(marks.error_rows, np.int64)[order]
        self._columns = np.asarray(marks.error_columns, np.int64)[order] - 1
        self._uncertain = np.asarray(marks.uncertain, bool)[order]
        # A range in one row is a title, a total or a head over several columns: no value of each.
        ranges = [
            _Merged(top + 1, bottom + 1, range(left, right + 1))
            for (top, left), (bottom, right) in merged
            if bottom > top
        ]
        self._ahead = sorted(ranges, key=lambda one: one.first, reverse=True)
        self._open: list[_Merged] = []

    def lines(self, lines: Iterable[Line]) -> Iterator[Line]:
        """Yield the lines with a sign in each cell that has an error.

        Without it a row of nothing but errors would be blank, and vanish.
        """
        after = 0
        for number, cells in lines:
            while after < len(self._rows) and self._rows[after] <= number:
                if self._rows[after] == number:
                    self._sign(after, cells)
                after += 1
            yield number, cells
        while after < len(self._rows):  # below the last value
            number, cells = int(self._rows[after]), []
            while after < len(self._rows) and self._rows[after] == number:
                self._sign(after, cells)
                after += 1
            yield number, cells

    def blocks(self, rows: Rows, facts: dict[str, Any]) -> Iterator[Block]:
        """Yield the blocks with merged cells filled and errors turned into faults.

        ``facts`` gains ``merged_cells`` (cells filled) and ``cell_errors``.
        """
        for block in rows.blocks:
            columns: dict[str, list[Any]] = {}
            facts["merged_cells"] = facts.get("merged_cells", 0) + self._fill(
                block, rows.heads, columns
            )
            facts["cell_errors"] = facts.get("cell_errors", 0) + self._fault(
                block, rows.heads, columns
            )
            yield {**block, **columns}

    def _sign(self, mark: int, cells: list[str]) -> None:
        column = int(self._columns[mark])
        cells.extend([""] * (column + 1 - len(cells)))
        if not self._uncertain[mark] or not cells[column]:
            cells[column] = _ERROR

    def _fill(self, block: Block, heads: tuple[str, ...], columns: dict[str, list[Any]]) -> int:
        numbers = np.asarray(block[ROW])
        while self._ahead and self._ahead[-1].first <= numbers[-1]:
            merged = self._ahead.pop()
            at = int(np.searchsorted(numbers, merged.first))
            column = merged.columns.start
            # Where it begins among the heads or titles, it is no value of the rows.
            if numbers[at] == merged.first and column < len(heads):
                text = block[heads[column]][at]
                if text and text != _ERROR:
                    self._open.append(merged._replace(text=text))

        filled = 0
        for merged in self._open:
            start, end = np.searchsorted(numbers, (merged.first, merged.last + 1))
            for column in merged.columns[: len(heads) - merged.columns.start]:
                texts = columns.setdefault(heads[column], list(block[heads[column]]))
                for at in range(int(start), int(end)):
                    if not texts[at]:
                        texts[at] = merged.text
                        filled += 1
        self._open = [merged for merged in self._open if merged.last > numbers[-1]]
        return filled

    def _fault(self, block: Block, heads: tuple[str, ...], columns: dict[str, list[Any]]) -> int:
        numbers = np.asarray(block[ROW])
        first = int(np.searchsorted(self._rows, numbers[0]))
        last = int(np.searchsorted(self._rows, numbers[-1], side="right"))
        if first == last:
            return 0
        columns[FAULT] = faults = list(block.get(FAULT) or [None] * len(numbers))
        found = 0
        for mark in range(first, last):
            at = int(np.searchsorted(numbers, self._rows[mark]))
            column = int(self._columns[mark])
            if numbers[at] != self._rows[mark] or column >= len(heads):
                continue
            head = heads[column]
            texts = columns.setdefault(head, list(block[head]))
            if texts[at] == _ERROR:
                texts[at] = ""
                faults[at] = faults[at] or f"{head}\tcell_error"
                found += 1
        return found
