"""The map page in a real browser: nothing foreign, list and map as one, languages, night, phone."""

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest

from tests.e2e.canned_town import HOSTILE

pytestmark = pytest.mark.browser

DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}
PAINTED = """() => {
    const seen = new Set();
    document.querySelectorAll('.leaflet-sr-cells-pane canvas, .leaflet-sr-sections-pane canvas')
      .forEach(canvas => {
        if (!canvas.width) { return; }
        const dots = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
        for (let i = 0; i < dots.length; i += 4) {
          if (dots[i + 3] > 100) { seen.add(dots[i] + ',' + dots[i + 1] + ',' + dots[i + 2]); }
        }
      });
    return seen.size;
}"""


@dataclass
class Watched:
    """What a page did that it must not do."""

    foreign: list = field(default_factory=list)
    console: list = field(default_factory=list)
    errors: list = field(default_factory=list)
    dialogs: list = field(default_factory=list)

    def assert_clean(self):
        assert self.foreign == []
        assert self.console == []
        assert self.errors == []
        assert self.dialogs == []


@pytest.fixture
def open_page(browser, service_url):
    contexts = []

    def opened(path, *, size=DESKTOP, scheme="light", touch=False):
        context = browser.new_context(viewport=size, color_scheme=scheme, has_touch=touch)
        contexts.append(context)
        page, watched = context.new_page(), Watched()
        page.on("request", lambda r: _note_foreign(watched, service_url, r.url))
        page.on("console", lambda m: _note_console(watched, m))
        page.on("pageerror", lambda e: watched.errors.append(str(e)))
        page.on("dialog", lambda d: (watched.dialogs.append(d.message), d.dismiss()))
        page.goto(service_url + path)
        page.wait_for_load_state("networkidle")
        return page, watched

    yield opened
    for context in contexts:
        context.close()


def _note_foreign(watched, service_url, url):
    own = urlsplit(service_url).netloc
    if not url.startswith(("data:", "blob:")) and urlsplit(url).netloc != own:
        watched.foreign.append(url)


def _note_console(watched, message):
    if message.type in {"error", "warning"}:
        watched.console.append(message.text)


def chosen_id(page):
    return page.locator(".sr-cards .sr-card.sr-is-chosen").get_attribute("data-id")


@pytest.mark.parametrize("role", ["prosecutor", "planner", "dispatcher", "public"])
def test_page_asks_nobody_else_and_breaks_no_policy(open_page, role):
    page, watched = open_page(f"/kk/{role}")

    assert page.evaluate(PAINTED) > 5
    watched.assert_clean()


def test_card_chooses_the_section_on_the_map_and_in_the_address(open_page):
    page, watched = open_page("/kk/prosecutor")
    second = page.locator(".sr-cards .sr-pick").nth(1)
    second.focus()
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.querySelector('.sr-number.sr-is-chosen')")
    page.wait_for_function("() => window.SafeRegion.map.getZoom() >= 15")

    assert page.locator(".sr-number.sr-is-chosen").inner_text() == "2"
    assert f"place={chosen_id(page)}" in page.url
    watched.assert_clean()


def test_number_on_the_map_chooses_the_card(open_page):
    page, watched = open_page("/ru/prosecutor")
    first = page.locator(".sr-number", has_text=re.compile("^1$"))
    first.click()

    card = page.locator(".sr-card.sr-is-chosen")
    assert card.locator(".sr-rank").inner_text() == "1"
    assert card.locator(".sr-pick").get_attribute("aria-pressed") == "true"
    watched.assert_clean()


def test_click_on_a_street_shows_a_section_that_the_list_does_not_hold(open_page):
    page, watched = open_page("/en/prosecutor#map=16/51.2215/51.3795&layers=sections")
    box = page.locator("#map_hazard").bounding_box()
    for step in range(0, 240, 6):
        page.mouse.click(box["x"] + 300 + step, box["y"] + 250 + step / 3)
        page.wait_for_timeout(300)
        if page.locator("#sr-picked .sr-card.sr-is-chosen").count():
            break

    chosen = page.locator("#sr-picked .sr-card")
    assert re.fullmatch(r"s[0-9a-f]{12}", chosen.get_attribute("data-id"))
    assert f"place={chosen.get_attribute('data-id')}" in page.url
    assert chosen.locator(".sr-label").inner_text()
    watched.assert_clean()


def test_click_on_an_area_shows_its_class_and_its_reasons(open_page):
    page, watched = open_page("/en/prosecutor#map=14/51.2215/51.3795&layers=cells")
    box = page.locator("#map_hazard").bounding_box()
    for step in range(0, 300, 20):
        page.mouse.click(box["x"] + 250 + step, box["y"] + 250)
        page.wait_for_timeout(300)
        if page.locator("#sr-picked .sr-card.sr-is-chosen").count():
            break
    card = page.locator("#sr-picked .sr-card")
    card.locator(".sr-why").click()
    card.locator(".sr-sentence").wait_for()

    assert card.locator(".sr-badge b").inner_text().isdigit()
    assert card.locator(".sr-tag").inner_text() == "Hotspot"
    assert card.get_attribute("data-id").endswith("ff")
    assert page.locator(".leaflet-sr-chosen-pane path").count() == 2
    watched.assert_clean()


