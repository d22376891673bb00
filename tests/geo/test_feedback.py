"""Patrols that are sent where records are must not make the records they are sent by (H02, H03).

An urn of two districts with equal true rates: patrols go where the records are, and find offences
where they stand. Counting what they find sends them back there for ever. The map counts what
somebody reported; what was found on patrol stays out (`count_incidents`).
"""

import numpy as np
import pytest

from geo.hazard.counted import count_incidents
from geo.parameters import GROUPS
from tests.geo.hazard_towns import AS_OF, COVERAGE, PARAMETERS, incident_rows, oral

ROUNDS, TOWNS = 1000, 200
START = 10
"""Records of each district before the first round."""

SMALLEST_CHANCE = 0.05
"""A find where a patrol hardly ever goes counts twenty at most: no lone find may fill the urn."""

FIND_A_ROUND = 0.5
"""Chance that a patrol finds an offence in a round, at a true rate of 1."""

REPORTS_A_ROUND = 1.0


def records(rule, rates=(1.0, 1.0), towns=TOWNS):
    """Reported and discovered offences of the two districts of many towns after all rounds.

    Patrols go to a district with the share of the weights that `rule` gives its records; the
    third array holds the share of the first district in the end.
    """
    random = np.random.default_rng(0)
    weight = np.full((towns, 2), float(START))
    reported, discovered = np.zeros((towns, 2), int), np.zeros((towns, 2), int)
    town = np.arange(towns)
    for _ in range(ROUNDS):
        chance = weight / weight.sum(axis=1, keepdims=True)
        visited = (random.random(towns) >= chance[:, 0]).astype(int)
        reports = random.poisson(REPORTS_A_ROUND * np.asarray(rates), (towns, 2))
        found = random.random(towns) < FIND_A_ROUND * np.asarray(rates)[visited]
        reported += reports
        discovered[town, visited] += found
        if rule == "reported":
            weight += reports
        elif rule == "discovered":
            weight[town, visited] += found
        else:
            weight[town, visited] += found / np.maximum(chance[town, visited], SMALLEST_CHANCE)
    return reported, discovered, weight[:, 0] / weight.sum(axis=1)


def shares(rule, rates=(1.0, 1.0)):
    return records(rule, rates)[2]


@pytest.mark.parametrize("rule", ["reported", "discovered_by_chance"])
def test_h03_equal_districts_stay_equal(rule):
    low, high = np.quantile(shares(rule), [0.05, 0.95])

    assert low >= 0.45
    assert high <= 0.55


def test_h03_counting_what_patrols_find_runs_away():
    low, high = np.quantile(shares("discovered"), [0.05, 0.95])

    assert low == pytest.approx(0.33, abs=0.04)
    assert high == pytest.approx(0.69, abs=0.04)


@pytest.mark.parametrize("rule", ["reported", "discovered_by_chance"])
def test_h03_true_difference_stays_what_it_is(rule):
    assert np.median(shares(rule, (1.2, 1.0))) == pytest.approx(12 / 22, abs=0.02)


def test_h03_naive_counting_makes_a_small_difference_large():
    assert np.median(shares("discovered", (1.2, 1.0))) > 0.60


@pytest.mark.parametrize("town", range(5))
def test_h02_the_counted_incidents_are_the_reported_ones(town):
    # The records of the last day as the map gets them: its share is that of the sound rule.
    reported, discovered, share = (found[town] for found in records("reported", towns=5))
    grid = oral().grid
    cells = np.repeat([5, 40, 5, 40], [*reported, *discovered])
    ways = ["reported"] * reported.sum() + ["discovered"] * discovered.sum()
    incidents = incident_rows(grid, cells, discovery=ways, offence_group="disorder")

    counted = count_incidents(incidents, grid, COVERAGE, AS_OF, PARAMETERS)

    assert counted.left_out["discovered"] == discovered.sum() > 0
    assert np.bincount(counted.cell)[[5, 40]].tolist() == reported.tolist()
    assert counted.count_by_group()[GROUPS.index("disorder")] == reported.sum()
    assert (START + reported[0]) / (2 * START + reported.sum()) == pytest.approx(share)
