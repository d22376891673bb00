"""The form of a sheet of text: where its heads stand, and which rows are none of its data.

Shared by CSV files and workbooks: a source gives the lines of one sheet as texts, `read_sheet`
finds the heads below the title rows and yields the rows under them, with the rows that only sum up
or repeat the heads marked. `join_sheets` puts several sheets into one table.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import Any

from data.importers.parsing.raw_columns import (
    BLOCK_ROWS,
    FAULT,
    RAW,
    ROW,
    SHEET,
    Block,
    Rows,
    refusal,
)
from data.importers.parsing.sheet_heads import SEARCHED_ROWS, find_heads

Line = tuple[int, list[str]]
"""Number of a row as a person sees it, and the text of its cells, ``""`` where one is empty."""

# In the first cell that is not empty, perhaps after a number. "Жалпы" also begins the names of
# schools, so it must stand alone.
_BEFORE_TOTALS = " \t\xa0\x1f.\"'«№0123456789"
_FIRST_OF_TOTALS = frozenset("бБжЖиИвВпПtTsSgG")
_TOTALS = re.compile(
    r"(?:барлығы|барлыгы|жиыны|итого|всего|подытог|(?:sub|grand )?total)(?![^\W_])"
    r"|жалпы(?: саны| сомасы)?\s*:?\s*(?:\x1f|$)",
    re.IGNORECASE,
)
_LETTERS = re.compile(r"[^\W\d_]{2}")
_TEXTS_OF_A_TOTAL = 2  # the word itself and one more: "Итого | по городу | 150"


def read_sheet(
    lines: Iterable[Line], place: str, facts: dict[str, Any], *, padded: bool = False
) -> Rows:
    r"""Find the heads of a sheet and return the rows below them.

    Blank rows are no rows. A totals row has the fault ``"\ttotals_row"``, a row that repeats the
    heads ``"\trepeated_head"``, one of another length than the heads ``"\trow_shape"``. Heads in
    two rows (a merged head over several) become one row: the lower head, with the upper before it
    only where the lower alone would stand twice.

    Parameters
    ----------
    lines
        The sheet's rows from its first one; blank ones may be left out. Merged heads stand in the
        first of their cells, the others are empty.
    place
        For messages: the file, or file and sheet.
    facts
        Gains ``title_rows``, ``head_rows`` (the largest of all sheets), ``totals_rows`` and
        ``repeated_heads``, each added to what is there.
    padded
        A row may be shorter than the heads (a workbook does not write empty cells at the end).

    Raises
    ------
    InputRefusedError
        ``header_duplicate``, ``csv_invalid``, ``too_many_columns``, ``no_rows`` (not one line).
    """
    held = ((number, cells) for number, cells in lines if any(cells))
    sample = list(islice(held, SEARCHED_ROWS))
    if not sample:
        raise refusal("no_rows", f"{place} has no row; nothing was stored.")
    heads = find_heads([cells for _, cells in sample], place)
    facts["title_rows"] = facts.get("title_rows", 0) + heads.first
    facts["head_rows"] = max(facts.get("head_rows", 1), heads.rows)
    facts.setdefault("totals_rows", 0)
    facts.setdefault("repeated_heads", 0)

    start = heads.first + heads.rows
    above = {_as_one(cells) for _, cells in sample[heads.first : start]}
    below = chain(sample[start:], held)
    form = _Form(heads.names, above, facts, padded)
    return Rows(heads.names, form.blocks(below), heads.parents)


def join_sheets(sheets: dict[str, Rows]) -> Rows:
    """Put sheets one below the other: heads of all in order, name of the sheet under ``SHEET``.

    A single sheet has no name: its ``SHEET`` stays null.
    """
    if len(sheets) == 1:
        return next(iter(sheets.values()))
    heads = dict.fromkeys(head for rows in sheets.values() for head in rows.heads)
    parents = {head: up for rows in sheets.values() for head, up in rows.parents.items()}
    positioned = any(rows.positioned for rows in sheets.values())
    return Rows(tuple(heads), _named_blocks(sheets), parents, positioned)


# -------------------------------------------------------------------------------------------


def _named_blocks(sheets: dict[str, Rows]) -> Iterator[Block]:
    for name, rows in sheets.items():
        for block in rows.blocks:
            yield {**block, SHEET: [name] * len(block[ROW])}


def _begins_like_totals(text: str) -> bool:
    start = text.lstrip(_BEFORE_TOTALS)
    return start[:1] in _FIRST_OF_TOTALS and _TOTALS.match(start) is not None


def _as_one(cells: list[str]) -> str:
    return "\x1f".join(cells).rstrip("\x1f")


class _Form:
    """Turns the lines of one sheet into blocks of columns."""

    def __init__(
        self, names: tuple[str, ...], above: set[str], facts: dict[str, Any], padded: bool
    ) -> None:
        self._names = names
        self._above = above
        self._facts = facts
        self._padded = padded

    def blocks(self, lines: Iterator[Line]) -> Iterator[Block]:
        """Yield the rows in blocks."""
        while chunk := list(islice(lines, BLOCK_ROWS)):
            numbers, rows = zip(*chunk, strict=True)
            yield self._block(numbers, list(rows))

    def _block(self, numbers: tuple[int, ...], rows: list[list[str]]) -> Block:
        whole = [_as_one(cells) for cells in rows]
        faults = [
            self._fault_of(text, cells)
            if text in self._above or _begins_like_totals(text)
            else None
            for text, cells in zip(whole, rows, strict=True)
        ]
        width = len(self._names)
        for place, cells in enumerate(rows):
            if len(cells) != width:
                if any(cells[width:]) or (len(cells) < width and not self._padded):
                    faults[place] = faults[place] or "\trow_shape"
                rows[place] = [*cells[:width], *[""] * (width - len(cells))]
        columns: Block = dict(zip(self._names, zip(*rows, strict=True), strict=True))
        raw = [hashlib.sha256(text.encode()).digest() for text in whole]
        return {**columns, ROW: numbers, RAW: raw, FAULT: faults}

    def _fault_of(self, text: str, cells: list[str]) -> str | None:
        if text in self._above:
            self._facts["repeated_heads"] += 1
            return "\trepeated_head"
        texts = sum(_LETTERS.search(cell) is not None for cell in cells)
        if texts > _TEXTS_OF_A_TOTAL or len(self._names) < 2:
            return None
        self._facts["totals_rows"] += 1
        return "\ttotals_row"
