"""Heads are found below titles, in one row or two; totals and repeated heads are no records."""

import hashlib

import pytest

from data.importers.parsing.raw_columns import FAULT, RAW, ROW, SHEET, row_digest
from data.importers.parsing.sheet_form import join_sheets, read_sheet
from geo.errors import InputRefusedError


def sheet(*rows, padded=False):
    """Read rows written as text with a bar between cells; return heads, block and facts."""
    facts = {}
    lines = ((number, row.split("|")) for number, row in enumerate(rows, start=1))
    found = read_sheet(lines, "a sheet", facts, padded=padded)
    blocks = list(found.blocks)
    return found, blocks[0] if blocks else {}, facts


def test_heads_in_the_first_row():
    rows, block, facts = sheet("күні|бап|көше", "1.4.2025|188|Абай")
    assert rows.heads == ("күні", "бап", "көше")
    assert block["көше"] == ("Абай",)
    assert list(block[ROW]) == [2]
    assert (facts["title_rows"], facts["head_rows"]) == (0, 1)


def test_heads_below_titles_and_blank_rows():
    rows, block, facts = sheet(
        "Сведения о преступлениях||||", "||||", "за 2025 год||ОП||", "№|Дата|Статья|lat|lon",
        "1|01.04.2025|188|51.2|51.3", "||||", "2|02.04.2025|188|51.2|51.3",
    )  # fmt: skip
    assert rows.heads == ("№", "Дата", "Статья", "lat", "lon")
    assert list(block[ROW]) == [5, 7]
    assert facts["title_rows"] == 2


def test_a_first_row_of_unknown_heads_stays_the_head():
    rows, block, _ = sheet("foo|bar|baz", "a|street|red", "b|place|c")
    assert rows.heads == ("foo", "bar", "baz")
    assert len(block[ROW]) == 2


def test_merged_heads_become_one_row():
    rows, block, facts = sheet(
        "№|Күні|Орны|||Координаталар|", "||Көше|Үй|Пәтер|Ендік|Бойлық",
        "1|01.04.2025|Абай|5||51.2|51.3",
    )  # fmt: skip
    assert rows.heads == ("№", "Күні", "Көше", "Үй", "Пәтер", "Ендік", "Бойлық")
    assert rows.parents == {
        "Көше": "Орны", "Үй": "Орны", "Пәтер": "Орны",
        "Ендік": "Координаталар", "Бойлық": "Координаталар",
    }  # fmt: skip
    assert list(block[ROW]) == [3]
    assert facts["head_rows"] == 2


def test_merged_heads_are_joined_only_where_the_lower_stands_twice():
    rows, _, _ = sheet(
        "Күні|Басы||Аяғы||Ескерту", "|Ендік|Бойлық|Ендік|Бойлық|", "01.04.2025|51|51|52|52|x"
    )
    assert rows.heads == (
        "Күні", "Басы Ендік", "Басы Бойлық", "Аяғы Ендік", "Аяғы Бойлық", "Ескерту",
    )  # fmt: skip


def test_a_row_of_text_below_a_head_with_a_gap_is_data():
    rows, block, _ = sheet("атауы|түрі||көше", "a|b|c|d", "e|f|g|h")
    assert rows.heads == ("атауы", "түрі", "column 3", "көше")
    assert len(block[ROW]) == 2


def test_a_row_that_numbers_the_columns_is_part_of_the_heads():
    rows, block, _ = sheet("Күні|Бап|Көше|lat|lon", "1|2|3|4|5", "01.04.2025|188|Абай|51|51")
    assert rows.heads[0] == "Күні"
    assert list(block[ROW]) == [3]


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("Итого:|||150", "\ttotals_row"),
        ("|Барлығы||150", "\ttotals_row"),
        ("12.|ВСЕГО по городу||150", "\ttotals_row"),
        ("Жалпы|||150", "\ttotals_row"),
        ("Жиыны|||", "\ttotals_row"),
        ("Total|||150", "\ttotals_row"),
        ("Жалпы білім беретін №3 мектеп|||150", None),
        ("Всеволодов|Абай|188|150", None),
        ("Итого|Абай көшесі|горит|көше", None),
        ("атауы|көше|бап|саны", "\trepeated_head"),
        ("a|b|c", "\trow_shape"),
        ("a|b|c|d|e", "\trow_shape"),
        ("a|b|c|d|", None),
    ],
)
def test_rows_that_are_no_records_are_marked(row, fault):
    _, block, facts = sheet("атауы|көше|бап|саны", "x|Абай|188|2", row)
    assert block[FAULT][1] == fault
    assert facts["totals_rows"] == (fault == "\ttotals_row")
    assert facts["repeated_heads"] == (fault == "\trepeated_head")


def test_a_short_row_of_a_workbook_is_whole():
    _, block, _ = sheet("атауы|көше|бап", "a|b", padded=True)
    assert block[FAULT] == [None]
    assert block["бап"] == ("",)


def test_a_row_is_told_by_its_cells():
    _, block, _ = sheet("a|b|c", "x| y|", "x| y", "x|y|")
    assert block[RAW][0] == hashlib.sha256(b"x\x1f y").digest() == row_digest(["x", " y", None])
    assert block[RAW][0] == block[RAW][1] != block[RAW][2]


@pytest.mark.parametrize(
    ("head", "code"),
    [
        ("lat|lon|lat", "header_duplicate"),
        ("lat|@row", "csv_invalid"),
        ("|".join(f"c{n}" for n in range(1001)), "too_many_columns"),
    ],
)
@pytest.mark.bad_input("B41")
def test_heads_that_cannot_be_told_apart_are_refused(head, code):
    with pytest.raises(InputRefusedError) as refusal:
        sheet(head, "1|2|3")
    assert refusal.value.code == code


def test_sheets_are_joined_with_the_heads_of_all():
    one, _, _ = sheet("a|b")
    facts = {}
    sheets = {
        "қаңтар": read_sheet([(1, ["a", "b"]), (2, ["1", "x"])], "one", facts),
        "ақпан": read_sheet([(1, ["a", "c"]), (2, ["2", "y"])], "two", facts),
    }
    joined = join_sheets(sheets)
    assert joined.heads == ("a", "b", "c")
    assert [block[SHEET] for block in joined.blocks] == [["қаңтар"], ["ақпан"]]
    assert join_sheets({"only": one}) is one
