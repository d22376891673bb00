"""What a condition is worth to a forecast: much where it was planted, nothing where nothing was."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from geo.errors import NoDataError
from geo.evaluation.ablation import Past, ablation
from geo.evaluation.left_out import CONDITIONS, VARIANTS, without
from geo.evaluation.recovery import beyond_before
from geo.hazard.modifiers import change_since
from geo.hazard.steps import town_ground
from tests.geo.hazard_towns import AS_OF, PARAMETERS, incident_rows, rich_town
from tests.geo.test_planted_effects import PLANTED, changed_town, followed

DAYS = 30
NAMED = {"light": "light_since", "patrol": "patrol_since", "camera": "camera_since"}


def recorded_after(town, counts, rng):
    """The town a window later: `counts` more incidents on its parts, each known to its section."""
    part = np.repeat(np.arange(len(counts)), counts)
    at = pd.Timestamp(AS_OF) + pd.to_timedelta(rng.integers(0, DAYS * 1440, len(part)), unit="min")
    later = incident_rows(
        town.grid, town.parts["cell"].to_numpy()[part], occurred_at=at,
        incident_id=[f"n{n}" for n in range(len(part))],
        section_id=town.sections["section_id"].to_numpy()[part],
    )  # fmt: skip
    past = town.incidents.assign(section_id=None)
    return replace(
        town,
        incidents=pd.concat([past, later], ignore_index=True),
        as_of=AS_OF + timedelta(days=DAYS),
        coverage=((town.coverage[0][0], AS_OF + timedelta(days=DAYS - 1)),),
    )


def conditions_of(town):
    return town_ground(town, PARAMETERS).conditions


def judged(town, counts, rng, **fields):
    past = Past([town], recorded_after(town, counts, rng), **fields)
    return ablation([past], DAYS, PARAMETERS)


@pytest.mark.parametrize("effect", list(NAMED))
def test_planted_condition_is_worth_something_and_no_other(effect):
    rng = np.random.default_rng(5)
    town, _, rise = changed_town(effect, rng)
    counts = followed(town, rise, PLANTED[effect], rng)

    found = judged(town, counts, rng)

    assert found.incidents == counts.sum()
    for name in (effect, NAMED[effect]):
        worth = found.worth[name]
        assert worth.brings > 4 * worth.error > 0
        assert worth.brings_there > 4 * worth.error_there > 0
        assert worth.touched == counts[rise != 0].sum()
        assert worth.without.gain == pytest.approx(found.whole.gain - worth.brings)
    for name in set(VARIANTS) - {effect, NAMED[effect]}:
        assert found.worth[name].brings == pytest.approx(0, abs=1e-12), name


@pytest.mark.parametrize("effect", list(NAMED))
def test_planted_effect_is_found_within_its_interval_and_its_lack_is_not(effect):
    rng = np.random.default_rng(5)
    town, _, rise = changed_town(effect, rng)

    found = judged(town, followed(town, rise, PLANTED[effect], rng), rng).effects
    absent = judged(town, followed(town, rise, 0.0, rng), rng).effects[effect]

    assert 0 < found[effect].low <= 1 <= found[effect].high
    assert absent.low <= 0 <= absent.high < 1
    for other in set(CONDITIONS) - {effect}:
        assert np.isnan(found[other].times)


def test_condition_without_effect_is_worth_less_than_nothing():
    # Lamps were put up and nothing fell: the forecast is better without them.
    rng = np.random.default_rng(6)
    town, _, rise = changed_town("light", rng)
    counts = followed(town, rise, 0.0, rng)

    worth = judged(town, counts, rng).worth["light_since"]

    assert worth.brings < -4 * worth.error
    assert worth.brings_there < -4 * worth.error_there


def test_effects_are_looked_for_on_the_sections_that_are_judged_alone():
    # On the second half of the town everything fell to a half: as if lamps there did much more.
    rng = np.random.default_rng(7)
    town, changed, rise = changed_town("light", rng)
    counts = followed(town, rise, PLANTED["light"], rng)
    second = np.arange(len(counts)) >= len(counts) // 2
    counts = np.where(second & changed, rng.binomial(counts, 0.5), counts)

    whole = judged(town, counts, rng).effects["light"]
    first = judged(town, counts, rng, judged=~second).effects["light"]

    assert whole.low > 1
    assert first.low <= 1 <= first.high


def test_what_streets_showed_before_the_change_is_taken_off():
    # The streets that were lit had a third fewer offences all along, which the record, spread over
    # the cell, does not tell: at first sight the lamps did much more than they did.
    rng = np.random.default_rng(8)
    town, changed, rise = changed_town("light", rng)
    level = np.where(changed, 2 / 3, 1.0)
    after = rng.poisson(level * followed(town, rise, PLANTED["light"], rng))
    before = rng.poisson(level * followed(town, rise, 0.0, rng))
    recorded = recorded_after(town, after, rng)
    year_ago = recorded_after(town, before, rng).incidents
    shifted = year_ago.assign(
        incident_id="b" + year_ago["incident_id"],
        occurred_at=year_ago["occurred_at"] - timedelta(days=400),
    )[year_ago["section_id"].notna()]
    recorded = replace(
        recorded, incidents=pd.concat([recorded.incidents, shifted], ignore_index=True)
    )
    dark = town.section_light.assign(lit_share=0.0)
    then = replace(town, as_of=AS_OF - timedelta(days=400), section_light=dark)

    found = ablation([Past([town], recorded, before=[then])], DAYS, PARAMETERS)

    late, early = found.effects["light"], found.before["light"]
    assert late.low > 1.5
    assert early.low > 0.5
    _, low, high = beyond_before(late, early)
    assert 0 < low <= 1 <= high < 2


def test_town_without_what_stands_has_changed_by_as_much():
    town = rich_town()
    for condition in CONDITIONS:
        bare = without(town, f"standing_{condition}")
        before, after = (
            change_since(town.parts, conditions_of(one), PARAMETERS) for one in (town, bare)
        )
        for cause in CONDITIONS:
            np.testing.assert_allclose(getattr(before, cause), getattr(after, cause), rtol=1e-12)
    assert (without(town, "standing_light").section_light["lit_share_history"] == 0).all()
    assert (without(town, "standing_patrol").patrol_history == 0).all(axis=None)
    assert (without(town, "standing_camera").section_cameras["camera_share_history"] == 0).all()


def test_condition_left_out_as_a_whole_is_neither_standing_nor_changed():
    town = rich_town()
    for condition in CONDITIONS:
        bare = town_ground(without(town, condition), PARAMETERS)
        assert (bare.standing[CONDITIONS.index(condition)] == 1).all()
        change = change_since(town.parts, bare.conditions, PARAMETERS)
        assert (getattr(change, condition) == 1).all()


def test_unknown_variant_and_window_without_incidents_are_refused():
    town = rich_town()

    with pytest.raises(ValueError, match="lamps"):
        without(town, "lamps")
    with pytest.raises(NoDataError):
        ablation([Past([town], town)], DAYS, PARAMETERS)
