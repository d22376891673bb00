import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from geo.cells import cell_parents
from geo.errors import UsageError
from geo.hazard.counted import count_incidents
from geo.hazard.evidence import base_share, exposure_days, rate_evidence
from geo.hazard.fitted import Dispersion, FittedQuantities, Model
from geo.hazard.rate import town_rate
from geo.parameters import GROUPS, KernelComponent
from tests.geo.hazard_towns import (
    AS_OF,
    COVERAGE,
    PARAMETERS,
    incident_rows,
    oral,
    random_incidents,
)
from tests.geo.slow_rate import SlowRate


def rate_of(incidents, grid=None, model=None, contrast=None):
    grid = oral().grid if grid is None else grid
    street = 50.0 + np.arange(len(grid.cells)) % 7
    base = base_share(street, grid.area_m2, PARAMETERS)
    counted = count_incidents(incidents, grid, COVERAGE, AS_OF, PARAMETERS)
    ones = np.ones((len(GROUPS), len(grid.cells)))
    model = model or Model(PARAMETERS)
    evidence = rate_evidence(counted, grid, base, model.parameters)
    rate = town_rate(evidence, ones if contrast is None else contrast, model)
    return rate, counted, base


def slow_rate(counted, base, grid):
    parents = cell_parents(grid.cells, 8).tolist()
    cells = list(zip(grid.x.tolist(), grid.y.tolist(), grid.area_m2.tolist(), parents, strict=True))
    rows = [
        [int(cell), GROUPS[group], float(age), bool(hidden), key]
        for cell, group, age, hidden, key in zip(
            counted.cell,
            counted.group,
            counted.age_days,
            counted.sensitive,
            counted.frame["address_key"],
            strict=True,
        )
    ]
    return SlowRate(cells, rows, base.tolist(), [(0, 1096)])


@pytest.mark.parametrize("only", [None, "violence", "child"])
def test_rate_equals_the_slow_reference_in_every_cell(only):
    grid = oral().grid
    incidents = random_incidents(grid, 40, seed=4)
    if only:
        incidents = incidents[incidents["offence_group"] == only]

    rate, counted, base = rate_of(incidents)

    slow = slow_rate(counted, base, grid)
    for code, group in enumerate(GROUPS):
        np.testing.assert_allclose(rate.expected[code], slow.group(group).expected, rtol=1e-9)


def test_expected_incidents_add_up_to_the_level():
    rate, _, _ = rate_of(random_incidents(oral().grid, 50, seed=1))

    np.testing.assert_allclose(rate.expected.sum(axis=1), rate.level, rtol=1e-12)


def test_level_is_the_weight_of_sixty_days_over_their_exposure():
    # two incidents, 60 and 120 days old: (1/2 + 1/4) / ((1 − 2^(−1096/60)) · 60 / ln 2)
    grid = oral().grid
    incidents = incident_rows(
        grid, [3, 9], occurred_at=np.array(["2024-11-02", "2024-09-03"], dtype="datetime64[ns]")
    )

    rate, _, _ = rate_of(incidents)

    expected = 0.75 / ((1 - 2 ** (-1096 / 60)) * 60 / math.log(2))
    assert rate.level[1] == pytest.approx(expected, rel=1e-12)
    # (1/4 + 1/16) / (3/4)²
    assert rate.level_variance[1] == pytest.approx(0.3125 / 0.5625, rel=1e-12)


def test_exposure_skips_the_days_nobody_recorded():
    # half-life 10: [0,10] sees 1 − 1/2, [20,30] sees 1/4 − 1/8
    seen = exposure_days(((0.0, 10.0), (20.0, 30.0)), 10)

    assert seen == pytest.approx((0.5 + 0.125) * 10 / math.log(2))
    assert exposure_days((), 10) == 0


def test_each_step_of_the_mixture_is_a_share_of_the_town():
    rate, _, _ = rate_of(random_incidents(oral().grid, 50, seed=2))

    for step in (rate.mixtures.long, rate.mixtures.with_others, rate.mixtures.full):
        np.testing.assert_allclose(step.sum(axis=1), 1, rtol=1e-12)
        assert (step > 0).all()


