"""A lamp at a point, asked of the service and of the command line."""

import json

import geopandas as gpd
import httpx
import numpy as np
import pytest

from api.lamp_scenarios import LampQuestion, lamp_scenario
from api.scenarios import section_scenario
from geo.errors import UsageError
from geo.hazard.scenario import Scenario
from geo.parameters import WINDOWS
from tests.demo_town import run_inside

ROLES = ("prosecutor", "planner", "dispatcher")


@pytest.fixture(scope="module")
def dark_spots(published):
    """Middles of dark streets that children walk, the most dangerous first: lat, lon."""
    sections = published.current().frame("sections")
    dark = sections[(sections["lit_share"] < 0.3) & (sections["pupils"] >= 5)]
    lines = dark.sort_values("hazard", ascending=False).geometry.head(6)
    middles = [line.interpolate(0.5, normalized=True) for line in lines]
    return [(spot.y, spot.x) for spot in middles]


def asked(published, *spots, role="prosecutor", lang="en", height=None, **question):
    lamps = [{"lat": lat, "lon": lon, "mount_height_m": height} for lat, lon in spots]
    return lamp_scenario(published, LampQuestion(lamps, **question), role=role, lang=lang)


def told(answer):
    return {one["properties"]["section_id"]: one["properties"]
            for one in answer["sections"]["features"]}  # fmt: skip


def test_a_lamp_on_a_dark_street_lights_it_and_takes_away_what_the_section_would(
    published, dark_spots
):
    opened = published.current()
    for spot in dark_spots:
        answer = asked(published, spot)
        rows = told(answer)
        assert any(one["lit_share"]["then"] > one["lit_share"]["now"] for one in rows.values())
        assert all(one["lit_share"]["then"] >= one["lit_share"]["now"] for one in rows.values())
        assert answer["assumed"] is True
        spans = [*answer["share"].values(), *answer["avoided"].values(), *answer["by_month"]]
        assert all(0 <= one["low"] <= one["mean"] <= one["high"] for one in spans)
        day = sum(one["avoided"]["day"]["mean"] for one in rows.values())
        assert day == pytest.approx(answer["avoided"]["day"]["mean"])
        year = sum(month["mean"] for month in answer["by_month"])
        assert year == pytest.approx(answer["a_year"]["mean"])
        assert answer["avoided"]["midday"]["mean"] == pytest.approx(0, abs=1e-9)
        for name, one in rows.items():
            if one["lit_share"]["then"] == one["lit_share"]["now"]:
                assert one["avoided"]["day"]["high"] == pytest.approx(0, abs=1e-9)
                continue
            same = section_scenario(
                opened, name, Scenario(lit_share=one["lit_share"]["then"]),
                preset="default", role="prosecutor", lang="en",
            )  # fmt: skip
            # The lit share is told to four places.
            assert one["share"]["day"]["mean"] == pytest.approx(
                same["share"]["day"]["mean"], rel=0.01
            )


def test_a_higher_lamp_and_several_lamps_light_no_less(published, dark_spots):
    one, other = dark_spots[:2]
    low, high = (asked(published, one, height=height) for height in (4.0, 12.0))
    assert (low["lamps"][0]["reach_m"], high["lamps"][0]["reach_m"]) == (14, 42)
    assert high["a_year"]["mean"] >= low["a_year"]["mean"] > 0
    alone, both = asked(published, one), asked(published, one, other)
    assert both["a_year"]["mean"] >= alone["a_year"]["mean"]
    assert set(told(both)) == set(told(alone)) | set(told(asked(published, other)))
    assert asked(published, one, one)["a_year"] == alone["a_year"]
    assert asked(published, one) == alone


def test_child_minutes_in_the_dark_go_down_by_what_is_lit(published, dark_spots):
    moved = 0
    for spot in dark_spots:
        year, window = asked(published, spot), asked(published, spot, window="school_am")
        for answer in (year, window):
            for one in answer["dark_minutes"].values():
                assert 0 <= one["then"] <= one["now"]
        unlit = year["dark_minutes"]["unlit"]
        moved += unlit["now"] - unlit["then"]
        if unlit["now"] != unlit["then"]:
            assert any(f"{unlit['then']:,}" in note for note in year["notes"])
        assert window["dark_minutes"]["unlit"]["now"] <= unlit["now"]
    assert moved > 0


