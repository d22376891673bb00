"""The guide to dark streets, followed word by word: guide and code cannot drift."""

import json
import re
import shlex
from pathlib import Path

import pandas as pd
import pytest
import typer.testing

from api.commands import app
from geo.coverage.dark_gap import DARK_PARTS, DarkMonth, dark_gap
from maps.asset_layers import LIT_WITHOUT, UNLIT_WITHOUT
from tests.demo_town import demo_workspace

__all__ = ["demo_workspace"]

GUIDE = (Path(__file__).resolve().parents[1] / "docs" / "dark-streets.md").read_text("utf-8")
COMMANDS = [
    shlex.split(line)[1:]
    for block in re.findall(r"^```sh\n((?:.*\n)*?)```$", GUIDE, flags=re.MULTILINE)
    for line in block.splitlines()
]


@pytest.fixture(scope="module")
def said(demo_workspace, tmp_path_factory):
    runner, folder = typer.testing.CliRunner(), tmp_path_factory.mktemp("written")
    told = []
    for words in COMMANDS:
        placed = [str(folder / word) if word.endswith(".xlsx") else word for word in words]
        ended = runner.invoke(app, [*placed, "--json", "--dir", str(demo_workspace)])
        assert ended.exit_code == 0, ended.output
        told.append(json.loads(ended.stdout))
    assert (folder / "dark-streets.xlsx").stat().st_size > 4000
    return told


def test_commands_of_the_guide_answer(said):
    assert said[0]["when"] == "December 2026, way to school, 07:00–09:00"
    assert len(said[0]["sections"]["features"]) == 20
    assert len(said[1]["sections"]["features"]) == 50


def test_the_guide_names_every_key_of_the_answer(said):
    named = set(re.findall(r"`([a-z_0-9]+)`", GUIDE))
    assert set(said[0]) - {"month", "window", "number_returned"} <= named
    row = said[0]["sections"]["features"][0]["properties"]
    assert set(row) - named == {
        "rank", "section_id", "label", "light", "lit_m", "unlit_m", "unknown_light_m"
    }  # fmt: skip


def test_the_example_of_the_guide_is_what_the_function_says():
    street = {"lit_m": [30], "unlit_m": [60], "unknown_light_m": [10]}
    sections = pd.DataFrame(street | {"child_minutes_school_am": [1000.0]})
    gap = dark_gap(sections, [DarkMonth("2026-12", {"school_am": 0.8})], ["school_am"])
    minutes = gap[list(DARK_PARTS)].iloc[0].round(9).tolist()
    assert minutes == [240, 480, 80]
    text = re.sub(r"\s+", " ", GUIDE)
    assert "has 240 minutes in the dark with light, 480 without and 80 of which nobody" in text
    assert (LIT_WITHOUT, UNLIT_WITHOUT) == (0.1, 0.25)
