"""School days must come from the dated table, and a year without them must be named."""

from datetime import date

import numpy as np
import pytest

from geo.errors import UsageError
from geo.parameters import HazardParameters
from geo.streets.school_calendar import (
    ASSUMED,
    DAY_OFF,
    FROM_CALENDAR,
    HOLIDAY,
    SIX_DAY_WEEK,
    TERM,
    WITHOUT_DAYS,
    CalendarSpan,
    SchoolCalendar,
    mean_school_month,
    school_month,
)

PARAMETERS = HazardParameters()
YEAR = "2025-2026"


def calendar(*spans):
    """Rows of one school year: (kind, first, last)."""
    return SchoolCalendar(
        tuple(
            CalendarSpan(YEAR, kind, date.fromisoformat(first), date.fromisoformat(last))
            for kind, first, last in spans
        )
    )


# September 2025 begins on a Monday and has 22 weekdays and 4 Saturdays.
SEPTEMBER = (TERM, "2025-09-01", "2025-09-30")


def test_school_is_held_on_the_weekdays_of_a_term():
    days = calendar(SEPTEMBER).school_days(date(2025, 8, 1), date(2025, 10, 31))
    assert len(days) == 22
    assert (days[0], days[-1]) == (np.datetime64("2025-09-01"), np.datetime64("2025-09-30"))
    assert set((days.astype(int) + 3) % 7) == {0, 1, 2, 3, 4}


def test_a_six_day_week_adds_the_saturdays_of_its_days_alone():
    half = (SIX_DAY_WEEK, "2025-09-01", "2025-09-14")
    assert len(calendar(SEPTEMBER, half).school_days(date(2025, 9, 1), date(2025, 9, 30))) == 24


def test_holidays_and_days_off_are_taken_out():
    off = [(HOLIDAY, "2025-09-08", "2025-09-14"), (DAY_OFF, "2025-09-16", "2025-09-16")]
    one = calendar(SEPTEMBER, *off)
    assert len(one.school_days(date(2025, 9, 1), date(2025, 9, 30))) == 22 - 5 - 1
    assert [one.is_school_day(date(2025, 9, day)) for day in (5, 8, 15, 16)] == [
        True, False, True, False,
    ]  # fmt: skip


def test_summer_of_a_known_year_is_no_school_and_another_year_is_not_known():
    one = calendar(SEPTEMBER)
    assert one.is_school_day(date(2026, 8, 31)) is False
    assert one.is_school_day(date(2026, 9, 1)) is None
    assert one.first_school_day(date(2025, 9, 6)) == date(2025, 9, 8)
    assert one.first_school_day(date(2025, 10, 1)) is None


def test_months_are_counted_from_september():
    counted = calendar(SEPTEMBER).days_by_month(YEAR)
    assert (next(iter(counted)), list(counted)[-1]) == ("2025-09", "2026-08")
    assert counted["2025-09"] == 22
    assert sum(counted.values()) == 22


def test_a_year_without_school_days_is_refused_by_name():
    covered = calendar(SEPTEMBER, (HOLIDAY, "2025-09-01", "2026-05-31"))
    with pytest.raises(UsageError, match=YEAR) as refusal:
        covered.days_by_month(YEAR)
    assert refusal.value.code == WITHOUT_DAYS
    with pytest.raises(UsageError) as unknown:
        covered.days_by_month("2030-2031")
    assert unknown.value.code == "school_year_unknown"


def test_the_build_goes_on_with_the_assumed_mean_and_names_the_fault():
    empty = calendar((HOLIDAY, "2025-09-01", "2025-09-30"))
    for month in (mean_school_month, school_month):
        told = month(empty, date(2025, 9, 9), PARAMETERS)
        assert (told.days, told.basis, told.fault) == (191 / 12, ASSUMED, WITHOUT_DAYS)


def test_a_year_that_no_calendar_knows_takes_the_assumed_mean():
    for one in (None, calendar(SEPTEMBER)):
        told = mean_school_month(one, date(2030, 1, 1), PARAMETERS)
        assert (told.days, told.basis, told.fault) == (191 / 12, ASSUMED, None)


def test_a_known_year_gives_its_mean_and_each_month_its_own():
    one = calendar(SEPTEMBER)
    assert mean_school_month(one, date(2026, 3, 1), PARAMETERS).days == pytest.approx(22 / 12)
    assert school_month(one, date(2025, 9, 30), PARAMETERS).days == 22
    told = school_month(one, date(2026, 7, 1), PARAMETERS)
    assert (told.days, told.basis) == (0, FROM_CALENDAR)


def test_a_reversed_period_is_refused():
    with pytest.raises(UsageError) as refusal:
        calendar(SEPTEMBER).school_days(date(2025, 9, 2), date(2025, 9, 1))
    assert refusal.value.code == "period_reversed"
