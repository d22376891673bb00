"""The guide to a first map, followed word by word on small files: guide and code cannot drift."""

import csv
import re
import shlex
from datetime import datetime
from pathlib import Path

import osmium
import pandas
import pytest
import typer.testing
import yaml

from api.commands import app
from tests.demo_town import serving
from tests.hand_made_town import (
    AREA,
    incident_lines,
    lamp_lines,
    school_lines,
    visit_lines,
    write_map,
)

ROOT = Path(__file__).resolve().parents[1]
GUIDE = (ROOT / "docs" / "first-map.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+) ?(.*)\n((?:.*\n)*?)```$", GUIDE, flags=re.MULTILINE)
COMMANDS = [
    shlex.split(line)
    for language, label, text in BLOCKS
    if language == "sh" and label != "postgis"
    for line in text.splitlines()
]
WORDS = {"theft_robbery": "грабёж", "violence": "драка", "disorder": "хулиганство"}


@pytest.fixture(scope="module")
def guide_folder(tmp_path_factory):
    return tmp_path_factory.mktemp("guide")


@pytest.fixture(scope="module")
def followed(guide_folder):
    """Follow the guide from top to bottom; return what each command said."""
    return follow_guide(guide_folder, {})


def said(followed, start):
    """Return what the commands that begin so said, in the guide's order."""
    return [output for words, output in followed if words.startswith(start)]


def test_guide_works_as_it_is_written(followed):
    reports = said(followed, "import incidents")
    assert "dry run, nothing stored" in reports[0]
    # 240 rows and the three that the guide shows; those on the outermost streets are inside.
    read, accepted, refused = map(int, re.findall(r"(\d+) (?:rows|acc|quar)", reports[1])[:3])
    assert (read, accepted, refused) == (243, 243, 0)
    assert [" 0 accepted" in report for report in reports] == [False] * 3
    assert len(said(followed, "import list")[0].splitlines()) == 5
    assert all("sum = ln hazard" in output for output in said(followed, "explain"))
    assert said(followed, "serve") == ["answered"]


def test_guide_publishes_two_runs_and_goes_back_to_the_first(followed):
    first, second = runs(followed)
    assert first != second
    assert said(followed, "snapshots list")[0].startswith(f"* {second}")
    assert said(followed, "snapshots rollback") == [f"run {first} is current again\n"]


@pytest.mark.postgis
def test_guide_gives_the_same_runs_on_a_server(followed, postgis_server, tmp_path):
    with postgis_server.copy_of(postgis_server.empty) as url:
        on_server = follow_guide(tmp_path, {"SAFE_REGION_DATABASE_URL": str(url)})
    assert runs(on_server) == runs(followed)
    assert not (tmp_path / "safe-region-data" / "safe_region.db").exists()


def test_network_of_the_guide_is_a_graph_that_osmnx_walks_on(followed, guide_folder, monkeypatch):
    (snippet,) = (text for language, _, text in BLOCKS if language == "python")
    assert snippet.count("\n") <= 10
    monkeypatch.chdir(guide_folder)
    names: dict = {}
    exec(snippet, names)
    assert len(names["route"]) > 2


@pytest.mark.parametrize(
    "noun", ["incidents", "lighting", "patrols", "schools", "cameras", "homes", "measures"]
)
def test_guide_names_every_column_that_is_read(noun):
    words = yaml.safe_load(
        (ROOT / "data" / "importers" / "header_words.yaml").read_text(encoding="utf-8")
    )
    section = GUIDE.split(f"### {noun}\n")[1].split("\n#")[0]
    named = set(re.findall(r"`(\w+)`", section))
    fields = {*words["every_noun"], *words[noun]}
    assert fields <= named, fields - named


