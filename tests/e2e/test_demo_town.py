"""The real service over the demo town in a real browser, in every role, by day and by night."""

from urllib.parse import urlsplit

import pytest

from tests.demo_town import demo_workspace, serving

__all__ = ["demo_workspace"]

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("service")]

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


def test_interface_description_opens_from_local_files(open_town):
    page, faults = open_town("/docs")
    page.wait_for_selector(".swagger-ui .info")
    assert "Safe Region" in page.inner_text(".swagger-ui .info")
    assert faults == []
