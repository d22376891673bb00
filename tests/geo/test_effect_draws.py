"""The doubt about assumed effects in the ranks: one draw of each β for the whole town."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import LineString

from geo.hazard.effect_draws import effect_draws, effect_moves
from geo.hazard.fitted import Model
from geo.hazard.posterior import section_standing
from geo.hazard.steps import town_steps
from geo.hazard.town import Town, town_hazard
from geo.parameters import WINDOWS
from tests.geo.hazard_towns import AS_OF, COVERAGE, PARAMETERS, incident_rows, oral, rich_town
from tests.geo.test_posterior import draws

RANKS = ["p_top", "rank_low", "rank_high", "burden_rank_low", "burden_rank_high"]
SURE = replace(PARAMETERS, dark_sd=0.0, patrol_sd=0.0, camera_sd=0.0)


def moved(section: int, by_darkness: float, count: int) -> np.ndarray:
    moves = np.zeros((count, 3))
    moves[section, 0] = by_darkness
    return moves


# Drawing ------------------------------------------------------------------------------------


def test_effects_are_drawn_about_their_means_and_never_harm():
    wide = replace(PARAMETERS, dark_sd=0.6, patrol_sd=0.4, camera_sd=0.4)

    for parameters in (PARAMETERS, wide):
        dark, patrol, camera = effect_draws(np.random.default_rng(3), parameters)
        assert (dark >= 0).all()
        assert (patrol <= 0).all()
        assert (camera <= 0).all()
    dark, patrol, camera = effect_draws(np.random.default_rng(3), PARAMETERS)
    assert np.quantile(dark, [0.05, 0.95]) == pytest.approx([0.1176, 0.5124], abs=0.004)
    assert np.quantile(patrol, [0.05, 0.95]) == pytest.approx([-0.2562, -0.0918], abs=0.002)
    assert len(np.unique(dark)) > 390
    assert abs(np.corrcoef([dark, patrol, camera])[np.triu_indices(3, 1)]).max() < 0.15


def test_moves_are_standard_deviations_from_the_effect_in_use():
    wrong_sign = replace(SURE, camera_log_irr=0.05, camera_sd=0.1)

    dark, patrol, camera = effect_moves(np.random.default_rng(3), wrong_sign)

    assert not dark.any()
    assert not patrol.any()
    assert (camera <= 0).all()  # in use is 0, and it may only protect
    assert camera.min() == pytest.approx(0.5 - 3.02, abs=0.05)


# Ranks --------------------------------------------------------------------------------------


def test_section_whose_light_has_changed_has_a_wider_range_and_its_twin_has_not():
    # A ladder of 41 sections 2 % apart, known to .1 %; numbers 10 and 30 stand alike but for the
    # light of number 10: one standard deviation of β moves it by 12 %, six rungs.
    ladder = 1.02 ** np.arange(41)
    known = draws(ladder, variance=1e-6)
    standing = section_standing(replace(known, part_moves=moved(10, 0.12, 41)), PARAMETERS, seed=4)
    still = section_standing(known, PARAMETERS, seed=4)

    width = standing.rank_high - standing.rank_low
    assert width[10] == pytest.approx(2 * 1.645 * 6.06, abs=1)  # ln 1.12 / ln 1.02 is 5.7–6.1
    others = np.delete(np.arange(41), 10)
    assert (width[others] <= 1).all()  # only changed places with number 10
    assert (width[[30, 40]] == 0).all()
    assert (still.rank_low == still.rank_high).all()
    assert standing.p_top[40] == still.p_top[40]


def test_one_draw_serves_the_whole_town():
    # All sections are lit alike: they rise and fall together, and no rank moves.
    ladder = draws(1.02 ** np.arange(20), variance=1e-8, moves=np.tile([0.2, 0, 0], (20, 1)))

    standing = section_standing(ladder, PARAMETERS, seed=4)

    assert (standing.rank_low == standing.rank_high).all()


def test_ranks_are_those_of_plain_loops():
    rng = np.random.default_rng(8)
    known = replace(
        draws(rng.gamma(2, size=6), variance=0.05, level=0.2),
        part_cell=np.array([0, 1, 1, 2, 3, 5, 4, 0]),
        part_section=np.array([5, 0, 1, 2, 3, 3, 4, 0]),
        part_harm=rng.gamma(2, size=8),
        part_moves=rng.normal(0, 0.2, (8, 3)) * (rng.random((8, 1)) < 0.6),
    )

    standing = section_standing(known, PARAMETERS, seed=9)

    z = effect_moves(np.random.default_rng((9, 1)), PARAMETERS)
    random = np.random.default_rng(9)
    levels = random.standard_gamma([1 / 0.2, 1, 1, 1], size=(PARAMETERS.draws, 4)) * 0.2
    ranks = []
    for draw in range(PARAMETERS.draws):
        cells = random.standard_gamma(1 / 0.05, 6) * 0.05 * levels[draw, 0]
        harm = np.zeros(6)
        for part in range(8):
            move = np.exp(sum(known.part_moves[part, j] * z[j, draw] for j in range(3)))
            harm[known.part_section[part]] += (
                known.part_harm[part] * move * cells[known.part_cell[part]]
            )
        ranks.append([1 + sum(harm > one) for one in harm])
    ranks = np.sort(ranks, axis=0)
    assert standing.rank_low.tolist() == ranks[19].tolist()  # 5 % of 400 is the 20th
    assert standing.rank_high.tolist() == ranks[379].tolist()


# Whole towns --------------------------------------------------------------------------------


def two_sections(lit: float) -> Town:
    """Two like streets in two cells with 200 like thefts each; the first was unlit before."""
    place = oral()
    full = np.flatnonzero(place.grid.area_m2 > 0.99 * place.grid.area_m2.max())[[0, -1]]
    lines = [
        LineString([(place.grid.lng[n], place.grid.lat[n]), (place.grid.lng[n] + 1e-3,
                                                             place.grid.lat[n])])
        for n in full
    ]  # fmt: skip
    sections = gpd.GeoDataFrame(
        {"section_id": ["s00000000000a", "s00000000000b"], "length_m": 70.0},
        geometry=lines, crs=4326,
    )  # fmt: skip
    parts = pd.DataFrame({"section": [0, 1], "cell": full, "length_m": 70.0, "weight": 1.0})
    at = pd.Timestamp(AS_OF) - pd.to_timedelta(np.arange(1, 801) * 30, unit="h")
    thefts = incident_rows(
        place.grid, np.tile(full, 400), occurred_at=at,
        address_key=[f"a{n}" for n in range(800)],
    )  # fmt: skip
    light = pd.DataFrame({"lit_share": [lit, 0.0], "lit_share_history": 0.0})
    return Town(
        area=place.area, grid=place.grid, sections=sections, parts=parts, incidents=thefts,
        coverage=COVERAGE, as_of=AS_OF, darkness=dict.fromkeys(WINDOWS, 1.0), section_light=light,
    )  # fmt: skip


def test_town_of_two_sections_is_less_sure_of_its_order_where_light_has_changed():
    # Lit now, the first is expected to be 21 % calmer; whether it is hangs on β.
    doubtful = replace(PARAMETERS, dark_sd=0.4)

    def first(lit, parameters):
        return town_hazard(two_sections(lit), parameters, seed=2).sections.loc[0]

    sure, unsure = first(1.0, replace(PARAMETERS, dark_sd=0.0)), first(1.0, doubtful)
    assert (sure["rank_low"], sure["rank_high"]) == (2, 2)
    assert (unsure["rank_low"], unsure["rank_high"]) == (1, 2)
    assert sure["hazard"] == unsure["hazard"]
    still = [first(0.0, parameters) for parameters in (PARAMETERS, doubtful)]
    pd.testing.assert_series_equal(still[0], still[1], check_exact=True)


def test_ranks_widen_with_the_doubt_about_effects():
    huge = replace(PARAMETERS, dark_sd=0.5, patrol_sd=0.5, camera_sd=0.5)
    known, doubted, lost = (
        town_hazard(rich_town(), parameters, seed=5).sections[RANKS]
        for parameters in (SURE, PARAMETERS, huge)
    )

    width = [(one["rank_high"] - one["rank_low"]).mean() for one in (known, doubted, lost)]
    assert width[0] < width[1] < width[2]


def test_a_part_moves_as_the_whole_formula_would_move_it():
    # Two standard deviations of β, in the logarithm and worked out anew: half a percent apart.
    town = rich_town()
    still = town.section_light.assign(lit_share_history=0.4)
    town = replace(town, section_light=still, section_cameras=None, patrol_now=None)
    stronger = replace(PARAMETERS, dark_log_irr=0.315 + 2 * 0.12)

    pieces, moved = (
        town_steps(town, Model(parameters)).part_pieces for parameters in (PARAMETERS, stronger)
    )

    harm = pieces.harm.sum(axis=(1, 2))
    by_one = pieces.by_effect[:, 0].sum(axis=1) / harm
    assert abs(by_one).max() > 0.015
    np.testing.assert_allclose(moved.harm.sum(axis=(1, 2)), harm * np.exp(2 * by_one), rtol=0.005)
