"""The chain finds what was planted in the demo town; only this test reads the truth."""

import json

import geopandas as gpd
import pytest
from shapely.geometry import shape

from api.opening import opened_workspace
from api.ranking import ranked_sections
from data.inputs import read_inputs
from data.snapshots import open_snapshot

REACH_M = 15


@pytest.fixture(scope="module")
def truth(demo_workspace):
    return json.loads((demo_workspace / "demo" / "truth.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def sections(demo_workspace, demo_result):
    snapshot = open_snapshot(demo_workspace / "snapshots", demo_result["run_id"])
    return snapshot.read_frame("sections")


def places_in_list(sections, planted, view):
    """Return where in the list the sections stand that lie mostly on a planted stretch."""
    ranked = ranked_sections(sections, view=view, window="day", limit=len(sections))
    place = {section: number for number, section in enumerate(ranked["section_id"], start=1)}
    metric = sections.to_crs("EPSG:32639")
    stretch = gpd.GeoSeries([shape(planted["geometry"])], crs=4326).to_crs("EPSG:32639").iloc[0]
    inside = metric.geometry.intersection(stretch.buffer(REACH_M)).length > 0.6 * metric.length
    return sorted(place[section] for section in sections.loc[inside, "section_id"])


def test_every_hot_section_is_among_the_first_ten(sections, truth):
    assert len(truth["hot_sections"]) >= 6
    for planted in truth["hot_sections"]:
        assert places_in_list(sections, planted, "harm")[0] <= 10, planted["name"]


def test_dark_corridor_is_among_the_first_ten_and_leads_the_walk_of_children(sections, truth):
    assert places_in_list(sections, truth["dark_corridor"], "harm")[0] <= 10
    assert places_in_list(sections, truth["dark_corridor"], "walk")[0] == 1


def test_market_tops_the_count_and_not_the_harm(sections, truth):
    assert places_in_list(sections, truth["market"], "count")[0] == 1
    hot = [places_in_list(sections, planted, "harm")[0] for planted in truth["hot_sections"]]
    assert places_in_list(sections, truth["market"], "harm")[0] > max(hot)


def test_what_patrols_find_raises_nothing_where_they_search(sections, truth, demo_workspace):
    # More is recorded there a year than on any hot section, and all of it was found by patrols.
    hot = [planted["incidents_a_year"] for planted in truth["hot_sections"]]
    assert truth["raided"]["found_a_year"] > max(hot)
    for view in ("harm", "count"):
        assert places_in_list(sections, truth["raided"], view)[0] > 20
    layer = read_inputs(*opened_workspace(demo_workspace), as_of=None).layer_incidents
    assert (layer["article"] == "287").sum() >= 3 * truth["raided"]["found_a_year"] * 0.9


def test_most_of_the_list_is_known_well_enough_to_rank(sections):
    ranked = ranked_sections(sections, view="harm", window="day", limit=20)
    assert ranked["confidence"].isin(["strong", "tentative"]).sum() >= 12


def test_lit_street_has_become_calmer_than_it_was(sections, truth):
    assert truth["lamp_measure"]["rate_ratio"] < 1
    places = places_in_list(sections, truth["lamp_measure"], "harm")
    assert places[0] > 20
