"""The report of an import: every code in words, every refused row in the workbook, no formula."""

import ast
import io
import re
from pathlib import Path

import pytest
from openpyxl import load_workbook

import data.importers
from data.importers.report import NOT_BAD
from geo.errors import UsageError
from maps.import_texts import evidence_text, note_text, refusal_reason, row_reason
from maps.import_words import NOTES, REFUSALS, ROW_REASONS
from maps.reports.cells import cell_value
from maps.reports.import_lines import import_report_lines
from maps.reports.import_report import render_import_report
from maps.translations import LANGUAGES

READERS = Path(data.importers.__file__).parent
CODE = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)+")
HANDED_ON = {
    *(("row", code) for code in NOT_BAD),
    ("row", "address_unknown"), ("row", "address_ambiguous"),
    ("row", "commissioned_at_before_started_at"),
    ("refusal", "parser_time"), ("refusal", "parser_memory"), ("refusal", "parser_crashed"),
}  # fmt: skip
"""Codes that reach a call under a name, so that the scan does not see them."""


def texts(node):
    return {n.value for n in ast.walk(node) if isinstance(n, ast.Constant) and type(n.value) is str}


def first_text(node):
    while not isinstance(node, ast.Constant):
        if isinstance(node, ast.JoinedStr) and node.values:
            node = node.values[0]
        elif isinstance(node, ast.BinOp):
            node = node.left
        else:
            return ""
    return node.value if isinstance(node.value, str) else ""


def codes_in_calls(tree):
    """Yield (table, code) of every fault, refusal and note that a module of readers makes."""
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        owner, _, name = ast.unparse(call.func).rpartition(".")
        if name == "add" and "fault" in owner and len(call.args) > 2:
            yield from (("row", text) for text in texts(call.args[2]) if CODE.fullmatch(text))
        if name == "append" and "warning" in owner:
            yield "note", first_text(call.args[0]).partition(":")[0]
        if name == "_mark":
            yield from (("row", text) for text in texts(call.args[-1]))
        if name == "refusal":
            yield from (("refusal", text) for text in texts(call.args[0]) if CODE.fullmatch(text))
        for keyword in call.keywords:
            if keyword.arg == "code":
                found = texts(keyword.value)
                yield from (("refusal", text) for text in found if CODE.fullmatch(text))


