"""The guide to patrols, followed word by word: guide and code cannot drift."""

import json
import re
import shlex
from pathlib import Path

import pytest
import typer.testing

from api.commands import app
from tests.api.test_build import LINES, Town

GUIDE = (Path(__file__).resolve().parents[1] / "docs" / "patrols.md").read_text("utf-8")
BLOCKS = re.findall(r"^```(\w+) ?(.*)\n((?:.*\n)*?)```$", GUIDE, flags=re.MULTILINE)
COMMANDS = [
    shlex.split(line)[1:] for language, _, text in BLOCKS if language == "sh"
    for line in text.splitlines()
]  # fmt: skip


@pytest.fixture(scope="module")
def followed(tmp_path_factory):
    """Follow the guide's commands in a town of its streets; return command, exit code, output."""
    folder = tmp_path_factory.mktemp("guide")
    town = Town(folder / "town")
    town.take_map()
    for noun, lines in LINES.items():
        town.take(noun, lines)
    for _, name, text in BLOCKS:
        if name.endswith(".csv"):
            (folder / name).write_text(text, encoding="utf-8")
    ended = []
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(folder)
        for words in COMMANDS:
            asked = [*words, "--dir", str(folder / "town")]
            result = typer.testing.CliRunner().invoke(app, asked)
            ended.append((" ".join(words), result.exit_code, result.stdout))
    return ended


def told(followed, beginning, place=0):
    return [output for words, _, output in followed if words.startswith(beginning)][place]


def test_only_the_sheet_has_a_row_put_aside(followed):
    codes = [code for _, code, _ in followed]
    assert codes == [3] + [0] * (len(codes) - 1), followed


def test_plans_of_the_guide_are_compared_by_line_and_post(followed):
    said = told(followed, "patrols delivered")
    assert "Route 1, on foot (Mon–Fri 08:00–16:00)" in said
    assert "Route 2, by car (Fri, Sat 20:00–02:00)" in said
    assert "Post 3 (Mon–Fri 07:30–09:00)" in said
    plans = json.loads(told(followed, "patrols delivered", 1))["plans"]
    assert [plan["compared_by"] for plan in plans] == ["line", "post", "line", "line", "line"]


def test_the_guide_names_every_key_of_the_answers(followed):
    named = set(re.findall(r"`([a-z_0-9]+)`", GUIDE))
    row = json.loads(told(followed, "patrols gap", 1))["cells"][0]
    assert set(row) - named <= {"rank", "h3_cell", "section_id", "label", "sentence",
                                "last_visit_word"}  # fmt: skip
    plan = json.loads(told(followed, "patrols delivered", 1))["plans"][0]
    numbers = {name for name in plan if name.endswith(("_shifts", "_minutes")) or name == "visits"}
    assert numbers | {"compared_by"} <= named
    assert {"gap_harm", "patrol_dose"} <= named
    assert "gap_harm" not in row  # asked as the dispatcher
