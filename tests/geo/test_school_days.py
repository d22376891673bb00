from datetime import date

import pandas as pd
import pytest

from geo.hazard.counted import count_incidents
from geo.hazard.school_days import OTHER_DAY, SCHOOL_DAY, school_day_ratios, school_days_ahead
from geo.parameters import WINDOWS
from geo.streets.school_calendar import TERM, CalendarSpan, SchoolCalendar
from tests.geo.hazard_towns import PARAMETERS, incident_rows, oral

AS_OF = date(2026, 1, 1)
FIRST, LAST = date(2025, 12, 1), date(2025, 12, 31)
DECEMBER = SchoolCalendar((CalendarSpan("2025-2026", TERM, FIRST, LAST),))
"""From Monday, 1 December, on: 23 school days and 8 of weekends."""


def ratios(moments, calendar=DECEMBER, covered=((FIRST, LAST),), **columns):
    grid = oral().grid
    rows = incident_rows(
        grid, [0] * len(moments), occurred_at=pd.to_datetime(moments).to_numpy(), **columns
    )
    return school_day_ratios(count_incidents(rows, grid, covered, AS_OF, PARAMETERS), calendar,
                             PARAMETERS)  # fmt: skip


def test_ratio_is_that_of_the_days_drawn_to_one():
    # Ten mornings of school days and none of a weekend. 50 incidents stand for "no difference":
    # (10 + 50·23/31) / (60·23/31) and (0 + 50·8/31) / (60·8/31) = 50/60.
    found = ratios([f"2025-12-{day:02d} 07:30" for day in (1, 2, 3, 4, 5, 8, 9, 10, 11, 12)])

    assert found[SCHOOL_DAY]["school_am"] == pytest.approx((10 + 50 * 23 / 31) / (60 * 23 / 31))
    assert found[OTHER_DAY]["school_am"] == pytest.approx(50 / 60)
    assert found[SCHOOL_DAY]["night"] == found[OTHER_DAY]["night"] == 1


def test_both_ratios_make_one_over_the_days():
    found = ratios(["2025-12-01 07:30", "2025-12-07 23:30", "2025-12-31 20:00", "2025-12-06 13:00"])

    for window in WINDOWS:
        mean = (23 * found[SCHOOL_DAY][window] + 8 * found[OTHER_DAY][window]) / 31
        assert mean == pytest.approx(1, abs=1e-12)


def test_first_and_last_covered_days_count_as_what_they_are():
    only_first = ratios(["2025-12-01 20:00"])  # a Monday
    only_last = ratios(["2025-12-31 20:00"])  # a Wednesday
    a_sunday = ratios(["2025-12-07 20:00"])

    assert only_first[SCHOOL_DAY]["evening"] == only_last[SCHOOL_DAY]["evening"] > 1
    assert a_sunday[SCHOOL_DAY]["evening"] < 1


def test_days_that_no_calendar_or_no_record_covers_say_nothing():
    two_years = ((date(2024, 1, 1), LAST),)
    unknown_year = ratios(["2024-02-05 20:00"], covered=two_years)  # before the calendar's year

    assert unknown_year[SCHOOL_DAY]["evening"] == 1
    assert ratios(["2025-12-01 20:00"], calendar=SchoolCalendar(())) == {}
    assert ratios([], covered=((FIRST, date(2025, 12, 5)),)) == {}  # school days only


def test_incident_without_an_hour_has_no_window():
    found = ratios(["2025-12-01 07:30"], occurred_precision="day")

    assert set(found[SCHOOL_DAY].values()) == {1.0}


def test_months_ahead_are_counted_and_unknown_years_stay_unknown():
    spring = CalendarSpan("2025-2026", TERM, date(2026, 1, 12), date(2026, 5, 25))
    days = school_days_ahead(SchoolCalendar((spring,)), date(2025, 12, 15))

    assert days["1"] == 15  # Mondays to Fridays from 12 to 30 January
    assert days["12"] == days["6"] == 0
    assert days["9"] is None  # the next school year is not known
    assert list(days) == [str(month) for month in (12, *range(1, 12))]
