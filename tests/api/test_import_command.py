"""``import`` at the command line: exit codes, one JSON object, workbook, proposal, kept report."""

import json
import sys

import pytest
from openpyxl import load_workbook

from api.commands import main

HEADS = "id,lat,lon,working"
GOOD = [f"L{n},51.22{n:02},51.37{n:02},yes" for n in range(20)]
NO_PLACE = "L90,,,yes"
OUTSIDE = "L91,51.9,51.9,yes"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Return a folder with an empty workspace ``town`` of Oral, made once."""
    folder = tmp_path_factory.mktemp("import")
    ended = call(folder, "init", "--name", "Oral", "--bbox", "51.3,51.18,51.44,51.26")
    assert ended == 0
    return folder


def call(folder, *words):
    """Run the command as the shell does; return its exit code."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sys, "argv", ["safe-region", *map(str, words), "--dir", f"{folder}/town"])
        with pytest.raises(SystemExit) as ended:
            main()
    return ended.value.code or 0


@pytest.fixture
def run(made, capsys):
    """Return a call of the command that gives (exit code, stdout, stderr)."""

    def run_here(*words):
        capsys.readouterr()
        code = call(made, *words)
        told = capsys.readouterr()
        return code, told.out, told.err

    return run_here


def lamps(folder, *rows, heads=HEADS):
    file = folder / "lamps.csv"
    file.write_text("\n".join([heads, *rows, ""]), encoding="utf-8")
    return file


def test_bad_row_ends_with_three_and_the_report_still_stands_on_stdout(run, tmp_path):
    file = lamps(tmp_path, *GOOD, NO_PLACE)
    code, out, _ = run("import", "lighting", file, "--dry-run", "--json", "--lang", "ru")
    told = json.loads(out)
    assert code == 3
    assert (told["rows_read"], told["accepted"], told["quarantined"]) == (21, 20, 1)
    assert told["refused_rows"] == [
        {
            "row": 22, "column": "lat", "code": "coord_missing",
            "reason": "В строке нет координат; укажите широту и долготу.",
        },
    ]  # fmt: skip
    assert told["refused_rows_left_out"] == 0
    assert told["files"] == ["lamps.csv"]


def test_row_outside_the_region_is_no_reason_for_three(run, tmp_path):
    code, out, _ = run("import", "lighting", lamps(tmp_path, *GOOD, OUTSIDE), "--dry-run", "--json")
    assert json.loads(out)["outside_region"] == 1
    assert code == 0


def test_refused_file_has_a_report_and_a_reason_in_the_asked_language(run, tmp_path):
    report = tmp_path / "report.xlsx"
    file = lamps(tmp_path, NO_PLACE, NO_PLACE)
    code, out, err = run("import", "lighting", file, "--json", "--lang", "kk", "--report", report)
    told = json.loads(out)
    assert code == 3
    assert told["error"]["code"] == "no_valid_rows"
    assert told["reason"].startswith("Бірде-бір жол")
    assert told["reason"] in err
    words = [cell.value for row in load_workbook(report).worksheets[0] for cell in row]
    assert told["error"]["message"] in words
    assert load_workbook(report).worksheets[1].max_row == 3


def test_dry_run_of_a_file_that_is_not_understood_proposes_columns_with_evidence(run, tmp_path):
    rows = [f"{51.2 + n / 500:.5f},{51.33 + n / 300:.5f},да" for n in range(20)]
    file = lamps(tmp_path, *rows, heads="a1,a2,a3")
    code, out, _ = run("import", "lighting", file, "--dry-run", "--json")
    told = json.loads(out)
    assert (code, told["error"]["code"]) == (3, "column_missing")
    assert {one["head"]: one["code"] for one in told["evidence"]} == {
        "a1": "degrees_inside", "a2": "degrees_inside", "a3": "flags",
    }  # fmt: skip
    assert told["mapping"]["columns"]["lat"] == "a1"

    code, out, _ = run("import", "lighting", file, "--dry-run", "--lang", "ru")
    assert "a3 – 100% из 20 значений – да или нет." in out
    assert "columns:" in out


def test_dry_run_names_columns_that_were_left_out(run, tmp_path):
    rows = [f"{row},03.04.2025" for row in GOOD]
    file = lamps(tmp_path, *rows, heads=f"{HEADS},q7")
    code, out, _ = run("import", "lighting", file, "--dry-run", "--json")
    told = json.loads(out)
    assert (code, [one["head"] for one in told["evidence"]]) == (0, ["q7"])
    assert "q7" not in told["mapping"]["columns"].values()
    assert len(told["preview"]) == 20
    assert "q7 – 100% of 20 values are dates." in run("import", "lighting", file, "--dry-run")[1]


def test_file_that_is_not_understood_is_never_taken_by_a_proposal(run, tmp_path):
    file = lamps(tmp_path, "51.22001,51.37001", "51.22002,51.37002", heads="a1,a2")
    code, out, _ = run("import", "lighting", file, "--json")
    assert (code, json.loads(out)["error"]["code"]) == (3, "column_missing")
    assert "mapping" not in json.loads(out)


@pytest.mark.parametrize("name", ["report.pdf", "absent/report.xlsx"])
def test_report_that_cannot_be_written_is_refused_before_the_work(run, tmp_path, name):
    file = lamps(tmp_path, *GOOD)
    code, out, _ = run("import", "lighting", file, "--json", "--report", tmp_path / name)
    assert (code, json.loads(out)["error"]["code"]) == (2, "report_file_invalid")
    assert json.loads(run("import", "list", "--json")[1])["imports"] == []


def test_unknown_language_and_unknown_import_are_told(run, tmp_path):
    file = lamps(tmp_path, *GOOD)
    assert run("import", "lighting", file, "--lang", "de")[0] == 2
    assert run("import", "show", 99)[0] == 4
    assert run("import", "withdraw", 99)[0] == 4


def test_import_is_kept_shown_and_withdrawn(run, made, tmp_path):
    file = lamps(tmp_path, *GOOD, NO_PLACE)
    code, out, _ = run("import", "lighting", file, "--source", "akimat", "--save-mapping", "--json")
    taken = json.loads(out)
    assert (code, taken["accepted"]) == (3, 20)
    assert taken["preview"] == []  # rows are shown by a dry run only
    assert (made / "town" / "mappings" / "akimat.yaml").exists()

    code, out, _ = run("import", "show", 1, "--json")
    shown = json.loads(out)
    assert code == 0
    for name in ("rows_read", "accepted", "quarantined", "duplicate", "reasons", "warnings"):
        assert shown[name] == taken[name], name
    kept = [{k: f[k] for k in ("row", "column", "code")} for f in shown["refused_rows"]]
    assert kept == [{"row": 22, "column": "lat", "code": "coord_missing"}]
    assert shown["mapping"]["columns"] == taken["mapping"]["columns"]

    code, out, _ = run("import", "lighting", file, "--json")
    again = json.loads(out)
    assert (again["accepted"], again["duplicate"]) == (0, 20)
    assert again["inferred"]["mapping"] == "akimat.yaml"
    assert again["source"] == "akimat"

    assert run("import", "withdraw", 2)[0] == 0
    code, out, _ = run("import", "withdraw", 1, "--json")
    assert json.loads(out)["withdrawn"] == 20
    assert run("import", "list")[1].count("withdrawn") == 2
    assert "withdrawn at" in run("import", "show", 1)[1]