def test_empty_component_hands_its_weight_to_the_base():
    # 90 years old: the memory of 30 days is 2^(−1096) = 0 in floating point
    grid = oral().grid
    incidents = incident_rows(grid, [5], occurred_at=np.datetime64("1934-12-09", "ns"))
    counted = count_incidents(
        incidents, grid, ((AS_OF.replace(year=1930), AS_OF),), AS_OF, PARAMETERS
    )
    base = np.full(len(grid.cells), 1 / len(grid.cells))
    short = KernelComponent(200, 30, 0.25)
    wide = KernelComponent(800, 1095, 0.5)
    chosen = replace(PARAMETERS, own_components=(wide, short), base_weight=0.25)

    ones = np.ones((len(GROUPS), len(grid.cells)))
    rate = town_rate(rate_evidence(counted, grid, base, chosen), ones, Model(chosen))

    # .5 kernel + (.25 + .25) base
    spread = 2 * (rate.mixtures.full[1] - 0.5 * base)
    assert spread.sum() == pytest.approx(1)
    # alone with the base the long memory has .5 / .75
    np.testing.assert_allclose(rate.mixtures.long[1], (2 * spread + base) / 3, rtol=1e-9)


def test_one_group_drops_the_others_and_their_record():
    grid = oral().grid
    incidents = incident_rows(grid, [4, 4, 20])
    record_alone = Model(replace(PARAMETERS, background_error=0.0))

    rate, counted, _ = rate_of(incidents, model=record_alone)

    np.testing.assert_array_equal(rate.mixtures.long[1], rate.mixtures.with_others[1])
    y = np.bincount(counted.cell, 2 ** (-counted.age_days / 3650), len(grid.cells))
    np.testing.assert_allclose(rate.shape[1], 2 + y, rtol=1e-12)


def test_incident_of_another_group_counts_for_the_record_by_rho():
    grid = oral().grid
    incidents = incident_rows(grid, [4, 20], offence_group=["theft_robbery", "violence"])
    record_alone = Model(replace(PARAMETERS, background_error=0.0))

    rate, counted, _ = rate_of(incidents, model=record_alone)

    weight = 2 ** (-counted.age_days / 3650)
    assert rate.shape[1, 20] == pytest.approx(2 + 0.3 * weight[1])
    assert rate.shape[2, 20] == pytest.approx(2 + weight[1])


def test_dispersion_widens_the_posterior_and_leaves_the_mean():
    incidents = random_incidents(oral().grid, 50, seed=2)
    fitted = FittedQuantities(
        dispersion={"violence": Dispersion(factors=(2.5,)), "child": Dispersion(factors=(0.5,))}
    )

    plain, _, _ = rate_of(incidents)
    wide, _, _ = rate_of(incidents, model=Model(PARAMETERS, fitted))

    np.testing.assert_array_equal(plain.expected, wide.expected)
    np.testing.assert_allclose(wide.shape[2], plain.shape[2] / 2.5)
    np.testing.assert_array_equal(wide.shape[0], plain.shape[0])  # φ never below 1


@pytest.mark.parametrize("seed", range(8))
def test_adding_an_incident_never_lowers_its_own_cell(seed):
    grid = oral().grid
    rng = np.random.default_rng(seed)
    incidents = random_incidents(grid, int(rng.integers(0, 60)), seed)
    cell = int(rng.integers(len(grid.cells)))
    group = rng.choice(["theft_robbery", "violence", "disorder"])
    before, _, _ = rate_of(incidents)
    age = np.timedelta64(int(rng.integers(1, 1000)), "D")
    added = incident_rows(
        grid,
        [cell],
        incident_id=["new"],
        offence_group=group,
        occurred_at=np.datetime64(AS_OF) - age,
    )

    after, _, _ = rate_of(pd.concat([incidents, added], ignore_index=True))

    assert (after.expected[:, cell] >= before.expected[:, cell] * (1 - 1e-12)).all()


@pytest.mark.parametrize(
    "weights", [(-0.1, *[0.1] * 10), (0.0,) * 11, (float("nan"), *[0.1] * 10), (1.0,)]
)
def test_weights_that_cannot_be_meant_are_refused(weights):
    model = Model(PARAMETERS, FittedQuantities(weights={"child": weights}))

    with pytest.raises(UsageError) as refused:
        model.weights("child")

    assert refused.value.code == "weights_invalid"


def test_default_weights_sum_to_one_and_are_those_of_the_parameters():
    weights = Model(PARAMETERS).weights("violence")

    assert math.fsum(weights) == pytest.approx(1)
    assert weights[0] == pytest.approx(0.12)
    assert weights[-1] == pytest.approx(0.04)
