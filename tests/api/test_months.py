"""A month and kind of day at the doors: list, place, reasons, tiles, and what is refused."""

import json
import math

import mapbox_vector_tile
import mercantile
import pytest

from tests.demo_town import run_inside

JANUARY = {"month": 1, "day": "school"}
JUNE = {"month": 6, "day": "off"}


@pytest.fixture(scope="module")
def run_id(client):
    return client.get("/runs/current").json()["run_id"]


@pytest.fixture(scope="module")
def worst(client):
    query = {"limit": 1, "window": "school_am", **JANUARY}
    return client.get("/sections", params=query).json()["features"][0]


def tile_of(client, run_id, layer, feature, zoom=15):
    lon, lat = feature["geometry"]["coordinates"][0]
    at = mercantile.tile(lon, lat, zoom)
    return client.get(f"/tiles/{run_id}/{layer}/{zoom}/{at.x}/{at.y}.mvt")


def properties_in(answer, layer, section_id):
    tile = mapbox_vector_tile.decode(answer.content)
    return next(
        feature["properties"]
        for feature in tile[layer]["features"]
        if feature["properties"]["id"] == section_id
    )


def test_list_card_and_tile_of_a_month_show_one_number(client, run_id, worst):
    section = worst["properties"]["section_id"]
    card = client.get(f"/sections/{section}", params=JANUARY).json()["properties"]
    drawn = properties_in(tile_of(client, run_id, "sections-01-school", worst), "sections", section)

    assert worst["properties"]["hazard_score"] == round(card["hazard_score_school_am"], 1)
    assert drawn["hazard_score_school_am"] == pytest.approx(worst["properties"]["hazard_score"])
    assert drawn["hazard_class_school_am"] == worst["properties"]["hazard_class"]


def test_january_morning_is_worse_than_the_years_and_june_hides_it(client, worst):
    section = worst["properties"]["section_id"]

    def card(query):
        return client.get(f"/sections/{section}", params=query).json()["properties"]

    year, january, june = card({}), card(JANUARY), card(JUNE)
    assert january["hazard_school_am"] > year["hazard_school_am"] > 0
    assert june["hazard_school_am"] is None
    assert june["hazard_score_school_am"] is None
    assert june["hazard_evening"] > 0


def test_reasons_multiply_to_the_hazard_of_the_month(client, worst):
    section = worst["properties"]["section_id"]
    query = {"window": "school_am", "lang": "en", **JANUARY}
    told = client.get(f"/sections/{section}/explain", params=query).json()
    total = told["ln_area_mean"] + sum(part["log"] for part in told["parts"])

    assert math.exp(total) == pytest.approx(told["hazard"]["value"], rel=1e-9)
    assert {"part": "month"}.items() <= told["parts"][-1].items()
    assert told["month"] == "01-school"
    assert "January, school day" in told["sentence"]


def test_cells_of_a_month_answer_and_have_tiles(client, run_id, worst):
    answer = tile_of(client, run_id, "cells-06-off", worst, zoom=14)
    cell = mapbox_vector_tile.decode(answer.content)["cells"]["features"][0]["properties"]
    told = client.get(f"/cells/{cell['id']}", params=JUNE).json()

    assert "hazard_score_school_am" not in cell
    assert cell["hazard_score_evening"] == pytest.approx(round(told["hazard_score_evening"], 1))


def test_short_address_and_tilejson_know_months(client, run_id):
    short = client.get("/tiles/cells-01-school/14/1/1.mvt", follow_redirects=False)
    described = client.get("/tiles/cells-01-school/tilejson.json").json()

    assert short.headers["location"] == f"/tiles/{run_id}/cells-01-school/14/1/1.mvt"
    assert f"/tiles/{run_id}/cells-01-school/" in described["tiles"][0]


def test_tile_seen_before_is_not_sent_again(client, run_id, worst):
    first = tile_of(client, run_id, "sections-12-school", worst)
    lon, lat = worst["geometry"]["coordinates"][0]
    at = mercantile.tile(lon, lat, 15)
    again = client.get(
        f"/tiles/{run_id}/sections-12-school/15/{at.x}/{at.y}.mvt",
        headers={"If-None-Match": first.headers["etag"]},
    )
    year = tile_of(client, run_id, "sections", worst)

    assert again.status_code == 304
    assert first.headers["etag"] != year.headers["etag"]


@pytest.mark.parametrize(
    ("path", "query", "status"),
    [
        ("/sections", {"month": 13, "day": "off"}, 422),
        ("/sections", {"month": 1}, 422),
        ("/sections", {"day": "off"}, 422),
        ("/sections", {"month": 1, "day": "holiday"}, 422),
        ("/sections", {"month": 7, "day": "school"}, 422),
        ("/tiles/{run}/cells-07-school/14/1/1.mvt", {}, 422),
        ("/tiles/{run}/cells-13-off/14/1/1.mvt", {}, 422),
        ("/tiles/{run}/routes-01-school/14/1/1.mvt", {}, 404),
        ("/tiles/{run}/cells-1-school/14/1/1.mvt", {}, 404),
        ("/tiles/{run}/cells-01-school/14/1/1.mvt", {"role": "public"}, 404),
        ("/tiles/routes-01-school/tilejson.json", {}, 404),
    ],
)
def test_what_is_no_month_is_refused(client, run_id, path, query, status):
    answer = client.get(path.format(run=run_id), params=query)

    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("application/problem+json")


def test_roles_see_in_a_month_what_they_see_in_the_year(client, run_id, worst):
    section = worst["properties"]["section_id"]
    for role in ("planner", "dispatcher"):
        year = client.get(f"/sections/{section}", params={"role": role}).json()["properties"]
        month = client.get(f"/sections/{section}", params={"role": role, **JANUARY}).json()
        assert set(month["properties"]) <= set(year)
        assert "hazard" not in month["properties"]
    public = client.get("/sections", params={"role": "public", **JANUARY})
    assert public.status_code == 404


def test_command_line_explains_a_month(demo_workspace, worst):
    section = worst["properties"]["section_id"]
    ended = run_inside(
        "explain", section, "--window", "school_am", "--month", "1", "--day", "school",
        "--json", directory=demo_workspace,
    )  # fmt: skip
    assert json.loads(ended.stdout)["month"] == "01-school"
