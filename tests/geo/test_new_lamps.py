"""A lamp at a point: what is said near it is what the whole town's light would say."""

import numpy as np
import pandas as pd
import pytest

from geo.coverage.lighting import LightRecords, street_light, survey_belief
from geo.coverage.new_lamps import light_ground, light_with_lamps, new_lamp_rows
from geo.errors import UsageError
from geo.parameters import HazardParameters
from tests.geo.small_town import degrees, random_town, small_town
from tests.geo.test_dimming import mixed_town
from tests.geo.test_lighting import AS_OF, lamps
from tests.geo.test_lit_streets import outage
from tests.geo.test_outage_history import outages

PARAMETERS = HazardParameters()


def points(*metres, height=np.nan):
    """Return lamps by metres east and north."""
    lat, lon = degrees(metres)
    return pd.DataFrame({"lat": lat, "lon": lon, "mount_height_m": height})


def ground_of(town, known, **records):
    found = LightRecords(known, **records)
    return light_ground(town.sections, town.network, found, AS_OF, (town.area, PARAMETERS))


def straight(**tags):
    """One street of 200 m."""
    return small_town({"w": (0, 0), "e": (200, 0)}, "w e", **tags)


def test_a_lamp_on_an_unknown_street_by_hand():
    found = light_with_lamps(ground_of(straight(), lamps()), points((100, 0)))
    # 50 m in full, 150 m as unknown as before: (50 + 75) / 200.
    assert found.section.tolist() == [0]
    assert found.light["lit_share"].iloc[0] == pytest.approx(0.625, abs=0.02)
    assert found.light["unknown_light_m"].iloc[0] == pytest.approx(150, abs=5)
    high = light_with_lamps(ground_of(straight(), lamps()), points((100, 0), height=10))
    assert high.light["lit_m"].iloc[0] == pytest.approx(70, abs=5)


@pytest.mark.parametrize("seed", range(8))
def test_the_light_around_is_that_of_the_whole_town(seed):
    town, known, rows = mixed_town(seed)
    rng = np.random.default_rng(seed)
    drawn = town.sections.frame.geometry
    out = pd.concat(
        [outage(drawn.iloc[3], "2025-05-01"), outage(drawn.iloc[7], "2020-05-01", "2023-01-01")],
        ignore_index=True,
    )
    over = outages(*((f"l{n}", 2, 1) for n in rng.integers(0, 60, 9)))
    told = {"lit_streets": rows, "street_outages": out, "lamp_outages": over}
    ground = ground_of(town, known, **told)
    held = survey_belief(town.sections, town.network, known, AS_OF, town.area, PARAMETERS)
    middles = drawn.to_crs(town.area.metric_crs).interpolate(0.5, normalized=True).to_crs(4326)
    chosen = middles.iloc[rng.integers(0, len(middles), 3)]
    new = pd.DataFrame({"lat": chosen.y.to_numpy(), "lon": chosen.x.to_numpy(),
                        "mount_height_m": [np.nan, 8.0, 20.0]})  # fmt: skip
    for asked in (new.iloc[:1], new):
        found = light_with_lamps(ground, asked)
        both = pd.concat([known.astype({"working": object}), new_lamp_rows(asked)],
                         ignore_index=True)  # fmt: skip
        before, whole = (
            street_light(town.sections, town.network, LightRecords(frame, survey=held, **told),
                         AS_OF, town.area, PARAMETERS)
            for frame in (known, both)
        )  # fmt: skip
        own = [name for name in found.light if found.light[name].dtype == float]
        np.testing.assert_allclose(found.light[own], whole[own].iloc[found.section], atol=1e-9)
        assert (found.light["lit_share"] >= before["lit_share"].iloc[found.section] - 1e-9).all()
        beyond = np.setdiff1d(np.arange(len(whole)), found.section)
        np.testing.assert_allclose(
            whole["lit_share"].iloc[beyond], before["lit_share"].iloc[beyond], atol=1e-12
        )
        gained = found.light["lit_share"] > before["lit_share"].iloc[found.section] + 1e-4
        assert gained.any() or 3 in found.section  # a lamp on a street that is out does not burn


def test_several_lamps_together_light_what_each_lights():
    town = random_town(2)
    ground = ground_of(town, lamps())
    lines = town.sections.frame.geometry.iloc[[1, 5, 9]]
    spots = [line.interpolate(0.4, normalized=True) for line in lines]
    new = pd.DataFrame({"lat": [p.y for p in spots], "lon": [p.x for p in spots],
                        "mount_height_m": np.nan})  # fmt: skip
    each = [light_with_lamps(ground, new.iloc[[n]]) for n in range(3)]
    both = light_with_lamps(ground, new)
    assert both.section.tolist() == sorted({n for one in each for n in one.section})
    share = pd.Series(both.light["lit_share"].to_numpy(), both.section)
    for one in each:
        assert (share[one.section] >= one.light["lit_share"].to_numpy() - 1e-12).all()
    twice = light_with_lamps(ground, new.iloc[[0, 0]])
    np.testing.assert_array_equal(twice.light["lit_share"], each[0].light["lit_share"])


def test_a_lamp_beside_every_street_lights_none_and_one_farther_is_refused():
    ground = ground_of(straight(), lamps())
    none = light_with_lamps(ground, points((100, 40)))
    assert (none.section.tolist(), len(none.light)) == ([], 0)
    light_with_lamps(ground, points((100, 84.5)))  # 25 + 60 m
    light_with_lamps(ground, points((100, 94), height=10))  # 35 + 60 m
    with pytest.raises(UsageError, match="Lamp 2 stands more than 60 m") as refusal:
        light_with_lamps(ground, points((100, 0), (100, 86)))
    assert refusal.value.code == "lamp_stray"
    far = points((100, 0)).assign(lat=10.0)
    with pytest.raises(UsageError, match="Lamp 1 lies outside") as refusal:
        light_with_lamps(ground, far)
    assert refusal.value.code == "lamp_outside_area"


def test_a_lamp_nearby_may_stand_on_another_street_that_is_out():
    # Two streets 30 m apart; a lamp between them stands on the second, which is out.
    places = {"a": (0, 0), "b": (200, 0), "c": (0, 30), "d": (200, 30)}
    town = small_town(places, "a b", "c d", name=["One", "Two"])
    known, second = lamps((150, 20)), town.sections.frame.geometry[town.section("c", "d")]
    out = outage(second, "2025-05-01")
    for told, metres in (({}, 50 + 2 * 15), ({"street_outages": out}, 50)):
        # The new lamp lights 50 m of the first; the other one, 20 m off, 2 · √(25² − 20²) = 30 m.
        found = light_with_lamps(ground_of(town, known, **told), points((50, -1)))
        assert found.section.tolist() == [town.section("a", "b")]
        assert found.light["lit_m"].iloc[0] == pytest.approx(metres, abs=6)
