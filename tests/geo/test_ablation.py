"""What a condition is worth to a forecast: much where it was planted, nothing where nothing was."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from geo.errors import NoDataError
from geo.evaluation.ablation import MODIFIERS, ablation, without
from geo.hazard.modifiers import Conditions, change_since
from tests.geo.hazard_towns import AS_OF, DARKNESS, PARAMETERS, incident_rows, rich_town
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


@pytest.mark.parametrize("effect", list(NAMED))
def test_planted_condition_is_worth_something_and_no_other(effect):
    rng = np.random.default_rng(5)
    town, _, rise = changed_town(effect, rng)
    counts = followed(town, rise, PLANTED[effect], rng)

    found = ablation([town], recorded_after(town, counts, rng), DAYS, PARAMETERS)

    worth = found[NAMED[effect]]
    assert worth.incidents == counts.sum()
    assert worth.by_section > 4 * worth.by_section_error > 0
    for modifier in set(MODIFIERS) - {NAMED[effect]}:
        assert found[modifier].by_section == pytest.approx(0, abs=1e-12), modifier
    observed, with_it, without_it = worth.changed
    assert abs(observed - with_it) < 0.5 * abs(observed - without_it)


def test_condition_without_effect_is_worth_less_than_nothing():
    # Lamps were put up and nothing fell: the forecast is better without them.
    rng = np.random.default_rng(6)
    town, _, rise = changed_town("light", rng)
    counts = followed(town, rise, 0.0, rng)

    worth = ablation([town], recorded_after(town, counts, rng), DAYS, PARAMETERS)["light_since"]

    assert worth.by_section < -4 * worth.by_section_error


def test_town_without_standing_darkness_has_changed_by_as_much():
    town = rich_town()
    bare = without(town, "standing_darkness")

    before, after = (
        change_since(town.parts, Conditions(DARKNESS, one.section_light), PARAMETERS).light
        for one in (town, bare)
    )

    np.testing.assert_allclose(before, after, rtol=1e-12)
    assert (bare.section_light["lit_share_history"] == 0).all()


def test_window_without_incidents_is_refused():
    town = rich_town()

    with pytest.raises(NoDataError):
        ablation([town], town, DAYS, PARAMETERS)
