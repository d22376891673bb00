"""What the XML of a worksheet tells beside the values: hidden rows, errors, uncounted formulas.

python-calamine gives the values only, and makes room for every cell between the first and the
last one: a sheet with two cells in opposite corners would need half a terabyte. So each sheet is
streamed once before, with the little of it noted that is needed.
"""

from __future__ import annotations

import posixpath
import zipfile
from array import array
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat

from data.importers.parsing.raw_columns import refusal

WORKBOOK = "xl/workbook.xml"

_RELATIONS = "xl/_rels/workbook.xml.rels"
_TRUE = {"1", "true"}
_DIGITS = "0123456789"
_MOST_PLACES = 1 << 23  # from A1 to the last cell: half a million rows of 16 columns


@dataclass
class SheetMarks:
    """Marks of one sheet; rows and columns count from 1.

    Attributes
    ----------
    rows, columns
        Of the last cell with a value.
    valued_rows
        Rows that hold a value.
    hidden_rows
        Rows that hold a value and are hidden.
    error_rows, error_columns
        Places of the cells with an error such as #N/A, and of formulas that were never computed
        (`uncertain`: only if the cell turns out to be empty).
    """

    rows: int = 0
    columns: int = 0
    valued_rows: int = 0
    hidden_rows: int = 0
    error_rows: array[int] = field(default_factory=lambda: array("L"))
    error_columns: array[int] = field(default_factory=lambda: array("L"))
    uncertain: array[int] = field(default_factory=lambda: array("B"))


def sheet_parts(path: Path) -> dict[str, str]:
    """Return the names of the sheets of a workbook with the archive's members that hold them."""
    sheets = _Elements({"sheet"})
    relations = _Elements({"Relationship"})
    with zipfile.ZipFile(path) as archive:
        for name, elements in ((WORKBOOK, sheets), (_RELATIONS, relations)):
            _parse(archive, name, path, elements.start)
    targets = {found.get("Id"): found.get("Target", "") for found in relations.found}
    return {
        found["name"]: _member(targets[found["r:id"]])
        for found in sheets.found
        if "name" in found and found.get("r:id") in targets
    }


def read_sheet_marks(path: Path, member: str) -> SheetMarks:
    """Stream one sheet and return its marks.

    Raises
    ------
    InputRefusedError
        ``format_mismatch`` for a document type in it, ``file_damaged``, ``sheet_too_large``.
    """
    marks = _Marks()
    with zipfile.ZipFile(path) as archive:
        _parse(archive, member, path, marks.start)
    found = marks.marks
    if found.rows * found.columns > _MOST_PLACES:
        raise refusal(
            "sheet_too_large",
            f"{path.name} has a sheet whose last cell stands in row {found.rows}, column "
            f"{found.columns}; delete the stray cells far from the table, or split it.",
        )
    return found


# -------------------------------------------------------------------------------------------


class _Elements:
    """Collects the attributes of some elements."""

    def __init__(self, names: set[str]) -> None:
        self._names = names
        self.found: list[dict[str, str]] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name.rpartition(":")[2] in self._names:
            own = {"r:id" if key.endswith(":id") else key: text for key, text in attributes.items()}
            self.found.append(own)


class _Marks:
    """Follows the elements of a sheet; expat calls `start` for each."""

    def __init__(self) -> None:
        self.marks = SheetMarks()
        self._columns: dict[str, int] = {}
        self._row = 0
        self._column = 0
        self._kind = ""
        self._hidden = False
        self._seen = False  # a value in this row

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if ":" in name:
            name = name.rpartition(":")[2]
        if name == "c":
            reference = attributes.get("r")
            self._column = self._place(reference) if reference else self._column + 1
            self._kind = attributes.get("t", "n")
        elif name in ("v", "is"):
            self._note_value()
        elif name == "f":
            if self._kind not in ("str", "e"):
                self._note_error(uncertain=True)
        elif name == "row":
            number = attributes.get("r", "")
            self._row = int(number) if number.isdecimal() else self._row + 1
            self._column = 0
            self._hidden = attributes.get("hidden") in _TRUE
            self._seen = False

    def _note_value(self) -> None:
        marks = self.marks
        if not self._seen:
            self._seen = True
            marks.valued_rows += 1
            marks.hidden_rows += self._hidden
            marks.rows = max(marks.rows, self._row)
        marks.columns = max(marks.columns, self._column)
        if self._kind == "e":
            self._note_error(uncertain=False)

    def _note_error(self, *, uncertain: bool) -> None:
        self.marks.rows = max(self.marks.rows, self._row)
        self.marks.columns = max(self.marks.columns, self._column)
        self.marks.error_rows.append(self._row)
        self.marks.error_columns.append(self._column)
        self.marks.uncertain.append(uncertain)

    def _place(self, reference: str) -> int:
        letters = reference.rstrip(_DIGITS)
        place = self._columns.get(letters)
        if place is None:
            place = 0
            for letter in letters.upper():
                place = min(place * 26 + ord(letter) - 64, 1 << 20)
            self._columns[letters] = place = max(place, 1)
        return place


def _member(target: str) -> str:
    name = posixpath.normpath(posixpath.join("/xl", target))
    return name.lstrip("/")


def _parse(
    archive: zipfile.ZipFile,
    member: str,
    path: Path,
    start: Callable[[str, dict[str, str]], None],
) -> None:
    def refuse_document_type(*_: object) -> None:
        raise refusal(
            "format_mismatch",
            f"{path.name} declares a document type inside; a workbook needs none. Save it again.",
        )

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse_document_type
    parser.StartElementHandler = start
    try:
        with archive.open(_known(archive, member, path)) as file:
            parser.ParseFile(file)
    except (expat.ExpatError, LookupError, ValueError, OverflowError) as error:
        raise refusal(
            "file_damaged", f"{path.name} holds broken XML; save the workbook again."
        ) from error


def _known(archive: zipfile.ZipFile, member: str, path: Path) -> str:
    # Excel and python-calamine find a member whatever its case.
    names = {name.lower(): name for name in archive.namelist()}
    if member.lower() not in names:
        raise refusal(
            "file_damaged", f"{path.name} lacks a part that it names; save the workbook again."
        )
    return names[member.lower()]
