"""Month and kind of day in a real browser: map, list and numbers are of the same days."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.e2e.canned_town import HOSTILE, sections
from tests.e2e.test_map_page import PHONE, open_page

__all__ = ["open_page"]

pytestmark = pytest.mark.browser

JANUARY = "window=school_am&month=1&day=school"
IN_VIEW = """element => {
    const box = element.getBoundingClientRect();
    return box.height > 0 && box.top >= 0 && box.left >= 0
      && box.bottom <= window.innerHeight && box.right <= window.innerWidth
      && element.scrollWidth <= element.clientWidth + 1;
}"""


class Asked:
    """The requests of a page since it was watched."""

    def __init__(self, page):
        self.urls = []
        page.on("request", lambda request: self.urls.append(request.url))

    def queries(self, path):
        """Return the parameters of every question to a path."""
        split = [urlsplit(url) for url in self.urls]
        return [
            {key: values[0] for key, values in parse_qs(one.query).items()}
            for one in split
            if one.path == path
        ]

    def layers(self):
        """Return the names of the tile layers that were asked for."""
        found = (re.search(r"/tiles/\w+/([^/]+)/", url) for url in self.urls)
        return {match[1] for match in found if match}


def settle(page):
    """Wait until list, map and stated darkness are those of the last choice."""
    page.wait_for_function(
        """() => {
            const SR = window.SafeRegion;
            const loading = SR.settings.monthLayers.some(name => {
                const layer = SR.layers[name];
                return layer && SR.map.hasLayer(layer) && layer.isLoading();
            });
            return !loading && !document.querySelector('#sr-daylight[aria-busy]')
              && !document.getElementById('sr-status').textContent;
        }"""
    )


def hash_of(page):
    return page.evaluate("() => window.location.hash")


def test_month_and_school_day_change_tiles_list_and_the_stated_darkness(open_page):
    page, watched = open_page("/en/prosecutor#map=15/51.2215/51.3795&window=school_am")
    whole_year = page.locator("#sr-daylight").inner_text()
    asked = Asked(page)
    page.select_option("#sr-month", "1")
    settle(page)

    assert asked.layers() == {"cells-01-school", "sections-01-school"}
    (listed,) = asked.queries("/sections")
    assert listed["month"] == "1"
    assert listed["day"] == "school"
    assert listed["window"] == "school_am"
    assert page.locator("#sr-daylight").inner_text() == (
        "School day · 07:00–09:00, January: dark until about 09:33; 93\u00a0% of the window is"
        " dark, twilight counted in part."
    )
    assert whole_year.startswith("07:00–09:00, whole year: 37\u00a0%")
    assert page.locator("#sr-daylight").get_attribute("aria-live") == "polite"
    assert "month=1&day=school" in hash_of(page)
    link = page.locator(".sr-languages a[lang=kk]").get_attribute("href")
    assert "month=1&day=school" in link
    watched.assert_clean()


def test_whole_year_again_is_asked_without_month_and_day(open_page):
    page, watched = open_page(f"/kk/prosecutor#{JANUARY}")
    assert page.locator("#sr-month").input_value() == "1"
    asked = Asked(page)
    page.select_option("#sr-month", "")
    settle(page)

    assert asked.layers() == {"cells"}
    (listed,) = asked.queries("/sections")
    assert {"month", "day"}.isdisjoint(listed)
    assert "month=" not in hash_of(page)
    assert page.locator("input[name=day]").first.is_disabled()
    watched.assert_clean()


def test_a_month_seen_before_is_not_asked_again(open_page):
    page, _ = open_page(f"/kk/prosecutor#{JANUARY}")
    page.select_option("#sr-month", "5")
    settle(page)
    asked = Asked(page)
    page.select_option("#sr-month", "1")
    settle(page)

    assert asked.layers() == set()
    assert len(asked.queries("/sections")) == 1


def test_day_without_school_has_no_school_hours_and_no_order_by_the_walk(open_page):
    page, watched = open_page(f"/en/prosecutor#{JANUARY}")
    asked = Asked(page)
    page.locator("input[name=day][value=off]").check()
    settle(page)
    shown = page.eval_on_selector_all(
        "#sr-window option", "all => all.filter(o => !o.hidden && !o.disabled).map(o => o.value)"
    )

    assert shown == ["day", "evening", "night"]
    assert page.locator("#sr-window").input_value() == "day"
    assert page.locator("input[name=view][value=walk]").is_disabled()
    assert "no way to school" in page.locator("#sr-view-note").inner_text()
    (listed,) = asked.queries("/sections")
    assert (listed["window"], listed["month"], listed["day"]) == ("day", "1", "off")
    assert asked.layers() == {"cells-01-off"}

    page.locator("input[name=day][value=school]").check()
    settle(page)
    assert page.locator("input[name=view][value=walk]").is_enabled()
    assert "no way to school" not in page.locator("#sr-view-note").inner_text()
    watched.assert_clean()


def test_planner_leaves_the_walk_on_a_day_without_school(open_page):
    page, watched = open_page("/ru/planner")
    assert page.locator("#sr-window").count() == 0
    asked = Asked(page)
    page.select_option("#sr-month", "9")
    settle(page)
    page.locator("input[name=day][value=off]").check()
    settle(page)

    assert [one["view"] for one in asked.queries("/sections")] == ["walk", "harm"]
    assert page.locator("input[name=view][value=harm]").is_checked()
    assert page.locator("#sr-daylight").inner_text().startswith("Нет занятий · Сентябрь: ")
    watched.assert_clean()


def test_month_without_a_school_day_has_the_other_days_alone(open_page):
    page, watched = open_page(f"/en/prosecutor#{JANUARY}")
    asked = Asked(page)
    page.select_option("#sr-month", "7")
    settle(page)

    school = page.locator("input[name=day][value=school]")
    assert school.is_disabled()
    assert page.locator("input[name=day][value=off]").is_checked()
    assert "this month has no school day" in page.locator("#sr-view-note").inner_text()
    assert asked.layers() == {"cells-07-off"}

    page.select_option("#sr-month", "9")  # what was chosen before comes back
    settle(page)
    assert school.is_enabled()
    assert school.is_checked()
    assert asked.layers() == {"cells-07-off", "cells-09-school"}
    watched.assert_clean()


def test_place_and_its_reasons_are_asked_of_the_month_on_the_map(open_page):
    page, watched = open_page("/en/prosecutor#month=1&day=school&window=night")
    listed = page.eval_on_selector_all(".sr-cards .sr-card", "all => all.map(c => c.dataset.id)")
    other = next(found.properties for found in sections() if found.properties["id"] not in listed)
    asked, month = Asked(page), {"month": "1", "day": "school", "lang": "en", "role": "prosecutor"}
    page.evaluate("id => window.SafeRegion.choose(id)", other["id"])
    card = page.locator("#sr-picked .sr-card")
    card.locator(".sr-why").click()
    card.locator(".sr-sentence").wait_for()

    assert asked.queries(f"/sections/{other['id']}") == [month]
    assert asked.queries(f"/sections/{other['id']}/explain") == [{"window": "night", **month}]
    watched.assert_clean()


@pytest.mark.bad_input("B47")
def test_month_in_the_address_that_cannot_be_is_left_out(open_page):
    page, watched = open_page(f"/en/prosecutor#month={HOSTILE}&day=off")
    assert page.locator("#sr-month").input_value() == ""
    assert "month=" not in hash_of(page)
    assert page.locator(".sr-cards .sr-card").count() > 0

    read = """written => {
        window.history.replaceState(null, '', '#' + written);
        const found = window.SafeRegion.readHash();
        return [found.month, found.day];
    }"""
    for written in (
        "month=13&day=school", "month=0&day=off", "month=1", "day=off", "month=1&day=holiday",
        "month=01&day=school", "month=1;alert(1)&day=school", "month=-1&day=off",
    ):  # fmt: skip
        assert page.evaluate(read, written) == [None, None], written
    assert page.evaluate(read, "month=12&day=off") == [12, "off"]
    watched.assert_clean()


def test_address_of_a_school_hour_without_school_opens_the_whole_day(open_page):
    page, watched = open_page("/en/prosecutor#view=walk&window=midday&month=7&day=off")

    assert page.locator("#sr-window").input_value() == "day"
    assert page.locator("input[name=view][value=harm]").is_checked()
    assert "view=harm&window=day&month=7&day=off" in hash_of(page)
    watched.assert_clean()


def test_public_has_no_month_even_if_the_address_names_one(open_page):
    page, watched = open_page("/kk/public#month=1&day=school")

    assert page.locator("#sr-month").count() == 0
    assert "month=" not in hash_of(page)
    watched.assert_clean()


def test_tile_that_does_not_come_is_said_on_the_map(open_page):
    page, _ = open_page("/en/prosecutor")
    assert page.locator("#sr-busy").is_hidden()
    page.route("**/cells-03-school/**", lambda route: route.fulfill(status=503, body=""))
    page.select_option("#sr-month", "3")
    settle(page)
    assert page.locator("#sr-busy").inner_text() == "Part of the map could not be loaded."
    page.select_option("#sr-month", "4")
    settle(page)

    assert page.locator("#sr-busy").is_hidden()


def test_keyboard_alone_chooses_month_and_kind_of_day(open_page):
    page, watched = open_page("/en/prosecutor")
    page.locator("#sr-window").focus()
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.id") == "sr-month"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.value") == "school"
    page.keyboard.press("ArrowRight")
    settle(page)

    assert "month=1&day=off" in hash_of(page)
    watched.assert_clean()


@pytest.mark.parametrize(
    ("lang", "scheme"),
    [
        ("kk", "light"),
        ("ru", "dark"),
        *(pytest.param(*rest, marks=pytest.mark.full)
          for rest in (("kk", "dark"), ("ru", "light"), ("en", "light"), ("en", "dark"))),
    ],
)  # fmt: skip
def test_phone_states_period_and_darkness_beside_list_and_map(open_page, lang, scheme):
    page, watched = open_page(
        f"/{lang}/prosecutor#{JANUARY}", size=PHONE, touch=True, scheme=scheme
    )
    words = {"kk": "қаңтар", "ru": "январь", "en": "January"}
    beside, above = page.locator("#sr-daylight"), page.locator("#sr-map-daylight")
    page.locator(".sr-card").last.scroll_into_view_if_needed()
    assert beside.evaluate(IN_VIEW)
    assert words[lang] in beside.inner_text()
    assert not above.is_visible()
    small = page.eval_on_selector_all(
        "#sr-month, .sr-segments label",
        "all => all.filter(e => e.getBoundingClientRect().height < 36).length",
    )
    assert small == 0
    page.locator("[data-show=map]").tap()

    assert above.evaluate(IN_VIEW)
    assert words[lang] in above.inner_text()
    assert page.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth")
    watched.assert_clean()


@pytest.mark.parametrize("lang", ["kk", "ru", "en"])
def test_choices_are_shown_whole_in_the_column_of_a_desktop(open_page, lang):
    page, _ = open_page(f"/{lang}/prosecutor#{JANUARY}")
    page.select_option("#sr-month", "9")  # the longest of the names
    settle(page)
    cut = page.eval_on_selector_all(
        ".sr-when .sr-segments span, .sr-window span",
        "all => all.filter(e => e.scrollWidth > e.clientWidth + 1).map(e => e.textContent)",
    )
    wide = page.evaluate(
        """() => {
            const select = document.getElementById('sr-month');
            const pen = document.createElement('canvas').getContext('2d');
            const style = getComputedStyle(select);
            pen.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
            return pen.measureText(select.selectedOptions[0].text).width + 34 - select.clientWidth;
        }"""
    )
    page.locator(".sr-card").last.scroll_into_view_if_needed()

    assert cut == []
    assert wide <= 0
    assert page.locator("#sr-daylight").evaluate(IN_VIEW)
