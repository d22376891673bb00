"""The guide to the walk to school, followed word by word: guide and code cannot drift."""

import json
import re
import shlex
from pathlib import Path

import pytest
import typer.testing

from api.commands import app
from data.codes.calendar_table import school_calendar
from data.school_files import read_school_files
from geo.errors import InputRefusedError
from geo.streets.school_calendar import KINDS
from tests.demo_town import demo_workspace

__all__ = ["demo_workspace"]

GUIDE = (Path(__file__).resolve().parents[1] / "docs" / "school-walk.md").read_text("utf-8")
BLOCKS = re.findall(r"^```(\w+) ?(.*)\n((?:.*\n)*?)```$", GUIDE, flags=re.MULTILINE)
COMMANDS = [
    shlex.split(line)[1:] for language, _, text in BLOCKS if language == "sh"
    for line in text.splitlines()
]  # fmt: skip


def block(name):
    return next(text for _, label, text in BLOCKS if label == name)


@pytest.fixture(scope="module")
def said(demo_workspace):
    runner = typer.testing.CliRunner()
    ended = [runner.invoke(app, [*words, "--dir", str(demo_workspace)]) for words in COMMANDS]
    assert [one.exit_code for one in ended] == [0] * len(ended), ended[0].output
    return [one.stdout for one in ended]


def test_the_shortest_day_of_the_guide_is_dark(said):
    assert said[0].startswith("School No. 1, 21 December 2026, 07:40: dark.")
    assert "unlit" in said[0]


def test_the_guide_names_every_key_of_the_answer(said):
    told = json.loads(said[1])
    named = set(re.findall(r"`([a-z_0-9]+)`", GUIDE))
    least = {"dark", "darkness", "sun", "school_day", "calendar_verified", "walk", "sections",
             "alternative", "recommended", "unreachable_homes", "school_unreachable"}  # fmt: skip
    assert least <= named & set(told)
    assert {"pupils", "mean_walk_m", "street_m", "child_minutes_a_day"} <= named & set(told["walk"])
    section = told["sections"]["features"][0]["properties"]
    assert {"pupils", "metres", "window", "child_minutes", "light"} <= named & set(section)


def test_files_of_the_guide_are_read(tmp_path):
    for name in ("assignments.csv", "catchments.geojson", "population.csv"):
        (tmp_path / name).write_text(block(name), encoding="utf-8")
    files = read_school_files(tmp_path)
    assert files.assignments["school_id"].tolist() == ["41a9346156ace412"]
    assert files.catchments.geometry.iloc[0].geom_type == "Polygon"
    assert files.population["people"].tolist() == [420]
    assert files.digest != read_school_files(tmp_path / "none").digest


def test_calendar_of_the_guide_is_read_and_its_kinds_are_all(tmp_path):
    (tmp_path / "school_calendar.csv").write_text(block("school_calendar.csv"), encoding="utf-8")
    calendar = school_calendar(tmp_path).calendar
    counted = calendar.days_by_month("2026-2027")
    assert counted["2027-04"] == 22 + 4  # weekdays and Saturdays
    assert {span.kind for span in calendar.spans} == set(KINDS)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("assignments.csv", "home,school_id\na,b\n"),
        ("assignments.csv", "home_id,school_id\na,\n"),
        ("catchments.geojson", "{"),
        ("catchments.geojson", '{"type": "FeatureCollection", "features": [{"properties": {}}]}'),
        ("population.csv", "lat,lon,people\n51,51,-2\n"),
        ("population.csv", "lat,lon,people\n951,51,2\n"),
        ("population.csv", "lat,lon,people\nx,51,2\n"),
        ("catchments.geojson",
         '{"features": [{"properties": {"school_id": "a"},'
         ' "geometry": {"type": "Point", "coordinates": [51, 51]}}]}'),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_is_refused_by_its_name(tmp_path, name, text):
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(InputRefusedError, match=re.escape(name)) as refusal:
        read_school_files(tmp_path)
    assert refusal.value.code == "school_file_invalid"