def test_why_opens_sentence_factors_and_light(open_page):
    page, watched = open_page("/en/prosecutor")
    page.locator(".sr-cards .sr-why").first.click()
    panel = page.locator(".sr-cards .sr-panel").first
    panel.locator(".sr-sentence").wait_for()

    assert "times the usual level" in panel.locator(".sr-sentence").inner_text()
    assert "×1.9" in panel.inner_text()
    assert panel.locator(".sr-bar").count() >= 6
    assert "not known" in panel.locator(".sr-light").inner_text()
    watched.assert_clean()


def test_incidents_are_named_only_when_the_prosecutor_asks(open_page):
    page, watched = open_page("/ru/prosecutor")
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.locator(".sr-cards .sr-why").first.click()
    panel = page.locator(".sr-cards .sr-panel").first
    panel.locator(".sr-quarters").wait_for()

    assert panel.locator(".sr-quarters tbody tr").count() == 2
    assert panel.locator(".sr-quarters td").all_inner_texts() == ["4", "9", "<3", "<3", "7", "12"]
    assert not any("/incidents" in url for url in asked)

    panel.locator(".sr-incidents button").click()
    panel.locator(".sr-incidents li").first.wait_for()

    lines = panel.locator(".sr-incidents li").all_inner_texts()
    assert "3 сентября 2026" in lines[0]
    assert HOSTILE in lines[0]  # an article is text, whatever it holds
    assert "×1,2" in lines[0]
    assert "дальше" in lines[1]
    assert sum("/incidents" in url for url in asked) == 1
    watched.assert_clean()


@pytest.mark.parametrize("role", ["planner", "dispatcher"])
def test_others_see_counts_and_nothing_to_ask_for(open_page, role):
    page, watched = open_page(f"/kk/{role}")
    page.locator(".sr-cards .sr-why").first.click()
    panel = page.locator(".sr-cards .sr-panel").first
    panel.locator(".sr-quarters").wait_for()

    assert panel.locator(".sr-incidents").count() == 0
    watched.assert_clean()


def test_window_and_view_change_list_and_map_together(open_page):
    page, watched = open_page("/kk/prosecutor")
    shown = (
        "() => Array.from(document.querySelectorAll('.sr-cards .sr-card'))"
        ".map(card => card.dataset.id + card.querySelector('.sr-badge').textContent).join()"
    )
    painted = (
        "() => Array.from(document.querySelectorAll('.leaflet-sr-cells-pane canvas'))"
        ".map(canvas => canvas.toDataURL()).join().length"
    )
    list_before, map_before = page.evaluate(shown), page.evaluate(painted)
    with page.expect_response(lambda r: "window=night" in r.url and "/sections?" in r.url):
        page.select_option("#sr-window", "night")
    page.wait_for_function(f"before => ({shown})() && ({shown})() !== before", arg=list_before)
    page.wait_for_function(f"before => ({painted})() !== before", arg=map_before)
    with page.expect_response(lambda r: "view=count" in r.url and "window=day" in r.url):
        page.locator("input[value=count]").check()

    assert page.locator("#sr-window").is_disabled()
    assert "view=count" in page.url
    watched.assert_clean()


def test_address_brings_back_what_was_shown(open_page):
    page, watched = open_page(
        "/kk/prosecutor#map=15/51.2300/51.3700&view=harm&window=evening&layers=cells,routes"
    )

    assert page.evaluate("() => window.SafeRegion.map.getZoom()") == 15
    assert page.locator("#sr-window").input_value() == "evening"
    page.locator(".sr-layers summary").click()
    assert page.locator("input[value=routes]").is_checked()
    assert not page.locator("input[value=sections]").is_checked()
    link = page.locator(".sr-languages a[lang=ru]").get_attribute("href")
    assert "window=evening" in link
    watched.assert_clean()


@pytest.mark.parametrize(
    ("lang", "title"),
    [("kk", "Бірінші кезекте"), ("ru", "Участки, требующие"), ("en", "Sections that need")],
)
def test_three_languages(open_page, lang, title):
    page, watched = open_page(f"/{lang}/prosecutor")

    assert page.locator("h1").inner_text().startswith(title)
    assert page.locator("html").get_attribute("lang") == lang
    assert page.locator("#sr-note").inner_text().count("202") == 2
    watched.assert_clean()


