"""Cells of a table that people open in a spreadsheet: text never becomes a formula there."""

from __future__ import annotations

import datetime as dt
import re

CellValue = str | int | float | bool | dt.date | None

_FORMULA = re.compile("[\\s\x00-\x1f\u00ad\u200b-\u200f\u2060\ufeff]*[=+\\-@＝＋－＠﹢﹣﹦﹫−]")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def cell_value(value: object) -> CellValue:
    """Return what may stand in a cell: numbers, days and truth as they are, all else as safe text.

    Text that a spreadsheet would run as a formula gets an apostrophe before it; characters that a
    sheet cannot hold become a blank box.

    Examples
    --------
    >>> cell_value("=1+1"), cell_value(-1.5), cell_value("Абай көшесі")
    ("'=1+1", -1.5, 'Абай көшесі')
    """
    if value is None or isinstance(value, bool | int | float | dt.date):
        return value
    text = str(value).encode("utf-8", "replace").decode()
    risky = text[:1] in ("\t", "\r", "\n", "\x00") or _FORMULA.match(text)
    return ("'" if risky else "") + _CONTROL.sub("\ufffd", text)
