"""Darkness must follow the sun, in every season, latitude and clock."""

from datetime import date

import numpy as np
import pytest

from geo.coverage.daylight import (
    darkness,
    darkness_by_window,
    local_to_utc,
    sun_altitude,
    sun_times,
)
from geo.errors import UsageError
from geo.parameters import WINDOWS, window_hours

ORAL = (51.2333, 51.3667)
TROMSO = (69.65, 18.96)
MINUTE = np.timedelta64(60, "s")


@pytest.mark.parametrize(
    ("day", "sunrise", "sunset"),
    [
        (date(2025, 12, 21), "09:36", "17:29"),
        (date(2025, 11, 15), "08:51", "17:48"),
        (date(2025, 1, 15), "09:33", "17:54"),
        (date(2025, 2, 15), "08:50", "18:48"),
        (date(2025, 9, 1), "06:46", "20:24"),
    ],
)
def test_sunrise_and_sunset_at_oral_are_within_a_minute_of_the_check_values(day, sunrise, sunset):
    times = sun_times(*ORAL, day, "Asia/Oral")
    assert abs(times.sunrise - np.datetime64(f"{day}T{sunrise}")) <= MINUTE
    assert abs(times.sunset - np.datetime64(f"{day}T{sunset}")) <= MINUTE


@pytest.mark.parametrize(
    ("place", "zone", "day", "sunrise", "sunset"),
    [
        ((51.5074, -0.1278), "Europe/London", date(2025, 6, 21), "04:43", "21:21"),
        ((51.5074, -0.1278), "Europe/London", date(2025, 12, 21), "08:03", "15:53"),
        ((52.52, 13.405), "Europe/Berlin", date(2025, 6, 21), "04:43", "21:33"),
    ],
)
def test_sun_times_of_zones_with_summer_time_are_within_a_minute(place, zone, day, sunrise, sunset):
    times = sun_times(*place, day, zone)
    assert abs(times.sunrise - np.datetime64(f"{day}T{sunrise}")) <= MINUTE
    assert abs(times.sunset - np.datetime64(f"{day}T{sunset}")) <= MINUTE


def test_the_shortest_day_at_oral_reads_as_in_the_almanac():
    times = sun_times(*ORAL, date(2025, 12, 21), "Asia/Oral")
    assert [str(time)[11:] for time in times] == ["08:56", "09:36", "17:29", "18:09"]


def test_the_sun_stands_at_the_colatitude_plus_declination_at_noon():
    # At the June solstice the declination is 23.44, so at Oral 90 − 51.2333 + 23.44 = 62.21.
    day = np.datetime64("2025-06-21") + np.arange(1440) * np.timedelta64(1, "m")
    assert sun_altitude(*ORAL, day).max() == pytest.approx(62.21, abs=0.05)


def test_darkness_rises_from_none_at_sunrise_depth_to_full_at_civil_twilight():
    day = np.datetime64("2025-12-21T00:00") + np.arange(1440) * np.timedelta64(1, "m")
    altitude, dark = sun_altitude(*ORAL, day), darkness(*ORAL, day)
    assert (dark[altitude >= -0.833] == 0).all()
    assert (dark[altitude <= -6] == 1).all()
    between = (altitude < -0.833) & (altitude > -6)
    # Half way between the two thresholds, −3.4165 degrees, it is half dark.
    np.testing.assert_allclose(dark[between], (-0.833 - altitude[between]) / 5.167)


def test_a_polar_day_has_no_times_and_no_darkness():
    day = date(2025, 6, 21)
    assert all(np.isnat(time) for time in sun_times(*TROMSO, day, "Europe/Oslo"))
    assert set(darkness_by_window(*TROMSO, "Europe/Oslo", day, day).values()) == {0.0}


def test_a_polar_night_has_twilight_but_no_sunrise():
    times = sun_times(*TROMSO, date(2025, 12, 21), "Europe/Oslo")
    assert np.isnat(times.sunrise)
    assert np.isnat(times.sunset)
    assert times.civil_dawn < times.civil_dusk


def test_summer_time_moves_the_wall_clock_by_one_hour():
    before = sun_times(51.5, -0.12, date(2025, 3, 29), "Europe/London")
    after = sun_times(51.5, -0.12, date(2025, 3, 30), "Europe/London")
    # The day grows by about four minutes, half of them in the morning.
    shift = (after.sunrise - before.sunrise) / MINUTE - 24 * 60
    assert 57 <= shift <= 59


def test_wall_times_that_summer_time_leaves_out_have_no_utc():
    local = np.array(["2025-03-30T00:30", "2025-03-30T01:30", "2025-03-30T02:30"], "datetime64[s]")
    utc = local_to_utc(local, "Europe/London")
    assert np.isnat(utc).tolist() == [False, True, False]
    assert utc[2] - utc[0] == np.timedelta64(1, "h")


def test_a_wall_time_that_happens_twice_is_the_first_of_the_two():
    local = np.array(["2025-10-26T01:30"], "datetime64[s]")
    assert local_to_utc(local, "Europe/London")[0] == np.datetime64("2025-10-26T00:30")


def test_the_walk_to_an_early_shift_is_dark_in_december_and_bright_in_may():
    december = darkness_by_window(*ORAL, "Asia/Oral", date(2025, 12, 21), date(2025, 12, 21))
    may = darkness_by_window(*ORAL, "Asia/Oral", date(2025, 5, 21), date(2025, 5, 21))
    assert december["school_am"] > 0.99
    assert may["school_am"] == 0
    assert december["midday"] == may["midday"] == 0


def test_the_windows_together_hold_the_darkness_of_the_whole_day():
    day = date(2025, 11, 15)
    means = darkness_by_window(*ORAL, "Asia/Oral", day, day)
    local = np.datetime64(day, "s") + np.arange(15, 86400, 30) * np.timedelta64(1, "s")
    whole_day = darkness(*ORAL, local - np.timedelta64(5, "h")).mean()
    hours = sum(means[window] * window_hours(window) for window in WINDOWS)
    assert hours / 24 == pytest.approx(whole_day, abs=0.0005)


def test_sampling_every_five_minutes_keeps_the_stated_error():
    day = date(2025, 2, 3)
    local = np.datetime64(day, "s") + np.arange(0.5, 86400).astype("timedelta64[s]")
    exact = darkness(*ORAL, local - np.timedelta64(5, "h"))
    means = darkness_by_window(*ORAL, "Asia/Oral", day, day)
    assert means["school_am"] == pytest.approx(exact[7 * 3600 : 9 * 3600].mean(), abs=0.002)
    assert means["school_pm"] == pytest.approx(exact[63000:70200].mean(), abs=0.002)


def test_the_mean_of_a_year_is_the_mean_of_its_days():
    first, last = date(2025, 3, 1), date(2025, 3, 4)
    days = [date(2025, 3, day) for day in (1, 2, 3, 4)]
    each = [darkness_by_window(*ORAL, "Asia/Oral", day, day)["school_am"] for day in days]
    together = darkness_by_window(*ORAL, "Asia/Oral", first, last)["school_am"]
    assert together == pytest.approx(np.mean(each), abs=1e-12)


def test_an_unknown_time_zone_or_a_reversed_period_is_refused():
    with pytest.raises(UsageError, match="Asia/Oral"):
        sun_times(*ORAL, date(2025, 1, 1), "Asia/Nowhere")
    with pytest.raises(UsageError, match="before the first day"):
        darkness_by_window(*ORAL, "Asia/Oral", date(2025, 1, 2), date(2025, 1, 1))
