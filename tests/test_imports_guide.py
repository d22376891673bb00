"""The guide to imports, followed word by word on its own messy file."""

import json
import re
import shlex
import tomllib
from pathlib import Path

import openpyxl
import pytest
import typer.testing

from api.commands import app
from data.importers.kpssu_layer import layer_service
from data.importers.mapping import parse_mapping
from data.schedule import Schedule

ROOT = Path(__file__).resolve().parents[1]
GUIDE = (ROOT / "docs" / "imports.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+) ?(.*)\n((?:.*\n)*?)```$", GUIDE, flags=re.MULTILINE)
COMMANDS = [
    shlex.split(line)[1:]
    for language, _, text in BLOCKS
    if language == "sh"
    for line in text.splitlines()
]
REFUSED_ROWS = 3
"""Exit code of the commands that bring the file before it is corrected."""


def block(name):
    return next(text for _, label, text in BLOCKS if label == name)


def run(*words):
    return typer.testing.CliRunner().invoke(app, list(words), catch_exceptions=False)


@pytest.fixture(scope="module")
def followed(tmp_path_factory):
    """Follow the guide from top to bottom; return (words, exit code, output) of each command."""
    folder = tmp_path_factory.mktemp("clerk")
    messy = folder / "april.csv"
    messy.write_bytes(block("april.csv").encode("kz1048"))
    lamps(folder / "lamps.xlsx")
    followed = []
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(folder)
        for name in ("SAFE_REGION_DIR", "SAFE_REGION_DATABASE_URL"):
            patched.delenv(name, raising=False)
        assert run("init", "--name", "Орал", "--bbox", "51.3,51.18,51.44,51.26").exit_code == 0
        for words in COMMANDS:
            if words == ["import", "incidents", "april.csv"]:
                messy.write_bytes(corrected(block("april.csv")).encode("kz1048"))
            ended = run(*words)
            followed.append((words, ended.exit_code, ended.stdout))
    return folder, followed


def said(followed, *start):
    return [(code, text) for words, code, text in followed[1] if words[: len(start)] == [*start]]


def corrected(text):
    for line in block("corrected").splitlines():
        number = re.escape(line.partition(";")[0])
        text, changed = re.subn(rf"^{number};.*$", line, text, flags=re.MULTILINE)
        assert changed == 1
    return text


def lamps(path):
    book = openpyxl.Workbook()
    book.active.title = "Тізім"
    for row in [
        ("Көше шамдары", None, None, None),
        ("№ опоры", "Широта", "Долгота", "Состояние"),
        ("L-1", 51.2301789, 51.3702879, "горит"),
        ("L-2", 51.2301662, 51.374298, "не горит"),
    ]:
        book.active.append(row)
    book.create_sheet("Ескертпе").append(("Тек мәтін",))
    book.save(path)


def counts(text):
    return tuple(map(int, re.findall(r"\d+", text.splitlines()[0])[:4]))


def test_dry_run_shows_what_was_understood_and_stores_nothing(followed):
    (code, text), taken, _ = said(followed, "import", "incidents")
    assert code == REFUSED_ROWS
    assert "проба, ничего не сохранено" in text
    assert counts(text) == (12, 9, 3, 0)
    assert "строка 11, столбец «Күні»: time_invalid" in text
    assert "строка 12, столбец «Ендік»: coord_missing" in text
    assert "source: kui" in text
    assert "occurred_at=2025-04-03 20:30:00" in text
    assert counts(taken[1])[1] == 9


def test_refused_rows_end_with_exit_code_three_and_the_rest_is_stored(followed):
    _, (code, text), (again, second) = said(followed, "import", "incidents")
    assert (code, counts(text)) == (REFUSED_ROWS, (12, 9, 3, 0))
    assert (again, counts(second)) == (0, (12, 2, 1, 9))


def test_workbook_of_the_report_lists_every_refused_row(followed):
    book = openpyxl.load_workbook(followed[0] / "april.xlsx")
    rows = [(row[2].value, row[4].value) for row in book["Refused rows"].iter_rows(min_row=2)]
    assert rows == [(11, "time_invalid"), (12, "coord_missing"), (14, "totals_row")]


def test_kept_mapping_is_taken_for_the_next_file(followed):
    mapping = followed[0] / "safe-region-data" / "mappings" / "kui.yaml"
    assert "occurred_at: Күні" in mapping.read_text(encoding="utf-8")
    assert "encoding" not in mapping.read_text(encoding="utf-8")
    assert "kui.yaml" in said(followed, "import", "incidents")[2][1]


def test_kept_report_is_shown_and_the_import_withdrawn(followed):
    ((code, shown),) = said(followed, "import", "show")
    assert code == 0
    assert "12 жол оқылды: 9 қабылданды" in shown
    assert (followed[0] / "shown.xlsx").stat().st_size > 0
    ((code, text),) = said(followed, "import", "withdraw")
    assert code == 0
    # The second import brought all of them too, so that none is lost.
    assert "9 kept" in text
    assert said(followed, "locate") == [(0, "No row waits for a place.\n")]
    (_, before), (_, after) = said(followed, "import", "list")
    assert "withdrawn" not in before
    assert after.count("withdrawn") == 1


def test_workbook_of_lamps_is_read_from_the_named_sheet(followed):
    ((code, text),) = said(followed, "import", "lighting")
    assert code == 0
    assert counts(text) == (2, 2, 0, 0)


def test_mapping_of_the_guide_is_one():
    from data.importers.mapping import parse_mapping

    assert parse_mapping(block("one.yaml"), "one.yaml").register == "kui"


def test_guide_names_every_noun_and_format():
    from data.importers.mapping import NOUNS

    table = GUIDE.split("## Which files")[1].split("## A messy")[0]
    assert set(NOUNS) <= set(re.findall(r"`(\w+)`", table))


def test_report_as_json_is_one_object(followed, monkeypatch):
    monkeypatch.chdir(followed[0])
    ended = run("import", "show", "1", "--json")
    told = json.loads(ended.stdout)
    assert told["rows_read"] == told["accepted"] + told["quarantined"] + told["duplicate"]
    assert [fault["reason"] for fault in told["refused_rows"]]


def test_the_schedule_and_the_layer_of_the_guide_are_understood():
    card = tomllib.loads(block("schedule"))
    schedule = Schedule.model_validate(card["schedule"])
    assert (schedule.build, schedule.layer) == ("03:00", True)
    service = layer_service(parse_mapping(block("kpssu.yaml"), "kpssu.yaml").layer)
    assert service.where == "city_code='1927'"