def codes_of_readers():
    found = set(HANDED_ON)
    for file in sorted(READERS.rglob("*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        found |= set(codes_in_calls(tree))
        found |= {("row", code) for text in texts(tree) for code in re.findall(r"\t(\w+)$", text)}
    return {(table, code) for table, code in found if code}


def test_every_code_of_the_readers_has_words():
    held = {"row": ROW_REASONS, "refusal": REFUSALS, "note": NOTES}
    found = codes_of_readers()
    assert len(found) > 70
    assert {(table, code) for table, code in found if code not in held[table]} == set()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_words_are_sentences_of_their_language(lang):
    said = [row_reason(code, lang) for code in ROW_REASONS]
    said += [refusal_reason(code, lang) for code in REFUSALS]
    assert all(text.endswith(".") for text in said), [t for t in said if not t.endswith(".")]
    assert len(set(said)) == len(said)
    assert row_reason("made_up_code", lang) == "made_up_code"


def test_note_keeps_numbers_and_column_in_every_language():
    note = "time_unknown: 12 of 40 times in 'уақыты' are 00:00; their hour counts as not known."
    assert note_text(note, "en") == note.partition(": ")[2]
    for lang in ("kk", "ru"):
        assert {"12", "40"} <= set(re.findall(r"\d+", note_text(note, lang)))
        assert "«уақыты»" in note_text(note, lang)
    assert note_text("free words", "ru") == "free words"
    apart = "gates_apart: rows 3, 17 are gates of one number and lie apart."
    assert note_text(apart, "ru").endswith("(Строка: 3, 17)")


def test_evidence_is_told_with_its_numbers():
    told = evidence_text({"code": "dates", "share": 0.975, "rows": 40}, "ru")
    assert told == "98% из 40 значений – даты."


@pytest.mark.bad_input("B49")
@pytest.mark.parametrize(
    "text",
    [
        "=1+1", "+7", "-3", "@SUM(A1)", "\t=1", "\r=1", "\x00=1", "＝1", " =1", "\u00a0=1",
        "\ufeff=1", "\n@x", "\t", "＋1", "−1",
    ],
)  # fmt: skip
def test_text_that_would_run_gets_an_apostrophe(text):
    assert cell_value(text).startswith("'")


@pytest.mark.bad_input("B49")
@pytest.mark.parametrize("value", [-1, 0, 2.5, True, None, "a=1", "ст.188 ч.3", "1-2"])
def test_numbers_stay_numbers_and_plain_text_stays_as_it_is(value):
    assert cell_value(value) == value
    assert type(cell_value(value)) is type(value)


def report(**changed):
    return {
        "files": ["april.csv"],
        "source": "=kui",
        "rows_read": 45,
        "accepted": 20,
        "quarantined": 24,
        "duplicate": 1,
        "versions": 2,
        "outside_region": 1,
        "inferred": {"encoding": "kz1048", "columns": {"lat": "ендік"}},
        "reasons": {"coord_missing": 23, "outside_region": 1},
        "covers_from": "2025-04-01",
        "covers_to": None,
        "warnings": ["time_unknown: 12 of 40 times in 'уақыты' are 00:00."],
        "findings": {
            "unlocated": {"rows": 23, "by_district": {"A": 3, "B": 20}, "by_group": {"child": 1}},
            "stacked": [{"lat": 51.2, "lon": 51.3, "rows": 9}],
            "clock_spikes": [{"clock": "00:00", "rows": 12, "share": 0.3}],
            "swap": {"verdict": "as_given", "by": "streets", "rows": 0, "near_street": 0.99},
            "twins": 4,
        },
        "mapping": {"source": "kui", "columns": {"lat": "ендік", "lon": "=cmd"}},
        "preview": [{"lat": "51.2", "address": "@here"}],
        "refused_rows": [
            {"sheet": "Сәуір", "row": n, "column": "=lat", "code": "coord_missing"}
            for n in range(24)
        ],
        "refused_rows_left_out": 0,
        **changed,
    }


@pytest.mark.bad_input("B49")
@pytest.mark.parametrize("lang", LANGUAGES)
def test_workbook_has_every_refused_row_and_no_formula(lang):
    book = load_workbook(io.BytesIO(render_import_report(report(), lang)))
    assert len(book.sheetnames) == 4
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"n", "s", "inlineStr"}
    _, refused, *_ = book
    assert refused.max_row == 25
    assert [cell.value for cell in refused[25]] == [
        None, "Сәуір", 23, "'=lat", "coord_missing", row_reason("coord_missing", lang),
    ]  # fmt: skip


def test_same_report_gives_the_same_bytes():
    assert render_import_report(report(), "kk") == render_import_report(report(), "kk")


def test_findings_of_every_form_stand_in_the_workbook():
    book = load_workbook(io.BytesIO(render_import_report(report(), "en")))
    rows = [[cell.value for cell in row] for row in book["Findings"].iter_rows(min_row=2)]
    assert ["Rows without a place by district", "B", 20, None] in rows
    assert ["Rows without a place", None, 23, None] in rows
    assert ["Places where most rows are stacked", "51.2, 51.3", 9, None] in rows
    assert ["Times of day that stand out", "00:00", 12, 0.3] in rows
    assert ["Equal rows within the file, each kept", None, 4, None] in rows
    swap = [row[1:] for row in rows if row[0] == "Are latitude and longitude swapped?"]
    assert swap == [
        [None, 0, None],
        ["verdict", None, "the order is right as given"],
        ["judged by", None, "the streets of the map"],
        ["near a street as given", None, 0.99],
    ]


def test_refusal_and_evidence_stand_in_the_workbook():
    refused = report(
        error={"code": "no_valid_rows", "message": "april.csv: none of 45 rows can be used."},
        evidence=[
            {"field": "lat", "head": "ендік", "code": "known_word"},
            {"field": None, "head": "d1", "code": "dates", "share": 1.0, "rows": 45},
        ],
    )
    book = load_workbook(io.BytesIO(render_import_report(refused, "ru")))
    words = {cell.value for sheet in book for row in sheet.iter_rows() for cell in row}
    assert refusal_reason("no_valid_rows", "ru") in words
    assert {"100% из 45 значений – даты.", "d1"} <= words


def test_lines_show_the_first_twenty_rows_and_count_the_rest():
    lines = import_report_lines(report(dry_run=True), "en")
    assert lines[0] == (
        "45 rows read: 20 accepted, 24 quarantined, 1 known already (dry run, nothing stored)"
    )
    assert sum("row " in line and "column =lat" in line for line in lines) == 20
    assert "    … and 4 more; --report FILE.xlsx lists them all" in lines
    assert "  understood encoding: kz1048" in lines


@pytest.mark.parametrize("lang", ["kk", "ru"])
def test_lines_are_in_the_language_that_was_asked(lang):
    text = "\n".join(import_report_lines(report(), lang))
    assert row_reason("coord_missing", lang) in text
    assert not re.search(r"\b(rows|accepted|understood|note)\b", text)


def test_unknown_language_is_refused():
    with pytest.raises(UsageError):
        render_import_report(report(), "de")
    with pytest.raises(UsageError):
        import_report_lines(report(), "de")


def test_sheet_is_not_overfilled():
    many = [{"row": n, "column": "x", "code": "not_number"} for n in range(3)]
    data = render_import_report(report(refused_rows=many), "en")
    assert load_workbook(io.BytesIO(data))["Refused rows"].max_row == 4
