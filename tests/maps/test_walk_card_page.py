"""The walk card as a page: when to leave, how dark it is, and a hostile name is only a name."""

import datetime as dt
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from shapely import LineString

from geo.errors import UsageError
from maps.pages.walk_card import CardPage, SchoolRow, render_school_list, render_walk_card
from maps.pages.walk_drawing import RADIUS, draw_streets
from maps.translations import LANGUAGES
from maps.walk_card_texts import Trip, WalkCard

HOSTILE = "<img src=x onerror=alert(1)>{{7*7}}\"'><script>alert(2)</script>"
CALM = {"metres": 640.0, "lit_m": 600.0, "unlit_m": 30.0, "unknown_light_m": 10.0}
SHORT = {"metres": 580.0, "lit_m": 300.0, "unlit_m": 280.0, "unknown_light_m": 0.0}
WAYS = {"calm": CALM, "shortest": SHORT}


def streets(*rows):
    """Streets of (corners in metres from the gate, light, walked, big, name)."""
    return pd.DataFrame(
        {
            "line": [LineString(row[0]) for row in rows],
            "light": [row[1] for row in rows],
            "walked": [row[2] for row in rows],
            "big": [row[3] for row in rows],
            "name": [row[4] for row in rows],
        }
    )


def drawing(name="Абай көшесі", lang="en"):
    frame = streets(
        ([(-300, 0), (0, 0)], "lit", True, False, name),
        ([(0, 0), (0, 400)], "unlit", True, False, "Жастар"),
        ([(0, 0), (200, -200)], "unknown", True, False, None),
        ([(-400, -300), (400, -300)], "lit", False, True, "Бейбітшілік"),
    )
    points = {"gates": [(0.0, 0.0)], "meetings": [(200.0, -200.0)], "help": [(0.0, 900.0)]}
    return draw_streets(frame, points, lang)


def card(**changes):
    told = WalkCard(
        school_id="41a9346156ace412",
        label="School No. 1",
        day=dt.date(2026, 12, 21),
        trips=(
            Trip(1, True, dt.time(7, 45), dt.time(8), 1.0, WAYS),
            Trip(1, False, dt.time(13), dt.time(13), 0.0, WAYS),
            Trip(2, False, dt.time(18), dt.time(18), 0.4, WAYS),
        ),
        sun=("09:36", "17:29"),
        dark=True,
        school_day=True,
        calendar_verified=False,
        shifts_assumed=False,
        gates_assumed=False,
        homes_assumed=True,
        unreachable=False,
        drawing=drawing(),
        streets=(("Абай көшесі", {"lit_m": 412.0, "unlit_m": 3.0, "unknown_light_m": 0.0}),),
        meetings=(("Бейбітшілік", "unlit"),),
        help_points=(("", 458.0),),
        as_of=dt.date(2026, 10, 1),
        osm_date=None,
        run_id="ebd6fe2a32460d4f",
    )
    return replace(told, **changes)


def page_of(told=None, lang="en", **context):
    html, hashes = render_walk_card(CardPage(lang, True, **context), told or card())
    assert hashes == []
    return html


def text_of(html):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html.split("<main")[1]))


def test_card_says_when_to_leave_how_dark_it_is_and_what_the_way_costs():
    text = text_of(page_of())
    assert "Shift 1, to school 07:45 08:00 dark" in text
    assert "Shift 1, home 13:00 13:00 daylight" in text
    assert "Shift 2, home 18:00 18:00 twilight" in text
    assert "Sunrise 09:36, sunset 17:29." in text
    # 640 m at 1.2 m/s are 8.9 minutes; 60 m of 580 m are 10 %.
    assert "In the dark: 640 m on average, about 9 min – lit 600 m, unlit 30 m" in text
    assert "60 m (10 %) longer than the shortest way, which has 280 m without light" in text
    assert "Абай көшесі 410 – –" in text
    assert "Бейбітшілік – street without light" in text
    assert "police, 460 m from the gate" in text
    assert "102" in text
    assert "111" in text


def test_card_names_data_date_run_and_what_is_assumed():
    text = text_of(page_of())
    assert "Data to 1 October 2026" in text
    assert "Run ebd6fe2a32460d4f" in text
    assert "Where pupils set out is assumed" in text
    assert "nobody has checked" in text
    assert "shifts of this school are assumed" not in text
    assert "at least 10 pupils" in text


