"""The whole door: few data, none, one cell; order; change and its undoing; classes kept."""

import time
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import box

from geo.cells import build_cell_grid
from geo.hazard.town import town_hazard
from geo.parameters import WINDOWS
from geo.study_area import build_study_area
from tests.geo.hazard_towns import (
    PARAMETERS,
    Place,
    incident_rows,
    oral,
    plain_town,
    random_incidents,
    rich_town,
    streets,
)

DAYS = ["hazard", *(f"hazard_{window}" for window in WINDOWS)]


def assert_finite(found):
    for frame in (found.cells, found.sections, *found.parents.values()):
        for column in ("hazard", "hazard_low", "hazard_high", "expected_incidents"):
            assert np.isfinite(frame[column]).all(), column
        for column in ("hazard_score", "count_score", "part_own_record"):
            assert not np.isinf(frame[column].to_numpy(float)).any(), column


def test_b63_town_without_incidents_is_finite_and_too_few():
    place = oral()

    found = town_hazard(plain_town(place, incident_rows(place.grid, [])), PARAMETERS)

    assert_finite(found)
    for frame in (found.cells, found.sections, *found.parents.values()):
        assert (frame["hazard"] == 0).all()
        assert (frame["confidence"] == "too_few").all()
        assert frame["hazard_score_night"].isna().all()


@pytest.mark.parametrize("group", ["theft_robbery", "child"])
def test_b63_one_incident_is_finite_and_too_few_everywhere(group):
    place = oral()
    one = incident_rows(place.grid, [12], offence_group=group, sensitive=group == "child")

    found = town_hazard(plain_town(place, one), PARAMETERS)

    assert_finite(found)
    assert found.facts["one_group"]
    for frame in (found.cells, found.sections, *found.parents.values()):
        assert (frame["confidence"] == "too_few").all()


def test_b63_all_in_one_cell_is_finite_and_strong_there_alone():
    place = oral()

    found = town_hazard(plain_town(place, incident_rows(place.grid, [12] * 60)), PARAMETERS)

    assert_finite(found)
    assert found.cells["hazard"].idxmax() == 12
    # elsewhere the posterior has the shape a = 2 or less: its interval spans a factor 13
    assert (found.cells["confidence"].drop(12) == "too_few").all()
    assert found.cells["confidence"][12] == "strong"


def test_town_without_streets_is_scored_by_area():
    place = oral()
    sections, parts = streets(place)
    town = replace(
        plain_town(place, random_incidents(place.grid, 40, 2)),
        sections=gpd.GeoDataFrame(sections.iloc[:0]),
        parts=parts.iloc[:0],
    )

    found = town_hazard(town, PARAMETERS)

    assert_finite(found)
    assert found.facts["reference_basis"] == "area"
    assert len(found.sections) == 0
    assert found.cells["hazard_score"].notna().all()
    assert found.facts["off_street"] == pytest.approx(found.cells["hazard"].sum())


def test_town_of_one_cell_expects_the_level():
    # all mass lies in the one cell, so λ = L whatever its record
    inside = oral().grid
    lat, lon = inside.lat[30], inside.lng[30]
    area = build_study_area(
        "yard", box(lon - 1e-4, lat - 1e-4, lon + 1e-4, lat + 1e-4), time_zone="Asia/Oral"
    )
    place = Place(area, build_cell_grid(area, 10))
    assert len(place.grid.cells) == 1
    section = gpd.GeoDataFrame(
        {"section_id": ["s000000000001"], "length_m": [20.0]},
        geometry=[place.area.boundary.exterior], crs=4326,
    )  # fmt: skip
    parts = pd.DataFrame({"section": [0], "cell": [0], "length_m": [20.0], "weight": [1.0]})
    town = replace(
        plain_town(oral(), incident_rows(place.grid, [0, 0])),
        area=place.area, grid=place.grid, sections=section, parts=parts,
    )  # fmt: skip

    found = town_hazard(town, PARAMETERS)

    level = found.facts["groups"]["theft_robbery"]["incidents_a_day"]
    assert found.cells["hazard"][0] == pytest.approx(30.4375 * 456 * level, rel=1e-12)
    assert found.sections["hazard_score"].tolist() == [0.0]


def test_cell_without_a_street_has_hazard_but_no_score():
    found = town_hazard(rich_town(), PARAMETERS)

    bare = found.cells["street_length_m"] == 0
    assert bare.any()
    assert (found.cells["hazard"][bare] > 0).all()
    assert found.cells["hazard_score"][bare].isna().all()
    assert found.cells["hazard_class"][bare].isna().all()
    assert found.cells["hazard_score"][~bare].notna().all()


def test_section_outside_the_grid_has_no_numbers():
    town = rich_town()
    outside = 4
    parts = town.parts[town.parts["section"] != outside].copy()
    parts["weight"] /= parts.groupby("cell")["weight"].transform("sum")

    found = town_hazard(replace(town, parts=parts), PARAMETERS).sections

    assert np.isnan(found["hazard"][outside])
    assert pd.isna(found["hazard_class"][outside])
    assert found["confidence"][outside] == "too_few"
    assert found["hazard"].drop(outside).notna().all()


