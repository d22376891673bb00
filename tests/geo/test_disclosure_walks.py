"""Nobody may learn from a walk where a single house stands."""

import numpy as np
import pandas as pd
import pytest

from geo.disclosure import PUBLIC, ROLES
from geo.disclosure_walks import (
    disclose_count,
    disclose_gates,
    disclose_recommended,
    disclose_walked,
)
from geo.errors import UsageError

STAFF = [role for role in ROLES if role != PUBLIC]
ROWS = pd.DataFrame(
    {
        "section_id": ["s1", "s2", "s3", "s4"],
        "pupils": [12.4, 5.0, 4.999, 9.9],
        "metres": [123.0, 3.0, 50.0, 44.0],
    }
)


@pytest.mark.parametrize("role", STAFF)
def test_streets_of_fewer_than_five_pupils_are_not_listed_to_anybody(role):
    shown = disclose_walked(ROWS, role)
    assert shown["section_id"].tolist() == ["s1", "s2", "s4"]
    assert shown["pupils"].tolist() == [12, 5, 10]
    assert shown["metres"].tolist() == [120, 10, 40]


def test_the_public_sees_recommended_lines_of_ten_pupils_and_nothing_else():
    assert disclose_walked(ROWS, PUBLIC).empty
    shown = disclose_recommended(ROWS, PUBLIC)
    assert shown.to_dict("list") == {"section_id": ["s1"]}


@pytest.mark.parametrize("role", STAFF)
@pytest.mark.parametrize(("count", "told"), [(None, None), (0, None), (4.9, None), (5, 5)])
def test_small_counts_and_none_look_alike(role, count, told):
    assert disclose_count(count, role) == told
    assert disclose_count(count, PUBLIC) is None


def test_the_frame_is_not_changed_and_roles_are_closed():
    before = ROWS.copy()
    disclose_walked(ROWS, "planner")
    pd.testing.assert_frame_equal(ROWS, before)
    for refuse in (lambda: disclose_walked(ROWS, "x"), lambda: disclose_recommended(ROWS, "x"),
                   lambda: disclose_count(5, "x")):  # fmt: skip
        with pytest.raises(UsageError):
            refuse()


def gates(pupils, calm):
    return pd.DataFrame({"gate": range(1, len(pupils) + 1), "pupils": pupils, "calm_pupils": calm})


@pytest.mark.parametrize(
    ("pupils", "calm", "told", "calm_told"),
    [
        ([80.2, 20.0], [70.2, 30.0], [80, 20], [70, 30]),
        ([100.0, 0.0], [100.0, 0.0], [100, 0], [100, 0]),
        ([96.0, 4.0], [96.0, 4.0], None, None),  # the sum would tell the four
        ([80.0, 20.0], [78.0, 22.0], [80, 20], None),  # two change their gate
        ([80.0, 20.0], [np.nan, np.nan], [80, 20], None),
    ],
)
def test_a_gate_of_a_few_pupils_cannot_be_found_by_subtraction(pupils, calm, told, calm_told):
    shown = disclose_gates(gates(pupils, calm), "prosecutor")
    assert shown["pupils"].tolist() == (told or [None, None])
    assert shown["calm_pupils"].tolist() == (calm_told or [None, None])


def test_the_public_is_told_where_gates_are_and_not_who_goes_in():
    shown = disclose_gates(gates([80.0, 20.0], [80.0, 20.0]), "public")
    assert shown["gate"].tolist() == [1, 2]
    assert shown[["pupils", "calm_pupils"]].isna().all(axis=None)
