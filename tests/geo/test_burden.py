import numpy as np
import pytest

from geo.hazard.burden import risk_per_exposure, route_burden
from tests.geo.hazard_towns import PARAMETERS


def test_burden_needs_both_hazard_and_children():
    # ΣE = 100: (10·50 + 4·0)/100 = 5, (10·0)/100 = 0, (0·50)/100 = 0
    hazard = np.array([[10.0, 4.0], [10.0, 0.0], [0.0, 0.0]])
    minutes = np.array([[50.0, 0.0], [0.0, 0.0], [50.0, 0.0]])

    assert route_burden(hazard, minutes).tolist() == [5.0, 0.0, 0.0]


def test_unknown_exposure_gives_no_burden():
    found = route_burden(np.ones((2, 1)), np.array([[np.nan], [4.0]]))

    assert np.isnan(found[0])
    assert found[1] == 1
    assert np.isnan(route_burden(np.ones((2, 1)), np.zeros((2, 1)))).all()


def test_risk_is_drawn_to_the_town_mean():
    # E = 10…110: median α = 60; R̄ = 11·1/660; tenth percentile 20 drops the first
    minutes = np.arange(10.0, 120.0, 10.0)

    found = risk_per_exposure(np.ones(11), minutes, PARAMETERS)

    assert np.isnan(found[0])
    assert found[1] == pytest.approx((1 + 60 / 60) / (20 + 60))
    assert found[10] == pytest.approx((1 + 60 / 60) / (110 + 60))


@pytest.mark.parametrize("minutes", [0.0, np.nan])
def test_risk_of_a_place_without_known_children_is_missing(minutes):
    found = risk_per_exposure(np.ones(3), np.array([minutes, 50.0, 60.0]), PARAMETERS)

    assert np.isnan(found[0])
    assert np.isfinite(found[1:]).all() or np.isnan(found[1])
    assert np.isnan(risk_per_exposure(np.ones(2), np.zeros(2), PARAMETERS)).all()
