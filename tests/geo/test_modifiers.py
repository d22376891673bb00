from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from geo.hazard.modifiers import Conditions, change_since, dark_effect, prior_contrast
from geo.parameters import GROUPS, WINDOWS
from tests.geo.hazard_towns import DARKNESS, PARAMETERS, oral

THEFT, VIOLENCE = GROUPS.index("theft_robbery"), GROUPS.index("violence")
EVENING = list(WINDOWS).index("evening")
PARTS = pd.DataFrame({"section": [0, -1], "cell": [0, 1], "length_m": [50.0, 0.0]})


def light(now, history):
    return pd.DataFrame({"lit_share": [now], "lit_share_history": [history]})


def test_darkness_counts_fully_for_theft_and_half_for_the_rest():
    assert dark_effect(PARAMETERS).tolist() == [0.1575, 0.315, 0.1575, 0.1575]


def test_darkness_never_protects():
    odd = replace(PARAMETERS, dark_log_irr=-0.2)

    assert (dark_effect(odd) == 0).all()


def test_prior_contrast_of_two_lit_and_unlit_cells():
    # Two neighbouring cells with 100 m of street, one lit, one not; year's darkness .4.
    # x = .4·(1 − .75) = .1 and .4. With k = exp(−d²/2·400²) the unlit cell's surroundings are
    # lit by k/(1+k): x̄ = .4·(1 − .75·k/(1+k)). Factor: exp(.315·(.4 − x̄)).
    grid = oral().grid
    one, other = 0, int(grid.neighbours[0][grid.neighbours[0] >= 0][0])
    parts = pd.DataFrame({"section": [0, 1], "cell": [one, other], "length_m": [100.0, 100.0]})
    d = np.hypot(grid.x[one] - grid.x[other], grid.y[one] - grid.y[other])
    k = np.exp(-(d**2) / (2 * 400**2))

    factor = prior_contrast(grid, parts, np.array([0.0, 1.0]), np.full(4, 0.4), PARAMETERS)

    around = 0.4 * (1 - 0.75 * k / (1 + k))
    assert factor[THEFT, one] == pytest.approx(np.exp(0.315 * (0.4 - around)), rel=1e-9)
    assert factor[THEFT, one] > 1 > factor[THEFT, other]
    bare = np.setdiff1d(np.arange(len(grid.cells)), [one, other])
    assert (factor[:, bare] == 1).all()


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_even_light_gives_no_contrast(share):
    grid = oral().grid
    parts = pd.DataFrame(
        {"section": np.arange(40), "cell": np.arange(40), "length_m": np.linspace(9, 99, 40)}
    )

    factor = prior_contrast(grid, parts, np.full(40, share), np.full(4, 0.4), PARAMETERS)

    np.testing.assert_allclose(factor, 1, rtol=1e-12)


def test_new_light_lowers_by_darkness_relieved():
    # evening is dark for .6 of its time; unlit → lit relieves .6·.75 = .45: exp(−.315·.45)
    change = change_since(PARTS, Conditions(DARKNESS, light(1.0, 0.0)), PARAMETERS)

    assert change.light[0, THEFT, EVENING] == pytest.approx(np.exp(-0.315 * 0.45))
    assert change.light[0, VIOLENCE, EVENING] == pytest.approx(np.exp(-0.1575 * 0.45))
    assert (change.light[1] == 1).all()  # off the streets no lamp is felt


def test_lamp_added_never_raises_and_its_outage_undoes_it_exactly():
    before = change_since(PARTS, Conditions(DARKNESS, light(0.3, 0.3)), PARAMETERS).light
    with_lamp = change_since(PARTS, Conditions(DARKNESS, light(0.8, 0.3)), PARAMETERS).light
    out_again = change_since(PARTS, Conditions(DARKNESS, light(0.3, 0.3)), PARAMETERS).light

    assert (with_lamp <= before).all()
    np.testing.assert_array_equal(before, out_again)
    assert (before == 1).all()


