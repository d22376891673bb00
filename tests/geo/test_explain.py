import numpy as np
import pytest

from geo.hazard.town import town_hazard
from geo.parameters import PARTS, WINDOWS, window_hours
from tests.geo.hazard_towns import PARAMETERS, oral, plain_town, random_incidents, rich_town

SIX = [f"part_{part}" for part in PARTS[:6]]


@pytest.fixture(scope="module")
def found():
    return town_hazard(rich_town(), PARAMETERS)


def frames(found):
    return [found.cells, found.sections, *found.parents.values()]


def test_parts_sum_to_the_log_of_the_hazard_of_the_day(found):
    for frame in frames(found):
        total = frame["ln_area_mean"] + frame[[f"part_{part}" for part in PARTS]].sum(axis=1)

        np.testing.assert_allclose(total, np.log(frame["hazard"]), atol=1e-9, rtol=0)
        assert (frame["part_hour"] == 0).all()


@pytest.mark.parametrize("window", list(WINDOWS))
def test_parts_sum_to_the_log_of_the_hazard_of_each_window(found, window):
    for frame in frames(found):
        start = frame["ln_area_mean"] + np.log(window_hours(window) / 24)
        own = frame[f"part_hour_{window}"] + frame[f"part_change_since_{window}"]

        total = start + frame[SIX].sum(axis=1) + own

        np.testing.assert_allclose(total, np.log(frame[f"hazard_{window}"]), atol=1e-9, rtol=0)


def test_change_since_is_split_by_cause(found):
    for ending in ("", *(f"_{window}" for window in WINDOWS)):
        for frame in frames(found):
            causes = sum(
                frame[f"part_{cause}_since{ending}"] for cause in ("light", "patrol", "camera")
            )
            assert (frame[f"part_camera_since{ending}"] != 0).any()
            np.testing.assert_allclose(
                causes, frame[f"part_change_since{ending}"], atol=1e-12, rtol=0
            )


def test_cell_without_change_has_none():
    place = oral()
    found = town_hazard(plain_town(place, random_incidents(place.grid, 50, 3)), PARAMETERS)

    np.testing.assert_allclose(found.cells["part_change_since"], 0, atol=1e-12)
    np.testing.assert_allclose(found.cells["part_standing_conditions"], 0, atol=1e-12)


def test_start_of_a_cell_is_its_share_of_the_base():
    # A0 = 30.4375 · Σ s_g L_g · F_0, so over all cells it adds up to 30.4375 · Σ s_g L_g
    place = oral()
    found = town_hazard(plain_town(place, random_incidents(place.grid, 50, 3)), PARAMETERS)

    groups = found.facts["groups"].values()
    town = 30.4375 * sum(g["severity"] * g["incidents_a_day"] for g in groups)
    assert np.exp(found.cells["ln_area_mean"]).sum() == pytest.approx(town, rel=1e-9)


def test_where_nothing_is_expected_there_is_nothing_to_explain():
    place = oral()
    found = town_hazard(plain_town(place, random_incidents(place.grid, 0, 3)), PARAMETERS)

    assert found.cells["ln_area_mean"].isna().all()
    assert found.cells["part_area"].isna().all()