@pytest.mark.parametrize("lang", LANGUAGES)
def test_synthetic_data_are_called_so_and_every_language_has_its_page(lang):
    html = page_of(lang=lang)
    assert 'class="sr-synthetic"' in html
    assert f'<html lang="{lang}"' in html
    for other in LANGUAGES:
        assert f'href="/{other}/school/41a9346156ace412"' in html
    assert len(html.encode()) <= 20_000


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_hostile_name_is_text_wherever_it_stands(lang):
    told = card(
        label=HOSTILE,
        drawing=drawing("<i>a</i>", lang),  # a longer one finds no room along its street
        streets=((HOSTILE, {"lit_m": 90.0, "unlit_m": 0.0, "unknown_light_m": 0.0}),),
        meetings=((HOSTILE, "lit"),),
        help_points=((HOSTILE, 90.0),),
    )
    html = page_of(told, lang)
    assert "<img src=x" not in html
    assert html.count("&lt;img src=x onerror=alert(1)&gt;{{7*7}}") >= 5
    assert "<i>" not in html
    assert "&lt;i&gt;a&lt;/i&gt;</text>" in html
    assert re.findall(r"<script(?![^>]*src)", html) == []
    listed, _ = render_school_list(
        CardPage(lang, False), [SchoolRow('a"/../b', HOSTILE, ("08:00-13:00",), 1.0, 1.0)], "r"
    )
    assert "<img src=x" not in listed
    assert f'href="/{lang}/school/a%22%2F..%2Fb"' in listed


def test_page_loads_only_its_own_files_and_has_no_inline_style():
    html = page_of(base_path="/region")
    assert re.findall(r'(?:src|href)="(?!/region/|#)', html) == []
    assert "style=" not in html
    assert re.search(r'href="/region/static/walk-card\.css\?v=\w+"', html)
    with pytest.raises(UsageError, match="base path"):
        page_of(base_path="//elsewhere")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"school_day": False}, "there is no school on this day"),
        ({"school_day": None}, "does not know this school year"),
        ({"unreachable": True}, "No walkable street leads"),
        ({"streets": ()}, "fewer than 10 pupils walk on each"),
        ({"shifts_assumed": True}, "shifts of this school are assumed"),
        ({"gates_assumed": True}, "gates of this school are assumed"),
    ],
)
def test_what_is_not_known_is_said(changes, words):
    assert words in text_of(page_of(card(**changes)))


def test_a_school_of_few_pupils_has_times_but_no_metres():
    alone = tuple(replace(trip, ways=None) for trip in card().trips)
    text = text_of(page_of(card(trips=alone, streets=())))
    assert "07:45" in text
    assert "on average" not in text


def test_a_way_hardly_longer_is_called_no_longer():
    near = {"calm": CALM, "shortest": SHORT | {"metres": 632.0}}
    trips = (Trip(1, True, dt.time(7, 45), dt.time(8), 1.0, near),)
    assert "It is no longer than the shortest way." in text_of(page_of(card(trips=trips)))


class TestDrawing:
    def test_streets_are_drawn_by_light_with_the_gate_in_the_middle(self):
        told = drawing()
        # One unit a metre, y downwards: 300 m west of the gate is x 300, the gate (600, 600).
        assert told["lit"] == "M300 600L600 600"
        assert told["unlit"] == "M600 600L600 200"
        assert told["unknown"] == "M600 600L800 800"
        assert told["big"] == "M200 900L1000 900"
        assert told["small"] == ""
        assert told["gates"] == [{"number": 1, "x": 600, "y": 600}]
        assert told["help"] == []  # 900 m away

    def test_names_stand_along_their_street_and_none_over_another(self):
        names = {name["text"]: name for name in drawing()["names"]}
        assert names["Бейбітшілік"]["angle"] == 0
        assert abs(names["Жастар"]["angle"]) == 90
        crowd = streets(
            *(
                ([(-400, at), (400, at)], "lit", True, False, f"street number {at}")
                for at in range(0, 200, 10)
            )
        )
        placed = draw_streets(crowd, {}, "en")["names"]
        rows = sorted(name["y"] for name in placed if name["x"] == RADIUS)
        assert len(placed) <= 8
        assert all(np.diff(rows) >= 40)

    def test_no_streets_give_an_empty_drawing(self):
        told = draw_streets(streets().astype(object), {"gates": [(0.0, 0.0)]}, "kk")
        assert (told["lit"], told["names"]) == ("", [])


def test_list_names_every_school_with_its_hours():
    rows = [
        SchoolRow("a", "School No. 1", ("08:00-13:00", "14:00-19:00"), 627.4, 70.0),
        SchoolRow("b", "School No. 2", ("08:00-13:00",), None, None),
    ]
    html, hashes = render_school_list(CardPage("en", False), rows, "ebd6")
    text = text_of(html)
    assert "School No. 1 08:00-13:00 14:00-19:00 627 m 70 m" in text
    assert "School No. 2 08:00-13:00 – –" in text
    assert hashes == []
    assert "sr-synthetic" not in html
    empty, _ = render_school_list(CardPage("en", False), [], "ebd6")
    assert "No school is known" in empty
