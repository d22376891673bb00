"""Every child-minute walked must stand in one window of one section."""

import numpy as np
import pandas as pd
import pytest

from geo.errors import InputRefusedError
from geo.parameters import WINDOWS, HazardParameters
from geo.streets.exposure import child_minutes, overlapping_shifts, parse_shifts
from geo.streets.routes import school_routes
from geo.streets.school_calendar import SchoolMonth
from tests.geo.small_town import degrees, random_town, small_town

PARAMETERS = HazardParameters()


def schools(*rows, shifts, pupils):
    lat, lon = degrees(rows)
    return pd.DataFrame(
        {
            "school_id": [f"№ {number}" for number in range(len(rows))],
            "name": ["school"] * len(rows),
            "lat": lat,
            "lon": lon,
            "shift_times": shifts,
            "shift_times_assumed": [False] * len(rows),
            "pupils": np.asarray(pupils, float),
        }
    )


def homes(*rows):
    lat, lon = degrees(rows)
    ids = [f"h{number:03d}" for number in range(len(rows))]
    return pd.DataFrame({"home_id": ids, "lat": lat, "lon": lon, "dwellings": 1.0})


def minutes_of(town, school_frame, home_frame):
    routes = school_routes(town.network, town.sections, school_frame, home_frame, PARAMETERS)
    return routes, child_minutes(routes, school_frame, town.sections, PARAMETERS)


def street():
    return small_town({"w": (0, 0), "e": (1000, 0)}, "w e")


def test_two_shifts_of_one_school_by_hand():
    town = street()
    frame = schools((0, 0), shifts=["08:00-13:00;14:00-19:00"], pupils=[120])
    _, minutes = minutes_of(town, frame, homes((720, 0)))
    # 720 m at 1.2 m/s are 10 minutes. 60 pupils walk at 07:45 and 13:15, 60 at 13:45 and 19:15:
    # school_am 600, midday 1 200, school_pm 600 minutes a day, on 191 / 12 days a month.
    month = 191 / 12
    row = minutes.iloc[0]
    assert row["school_am"] == pytest.approx(600 * month, rel=1e-4)
    assert row["midday"] == pytest.approx(1200 * month, rel=1e-4)
    assert row["school_pm"] == pytest.approx(600 * month, rel=1e-4)
    assert row[["evening", "night", "other"]].tolist() == [0, 0, 0]
    assert row["pupils"] == 120


def test_a_school_s_own_hours_decide_the_window():
    town = street()
    # To school at 09:45 (other), home at 19:45 (evening).
    frame = schools((0, 0), shifts=["10:00-19:30"], pupils=[10])
    _, minutes = minutes_of(town, frame, homes((720, 0)))
    used = {window for window in WINDOWS if minutes[window].iloc[0] > 0}
    assert used == {"other", "evening"}


def test_an_hour_before_midnight_stays_within_the_day():
    town = street()
    frame = schools((0, 0), shifts=["00:05-23:50"], pupils=[10])
    _, minutes = minutes_of(town, frame, homes((720, 0)))
    # To school at 23:50 of the day before, home at 00:05: night both times.
    assert minutes["night"].iloc[0] == pytest.approx(2 * 10 * 10 * 191 / 12, rel=1e-4)


@pytest.mark.parametrize("seed", range(4))
def test_all_minutes_are_those_of_all_pupils_both_ways(seed):
    town = random_town(seed, count=50)
    rng = np.random.default_rng(seed)
    frame = schools(
        *rng.uniform(0, 1500, (3, 2)),
        shifts=["08:00-13:00", "08:00-13:00;14:00-19:00", "08:30-12:00;13:00-17:00;17:30-20:30"],
        pupils=[100, 300, 50],
    )
    routes, minutes = minutes_of(town, frame, homes(*rng.uniform(0, 1500, (80, 2))))
    walked = (routes.homes["pupils"] * routes.homes["distance_m"]).sum() / 1.2 / 60
    total = minutes[list(WINDOWS)].to_numpy().sum()
    assert total == pytest.approx(2 * walked * 191 / 12, rel=1e-12)


def test_a_section_without_a_route_has_no_minutes_and_keeps_its_row():
    places = {"w": (0, 0), "m": (500, 0), "e": (1000, 0), "n": (500, 300)}
    town = small_town(places, "w m e", "m n")
    frame = schools((0, 0), shifts=["08:00-13:00"], pupils=[10])
    _, minutes = minutes_of(town, frame, homes((400, 0)))
    assert len(minutes) == 3
    assert minutes.iloc[town.section("m", "n")].sum() == 0


def test_no_route_at_all_gives_no_minutes():
    town = street()
    frame = schools((0, 9000), shifts=["08:00-13:00"], pupils=[10])
    _, minutes = minutes_of(town, frame, homes((400, 0)))
    assert minutes.to_numpy().sum() == 0
    assert set(minutes.dtypes.astype(str)) == {"float64"}


@pytest.mark.parametrize(
    "text",
    ["", "8-13", "08:00-13:00,14:00-19:00", "13:00-08:00", "08:00-24:30", "08:60-13:00", "morning",
     "08:00-13:00;", "08:00-08:00"],
)  # fmt: skip
def test_shift_times_that_cannot_be_read_are_refused_with_the_school_s_name(text):
    town = street()
    frame = schools((0, 0), shifts=[text], pupils=[10])
    with pytest.raises(InputRefusedError, match="№ 0") as refusal:
        minutes_of(town, frame, homes((400, 0)))
    assert refusal.value.code == "shift_times_invalid"


def test_shift_times_may_have_spaces_and_single_digits():
    shifts = parse_shifts(" 8:00 - 13:00 ; 14:15–19:30 ", school="№ 1")
    assert shifts == [(8.0, 13.0), (14.25, 19.5)]


def test_pupils_set_out_a_quarter_of_an_hour_before_and_leave_a_quarter_after():
    town = street()
    # To school at 06:55 (other), home at 12:35 (midday).
    frame = schools((0, 0), shifts=["07:10-12:20"], pupils=[10])
    _, minutes = minutes_of(town, frame, homes((720, 0)))
    used = {window for window in WINDOWS if minutes[window].iloc[0] > 0}
    assert used == {"other", "midday"}


def test_a_month_counts_its_own_school_days_and_one_without_hides_the_walk():
    town = street()
    frame = schools((0, 0), shifts=["08:00-13:00"], pupils=[10])
    routes = school_routes(town.network, town.sections, frame, homes((720, 0)), PARAMETERS)
    december = child_minutes(routes, frame, town.sections, PARAMETERS, SchoolMonth(18, "calendar"))
    july = child_minutes(routes, frame, town.sections, PARAMETERS, SchoolMonth(0, "calendar"))
    # 10 pupils walk 10 minutes at 07:45 and at 13:15.
    assert december["school_am"].iloc[0] == pytest.approx(10 * 10 * 18, rel=1e-4)
    assert december["evening"].iloc[0] == 0
    assert july[list(WINDOWS)].isna().all(axis=None)
    assert july["pupils"].iloc[0] == 10


def test_shifts_that_overlap_are_named_and_still_walked():
    town = street()
    frame = schools((0, 0), (900, 0), shifts=["08:00-13:00;12:30-18:00", "08:00-13:00;13:00-18:00"],
                    pupils=[10, 10])  # fmt: skip
    assert overlapping_shifts(frame) == ["№ 0"]
    _, minutes = minutes_of(town, frame, homes((720, 0)))
    assert minutes[list(WINDOWS)].to_numpy().sum() > 0
