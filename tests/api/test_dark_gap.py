"""The dark gap over the demo town: ranked, summed, told to those who can act, and as a table."""

import csv
import gzip
import io
import json

import mapbox_vector_tile
import mercantile
import openpyxl
import pytest

from api.dependencies import Published
from api.opening import opened_workspace
from tests.demo_town import run_inside

MINUTES = ("lit_dark_minutes", "unlit_dark_minutes", "unknown_dark_minutes")
DECEMBER = {"month": 12, "window": "school_am", "lang": "en"}


@pytest.fixture(scope="module")
def december(client):
    return client.get("/dark-gap", params={**DECEMBER, "limit": 1000}).json()


@pytest.fixture(scope="module")
def opened(demo_workspace):
    return Published(*opened_workspace(demo_workspace)).current()


@pytest.fixture(scope="module")
def sections(opened):
    return opened.frame("sections").set_index("section_id")


@pytest.fixture(scope="module")
def mean_days(opened):
    return opened.snapshot.run_card["streets"]["routes"]["school_month"]["days"]


def rows_of(told):
    return [feature["properties"] for feature in told["sections"]["features"]]


def test_minutes_of_a_section_are_its_own_times_darkness_and_unlit_share(
    december, sections, mean_days
):
    month, row = december["months"][0], rows_of(december)[0]
    street = sections.loc[row["section_id"]]
    walked = street["child_minutes_school_am"] * month["school_days"] / mean_days
    unlit = street["unlit_m"] / (street["lit_m"] + street["unlit_m"] + street["unknown_light_m"])
    expected = walked * month["darkness"]["school_am"] * unlit
    assert month["month"] == "2026-12"
    assert row["child_minutes"] == pytest.approx(walked, rel=0.001, abs=1)
    assert row["unlit_dark_minutes"] == pytest.approx(expected, rel=0.001, abs=1)


def test_the_darkest_stands_first_and_shares_rise_to_the_whole(december):
    rows = rows_of(december)
    unlit = [row["unlit_dark_minutes"] for row in rows]
    assert unlit == sorted(unlit, reverse=True)
    assert [row["rank"] for row in rows] == list(range(1, len(rows) + 1))
    shares = [row["cumulative_share"] for row in rows]
    assert shares == sorted(shares)
    assert 0 < shares[0] < 0.2
    assert shares[-1] > 0.95
    assert rows[0]["schools"]
    assert all(row["pupils"] >= 5 for row in rows)
    assert december["number_dark"] == sum(minutes > 0 for minutes in unlit)


def test_town_sums_are_those_of_all_sections(december, sections, mean_days):
    town, month = december["town"], december["months"][0]
    walks = month["school_days"] / mean_days
    spent = float(sections["child_minutes_school_am"].sum()) * walks
    assert town["child_minutes"] == pytest.approx(spent, rel=1e-3)
    dark = spent * month["darkness"]["school_am"]
    assert sum(town[name] for name in MINUTES) == pytest.approx(dark, rel=1e-3)
    listed = sum(row["unlit_dark_minutes"] for row in rows_of(december))
    assert listed <= town["unlit_dark_minutes"] + len(rows_of(december))


def test_the_year_is_its_months_and_summer_is_not_known(client, december):
    year = client.get("/dark-gap", params={"lang": "en"}).json()
    by_month = {row["month"]: row for row in year["town"]["by_month"]}
    assert len(by_month) == len(year["months"]) == 12
    assert by_month["2027-07"]["unlit_dark_minutes"] is None
    unlit = sum(row["unlit_dark_minutes"] or 0 for row in by_month.values())
    assert year["town"]["unlit_dark_minutes"] == pytest.approx(unlit, abs=12)
    by_window = {row["window"]: row for row in year["town"]["by_window"]}
    assert by_window["midday"]["unlit_dark_minutes"] == 0
    assert by_window["school_am"]["unlit_dark_minutes"] > december["town"]["unlit_dark_minutes"]
    assert len(rows_of(year)) == 20


def test_a_month_without_school_says_so(client):
    told = client.get("/dark-gap", params={"month": 7, "lang": "en"}).json()
    assert told["sentence"] == "July 2027: no school, so where children walk is not known."
    assert rows_of(told) == []
    assert told["town"]["unlit_dark_minutes"] is None


