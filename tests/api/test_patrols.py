"""Patrols at the doors: what was delivered of the plans, the gap, and to whom it is told."""

import gzip
import json
from datetime import date, timedelta

import mapbox_vector_tile
import mercantile
import pytest

from api.dependencies import Published
from api.opening import opened_workspace
from api.patrols import patrol_gap_list, patrols_delivered
from data.importers.tabular import ReadOptions
from data.intake import take_files
from geo.cells import cell_centres, latlng_to_cells, parse_cell
from geo.errors import NoDataError
from geo.parameters import WINDOWS, window_hours
from tests.api.test_build import LINES, Town
from tests.demo_town import run_inside
from tests.hand_made_town import LAST_DAY, STEP_M, degrees

AS_OF = LAST_DAY + timedelta(days=1)
FIRST = AS_OF - timedelta(days=28)


def route_sheet():
    """A route along the street of all visits, a post at one of their places, one without words."""
    lat, lon = degrees(STEP_M, STEP_M)
    far_lat, far_lon = degrees(0, 3 * STEP_M)
    return (
        "№ маршрута;вид;смена;время с;время до;дни недели;описание маршрута;lat;lon\n"
        "1;пеший;1;08:00;16:00;будни;от Сарайшық көшесі по Достық даңғылы до Ихсанов көшесі;;\n"
        f"2;пост;2;15:00;19:00;ежедневно;;{lat};{lon}\n"
        f"3;пеший;2;08:00;16:00;;;{far_lat};{far_lon}\n"
    )


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    town = Town(tmp_path_factory.mktemp("patrolled") / "town")
    town.take_map()
    for noun, lines in LINES.items():
        town.take(noun, lines)
    before = town.build()["inputs"]["plans"]
    path = town.workspace.path / "sheet.csv"
    path.write_text(route_sheet(), encoding="utf-8")
    report = take_files(
        "patrols", [path], ReadOptions(), workspace=town.workspace, database=town.database
    )
    assert report.accepted == 3
    again = town.build()
    assert again["published"]
    assert again["inputs"]["plans"] != before
    return Published(town.workspace, town.database)


def recorded():
    """Moment, minutes and crossing of every visit of the last 28 days, as the town was drawn."""
    for number in range(28):
        yield LAST_DAY - timedelta(days=number), 8 + number % 12, 5 + number % 20, number % 4


def test_delivered_minutes_are_those_of_the_visits_in_the_hours_and_days(town):
    plans = patrols_delivered(town, role="dispatcher", lang="en")["plans"]
    assert [plan["number"] for plan in plans] == ["1", "2", "3"]
    route, post, blind = plans

    # Every visit lies on Достық даңғылы and begins a quarter past its hour.
    in_shift = [
        (day, min(minutes, (16 - hour) * 60 - 15))
        for day, hour, minutes, _ in recorded()
        if day.isoweekday() <= 5 and hour < 16
    ]
    assert (route["compared_by"], route["planned_shifts"]) == ("line", 20)
    assert route["planned_minutes"] == 20 * 8 * 60
    assert route["visits"] == len(in_shift) > 5
    assert route["delivered_minutes"] == sum(minutes for _, minutes in in_shift)
    assert route["visited_shifts"] == len({day for day, _ in in_shift})

    # The post stands at the second crossing.
    at_post = [m for _, hour, m, place in recorded() if place == 1 and 15 <= hour < 19]
    assert (post["compared_by"], post["planned_minutes"]) == ("post", 28 * 4 * 60)
    assert (post["visits"], post["delivered_minutes"]) == (len(at_post), sum(at_post))

    assert blind["compared_by"] is None
    assert blind["delivered_minutes"] is None
    assert "its line is not known" in blind["sentence"]


def test_shifts_sum_up_what_can_be_compared_and_the_answer_says_its_days(town):
    told = patrols_delivered(town, role="prosecutor", lang="en")
    by_shift = {row["shift"]: row for row in told["shifts"]}
    route, post, _ = told["plans"]
    assert by_shift["1"]["delivered_minutes"] == route["delivered_minutes"]
    assert (by_shift["2"]["plans"], by_shift["2"]["compared"]) == (2, 1)
    assert by_shift["2"]["planned_minutes"] == post["planned_minutes"]
    assert told["patrol_period"] == [FIRST.isoformat(), LAST_DAY.isoformat()]
    assert told["visits"] == 80
    assert "4 March 2025 – 31 March 2025" in told["reading_note"]


