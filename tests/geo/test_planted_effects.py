"""Effects planted into drawn incidents: the model finds each, and fails without its part for it.

A town of two streets a cell. The past is drawn from a rough map of rates, the month after the
forecast from the same map times exp(β · change), plainly written here. What is counted there is
compared with what the model expects, on the places that changed against those that did not; the
same check with the effect set to 0 must fail.
"""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import LineString

from geo.hazard.modifiers import prior_contrast
from geo.hazard.town import Town, town_hazard
from geo.parameters import WINDOWS
from tests.geo.hazard_towns import AS_OF, COVERAGE, PARAMETERS, incident_rows, oral

DARK = 0.9
PAST, NEXT = 12_000, 24_000
"""Incidents in the past, and in what is held against the forecast: many, against chance."""

OFF = {
    "light": {"dark_log_irr": 0.0},
    "patrol": {"patrol_log_irr": 0.0},
    "camera": {"camera_log_irr": 0.0},
}
PLANTED = {"light": 0.315, "patrol": -0.174, "camera": -0.139}
"""β by which what follows is drawn."""


def bare_town(incidents=None) -> Town:
    """Two streets of 80 m in every cell; nothing known of light, patrols or cameras."""
    place = oral()
    grid, count = place.grid, len(place.grid.cells)
    cell = np.repeat(np.arange(count), 2)
    lines = [
        LineString([(grid.lng[n], grid.lat[n]), (grid.lng[n] + 1e-4, grid.lat[n])]) for n in cell
    ]
    sections = gpd.GeoDataFrame(
        {"section_id": [f"s{n:012x}" for n in range(2 * count)], "length_m": 80.0},
        geometry=lines, crs=4326,
    )  # fmt: skip
    parts = pd.DataFrame(
        {"section": np.arange(2 * count), "cell": cell, "length_m": 80.0, "weight": 0.5}
    )
    return Town(
        area=place.area, grid=grid, sections=sections, parts=parts,
        incidents=incident_rows(grid, []) if incidents is None else incidents,
        coverage=COVERAGE, as_of=AS_OF, darkness=dict.fromkeys(WINDOWS, DARK),
    )  # fmt: skip


def drawn_past(rate: np.ndarray, rng, number: int = PAST, **columns) -> pd.DataFrame:
    cells = rng.choice(len(rate), number, p=rate / rate.sum())
    at = pd.Timestamp(AS_OF) - pd.to_timedelta(rng.integers(1, 1090 * 1440, number), unit="min")
    return incident_rows(
        oral().grid, cells, occurred_at=at, severity_days=np.nan,
        address_key=[f"a{n}" for n in range(number)], **columns,
    )  # fmt: skip