def test_unknown_hours_give_no_window_scores():
    place = oral()
    incidents = random_incidents(place.grid, 60, 5, hours=False)

    found = town_hazard(plain_town(place, incidents), PARAMETERS)

    assert not found.facts["hours_known"]
    for frame in (found.cells, found.sections):
        assert frame["hazard"].notna().all()
        for window in WINDOWS:
            for column in ("hazard", "hazard_score", "hazard_class", "confidence", "part_hour"):
                assert frame[f"{column}_{window}"].isna().all()


def test_window_with_too_few_takes_the_word_of_the_day_and_says_so():
    # sixty thefts at night carry the day; one grave offence at 20:00 carries the evening
    place = oral()
    incidents = incident_rows(
        place.grid,
        [12] * 61,
        offence_group=["theft_robbery"] * 60 + ["violence"],
        severity_days=[456.0] * 60 + [5840.0],
        occurred_at=pd.to_datetime(["2024-06-01 23:00"] * 60 + ["2024-06-01 20:00"]),
    )

    found = town_hazard(plain_town(place, incidents), PARAMETERS).cells.loc[12]

    assert (found["hazard_high_evening"] / found["hazard_low_evening"]) > 10
    assert found["confidence"] != "too_few"
    assert found["confidence_evening"] == found["confidence"]
    assert found["hour_from_town_evening"]
    assert not found["hour_from_town_night"]


def test_foreign_file_without_severity_counts_incidents():
    place = oral()
    incidents = random_incidents(place.grid, 60, 5).assign(severity_days=np.nan)

    found = town_hazard(plain_town(place, incidents), PARAMETERS)

    assert (found.facts["unit"], found.facts["harm_view"]) == ("incidents", False)
    np.testing.assert_allclose(found.cells["hazard"], found.cells["expected_incidents"])


def assert_same(one, other, *, exact=True):
    for name in ("cells", "sections", "parts", "reference", "classes"):
        pd.testing.assert_frame_equal(
            getattr(one, name), getattr(other, name), check_exact=exact, rtol=1e-9
        )
    assert one.facts == other.facts


def test_order_of_rows_changes_no_bit():
    town = rich_town()
    shuffled = town.incidents.sample(frac=1, random_state=3).reset_index(drop=True)
    parts = town.parts.sample(frac=1, random_state=4).reset_index(drop=True)

    assert_same(
        town_hazard(town, PARAMETERS, seed=7),
        town_hazard(replace(town, incidents=shuffled, parts=parts), PARAMETERS, seed=7),
    )


def test_seed_moves_ranks_and_nothing_else():
    town = rich_town()
    one, other = (town_hazard(town, PARAMETERS, seed=seed) for seed in (1, 2))
    drawn = ["p_top", "rank_low", "rank_high", "burden_rank_low", "burden_rank_high"]

    assert (one.sections["p_top"] != other.sections["p_top"]).any()
    pd.testing.assert_frame_equal(
        one.sections.drop(columns=drawn), other.sections.drop(columns=drawn)
    )
    pd.testing.assert_frame_equal(one.cells, other.cells)


def test_order_of_cells_changes_no_cell():
    # numbered from the other end, the cells keep their places in the world
    town = rich_town()
    grid = town.grid
    n = len(grid.cells)
    turned = replace(
        grid,
        lattice=None,
        **{name: getattr(grid, name)[::-1].copy() for name in ("x", "y", "lat", "lng", "area_m2")},
    )
    # ids must stay sorted, so places and ids are paired anew and incidents follow the place
    plain = town.incidents.assign(sensitive=False)
    opposite = n - 1 - grid.locate(plain["lat"], plain["lon"])
    moved = plain.assign(lat=grid.lat[opposite], lon=grid.lng[opposite])
    mirrored = replace(
        town,
        grid=turned,
        incidents=moved,
        parts=town.parts.assign(cell=n - 1 - town.parts["cell"]),
        patrol_now=town.patrol_now.iloc[::-1].reset_index(drop=True),
        patrol_history=town.patrol_history.iloc[::-1].reset_index(drop=True),
    )

    one = town_hazard(replace(town, incidents=plain), PARAMETERS)
    other = town_hazard(mirrored, PARAMETERS)

    for column in DAYS:
        np.testing.assert_allclose(one.cells[column], other.cells[column][::-1], rtol=1e-9)
        np.testing.assert_allclose(one.sections[column], other.sections[column], rtol=1e-9)


def lit(town, section, now):
    light = town.section_light.copy()
    light.loc[section, "lit_share"] = now
    return replace(town, section_light=light)


