"""What a scenario takes away: by hand, never more than there is, never without its interval."""

from dataclasses import replace
from datetime import date
from itertools import pairwise

import numpy as np
import pytest

from geo.coverage.patrols import daily_stop_dose
from geo.errors import UsageError
from geo.hazard.posterior import gamma_interval
from geo.hazard.scenario import Scenario, assumed_parameters, scenario_effect
from geo.hazard.scenario_place import ScenarioPlace, darkness_by_month, kept_place
from geo.hazard.town import town_hazard
from geo.parameters import GROUPS, WINDOWS
from tests.geo.hazard_towns import AS_OF, DARKNESS, PARAMETERS, oral, plain_town, rich_town
from tests.geo.hazard_towns import random_incidents as incidents

THEFT, VIOLENCE = GROUPS.index("theft_robbery"), GROUPS.index("violence")
EVENING, NIGHT = (list(WINDOWS).index(window) for window in ("evening", "night"))
SURE = replace(PARAMETERS, dark_sd=0.0, patrol_sd=0.0, camera_sd=0.0)
YEAR = [{"month": f"2025-{n:02d}", "days": 30.4375, "darkness": DARKNESS} for n in range(1, 13)]
CALENDAR = darkness_by_month(oral().area, AS_OF)


def place(lit=0.0, camera=0.0, dose=0.0, **harm):
    """A place of one part; harm by group and window, such as theft_evening=10."""
    values = np.zeros((1, len(GROUPS), len(WINDOWS)))
    values[0, THEFT, EVENING] = harm.get("theft_evening", 0)
    values[0, VIOLENCE, NIGHT] = harm.get("violence_night", 0)
    shares = (np.array([lit]), np.array([camera]), np.full((1, len(WINDOWS)), dose))
    return ScenarioPlace(values, *shares, shape=harm.get("shape", np.inf))


def effect(where, scenario, parameters=PARAMETERS, months=YEAR, seed=1):
    return scenario_effect(where, scenario, months, parameters, seed)


def ends(estimate):
    return [estimate.mean, estimate.low, estimate.high]


def test_light_by_hand():
    # evening dark .6, night .95; lit from .2 to 1 relieves .75·.8 = .6 of it.
    # theft: 10·(1 − exp(−.315·.36)) = 1.0714; violence: 20·(1 − exp(−.1575·.57)) = 1.7173
    here = place(lit=0.2, theft_evening=10, violence_night=20)

    found = effect(here, Scenario(lit_share=1.0), SURE)

    theft, violence = 10 * -np.expm1(-0.315 * 0.36), 20 * -np.expm1(-0.1575 * 0.57)
    assert ends(found.avoided["evening"]) == pytest.approx([theft] * 3)
    assert ends(found.avoided["day"]) == pytest.approx([theft + violence] * 3)
    assert found.share["day"].mean == pytest.approx((theft + violence) / 30)
    assert found.a_year.mean == pytest.approx(12 * (theft + violence))
    assert found.avoided["midday"].mean == 0
    assert found.changes == {"light": (0.2, 1.0)}


def test_camera_and_stop_by_hand_and_together():
    # cover 0 → .5: β·Δx = −.139·.5; stop: what the evening's dose .1 leaves, −.174·.9·dose
    here = place(dose=0.1, theft_evening=10)
    dose = daily_stop_dose("evening", PARAMETERS)[EVENING]
    camera, stop = -0.139 * 0.5, -0.174 * 0.9 * dose

    for scenario, log in (
        (Scenario(camera_share=0.5), camera),
        (Scenario(patrol_stop="evening"), stop),
        (Scenario(camera_share=0.5, patrol_stop="evening"), camera + stop),
    ):
        found = effect(here, scenario, SURE)
        assert found.avoided["day"].mean == pytest.approx(10 * -np.expm1(log))


def test_interval_of_the_share_is_that_of_the_effect_alone():
    # β of .315 ± .12, half of it for violence; .75·.95 of darkness relieved at night
    here = place(violence_night=20, shape=2.0)

    found = effect(here, Scenario(lit_share=1.0))

    low, high = (-np.expm1(-0.7125 * 0.5 * (0.315 + z * 0.12)) for z in (-1.6449, 1.6449))
    assert ends(found.share["day"])[1:] == pytest.approx([low, high], abs=2e-3)
    assert found.avoided["day"].high / found.avoided["day"].low > high / low


def test_interval_of_the_harm_is_that_of_its_posterior_where_the_effect_is_sure():
    here = place(violence_night=20, shape=2.0)

    found = effect(here, Scenario(lit_share=1.0), SURE)

    mean = 20 * -np.expm1(-0.7125 * 0.1575)
    low, high = gamma_interval(np.array([mean]), np.array([mean**2 / 2]), (0.05, 0.95))
    assert ends(found.avoided["day"]) == pytest.approx([mean, low[0], high[0]], rel=0.01)


def test_lamp_is_worth_more_in_december_than_in_june():
    here = place(theft_evening=10)

    found = effect(here, Scenario(lit_share=1.0), months=CALENDAR)

    by_month = {row["month"]: e.mean for row, e in zip(CALENDAR, found.by_month, strict=True)}
    assert by_month["2025-12"] > 3 * by_month["2025-06"]
    assert sum(by_month.values()) == pytest.approx(found.a_year.mean)
    assert found.avoided["day"].mean == pytest.approx(found.a_year.mean * 30.4375 / 365)


def test_calendar_starts_with_the_month_of_the_forecast():
    months = darkness_by_month(oral().area, date(2026, 11, 20))

    assert [row["month"] for row in months][::11] == ["2026-11", "2027-10"]
    assert sum(row["days"] for row in months) == 365
    december, june = (months[n]["darkness"]["school_am"] for n in (1, 7))
    assert december > 0.95
    assert june < 0.05


