"""The map of a bad town: finite numbers, honest words, or a refusal by name."""

import math
from datetime import date

import numpy as np
import pandas as pd
import pytest

from geo.errors import UsageError
from geo.hazard.fitted import FittedQuantities
from geo.hazard.town import town_hazard
from geo.parameters import WINDOWS
from tests.geo.bad_towns import POOR, SMALL, UNSURE, assert_sound, frames, spread_rows, town_of
from tests.geo.hazard_towns import PARAMETERS, incident_rows, oral

pytestmark = pytest.mark.filterwarnings("error::RuntimeWarning")

BAD_WEIGHTS = [(-0.1, *[0.2] * 10), (math.nan, *[0.1] * 10), (math.inf, *[0.1] * 10), (0.0,) * 11]


@pytest.mark.bad_input("B63")
@pytest.mark.parametrize("name", UNSURE)
def test_town_with_next_to_nothing_is_finite_and_never_sure(name):
    found = town_hazard(UNSURE[name](), PARAMETERS)

    assert_sound(found)
    for frame in frames(found):
        assert (frame["confidence"] == "too_few").all()
        for window in WINDOWS if found.facts["hours_known"] else ():
            assert (frame[f"confidence_{window}"] == "too_few").all()
    if found.facts["incidents_counted"] == 0:
        assert (found.cells["hazard"] == 0).all()
        assert not found.cells["hazard_class"].dropna().gt(1).any()


@pytest.mark.bad_input("B63")
@pytest.mark.parametrize("name", POOR)
def test_poor_town_is_finite(name):
    found = town_hazard(POOR[name](), PARAMETERS)

    assert_sound(found)
    assert found.facts["incidents_counted"] > 0
    assert (found.cells["hazard"] > 0).all()


def test_midnight_after_the_last_covered_day_is_not_covered():
    rows = incident_rows(
        oral(SMALL).grid,
        [3, 3],
        occurred_at=pd.to_datetime(["2024-11-20 23:59", "2024-11-21 00:00"]),
    )

    found = town_hazard(town_of(rows, coverage=((date(2022, 1, 1), date(2024, 11, 20)),)),
                        PARAMETERS)  # fmt: skip

    assert found.facts["incidents_counted"] == 1
    assert found.facts["incidents_left_out"]["outside_coverage"] == 1


@pytest.mark.bad_input("B62")
@pytest.mark.parametrize("weights", BAD_WEIGHTS, ids=["negative", "missing", "endless", "zero"])
def test_weights_that_cannot_be_meant_are_refused_by_name(weights):
    town = town_of(spread_rows(20), fitted=FittedQuantities(weights={"violence": weights}))

    with pytest.raises(UsageError) as refused:
        town_hazard(town, PARAMETERS)

    assert refused.value.code == "weights_invalid"


def test_weights_of_what_is_not_there_leave_the_base():
    # All weight on the other groups, and no other group has an incident.
    weights = (0.0,) * 7 + (0.2, 0.3, 0.5) + (0.0,)
    town = town_of(spread_rows(20), fitted=FittedQuantities(weights={"theft_robbery": weights}))

    found = town_hazard(town, PARAMETERS)

    assert_sound(found)
    np.testing.assert_allclose(found.cells["part_recent_nearby"], 0, atol=1e-12)