def test_more_patrol_never_raises_even_with_a_wrong_sign():
    dose = np.full((2, 6), 0.5)
    for parameters in (PARAMETERS, replace(PARAMETERS, patrol_log_irr=0.3)):
        change = change_since(PARTS, Conditions(DARKNESS, patrol=(dose, dose - 0.25)), parameters)
        assert (change.patrol <= 1).all()

    # dose .25 → .5: exp(−.174·.25)
    change = change_since(PARTS, Conditions(DARKNESS, patrol=(dose, dose - 0.25)), PARAMETERS)
    assert change.patrol[0, 0] == pytest.approx(np.exp(-0.0435))


def test_nothing_known_changes_nothing():
    change = change_since(PARTS, Conditions(DARKNESS), PARAMETERS)

    assert (change.light == 1).all()
    assert (change.patrol == 1).all()
    assert (change.camera == 1).all()
    assert not any(doubt.by_part.any() for doubt in (*change.effects, change.unknown_light))


# Cameras ------------------------------------------------------------------------------------


def cameras(now, history):
    return pd.DataFrame({"camera_share": [now], "camera_share_history": [history]})


def by_camera(now, history, parameters=PARAMETERS):
    conditions = Conditions(DARKNESS, section_cameras=cameras(now, history))
    return change_since(PARTS, conditions, parameters).camera


def test_camera_lowers_its_own_street_alike_at_all_hours():
    # cover 0 → .5: exp(−.139·.5)
    assert by_camera(0.5, 0.0).tolist() == pytest.approx([np.exp(-0.0695), 1.0])


def test_working_camera_never_raises_even_with_a_wrong_sign():
    for parameters in (PARAMETERS, replace(PARAMETERS, camera_log_irr=0.3)):
        assert (by_camera(0.9, 0.2, parameters) <= 1).all()
        assert (by_camera(0.2, 0.9, parameters) >= 1).all()


def test_camera_that_fails_is_undone_exactly():
    assert by_camera(0.3, 0.3).tobytes() == np.ones(2).tobytes()
    assert by_camera(0.8, 0.3)[0] * by_camera(0.3, 0.8)[0] == pytest.approx(1, rel=1e-15)


def test_each_further_camera_takes_away_less():
    harm = np.array([by_camera(share, 0.0)[0] for share in np.linspace(0, 1, 6)])

    gains = -np.diff(harm)
    assert (gains > 0).all()
    assert (np.diff(gains) < 0).all()


# Doubt --------------------------------------------------------------------------------------


def test_doubt_of_each_effect_is_its_deviation_times_what_has_changed():
    # lit 0 → 1 in the evening relieves .6·.75 = .45 of darkness; dose and cover rise by .25 and .5
    dose = np.full((2, 6), 0.5)
    conditions = Conditions(DARKNESS, light(1.0, 0.0), (dose, dose - 0.25), cameras(0.5, 0.0))
    harm = np.zeros((2, len(GROUPS), len(WINDOWS)))
    harm[0, THEFT, EVENING], harm[0, VIOLENCE, EVENING] = 10, 100

    dark, patrol, camera = change_since(PARTS, conditions, PARAMETERS).effects

    assert dark.of(harm)[0, EVENING] == pytest.approx(0.12 * -0.45 * (10 + 100 / 2))
    assert patrol.of(harm)[0, EVENING] == pytest.approx(0.05 * 0.25 * 110)
    assert camera.of(harm)[0, EVENING] == pytest.approx(0.06 * 0.5 * 110)


@pytest.mark.parametrize(("state", "expected"), [("unknown", 0.315 * 0.6 * 0.75 * 0.2), ("lit", 0)])
def test_only_unknown_light_leaves_doubt(state, expected):
    known = light(0.5, 0.5).assign(light=state, lit_share_sd=0.2)
    harm = np.zeros((2, len(GROUPS), len(WINDOWS)))
    harm[:, THEFT, EVENING] = 1

    change = change_since(PARTS, Conditions(DARKNESS, known), PARAMETERS)

    assert change.unknown_light.of(harm)[:, EVENING].tolist() == pytest.approx([expected, 0])
    assert (change.light == 1).all()
