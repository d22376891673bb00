"""What closed or lit streets do to the walks: by the service and the command line alike."""

import json
import shutil
import threading

import numpy as np
import pytest
from sqlalchemy import text

from api.dependencies import Published
from api.open_streets import open_streets
from api.opening import opened_workspace
from api.walk_changes import StreetChange, walk_what_if
from geo.errors import NoDataError
from geo.parameters import HazardParameters
from geo.streets.alternatives import CalmChoice
from geo.streets.school_walks import school_walks
from tests.demo_town import run_inside

DARK = "2026-12-21T07:40"
BRIGHT = "2026-05-12T12:40"
METRES = ("metres", "lit_m", "unlit_m", "unknown_light_m")


@pytest.fixture(scope="module")
def busiest(published, first_school):
    """Return streets of school No. 1 on the calm way in the dark, the busiest first."""
    calm = published.current().frame("calm_routes")
    own = calm[(calm["school_id"] == first_school) & calm["dark"]]
    # The street of the gate itself would leave everybody without a way.
    own = own[own["pupils"] < 0.4 * own["pupils"].max()]
    return own.sort_values(["pupils", "section_id"], ascending=False)["section_id"].tolist()


def asked(client, body, school="1", status=200, **query):
    query = {"role": "planner", "lang": "en", "at": DARK} | query
    answer = client.post(f"/schools/{school}/what-if", json=body, params=query)
    assert answer.status_code == status, answer.text
    return answer.json()


def test_streets_are_opened_as_the_run_saw_them(published):
    streets, opened = open_streets(published), published.current()
    shown = opened.frame("sections").set_index("section_id")
    own = streets.sections.frame.set_index("section_id").loc[shown.index]
    assert (own["geometry"].to_numpy() == shown["geometry"].to_numpy()).all()
    walks = school_walks(
        streets.walked, streets.inputs.schools, streets.routes, HazardParameters(), CalmChoice()
    )
    for told, name in zip(walks, ("calm_routes", "school_walks"), strict=True):
        kept = opened.frame(name)
        order = [column for column in ("school_id", "dark", "section_id") if column in kept]
        numbers = kept.select_dtypes("number").columns
        np.testing.assert_allclose(
            told.sort_values(order)[numbers], kept.sort_values(order)[numbers], rtol=1e-12
        )


