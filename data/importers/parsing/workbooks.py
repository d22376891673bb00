"""The rows of a workbook (XLSX, XLSM): every visible sheet with the same heads, one by one.

python-calamine reads the values as they were last computed; nothing is calculated and no macro
runs. The archive is counted through before (`data.importers.parsing.archives`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import python_calamine as calamine

from data.importers.parsing.archives import WORKBOOK_ARCHIVE, check_archive
from data.importers.parsing.cell_texts import value_text
from data.importers.parsing.raw_columns import Block, Rows, refusal
from data.importers.parsing.sheet_completion import SheetCompletion
from data.importers.parsing.sheet_form import Line, join_sheets, read_sheet
from data.importers.parsing.sheet_marks import SheetMarks, read_sheet_marks, sheet_parts
from geo.errors import InputRefusedError

_SAME = 0.75  # of the heads of two sheets; a clerk adds a column of notes to one of them


@dataclass(frozen=True)
class _Sheet:
    """A sheet that can be read: its place in the workbook and its marks."""

    name: str
    marks: SheetMarks


def read_workbook(path: Path, options: dict[str, Any], facts: dict[str, Any]) -> Rows:
    """Return the rows of a workbook.

    Sheets are taken together where they share three quarters of their heads; of several such
    sets the one with the most rows is read. A merged cell below the heads holds for all rows that
    it spans.

    Parameters
    ----------
    path
        The file.
    options
        ``sheet``: the one sheet to read, even if it is hidden; or None.
    facts
        Gains ``sheets``, ``sheets_skipped`` (name → why), ``hidden_sheets``, ``hidden_rows``,
        ``merged_cells``, ``cell_errors`` and what `read_sheet` tells.

    Raises
    ------
    InputRefusedError
        ``archive_unsafe``, ``file_damaged``, ``format_mismatch``, ``sheet_unknown``,
        ``sheet_too_large``, ``no_rows`` and what `read_sheet` refuses.
    """
    check_archive(path, WORKBOOK_ARCHIVE)
    parts = sheet_parts(path)
    book = _open(path)
    names = _chosen(book, parts, path, options.get("sheet"), facts)
    sheets = [_Sheet(name, read_sheet_marks(path, parts[name])) for name in names]
    filled = [sheet for sheet in sheets if sheet.marks.rows]
    facts["sheets_skipped"] = {sheet.name: "empty" for sheet in sheets if not sheet.marks.rows}
    if not filled:
        raise refusal("no_rows", f"{path.name} has no sheet with rows; nothing was stored.")

    reader = _Reader(book, path, facts)
    if len(filled) > 1:
        filled = reader.alike(filled)
    facts["sheets"] = [sheet.name for sheet in filled]
    facts["hidden_rows"] = sum(sheet.marks.hidden_rows for sheet in filled)
    facts["merged_cells"] = facts["cell_errors"] = 0
    return join_sheets({sheet.name: reader.rows(sheet) for sheet in filled})


# -------------------------------------------------------------------------------------------


def _open(path: Path) -> calamine.CalamineWorkbook:
    try:
        return calamine.CalamineWorkbook.from_path(path)
    except calamine.PasswordError as error:
        raise refusal("archive_unsafe", f"{path.name} is protected by a password.") from error
    except (calamine.CalamineError, OSError) as error:
        raise _damaged(path) from error


def _damaged(path: Path) -> InputRefusedError:
    return refusal("file_damaged", f"{path.name} is a broken workbook; save it again.")


def _chosen(
    book: calamine.CalamineWorkbook,
    parts: dict[str, str],
    path: Path,
    wanted: str | None,
    facts: dict[str, Any],
) -> list[str]:
    known = [
        sheet
        for sheet in book.sheets_metadata
        if sheet.typ == calamine.SheetTypeEnum.WorkSheet and sheet.name in parts
    ]
    hidden = [sheet.name for sheet in known if sheet.visible != calamine.SheetVisibleEnum.Visible]
    facts["hidden_sheets"] = [name for name in hidden if name != wanted]
    if wanted is None:
        return [sheet.name for sheet in known if sheet.name not in hidden]
    if wanted not in [sheet.name for sheet in known]:
        listed = ", ".join(repr(sheet.name[:64]) for sheet in known[:20])
        raise refusal(
            "sheet_unknown", f"{path.name} has no sheet {wanted[:64]!r}; it has {listed}."
        )
    return [wanted]


class _Reader:
    """Reads sheets of one workbook, each only when its rows are asked for."""

    def __init__(self, book: calamine.CalamineWorkbook, path: Path, facts: dict[str, Any]) -> None:
        self._book = book
        self._path = path
        self._facts = facts
        self._known: dict[str, Rows] = {}

    def alike(self, sheets: list[_Sheet]) -> list[_Sheet]:
        """Return the sheets of the set with the most rows; note the others as skipped."""
        skipped = self._facts["sheets_skipped"]
        failures = []
        for sheet in sheets:
            try:
                self._known[sheet.name] = self._read(sheet, {})
            except InputRefusedError as error:
                skipped[sheet.name] = error.code
                failures.append(error)
        if not self._known:
            raise failures[0]

        heads = {name: set(rows.heads) for name, rows in self._known.items()}
        sets = [
            [other for other in sheets if _share(heads[name], heads.get(other.name)) >= _SAME]
            for name in heads
        ]
        best = max(sets, key=lambda alike: sum(sheet.marks.valued_rows for sheet in alike))
        skipped |= {
            name: "other_heads" for name in heads if name not in {sheet.name for sheet in best}
        }
        return best

    def rows(self, sheet: _Sheet) -> Rows:
        """Return the rows of one sheet; where its heads are known, it is opened when taken."""
        known = self._known.get(sheet.name)
        if known is None:
            return self._read(sheet, self._facts)
        return Rows(known.heads, self._later(sheet), known.parents)

    def _later(self, sheet: _Sheet) -> Iterator[Block]:
        yield from self._read(sheet, self._facts).blocks

    def _read(self, sheet: _Sheet, facts: dict[str, Any]) -> Rows:
        cells = self._cells(sheet.name)
        completion = SheetCompletion(sheet.marks, cells.merged_cell_ranges or [])
        place = f"{self._path.name}, sheet {sheet.name[:64]!r}"
        rows = read_sheet(completion.lines(_texts(cells)), place, facts, padded=True)
        return Rows(rows.heads, completion.blocks(rows, facts), rows.parents)

    def _cells(self, name: str) -> calamine.CalamineSheet:
        try:
            return self._book.get_sheet_by_name(name)
        except calamine.CalamineError as error:
            raise _damaged(self._path) from error


def _share(heads: set[str], others: set[str] | None) -> float:
    return len(heads & others) / len(heads | others) if others else 0.0


def _texts(cells: calamine.CalamineSheet) -> Iterator[Line]:
    left = [""] * (cells.start[1] if cells.start else 0)  # iter_rows leaves empty columns out
    for number, row in enumerate(cells.iter_rows(), start=1):
        yield number, left + [cell if type(cell) is str else value_text(cell) for cell in row]
