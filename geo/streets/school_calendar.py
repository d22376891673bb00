"""On which days children walk to school: terms, holidays and days off of each school year.

The days come from a dated table that an office can edit (``data/codes/school_calendar.csv``). A
school year that the table does not know is not guessed at day by day: its months then carry the
assumed mean of 191 / 12 school days.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from geo.errors import UsageError
from geo.parameters import HazardParameters

DayArray = npt.NDArray[np.datetime64]
BoolArray = npt.NDArray[np.bool_]

TERM, HOLIDAY, DAY_OFF, SIX_DAY_WEEK = "term", "holiday", "day off", "six-day week"
KINDS = (TERM, HOLIDAY, DAY_OFF, SIX_DAY_WEEK)

FROM_CALENDAR, ASSUMED = "calendar", "assumed"
WITHOUT_DAYS = "calendar_without_school_days"

_SATURDAY = 5


@dataclass(frozen=True)
class CalendarSpan:
    """Days that a calendar says something of.

    Attributes
    ----------
    school_year
        Such as ``2025-2026``; it runs from 1 September to 31 August.
    kind
        One of `KINDS`: school is held in a term, save on holidays and days off, from Monday to
        Friday, in a six-day week on Saturdays too.
    first, last
        Both included.
    verified
        Whether the order that sets them was read.
    """

    school_year: str
    kind: str
    first: date
    last: date
    verified: bool = False


@dataclass(frozen=True)
class SchoolMonth:
    """How many school days a month has, and from what that is known.

    Attributes
    ----------
    days
        School days; for the mean month of a year a twelfth of the year's.
    basis
        ``calendar`` or ``assumed``.
    fault
        What was wrong with the calendar where it could not be used, such as
        ``calendar_without_school_days``.
    """

    days: float
    basis: str
    fault: str | None = None


@dataclass(frozen=True)
class SchoolCalendar:
    """The school days of all school years that a table knows.

    Examples
    --------
    >>> term = CalendarSpan("2025-2026", TERM, date(2025, 9, 1), date(2025, 9, 30))
    >>> off = CalendarSpan("2025-2026", DAY_OFF, date(2025, 9, 2), date(2025, 9, 2))
    >>> calendar = SchoolCalendar((term, off))
    >>> calendar.is_school_day(date(2025, 9, 2)), calendar.is_school_day(date(2025, 9, 3))
    (False, True)
    >>> calendar.days_by_month("2025-2026")["2025-09"]
    21
    """

    spans: tuple[CalendarSpan, ...]

    def covers(self, day: date) -> bool:
        """Tell whether the table knows the school year of a day."""
        return school_year_of(day) in {span.school_year for span in self.spans}

    def is_school_day(self, day: date) -> bool | None:
        """Tell whether school is held on a day; None in a school year that is not known."""
        return bool(len(self.school_days(day, day))) if self.covers(day) else None

    def school_days(self, first: date, last: date) -> DayArray:
        """Return the school days between two days, both included, in order.

        Days of school years that the table does not know are no school days: see `covers`.

        Raises
        ------
        UsageError
            ``period_reversed``.
        """
        if last < first:
            raise UsageError(
                f"The last day {last} lies before the first day {first}.", code="period_reversed"
            )
        days = np.arange(np.datetime64(first, "D"), np.datetime64(last, "D") + 1)
        weekday = (days.astype(np.int64) + 3) % 7  # 1 January 1970 was a Thursday
        on_saturday = self._within(days, SIX_DAY_WEEK) & (weekday == _SATURDAY)
        held = self._within(days, TERM) & ((weekday < _SATURDAY) | on_saturday)
        return days[held & ~self._within(days, HOLIDAY) & ~self._within(days, DAY_OFF)]

    def days_by_month(self, school_year: str) -> dict[str, int]:
        """Count the school days of the twelve months from September, such as ``2025-12``.

        Raises
        ------
        UsageError
            ``calendar_without_school_days``, or ``school_year_unknown``.
        """
        if school_year not in {span.school_year for span in self.spans}:
            raise UsageError(
                f"The school calendar has no year {school_year[:16]!r}; add its rows.",
                code="school_year_unknown",
            )
        first = date(int(school_year[:4]), 9, 1)
        days = self.school_days(first, date(first.year + 1, 8, 31)).astype("datetime64[M]")
        if not len(days):
            raise UsageError(
                f"The school calendar holds no school day in {school_year}: give the dates of its "
                "terms and look whether a holiday covers them all.",
                code=WITHOUT_DAYS,
            )
        months = np.datetime64(first, "M") + np.arange(12)
        return {str(month): int((days == month).sum()) for month in months}

    def first_school_day(self, since: date) -> date | None:
        """Return the first school day of the year from a day on, None where there is none."""
        days = self.school_days(since, since + timedelta(days=365))
        return days[0].astype(date) if len(days) else None

    def is_verified(self, day: date) -> bool:
        """Tell whether every row about the school year of a day was read in its order."""
        return all(span.verified for span in self.spans if span.school_year == school_year_of(day))

    def _within(self, days: DayArray, kind: str) -> BoolArray:
        inside = np.zeros(len(days), bool)
        for span in self.spans:
            if span.kind == kind:
                inside |= (days >= np.datetime64(span.first)) & (days <= np.datetime64(span.last))
        return inside


def school_year_of(day: date) -> str:
    """Name the school year of a day; it begins on 1 September.

    Examples
    --------
    >>> school_year_of(date(2026, 8, 31)), school_year_of(date(2026, 9, 1))
    ('2025-2026', '2026-2027')
    """
    first = day.year if day.month >= 9 else day.year - 1
    return f"{first}-{first + 1}"


def assumed_month(parameters: HazardParameters) -> SchoolMonth:
    """Return the mean month of a year of 191 school days."""
    return SchoolMonth(parameters.school_days_per_year / 12, ASSUMED)


def mean_school_month(
    calendar: SchoolCalendar | None, day: date, parameters: HazardParameters
) -> SchoolMonth:
    """Return the mean month of a day's school year; 191 / 12 days where it is not known.

    A calendar that leaves the year without a school day is not followed, and says so.
    """
    if calendar is None or not calendar.covers(day):
        return assumed_month(parameters)
    try:
        counted = calendar.days_by_month(school_year_of(day))
    except UsageError as error:
        return replace(assumed_month(parameters), fault=error.code)
    return SchoolMonth(sum(counted.values()) / 12, FROM_CALENDAR)


def school_month(
    calendar: SchoolCalendar | None, day: date, parameters: HazardParameters
) -> SchoolMonth:
    """Return the month of a day; one without school has 0 days, which hides the school walk.

    Where the school year is not known or has no school day at all, the mean month stands for it.
    """
    mean = mean_school_month(calendar, day, parameters)
    if calendar is None or mean.basis == ASSUMED:
        return mean
    counted = calendar.days_by_month(school_year_of(day))
    return SchoolMonth(float(counted[f"{day:%Y-%m}"]), FROM_CALENDAR)
