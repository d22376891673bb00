"""The dated table of school years: terms, holidays and days off, which an office can edit.

The table of the same name in an office's own folder goes before the package's, a school year at
a time: a year that it names is the office's alone.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import date
from importlib import resources
from pathlib import Path

from data.codes.code_files import Cells, read_table
from data.codes.own_tables import own_text
from geo.streets.school_calendar import KINDS, CalendarSpan, SchoolCalendar

FILE = "school_calendar.csv"
HEADS = ("school_year", "kind", "from", "to", "source", "verified")


@dataclass(frozen=True)
class CalendarTable:
    """The school calendar, with the SHA-256 of its files by which a run can name it."""

    calendar: SchoolCalendar
    digest: str


def school_calendar(folder: Path | None = None) -> CalendarTable:
    """Read the calendar, with the school years of an office's folder before the package's.

    Parameters
    ----------
    folder
        May hold ``school_calendar.csv`` with the heads of the package's. None, or a folder that
        is not there, for the package's own.

    Raises
    ------
    UsageError
        ``code_table_invalid``: names file, row and field.
    """
    package = resources.files(__package__).joinpath(FILE).read_text(encoding="utf-8")
    own = own_text(folder, FILE)
    above = _spans(own) if own is not None else ()
    named = {span.school_year for span in above}
    below = [span for span in _spans(package) if span.school_year not in named]
    digest = hashlib.sha256("\0".join([package, own or ""]).encode()).hexdigest()
    return CalendarTable(SchoolCalendar((*below, *above)), digest)


# -------------------------------------------------------------------------------------------

_YEAR = re.compile(r"20\d{2}-20\d{2}")


@dataclass(frozen=True)
class _CalendarRow:
    """A row of the table while its neighbours are looked at."""

    span: CalendarSpan
    valid_from: date
    valid_to: date

    @property
    def key(self) -> tuple[str, ...]:
        """Two rows of one kind must not share a day."""
        return (self.span.school_year, self.span.kind)


def _spans(text: str) -> tuple[CalendarSpan, ...]:
    return tuple(row.span for row in read_table(text, FILE, HEADS, _calendar_row))


def _calendar_row(cells: Cells) -> _CalendarRow:
    year = cells.like("school_year", _YEAR, "2025-2026")
    start = int(year[:4])
    if int(year[5:]) != start + 1:
        raise cells.fault("school_year", "is not two years that follow each other")
    first, last = _day_in(cells, "from", start), _day_in(cells, "to", start)
    if last < first:
        raise cells.fault("to", "lies before from")
    cells.filled("source")
    span = CalendarSpan(
        school_year=year,
        kind=cells.one_of("kind", KINDS),
        first=first,
        last=last,
        verified=cells.yes("verified"),
    )
    return _CalendarRow(span, first, last)


def _day_in(cells: Cells, field: str, start: int) -> date:
    cells.filled(field)
    day = cells.day(field)
    assert day is not None
    if not date(start, 9, 1) <= day <= date(start + 1, 8, 31):
        raise cells.fault(field, "lies outside the school year, 1 September to 31 August")
    return day
