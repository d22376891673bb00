"""The guide to the map page, followed word by word: guide and code cannot drift."""

import json
import re
import shlex
from pathlib import Path

import pytest
import typer.testing

from api.commands import app
from tests.demo_town import demo_workspace

__all__ = ["demo_workspace"]

GUIDE = (Path(__file__).resolve().parents[1] / "docs" / "map-page.md").read_text("utf-8")
COMMANDS = [
    shlex.split(line)[1:]
    for block in re.findall(r"^```sh\n((?:.*\n)*?)```$", GUIDE, flags=re.MULTILINE)
    for line in block.splitlines()
]


@pytest.fixture(scope="module")
def said(demo_workspace):
    runner = typer.testing.CliRunner()
    ended = [runner.invoke(app, [*words, "--dir", str(demo_workspace)]) for words in COMMANDS]
    assert [one.exit_code for one in ended] == [0] * len(ended), ended[0].output
    return [one.stdout for one in ended]


def test_sentence_of_the_guide_is_the_one_of_the_demo_town(said):
    quoted = re.search(r"^> School day · (.*)$", GUIDE, flags=re.MULTILINE)[1]
    assert said[0].startswith(quoted + "\n")


def test_the_guide_names_every_key_of_the_answer(said):
    named = set(re.findall(r"`([a-z_0-9]+)`", GUIDE))
    assert set(json.loads(said[2])) <= named


def test_january_afternoon_of_the_guide_is_dark_for_that_share(demo_workspace):
    words = ["daylight", "--month", "1", "--window", "school_pm", "--dir", str(demo_workspace)]
    told = typer.testing.CliRunner().invoke(app, words).stdout
    assert "17:54; 62 %" in told
    assert "sunset at 17:54 is dark for 62 %" in " ".join(GUIDE.split())
