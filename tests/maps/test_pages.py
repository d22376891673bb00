"""The pages: data-free, small, the same twice, free of outside addresses and hostile text."""

import dataclasses
import gzip
import html.parser
import json
import re

import folium
import pytest

from geo.errors import UsageError
from maps.pages.context import PageContext
from maps.pages.hazard_map import build_hazard_map, render_page
from maps.pages.landing import render_error, render_landing
from maps.web.assets import STATIC_FOLDER, read_manifest
from maps.web.build import SCRIPT_PARTS, WEB_FOLDER

CONTEXT = PageContext(
    lang="kk",
    role="prosecutor",
    snapshot="0123456789abcdef",
    centre=(51.23, 51.37),
    zoom=14,
    bounds=(51.3, 51.19, 51.45, 51.27),
    synthetic=True,
)
ROLES = ("prosecutor", "planner", "dispatcher", "public")


def page(**changed):
    return render_page(build_hazard_map(dataclasses.replace(CONTEXT, **changed)))[0]


def settings_of(text):
    block = re.search(r'<script type="application/json" id="sr-page">(.*?)</script>', text)
    return json.loads(block[1])


class Outline(html.parser.HTMLParser):
    """Collects addresses, ids and labels of form fields."""

    def __init__(self, text):
        super().__init__()
        self.addresses, self.ids, self.inline_styles = [], [], 0
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        self.addresses += [values[key] for key in ("src", "href", "action") if key in values]
        self.ids += [values["id"]] if "id" in values else []
        self.inline_styles += "style" in values or tag == "style"


def test_page_is_a_folium_map():
    assert isinstance(build_hazard_map(CONTEXT), folium.Map)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("lang", ["kk", "ru", "en"])
def test_every_page_is_local_small_and_without_inline_style(lang, role):
    text = page(lang=lang, role=role)
    outline = Outline(text)

    assert all(address.startswith(("/", "#")) for address in outline.addresses)
    assert not any(address.startswith("//") for address in outline.addresses)
    assert outline.inline_styles == 0
    assert len(outline.ids) == len(set(outline.ids))
    assert len(text.encode()) <= 20_000
    assert f'<html lang="{lang}"' in text


def test_two_renders_are_byte_identical_and_so_is_a_second_render_of_one_map():
    shell = build_hazard_map(CONTEXT)

    assert render_page(shell) == render_page(build_hazard_map(CONTEXT))
    assert render_page(shell) == render_page(shell)


def test_what_a_map_page_loads_fits_in_200_kb_gzipped():
    scripts = [a for a in Outline(page()).addresses if a.startswith("/static/")]
    names = {address.removeprefix("/static/").split("?")[0] for address in scripts}
    size = sum(len(gzip.compress((STATIC_FOLDER / name).read_bytes())) for name in names)

    assert {"safe-region.js", "leaflet/leaflet.js"} <= names
    assert size <= 200_000


def test_built_script_is_made_of_the_parts_in_the_source():
    parts = [(WEB_FOLDER / "safe_region" / name).read_text("utf-8") for name in SCRIPT_PARTS]

    assert (STATIC_FOLDER / "safe-region.js").read_text("utf-8") == "\n".join(parts)


