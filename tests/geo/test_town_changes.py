"""What a change of light or cameras moves in a whole town, and how sure that is."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from geo.hazard.score import Pieces, place_harm
from geo.hazard.town import town_hazard
from geo.parameters import WINDOWS
from tests.geo.hazard_towns import PARAMETERS, rich_town

DAYS = ["hazard", *(f"hazard_{window}" for window in WINDOWS)]
ENDS = [f"{name}{ending}" for name in ("hazard_low", "hazard_high")
        for ending in ("", *(f"_{window}" for window in WINDOWS))]  # fmt: skip
SECTION = 10


def watched(town, section, now):
    cover = town.section_cameras.copy()
    cover.loc[section, "camera_share"] = now
    return replace(town, section_cameras=cover)


def unchanged(town):
    """The same town, in which all is as it was in the memory and all light is known."""
    light = town.section_light.assign(
        lit_share=town.section_light["lit_share_history"], light="lit", lit_share_sd=0.3
    )
    cover = town.section_cameras.assign(camera_share=town.section_cameras["camera_share_history"])
    return replace(town, section_light=light, section_cameras=cover, patrol_now=town.patrol_history)


def frames(found):
    return [found.cells, found.sections, *found.parents.values()]


def width(frame):
    return frame["hazard_high"] / frame["hazard_low"]


def test_camera_lowers_its_section_and_moves_no_byte_elsewhere():
    town = rich_town()
    before, after, undone = (
        town_hazard(watched(town, SECTION, share), PARAMETERS) for share in (0.2, 0.9, 0.2)
    )
    touched = town.parts.loc[town.parts["section"] == SECTION, "cell"]

    assert (after.sections.loc[SECTION, DAYS] < before.sections.loc[SECTION, DAYS]).all()
    assert (after.cells.loc[touched, DAYS] < before.cells.loc[touched, DAYS]).all().all()
    for frame, place in (("sections", [SECTION]), ("cells", touched)):
        one, other = (getattr(found, frame)[DAYS + ENDS].drop(index=place)
                      for found in (before, after))  # fmt: skip
        assert one.to_numpy(float).tobytes() == other.to_numpy(float).tobytes()
    for name in ("cells", "sections", "parts", "reference"):
        pd.testing.assert_frame_equal(getattr(before, name), getattr(undone, name),
                                      check_exact=True)  # fmt: skip


def test_cameras_act_in_every_window_alike():
    town = rich_town()
    before, after = (
        town_hazard(watched(town, SECTION, share), PARAMETERS).sections.loc[SECTION]
        for share in (0.2, 0.9)
    )

    for column in DAYS:
        assert np.log(after[column] / before[column]) == pytest.approx(-0.139 * 0.7, rel=1e-9)
    camera = after["part_camera_since"] - before["part_camera_since"]
    assert camera == pytest.approx(-0.139 * 0.7, rel=1e-9)


def test_where_nothing_has_changed_doubt_about_effects_widens_nothing():
    town = unchanged(rich_town())
    sure = replace(PARAMETERS, dark_sd=0.0, patrol_sd=0.0, camera_sd=0.0)

    found, as_sure = (town_hazard(town, parameters) for parameters in (PARAMETERS, sure))

    for frame, same in zip(frames(found), frames(as_sure), strict=True):
        pd.testing.assert_frame_equal(frame, same, check_exact=True)


def test_patrols_and_cameras_that_never_were_are_as_none_recorded():
    town = rich_town()
    never = replace(
        town, patrol_now=0 * town.patrol_now, patrol_history=0 * town.patrol_history,
        section_cameras=0 * town.section_cameras,
    )  # fmt: skip
    bare = replace(town, section_cameras=None, patrol_now=None, patrol_history=None)

    found, without = (town_hazard(one, PARAMETERS) for one in (never, bare))

    for frame, same in zip(frames(found), frames(without), strict=True):
        pd.testing.assert_frame_equal(frame, same, check_exact=True)


@pytest.mark.parametrize("effect", ["dark_sd", "patrol_sd", "camera_sd"])
def test_doubt_about_an_effect_widens_where_something_changed_and_moves_no_hazard(effect):
    town = rich_town()
    sure = replace(PARAMETERS, dark_sd=0.0, patrol_sd=0.0, camera_sd=0.0)

    found, doubted = (town_hazard(town, p) for p in (sure, replace(sure, **{effect: 0.3})))

    for narrow, broad in zip(frames(found), frames(doubted), strict=True):
        np.testing.assert_array_equal(narrow[DAYS], broad[DAYS])
        assert (width(broad) > width(narrow)).mean() > 0.6
        assert (width(broad) >= width(narrow) * (1 - 1e-12)).all()


def test_doubt_about_an_effect_is_common_to_a_place_and_that_about_light_is_not():
    # Two parts whose harm moves by 3 and by 4 a standard deviation, in one window of two: together
    # 7² = 49 by an effect; by light that is unknown 3² + 4² = 25. In the other window the effect
    # works the other way, −2 in the first part: 2² there, (7 − 2)² on the day.
    one = np.ones((2, 1))
    pieces = Pieces(
        harm=np.full((2, 1, 2), 10.0), expected=one[:, 0], shape=np.full((2, 1), np.inf),
        common=0 * one, chain=np.zeros((2, 9)), timed=one, lit=one, patrolled=one,
        by_effect=np.array([[[3.0, -2.0]], [[4.0, 0.0]]]),
        light_variance=np.array([[9.0, 9.0, 0.0], [16.0, 16.0, 0.0]]),
    )  # fmt: skip

    place = place_harm(pieces, np.zeros(2, np.int64), 1, np.zeros(1))

    assert place.own_variance.tolist() == [25.0]
    assert place.variance.tolist() == [[25 + 25, 49 + 25, 4]]


def test_unknown_light_widens_its_own_section_and_moves_no_hazard():
    town = unchanged(rich_town())
    light = town.section_light.copy()
    light.loc[SECTION, "light"] = "unknown"
    known, unknown = (
        town_hazard(one, PARAMETERS).sections for one in (town, replace(town, section_light=light))
    )

    assert known[DAYS].to_numpy().tobytes() == unknown[DAYS].to_numpy().tobytes()
    wider = width(unknown) > width(known)
    assert wider[wider].index.tolist() == [SECTION]