def test_guide_names_every_exit_code_and_key_of_the_report():
    from data.importers.report import ImportReport
    from geo import errors

    table = GUIDE.split("| exit code |")[1].split("\n\n")[0]
    codes = {
        kind.exit_code
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, errors.SafeRegionError)
    }
    assert {int(code) for code in re.findall(r"^\| (\d+) \|", table, flags=re.M)} >= {
        0, 130, *codes,
    }  # fmt: skip
    keys = ImportReport("x", 0, 0, 0, 0).to_json().keys() - {"source"}
    assert keys <= set(re.findall(r"`(\w+)`", GUIDE.split("## What the report says")[1]))


def test_server_address_of_the_guide_is_one_the_settings_read():
    from data.settings import StoreSettings

    (block,) = (text for _, label, text in BLOCKS if label == "postgis")
    name, _, url = re.search(r"export (\w+)(=)(\S+)", block).groups()
    assert name == "SAFE_REGION_DATABASE_URL"
    assert "database_url" in StoreSettings.model_fields
    assert url.startswith("postgresql+psycopg://")


# -------------------------------------------------------------------------------------------


def follow_guide(folder, environment):
    """Run every command of the guide in a folder with its files; return (words, output) pairs."""
    write_files(folder)
    followed = []
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(folder)
        for name in ("SAFE_REGION_DIR", "SAFE_REGION_DATABASE_URL"):
            patched.delenv(name, raising=False)
        for name, value in environment.items():
            patched.setenv(name, value)
        for program, *words in COMMANDS:
            assert program == "safe-region"
            followed.append((" ".join(words), run_line(words, followed, folder)))
    return followed


def run_line(words, followed, folder):
    """Run one command within this process, the names in capitals replaced by what they stand for.

    The processes of the command line itself are tested elsewhere; here they would cost a minute.
    """
    if words[0] == "serve":
        assert words[1:] == ["--port", "8000"]
        with serving(folder / "safe-region-data"):
            return "answered"
    known = iter(runs(followed))
    filled = [next(known) if word == "RUN" else word for word in words]
    if "SECTION" in filled:
        filled[filled.index("SECTION")] = first_section(folder, runs(followed)[0])
    ended = typer.testing.CliRunner().invoke(app, filled, catch_exceptions=False)
    assert ended.exit_code == 0, ended.output
    return ended.stdout


def runs(followed):
    return [re.match(r"run (\w{16})\n", output)[1] for output in said(followed, "build")]


def first_section(folder, run_id):
    path = folder / "safe-region-data" / "snapshots" / run_id / "sections.parquet"
    return pandas.read_parquet(path, columns=["section_id"])["section_id"][0]


def write_files(folder):
    """Write the files of the guide: the rows it shows, and more of the same kind below them."""
    map_of_streets = osmium.FileProcessor(str(write_map(folder / "oral.osm")))
    with osmium.SimpleWriter(str(folder / "oral.osm.pbf")) as writer:
        for element in map_of_streets:
            writer.add(element)
    rows = {
        "offences.csv": registered(incident_lines(), "B"),
        "lamps.csv": lamp_lines(),
        "visits.csv": visit_lines(),
        "schools.csv": school_lines(),
    }
    for _, name, text in BLOCKS:
        if name.endswith((".csv", ".yaml")):
            below = "".join(f"{line}\n" for line in rows.get(name, []))
            (folder / name).write_text(text + below, encoding="utf-8")
    head = next(text for _, name, text in BLOCKS if name == "offences.csv").splitlines()[0]
    month = [
        f"2025-04-{1 + number % 30:02}{line[10:]}"
        for number, line in enumerate(incident_lines(60, seed=8))
    ]
    (folder / "april.csv").write_text("\n".join([head, *registered(month, "C"), ""]), "utf-8")


def registered(lines, letter):
    """Return incidents with the heads and words that the guide's register has."""
    written = []
    for number, (moment, group, _, _, lat, lon) in enumerate(csv.reader(lines)):
        day, clock = datetime.strptime(moment, "%Y-%m-%d %H:%M").strftime("%d.%m.%Y %H:%M").split()
        (x,), (y,) = AREA.to_metric(float(lat), float(lon))
        place = f"{x:.1f},{y:.1f}"
        written.append(f"{letter}-{number},{day},{clock},{WORDS[group]},заявление,{place}")
    return written
