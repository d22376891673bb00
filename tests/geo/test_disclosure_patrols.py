"""Patrols are for dispatcher and prosecutor; the dispatcher gets classes and quarters alone."""

import numpy as np
import pandas as pd
import pytest

from geo.disclosure import ROLES
from geo.disclosure_patrols import disclose_patrol_cells, disclose_patrol_plans
from geo.errors import UsageError

CELLS = pd.DataFrame(
    {
        "h3_cell": [1, 2],
        "section_id": ["s1", None],
        "last_visit": ["2025-09-07", None],
        "last_visit_days": pd.array([1, None], dtype="Int64"),
        "gap": [4, 1], "gap_harm": [2.5, 0.1], "patrol_dose": [0.3, 0.9],
        "gap_night": [5, 1], "gap_harm_night": [1.5, 0.1], "patrol_dose_night": [0.12, 0.63],
        "canary": "secret",
    }
)  # fmt: skip
PLANS = pd.DataFrame({"plan_id": ["p1"], "number": "3", "description": "secret", "visits": 2})


@pytest.mark.parametrize("role", ["public", "planner"])
def test_who_does_not_steer_patrols_learns_nothing_of_them(role):
    assert disclose_patrol_cells(CELLS, role).empty
    assert disclose_patrol_plans(PLANS, role).empty


def test_the_dispatcher_sees_classes_and_quarters():
    shown = disclose_patrol_cells(CELLS, "dispatcher")
    assert list(shown.columns) == [
        "h3_cell", "section_id", "last_visit", "last_visit_days", "gap", "dose", "gap_night",
        "dose_night",
    ]  # fmt: skip
    assert shown["dose"].tolist() == [0.25, 1.0]
    assert shown["dose_night"].tolist() == [0.0, 0.75]  # nearest quarter


def test_the_prosecutor_sees_the_numbers_too():
    shown = disclose_patrol_cells(CELLS, "prosecutor")
    assert set(CELLS.columns) < set(shown.columns)
    assert set(shown["dose_night"]) <= set(np.arange(5) / 4)


@pytest.mark.parametrize("role", ["dispatcher", "prosecutor"])
def test_words_of_a_plan_go_nowhere(role):
    assert disclose_patrol_plans(PLANS, role).to_dict("records") == [
        {"plan_id": "p1", "number": "3", "visits": 2}
    ]


def test_an_unknown_role_is_refused():
    assert "officer" not in ROLES
    with pytest.raises(UsageError, match="officer"):
        disclose_patrol_cells(CELLS, "officer")
    with pytest.raises(UsageError, match="officer"):
        disclose_patrol_plans(PLANS, "officer")
