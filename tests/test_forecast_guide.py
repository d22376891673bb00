"""The guide to the check of the forecast, followed word by word: guide and code cannot drift."""

import json
import re
import shlex
import shutil
import tomllib
from pathlib import Path

import pytest
import typer.testing

from api.commands import app
from data.schedule import Schedule
from tests.demo_town import demo_workspace
from tests.outside_calls import HEAD, calls

__all__ = ["demo_workspace"]

GUIDE = (Path(__file__).resolve().parents[1] / "docs" / "forecast.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+) ?(.*)\n((?:.*\n)*?)```$", GUIDE, flags=re.MULTILINE)
COMMANDS = [
    shlex.split(line)[1:]
    for language, _, text in BLOCKS
    if language == "sh"
    for line in text.splitlines()
]


def block(name):
    return next(text for _, label, text in BLOCKS if label == name)


@pytest.fixture(scope="module")
def followed(demo_workspace, tmp_path_factory):
    """Follow the guide from top to bottom; return words and output of each command."""
    folder = tmp_path_factory.mktemp("guide")
    shutil.copytree(demo_workspace, folder / "safe-region-data")
    shown = block("calls.csv")
    assert shown.startswith(HEAD)
    more = "".join(",".join(map(str, row)) + "\n" for row in calls())
    (folder / "calls.csv").write_text(shown + more, encoding="utf-8")
    (folder / "town.geojson").write_text(block("town.geojson"), encoding="utf-8")
    said = []
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(folder)
        for name in ("SAFE_REGION_DIR", "SAFE_REGION_DATABASE_URL"):
            patched.delenv(name, raising=False)
        for words in COMMANDS:
            runner = typer.testing.CliRunner()
            ended = runner.invoke(app, words, catch_exceptions=False)
            assert ended.exit_code == 0, ended.output
            said.append((words, ended.stdout))
    return said


def test_workspace_of_the_guide_is_checked(followed):
    assert COMMANDS[0] == ["backtest"]
    assert followed[0][1].startswith("check ")
    assert "2026Q3 · " in followed[0][1]


def test_file_of_the_guide_is_tested_with_its_three_rows(followed):
    assert "calls.csv: 1503 rows" in followed[1][1]
    assert "theft: " in followed[1][1]
    told = json.loads(followed[2][1])
    assert (told["protocol"]["grid"], told["protocol"]["test_from"]) == (
        "square:250ft", "2024-12-01",
    )  # fmt: skip


def test_guide_names_every_measure_of_the_answer(followed):
    told = json.loads(followed[2][1])
    named = set(re.findall(r"`([a-z_0-9]+)`", GUIDE))
    assert {"safe_region", "models", "verdict", "calibration", "protocol", "input"} <= named
    assert {"n", "hit1", "hit5", "hit10", "pai_025", "gain", "ece10", "jaccard"} <= named
    assert named & set(told["models"]["safe_region"]) >= {"pei_072", "hits_072", "seconds"}
    assert {"use", "do_not_use", "too_few"} <= named


def test_guide_names_every_option_of_the_command():
    from api.commands.backtest import backtest

    options = {f"--{name.replace('_', '-')}" for name in backtest.__annotations__} - {
        "--return", "--directory", "--as-json", "--as-of", "--date-order", "--encoding", "--sheet",
    }  # fmt: skip
    assert options <= set(re.findall(r"--[a-z-]+", GUIDE))


def test_schedule_of_the_guide_is_understood():
    schedule = Schedule.model_validate(tomllib.loads(block("schedule"))["schedule"])
    assert (schedule.build, schedule.forecast) == ("03:00", "monthly")
