"""Towns with a planted rate: do nine of ten 90 % intervals hold it?"""

import numpy as np
import pytest

from geo.hazard.evidence import rate_evidence
from geo.hazard.fitted import Model
from geo.hazard.fitting import fit_rate
from geo.hazard.posterior import gamma_interval
from geo.hazard.rate import town_rate
from geo.hazard.score import Pieces, place_harm
from tests.geo.hazard_towns import PARAMETERS
from tests.geo.planted_towns import Plan, planted_town

SEEDS = range(10)
PLANS = {
    "two groups that share their places": Plan(),
    "four groups, a pull of other groups' incidents": Plan(events=(900, 600, 300, 100)),
    "one group": Plan(events=(900,)),
    "groups with effects of their own": Plan(shared=0.0),
    "many incidents": Plan(events=(3000, 2000)),
    "few incidents": Plan(events=(200, 100)),
    "rough places, little base": Plan(a=1.0, base=0.15, widths=(60, 200), hot=25),
    "sixty cells": Plan(events=(400, 200), width=0.012, hot=4),
}


def covered(mean, variance, truth):
    """Share of the intervals that hold the truth: all, predicted top 5 %, truly hottest 5 %."""
    low, high = gamma_interval(mean, variance, (0.05, 0.95))
    held = (low <= truth) & (truth <= high)
    most = int(np.ceil(0.05 * len(mean)))
    predicted, hottest = np.argsort(-mean, kind="stable")[:most], np.argsort(-truth)[:most]
    return held.mean(), held[predicted].mean(), held[hottest].mean()


def harm_of(rate):
    """Mean and variance of all groups together in each cell, each incident counted once."""
    cells = rate.expected.shape[1]
    pieces = Pieces(
        harm=rate.expected.T[:, :, None],
        expected=rate.expected.sum(axis=0),
        shape=rate.shape.T,
        common=rate.common.T,
        chain=np.zeros((cells, 7)),
        timed=np.zeros((cells, 1)),
        lit=np.zeros((cells, 1)),
        patrolled=np.zeros((cells, 1)),
        by_effect=np.zeros((cells, 3, 1)),
        light_variance=np.zeros((cells, 2)),
    )
    places = place_harm(pieces, np.arange(cells), cells, rate.level_variance)
    return places.mean[:, 0], places.variance[:, 0]


@pytest.mark.parametrize("name", PLANS)
def test_nine_of_ten_intervals_hold_the_planted_rate(name, record_property):
    by_group, together, rhos = [], [], []
    for seed in SEEDS:
        town = planted_town(PLANS[name], seed)
        fitted = fit_rate(town.counted, town.grid, town.base, PARAMETERS)
        evidence = rate_evidence(town.counted, town.grid, town.base, PARAMETERS)
        rate = town_rate(evidence, np.ones(town.truth.shape), Model(PARAMETERS, fitted))
        variance = rate.expected**2 * (1 / rate.shape + rate.level_variance[:, None])
        groups = zip(rate.expected, variance, town.truth, strict=True)
        by_group.append(np.mean([covered(*one) for one in groups], axis=0))
        together.append(covered(*harm_of(rate), town.truth.sum(axis=0)))
        rhos.append(max(fitted.effect_other_groups.values()))
    found = np.mean(by_group, axis=0), np.mean(together, axis=0)
    names = ("all", "predicted_top", "truly_top")
    for grain, shares in zip(("rate", "all_groups"), found, strict=True):
        for what, share in zip(names, shares, strict=True):
            record_property(f"{grain}_{what}", round(float(share), 3))

    for everywhere, predicted_top, _ in found:
        assert 0.85 <= everywhere <= 0.95
        assert 0.85 <= predicted_top <= 0.95
    assert ("group" not in name) or name == "one group" or np.mean(rhos) > 0
