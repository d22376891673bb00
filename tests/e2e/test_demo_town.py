"""The real service over the demo town in a real browser, in every role, by day and by night."""

import math
from urllib.parse import urlsplit

import h3
import httpx
import pytest

from tests.demo_town import demo_workspace, serving

__all__ = ["demo_workspace"]

pytestmark = pytest.mark.browser

REACHES = """() => Object.values(window.SafeRegion.map._layers)
    .filter((layer) => layer instanceof L.Circle).length"""
"""How many circles of light are drawn."""
SIZES = {"desktop": (1280, 800), "phone": (390, 844)}


@pytest.fixture(scope="module")
def town_url(demo_workspace):
    with serving(demo_workspace) as address:
        yield address


@pytest.fixture
def open_town(browser, town_url):
    contexts = []

    def opened(path, *, size="desktop", scheme="light"):
        width, height = SIZES[size]
        context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme
        )
        contexts.append(context)
        page, faults = context.new_page(), []
        own = urlsplit(town_url).netloc

        def note(request):
            if request.url.startswith("http") and urlsplit(request.url).netloc != own:
                faults.append(f"asked {request.url}")

        page.on("request", note)
        page.on("console", lambda m: m.type in {"error", "warning"} and faults.append(m.text))
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(town_url + path)
        page.wait_for_load_state("networkidle")
        return page, faults

    yield opened
    for context in contexts:
        context.close()


@pytest.mark.parametrize("size", ["desktop", "phone"])
@pytest.mark.parametrize(
    ("lang", "role", "scheme"),
    [
        ("kk", "prosecutor", "light"),
        ("ru", "prosecutor", "dark"),
        ("en", "planner", "light"),
        ("kk", "dispatcher", "dark"),
        ("ru", "public", "light"),
    ],
)
def test_page_works_without_a_foreign_request_or_a_console_error(
    open_town, tmp_path, lang, role, scheme, size
):
    page, faults = open_town(f"/{lang}/{role}", size=size, scheme=scheme)
    assert faults == []
    assert page.evaluate("document.documentElement.lang") == lang
    assert page.locator("text=OpenStreetMap").count() >= 1
    cards = page.locator(".sr-card").count()
    assert cards == (0 if role == "public" else 20)
    picture = tmp_path / "page.png"
    page.screenshot(path=picture)
    assert picture.stat().st_size > 20_000
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_synthetic_town_says_so_on_every_page(open_town):
    for path, words in (
        ("/kk", "Синтетикалық"),
        ("/ru/prosecutor", "Синтетические"),
        ("/en/public", "Synthetic"),
    ):
        page, _ = open_town(path)
        assert words in page.inner_text("body"), path


def test_reasons_open_and_their_factors_are_those_of_the_service(open_town, town_url):
    import json
    import urllib.request

    page, faults = open_town("/en/prosecutor")
    card = page.locator(".sr-card").first
    section = card.get_attribute("data-id")
    card.locator(".sr-why").click()
    page.wait_for_selector(".sr-factors")
    with urllib.request.urlopen(f"{town_url}/sections/{section}/explain?lang=en") as answer:
        told = json.load(answer)
    assert told["sentence"] in card.inner_text()
    assert faults == []


def test_place_beside_the_list_is_chosen_in_the_month_and_hours_of_the_map(open_town, town_url):
    page, faults = open_town("/en/prosecutor#window=evening&month=1&day=school")
    listed = page.eval_on_selector_all(".sr-cards .sr-card", "all => all.map(c => c.dataset.id)")
    asked = {"month": 1, "day": "school", "window": "evening", "limit": 100}
    hundred = httpx.get(f"{town_url}/sections", params=asked).json()["features"]
    other = next(one for one in hundred if one["properties"]["section_id"] not in listed)
    lon, lat = other["geometry"]["coordinates"][0]
    section = other["properties"]["section_id"]
    cell = h3.latlng_to_cell(lat, lon, 10)
    for place in (section, cell):
        page.evaluate("id => window.SafeRegion.choose(id)", place)
        page.locator(f"#sr-picked .sr-card[data-id='{place}']").wait_for()

        badge = page.locator("#sr-picked .sr-badge").inner_text().split("\n")
        told = httpx.get(
            f"{town_url}/{'sections' if place == section else 'cells'}/{place}",
            params={"month": 1, "day": "school"},
        ).json()
        score = told.get("properties", told)["hazard_score_evening"]
        assert badge[0] == str(math.floor(round(score, 1)))
    assert math.floor(other["properties"]["hazard_score"]) == math.floor(
        httpx.get(f"{town_url}/sections/{section}", params={"month": 1, "day": "school"}).json()[
            "properties"
        ]["hazard_score_evening"]
    )
    assert faults == []


def test_january_morning_and_june_evening_are_two_maps_and_two_lists(open_town):
    shown = {}
    for name, choice in (
        ("january", "window=school_am&month=1&day=school"),
        ("june", "window=evening&month=6&day=off"),
    ):
        page, faults = open_town(f"/kk/prosecutor#{choice}")
        page.wait_for_function("() => !window.SafeRegion.layers.cells.isLoading()")
        shown[name] = (
            page.eval_on_selector_all(".sr-cards .sr-card", "all => all.map(c => c.dataset.id)"),
            page.eval_on_selector_all(
                ".leaflet-sr-cells-pane canvas", "all => all.map(c => c.toDataURL()).sort()"
            ),
            page.locator("#sr-daylight").inner_text(),
        )
        assert faults == []
        assert len(shown[name][0]) == 20
    for january, june in zip(shown["january"], shown["june"], strict=True):
        assert january != june


