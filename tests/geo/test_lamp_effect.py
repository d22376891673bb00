"""What lamps take away together is what each section loses, with one interval for all."""

from dataclasses import replace

import numpy as np
import pytest

from geo.hazard.lamp_effect import LitPlaces, lamp_effect
from geo.hazard.scenario import Scenario, scenario_effect
from geo.hazard.scenario_place import ScenarioPlace
from geo.parameters import GROUPS, WINDOWS
from tests.geo.hazard_towns import DARKNESS, PARAMETERS
from tests.geo.test_scenario import CALENDAR, EVENING, SURE, THEFT, YEAR

NUMBERS = ("mean", "low", "high")


def drawn(seed, count=3):
    rng = np.random.default_rng(seed)
    now = rng.random((count, len(WINDOWS)))
    return LitPlaces(
        harm=rng.gamma(1.0, 5.0, (count, len(GROUPS), len(WINDOWS))),
        shape=rng.uniform(1, 9, count).tolist(),
        now=now,
        then=np.minimum(now + rng.random(now.shape), 1),
    )


def test_one_section_by_hand():
    # Thefts of the evening, ten days a month; lit from .2 to 1: 10·(1 − exp(−.315·.75·.8·dark)).
    harm = np.zeros((1, len(GROUPS), len(WINDOWS)))
    harm[0, THEFT, EVENING] = 10
    alike = np.ones((1, len(WINDOWS)))
    whole, (one,) = lamp_effect(LitPlaces(harm, [np.inf], 0.2 * alike, alike), YEAR, SURE, 1)
    wanted = 10 * -np.expm1(-0.315 * 0.75 * 0.8 * DARKNESS["evening"])
    assert whole.avoided["day"].mean == pytest.approx(wanted)
    assert whole.avoided["night"].mean == 0
    assert whole.a_year.mean == pytest.approx(12 * wanted)
    assert whole.changes == {"light": (pytest.approx(0.2), 1.0)}
    assert one == whole


@pytest.mark.parametrize("seed", range(4))
def test_each_section_is_told_as_its_own_scenario(seed):
    places = drawn(seed)
    _, each = lamp_effect(places, CALENDAR, PARAMETERS, 7)
    for n, one in enumerate(each):
        none = np.zeros(1)
        where = ScenarioPlace(
            places.harm[[n]], places.now[[n]], none, np.zeros((1, len(WINDOWS))), places.shape[n]
        )
        alone = scenario_effect(
            where, Scenario(lit_share=places.then[[n]]), CALENDAR, PARAMETERS, 7
        )
        for kind in ("avoided", "share"):
            for span, found in getattr(one, kind).items():
                wanted = getattr(alone, kind)[span]
                assert [getattr(found, x) for x in NUMBERS] == pytest.approx(
                    [getattr(wanted, x) for x in NUMBERS]
                )
        assert [m.high for m in one.by_month] == pytest.approx([m.high for m in alone.by_month])
        assert one.a_year.low == pytest.approx(alone.a_year.low)


def test_the_whole_is_the_sum_and_its_ends_are_those_of_sections_that_move_together():
    places = drawn(9)
    whole, each = lamp_effect(places, CALENDAR, PARAMETERS, 3)
    for span in whole.avoided:
        total = sum(one.avoided[span].mean for one in each)
        assert whole.avoided[span].mean == pytest.approx(total)
        assert whole.avoided[span].low <= whole.avoided[span].mean <= whole.avoided[span].high
    months = sum(month.mean for month in whole.by_month)
    assert whole.a_year.mean == pytest.approx(months)
    assert whole.a_year.high == pytest.approx(sum(one.a_year.high for one in each), rel=0.02)


def test_more_light_never_takes_away_less_and_none_takes_nothing():
    places = drawn(2)
    more = replace(places, then=np.minimum(places.then + 0.1, 1))
    less, greater = (lamp_effect(one, YEAR, PARAMETERS, 1)[0] for one in (places, more))
    for span in less.avoided:
        assert greater.avoided[span].mean >= less.avoided[span].mean >= 0
    for unlit in (places.now, places.now * 0.5):  # light is never taken away
        nothing, _ = lamp_effect(replace(places, then=unlit), YEAR, PARAMETERS, 1)
        assert nothing.avoided["day"].high == 0
        assert nothing.share["day"].mean == 0


def test_no_section_loses_nothing():
    none = np.zeros((0, len(WINDOWS)))
    places = LitPlaces(np.zeros((0, len(GROUPS), len(WINDOWS))), [], none, none)
    whole, each = lamp_effect(places, YEAR, PARAMETERS, 1)
    assert each == []
    assert (whole.share["day"].mean, whole.a_year.high, whole.changes) == (0, 0, {"light": (0, 0)})
