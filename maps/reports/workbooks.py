"""Write sheets of rows as an XLSX file; the same rows give the same bytes."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from maps.reports.cells import cell_value

MOST_ROWS = 1_048_576
"""Rows that a sheet can hold."""

_MOMENT = (1980, 1, 1, 0, 0, 0)
_CLOCK = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*")


@dataclass(frozen=True)
class Sheet:
    """One sheet.

    Attributes
    ----------
    title
        Its name.
    rows
        Rows of values; a row that is wrapped in `Heads` is bold.
    widths
        Of the columns, in characters.
    frozen
        Whether the first row stays in view.
    """

    title: str
    rows: Iterable[Sequence[object]]
    widths: tuple[int, ...] = ()
    frozen: bool = False


class Heads(tuple[object, ...]):
    """A row of heads."""


def render_workbook(sheets: Sequence[Sheet]) -> bytes:
    """Return the sheets as an XLSX file, every cell as `cell_value` lets it stand."""
    book = Workbook(write_only=True)
    for sheet in sheets:
        page = book.create_sheet(re.sub(r"[\[\]:*?/\\]", " ", sheet.title)[:31])
        for number, width in enumerate(sheet.widths):
            page.column_dimensions[chr(ord("A") + number)].width = width
        if sheet.frozen:
            page.freeze_panes = "A2"
        for row in sheet.rows:
            page.append(_cells(page, row))
    written = io.BytesIO()
    book.save(written)
    return _without_clock(written.getvalue())


# -------------------------------------------------------------------------------------------


def _cells(page: object, row: Sequence[object]) -> list[object]:
    bold = isinstance(row, Heads)
    return [
        _dressed(page, value, bold=bold)
        # openpyxl takes "#N/A" for an error, which no text of a row is
        if isinstance(value, str) and (bold or value.startswith("#"))
        else value
        for value in map(cell_value, row)
    ]


def _dressed(page: object, value: str, *, bold: bool) -> WriteOnlyCell:
    cell = WriteOnlyCell(page, value)
    cell.data_type = "s"
    if bold:
        cell.font = Font(bold=True)
    return cell


def _without_clock(content: bytes) -> bytes:
    """Pack the archive anew without the moment at which it was written."""
    packed = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            part = old.read(name)
            if name == "docProps/core.xml":
                part = _CLOCK.sub(rb"\g<1>1980-01-01T00:00:00Z", part)
            info = zipfile.ZipInfo(name, _MOMENT)
            info.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(info, part)
    return packed.getvalue()
