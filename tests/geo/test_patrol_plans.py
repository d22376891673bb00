"""What was planned and what was delivered are compared only where both are known."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from shapely.geometry import LineString

from geo.coverage.patrol_plans import delivered_by_shift, planned_and_delivered
from geo.errors import FrameError, UsageError
from tests.geo.small_town import AREA, degrees

FIRST, LAST = date(2025, 9, 1), date(2025, 9, 2)


def plans(*rows, **columns):
    """One row a plan: metres east and north, kind, shift, from, to."""
    lat, lon = degrees([row[:2] for row in rows] or np.empty((0, 2)))
    frame = pd.DataFrame(
        [row[2:] for row in rows], columns=["kind", "shift", "starts_at", "ends_at"], dtype=object
    )
    more = {"number": None, "description": None, "staff": np.nan, "match_score": np.nan}
    ids = [f"p{number}" for number in range(len(rows))]
    columns = {"weekdays": None} | columns
    return frame.assign(plan_id=ids, lat=lat, lon=lon, **more, **columns)


def visits(*rows):
    """One row a visit: metres east and north, time, minutes."""
    lat, lon = degrees([row[:2] for row in rows] or np.empty((0, 2)))
    return pd.DataFrame(
        {
            "visit_id": [f"v{number}" for number in range(len(rows))],
            "lat": lat,
            "lon": lon,
            "arrived_at": pd.to_datetime([row[2] for row in rows]),
            "minutes": np.array([row[3] for row in rows], float),
        }
    )


DAY = (0, 0, "post", "1", "08:00", "20:00")
NIGHT = (0, 0, "post", "2", "20:00", "02:00")
ROUTE = (500, 0, "foot", "1", "08:00", "20:00")


def test_a_post_is_compared_with_the_visits_near_it_in_its_hours():
    seen = visits(
        (30, 0, "2025-09-01 09:00", 20),
        (0, 99, "2025-09-02 07:50", 15),  # five of its minutes lie in the shift
        (0, 101, "2025-09-01 09:00", 60),  # too far
        (0, 0, "2025-09-03 09:00", 60),  # another day
    )
    row = planned_and_delivered(plans(DAY), seen, FIRST, LAST, AREA).iloc[0]
    assert row["planned_minutes"] == 2 * 12 * 60
    assert (row["delivered_minutes"], row["visits"], row["compared_by"]) == (25, 2, "post")


def test_a_shift_over_midnight_takes_both_of_its_sides():
    seen = visits(
        (0, 0, "2025-09-01 01:30", 60),  # 30 minutes until 02:00
        (0, 0, "2025-09-01 23:50", 20),
        (0, 0, "2025-09-01 12:00", 60),
    )
    row = planned_and_delivered(plans(NIGHT), seen, FIRST, LAST, AREA).iloc[0]
    assert (row["planned_minutes"], row["delivered_minutes"]) == (2 * 6 * 60, 50)


def test_a_route_is_compared_along_its_line_and_not_by_its_middle():
    seen = visits((0, 0, "2025-09-01 09:00", 10), (900, 50, "2025-09-01 10:00", 7))
    lat, lon = degrees([(0, 0), (1000, 0)])
    line = LineString(np.column_stack([lon, lat]))
    drawn = planned_and_delivered(plans(ROUTE, line=[line]), seen, FIRST, LAST, AREA).iloc[0]
    assert (drawn["delivered_minutes"], drawn["compared_by"]) == (17, "line")
    blind = planned_and_delivered(plans(ROUTE), seen, FIRST, LAST, AREA).iloc[0]
    assert pd.isna(blind["delivered_minutes"])
    assert blind["compared_by"] is None


def test_shifts_are_added_up_over_what_can_be_compared():
    seen = visits((0, 0, "2025-09-01 09:00", 144))
    asked = plans(DAY, ROUTE, NIGHT, (0, 0, "post", None, None, None))
    found = delivered_by_shift(planned_and_delivered(asked, seen, FIRST, LAST, AREA))
    found = found.set_index(found["shift"].fillna("none"))
    assert found.loc["1", ["plans", "compared"]].tolist() == [2, 1]
    # 144 of 2 · 12 h.
    assert found.loc["1", "delivered_share"] == pytest.approx(0.1)
    assert found.loc["2", "delivered_share"] == 0
    assert pd.isna(found.loc["none", "delivered_share"])


MONDAY, SUNDAY = date(2025, 9, 1), date(2025, 9, 7)
WEEK = [f"2025-09-0{day} 09:00" for day in range(1, 8)]


@pytest.mark.parametrize(
    ("weekdays", "shifts", "minutes"),
    [("12345", 5, 5 * 12 * 60), ("67", 2, 2 * 12 * 60), ("3", 1, 12 * 60), (None, 7, 7 * 12 * 60)],
)
def test_a_plan_holds_on_its_weekdays_alone(weekdays, shifts, minutes):
    seen = visits(*((0, 0, moment, 10) for moment in WEEK))  # one a day
    row = planned_and_delivered(plans(DAY, weekdays=[weekdays]), seen, MONDAY, SUNDAY, AREA).iloc[0]
    assert (row["planned_shifts"], row["planned_minutes"]) == (shifts, minutes)
    assert (row["visits"], row["delivered_minutes"]) == (shifts, 10 * shifts)
    assert row["visited_shifts"] == shifts


def test_the_hours_past_midnight_belong_to_the_weekday_before():
    friday_night = plans(NIGHT, weekdays=["5"])  # Friday 20:00 to Saturday 02:00
    seen = visits(
        (0, 0, "2025-09-05 21:00", 15),
        (0, 0, "2025-09-06 01:50", 20),  # ten of its minutes
        (0, 0, "2025-09-05 01:00", 15),  # Thursday's night
        (0, 0, "2025-09-06 21:00", 15),  # Saturday's
    )
    row = planned_and_delivered(friday_night, seen, MONDAY, SUNDAY, AREA).iloc[0]
    assert row[["planned_shifts", "planned_minutes"]].tolist() == [1, 360]
    assert row[["visits", "visited_shifts", "delivered_minutes"]].tolist() == [2, 1, 25]


def test_shifts_and_visits_are_cut_at_the_ends_of_the_days():
    night = plans(NIGHT, weekdays=["7"])  # Sunday 20:00 to Monday 02:00
    seen = visits(
        (0, 0, "2025-08-31 23:50", 30),  # twenty minutes of it on Monday
        (0, 0, "2025-09-07 23:55", 30),  # five minutes of it on Sunday
        (0, 0, "2025-09-08 00:30", 15),  # after the last day
    )
    row = planned_and_delivered(night, seen, MONDAY, SUNDAY, AREA).iloc[0]
    # Two hours of the night before the first day, four of the last evening.
    assert row[["planned_shifts", "planned_minutes"]].tolist() == [1, 360]
    assert row[["visits", "visited_shifts", "delivered_minutes"]].tolist() == [2, 1, 25]


def test_two_visits_in_one_shift_are_one_visited_shift():
    seen = visits((0, 0, "2025-09-01 09:00", 10), (0, 0, "2025-09-01 12:00", 10))
    row = planned_and_delivered(plans(DAY), seen, FIRST, LAST, AREA).iloc[0]
    assert row[["planned_shifts", "visited_shifts", "visits"]].tolist() == [2, 1, 2]


@pytest.mark.parametrize("weekdays", ["8", "21", "", "11", "mon"])
def test_weekdays_that_are_no_set_of_digits_are_refused(weekdays):
    with pytest.raises(FrameError, match="weekdays"):
        planned_and_delivered(plans(DAY, weekdays=[weekdays]), visits(), FIRST, LAST, AREA)


def test_no_plan_no_visit_and_reversed_days():
    assert planned_and_delivered(plans(), visits(), FIRST, LAST, AREA).empty
    row = planned_and_delivered(plans(DAY), visits(), FIRST, LAST, AREA).iloc[0]
    assert row["delivered_minutes"] == 0
    with pytest.raises(UsageError, match="before the first day"):
        planned_and_delivered(plans(DAY), visits(), LAST, FIRST, AREA)
