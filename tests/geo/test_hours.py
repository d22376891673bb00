import numpy as np
import pandas as pd
import pytest

from geo.hazard.hours import HOURS_SHARE, cell_windows, incident_windows, town_windows
from geo.parameters import WINDOWS
from tests.geo.hazard_towns import PARAMETERS, oral

NAMES = list(WINDOWS)


def shares(at, precision, to=None):
    frame = pd.DataFrame(
        {
            "occurred_at": pd.to_datetime([at]),
            "occurred_to": pd.to_datetime([to]),
            "occurred_precision": [precision],
        }
    )
    return dict(zip(NAMES, incident_windows(frame)[0].tolist(), strict=True))


@pytest.mark.parametrize(
    ("clock", "window"),
    [
        ("06:59", "other"), ("07:00", "school_am"), ("08:59", "school_am"), ("09:00", "other"),
        ("12:29", "other"), ("12:30", "midday"), ("14:30", "other"), ("17:30", "school_pm"),
        ("19:29", "school_pm"), ("19:30", "evening"), ("21:59", "evening"), ("22:00", "night"),
        ("23:59", "night"), ("00:00", "night"), ("05:59", "night"), ("06:00", "other"),
    ],
)  # fmt: skip
def test_known_minute_lies_in_one_window(clock, window):
    assert shares(f"2024-05-05 {clock}", "minute")[window] == pytest.approx(1)


@pytest.mark.parametrize(
    ("at", "to", "expected"),
    [
        # 21:00–01:00: one hour of evening, three of night
        ("2024-05-05 21:00", "2024-05-06 01:00", {"evening": 0.25, "night": 0.75}),
        # 23:00–09:00: 7 h night, 1 h other, 2 h school_am
        ("2024-05-05 23:00", "2024-05-06 09:00", {"night": 0.7, "other": 0.1, "school_am": 0.2}),
    ],
)
def test_interval_is_shared_by_time(at, to, expected):
    found = shares(at, "interval", to)

    assert {name: found[name] for name in expected} == pytest.approx(expected)
    assert sum(found.values()) == pytest.approx(1)


@pytest.mark.parametrize(
    ("precision", "to"),
    [
        ("day", None),
        ("interval", None),
        ("interval", "2024-05-06 08:00"),  # 24 hours
        ("interval", "2024-05-05 07:00"),  # ends before it starts
    ],
)
def test_date_or_long_span_says_nothing_of_the_hour(precision, to):
    assert np.isnan(list(shares("2024-05-05 08:00", precision, to).values())).all()


def test_windows_partition_the_day():
    assert HOURS_SHARE.sum() == pytest.approx(1)


def test_town_pattern_leans_on_hours_by_one_incident():
    # one theft in school_am (2 of 24 h); prior 1:
    # town = (1 + 2/24) / 2 = .541667; theft = (1 + .541667) / 2; violence has none = town
    windows = np.eye(6)[[0]]

    found = town_windows(windows, np.array([1]), 4, 1.0)

    assert found[1, 0] == pytest.approx(0.770833, abs=1e-6)
    assert found[2, 0] == pytest.approx(0.541667, abs=1e-6)
    np.testing.assert_allclose(found.sum(axis=1), 1)


def test_unknown_hours_are_left_out_of_the_pattern():
    known = np.eye(6)[[0, 5]]
    with_unknown = np.vstack([known, np.full((1, 6), np.nan)])

    np.testing.assert_array_equal(
        town_windows(with_unknown, np.array([1, 2, 1]), 4, 1.0),
        town_windows(known, np.array([1, 2]), 4, 1.0),
    )


def test_cell_pattern_counts_near_incidents_against_fifty():
    # town says ½ evening, ½ night; one evening incident in the cell itself: (50·½ + 1) / 51
    grid = oral().grid
    town = np.array([[0, 0, 0, 0.5, 0.5, 0.0]])
    mass = np.zeros((1, 6, len(grid.cells)))
    mass[0, 3, 10] = 1

    found = cell_windows(grid, mass, town, PARAMETERS)

    assert found[0, 3, 10] == pytest.approx(26 / 51)
    d = np.hypot(grid.x[11] - grid.x[10], grid.y[11] - grid.y[10])
    near = np.exp(-(d**2) / (2 * 800**2))
    assert found[0, 3, 11] == pytest.approx((25 + near) / (50 + near))
    np.testing.assert_allclose(found.sum(axis=1), 1)


def test_planted_evening_peak_is_found_where_it_is_and_nowhere_else():
    # Far corner: 400 incidents, six tenths in the evening (2.5 of 24 h); elsewhere any hour.
    grid = oral(0.05).grid
    rng = np.random.default_rng(2)
    corner = int(np.argmax(grid.x + grid.y))
    far = np.flatnonzero(np.hypot(grid.x - grid.x[corner], grid.y - grid.y[corner]) > 4000)
    cells = np.r_[np.full(400, corner), rng.choice(far, 600)]
    evening = np.r_[rng.random(400) < 0.6, np.zeros(600, bool)]
    window = np.where(evening, NAMES.index("evening"), rng.choice(6, 1000, p=HOURS_SHARE))
    windows = np.eye(6)[window]
    mass = np.zeros((1, 6, len(grid.cells)))
    np.add.at(mass[0], (window, cells), 1)

    town = town_windows(windows, np.zeros(1000, np.int64), 1, PARAMETERS.hour_town_prior_incidents)
    found = cell_windows(grid, mass, town, PARAMETERS)[0, NAMES.index("evening")]

    share = windows[:400, NAMES.index("evening")].mean()
    # (50 · town + 400 · share) / 450 in the corner, 4 km away the town's own share at most
    assert found[corner] == pytest.approx((50 * town[0, 3] + 400 * share) / 450, abs=1e-3)
    assert found[corner] > 0.55
    assert found[far].mean() < 0.2
