"""The guide to street light, followed word by word: guide and code cannot drift."""

import json
import re
import shlex
from pathlib import Path

import pytest
import typer.testing

from api.commands import app
from data.importers.header_words import fold_header, header_words
from data.importers.lighting import read_lighting_file
from geo.coverage.dimming import light_left
from geo.parameters import WINDOWS, HazardParameters
from tests.data.asset_files import read
from tests.demo_town import demo_workspace

__all__ = ["demo_workspace"]

GUIDE = (Path(__file__).resolve().parents[1] / "docs" / "light.md").read_text("utf-8")
BLOCKS = re.findall(r"^```(\w+) ?(.*)\n((?:.*\n)*?)```$", GUIDE, flags=re.MULTILINE)
COMMANDS = [
    shlex.split(line)[1:] for language, _, text in BLOCKS if language == "sh"
    for line in text.splitlines()
]  # fmt: skip


@pytest.fixture(scope="module")
def said(demo_workspace):
    runner = typer.testing.CliRunner()
    ended = [runner.invoke(app, [*words, "--dir", str(demo_workspace)]) for words in COMMANDS]
    assert [one.exit_code for one in ended] == [0] * len(ended), ended[0].output
    return [one.stdout for one in ended]


def imported(name, tmp_path):
    text = next(text for _, label, text in BLOCKS if label == name)
    return read(read_lighting_file, text, tmp_path)


def test_the_lamps_of_the_guide_are_read(tmp_path):
    found = imported("lamps.csv", tmp_path)
    assert found.refused.empty
    left = light_left(found.frame.sort_values("source_row"), HazardParameters())
    night, morning = (list(WINDOWS).index(name) for name in ("night", "school_am"))
    # 01–05 half; 23–05 seven tenths; dark from 01:00 on; not dimmed.
    assert left[:, night].tolist() == pytest.approx([0.75, 1 - 6 / 8 * 0.3, 3 / 8, 1])
    assert left[:, morning].tolist() == [1, 1, 0, 1]
    other = imported("columns.csv", tmp_path)
    assert other.frame["dimmed_share"].dropna().tolist() == [0.5]


def test_every_head_of_the_guide_is_known():
    rows = re.findall(r"^\| (`[a-z_`, ]+`) \| ([^|]+) \|", GUIDE, flags=re.MULTILINE)
    fields = {name: heads for names, heads in rows for name in re.findall(r"`(\w+)`", names)}
    words = header_words("lighting")
    named = {"dimming", "lit_hours", "lit_until", "dimmed_share", "dimmed_by"}
    assert named < set(fields)
    for field in named:
        for head in fields[field].split(","):
            assert fold_header(head) in words[field], head
    both = {*words["dimmed_from"], *words["dimmed_to"]}
    assert {fold_header(head) for head in fields["dimmed_from"].split(",")} <= both


def test_the_lamp_of_the_guide_lights_a_street(said):
    assert said[0].startswith("New light on ")
    assert said[1].startswith("Ночь, 22:00–06:00: ")
    told = json.loads(said[2])
    named = set(re.findall(r"`([a-z_]+)`", GUIDE))
    assert {"lamps", "sections", "share", "avoided", "by_month", "a_year", "dark_minutes",
            "assumed"} <= named & set(told)  # fmt: skip
    assert {"lit_share", "lit_m"} <= named & set(told["sections"]["features"][0]["properties"])
    assert len(told["lamps"]) == 2