@pytest.mark.parametrize("lang", ["kk", "ru", "en"])
def test_the_sentence_tells_the_window_asked(published, dark_spots, lang):
    night = asked(published, dark_spots[0], window="night", lang=lang)
    share = night["share"]["night"]
    assert f"{round(100 * share['mean'])}" in night["sentence"]
    word = {"kk": "болжан", "ru": "предположен", "en": "assumed"}[lang]
    assert word in night["sentence"].lower()
    assert word in night["notes"][0].lower()


def test_presets_stand_in_their_order(published, dark_spots):
    means = [
        asked(published, dark_spots[0], preset=preset)["a_year"]["mean"]
        for preset in ("conservative", "default", "rct")
    ]
    assert means == sorted(means)


@pytest.mark.parametrize("role", ["planner", "dispatcher"])
def test_other_roles_get_whole_per_cents_of_the_day_alone(published, dark_spots, role):
    answer = asked(published, dark_spots[0], role=role)
    for one in (answer, *told(answer).values()):
        assert set(one["share"]) == {"day"}
        assert all(round(value, 2) == value for value in one["share"]["day"].values())
        assert not {"avoided", "by_month", "a_year", "changes"} & set(one)
    with pytest.raises(UsageError, match="prosecutor") as refusal:
        asked(published, dark_spots[0], role=role, window="night")
    assert refusal.value.code == "role_not_allowed"


def test_the_public_is_told_nothing(published, dark_spots):
    with pytest.raises(UsageError) as refusal:
        asked(published, dark_spots[0], role="public")
    assert refusal.value.code == "role_not_allowed"


def test_a_lamp_between_streets_lights_none_and_one_elsewhere_is_refused(published):
    sections = published.current().frame("sections")
    area = published.workspace.study_area
    rng = np.random.default_rng(1)
    west, south, east, north = sections.total_bounds
    lon, lat = rng.uniform(west, east, 4000), rng.uniform(south, north, 4000)
    spots = gpd.GeoSeries(gpd.points_from_xy(lon, lat), crs=4326).to_crs(area.metric_crs)
    gap = spots.distance(sections.to_crs(area.metric_crs).union_all()).to_numpy()
    inside = area.contains(lat, lon)

    between = np.flatnonzero(inside & (gap > 30) & (gap < 80))[0]
    none = asked(published, (lat[between], lon[between]))
    assert none["sentence"] == "The light would reach no street."
    assert (told(none), none["a_year"]["high"], none["share"]["day"]["mean"]) == ({}, 0, 0)
    assert none["dark_minutes"]["unlit"] == {"now": 0, "then": 0}

    far = np.flatnonzero(inside & (gap > 90))[0]
    for spot, code in (((lat[far], lon[far]), "lamp_stray"),
                       ((south - 1, west - 1), "lamp_outside_area")):  # fmt: skip
        with pytest.raises(UsageError) as refusal:
            asked(published, spot)
        assert refusal.value.code == code


def test_service_and_command_answer_alike(service_url, demo_workspace, dark_spots):
    lat, lon = dark_spots[0]
    body = {"lat": lat, "lon": lon, "mount_height_m": 8, "window": "evening"}
    with httpx.Client(base_url=service_url, timeout=60) as client:
        posted = client.post("/scenarios/lamp", json=body, params={"lang": "en"})
        others = client.post("/scenarios/lamp", json={**body, "others": [{"lat": lat, "lon": lon}]})
        refused = [
            client.post("/scenarios/lamp", json={**body, **odd}, params=query)
            for odd, query in (
                ({"lat": 91}, {}), ({"mount_height_m": 0}, {}), ({"window": "dawn"}, {}),
                ({"power": 5}, {}), ({}, {"preset": "best"}), ({"lat": None}, {}),
                ({"lat": 10.0}, {}),
            )
        ]  # fmt: skip
        public = client.post("/scenarios/lamp", json=body, params={"role": "public"})
    options = ("--at", f"{lat},{lon}", "--mount-height", "8", "--window", "evening", "--json")
    printed = run_inside("scenario-lamp", *options, directory=demo_workspace)
    odd = run_inside("scenario-lamp", "--at", f"{lat},{lon}", "--mount-height", "99",
                      directory=demo_workspace, check=False)  # fmt: skip

    assert posted.status_code == 200
    assert json.loads(printed.stdout) == posted.json()
    assert posted.headers["cache-control"] == "no-store"
    assert len(others.json()["lamps"]) == 2
    assert [one.status_code for one in refused] == [422] * 7
    assert refused[-1].json()["title"] == "lamp_outside_area"
    assert (public.status_code, public.json()["title"]) == (403, "role_not_allowed")
    assert set(WINDOWS) < set(posted.json()["share"])
    assert odd.returncode == 2
    assert "--mount-height" in odd.stderr
