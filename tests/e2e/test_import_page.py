"""A records clerk in a real browser: a messy file in, a column corrected, a report, and back."""

from urllib.parse import urlsplit

import pytest

from tests.api.test_jobs import made_town
from tests.demo_town import serving

pytestmark = pytest.mark.browser

SIZES = {"desktop": (1280, 800), "phone": (390, 844)}
MESSY = "\n".join(
    [
        "Қала бойынша оқиғалар тізімі;;;;",
        "күні;уақыты;бірінші сан;бойлық;бап",
        *(f"{day:02d}.03.2026;{8 + day % 9}:15;51,2{day:02d}5;51,38{day:02d};188"
          for day in range(1, 29)),
        "31.02.2026;09:00;51,2200;51,3900;191",
    ]
)  # fmt: skip
"""Titles above the heads, commas in numbers, a head that says nothing, a day that never was."""


@pytest.fixture(scope="module")
def clerk_url(tmp_path_factory):
    folder = tmp_path_factory.mktemp("clerk") / "town"
    _, database = made_town(folder)
    database.close()
    with serving(folder) as address:
        yield address


@pytest.fixture
def open_page(browser, clerk_url):
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
        own = urlsplit(clerk_url).netloc
        page.on("request", lambda r: urlsplit(r.url).netloc != own and faults.append(r.url))
        page.on("console", lambda m: m.type in {"error", "warning"} and faults.append(m.text))
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(clerk_url + path)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert faults == []


def send(page, content, name="оқиғалар.csv"):
    page.set_input_files(
        "input[type=file]", {"name": name, "mimeType": "text/csv", "buffer": content}
    )
    page.click(".sr-main-button")


@pytest.mark.parametrize("scripts", [pytest.param(True, marks=pytest.mark.full), False])
def test_clerk_corrects_a_column_imports_and_takes_back(open_page, scripts):
    page = open_page("/kk/clerk", scripts=scripts)
    send(page, MESSY.encode("utf-8-sig"))
    page.wait_for_selector("form[action$='/next']", timeout=60_000)

    latitude = page.locator("select[name='column.lat']")
    latitude.select_option(label="бірінші сан")
    page.click("button[value=look]")
    page.wait_for_selector("button[value=import]", timeout=60_000)
    assert page.locator("select[name='column.lat'] option:checked").inner_text() == "бірінші сан"
    assert "2026-03-01" in page.inner_text("main")

    page.click("button[value=import]")
    page.wait_for_url("**/kk/clerk/imports/*", timeout=60_000)
    report = page.inner_text("main")
    assert "оқиғалар.csv" in report
    assert "28" in page.inner_text(".sr-count-accepted")
    assert "1" in page.inner_text(".sr-count-quarantined")

    page.click("a[href$='/withdraw']")
    page.click(".sr-main-button")
    page.wait_for_url("**/kk/clerk/imports/*")
    assert "кері қайтарылды" in page.inner_text("main")


@pytest.mark.parametrize("size", ["desktop", "phone"])
@pytest.mark.parametrize(("lang", "scheme"), [("kk", "light"), ("ru", "dark")])
def test_desk_fits_the_screen_and_can_be_walked_by_keyboard(open_page, lang, scheme, size):
    page = open_page(f"/{lang}/clerk", size=size, scheme=scheme)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "sr-skip"
    unlabelled = page.evaluate(
        "[...document.querySelectorAll('input:not([type=hidden]), select, button')]"
        ".filter(e => !(e.labels && e.labels.length) && !e.innerText.trim()"
        " && !e.getAttribute('aria-label')).length"
    )
    assert unlabelled == 0
    small = page.evaluate(
        "[...document.querySelectorAll('main a, main button, main select, main input')]"
        ".filter(e => e.offsetParent && e.getBoundingClientRect().height < 24).length"
    )
    assert small == 0


def test_landing_leads_to_the_desk(open_page):
    page = open_page("/kk")
    page.click("a[href='/kk/clerk']")
    assert page.locator("h1").inner_text() == "Есеп бөлмесі"
