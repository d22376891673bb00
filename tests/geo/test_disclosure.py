"""Each cell of the privacy table; attacks that must recover nothing."""

import numpy as np
import pandas as pd
import pytest

from geo.disclosure import ROLES, disclose_cells, disclose_points, disclose_sections
from geo.errors import UsageError
from geo.hazard.town import town_hazard
from geo.parameters import WINDOWS
from tests.geo.hazard_towns import PARAMETERS, rich_town

LOWER = ("public", "planner", "dispatcher")


@pytest.fixture(scope="module")
def found():
    return town_hazard(rich_town(), PARAMETERS)


def labelled(sections):
    return sections.assign(
        name="Абай", label_kind="between", light="unlit", lit_m=5.0, unlit_m=20.0,
        unknown_light_m=0.0, pupils=31.0, canary="secret",
    )  # fmt: skip


def cells_with(counts, classes=4):
    return pd.DataFrame(
        {
            "h3_cell": np.arange(len(counts)),
            "hazard": 7.5,
            "hazard_class": pd.array([classes] * len(counts), dtype="Int64"),
            "confidence": "strong",
            "incidents_observed": counts,
        }
    )


@pytest.mark.parametrize(("count", "shown"), [(0, False), (1, False), (9, False), (10, True)])
def test_public_sees_a_class_from_ten_incidents(count, shown):
    found = disclose_cells(cells_with([count]), "public", resolution=8)

    assert found["hazard_class"].notna().tolist() == [shown]
    assert list(found.columns) == ["h3_cell", "hazard_class"]


def test_p06_public_cannot_tell_none_from_nine():
    one = disclose_cells(cells_with([0, 3, 9]), "public", resolution=8)
    other = disclose_cells(cells_with([9, 0, 1], classes=2), "public", resolution=8)

    pd.testing.assert_frame_equal(one, other)


@pytest.mark.parametrize("resolution", [7, 9, 10])
def test_public_sees_one_resolution(resolution):
    assert disclose_cells(cells_with([50]), "public", resolution=resolution).empty


@pytest.mark.parametrize(("count", "shown"), [(0, None), (4, None), (5, 5), (6, 6)])
def test_planner_counts_from_five_at_resolution_nine_alone(count, shown):
    at_nine = disclose_cells(cells_with([count]), "planner", resolution=9)["incidents_observed"]

    assert at_nine.isna().tolist() == [shown is None]
    assert at_nine.dropna().tolist() == ([] if shown is None else [shown])
    for resolution in (7, 8, 10):
        columns = disclose_cells(cells_with([count]), "planner", resolution=resolution).columns
        assert "incidents_observed" not in columns


@pytest.mark.parametrize(("count", "shown"), [(0, None), (2, None), (3, 3), (4, 4)])
def test_dispatcher_counts_from_three_on_sections_alone(count, shown):
    sections = pd.DataFrame({"section_id": ["s1"], "incidents_observed": [count]})

    found = disclose_sections(sections, "dispatcher")["incidents_observed"]

    assert found.isna().tolist() == [shown is None]
    assert found.dropna().tolist() == ([] if shown is None else [shown])
    for resolution in (8, 9, 10):
        cells = disclose_cells(cells_with([count]), "dispatcher", resolution=resolution)
        assert "incidents_observed" not in cells


def test_section_count_that_is_unknown_stays_unknown():
    sections = pd.DataFrame(
        {"section_id": ["s1"], "incidents_observed": pd.array([None], dtype="Int64")}
    )

    assert disclose_sections(sections, "dispatcher")["incidents_observed"].isna().all()


@pytest.mark.parametrize("role", LOWER)
def test_p07_lower_roles_never_get_what_counts_could_be_worked_back_from(found, role):
    frames = [disclose_sections(labelled(found.sections), role)] + [
        disclose_cells(frame, role, resolution=resolution)
        for resolution, frame in {10: found.cells, **found.parents}.items()
    ]

    for frame in frames:
        for column in frame:
            assert not column.startswith(("part_", "hazard_score", "hazard_low", "hazard_high"))
            assert column not in {
                "hazard", "expected_incidents", "count_score", "burden_score", "route_burden",
                "risk_per_exposure", "p_top", "rank_low", "rank_high", "ln_area_mean",
                "sensitive_observed", "share_child", "share_violence", "canary",
            }  # fmt: skip
            assert not any(column == f"hazard_{window}" for window in WINDOWS)
            if column.startswith("share_"):
                assert set(frame[column].dropna()) <= {0.0, 0.25, 0.5, 0.75, 1.0}
            if column.startswith("hazard_class"):
                assert set(frame[column].dropna()) <= {1, 2, 3, 4, 5}