def test_the_gap_of_a_cell_is_its_harm_per_hour_without_the_patrols_share(town):
    opened = town.current()
    cells = opened.frame("cells").set_index("h3_cell")
    parts = opened.frame("parts").drop_duplicates("h3_cell").set_index("h3_cell")
    visited = {}
    for number in range(80):
        lat, lon = degrees((number % 4) * STEP_M, STEP_M)
        cell = int(latlng_to_cells([lat], [lon], 10)[0])
        day = LAST_DAY - timedelta(days=number)
        visited[cell] = max(visited.get(cell, day), day)
    for window in ("evening", "midday"):
        told = patrol_gap_list(town, role="prosecutor", lang="en", window=window, limit=500)
        assert told["number_returned"] == int((cells["street_length_m"] > 0).sum())
        for row in told["cells"]:
            cell = parse_cell(row["h3_cell"], resolution=10)
            dose = parts.loc[cell, f"patrol_dose_{window}"]
            harm = cells.loc[cell, f"hazard_{window}"] / window_hours(window)
            assert row["gap_harm"] == pytest.approx(harm * (1 - dose), rel=1e-9)
            assert row["patrol_dose"] == pytest.approx(dose)
            assert 1 <= row["gap"] <= cells.loc[cell, f"hazard_class_{window}"]
            day = visited.get(cell)
            assert row["last_visit"] == (None if day is None else day.isoformat())
            assert row["last_visit_days"] == (None if day is None else (AS_OF - day).days)
    order = [(-row["gap"], -row["gap_harm"]) for row in told["cells"]]
    assert order == sorted(order)
    assert [row["rank"] for row in told["cells"]] == [*range(1, len(order) + 1)]


def test_the_dispatcher_gets_classes_and_quarters_in_the_same_order(town):
    asked = {"lang": "en", "window": "evening", "limit": 500}
    known = patrol_gap_list(town, role="prosecutor", **asked)["cells"]
    shown = patrol_gap_list(town, role="dispatcher", **asked)["cells"]
    assert [row["h3_cell"] for row in shown] == [row["h3_cell"] for row in known]
    for row, whole in zip(shown, known, strict=True):
        assert not {"gap_harm", "patrol_dose"} & set(row)
        assert (row["gap"], row["dose"]) == (whole["gap"], round(4 * whole["patrol_dose"]) / 4)
        assert row["label"] == whole["label"] != ""


def test_where_nothing_is_recorded_there_is_no_gap_and_it_is_said(tmp_path):
    town = Town(tmp_path / "town")
    town.take_map()
    town.take("incidents", LINES["incidents"])
    town.build()
    published = Published(town.workspace, town.database)
    with pytest.raises(NoDataError, match="No patrol visit is recorded before 2025-04-01") as none:
        patrol_gap_list(published, role="dispatcher", lang="en", window="day", limit=20)
    assert none.value.code == "no_patrol_records"
    with pytest.raises(NoDataError) as none:
        patrols_delivered(published, role="dispatcher", lang="en")
    assert none.value.code == "no_patrol_plans"
    assert published.current().frame("patrol_cells").empty
    assert not tiles_of(published.current(), "dispatcher")

    path = tmp_path / "sheet.csv"
    path.write_text(route_sheet(), encoding="utf-8")
    take_files("patrols", [path], ReadOptions(), workspace=town.workspace, database=town.database)
    town.build()
    plans = patrols_delivered(published, role="dispatcher", lang="en")
    assert [plan["delivered_minutes"] for plan in plans["plans"]] == [None] * 3
    assert plans["plans"][0]["planned_minutes"] == 20 * 8 * 60
    assert plans["shifts"][0]["compared"] == 0
    assert "nothing is known of what was delivered" in plans["reading_note"]


def tiles_of(opened, role, zoom=13):
    """Properties of every cell of the layer in a role's archive, by id."""
    west, south, east, north = opened.snapshot.run_card["bounds"]
    found = {}
    for tile in mercantile.tiles(west, south, east, north, zoom):
        stored = opened.archive(role).get("patrols", tile.z, tile.x, tile.y)
        if stored is not None:
            layer = mapbox_vector_tile.decode(gzip.decompress(stored[0]))["patrols"]
            found |= {one["properties"]["id"]: one["properties"] for one in layer["features"]}
    return found


