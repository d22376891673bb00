"""What is down is told to those who can act on it, with what it costs the children's walk."""

import json

import pytest

from api.dependencies import Published
from api.opening import opened_workspace
from tests.demo_town import run_inside


@pytest.fixture(scope="module")
def told(client):
    return client.get("/assets/down", params={"lang": "en", "limit": 1000}).json()


def test_every_dead_camera_and_lamp_of_the_register_is_listed_once(told, demo_workspace):
    opened = Published(*opened_workspace(demo_workspace)).current()
    dead = set()
    for name, key in (("lamps", "lamp_id"), ("cameras", "camera_id")):
        frame = opened.frame(name)
        dead |= set(frame.loc[~frame["working"].astype("boolean").fillna(True), key])
    listed = [row["asset_id"] for row in told["assets"]]
    assert told["number_down"] == len(dead) > 20
    assert set(listed) <= dead
    assert len(listed) == len(set(listed)) == min(len(dead), 1000)


def test_that_with_the_most_child_minutes_stands_first(told):
    minutes = [row["child_minutes"] for row in told["assets"]]
    assert minutes == sorted(minutes, reverse=True)
    assert minutes[0] > 0
    first = told["assets"][0]
    assert first["school_ids"]
    assert first["metres"] > 0


def test_a_sentence_says_since_when_and_what_each_school_lost(told):
    camera = next(row for row in told["assets"] if row["asset"] == "camera" and row["metres"] >= 1)
    assert camera["down_since"] == "2026-03-01"
    name = camera["number"] or camera["asset_id"]
    assert camera["sentence"].startswith(f"Camera {name} has been down since 1 March 2026. ")
    assert camera["sentence"].endswith("of the children's way lost camera cover.")
    nothing = [row for row in told["assets"] if row["metres"] == 0]
    assert all("No way to school lost anything" in row["sentence"] for row in nothing)


@pytest.mark.parametrize(("lang", "word"), [("kk", "бөлігі"), ("ru", "пути детей")])
def test_sentences_are_in_the_readers_language(client, lang, word):
    rows = client.get("/assets/down", params={"lang": lang, "limit": 3}).json()["assets"]
    assert all(word in row["sentence"] for row in rows)


@pytest.mark.parametrize("role", ["prosecutor", "planner", "dispatcher"])
def test_those_who_can_act_are_told(client, role):
    assert client.get("/assets/down", params={"role": role}).json()["number_returned"] > 0


def test_the_public_is_not_told_what_is_down(client):
    answer = client.get("/assets/down", params={"role": "public"})
    assert answer.status_code == 403
    assert answer.json()["title"] == "role_not_allowed"
    assert client.get("/assets/down", params={"limit": 0}).status_code == 422


def test_the_command_says_the_same(demo_workspace, told):
    ended = run_inside("assets", "down", "--json", "--limit", "5", directory=demo_workspace)
    result = json.loads(ended.stdout)
    assert result["assets"] == told["assets"][:5]
    lines = run_inside("assets", "down", "--limit", "2", directory=demo_workspace).stdout
    assert lines.splitlines()[0] == told["assets"][0]["sentence"]
    refused = run_inside(
        "assets", "down", "--role", "public", directory=demo_workspace, check=False
    )
    assert refused.returncode == 2
