"""The guide to the walk to school, followed word by word: guide and code cannot drift."""

import json
import re
import shlex
import shutil
from pathlib import Path

import httpx
import pytest
import typer.testing
from shapely import box

from api.commands import app
from api.dependencies import Published
from api.opening import opened_workspace
from api.walk_changes import StreetChange, walk_what_if
from data.codes.calendar_table import school_calendar
from data.importers.places.known_places import KnownPlaces
from data.school_files import read_school_files
from geo.errors import InputRefusedError
from geo.streets.school_calendar import KINDS
from geo.study_area import build_study_area
from tests.demo_town import demo_workspace, service_url

__all__ = ["demo_workspace", "service_url"]

AREA = build_study_area("Oral", box(51.2, 51.1, 51.6, 51.4), time_zone="Asia/Oral")
PLACES = KnownPlaces(AREA)
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
    shown = [words for words in COMMANDS if words[0] != "import"]
    ended = [runner.invoke(app, [*words, "--dir", str(demo_workspace)]) for words in shown]
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
    for name in ("assignments.csv", "catchments.geojson", "catchments.txt", "population.csv"):
        (tmp_path / name).write_text(block(name), encoding="utf-8")
    files = read_school_files(tmp_path, PLACES)
    assert files.assignments["school"].tolist() == ["41a9346156ace412", "№ 5"]
    assert files.assignments["address"].tolist() == [None, "Абай көшесі, 14"]
    assert files.catchments.geometry.iloc[0].geom_type == "Polygon"
    assert files.catchment_texts["school"].tolist() == ["№ 5 мектеп", "Школа № 7"]
    assert files.population["people"].tolist() == [420]
    assert files.digest != read_school_files(tmp_path / "none", PLACES).digest


def test_files_of_the_guide_are_imported_with_a_report(demo_workspace, tmp_path, monkeypatch):
    workspace = tmp_path / "workspace"
    shutil.copytree(demo_workspace, workspace, ignore=shutil.ignore_patterns("snapshots"))
    for name in ("assignments.csv", "catchments.geojson", "catchments.txt", "population.csv"):
        (tmp_path / name).write_text(block(name), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    runner = typer.testing.CliRunner()
    bring = [words for words in COMMANDS if words[0] == "import"]
    ended = [runner.invoke(app, [*words, "--json", "--dir", str(workspace)]) for words in bring]
    assert [one.exit_code for one in ended] == [0] * 4, [one.output for one in ended]
    told = [json.loads(one.stdout) for one in ended]
    assert [(one["rows_read"], one["accepted"]) for one in told] == [(1, 1), (1, 1), (2, 2), (2, 2)]
    unknown = [note for note in told[2]["warnings"] if note.startswith("street_unknown: rows")]
    assert len(unknown) <= 1  # the guide's streets need not all be in the demo town


def test_calendar_of_the_guide_is_read_and_its_kinds_are_all(tmp_path):
    (tmp_path / "school_calendar.csv").write_text(block("school_calendar.csv"), encoding="utf-8")
    calendar = school_calendar(tmp_path).calendar
    counted = calendar.days_by_month("2026-2027")
    assert counted["2027-04"] == 22 + 4  # weekdays and Saturdays
    assert {span.kind for span in calendar.spans} == set(KINDS)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("assignments.csv", "place,school_id\na,b\n"),
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
        read_school_files(tmp_path, PLACES)
    assert refusal.value.code == "school_file_invalid"


def test_the_closed_street_of_the_guide_changes_walks(said, demo_workspace):
    assert "with 1 street closed" in said[-1]
    named = set(re.findall(r"`([a-z_0-9]+)`", GUIDE))
    body = json.loads(block("what-if"))
    published = Published(*opened_workspace(demo_workspace))
    change = StreetChange(body["close"], body["light"])
    told = walk_what_if(published, "1", change, at=None, role="planner", lang="kk")
    hidden = {"school_id", "label", "role", "at", "time_zone", "dark", "pupils", "run_id", "as_of",
              "closed_sections", "lit_sections", "least_pupils"}  # fmt: skip
    assert set(told) - hidden <= named
    assert told["before"] is None or set(told["before"]) <= named


def test_the_card_of_the_guide_is_served(service_url):
    for address in re.findall(r"`(/kk/school[^`]*)`", GUIDE):
        page = httpx.get(service_url + address.replace("{id}", "1"), timeout=60)
        assert page.status_code == 200
        assert "text/html" in page.headers["content-type"]