@pytest.mark.parametrize("role", ["dispatcher", "prosecutor"])
def test_tiles_hold_what_the_list_says(town, role):
    features = tiles_of(town.current(), role)
    assert features
    for window in ("day", *WINDOWS):
        ending = "" if window == "day" else f"_{window}"
        listed = patrol_gap_list(town, role=role, lang="en", window=window, limit=500)["cells"]
        for row in listed:
            properties = features.get(row["h3_cell"])
            if properties is None:
                assert (row["gap"], row["dose"]) == (1, 0)
                continue
            assert properties[f"gap{ending}"] == row["gap"]
            assert properties[f"dose{ending}"] == row["dose"]
            assert properties.get("last_visit_days") == row["last_visit_days"]
    names = {name.split("_")[0] for properties in features.values() for name in properties}
    assert names == {"id", "gap", "dose", "last"}


@pytest.mark.parametrize("address", ["/patrols/gap", "/patrols/delivered"])
def test_patrols_are_told_to_those_who_steer_them(client, address):
    for role in ("dispatcher", "prosecutor"):
        answer = client.get(address, params={"role": role})
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "no-store"
        assert answer.json()["number_returned"] > 0
    for role in ("planner", "public"):
        answer = client.get(address, params={"role": role})
        assert (answer.status_code, answer.json()["title"]) == (403, "role_not_allowed")


def test_no_tile_of_patrols_is_given_to_planner_or_public(client, demo_workspace):
    opened = Published(*opened_workspace(demo_workspace)).current()
    cell = parse_cell(
        client.get("/patrols/gap", params={"limit": 1}).json()["cells"][0]["h3_cell"], resolution=10
    )
    (lat,), (lon,) = cell_centres([cell])
    tile = mercantile.tile(lon, lat, 14)
    address = f"/tiles/{opened.snapshot.run_id}/patrols/{tile.z}/{tile.x}/{tile.y}.mvt"
    status = {
        role: client.get(address, params={"role": role}).status_code
        for role in ("dispatcher", "prosecutor", "planner", "public")
    }
    assert status == {"dispatcher": 200, "prosecutor": 200, "planner": 204, "public": 204}


def test_nothing_finer_than_a_day_is_told(client):
    text = client.get("/patrols/gap", params={"limit": 500}).text
    assert ":" not in "".join(row["last_visit"] or "" for row in json.loads(text)["cells"])
    for row in json.loads(text)["cells"]:
        assert row["last_visit"] is None or date.fromisoformat(row["last_visit"])


@pytest.mark.parametrize(
    "asked", [{"window": "dusk"}, {"limit": 0}, {"limit": 501}, {"role": "officer"}, {"at": "now"}]
)
def test_questions_that_cannot_be_meant_are_refused(client, asked):
    assert client.get("/patrols/gap", params=asked).status_code == 422


def test_the_demo_has_plans_with_lines_and_weekdays_and_something_delivered(client):
    told = client.get("/patrols/delivered", params={"lang": "ru"}).json()
    by_kind = {plan["compared_by"] for plan in told["plans"]}
    assert by_kind == {"line", "post"}
    assert {"12345", "67", "56", None} <= {plan["weekdays"] for plan in told["plans"]}
    assert sum(plan["delivered_minutes"] for plan in told["plans"]) > 0
    assert all(plan["sentence"].startswith(("Маршрут", "Пост")) for plan in told["plans"])


def test_the_command_says_the_same(demo_workspace, client):
    asked = {"window": "evening", "limit": 5, "lang": "en"}
    told = client.get("/patrols/gap", params=asked).json()
    options = [word for name, value in asked.items() for word in (f"--{name}", value)]
    ended = run_inside("patrols", "gap", *options, "--json", directory=demo_workspace)
    assert json.loads(ended.stdout) == told
    lines = run_inside("patrols", "gap", *options, directory=demo_workspace).stdout.splitlines()
    assert lines[0] == told["window_text"]
    assert lines[1].endswith(told["cells"][0]["sentence"])
    plans = run_inside("patrols", "delivered", "--json", directory=demo_workspace)
    assert json.loads(plans.stdout)["run_id"] == told["run_id"]
    refused = run_inside(
        "patrols", "gap", "--role", "planner", directory=demo_workspace, check=False
    )
    assert refused.returncode == 2
    strange = run_inside(
        "patrols", "gap", "--window", "dusk", directory=demo_workspace, check=False
    )
    assert strange.returncode == 2
