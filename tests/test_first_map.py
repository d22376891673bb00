"""The guide to a first map, followed word by word on small files: guide and code cannot drift."""

import csv
import json
import re
import shlex
from pathlib import Path

import osmium
import pytest
import typer.testing
import yaml

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


@pytest.fixture(params=["sqlite", pytest.param("postgis", marks=pytest.mark.postgis)])
def followed(request, tmp_path, monkeypatch):
    """Follow the guide in a folder that holds its files; return what each command said."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SAFE_REGION_DIR", raising=False)
    monkeypatch.delenv("SAFE_REGION_DATABASE_URL", raising=False)
    if request.param == "postgis":
        server = request.getfixturevalue("postgis_server")
        with server.copy_of(server.empty) as url:
            monkeypatch.setenv("SAFE_REGION_DATABASE_URL", url)
            _write_files(tmp_path)
            yield [(words, _follow(words, tmp_path)) for words in COMMANDS]
    else:
        _write_files(tmp_path)
        yield [(words, _follow(words, tmp_path)) for words in COMMANDS]


def test_guide_works_as_it_is_written(followed, tmp_path):
    said = [(" ".join(words[1:]), output) for words, output in followed]
    assert len(said) >= 15

    def of(start):
        return [output for words, output in said if words.startswith(start)]

    reports = of("import incidents offences.csv")
    assert "dry run, nothing stored" in reports[0]
    assert "243 rows read: 24" in reports[1]
    assert all("0 accepted" not in output for output in of("import")[:-1])
    assert of("import list")[0].count("\n") == 6 - 1
    first, second = (re.search(r"run (\w{16})\n", output)[1] for output in of("build"))
    assert first != second
    assert "sum = ln hazard" in of("explain")[0]
    assert of("serve") == ["answered"]
    assert of("snapshots list")[0].startswith(f"* {second}")
    assert f"run {first} is current again" in of("snapshots rollback")[0]

    (snippet,) = (text for language, _, text in BLOCKS if language == "python")
    assert snippet.count("\n") <= 10
    names: dict = {}
    exec(snippet, names)
    assert len(names["route"]) > 2


def test_both_databases_give_the_run_of_the_guide(followed, tmp_path, request):
    _, output = next(pair for pair in followed if pair[0][1] == "build")
    kept = ROOT_OF_RUNS.setdefault("run", output.splitlines()[0])
    assert output.splitlines()[0] == kept


@pytest.mark.parametrize("noun", ["incidents", "lighting", "patrols", "schools", "cameras", "homes"])
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
    assert name == f"SAFE_REGION_{'database_url'.upper()}"
    assert "database_url" in StoreSettings.model_fields
    assert url.startswith("postgresql+psycopg://")


# -------------------------------------------------------------------------------------------
