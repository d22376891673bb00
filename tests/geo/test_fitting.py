from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from geo.hazard.counted import count_incidents, earlier
from geo.hazard.dispersion import dispersion_of
from geo.hazard.evidence import base_share, rate_evidence
from geo.hazard.fitted import FittedQuantities, Model
from geo.hazard.fitting import EFFECT_SHAPES, OTHER_GROUPS, fit_rate
from geo.hazard.past_windows import window_starts
from geo.hazard.posterior import confidence_words, gamma_interval
from geo.hazard.rate import town_rate
from geo.parameters import GROUPS
from tests.geo.hazard_towns import (
    AS_OF,
    COVERAGE,
    PARAMETERS,
    incident_rows,
    oral,
    random_incidents,
)
from tests.geo.planted_towns import Plan, planted_town, simulated


def town_of(incidents, grid, coverage=COVERAGE, as_of=AS_OF):
    counted = count_incidents(incidents, grid, coverage, as_of, PARAMETERS)
    street = 50.0 + np.arange(len(grid.cells)) % 7
    return counted, base_share(street, grid.area_m2, PARAMETERS)


def fit(incidents, grid, **options):
    counted, base = town_of(incidents, grid)
    return fit_rate(counted, grid, base, PARAMETERS, **options)


@pytest.mark.parametrize(("horizon", "windows"), [(7, 26), (14, 24), (31, 20), (30, 20), (91, 7)])
def test_windows_are_as_long_as_the_forecast_looks_ahead(horizon, windows):
    # 1 096 days less 400 hold 7 windows of 92 days
    fitted = fit(random_incidents(oral().grid, 60, seed=1), oral().grid, horizon_days=horizon)

    assert fitted.windows == windows


@pytest.mark.parametrize("number", [0, 1, 5])
def test_few_incidents_fit_finite_numbers_and_say_too_few(number):
    grid = oral().grid
    counted, base = town_of(incident_rows(grid, range(number)), grid)

    fitted = fit_rate(counted, grid, base, PARAMETERS)

    evidence = rate_evidence(counted, grid, base, PARAMETERS)
    ones = np.ones((len(GROUPS), len(grid.cells)))
    rate = town_rate(evidence, ones, Model(PARAMETERS, fitted))
    variance = rate.expected**2 * (1 / rate.shape + rate.level_variance[:, None])
    low, high = gamma_interval(rate.expected, variance, PARAMETERS.interval)
    assert np.isfinite([rate.expected, rate.shape, low, high]).all()
    assert (confidence_words(low, high, PARAMETERS) == "too_few").all()


def test_without_a_past_window_the_defaults_hold():
    short = ((AS_OF - timedelta(days=300), AS_OF - timedelta(days=1)),)
    counted, base = town_of(random_incidents(oral().grid, 60, seed=1), oral().grid, short)

    assert fit_rate(counted, oral().grid, base, PARAMETERS) == FittedQuantities()


def test_order_of_rows_changes_no_bit():
    grid = oral().grid
    incidents = random_incidents(grid, 200, seed=2)

    assert fit(incidents.sample(frac=1, random_state=1), grid) == fit(incidents, grid)


def test_fit_of_an_earlier_day_is_that_of_what_was_known_then():
    grid = oral().grid
    incidents = random_incidents(grid, 300, seed=3)
    counted, base = town_of(incidents, grid)
    before, _ = town_of(incidents, grid, as_of=AS_OF - timedelta(days=200))

    found = fit_rate(earlier(counted, 200), grid, base, PARAMETERS)

    expected = fit_rate(before, grid, base, PARAMETERS)
    assert found.effect_shape == expected.effect_shape
    assert found.effect_other_groups == expected.effect_other_groups
    for group, weights in expected.weights.items():
        np.testing.assert_allclose(found.weights[group], weights, rtol=1e-9)


def test_own_cell_of_a_sensitive_incident_moves_nothing():
    grid = oral(0.03).grid
    coarse = np.unique(grid.coarser(PARAMETERS.sensitive_resolution), return_inverse=True)[1]
    incidents = random_incidents(grid, 200, seed=4)
    moved = incidents.copy()
    cells = grid.positions(incidents["h3_cell"])
    for row in np.flatnonzero(incidents["sensitive"]):
        fellows = np.flatnonzero(coarse == coarse[cells[row]])
        other = fellows[row % len(fellows)]
        moved.loc[row, ["lat", "lon"]] = grid.lat[other], grid.lng[other]

    assert not moved["lat"].equals(incidents["lat"])
    assert fit(moved, grid) == fit(incidents, grid)


def test_one_group_alone_fits_steb():
    grid = oral().grid

    fitted = fit(incident_rows(grid, np.arange(90) % 50, occurred_at=np.datetime64(AS_OF)
                               - np.arange(1, 91) * np.timedelta64(10, "D")), grid)  # fmt: skip

    weights = fitted.weights["theft_robbery"]
    assert weights[7:10] == (0, 0, 0)
    assert sum(weights) == pytest.approx(1)
    assert fitted.effect_other_groups == {"theft_robbery": 0}


