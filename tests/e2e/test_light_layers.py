"""Light and cameras in a real browser: dark streets bold by the month, and words for a click."""

import glob

import geopandas as gpd
import pandas as pd
import pytest

from maps.palette import DAY
from tests.demo_town import demo_workspace
from tests.e2e.canned_town import HOSTILE, LAT, LON
from tests.e2e.test_demo_town import open_town, town_url
from tests.e2e.test_map_page import open_page

__all__ = ["demo_workspace", "open_page", "open_town", "town_url"]

pytestmark = pytest.mark.browser

AREA_OF = """(wanted) => {
    let dots = 0;
    document.querySelectorAll('.leaflet-sr-lighting-pane canvas').forEach(canvas => {
        if (!canvas.width) { return; }
        const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
        for (let i = 0; i < data.length; i += 4) {
            const off = [0, 1, 2].reduce((sum, k) => sum + Math.abs(data[i + k] - wanted[k]), 0);
            if (data[i + 3] > 200 && off < 24) { dots += 1; }
        }
    });
    return dots;
}"""


def dots(page, colour):
    """How many dots of the map's light bear a colour."""
    return page.evaluate(AREA_OF, [int(colour[i : i + 2], 16) for i in (1, 3, 5)])


@pytest.fixture(scope="module")
def frames(demo_workspace):
    (run,) = glob.glob(f"{demo_workspace}/snapshots/[0-9a-f]*/")
    lamps, cameras = (pd.read_parquet(f"{run}{name}.parquet") for name in ("lamps", "cameras"))
    return {
        "lamps": lamps,
        "cameras": cameras,
        "sections": gpd.read_parquet(f"{run}sections.parquet"),
    }


def clicked(page, lat, lon):
    """Click on a place of the map; return the lines that are said of it."""
    spot = page.evaluate(
        """([lat, lon]) => {
            const at = SafeRegion.map.latLngToContainerPoint([lat, lon]);
            const box = document.getElementById('map_hazard').getBoundingClientRect();
            return [at.x + box.x, at.y + box.y];
        }""",
        [lat, lon],
    )
    page.mouse.click(*spot)
    page.locator(".sr-told").wait_for()
    return page.locator(".sr-told").inner_text().split("\n")


def near(place, layers, more=""):
    return f"map=17/{place[0]:.5f}/{place[1]:.5f}&layers={layers}{more}"


@pytest.mark.parametrize(
    ("noun", "lang", "named"),
    [("lamps", "en", "Street lamp {}"), ("cameras", "ru", "Камера {}")],
)
def test_what_is_broken_says_its_number_and_since_when(open_town, frames, noun, lang, named):
    row = frames[noun].query("state == 'broken' and down_since.notna()").iloc[0]
    layer = "lighting" if noun == "lamps" else "cameras"
    page, faults = open_town(f"/{lang}/planner#{near((row['lat'], row['lon']), layer)}")
    said = clicked(page, row["lat"], row["lon"])
    day = row["down_since"].strftime("%Y-%m-%d" if lang == "en" else "%d.%m.%Y")
    assert said[0] == named.format(row["number"])
    assert said[1].endswith(day)
    assert faults == []


def test_a_dark_street_says_its_minutes_and_opens_its_card(open_town, frames):
    sections = frames["sections"]
    dark = sections[sections["unlit_m"] > 0.9 * sections["length_m"]]
    row = dark.sort_values("child_minutes_school_am").iloc[-1]
    spot = row.geometry.interpolate(0.5, normalized=True)
    page, faults = open_town(
        f"/en/planner#{near((spot.y, spot.x), 'lighting', '&month=12&day=school')}"
    )
    page.wait_for_function("() => document.getElementById('sr-dark-gap').textContent")
    said = clicked(page, spot.y, spot.x)
    assert said[0] == "Without light"
    assert "children’s minutes in the dark without light (December 2026)" in said[1]
    page.locator(f".sr-card.sr-is-chosen[data-id='{row['section_id']}']").wait_for()
    assert faults == []


def test_dark_streets_are_bold_in_december_and_thin_where_nobody_walks(open_town):
    painted = {}
    for name, month, day in (("december", 12, "school"), ("off", 12, "off"), ("may", 5, "school")):
        page, faults = open_town(
            f"/en/prosecutor#map=15/51.2215/51.3795&month={month}&day={day}&layers=lighting"
        )
        page.wait_for_timeout(600)
        painted[name] = dots(page, DAY.street_unlit)
        assert faults == []
    assert painted["december"] > 1.15 * painted["off"] > 0
    assert painted["december"] > painted["may"] > 0


def test_legend_and_the_sum_of_the_town_come_and_go_with_the_layer(open_town):
    page, faults = open_town("/ru/planner#layers=")
    signs, summed = page.locator("ul[data-legend=lighting]"), page.locator("#sr-dark-gap")
    assert not signs.is_visible()
    page.locator(".sr-layers summary").click()
    page.locator("input[name=layer][value=lighting]").check()
    page.wait_for_function("() => document.getElementById('sr-dark-gap').textContent")
    assert signs.is_visible()
    assert "в темноте" in summed.inner_text()
    page.locator("input[name=layer][value=lighting]").uncheck()
    assert not summed.is_visible()
    assert faults == []


def test_a_number_from_outside_is_shown_as_text(open_page):
    page, watched = open_page(f"/en/prosecutor#map=17/{LAT}/{LON}&layers=cameras")
    place = page.evaluate(
        """() => new Promise(found => SafeRegion.layers.cameras.find(
            SafeRegion.map.getCenter(), 400).then(one => found(one.geometry.coordinates[0][0])))"""
    )
    said = clicked(page, place[1], place[0])
    assert said[0] == f"Camera {HOSTILE}"
    watched.assert_clean()