def changed_town(effect: str, rng) -> tuple[Town, np.ndarray, np.ndarray]:
    """A town after a change; which parts changed, and by how much x has changed there."""
    rate = rng.gamma(1.5, size=len(oral().grid.cells))
    town = bare_town(drawn_past(rate, rng))
    parts = len(town.parts)
    if effect == "patrol":
        changed = np.repeat(rng.random(parts // 2) < 0.5, 2)
        dose = pd.DataFrame(np.repeat(0.9 * changed[::2, None], 6, axis=1), columns=list(WINDOWS))
        return replace(town, patrol_now=dose, patrol_history=0 * dose), changed, 0.9 * changed
    changed = np.arange(parts) % 2 == 0
    shares = {"now": 1.0 * changed, "before": 0.0}
    if effect == "light":
        light = pd.DataFrame({"lit_share": shares["now"], "lit_share_history": shares["before"]})
        return replace(town, section_light=light), changed, -DARK * 0.75 * changed
    cover = pd.DataFrame({"camera_share": shares["now"], "camera_share_history": shares["before"]})
    return replace(town, section_cameras=cover), changed, 1.0 * changed


def followed(town: Town, rise: np.ndarray, beta: float, rng) -> np.ndarray:
    """What is counted on each part afterwards: the past's rates times exp(β · rise), by chance."""
    past = np.bincount(town.grid.locate(town.incidents["lat"], town.incidents["lon"]),
                       minlength=len(town.grid.cells))  # fmt: skip
    truth = past[town.parts["cell"]] * town.parts["weight"] * np.exp(beta * rise)
    return rng.poisson(NEXT * truth / truth.sum())


def observed_to_expected(counts, expected, changed) -> tuple[float, float]:
    """ln of observed/expected where things changed against where not, and its standard error."""
    ratio = [np.log(counts[one].sum() / expected[one].sum()) for one in (changed, ~changed)]
    error = np.sqrt(sum(1 / counts[one].sum() for one in (changed, ~changed)))
    return ratio[0] - ratio[1], error


def check_recovered(effect: str, seed: int, parameters) -> None:
    """The forecast, change and all, fits what followed; and β is found again within its error."""
    rng = np.random.default_rng(seed)
    town, changed, rise = changed_town(effect, rng)
    counts = followed(town, rise, PLANTED[effect], rng)

    expected = town_hazard(town, parameters).parts["hazard"].to_numpy()

    left, error = observed_to_expected(counts, expected, changed)
    assert abs(left) < 3 * error + 0.01, (effect, seed, left / error)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("effect", list(OFF))
def test_planted_effect_is_recovered_and_missed_without_its_modifier(effect, seed):
    check_recovered(effect, seed, PARAMETERS)
    with pytest.raises(AssertionError):
        check_recovered(effect, seed, replace(PARAMETERS, **OFF[effect]))


@pytest.mark.parametrize("effect", list(OFF))
def test_effect_that_the_forecast_lacks_is_the_planted_one(effect):
    # A forecast without the modifier errs by β · change: divided by the change, that is β.
    found = []
    for seed in range(6):
        rng = np.random.default_rng(100 + seed)
        town, changed, rise = changed_town(effect, rng)
        counts = followed(town, rise, PLANTED[effect], rng)
        off = replace(PARAMETERS, **OFF[effect])
        expected = town_hazard(town, off).parts["hazard"].to_numpy()
        missed, error = observed_to_expected(counts, expected, changed)
        found.append((missed / rise[changed].mean(), error / abs(rise[changed].mean())))

    beta, error = np.mean([one for one, _ in found]), found[0][1] / np.sqrt(len(found))
    assert abs(beta - PLANTED[effect]) < 3 * error + 0.01
    spread = {"light": "dark_sd", "patrol": "patrol_sd", "camera": "camera_sd"}[effect]
    assert abs(beta - PLANTED[effect]) < 1.645 * getattr(PARAMETERS, spread)


# Standing darkness --------------------------------------------------------------------------


def check_contrast(seed: int, parameters) -> None:
    """Dark cells against lit ones: what follows fits the forecast.

    The past is short and known to 800 m only, so the record cannot tell one cell from the next;
    that it is darker there can.
    """
    rng = np.random.default_rng(seed)
    town = bare_town()
    lit = np.repeat(rng.random(len(town.grid.cells)) < 0.5, 2).astype(float)
    light = pd.DataFrame({"lit_share": lit, "lit_share_history": lit})
    contrast = prior_contrast(
        town.grid, town.parts, lit, np.full(4, DARK), PARAMETERS
    )[1]  # fmt: skip
    rate = town.grid.area_m2 * contrast
    past = drawn_past(rate, rng, 24, geo_accuracy_m=800.0)
    counts = rng.poisson(NEXT * rate / rate.sum())

    found = town_hazard(replace(town, section_light=light, incidents=past), parameters)

    inner = town.grid.area_m2 > 0.9 * town.grid.area_m2.max()
    dark = inner & (lit[::2] == 0)
    bright = inner & (lit[::2] == 1)
    expected = found.cells["hazard"].to_numpy()
    both = dark | bright
    left, error = observed_to_expected(counts[both], expected[both], dark[both])
    # The record, spread evenly, pulls back a little: 24 incidents against 60 cells.
    assert abs(left) < 3 * error + 0.04, (seed, left / error)


@pytest.mark.parametrize("seed", range(3))
def test_planted_darkness_is_recovered_and_missed_without_the_contrast(seed):
    check_contrast(seed, PARAMETERS)
    with pytest.raises(AssertionError):
        check_contrast(seed, replace(PARAMETERS, dark_log_irr=0.0))
