"""What must hold for every town: sums and reasons, what must not matter, and how doubt moves.

Numbers are judged by test_slow_town; here only relations are expected.
"""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from pyproj import Transformer

from geo.hazard.counted import count_incidents
from geo.hazard.evidence import base_share, rate_evidence
from geo.hazard.fitted import Dispersion, FittedQuantities, Model
from geo.hazard.rate import town_rate
from geo.hazard.town import town_hazard
from geo.parameters import GROUPS, PARTS, WINDOWS, window_hours
from tests.geo.hazard_towns import AS_OF, COVERAGE, PARAMETERS, incident_rows, oral
from tests.geo.random_towns import random_town
from tests.geo.shuffled_grid import shuffled_town
from tests.geo.test_town import assert_same

DAYS = ["hazard", *(f"hazard_{window}" for window in WINDOWS)]
SIX = [f"part_{part}" for part in PARTS[:6]]
WORDS = ["too_few", "tentative", "strong"]
SEEDS = range(0, 24, 2)


def frames(found) -> list[pd.DataFrame]:
    return [found.cells, found.sections, *found.parents.values()]


def explained(frame: pd.DataFrame) -> pd.DataFrame:
    """Rows with a hazard: where nothing is expected there is nothing to explain."""
    return frame[frame["hazard"] > 0]


# Sums and reasons ---------------------------------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS)
def test_start_and_parts_are_the_log_of_the_hazard_everywhere(seed):
    found = town_hazard(random_town(seed), PARAMETERS)

    for frame in map(explained, frames(found)):
        start = frame["ln_area_mean"]
        whole = start + frame[[f"part_{part}" for part in PARTS]].sum(axis=1)
        np.testing.assert_allclose(whole, np.log(frame["hazard"]), atol=1e-9, rtol=0)
        for window in WINDOWS if found.facts["hours_known"] else ():
            hours = np.log(window_hours(window) / 24)
            own = frame[f"part_hour_{window}"] + frame[f"part_change_since_{window}"]
            total = start + hours + frame[SIX].sum(axis=1) + own
            np.testing.assert_allclose(total, np.log(frame[f"hazard_{window}"]), atol=1e-9, rtol=0)


@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_is_lost_between_windows_parts_sections_and_cells(seed):
    found = town_hazard(random_town(seed), PARAMETERS)

    off_street = found.parts["section_id"].isna()
    for frame in [*frames(found), found.parts] if found.facts["hours_known"] else ():
        np.testing.assert_allclose(frame[DAYS[1:]].sum(axis=1, skipna=False), frame["hazard"],
                                   rtol=1e-12)  # fmt: skip
    for column in DAYS:
        total = found.cells[column].sum()
        in_sections = found.sections[column].sum()
        assert in_sections + found.parts[column][off_street].sum() == pytest.approx(total, rel=1e-9)
        for frame in found.parents.values():
            assert frame[column].sum() == pytest.approx(total, rel=1e-9)
        by_cell = found.parts.groupby("h3_cell")[column].sum().reindex(found.cells["h3_cell"])
        np.testing.assert_allclose(by_cell, found.cells[column].fillna(0), rtol=1e-9)


# One group alone ----------------------------------------------------------------------------


def steb(counted, grid, base: np.ndarray) -> np.ndarray:
    """The space-time mixture with a cell effect of one group, coded directly."""
    age, days = counted.age_days, 1096
    metres = np.hypot(grid.x[counted.cell, None] - grid.x, grid.y[counted.cell, None] - grid.y)
    mixed = 0.04 / 0.69 * base
    for width, life, weight in ((100, 1095, 0.12), (200, 1095, 0.05), (400, 1095, 0.13),
                                (800, 1095, 0.25), (200, 365, 0.04), (800, 60, 0.05),
                                (200, 30, 0.01)):  # fmt: skip
        cut = max(3 * width, 1.02 * np.sqrt(grid.area_m2.max()), 120)
        near = grid.area_m2 * np.exp(-(metres**2) / (2 * width**2)) * (metres <= cut)
        share = 2 ** (-age / life) @ (near / near.sum(axis=1, keepdims=True))
        mixed = mixed + weight / 0.69 * share / share.sum()
    level = (2 ** (-age / 60)).sum() / ((1 - 2 ** (-days / 60)) * 60 / np.log(2))
    record = np.bincount(counted.cell, 2 ** (-age / 3650), len(grid.cells))
    exposure = (1 - 2 ** (-days / 3650)) * 3650 / np.log(2)
    pulled = mixed * (2 + record) / (2 + level * mixed * exposure)
    return level * pulled / pulled.sum()