@pytest.mark.parametrize("seed", range(8))
def test_more_is_never_worse_and_never_takes_more_than_there_is(seed):
    rng = np.random.default_rng(seed)
    harm = rng.gamma(0.5, 20, (3, len(GROUPS), len(WINDOWS)))
    here = ScenarioPlace(harm, *rng.random((2, 3)), rng.random((3, len(WINDOWS))), shape=3.0)
    shares = sorted(rng.uniform(0.9, 1, 2))
    steps = [
        Scenario(lit_share=shares[0]),
        Scenario(lit_share=shares[1]),
        Scenario(lit_share=shares[1], camera_share=1.0),
        Scenario(lit_share=shares[1], camera_share=1.0, patrol_stop="night"),
    ]

    found = [effect(here, step, months=CALENDAR, seed=seed) for step in steps]

    for less, more in pairwise(found):
        for span in ("day", *WINDOWS):
            assert more.avoided[span].mean >= less.avoided[span].mean
            assert more.share[span].low >= less.share[span].low
    for one in found:
        for span, share in one.share.items():
            assert 0 <= share.low <= share.mean <= share.high < 1, span
        windows = sum(one.avoided[window].mean for window in WINDOWS)
        assert windows == pytest.approx(one.avoided["day"].mean)


def test_effect_of_the_wrong_sign_takes_nothing_away_and_adds_nothing():
    odd = replace(PARAMETERS, dark_log_irr=-0.5, patrol_log_irr=0.4, camera_log_irr=0.4)

    found = effect(place(theft_evening=10), Scenario(1.0, 1.0, "evening"), odd)

    assert 0 <= found.share["day"].low <= found.share["day"].mean < 0.01


@pytest.mark.parametrize("scenario", [Scenario(), Scenario(lit_share=0.2), Scenario(lit_share=0.5)])
def test_scenario_that_changes_nothing_is_refused(scenario):
    with pytest.raises(UsageError) as caught:
        effect(place(lit=0.5, theft_evening=10), scenario)

    assert caught.value.code == "scenario_empty"


def test_presets_bear_the_factor_of_their_study():
    # full darkness, unlit to lit, robberies: the factor itself; .79 within rounding of .315
    here, dark = place(theft_evening=10), [{**YEAR[0], "darkness": dict.fromkeys(WINDOWS, 1.0)}]
    for preset, factor in (("conservative", 0.86), ("default", 0.79), ("rct", 0.64)):
        chosen = assumed_parameters(preset, SURE)
        found = effect(here, Scenario(lit_share=1.0), chosen, dark)
        assert 1 - found.share["day"].mean == pytest.approx(factor, abs=1e-3)
    with pytest.raises(UsageError, match="conservative"):
        assumed_parameters("best", SURE)


def test_seed_gives_the_same_numbers():
    here, scenario = place(theft_evening=10, shape=2.0), Scenario(lit_share=1.0)

    assert effect(here, scenario, seed=3) == effect(here, scenario, seed=3)
    assert effect(here, scenario, seed=3) != effect(here, scenario, seed=4)


# What a run keeps ---------------------------------------------------------------------------


def test_scenario_from_kept_parts_is_what_a_run_with_the_light_on_would_say():
    # Sure effects, darkness of the year's mean in each month: scoring the town anew, lit, gives
    # the difference that the scenario says.
    town, section = rich_town(), 10
    lit = town.section_light.copy()
    lit.loc[section, "lit_share"] = 1.0
    before, after = (town_hazard(one, SURE) for one in (town, replace(town, section_light=lit)))
    name = town.sections["section_id"][section]
    rows = before.parts[before.parts["section_id"] == name]
    row = before.sections.loc[section]

    here = kept_place(rows, (row["hazard_low"], row["hazard_high"]), SURE)
    found = effect(here, Scenario(lit_share=1.0), SURE)

    for window in WINDOWS:
        was, would_be = (one.sections[f"hazard_{window}"][section] for one in (before, after))
        assert found.share[window].mean == pytest.approx(1 - would_be / was, rel=1e-9, abs=1e-12)
    drawn = found.avoided["day"].mean / found.share["day"].mean
    assert drawn == pytest.approx(row["hazard"], rel=0.01)


def test_kept_place_has_the_doubt_of_its_published_interval():
    found = town_hazard(rich_town(), PARAMETERS)
    row = found.sections.loc[10]
    rows = found.parts[found.parts["section_id"] == row["section_id"]]

    here = kept_place(rows, (row["hazard_low"], row["hazard_high"]), PARAMETERS)

    mean = here.harm.sum()
    low, high = gamma_interval(np.array([mean]), np.array([mean**2 / here.shape]), (0.05, 0.95))
    assert [mean, low[0], high[0]] == pytest.approx(
        [row["hazard"], row["hazard_low"], row["hazard_high"]], rel=1e-6
    )


def test_town_without_hours_or_records_can_be_asked_too():
    area = oral()
    bare = plain_town(area, incidents(area.grid, 60, 5, hours=False))
    found = town_hazard(bare, PARAMETERS)
    row = found.sections.loc[10]
    rows = found.parts[found.parts["section_id"] == row["section_id"]]

    here = kept_place(rows, (row["hazard_low"], row["hazard_high"]), PARAMETERS)

    assert here.harm.sum() == pytest.approx(row["hazard"])
    assert not here.lit_share.any()
    assert effect(here, Scenario(1.0, 1.0, "night")).share["day"].mean > 0
