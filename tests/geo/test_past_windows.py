from datetime import timedelta

import numpy as np
import pytest

from geo.hazard.counted import count_incidents, earlier
from geo.hazard.evidence import base_share, rate_evidence
from geo.hazard.fitted import Model
from geo.hazard.past_windows import past_windows, window_starts
from tests.geo.hazard_towns import (
    AS_OF,
    COVERAGE,
    PARAMETERS,
    incident_rows,
    oral,
    random_incidents,
)
from tests.geo.planted_towns import Plan, planted_town


def town_of(incidents, grid, coverage=COVERAGE, as_of=AS_OF):
    counted = count_incidents(incidents, grid, coverage, as_of, PARAMETERS)
    street = 50.0 + np.arange(len(grid.cells)) % 7
    return counted, base_share(street, grid.area_m2, PARAMETERS)


@pytest.mark.parametrize("width", [0.012, 0.07])
@pytest.mark.parametrize("known_to_m", [np.nan, 200.0])
def test_past_windows_hold_what_the_evidence_of_the_earlier_origin_says(width, known_to_m):
    grid = oral(width).grid
    incidents = random_incidents(grid, 400, seed=5)
    incidents.loc[::9, "geo_accuracy_m"] = known_to_m
    counted, base = town_of(incidents, grid)
    starts = np.array([31, 310])

    past = past_windows(counted, grid, base, PARAMETERS, (starts, 31))

    # One kernel of √(h² + σ²) is cut where two in a row are not: 3 % instead of 0.6 %.
    largest, whole_error = (0.006, 0.0005) if np.isnan(known_to_m) else (0.03, 0.01)
    at = past.places.cell
    for number, start in enumerate(starts.tolist()):
        known = rate_evidence(earlier(counted, start), grid, base, PARAMETERS)
        there = known.shares.sum(axis=2, keepdims=True) > 0
        pairs = [
            (past.shares[:, number], np.where(there, known.shares, base)),
            (past.record[number], known.record),
            (past.others[number], known.others),
            (past.expected_others[number], known.expected_others),
        ]
        for found, whole in pairs:
            missed = np.abs(found - whole[..., at])
            assert missed.max() <= largest * whole.max()
            assert (missed.sum(axis=-1) / 2 <= whole_error * whole.sum(axis=-1) + 1e-12).all()
        assert past.level[number] == pytest.approx(known.level)
        assert past.exposure_days[number] == pytest.approx(known.exposure_days)


def test_incidents_of_a_window_are_those_of_its_days():
    grid = oral().grid
    at = np.datetime64(AS_OF, "m")
    # windows of 31 days: (0, 31] and (31, 62] days before the forecast
    ages = [0.5, 31.0, 31.5, 62.0, 62.5]
    incidents = incident_rows(
        grid, [4, 5, 6, 7, 8], occurred_at=[at - int(age * 1440) for age in ages]
    )
    counted, base = town_of(incidents, grid)

    past = past_windows(counted, grid, base, PARAMETERS, (np.array([31, 62]), 31))

    held = [past.places.cell[row[1] > 0].tolist() for row in past.happened]
    assert held == [[4, 5], [6, 7]]


def test_sampled_cells_stand_for_the_whole_town():
    town = planted_town(Plan(width=0.1), seed=3)
    starts = np.array([31, 62])

    past = past_windows(town.counted, town.grid, town.base, PARAMETERS, (starts, 31))

    weights = np.array(Model(PARAMETERS).weights("violence"))
    share = past.mixed(1, weights)
    found = past.stands_for(share) * share * 2 / (2 + 400 * share)
    assert len(past.places.cell) < 0.5 * len(town.grid.cells)
    assert past.places.stands_for.sum() == pytest.approx(len(town.grid.cells))
    for number, start in enumerate(starts.tolist()):
        known = rate_evidence(earlier(town.counted, start), town.grid, town.base, PARAMETERS)
        whole = np.tensordot(weights[:-1], known.shares[:, 1], 1) + weights[-1] * town.base
        exact = (whole * 2 / (2 + 400 * whole)).sum()
        assert found[number].sum() == pytest.approx(exact, rel=0.002)


@pytest.mark.parametrize(
    ("coverage", "expected"),
    [
        # 3 years: the 20th window began 620 days before, 476 days after the first record
        (COVERAGE, [31 * n for n in range(1, 21)]),
        # 480 days: 400 of them must lie before; 480 − 62 = 418, 480 − 93 = 387
        (((AS_OF - timedelta(days=480), AS_OF - timedelta(days=1)),), [31, 62]),
        # the last ten days are not recorded: windows lie before them
        (((AS_OF - timedelta(days=480), AS_OF - timedelta(days=11)),), [41, 72]),
        # a gap from 40 to 50 days before: the window (31, 62] is not recorded throughout
        (
            (
                (AS_OF - timedelta(days=520), AS_OF - timedelta(days=51)),
                (AS_OF - timedelta(days=40), AS_OF - timedelta(days=1)),
            ),
            [31, 93],
        ),
        (((AS_OF - timedelta(days=430), AS_OF - timedelta(days=1)),), []),
        ((), []),
    ],
)
def test_windows_lie_end_to_end_in_recorded_days(coverage, expected):
    counted, _ = town_of(random_incidents(oral().grid, 5, seed=1), oral().grid, coverage)

    assert window_starts(counted, 31, 20).tolist() == expected
