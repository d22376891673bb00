"""Who is told which streets are dark, and how many minutes children spend there."""

import pandas as pd
import pytest
from shapely import Point

from geo.disclosure import disclose_points
from geo.disclosure_light import GAP_MINUTES, disclose_dark_gap, disclose_street_light
from geo.errors import UsageError

STAFF = ["planner", "dispatcher", "prosecutor"]


def sections(pupils=(5.0, 4.9)):
    count = len(pupils)
    return pd.DataFrame({
        "section_id": [f"s{n}" for n in range(count)],
        "geometry": [Point(n, n) for n in range(count)],
        "pupils": list(pupils),
        "light": "unlit", "lit_m": 1.0, "unlit_m": 2.0, "unknown_light_m": 3.0,
        "dark_minutes_school_am": 700.0, "dark_minutes_night": 1.0,
        "child_minutes": 9000.0, "hazard_score": 99.0, "school_ids": "a;b",
    })  # fmt: skip


def gap_rows(pupils=(5.0, 4.9)):
    rows = sections(pupils)[["section_id", "pupils", "school_ids"]].assign(hazard=5.0)
    return rows.assign(**dict.fromkeys(GAP_MINUTES, 12.6))


@pytest.mark.parametrize("role", STAFF)
def test_staff_see_light_everywhere_and_minutes_from_five_pupils(role):
    shown = disclose_street_light(sections(), role)
    assert shown["light"].tolist() == ["unlit", "unlit"]
    assert shown["dark_minutes_school_am"].tolist()[0] == 700
    assert shown["dark_minutes_school_am"].isna().tolist() == [False, True]
    assert shown["dark_minutes_night"].isna().tolist() == [False, True]
    hidden = {"pupils", "child_minutes", "hazard_score", "school_ids"}
    assert not hidden & set(shown)


@pytest.mark.parametrize("role", STAFF)
def test_staff_see_whole_minutes_of_streets_with_five_pupils(role):
    shown = disclose_dark_gap(gap_rows(), role)
    assert shown["section_id"].tolist() == ["s0"]
    assert shown["unlit_dark_minutes"].tolist() == [13]
    assert set(shown) == {"section_id", "pupils", "school_ids", *GAP_MINUTES}


def test_the_public_sees_no_street_and_no_minute():
    many = (50.0, 500.0)
    assert disclose_street_light(sections(many), "public").empty
    assert disclose_dark_gap(gap_rows(many), "public").empty


def test_a_street_whose_pupils_are_not_known_is_not_told():
    unknown = (float("nan"), 8.0)
    assert disclose_dark_gap(gap_rows(unknown), "planner")["section_id"].tolist() == ["s1"]
    minutes = disclose_street_light(sections(unknown), "planner")["dark_minutes_school_am"]
    assert minutes.isna().tolist() == [True, False]


def test_an_unknown_role_is_refused():
    for disclose, rows in ((disclose_street_light, sections()), (disclose_dark_gap, gap_rows())):
        with pytest.raises(UsageError) as refusal:
            disclose(rows, "mayor")
        assert refusal.value.code == "role_unknown"


def test_views_of_cameras_are_for_staff_alone():
    views = pd.DataFrame({"camera_id": ["c"], "view": ["sector"], "geometry": [Point(0, 0)]})
    assert disclose_points(views, "camera_views", "public").empty
    assert disclose_points(views, "camera_views", "planner").shape == (1, 3)
