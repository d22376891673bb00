"""The forecast page in a real browser: desk and phone, day and night, every verdict."""

import datetime as dt
from urllib.parse import urlsplit

import pytest

from data.store.forecast_checks import ForecastCheck, save_forecast_check
from tests.api.test_jobs import made_town
from tests.demo_town import serving
from tests.forecast_results import forecast_check

pytestmark = pytest.mark.browser

SIZES = {"desktop": (1280, 900), "phone": (390, 844)}
MOMENT = dt.datetime(2026, 10, 1, 3, 4, 5)


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    folder = tmp_path_factory.mktemp("forecast") / "town"
    _, database = made_town(folder)
    with serving(folder) as address:
        yield address, database
    database.close()


@pytest.fixture
def open_page(browser, town):
    contexts, faults = [], []

    def opened(path, *, size="desktop", scheme="light", scripts=True):
        width, height = SIZES[size]
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme=scheme,
            java_script_enabled=scripts,
        )
        contexts.append(context)
        page = context.new_page()
        own = urlsplit(town[0]).netloc
        page.on("request", lambda r: urlsplit(r.url).netloc != own and faults.append(r.url))
        page.on("console", lambda m: m.type in {"error", "warning"} and faults.append(m.text))
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(town[0] + path)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert faults == []


def kept(town, word):
    told = forecast_check(word)
    check_id = told.pop("check_id")
    with town[1].writing() as connection:
        save_forecast_check(connection, ForecastCheck(check_id, MOMENT, MOMENT.date(), told))


@pytest.mark.parametrize("size", ["desktop", "phone"])
@pytest.mark.parametrize(("lang", "scheme"), [("kk", "light"), ("ru", "dark")])
def test_page_fits_the_screen_with_everything_unfolded(open_page, town, lang, scheme, size):
    kept(town, "do_not_use")
    page = open_page(f"/{lang}/prosecutor/forecast", size=size, scheme=scheme)
    page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    small = page.evaluate(
        "[...document.querySelectorAll('main a, main button, main summary')]"
        ".filter(e => e.offsetParent && e.getBoundingClientRect().height < 24).length"
    )
    assert small == 0
    cut = page.evaluate(
        "[...document.querySelectorAll('.sr-hits td, .sr-hits th, .sr-narrow td, .sr-narrow th')]"
        ".filter(e => e.scrollWidth > e.clientWidth + 1).length"
    )
    assert cut == 0


def test_verdict_is_seen_without_scrolling_and_is_larger_than_all_else(open_page, town):
    kept(town, "do_not_use")
    page = open_page("/ru/prosecutor/forecast", size="phone")
    box = page.locator(".sr-verdict h2").bounding_box()
    assert box["y"] + box["height"] < 844
    sizes = page.evaluate(
        "[...document.querySelectorAll('main *')].map("
        "e => parseFloat(getComputedStyle(e).fontSize))"
    )
    verdict = page.locator(".sr-verdict h2").evaluate(
        "e => parseFloat(getComputedStyle(e).fontSize)"
    )
    assert verdict == max(sizes)


def test_bars_are_told_apart_without_colour(open_page, town):
    kept(town, "use")
    for scheme in ("light", "dark"):
        page = open_page("/kk/prosecutor/forecast", scheme=scheme)
        lightness = page.evaluate(
            "['.sr-bars .sr-expected', '.sr-bars .sr-recorded'].map(s => {"
            " const c = getComputedStyle(document.querySelector(s)).fill.match(/[\\d.]+/g)"
            ".map(Number); return 0.2126 * c[0] + 0.7152 * c[1] + 0.0722 * c[2]; })"
        )
        assert abs(lightness[0] - lightness[1]) > 100


@pytest.mark.parametrize("scripts", [True, False])
def test_check_is_asked_for_and_its_work_is_shown(open_page, scripts):
    page = open_page("/kk/prosecutor/forecast", scripts=scripts)
    page.click("main .sr-actions .sr-button")  # a link where a check is under way already
    page.wait_for_url("**/kk/clerk/jobs/*")
    assert page.locator("h1").inner_text() == "Болжамды тексеру"


def test_landing_and_map_lead_to_the_page(open_page, town):
    kept(town, "too_few")
    page = open_page("/ru")
    page.click("a[href='/ru/forecast']")
    assert page.url.endswith("/ru/public/forecast")
    assert page.locator(".sr-verdict-too_few h2").is_visible()