def town_grown_by(weights, windows, per_window, seed):
    """Three years of one group, then windows each drawn from the mixture known at its start."""
    grid = oral(0.045).grid
    rng = np.random.default_rng(seed)
    base = base_share(rng.gamma(2, 50, len(grid.cells)), grid.area_m2, PARAMETERS)
    hot = np.where(rng.random(len(grid.cells)) < 0.05, rng.gamma(1, 1, len(grid.cells)), 0)
    first = AS_OF - timedelta(days=1095)
    frame = simulated(grid, 1.5 * hot[None] / hot.sum(), 1095, rng).frame
    for number in range(windows):
        start = AS_OF + timedelta(days=31 * number)
        coverage = ((first, start - timedelta(days=1)),)
        known = count_incidents(frame, grid, coverage, start, PARAMETERS, ("theft_robbery",))
        evidence = rate_evidence(known, grid, base, PARAMETERS)
        shares = [*evidence.shares[:, 0], base]
        where = sum(weight * share for weight, share in zip(weights, shares, strict=True))
        end = start + timedelta(days=31)
        drawn = simulated(grid, per_window / 31 * where[None], 31, rng, as_of=end).frame
        drawn["incident_id"] = f"w{number:02d}" + drawn["incident_id"]
        frame = pd.concat([frame, drawn], ignore_index=True)
    coverage = ((first, end - timedelta(days=1)),)
    return count_incidents(frame, grid, coverage, end, PARAMETERS, ("theft_robbery",)), grid, base


def test_planted_weights_are_found():
    """8 000 incidents are drawn from known weights: the fit must give the shares back.

    A share w has a standard error of √(w (1 − w) / 8000) ≤ .006 were the components told apart
    for sure. They resemble each other, the 200 m ones most: what is seen of a weight here is
    its sum with its neighbours', and ten times that error is allowed.
    """
    planted = np.zeros(11)
    planted[[0, 3, -1]] = 0.4, 0.35, 0.25  # 100 m and 800 m for 1095 days, and the base

    counted, grid, base = town_grown_by(planted, windows=20, per_window=400, seed=5)
    weights = np.array(fit_rate(counted, grid, base, PARAMETERS).weights["theft_robbery"])

    narrow, wide = weights[[0, 1, 4, 6]].sum(), weights[[2, 3, 5]].sum()
    assert narrow == pytest.approx(0.4, abs=0.06)
    assert wide == pytest.approx(0.35, abs=0.06)
    assert weights[-1] == pytest.approx(0.25, abs=0.06)


def slow_effect(counted, grid, base, fitted, starts):
    """Try every a and ρ with the evidence of every past origin, over all cells."""
    known = [rate_evidence(earlier(counted, start), grid, base, PARAMETERS) for start in starts]
    best = {}
    for number, group in enumerate(counted.groups):
        own = counted.group == number
        scores = {}
        for a in EFFECT_SHAPES.tolist():
            for rho in OTHER_GROUPS:
                score = -((np.log(a / 2) / 0.7) ** 2) / 2
                for start, evidence in zip(starts, known, strict=True):
                    chosen = replace(fitted, effect_shape={group: a}, dispersion={}, season={},
                                     effect_other_groups={group: rho})  # fmt: skip
                    ones = np.ones((len(counted.groups), len(grid.cells)))
                    rate = town_rate(evidence, ones, Model(PARAMETERS, chosen)).expected[number]
                    here = own & (counted.age_days <= start) & (counted.age_days > start - 31)
                    score += np.log(rate[counted.cell[here]] / rate.sum()).sum()
                scores[a, rho] = score
        best[group] = max(scores, key=scores.get)
    return best


def test_pull_of_the_record_is_the_best_of_its_grid():
    # every cell of this town is looked at, so that nothing is estimated
    town = planted_town(Plan(events=(300, 200), width=0.012, years=1.5), seed=2)

    fitted = fit_rate(town.counted, town.grid, town.base, PARAMETERS)

    starts = window_starts(town.counted, 31, 20).tolist()
    slow = slow_effect(town.counted, town.grid, town.base, fitted, starts)
    for group, (a, rho) in slow.items():
        assert (fitted.effect_shape[group], fitted.effect_other_groups[group]) == (a, rho)
    assert any(rho > 0 for _, rho in slow.values())


@pytest.mark.parametrize(("swing", "used"), [(0.8, True), (0.0, False)])
def test_month_is_used_where_the_years_repeat(swing, used):
    grid = oral().grid
    rng = np.random.default_rng(3)
    day = np.arange(1, 5 * 365)
    rate = 3 * (1 + swing * np.cos(2 * np.pi * day / 365.25))  # the forecast starts in January
    ages = np.repeat(day, rng.poisson(rate))
    incidents = incident_rows(
        grid,
        rng.integers(0, len(grid.cells), len(ages)),
        occurred_at=np.datetime64(AS_OF) - ages * np.timedelta64(24, "h"),
    )
    five_years = ((date(2020, 1, 3), date(2024, 12, 31)),)
    counted, base = town_of(incidents, grid, five_years)

    season = fit_rate(counted, grid, base, PARAMETERS).season

    assert ("theft_robbery" in season) == used
    if used:
        index = np.array(season["theft_robbery"])
        assert index.mean() == pytest.approx(1)
        assert index[0] == pytest.approx(1.75, abs=0.12)  # mean of the cosine over January: .94
        assert index[6] == pytest.approx(0.25, abs=0.12)


@pytest.mark.parametrize(("planted", "low", "high"), [(1.0, 1.0, 1.3), (3.0, 2.2, 3.8)])
def test_dispersion_that_was_planted_is_found(planted, low, high):
    rng = np.random.default_rng(1)
    expected = rng.gamma(0.5, 2, 20_000) + 0.01
    shape = 2 + expected
    rate = expected * rng.gamma(shape / planted) / (shape / planted)

    found = dispersion_of(rng.poisson(rate).astype(float), expected, shape)

    busy = np.array(found.factors)[1:]  # the quiet half of the cells says little
    assert ((low <= busy) & (busy <= high)).all()
    assert len(found.breaks) == 4


def test_dispersion_stays_at_one_where_nothing_happened():
    found = dispersion_of(np.zeros(50), np.arange(1.0, 51), np.full(50, 2.0))

    assert found.factors == (1.0,) * 5
