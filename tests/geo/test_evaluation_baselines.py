"""The rivals of the hazard rate, each against the plainest reading of its definition."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from geo.evaluation.baselines import BASELINES
from geo.hazard.counted import count_incidents, earlier
from tests.geo.hazard_towns import PARAMETERS, incident_rows, oral, random_incidents

AS_OF = date(2025, 1, 1)
COVERAGE = ((date(2022, 1, 1), date(2024, 12, 31)),)  # 1096 days
GRID = oral().grid
THEFT = 1


def counted_of(incidents):
    return count_incidents(incidents, GRID, COVERAGE, AS_OF, PARAMETERS)


def days_ago(*ages):
    return pd.Timestamp(AS_OF) - pd.to_timedelta(list(ages), unit="D")


def forecast(name, incidents):
    return BASELINES[name](counted_of(incidents), GRID, PARAMETERS)


def test_counts_are_per_covered_day():
    incidents = incident_rows(GRID, [3, 3, 3, 7], occurred_at=days_ago(10, 365, 366, 1000))

    year, all_days = forecast("count_365", incidents), forecast("count_all", incidents)

    assert year[THEFT, [3, 7]] == pytest.approx([2 / 365, 0])
    assert all_days[THEFT, [3, 7]] == pytest.approx([3 / 1096, 1 / 1096])
    assert year.sum() == pytest.approx(2 / 365)


@pytest.mark.parametrize(("width", "memory", "known"), [(200, "365", 2), (400, "365", 2),
    (200, "all", 3), (400, "all", 3), (800, "all", 3)])  # fmt: skip
def test_density_spreads_every_incident_alike(width, memory, known):
    incidents = incident_rows(GRID, [3, 20, 40], occurred_at=days_ago(1, 300, 900))

    found = forecast(f"kde_{width}_{memory}", incidents)[THEFT]

    expected = np.zeros(len(GRID.cells))
    for cell in [3, 20, 40][:known]:
        distance = np.hypot(GRID.x - GRID.x[cell], GRID.y - GRID.y[cell])
        weight = GRID.area_m2 * np.exp(-(distance**2) / (2 * width**2)) * (distance <= 3 * width)
        expected += weight / weight.sum()
    assert found == pytest.approx(expected / (365 if memory == "365" else 1096), rel=1e-9)


def test_prospective_hotspots_weigh_weeks_and_cells_apart():
    # 6 days: no whole week, weight 1; 20 days: two weeks, 1/3; 61 days: too old
    incidents = incident_rows(GRID, [3, 20, 40], occurred_at=days_ago(6, 20, 61))

    found = forecast("promap", incidents)[THEFT]

    side = np.sqrt(GRID.area_m2.max())
    expected = np.zeros(len(GRID.cells))
    for cell, weight in ((3, 1), (20, 1 / 3)):
        for other in range(len(GRID.cells)):
            apart = np.hypot(GRID.x[other] - GRID.x[cell], GRID.y[other] - GRID.y[cell])
            if apart <= 400:
                expected[other] += weight / (1 + round(apart / side))
    assert found == pytest.approx(expected / expected.sum() * 2 / 60, rel=1e-9)
    assert found[3] == found.max()
    assert (found == 0).any()


def test_next_cell_gets_half_of_what_the_own_cell_gets_from_prospective_hotspots():
    found = forecast("promap", incident_rows(GRID, [30], occurred_at=days_ago(1)))[THEFT]
    near = GRID.neighbours[30]

    assert found[near[near >= 0]] == pytest.approx(found[30] / 2)


@pytest.mark.parametrize("name", BASELINES)
def test_no_incidents_forecast_nothing(name):
    found = forecast(name, incident_rows(GRID, []))

    assert found.shape == (4, len(GRID.cells))
    assert not found.any()


@pytest.mark.parametrize("name", BASELINES)
def test_each_group_is_forecast_from_its_own_incidents(name):
    incidents = random_incidents(GRID, 200, seed=5)
    alone = incidents[incidents["offence_group"] == "violence"]

    together, single = forecast(name, incidents), forecast(name, alone)

    assert together[2] == pytest.approx(single[2], rel=1e-9)
    assert not single[[0, 1, 3]].any()


@pytest.mark.parametrize("name", BASELINES)
def test_a_forecast_is_the_same_whatever_happens_after_its_origin(name):
    incidents = random_incidents(GRID, 300, seed=6)
    later = incidents["occurred_at"] >= pd.Timestamp("2024-10-01")
    assert later.any()
    rng = np.random.default_rng(0)
    changed = incidents.copy()
    places = rng.integers(0, len(GRID.cells), later.sum())
    changed.loc[later, "lat"], changed.loc[later, "lon"] = GRID.lat[places], GRID.lng[places]
    changed.loc[later, "offence_group"] = "disorder"

    forecasts = [
        BASELINES[name](earlier(counted_of(frame), 92), GRID, PARAMETERS)
        for frame in (incidents, changed, incidents[~later])
    ]

    assert forecasts[0].tobytes() == forecasts[1].tobytes() == forecasts[2].tobytes()
    assert forecasts[0].any()