def test_interface_description_opens_from_local_files(open_town):
    page, faults = open_town("/docs")
    page.wait_for_selector(".swagger-ui .info")
    assert "Safe Region" in page.inner_text(".swagger-ui .info")
    assert faults == []


def test_street_is_closed_on_trial_and_the_service_is_quoted(open_town, town_url):
    page, faults = open_town("/en/planner")
    card = page.locator(".sr-cards .sr-card").first
    card.locator(".sr-why").click()
    trial = card.locator(".sr-trial").first
    trial.get_by_role("button", name="closed").click()
    said = trial.locator(".sr-sentence")
    said.wait_for()

    section, asked = card.get_attribute("data-id"), {"role": "planner", "lang": "en"}
    told = httpx.get(f"{town_url}/sections/{section}/explain", params=asked, timeout=30).json()
    school = told["schools"][0]
    assert trial.locator(".sr-trial-name").inner_text() == school["label"]
    answer = httpx.post(
        f"{town_url}/schools/{school['school_id']}/what-if",
        json={"close": [section]}, params=asked, timeout=30,
    ).json()  # fmt: skip
    assert said.inner_text() == answer["sentence"]
    assert answer["affected_pupils"] >= 5

    trial.get_by_role("button", name="lit", exact=True).click()
    trial.get_by_text("2026-12-21, 07:40.").wait_for()
    assert "In the dark without light" in said.inner_text()
    assert faults == []


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_lamps_are_tried_on_the_map_and_taken_away(open_town, town_url, size):
    asked = {"role": "planner", "lang": "kk"}
    gap = httpx.get(f"{town_url}/dark-gap", params=asked | {"limit": 1}, timeout=30).json()
    line = gap["sections"]["features"][0]["geometry"]["coordinates"]
    lon, lat = line[len(line) // 2]
    page, faults = open_town(f"/kk/planner#map=17/{lat}/{lon}&layers=lighting", size=size)
    if size == "phone":
        page.locator(".sr-tabs button").nth(1).click()
    page.locator("#sr-lamps summary").click()
    at = page.evaluate(
        "([lat, lon]) => window.SafeRegion.map.latLngToContainerPoint([lat, lon])", [lat, lon]
    )
    if size == "phone":  # the box lies over the middle of the map
        page.evaluate("() => window.SafeRegion.map.panBy([0, -200], { animate: false })")
        at["y"] += 200
    page.locator("#map_hazard").click(position=at)
    said = page.locator("#sr-lamp-said .sr-sentence")
    said.wait_for()
    assert "%" in said.inner_text()
    assert page.evaluate(REACHES) == 1
    page.locator("#sr-no-lamps").click()
    assert said.count() == 0
    assert page.evaluate(REACHES) == 0
    assert faults == []


def test_lamp_where_no_street_is_says_so_and_is_not_kept(open_town):
    page, _ = open_town("/ru/dispatcher#map=16/51.2300/51.3700&layers=lighting")
    page.locator("#sr-lamps summary").click()
    page.evaluate("() => window.SafeRegion.map.setView([55, 60], 15, { animate: false })")
    page.locator("#map_hazard").focus()
    page.keyboard.press("Enter")
    page.get_by_text("Это за пределами города.").wait_for()
    assert page.evaluate(REACHES) == 0


def test_lamps_that_are_set_faster_than_answered_are_all_there(open_town):
    page, faults = open_town("/en/planner#map=17/51.2300/51.3700&layers=lighting")
    page.locator("#sr-lamps summary").click()
    page.evaluate("""() => [[0, 0], [40, 0], [0, 40]].forEach((by) => {
        const map = window.SafeRegion.map;
        const middle = map.getSize().divideBy(2);
        window.SafeRegion.placeLamp(map.containerPointToLatLng(middle.add(by)));
    })""")
    page.locator("#sr-lamp-said .sr-sentence").wait_for()
    assert page.evaluate(REACHES) == 3
    assert faults == []


def test_planner_ranks_the_dark_ways_of_a_month_as_the_service_does(open_town, town_url):
    page, faults = open_town("/en/planner#month=12&day=school")
    page.locator("input[name=view][value=dark]").check(force=True)
    page.locator(".sr-cards .sr-minutes").first.wait_for()

    asked = {"role": "planner", "lang": "en", "month": 12, "limit": 20}
    told = httpx.get(f"{town_url}/dark-gap", params=asked, timeout=30).json()
    rows = [feature["properties"] for feature in told["sections"]["features"]]
    assert page.locator(".sr-cards .sr-label").all_inner_texts() == [row["label"] for row in rows]
    assert page.locator(".sr-minutes b").all_inner_texts() == [row["minutes_text"] for row in rows]
    assert page.locator("#sr-view-note").inner_text().endswith("December 2026.")
    assert page.locator("input[name=layer][value=lighting]").is_checked()
    assert page.locator(".sr-number").count() == 20

    page.locator("input[name=day][value=off]").check(force=True)
    page.locator(".sr-cards .sr-badge:not(.sr-minutes)").first.wait_for()
    assert page.locator("input[name=view][value=dark]").is_disabled()
    assert faults == []
