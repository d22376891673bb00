"""What is told of a scenario: to whom, with which interval, in which words."""

import json
import re
from dataclasses import replace

import httpx
import pytest

from api.answers import section_explanation
from api.scenarios import section_scenario
from geo.errors import NoDataError, NotFoundError, UsageError
from geo.hazard.scenario import Scenario
from geo.parameters import WINDOWS
from tests.api.near_town import opened_town
from tests.demo_town import run_inside
from tests.geo.hazard_towns import rich_town

LIT = Scenario(lit_share=1.0)
ASKED = {"preset": "default", "lang": "en"}
SECTION, LIT_SECTION = "s00000000000a", "s00000000000b"


@pytest.fixture(scope="module")
def opened():
    town = rich_town()
    light = town.section_light.assign(lit_share=0.1)
    light.loc[11, "lit_share"] = 0.97
    return opened_town(replace(town, section_light=light))


def told(opened, scenario=LIT, section=SECTION, **changed):
    return section_scenario(opened, section, scenario, **(ASKED | {"role": "prosecutor"} | changed))


def test_every_number_stands_in_its_interval_and_the_windows_add_up(opened):
    answer = told(opened)

    spans = [*answer["share"].values(), *answer["avoided"].values(), *answer["by_month"],
             answer["a_year"]]  # fmt: skip
    assert all({"mean", "low", "high"} <= set(one) for one in spans)
    assert all(one["low"] <= one["mean"] <= one["high"] for one in spans)
    windows = sum(answer["avoided"][window]["mean"] for window in WINDOWS)
    assert windows == pytest.approx(answer["avoided"]["day"]["mean"])
    assert len(answer["by_month"]) == 12
    assert answer["assumed"] is True


@pytest.mark.parametrize("lang", ["kk", "ru", "en"])
def test_sentence_holds_the_numbers_of_the_answer_and_calls_them_assumed(opened, lang):
    answer = told(opened, lang=lang)

    share = answer["share"]["day"]
    found = [int(number) for number in re.findall(r"(\d+)(?=[ \u00a0]?[%–])", answer["sentence"])]
    assert found == [round(100 * share[name]) for name in ("mean", "low", "high")]
    assumed = {"kk": "болжан", "ru": "предположен", "en": "assumed"}[lang]
    assert assumed in answer["sentence"]
    assert assumed in answer["notes"][0].lower()


def test_presets_stand_in_their_order_and_are_named(opened):
    found = {name: told(opened, preset=name) for name in ("conservative", "default", "rct")}

    means = [answer["share"]["day"]["mean"] for answer in found.values()]
    assert means == sorted(means)
    assert "36 %" in " ".join(found["rct"]["notes"])
    assert "14 %" in " ".join(found["conservative"]["notes"])


@pytest.mark.parametrize("role", ["planner", "dispatcher"])
def test_other_roles_get_whole_per_cents_of_the_day_alone(opened, role):
    answer = told(opened, role=role)

    assert set(answer["share"]) == {"day"}
    assert all(round(value, 2) == value for value in answer["share"]["day"].values())
    assert not {"avoided", "by_month", "a_year"} & set(answer)
    assert answer["sentence"] == told(opened)["sentence"]


def test_public_sees_no_section_and_no_scenario(opened):
    with pytest.raises(NotFoundError):
        told(opened, role="public")


def test_patrol_stop_and_camera_are_told_together(opened):
    answer = told(opened, Scenario(patrol_stop="evening", camera_share=1.0))

    assert list(answer["changes"]) == ["patrol", "camera"]
    assert "patrol stop" in answer["sentence"]
    assert "camera" in answer["sentence"]
    assert answer["share"]["evening"]["mean"] > answer["share"]["midday"]["mean"]


def test_nothing_changed_unknown_section_and_older_run_are_refused(opened):
    with pytest.raises(UsageError):
        told(opened, Scenario())
    with pytest.raises(NotFoundError):
        told(opened, section="sffffffffffff")
    older = opened_town(rich_town())
    del older.snapshot.run_card["model"]["darkness_by_month"]
    with pytest.raises(NoDataError):
        told(older)


# Beside the reasons -------------------------------------------------------------------------


def explained(opened, section=SECTION, **changed):
    asked = {"role": "prosecutor", "lang": "en", "window": "day"} | changed
    return section_explanation(opened, section, **asked)


def test_explanation_tells_what_light_would_do_where_there_is_light_to_gain(opened):
    (one,) = explained(opened)["what_if"]

    assert one["text"] == told(opened)["sentence"]
    assert one["notes"][0].startswith("Assumed effect, not local evidence")
    (evening,) = explained(opened, window="evening")["what_if"]
    assert ": with light along the whole section" in evening["text"]
    assert evening["share"] == told(opened)["share"]["evening"]
    assert explained(opened, window="midday")["what_if"] == []  # no darkness at midday
    assert explained(opened, section=LIT_SECTION)["what_if"] == []  # lit already


def test_explanation_of_an_older_run_has_no_what_if():
    older = opened_town(rich_town())
    del older.snapshot.run_card["model"]["darkness_by_month"]

    assert explained(older)["what_if"] == []


def test_other_roles_get_what_if_of_the_day_alone(opened):
    assert explained(opened, role="planner")["what_if"][0]["share"]["mean"] in (
        round(n / 100, 2) for n in range(100)
    )
    assert explained(opened, role="dispatcher", window="evening")["what_if"] == []


def test_causes_multiply_to_what_stands_and_to_what_has_changed_since(opened):
    answer = explained(opened)

    parts = {part["part"]: part["log"] for part in answer["parts"]}
    assert [one["cause"] for one in answer["causes"]] == [
        "standing_light", "standing_patrol", "standing_camera",
        "light_since", "patrol_since", "camera_since",
    ]  # fmt: skip
    logs = [one["log"] for one in answer["causes"]]
    assert sum(logs[:3]) == pytest.approx(parts["standing_conditions"])
    assert sum(logs[3:]) == pytest.approx(parts["change_since"])
    assert explained(opened, role="planner")["causes"] == []


# The service and the command ----------------------------------------------------------------


def test_service_and_command_answer_alike(service_url, demo_workspace):
    with httpx.Client(base_url=service_url, timeout=30) as client:
        listed = client.get("/sections", params={"limit": 50}).json()["features"]
        ids = [one["properties"]["section_id"] for one in listed]
        section = next(
            one for one in ids if client.get(f"/sections/{one}/explain").json()["what_if"]
        )
        path = f"/sections/{section}/scenario"
        answer = client.get(f"{path}?light=lit&patrol_stop=evening&lang=en").json()
        refused = [
            client.get(f"{path}{query}")
            for query in ("", "?light=bright", "?preset=best", "?patrol_stop=dawn", "?lamp=1")
        ]
    options = ("--light", "lit", "--patrol-stop", "evening", "--json")
    printed = run_inside("scenario", section, *options, directory=demo_workspace)
    odd = run_inside("scenario", section, "--light", "bright", directory=demo_workspace,
                      check=False)  # fmt: skip

    assert json.loads(printed.stdout) == answer
    assert [one.status_code for one in refused] == [422] * 5
    assert refused[0].json()["title"] == "scenario_empty"
    assert odd.returncode == 2
    assert "--light" in odd.stderr