def test_streets_are_opened_once_for_all_who_ask_at_once(demo_workspace):
    fresh, found = Published(*opened_workspace(demo_workspace)), []
    threads = [threading.Thread(target=lambda: found.append(open_streets(fresh))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert len({id(streets) for streets in found}) == 1
    assert found[0].inputs.incidents.empty


def test_a_lamp_changed_since_the_run_is_not_mixed_with_its_walks(demo_workspace, tmp_path):
    workspace = tmp_path / "workspace"
    shutil.copytree(demo_workspace, workspace)
    changed = Published(*opened_workspace(workspace))
    with changed.database.engine.begin() as connection:
        connection.execute(text("UPDATE lamps SET lat = lat + 0.001"))
    with pytest.raises(NoDataError, match="lamps") as refusal:
        open_streets(changed)
    assert refusal.value.code == "inputs_changed"
    assert "build" in str(refusal.value)


def test_incidents_that_came_since_the_run_change_no_walk(demo_workspace, tmp_path):
    workspace = tmp_path / "workspace"
    shutil.copytree(demo_workspace, workspace)
    changed = Published(*opened_workspace(workspace))
    with changed.database.engine.begin() as connection:
        connection.execute(text("UPDATE incidents SET lat = lat + 0.001"))
    assert open_streets(changed).inputs.incidents.empty


def test_a_closed_street_moves_pupils_and_the_numbers_add_up(client, busiest):
    told = asked(client, {"close": busiest[:1]})
    assert told["dark"] is True
    assert told["closed_sections"] == 1
    assert 5 <= told["affected_pupils"] <= told["pupils"] + 5
    assert told["affected_pupils"] % 5 == 0
    for when in ("before", "after"):
        for way in told[when].values():
            assert sum(way[name] for name in METRES[1:]) == pytest.approx(way["metres"], abs=2)
            assert way["dark_m"] == way["unlit_m"]
    # A way round cannot be shorter for those who keep one.
    assert told["after"]["shortest"]["metres"] >= told["before"]["shortest"]["metres"]
    first = told["sections"]["features"][0]
    assert first["properties"]["section_id"] == busiest[0]
    assert first["properties"]["change"] == "closed"
    assert first["properties"]["pupils_after"] is None
    assert first["geometry"]["type"] == "LineString"
    assert told["run_id"]


@pytest.fixture(scope="module")
def unlit(client):
    """Return the streets of school No. 1's walks without light."""
    walk = client.get("/schools/1/routes", params={"at": DARK}).json()
    rows = [feature["properties"] for feature in walk["sections"]["features"]]
    return [row["section_id"] for row in rows if row["light"] == "unlit"]


def test_before_is_what_the_walk_itself_tells(client, unlit):
    walk = client.get("/schools/1/routes", params={"role": "planner", "at": DARK}).json()
    told = asked(client, {"light": unlit})
    assert told["unreachable_pupils"] is None
    for way in ("calm", "shortest"):
        for name in METRES:
            assert told["before"][way][name] == round(walk["alternative"][way][name])


def test_light_takes_dark_metres_away_and_daylight_has_none(client, unlit):
    told = asked(client, {"light": unlit})
    assert told["after"]["shortest"]["dark_m"] < told["before"]["shortest"]["dark_m"]
    assert told["after"]["shortest"]["metres"] == told["before"]["shortest"]["metres"]
    bright = asked(client, {"light": unlit}, at=BRIGHT)
    assert bright["dark"] is False
    assert bright["before"]["shortest"]["dark_m"] == 0


def test_closing_every_street_leaves_all_pupils_without_a_way(client, published):
    every = published.current().frame("sections")["section_id"].tolist()
    told = asked(client, {"close": every})
    assert told["before"] is None
    assert told["after"] is None
    assert abs(told["unreachable_pupils"] - told["pupils"]) <= 2.5
    assert "without a way" in told["sentence"]
    assert told["sections"]["number_matched"] == len(every)
    assert len(told["sections"]["features"]) <= 200


def test_sections_that_are_not_there_are_named(client, busiest):
    one = asked(client, {"close": ["s000000000000"]}, status=404)
    assert one["code" if "code" in one else "title"] == "section_unknown"
    assert "s000000000000" in one["detail"]
    both = ["s000000000000", "s000000000001", busiest[0]]
    two = asked(client, {"close": both}, status=404)
    assert "s000000000001" in two["detail"]
    assert busiest[0] not in two["detail"]


@pytest.mark.parametrize(
    ("body", "query", "status", "title"),
    [
        ({}, {}, 422, "what_if_empty"),
        ({"close": ["x"]}, {}, 422, "request_invalid"),
        ({"close": [], "shut": []}, {}, 422, "request_invalid"),
        ({"close": ["s000000000000"]}, {"role": "mayor"}, 422, "request_invalid"),
        ({"close": ["s000000000000"]}, {"at": "2026-12-21T07:40+05:00"}, 422, "request_invalid"),
    ],
)
def test_what_cannot_be_meant_is_refused(client, body, query, status, title):
    assert asked(client, body, status=status, **query)["title"] == title


def test_a_school_that_is_not_there_is_named(client, busiest):
    assert asked(client, {"close": busiest[:1]}, "999", 404)["title"] == "school_unknown"


def test_the_public_sees_no_section_and_so_asks_of_none(client, busiest):
    told = asked(client, {"close": busiest[:1]}, status=404, role="public")
    assert told["title"] == "section_unknown"


def test_the_change_of_hazard_is_for_the_prosecutor_alone(client, busiest):
    for role in ("planner", "dispatcher"):
        assert asked(client, {"close": busiest[:1]}, role=role)["hazard_change_share"] is None
    told = asked(client, {"close": busiest[:1]}, role="prosecutor")
    assert told["after"] is None or told["hazard_change_share"] is not None


def test_a_street_of_few_pupils_looks_like_no_change(client, published):
    calm = published.current().frame("calm_routes")
    own = calm[calm["dark"] & (calm["pupils"] > 0.5) & (calm["pupils"] < 4)]
    own = own[own.groupby("section_id")["pupils"].transform("size") == 1]
    quiet = own.sort_values(["pupils", "section_id"]).iloc[0]
    told = asked(client, {"close": [quiet["section_id"]]}, quiet["school_id"])
    if told["affected_pupils"] is None:
        assert told["before"] is None
        assert told["unreachable_pupils"] is None
        assert "fewer than 5" in told["sentence"]


@pytest.mark.parametrize(("lang", "word"), [("kk", "мектеп"), ("ru", "Школа"), ("en", "School")])
def test_sentence_is_in_the_language_asked_for(client, busiest, lang, word):
    told = asked(client, {"close": busiest[:2]}, lang=lang)
    assert word in told["sentence"]
    assert str(told["affected_pupils"]) in told["sentence"]
    assert len(told["notes"]) == 2


def test_command_tells_what_the_service_tells(client, demo_workspace, busiest):
    options = ["what-if", "1", "--close", busiest[0], "--close", busiest[1], "--at", DARK]
    ended = run_inside(*options, "--json", directory=demo_workspace)
    assert json.loads(ended.stdout) == asked(client, {"close": busiest[:2]}, role="prosecutor")
    shown = run_inside(*options, directory=demo_workspace).stdout
    assert "2 streets closed" in shown
    assert "shortest before" in shown


def test_command_without_a_section_is_a_usage_error(demo_workspace):
    ended = run_inside("what-if", "1", directory=demo_workspace, check=False)
    assert ended.returncode == 2
    assert "at least one section" in ended.stderr


def test_asked_twice_or_by_many_the_answer_is_the_same(published, busiest):
    def ask():
        return walk_what_if(
            published, "1", StreetChange(busiest[:1]), at=None, role="planner", lang="en"
        )

    first, found = ask(), []
    threads = [threading.Thread(target=lambda: found.append(ask())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [first] * 4


def test_reasons_name_the_schools_that_a_change_would_concern(client, published, first_school):
    routes = published.current().frame("routes")
    of_school = routes[(routes["school_id"] == first_school) & (routes["pupils"] >= 5)]
    section = of_school.sort_values("pupils").iloc[-1]["section_id"]
    few = routes.groupby("section_id")["pupils"].max()
    lonely = few[(few > 0) & (few < 5)].index[0]

    def named(section_id, role):
        told = client.get(f"/sections/{section_id}/explain", params={"role": role, "lang": "en"})
        return told.json().get("schools")

    for role in ("prosecutor", "planner", "dispatcher"):
        assert {"school_id": first_school, "label": "School No. 1"} in named(section, role)
        assert named(lonely, role) == []
    assert not named(section, "public")