def test_our_script_never_reads_text_as_html():
    for name in SCRIPT_PARTS:
        text = (WEB_FOLDER / "safe_region" / name).read_text("utf-8")
        for sink in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("):
            assert sink not in text, (name, sink)


def test_no_built_file_of_ours_names_an_outside_address():
    for name in read_manifest():
        if "/" not in name and name.endswith((".js", ".css")):
            assert not re.search(r"https?://", (STATIC_FOLDER / name).read_text("utf-8")), name


def test_page_carries_tiles_of_its_role_and_snapshot_only():
    text = page(role="planner")
    urls = re.findall(r'"url": "([^"]+)"', text)

    assert len(urls) == 6  # street map, cells, sections, routes, lamps, cameras
    assert all(url.startswith("/tiles/0123456789abcdef/") for url in urls)
    assert all(url.endswith("role=planner") for url in urls)


def test_public_page_has_no_list_and_says_why():
    text = page(role="public", lang="en")

    assert 'id="sr-cards"' not in text
    assert "broad areas only" in text
    assert "/sections/" not in text
    assert settings_of(text)["views"] == []
    assert 'id="sr-window"' not in text


def test_public_cells_are_stretched_beyond_their_last_tiles():
    cells = page(role="public").split('"layer": "cells"')[1]

    assert '"lastTileZoom": 13' in cells.split("});")[0]


def test_dispatcher_opens_by_night_and_planner_by_walk():
    assert 'data-theme="night"' in page(role="dispatcher")
    assert 'data-theme="auto"' in page(role="planner")
    assert settings_of(page(role="planner"))["views"] == ["walk", "dark", "harm"]


def test_a_role_is_offered_only_what_is_disclosed_to_it():
    planner, dispatcher = page(role="planner", lang="en"), page(role="dispatcher", lang="en")

    assert 'id="sr-window"' not in planner
    assert "Colours show the hazard class." in planner
    assert 'id="sr-window"' in dispatcher
    assert 'value="count"' not in dispatcher


def test_synthetic_data_are_called_so_and_real_ones_are_not():
    assert "Synthetic data" in page(lang="en")
    assert "Synthetic data" not in page(lang="en", synthetic=False)


def test_reading_note_legend_and_switches_stand_on_the_page():
    text = page(lang="en")

    assert "about places, not about people" in text
    for word in ("very high", "not painted: average or below", "too few records to tell"):
        assert word in text
    assert "Way to school, 07:00–09:00" in text
    assert [f">{short}</a>" in text for short in ("ҚАЗ", "РУС", "ENG")] == [True] * 3


@pytest.mark.bad_input("B47")
@pytest.mark.parametrize(
    "changed",
    [
        {"lang": "de"},
        {"role": "admin"},
        {"base_path": "//evil.example"},
        {"base_path": '/"><script>'},
        {"base_path": "https://evil.example"},
        {"snapshot": "../../etc"},
        {"snapshot": "{{7*7}}"},
    ],
)
def test_what_cannot_be_meant_is_refused(changed):
    with pytest.raises(UsageError):
        page(**changed)


def test_pages_work_under_a_prefix():
    addresses = Outline(page(base_path="/region")).addresses

    assert all(a.startswith(("/region/", "#")) for a in addresses)


@pytest.mark.parametrize("lang", ["kk", "ru", "en"])
def test_landing_leads_to_every_role_and_language(lang):
    text, hashes = render_landing(lang, synthetic=True)
    addresses = Outline(text).addresses

    assert {f"/{lang}/{role}" for role in ROLES} <= set(addresses)
    assert {"/kk", "/ru", "/en"} <= set(addresses)
    assert hashes == []
    assert "<script>" not in text


@pytest.mark.parametrize("status", [404, 422, 503, 500])
def test_error_pages_name_a_way_out(status):
    text, _ = render_error("en", status)

    assert "To the start page" in text
    assert all(a.startswith("/") for a in Outline(text).addresses)


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("kk", "Бұл болжамды пайдаланбаңыз"),
        ("ru", "Не пользуйтесь этим прогнозом"),
        ("en", "Do not use this forecast"),
    ],
)
def test_map_of_a_forecast_that_lost_says_so_above_its_list(lang, said):
    lost = page(lang=lang, forecast_lost=True)

    assert lost.index(said) < lost.index('id="sr-choices"')
    assert said not in page(lang=lang)


MONTHS = {
    "kk": "Қаңтар Ақпан Наурыз Сәуір Мамыр Маусым Шілде Тамыз Қыркүйек Қазан Қараша Желтоқсан",
    "ru": "Январь Февраль Март Апрель Май Июнь Июль Август Сентябрь Октябрь Ноябрь Декабрь",
    "en": "January February March April May June July August September October November December",
}


@pytest.mark.parametrize("role", ["prosecutor", "planner", "dispatcher"])
@pytest.mark.parametrize("lang", ["kk", "ru", "en"])
def test_page_names_the_year_and_its_twelve_months(lang, role):
    select = page(lang=lang, role=role).split('<select id="sr-month">')[1].split("</select>")[0]
    options = re.findall(r'<option value="(\d*)">(.*?)</option>', select)

    assert options[0] == ("", {"kk": "Жыл бойы", "ru": "Весь год", "en": "Whole year"}[lang])
    assert options[1:] == [(str(n), name) for n, name in enumerate(MONTHS[lang].split(), 1)]


def test_kind_of_day_is_chosen_once_there_is_a_month():
    text = page(lang="en")

    assert '<fieldset id="sr-day" disabled>' in text
    assert re.findall(r'name="day" value="(\w+)"', text) == ["school", "off"]
    assert settings_of(text)["dayKinds"] == {"school": "School day", "off": "No school"}
    assert settings_of(text)["schoolWindows"] == ["school_am", "midday", "school_pm"]
    assert settings_of(text)["monthLayers"] == ["cells", "sections"]


def test_public_page_has_no_month():
    text = page(role="public")

    assert "sr-month" not in text
    assert "sr-daylight" not in text
