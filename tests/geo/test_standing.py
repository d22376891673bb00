"""Where it was less patrolled or less watched than nearby over the memory: the factor by hand."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from geo.hazard.modifiers import Conditions
from geo.hazard.standing import standing_factors
from geo.hazard.town import town_hazard
from geo.parameters import GROUPS, WINDOWS
from tests.geo.hazard_towns import DARKNESS, PARAMETERS, oral, rich_town

THEFT, VIOLENCE = GROUPS.index("theft_robbery"), GROUPS.index("violence")
EVEN = np.full((len(GROUPS), len(WINDOWS)), 1 / len(WINDOWS))
ONE, OTHER = 0, int(oral().grid.neighbours[0][oral().grid.neighbours[0] >= 0][0])
LENGTHS = {ONE: 100.0, OTHER: 300.0}


def two_streets() -> pd.DataFrame:
    """A street of 100 m in one cell, one of 300 m in the next; nothing but ground elsewhere."""
    cells = np.arange(len(oral().grid.cells))
    section = np.where(cells == ONE, 0, np.where(cells == OTHER, 1, -1))
    length = [LENGTHS.get(cell, 0.0) for cell in cells]
    return pd.DataFrame({"section": section, "cell": cells, "length_m": length})


def nearby(own: float, next_door: float, metres: float, metres_next_door: float) -> float:
    """The mean of two streets by length and exp(−d²/2·400²)."""
    grid = oral().grid
    d = np.hypot(grid.x[ONE] - grid.x[OTHER], grid.y[ONE] - grid.y[OTHER])
    k = np.exp(-(d**2) / (2 * 400**2))
    return (metres * own + k * metres_next_door * next_door) / (metres + k * metres_next_door)


def factors(parameters=PARAMETERS, hours=EVEN, **known) -> np.ndarray:
    conditions = Conditions(DARKNESS, **known)
    return standing_factors(oral().grid, two_streets(), conditions, hours, parameters)


def patrols(dose_one: float, dose_other: float, window: str | None = None):
    dose = np.zeros((len(oral().grid.cells), len(WINDOWS)))
    at = slice(None) if window is None else list(WINDOWS).index(window)
    dose[ONE, at], dose[OTHER, at] = dose_one, dose_other
    return np.full_like(dose, 0.9), dose  # now, in the memory: what is now must not count


def cameras(one: float, other: float) -> pd.DataFrame:
    return pd.DataFrame({"camera_share": [1.0, 1.0], "camera_share_history": [one, other]})


def test_less_patrolled_street_is_expected_to_be_worse():
    light, patrol, camera = factors(patrol=patrols(0.0, 0.6))

    around_one, around_other = nearby(0, 0.6, 100, 300), nearby(0.6, 0, 300, 100)
    assert patrol[:, ONE] == pytest.approx(np.exp(-0.174 * (0 - around_one)), rel=1e-9)
    assert patrol[:, OTHER] == pytest.approx(np.exp(-0.174 * (0.6 - around_other)), rel=1e-9)
    assert patrol[0, ONE] > 1 > patrol[0, OTHER]
    assert (light == 1).all()
    assert (camera == 1).all()


def test_dose_counts_by_the_hours_of_the_group():
    # Patrols of the evening alone; three quarters of the thefts fall into it, none of violence.
    hours = EVEN.copy()
    hours[THEFT] = [0.25 * (window == "night") + 0.75 * (window == "evening") for window in WINDOWS]
    hours[VIOLENCE] = [window == "night" for window in WINDOWS]

    _, patrol, _ = factors(hours=hours, patrol=patrols(0.4, 0.0, "evening"))

    rise = 0.75 * (0.4 - nearby(0.4, 0, 100, 300))
    assert patrol[THEFT, ONE] == pytest.approx(np.exp(-0.174 * rise), rel=1e-9)
    assert (patrol[VIOLENCE] == 1).all()


def test_less_watched_street_is_expected_to_be_worse():
    _, patrol, camera = factors(section_cameras=cameras(0.0, 0.5))

    assert camera[:, ONE] == pytest.approx(np.exp(0.139 * nearby(0, 0.5, 100, 300)), rel=1e-9)
    assert camera[0, ONE] > 1 > camera[0, OTHER]
    assert (patrol == 1).all()


def test_cell_without_a_street_has_the_factor_one():
    bare = np.setdiff1d(np.arange(len(oral().grid.cells)), [ONE, OTHER])

    found = factors(patrol=patrols(0.9, 0.1), section_cameras=cameras(0.9, 0.1))

    assert (found[:, :, bare] == 1).all()


def test_wrong_sign_of_an_effect_is_no_effect():
    odd = replace(PARAMETERS, patrol_log_irr=0.3, camera_log_irr=0.3)

    found = factors(odd, patrol=patrols(0.9, 0.1), section_cameras=cameras(0.9, 0.1))

    assert (found == 1).all()


def test_what_is_now_moves_no_factor_and_no_step_of_the_chain_before_the_change():
    town = rich_town()
    now = replace(
        town,
        patrol_now=0.5 * town.patrol_now,
        section_cameras=town.section_cameras.assign(camera_share=1.0),
    )

    one, other = (town_hazard(each, PARAMETERS).cells for each in (town, now))

    held = [name for name in one if name.startswith("part_") and "since" not in name]
    assert len(held) > 8
    pd.testing.assert_frame_equal(one[held], other[held], check_exact=True)


def test_standing_conditions_are_split_by_cause_in_the_order_of_the_table():
    town = rich_town()
    without = replace(town, section_cameras=None)

    cells = town_hazard(town, PARAMETERS).cells
    split = cells[[f"part_standing_{cause}" for cause in ("light", "patrol", "camera")]]

    np.testing.assert_allclose(split.sum(axis=1), cells["part_standing_conditions"], atol=1e-12)
    assert (split.abs().max() > 1e-3).all()
    bare = town_hazard(without, PARAMETERS).cells
    for cause in ("light", "patrol"):  # what comes first in the order is as without the last
        name = f"part_standing_{cause}"
        np.testing.assert_allclose(bare[name], cells[name], atol=1e-12)
    np.testing.assert_allclose(bare["part_standing_camera"], 0, atol=1e-12)
