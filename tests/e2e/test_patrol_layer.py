"""The layer of patrols in a real browser: its legend, its note, and the words for a cell."""

import h3
import httpx
import pytest

from tests.demo_town import demo_workspace
from tests.e2e.test_demo_town import open_town, town_url

__all__ = ["demo_workspace", "open_town", "town_url"]

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def worst(town_url):
    """The cell with the greatest gap of the evening, as the dispatcher is told of it."""
    asked = {"role": "dispatcher", "window": "evening", "limit": 1, "lang": "en"}
    answer = httpx.get(f"{town_url}/patrols/gap", params=asked, timeout=30).json()
    return answer["cells"][0], answer["reading_note"]


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_a_cell_is_told_and_the_legend_follows_the_switch(open_town, worst, size):
    cell, note = worst
    lat, lon = h3.cell_to_latlng(cell["h3_cell"])
    page, faults = open_town(
        f"/en/dispatcher#map=15/{lat:.4f}/{lon:.4f}&view=harm&window=evening&layers=cells,patrols",
        size=size,
    )
    if size == "phone":
        page.click(".sr-tabs button[data-show=map]")
        page.wait_for_load_state("networkidle")
        page.click("#sr-legend summary")
    page.wait_for_function("document.getElementById('sr-patrol-note').textContent !== ''")
    assert page.inner_text("#sr-patrol-note") == note
    assert page.locator("[data-legend=patrols] li").count() == 3
    if size == "phone":
        page.click("#sr-legend summary")

    # A number of the list may lie over the middle of the cell and take a click of its own.
    page.evaluate(f"SafeRegion.map.fire('click', {{latlng: L.latLng({lat}, {lon})}})")
    told = page.locator(".sr-popup .sr-told")
    told.wait_for()
    lines = told.inner_text().split("\n")
    assert lines[0] == f"Patrol gap: {cell['gap_word']}"
    assert lines[1] == f"Patrols are felt {cell['dose_word']}"
    days = cell["last_visit_days"]
    never = "No visit was ever recorded here"
    since = f"Days since the last recorded visit: {days}"
    assert lines[2] == (never if days is None else since)

    page.evaluate("SafeRegion.set('window', 'night')")
    told.wait_for(state="detached")  # it spoke of the evening
    page.evaluate("document.querySelector('input[name=layer][value=patrols]').click()")
    assert page.locator("[data-legend=patrols]:visible").count() == 0
    assert faults == []


def test_the_planner_is_not_offered_the_layer(open_town):
    page, faults = open_town("/en/planner#layers=cells,patrols")
    assert page.locator("input[name=layer][value=patrols]").count() == 0
    assert page.locator("[data-legend=patrols]").count() == 0
    assert faults == []