@pytest.mark.bad_input("B47", "B48")
def test_hostile_names_are_shown_letter_by_letter(open_page):
    page, watched = open_page("/kk/prosecutor")

    assert page.locator(".sr-label", has_text="onerror").inner_text() == HOSTILE
    assert page.locator(".sr-school-name", has_text="onerror").inner_text() == HOSTILE
    assert page.locator("img[src=x]").count() == 0
    watched.assert_clean()


def test_night_button_turns_the_map_and_stays(open_page):
    page, watched = open_page("/kk/prosecutor")
    day = page.evaluate("() => getComputedStyle(document.body).backgroundColor")
    page.locator("#sr-theme").click()
    page.wait_for_load_state("networkidle")
    night = page.evaluate("() => getComputedStyle(document.body).backgroundColor")
    page.reload()
    page.wait_for_load_state("networkidle")

    assert day != night
    assert page.locator("html").get_attribute("data-theme") == "night"
    assert page.locator("#sr-theme").get_attribute("aria-pressed") == "true"
    watched.assert_clean()


def test_system_night_is_followed_and_the_dispatcher_starts_at_night(open_page):
    dark, _ = open_page("/kk/prosecutor", scheme="dark")
    dispatcher, _ = open_page("/kk/dispatcher", scheme="light")

    assert dark.locator("html").get_attribute("data-theme") == "night"
    assert dispatcher.locator("html").get_attribute("data-theme") == "night"


def test_phone_swaps_list_and_map_and_keeps_the_note(open_page):
    page, watched = open_page("/kk/prosecutor", size=PHONE, touch=True)
    assert page.locator("#sr-list").is_visible()
    assert not page.locator("#map_hazard").is_visible()
    page.locator("[data-show=map]").tap()

    assert page.locator("#map_hazard").is_visible()
    assert not page.locator("#sr-list").is_visible()
    assert page.locator("#sr-note").is_visible()
    assert not page.locator("#sr-legend ul").first.is_visible()
    wide = page.evaluate("() => document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 0
    watched.assert_clean()


def test_phone_keeps_the_chosen_section_its_line_and_its_reasons_together(open_page):
    page, watched = open_page("/ru/prosecutor", size=PHONE, touch=True)
    page.locator(".sr-cards .sr-pick").nth(2).tap()
    chosen = page.locator("#sr-chosen")
    chosen.wait_for()
    assert page.locator("#map_hazard").is_visible()
    chosen.locator(".sr-why").tap()
    page.locator(".sr-card.sr-is-chosen .sr-sentence").wait_for()

    assert page.locator("#sr-list").is_visible()
    watched.assert_clean()


def test_targets_are_large_enough_for_a_finger(open_page):
    page, _ = open_page("/kk/prosecutor", size=PHONE, touch=True)
    small = page.evaluate(
        """() => Array.from(document.querySelectorAll('button, select, summary, .sr-languages a'))
          .map(e => [e.className || e.id, e.getBoundingClientRect()])
          .filter(([, r]) => r.width && (r.height < 36 || r.width < 36))
          .map(([name, r]) => name + ' ' + r.width + 'x' + r.height)"""
    )

    assert small == []


def test_keyboard_reaches_the_list_first_and_loses_no_state(open_page):
    page, watched = open_page("/kk/prosecutor")
    before = page.url
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    assert page.evaluate("() => document.activeElement.id") == "sr-list"
    assert page.url == before
    watched.assert_clean()


def test_failed_answer_is_said_and_can_be_tried_again(open_page):
    page, _ = open_page("/en/prosecutor")
    page.route("**/sections?*", lambda route: route.fulfill(status=500, body="{}"))
    page.select_option("#sr-window", "evening")
    page.locator("#sr-status .sr-button").wait_for()
    assert "could not be loaded" in page.locator("#sr-status").inner_text()
    page.unroute("**/sections?*")
    page.locator("#sr-status .sr-button").click()
    page.locator(".sr-cards .sr-card").first.wait_for()

    assert page.locator("#sr-status").inner_text() == ""


def test_attribution_has_no_prefix(open_page):
    page, _ = open_page("/kk/prosecutor")

    assert page.locator(".leaflet-control-attribution").inner_text() == (
        "© OpenStreetMap contributors"
    )


@pytest.mark.parametrize(
    ("name", "path", "size", "scheme"),
    [
        ("desktop-day", "/kk/prosecutor", DESKTOP, "light"),
        ("desktop-night", "/ru/dispatcher", DESKTOP, "dark"),
        ("phone-day", "/kk/planner", PHONE, "light"),
        ("phone-night", "/ru/prosecutor", PHONE, "dark"),
    ],
)
def test_screens_are_drawn(open_page, tmp_path, name, path, size, scheme):
    page, watched = open_page(path, size=size, scheme=scheme)
    picture = page.screenshot(path=tmp_path / f"{name}.png")

    assert len(picture) > 20_000
    watched.assert_clean()
