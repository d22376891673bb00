"""Standing patrols and cameras count unless past windows were forecast better without them."""

import json
from dataclasses import replace

import numpy as np
import pytest

from geo.hazard.evidence import rate_evidence
from geo.hazard.fitted import FittedQuantities, Model
from geo.hazard.fitting import fit_rate
from geo.hazard.rate import town_rate
from geo.hazard.steps import town_ground
from geo.hazard.town import town_hazard
from tests.geo.hazard_towns import PARAMETERS, rich_town
from tests.geo.planted_towns import Plan, planted_town, simulated

PLAN = Plan(events=(1500, 700), width=0.025)


def patrolled_town(seed: int, *, where_offences_are: bool, effect: float):
    """A town a tenth of which is patrolled; the factor of it for the model, and the true rate."""
    town, rng = planted_town(PLAN, seed), np.random.default_rng(seed)
    cells = len(town.grid.cells)
    order = np.argsort(-town.truth.sum(axis=0) / town.grid.area_m2)
    chosen = order[: cells // 10] if where_offences_are else rng.permutation(cells)[: cells // 10]
    dose = np.zeros(cells)
    dose[chosen] = 0.8
    truth = town.truth * np.exp(effect * dose)
    counted = simulated(town.grid, truth, int(PLAN.years * 365), rng)
    factor = np.tile(np.exp(-0.174 * (dose - dose.mean())), (2, 1))
    return town, counted, factor, truth


def fitted(town, counted, *factors) -> FittedQuantities:
    return fit_rate(counted, town.grid, town.base, PARAMETERS, contrast=np.stack(factors))


@pytest.mark.parametrize("seed", range(3))
def test_patrols_that_stand_where_offences_are_are_left_out_and_the_forecast_is_better(seed):
    town, counted, factor, truth = patrolled_town(seed, where_offences_are=True, effect=-0.174)
    one = np.ones_like(factor)

    found = fitted(town, counted, one, factor, one)

    assert found.standing_left_out == ("patrol",)
    evidence = rate_evidence(counted, town.grid, town.base, PARAMETERS)
    with_it, without = (
        town_rate(evidence, contrast, Model(PARAMETERS, found)).expected.sum(axis=0)
        for contrast in (factor, one)
    )
    share = truth.sum(axis=0) / truth.sum()
    lost = (share * np.log(without / without.sum() / (with_it / with_it.sum()))).sum()
    assert lost > 0.001  # nats an incident


@pytest.mark.parametrize("seed", range(3))
def test_patrols_that_stand_by_chance_and_prevent_much_count(seed):
    town, counted, factor, _ = patrolled_town(seed, where_offences_are=False, effect=-1.5)
    one = np.ones_like(factor)

    assert fitted(town, counted, one, factor, one).standing_left_out == ()


def test_each_condition_is_judged_for_itself_and_light_is_not():
    town, counted, hot, _ = patrolled_town(1, where_offences_are=True, effect=0.0)
    one = np.ones_like(hot)

    assert fitted(town, counted, one, one, hot).standing_left_out == ("camera",)
    assert fitted(town, counted, one, 1 / hot, hot).standing_left_out == ("camera",)
    assert fitted(town, counted, hot, one, one).standing_left_out == ()


def test_fit_without_patrols_and_cameras_is_that_of_light_alone():
    town, counted, hot, _ = patrolled_town(2, where_offences_are=True, effect=0.0)
    one = np.ones_like(hot)

    assert fitted(town, counted, hot, one, one) == fit_rate(
        counted, town.grid, town.base, PARAMETERS, contrast=hot
    )


def test_what_was_left_out_has_no_factor_and_no_part_in_the_reasons():
    town = rich_town()
    without = replace(town, fitted=FittedQuantities(standing_left_out=("patrol", "camera")))

    light, patrol, camera = town_ground(without, PARAMETERS).standing
    cells = town_hazard(without, PARAMETERS).cells

    assert (patrol == 1).all()
    assert (camera == 1).all()
    assert (light == town_ground(town, PARAMETERS).standing[0]).all()
    assert cells["part_standing_patrol"].abs().max() < 1e-12
    assert cells["part_patrol_since"].abs().max() > 1e-3  # what has changed counts all the same


def test_choice_survives_the_run_card():
    found = FittedQuantities(standing_left_out=("camera",))
    card = json.loads(json.dumps(found.as_json()))

    assert FittedQuantities.from_json(card) == found
    del card["standing_left_out"]  # of a run before the choice
    assert FittedQuantities.from_json(card).standing_left_out == ()
