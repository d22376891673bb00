"""A patrol's dose must follow its hours, fade when it leaves and never exceed presence."""

from datetime import date, datetime
from math import exp

import numpy as np
import pandas as pd
import pytest
from shapely.geometry import box

from geo.cells import build_cell_grid
from geo.coverage.patrols import patrol_dose
from geo.errors import FrameError, UsageError
from geo.parameters import WINDOWS, HazardParameters
from geo.study_area import build_study_area

PARAMETERS = HazardParameters()
DAY = date(2025, 9, 1)


@pytest.fixture(scope="module")
def grid():
    area = build_study_area("town", box(51.36, 51.22, 51.39, 51.24), time_zone="Asia/Oral")
    return build_cell_grid(area, 10)


def inner_cell(grid, number=0):
    whole = np.flatnonzero((grid.neighbours >= 0).all(axis=1))
    return int(whole[len(whole) // 2 + 5 * number])


def visits(grid, *rows):
    """One row a visit: (cell position, 'HH:MM' or a full time, minutes)."""
    cells = [cell for cell, _, _ in rows]
    times = [f"{DAY} {time}" if len(time) == 5 else time for _, time, _ in rows]
    return pd.DataFrame(
        {
            "visit_id": [f"v{number}" for number in range(len(rows))],
            "lat": grid.lat[cells],
            "lon": grid.lng[cells],
            "arrived_at": pd.to_datetime(times),
            "minutes": [float(minutes) for _, _, minutes in rows],
        }
    )


def test_one_visit_has_the_dose_of_the_integral_done_by_hand(grid):
    cell = inner_cell(grid)
    dose = patrol_dose(visits(grid, (cell, "07:00", 15)), grid, DAY, DAY, PARAMETERS)
    # Present 07:00–07:15, then exp(−t / 120): over 07:00–09:00 the integral is
    # 15 + 120 (1 − exp(−105 / 120)) minutes of 120.
    morning = (15 + 120 * (1 - exp(-105 / 120))) / 120
    assert dose.loc[cell, "school_am"] == pytest.approx(morning, abs=1e-3)
    # 12:30 is 315 and 14:30 is 435 minutes after 07:15.
    midday = 120 * (exp(-315 / 120) - exp(-435 / 120)) / 120
    assert dose.loc[cell, "midday"] == pytest.approx(midday, abs=1e-4)
    # night (22–24 and 0–6): 885 to 1005 minutes after, of 480.
    night = 120 * (exp(-885 / 120) - exp(-1005 / 120)) / 480
    assert dose.loc[cell, "night"] == pytest.approx(night, abs=1e-5)


def test_neighbours_feel_half_and_the_second_ring_nothing(grid):
    cell = inner_cell(grid)
    dose = patrol_dose(visits(grid, (cell, "07:00", 15)), grid, DAY, DAY, PARAMETERS)
    ring = grid.neighbours[cell]
    np.testing.assert_allclose(
        dose["school_am"].iloc[ring], dose.loc[cell, "school_am"] / 2, rtol=1e-9
    )
    felt = set(np.flatnonzero(dose.to_numpy().any(axis=1)))
    assert felt == {cell, *ring.tolist()}


def test_a_short_visit_counts_by_its_share_of_a_quarter_of_an_hour(grid):
    cell = inner_cell(grid)
    dose = patrol_dose(visits(grid, (cell, "07:02", 3)), grid, DAY, DAY, PARAMETERS)
    # 3 of 15 minutes: effect 0.2, present 3 minutes, then fading for 115 minutes.
    expected = 0.2 * (3 + 120 * (1 - exp(-115 / 120))) / 120
    assert dose.loc[cell, "school_am"] == pytest.approx(expected, abs=1e-3)


def test_two_visits_multiply_what_each_leaves_over(grid):
    cell = inner_cell(grid)
    two = visits(grid, (cell, "07:00", 6), (cell, "07:40", 12))
    dose = patrol_dose(two, grid, DAY, DAY, PARAMETERS)
    minute = np.arange(420, 540, 0.01) + 0.005
    first = 0.4 * np.exp(-np.maximum(minute - 426, 0) / 120)
    second = np.where(minute >= 460, 0.8 * np.exp(-np.maximum(minute - 472, 0) / 120), 0)
    expected = (1 - (1 - first) * (1 - second)).mean()
    assert dose.loc[cell, "school_am"] == pytest.approx(expected, abs=1e-3)


def test_more_visits_never_lower_and_bring_less_each_time(grid):
    cell = inner_cell(grid)
    rows = [(cell, "17:30", 10)] * 5
    doses = [
        patrol_dose(visits(grid, *rows[:count]), grid, DAY, DAY, PARAMETERS).loc[cell, "school_pm"]
        for count in range(6)
    ]
    gains = np.diff(doses)
    assert (gains > 0).all()
    assert (np.diff(gains) < 0).all()
    assert doses[-1] < 1


def test_a_patrol_that_stays_is_a_dose_of_one(grid):
    cell = inner_cell(grid)
    stays = visits(grid, (cell, "06:00", 300))
    dose = patrol_dose(stays, grid, DAY, DAY, PARAMETERS)
    assert dose.loc[cell, "school_am"] == pytest.approx(1, abs=1e-9)


def test_a_visit_before_midnight_is_still_felt_the_next_day(grid):
    cell = inner_cell(grid)
    eve = visits(grid, (cell, "2025-08-31 23:45", 15))
    dose = patrol_dose(eve, grid, DAY, DAY, PARAMETERS)
    # From midnight to 06:00, of the night's 480 minutes.
    expected = 120 * (1 - exp(-360 / 120)) / 480
    assert dose.loc[cell, "night"] == pytest.approx(expected, abs=1e-4)


def test_the_dose_is_the_mean_over_the_days(grid):
    cell = inner_cell(grid)
    one = visits(grid, (cell, "07:00", 15))
    single = patrol_dose(one, grid, DAY, DAY, PARAMETERS)
    ten = patrol_dose(one, grid, DAY, date(2025, 9, 10), PARAMETERS)
    assert ten.loc[cell, "school_am"] == pytest.approx(single.loc[cell, "school_am"] / 10, rel=1e-3)


def test_order_of_visits_does_not_matter(grid):
    one, two = inner_cell(grid), inner_cell(grid, 1)
    rows = [(one, "07:00", 6), (two, "07:20", 9), (one, "18:00", 12), (two, "23:50", 30)]
    frame = visits(grid, *rows)
    forwards = patrol_dose(frame, grid, DAY, DAY, PARAMETERS)
    backwards = patrol_dose(frame.iloc[::-1], grid, DAY, DAY, PARAMETERS)
    pd.testing.assert_frame_equal(forwards, backwards, check_exact=True)


def test_visits_outside_the_grid_and_no_visits_leave_every_dose_at_nothing(grid):
    far = visits(grid, (0, "07:00", 15)).assign(lat=43.2)
    for frame in (far, far.iloc[:0]):
        dose = patrol_dose(frame, grid, DAY, DAY, PARAMETERS)
        assert dose.shape == (len(grid.cells), len(WINDOWS))
        assert not dose.to_numpy().any()


def test_a_reversed_period_and_a_visit_without_time_are_refused(grid):
    with pytest.raises(UsageError, match="before the first day"):
        patrol_dose(visits(grid, (0, "07:00", 15)), grid, DAY, date(2025, 8, 31), PARAMETERS)
    timeless = visits(grid, (0, "07:00", 15)).assign(arrived_at=pd.NaT)
    with pytest.raises(FrameError, match="arrived_at"):
        patrol_dose(timeless, grid, DAY, DAY, PARAMETERS)


def test_a_month_of_random_patrols_stays_between_nothing_and_presence(grid):
    rng = np.random.default_rng(1)
    count = 5000
    frame = pd.DataFrame(
        {
            "visit_id": [f"v{number}" for number in range(count)],
            "lat": rng.uniform(51.22, 51.24, count),
            "lon": rng.uniform(51.36, 51.39, count),
            "arrived_at": np.datetime64(datetime(2025, 9, 1), "s")
            + rng.integers(0, 30 * 86400, count).astype("timedelta64[s]"),
            "minutes": rng.uniform(1, 30, count),
        }
    )
    dose = patrol_dose(frame, grid, DAY, date(2025, 9, 30), PARAMETERS)
    assert np.isfinite(dose.to_numpy()).all()
    assert dose.to_numpy().min() >= 0
    assert dose.to_numpy().max() <= 1