def test_sensitive_groups_are_folded_for_all_but_the_prosecutor():
    sections = pd.DataFrame(
        {
            "section_id": ["s1"],
            "share_child": [0.4], "share_violence": [0.3],
            "share_theft_robbery": [0.2], "share_disorder": [0.1],
        }
    )  # fmt: skip

    for role in ("planner", "dispatcher"):
        shown = disclose_sections(sections, role)
        # .7 → ¾, .2 → ¼, .1 → 0
        assert shown["share_against_persons"].tolist() == [0.75]
        assert shown["share_theft_robbery"].tolist() == [0.25]
        assert shown["share_disorder"].tolist() == [0.0]
        assert "share_child" not in shown
    assert disclose_sections(sections, "prosecutor")["share_child"].tolist() == [0.4]


def test_planner_ranks_by_burden_and_dispatcher_reads_windows(found):
    sections = labelled(found.sections)
    planner = disclose_sections(sections, "planner")
    dispatcher = disclose_sections(sections, "dispatcher")

    assert {"hazard_class", "burden_rank_low", "burden_rank_high", "light", "unlit_m",
            "label_kind", "pupils"} <= set(planner)  # fmt: skip
    assert "hazard_class_night" not in planner
    assert {"hazard_class_night", "confidence_night", "light", "label_kind"} <= set(dispatcher)
    assert "burden_rank_low" not in dispatcher


def test_public_sees_no_section_and_no_dark_street(found):
    shown = disclose_sections(labelled(found.sections), "public")

    assert len(shown) == 0
    assert list(shown.columns) == ["section_id"]


def test_prosecutor_sees_all_that_is_summed(found):
    pd.testing.assert_frame_equal(disclose_sections(found.sections, "prosecutor"), found.sections)
    pd.testing.assert_frame_equal(
        disclose_cells(found.cells, "prosecutor", resolution=10), found.cells
    )


ALLOWED = {
    "schools": {"public", "planner", "dispatcher", "prosecutor"},
    "lamps": {"planner", "dispatcher", "prosecutor"},
    "cameras": {"planner", "dispatcher", "prosecutor"},
    "routes": {"planner", "dispatcher", "prosecutor"},
    "patrol_visits": {"dispatcher", "prosecutor"},
    "incidents": set(),
    "homes": set(),
}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("noun", sorted(ALLOWED))
def test_points_leave_by_the_table_alone(noun, role):
    frame = pd.DataFrame({"lat": [51.2], "lon": [51.3], "canary": ["secret"], "lamp_id": ["1"]})

    shown = disclose_points(frame, noun, role)

    assert (len(shown) > 0) == (role in ALLOWED[noun])
    assert "canary" not in shown


def test_incident_points_have_no_column_for_anyone():
    frame = pd.DataFrame({"incident_id": ["1"], "lat": [51.2], "lon": [51.3]})

    for role in ROLES:
        assert disclose_points(frame, "incidents", role).shape == (0, 0)


def test_argument_is_not_changed(found):
    before = found.cells.copy()

    for role in ROLES:
        disclose_cells(found.cells, role, resolution=9)

    pd.testing.assert_frame_equal(found.cells, before)


def test_unknown_role_or_noun_is_refused():
    with pytest.raises(UsageError) as refused:
        disclose_cells(cells_with([1]), "admin", resolution=8)
    assert refused.value.code == "role_unknown"
    with pytest.raises(UsageError) as refused:
        disclose_points(pd.DataFrame(), "persons", "prosecutor")
    assert refused.value.code == "noun_unknown"


def test_attack_parent_less_children_recovers_no_hidden_count(found):
    """The planner's r9 counts meet no total they could be taken from."""
    seen = {
        resolution: disclose_cells(frame, "planner", resolution=resolution)
        for resolution, frame in {10: found.cells, **found.parents}.items()
    }

    with_counts = [r for r, frame in seen.items() if "incidents_observed" in frame]

    assert with_counts == [9]
    assert (seen[9]["incidents_observed"].dropna() >= 5).all()