@pytest.mark.parametrize(("width", "incidents"), [(0.0085, 40), (0.028, 400)])
def test_one_group_alone_is_the_directly_coded_mixture(width, incidents):
    # 69 cells are reckoned by pairs; with 600 the kernels are convolved (within .005 a log)
    grid = oral(width).grid
    rng = np.random.default_rng(5)
    cells = rng.integers(0, len(grid.cells), incidents) // rng.integers(1, 9, incidents)
    at = pd.Timestamp(AS_OF) - pd.to_timedelta(rng.integers(1, 1090 * 1440, incidents), unit="min")
    counted = count_incidents(
        incident_rows(grid, cells, occurred_at=at), grid, COVERAGE, AS_OF, PARAMETERS
    )
    base = base_share(50.0 + np.arange(len(grid.cells)) % 7, grid.area_m2, PARAMETERS)
    fitted = FittedQuantities(effect_other_groups={"theft_robbery": 0.75})  # nobody to lean on
    contrast = np.ones((len(GROUPS), len(grid.cells)))

    evidence = rate_evidence(counted, grid, base, PARAMETERS)
    rate = town_rate(evidence, contrast, Model(PARAMETERS, fitted)).expected[1]

    direct = steb(counted, grid, base)
    exact = len(grid.cells) < 500
    gain = (direct / direct.sum() * np.log(rate / direct)).sum()
    assert abs(gain) < (1e-9 if exact else 0.005)
    np.testing.assert_allclose(rate, direct, rtol=1e-9 if exact else 0.05)


# What must not matter -----------------------------------------------------------------------


@pytest.mark.parametrize("seed", [0, 4, 8, 9, 13])
def test_order_of_what_is_handed_over_changes_no_bit(seed):
    town = random_town(seed)
    turned = replace(
        town,
        incidents=town.incidents.sample(frac=1, random_state=seed),
        parts=town.parts.sample(frac=1, random_state=seed),
        coverage=town.coverage[::-1],
        darkness=dict(reversed(town.darkness.items())),
    )

    assert_same(town_hazard(town, PARAMETERS), town_hazard(turned, PARAMETERS))


@pytest.mark.parametrize("seed", [0, 4, 8, 9, 13])
def test_labels_of_the_cells_change_no_place(seed):
    town = random_town(seed)
    order = np.random.default_rng(seed).permutation(len(town.grid.cells))

    one, other = (town_hazard(t, PARAMETERS) for t in (town, shuffled_town(town, order)))

    for column in [*DAYS, "hazard_low", "hazard_high", "expected_incidents", "part_own_record"]:
        np.testing.assert_allclose(
            one.cells[column].to_numpy()[order], other.cells[column], rtol=1e-9, atol=1e-12
        )
        np.testing.assert_allclose(one.sections[column], other.sections[column], rtol=1e-9,
                                   atol=1e-12)  # fmt: skip


@pytest.mark.parametrize("crs", ["EPSG:3857", "EPSG:32640", "EPSG:28470"])
def test_points_that_came_through_another_plane_change_no_bit(crs):
    town = random_town(9)
    there = Transformer.from_crs("EPSG:4326", crs, always_xy=True)
    rows = town.incidents
    plane = there.transform(rows["lon"], rows["lat"])
    lon, lat = there.transform(*plane, direction="INVERSE")

    assert_same(
        town_hazard(town, PARAMETERS),
        town_hazard(replace(town, incidents=rows.assign(lat=lat, lon=lon)), PARAMETERS),
    )


# Doubt --------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS)
def test_more_dispersion_never_narrows_and_moves_no_hazard(seed):
    town = random_town(seed)
    wide = [
        town_hazard(
            replace(town, fitted=replace(town.fitted, dispersion=dict.fromkeys(
                GROUPS, Dispersion(factors=(factor,))))),
            PARAMETERS,
        )
        for factor in (1.0, 1.7, 4.0)
    ]  # fmt: skip

    for one, other in pairwise(wide):
        for pair in zip(frames(one), frames(other), strict=True):
            narrow, broad = map(explained, pair)
            np.testing.assert_array_equal(narrow["hazard"], broad["hazard"])
            assert (broad["hazard_low"] < narrow["hazard_low"]).all()
            ratios = [frame["hazard_high"] / frame["hazard_low"] for frame in (narrow, broad)]
            assert (ratios[1] > ratios[0]).all()
            sure = [frame["confidence"].map(WORDS.index) for frame in (narrow, broad)]
            assert (sure[1] <= sure[0]).all()
