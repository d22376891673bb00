"""The walk card of each school: of the day asked for, without homes and without counts."""

import datetime as dt
import re

import pytest

from api.walk_card import card_day, school_rows, walk_card
from geo.disclosure_walks import disclose_card_walks


@pytest.fixture(scope="module")
def school(published, first_school):
    schools = published.current().frame("schools")
    return schools[schools["school_id"] == first_school]


def shown(client, school, lang="en", **query):
    name = school["school_id"].iloc[0]
    answer = client.get(f"/{lang}/school/{name}", params=query)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text.split("<main")[1]))


def test_the_shortest_day_is_dark_in_the_morning_and_may_is_not(client, school):
    december, may = (shown(client, school, date=f"2026-{day}") for day in ("12-21", "05-12"))
    assert "Shift 1, to school 07:45 08:00 dark" in december
    assert "Sunrise 09:36, sunset 17:29" in december
    assert "In the dark:" in december
    assert "Shift 1, to school 07:45 08:00 daylight" in may
    assert "In the dark:" not in may


def test_a_day_without_school_is_called_so(client, school):
    assert "there is no school on this day" in shown(client, school, date="2026-07-12")
    assert "there is no school on this day" not in shown(client, school, date="2026-12-21")


def test_without_a_date_the_card_is_for_the_next_school_day(client, school, published):
    assert card_day(published, dt.date(2026, 7, 12)) == dt.date(2026, 9, 1)
    assert card_day(published, dt.date(2026, 12, 21)) == dt.date(2026, 12, 21)
    assert "no school on this day" not in shown(client, school)


def test_card_tells_the_means_that_the_run_holds(client, published, school):
    walks = published.current().frame("school_walks")
    own = walks[(walks["school_id"] == school["school_id"].iloc[0]) & walks["dark"]].iloc[0]
    text = shown(client, school, date="2026-12-21")
    assert f"In the dark: {round(own['metres'])} m on average" in text
    assert f"unlit {round(own['unlit_m'])} m" in text


def test_only_ways_of_ten_pupils_are_drawn_and_only_near_the_gate(published, school):
    opened = published.current()
    card = walk_card(published, opened, school, dt.date(2026, 12, 21), "en")
    calm = opened.frame("calm_routes")
    own = calm[(calm["school_id"] == school["school_id"].iloc[0]) & calm["dark"]]
    enough = (
        opened.frame("sections")
        .set_index("section_id")
        .loc[own.loc[own["pupils"] >= 10, "section_id"]]
    )
    names = {str(name) for name in enough["name"].dropna()}
    assert {name for name, _ in card.streets} - {""} <= names
    numbers = [
        int(number)
        for path in ("lit", "unlit", "unknown", "small", "big")
        for number in re.findall(r"\d+", card.drawing[path])
    ]
    assert numbers
    assert min(numbers) >= 0
    assert max(numbers) <= 1200


def test_means_of_fewer_than_ten_pupils_are_no_ones_to_see(published):
    walks = published.current().frame("school_walks")
    few = walks.assign(pupils=[9.9, *walks["pupils"].iloc[1:]])
    shown_walks = disclose_card_walks(few)
    assert len(shown_walks) == int((few["pupils"] >= 10).sum())
    assert not {"pupils", "homes", "hazard", "detoured_pupils"} & set(shown_walks.columns)


def test_list_holds_every_school_in_the_order_of_its_numbers(client, published):
    rows = school_rows(published.current(), "en")
    labels = [row.label for row in rows]
    assert len(rows) == len(published.current().frame("schools"))
    assert labels.index("School No. 2") < labels.index("School No. 10")
    page = client.get("/en/school").text
    for row in rows:
        assert f'href="/en/school/{row.school_id}"' in page


def test_an_unknown_school_has_a_page_that_says_so_and_a_bad_day_is_refused(client, school):
    assert client.get("/kk/school/nowhere").status_code == 404
    assert "text/html" in client.get("/kk/school/nowhere").headers["content-type"]
    name = school["school_id"].iloc[0]
    for query in ({"date": "yesterday"}, {"date": "3026-01-01"}, {"day": "2026-12-21"}):
        assert client.get(f"/kk/school/{name}", params=query).status_code == 422


def test_card_may_send_its_form_home_and_load_nothing_from_outside(client, school):
    answer = client.get(f"/ru/school/{school['school_id'].iloc[0]}")
    policy = answer.headers["content-security-policy"]
    assert "form-action 'self'" in policy
    assert "default-src 'none'" in policy
    assert re.findall(r'(?:src|href|action)="(?!/|#)', answer.text) == []
    assert 'class="sr-synthetic"' in answer.text


def test_places_of_help_are_those_of_the_run_s_own_map(published, school):
    card = walk_card(published, published.current(), school, dt.date(2026, 12, 21), "en")
    metres = [far for _, far in card.help_points]
    assert metres == sorted(metres)
    assert all(0 < far <= 1500 for far in metres)