def test_words_name_month_hours_run_and_what_is_not_known(client, december):
    assert december["when"] == "December 2026, way to school, 07:00–09:00"
    assert december["sentence"].startswith(december["when"])
    assert any("never counts as dark" in note for note in december["notes"])
    assert december["run_id"]
    assert december["as_of"] == "2026-10-01"
    assert december["period"] == ["2023-10-01", "2026-09-30"]
    for lang, word in (("kk", "қараңғыда"), ("ru", "в темноте")):
        assert word in client.get("/dark-gap", params={"lang": lang}).json()["sentence"]


@pytest.mark.parametrize("role", ["planner", "dispatcher", "prosecutor"])
def test_those_who_can_act_are_told_the_same(client, december, role):
    told = client.get("/dark-gap", params={**DECEMBER, "role": role, "limit": 1000}).json()
    assert rows_of(told) == rows_of(december)


def test_the_public_is_told_nothing_of_dark_streets(client, december):
    answer = client.get("/dark-gap", params={**DECEMBER, "role": "public"})
    assert answer.status_code == 403
    assert answer.json()["title"] == "role_not_allowed"
    tile, run = tile_of(december), december["run_id"]
    for layer in ("lighting", "cameras"):
        path = f"/tiles/{run}/{layer}/{tile.z}/{tile.x}/{tile.y}.mvt?role=public"
        assert client.get(path).status_code == 204


@pytest.mark.parametrize(
    "query", [{"month": 0}, {"month": 13}, {"window": "noon"}, {"limit": 0}, {"limit": 1001},
              {"day": "school"}, {"month": "x"}]
)  # fmt: skip
def test_bad_questions_are_refused(client, query):
    assert client.get("/dark-gap", params=query).status_code == 422


def tile_of(told):
    line = told["sections"]["features"][0]["geometry"]["coordinates"]
    return mercantile.tile(*line[0], 15)


def test_the_tile_holds_minutes_that_give_those_of_the_list(client, december):
    tile, row = tile_of(december), rows_of(december)[0]
    path = f"/tiles/{december['run_id']}/lighting/{tile.z}/{tile.x}/{tile.y}.mvt?role=planner"
    content = client.get(path).content
    content = gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content
    features = mapbox_vector_tile.decode(content)["lighting"]["features"]
    kinds = {feature["properties"]["asset"] for feature in features}
    assert kinds >= {"street"}
    own = next(f["properties"] for f in features if f["properties"]["id"] == row["section_id"])
    full = own["dark_minutes_school_am"]
    factor = december["dark_factor"]["school_am"]
    assert full * factor == pytest.approx(row["unlit_dark_minutes"], abs=2)
    assert not {"hazard_score", "child_minutes", "pupils"} & set(own)


def test_the_command_says_the_same_and_writes_tables(demo_workspace, december, tmp_path):
    asked = ("dark-gap", "--month", "12", "--window", "school_am", "--limit", "5")
    book, table = tmp_path / "dark.xlsx", tmp_path / "dark.csv"
    ended = run_inside(*asked, "--json", "-o", book, directory=demo_workspace)
    assert rows_of(json.loads(ended.stdout)) == rows_of(december)[:5]
    lines = run_inside(*asked, "-o", table, directory=demo_workspace).stdout.splitlines()
    assert lines[0] == december["sentence"]
    assert len(lines) == 1 + 1 + 5 + len(december["notes"]) + 1

    first = rows_of(december)[0]
    rows = list(csv.reader(io.StringIO(table.read_text("utf-8-sig"))))
    assert rows[0][:2] == ["No.", "Street section"]
    assert rows[1][0] == "1"
    assert first["section_id"] in rows[1]
    assert str(first["unlit_dark_minutes"]) in rows[1]
    sheets = openpyxl.load_workbook(book)
    assert sheets.sheetnames == ["Sections", "Months", "Times of day", "How to read it"]
    assert sheets["Sections"]["B2"].value == first["label"]
    assert sheets["Months"]["B2"].value == december["town"]["unlit_dark_minutes"]


def test_the_command_refuses_what_it_cannot_do(demo_workspace, tmp_path):
    files = [tmp_path / "dark.pdf", tmp_path / "no" / "dark.csv"]
    wrong = [("--month", "13"), ("--window", "noon"), ("--role", "public")]
    for options in (*wrong, *(("-o", file) for file in files)):
        ended = run_inside("dark-gap", *options, directory=demo_workspace, check=False)
        assert ended.returncode == 2, options