def test_lamp_lowers_its_section_and_moves_nothing_else():
    town = rich_town()
    section = 10
    darker = lit(town, section, 0.2)
    before = town_hazard(darker, PARAMETERS)
    after = town_hazard(lit(town, section, 0.9), PARAMETERS)
    undone = town_hazard(lit(lit(town, section, 0.9), section, 0.2), PARAMETERS)

    for column in DAYS:
        change = after.sections[column] - before.sections[column]
        assert change[section] < 0 or column == "hazard_midday"  # no darkness at midday
        assert (change.drop(section) == 0).all()
        assert (after.cells[column] <= before.cells[column]).all()
    pd.testing.assert_frame_equal(before.sections, undone.sections, check_exact=True)


def test_unknown_light_moves_nothing_beyond_the_prior():
    town = rich_town()
    unknown = pd.DataFrame(0.5, index=town.section_light.index, columns=town.section_light.columns)

    found = town_hazard(replace(town, section_light=unknown), PARAMETERS)
    without = town_hazard(replace(town, section_light=None), PARAMETERS)

    np.testing.assert_allclose(found.cells["hazard"], without.cells["hazard"], rtol=1e-12)
    assert (found.cells["part_light_since"].abs() < 1e-12).all()


def test_patrol_acts_in_its_cell_alone():
    town = rich_town()
    more = town.patrol_now.copy()
    more.loc[5, "night"] += 0.3

    before, after = (
        town_hazard(t, PARAMETERS).cells for t in (town, replace(town, patrol_now=more))
    )

    change = after["hazard_night"] - before["hazard_night"]
    assert change[5] < 0
    assert (change.drop(5) == 0).all()
    assert (after["hazard_evening"] == before["hazard_evening"]).all()


@pytest.mark.parametrize("seed", range(3))
def test_adding_an_incident_never_lowers_the_hazard_of_its_cell(seed):
    place = oral()
    fixed = {"child": 900.0, "theft_robbery": 456.0, "violence": 1004.0, "disorder": 30.0}
    base = rich_town(seed, 60)
    town = replace(base, fitted=replace(base.fitted, severity_days=fixed))
    cell = 7 + 11 * seed
    added = incident_rows(place.grid, [cell], incident_id=["new"], offence_group="violence")

    before = town_hazard(town, PARAMETERS).cells["hazard"][cell]
    more = pd.concat([town.incidents, added], ignore_index=True)
    after = town_hazard(replace(town, incidents=more), PARAMETERS).cells["hazard"][cell]

    assert after >= before


def test_kept_reference_and_classes_hold_when_nothing_changed():
    town = rich_town()
    first = town_hazard(town, PARAMETERS)

    second = town_hazard(town, PARAMETERS, first.reference, first.classes)

    assert second.facts["reference_made"] == []
    pd.testing.assert_frame_equal(first.sections, second.sections)
    pd.testing.assert_frame_equal(first.classes, second.classes)


def test_class_of_an_unsure_section_stays():
    town = rich_town()
    first = town_hazard(town, PARAMETERS)
    raw = first.sections["hazard_class"]
    unsure = int(raw[(raw == 2)].index[0])
    previous = first.classes.copy()
    row = (previous["place"] == "section") & (
        previous["place_id"] == first.sections["section_id"][unsure]
    )
    previous.loc[row, "hazard_class"] = 1

    held = town_hazard(town, PARAMETERS, first.reference, previous).sections["hazard_class"]

    # a score just above 75 is crossed with a probability near one half
    assert (raw[unsure], held[unsure]) == (2, 1)


def test_counts_of_the_year_leave_the_sensitive_out_below_resolution_eight():
    place = oral()
    incidents = incident_rows(
        place.grid, [3, 3, 3, 4],
        offence_group=["violence", "child", "violence", "violence"],
        sensitive=[False, True, False, False],
        occurred_at=pd.to_datetime(["2024-05-01", "2024-05-01", "2023-05-01", "2024-05-01"]),
    )  # fmt: skip
    sections, _ = streets(place)
    incidents["section_id"] = [sections["section_id"][0]] * 3 + [None]

    found = town_hazard(plain_town(place, incidents), PARAMETERS)

    assert found.cells["incidents_observed"][[3, 4]].tolist() == [1, 1]
    assert found.parents[8]["incidents_observed"].sum() == 2
    assert found.parents[8]["sensitive_observed"].sum() == 1
    assert found.sections["incidents_observed"].tolist()[:2] == [1, 0]


def test_children_make_burden_and_risk():
    found = town_hazard(rich_town(), PARAMETERS)
    without = town_hazard(replace(rich_town(), child_minutes=None), PARAMETERS)

    assert found.sections["route_burden"].gt(0).all()
    assert found.sections["burden_score"].notna().all()
    assert without.sections["route_burden"].isna().all()
    assert without.sections["risk_per_exposure"].isna().all()
    assert without.sections["burden_rank_low"].isna().all()


@pytest.mark.full
def test_town_of_fifty_thousand_cells_takes_seconds():
    place: Place = oral(0.245)
    town = plain_town(place, random_incidents(place.grid, 5000, 1))
    assert len(place.grid.cells) > 40_000

    start = time.perf_counter()
    found = town_hazard(town, PARAMETERS)

    assert time.perf_counter() - start < 60  # a guard against a wrong order of growth
    assert found.facts["incidents_counted"] == 5000
