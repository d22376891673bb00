"""Workbooks as offices make them: sheets, merged cells, errors, dates and long numbers."""

import zipfile
from datetime import date, datetime, time, timedelta

import openpyxl
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from data.importers.parsing.raw_columns import FAULT, RAW, ROW, SHEET
from data.importers.parsing.workbooks import read_workbook
from geo.errors import InputRefusedError

HEADS = ["№", "көше", "үй", "lat"]
CONTENT_TYPES = """<?xml version="1.0" encoding="UTF-8"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Override PartName="/xl/workbook.xml" ContentType=
"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>"""
RELATIONS = """<?xml version="1.0"?><Relationships
xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1"
Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}"
Target="{target}"/></Relationships>"""
WORKBOOK = """<?xml version="1.0"?><workbook
xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"
xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">
<sheets><sheet name="Лист1" sheetId="1" r:id="rId1"/></sheets></workbook>"""
SHEET_XML = """{start}<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">
<sheetData>{rows}</sheetData></worksheet>"""


def written(tmp_path, sheets, name="rows.xlsx", change=None):
    """Write a workbook with openpyxl: name of a sheet → its rows."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    if change:
        change(book)
    book.save(tmp_path / name)
    return tmp_path / name


def raw_book(tmp_path, rows, start='<?xml version="1.0"?>', name="rows.xlsx"):
    """Write the XML of a workbook of one sheet by hand."""
    with zipfile.ZipFile(tmp_path / name, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("[Content_Types].xml", CONTENT_TYPES)
        file.writestr(
            "_rels/.rels", RELATIONS.format(kind="officeDocument", target="xl/workbook.xml")
        )
        file.writestr("xl/workbook.xml", WORKBOOK)
        file.writestr(
            "xl/_rels/workbook.xml.rels",
            RELATIONS.format(kind="worksheet", target="worksheets/sheet1.xml"),
        )
        file.writestr("xl/worksheets/sheet1.xml", SHEET_XML.format(start=start, rows=rows))
    return tmp_path / name


def text_cell(place, text):
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


def read(path, **options):
    """Return columns of text, None for an empty cell, and the facts."""
    facts = {}
    rows = read_workbook(path, {"sheet": None, "encoding": None, **options}, facts)
    columns = {head: [] for head in (*rows.heads, ROW, SHEET, FAULT, RAW)}
    for block in rows.blocks:
        for head, texts in columns.items():
            texts.extend(block.get(head) or [None] * len(block[ROW]))
    own = {SHEET, FAULT, ROW, RAW}
    return {h: t if h in own else [c or None for c in t] for h, t in columns.items()}, facts


def refused(path, **options):
    with pytest.raises(InputRefusedError) as refusal:
        read(path, **options)
    assert path.name in str(refusal.value)
    assert "\n" not in str(refusal.value)
    return refusal.value


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (252710000012345, "252710000012345"),
        (252710000012345.0, "252710000012345"),
        ("2.5271E+14", "2.5271E+14"),
        (51.2278, "51.2278"),
        (-0.5, "-0.5"),
        (1e-7, "0.0000001"),
        (1e21, "1" + "0" * 21),
        (45751.854166666664, "45751.85416666666"),
        (990, "990"),
        ("0990", "0990"),
        (True, "true"),
        (False, "false"),
        (datetime(2025, 4, 3, 20, 30), "2025-04-03 20:30:00"),
        (datetime(2025, 4, 3, 20, 29, 59, 999700), "2025-04-03 20:30:00"),
        (date(2025, 4, 3), "2025-04-03"),
        (time(20, 30), "20:30:00"),
        (timedelta(hours=24), "24:00:00"),
        (timedelta(hours=25, minutes=5), "25:05:00"),
        ("ул. Абая\nдом 5", "ул. Абая\nдом 5"),
    ],
)
def test_a_typed_cell_becomes_the_text_a_person_would_write(tmp_path, value, text):
    path = written(tmp_path, {"Лист1": [HEADS, [1, value, "x", 51.2], [2, "ә", "y", 51.3]]})
    columns, _ = read(path)
    assert columns["көше"] == [text, "ә"]


def test_a_serial_number_with_the_format_of_a_date_is_rounded_to_the_second(tmp_path):
    def change(book):
        for place, number, form in (
            ("B2", 45751.854166668, "dd.mm.yyyy hh:mm"),  # 20:30:00.0002
            ("B3", 0.854166663, "hh:mm"),  # 20:29:59.9997
            ("B4", 45751.9999999, "dd.mm.yyyy hh:mm"),
        ):
            book["Лист1"][place] = number
            book["Лист1"][place].number_format = form

    rows = [HEADS, *([n, "", "y", 51.2] for n in range(3))]
    columns, _ = read(written(tmp_path, {"Лист1": rows}, change=change))
    assert columns["көше"][:2] == ["2025-04-04 20:30:00", "20:30:00"]
    assert columns["көше"][2] in ("2025-04-05 00:00:00", "2025-04-05")


def test_the_other_date_system_gives_the_same_dates(tmp_path):
    def change(book):
        book.epoch = CALENDAR_MAC_1904

    row = [1, datetime(2025, 4, 3, 20, 30), date(2025, 4, 3), 51.2]
    one, _ = read(written(tmp_path, {"a": [HEADS, row]}, "one.xlsx"))
    other, _ = read(written(tmp_path, {"a": [HEADS, row]}, "other.xlsx", change))
    assert one["көше"] == other["көше"] == ["2025-04-03 20:30:00"]
    assert one["үй"] == other["үй"] == ["2025-04-03"]


def test_an_article_that_became_a_date_is_left_as_that_date(tmp_path):
    rows = [["бап", *HEADS[1:]], ["188-1", "а", "б", 1], [datetime(2025, 12, 1), "а", "б", 1]]
    columns, _ = read(written(tmp_path, {"Лист1": rows}))
    assert columns["бап"] == ["188-1", "2025-12-01"]


def test_an_empty_cell_and_one_of_spaces_hold_nothing(tmp_path):
    rows = [HEADS, [1, None, "y", 51.2], [None] * 4, [2, "z", None, 51.3]]
    columns, _ = read(written(tmp_path, {"Лист1": rows}))
    assert columns["көше"] == [None, "z"]
    assert columns[ROW] == [2, 4]  # the blank row between keeps its number


def test_a_table_away_from_the_corner_keeps_its_row_numbers(tmp_path):
    def change(book):
        sheet = book["Лист1"]
        sheet.insert_rows(1, 6)
        sheet.insert_cols(1, 2)

    path = written(tmp_path, {"Лист1": [HEADS, [1, "а", "б", 5]]}, change=change)
    columns, _ = read(path)
    assert columns["көше"] == ["а"]
    assert columns[ROW] == [8]


def test_sheets_with_the_same_heads_are_one_table(tmp_path):
    sheets = {
        "Титул": [["Отчёт"], ["за 2025 год"]],
        "Қаңтар": [HEADS, [1, "а", "1", 51.1], [2, "б", "2", 51.2]],
        "Ақпан": [HEADS[::-1], [51.3, "3", "в", 3]],
        "Наурыз": [[*HEADS, "ескерту"], [4, "г", "4", 51.4, "жөндеу"]],
        "Справочник": [["код", "мағынасы", "түрі"], [1, "шам", "х"]],
        "Лист9": [],
    }
    columns, facts = read(written(tmp_path, sheets))
    assert columns["көше"] == ["а", "б", "в", "г"]
    assert columns["ескерту"] == [None, None, None, "жөндеу"]
    assert columns[SHEET] == ["Қаңтар", "Қаңтар", "Ақпан", "Наурыз"]
    assert columns[ROW] == [2, 3, 2, 2]
    assert facts["sheets"] == ["Қаңтар", "Ақпан", "Наурыз"]
    assert facts["sheets_skipped"] == {
        "Титул": "other_heads",
        "Справочник": "other_heads",
        "Лист9": "empty",
    }


def test_the_table_with_the_most_rows_is_the_one_that_is_meant(tmp_path):
    sheets = {
        "Коды": [["код", "мағынасы"], [1, "шам"], [2, "х"]],
        "Деректер": [HEADS, *([n, "а", "1", 51.1] for n in range(5))],
    }
    columns, facts = read(written(tmp_path, sheets))
    assert len(columns[ROW]) == 5
    assert facts["sheets"] == ["Деректер"]


def test_a_single_sheet_has_no_name(tmp_path):
    columns, facts = read(written(tmp_path, {"Лист1": [HEADS, [1, "а", "1", 51.1]]}))
    assert columns[SHEET] == [None]
    assert facts["sheets"] == ["Лист1"]


def test_hidden_sheets_are_named_and_read_only_when_asked_for(tmp_path):
    def change(book):
        book["Ескі"].sheet_state = "hidden"
        book["Құпия"].sheet_state = "veryHidden"

    sheets = {name: [HEADS, [1, name, "1", 51.1]] for name in ("Қаңтар", "Ескі", "Құпия")}
    path = written(tmp_path, sheets, change=change)
    columns, facts = read(path)
    assert columns["көше"] == ["Қаңтар"]
    assert facts["hidden_sheets"] == ["Ескі", "Құпия"]
    columns, facts = read(path, sheet="Құпия")
    assert columns["көше"] == ["Құпия"]
    assert facts["hidden_sheets"] == ["Ескі"]
    error = refused(path, sheet="Март")
    assert error.code == "sheet_unknown"
    assert "'Қаңтар', 'Ескі', 'Құпия'" in str(error)


def test_hidden_rows_are_read_and_counted(tmp_path):
    def change(book):
        for row in (3, 4, 40):  # row 40 holds nothing
            book["Лист1"].row_dimensions[row].hidden = True

    rows = [HEADS, *([n, "а", "1", 51.1] for n in range(4))]
    columns, facts = read(written(tmp_path, {"Лист1": rows}, change=change))
    assert columns["№"] == ["0", "1", "2", "3"]
    assert facts["hidden_rows"] == 2


def test_a_merged_cell_holds_for_its_rows_and_a_merged_head_for_itself(tmp_path):
    def change(book):
        for cells in ("A1:D1", "A2:A3", "C2:D2", "B4:B6", "C7:D7"):
            book["Лист1"].merge_cells(cells)

    rows = [
        ["Жарық желісі"],
        ["№", "көше", "координаттар"],
        [None, "атауы", "lat", "lon"],
        [1, "Абай", 51.1, 51.2],
        [2, None, 51.3, 51.4],
        [3, None, 51.5, 51.6],
        [4, None, "белгісіз"],
    ]
    columns, facts = read(written(tmp_path, {"Лист1": rows}, change=change))
    street = next(head for head in columns if "атауы" in head)
    assert columns["№"] == ["1", "2", "3", "4"]
    assert columns[street] == ["Абай", "Абай", "Абай", None]
    assert columns["lon"] == ["51.2", "51.4", "51.6", None]  # merged in one row: no value of each
    assert facts["merged_cells"] == 2
    assert facts["head_rows"] == 2
    assert facts["title_rows"] == 1


def test_a_merge_over_the_border_of_two_blocks_is_filled_on_both_sides(tmp_path, monkeypatch):
    monkeypatch.setattr("data.importers.parsing.sheet_form.BLOCK_ROWS", 3)

    def change(book):
        book["Лист1"].merge_cells("B3:B9")

    rows = [HEADS, *([n, "Абай" if n == 1 else None, "1", 51.1] for n in range(10))]
    columns, facts = read(written(tmp_path, {"Лист1": rows}, change=change))
    assert columns["көше"] == [None, *["Абай"] * 7, None, None]
    assert facts["merged_cells"] == 6


def test_an_error_is_a_fault_of_its_row_even_where_it_stands_alone(tmp_path):
    rows = [
        HEADS,
        [1, "а", "1", 51.1],
        [2, "#N/A", "1", 51.2],
        [3, "#REF!", "#DIV/0!", 51.3],
        [None, "#VALUE!", None, None],
    ]
    columns, facts = read(written(tmp_path, {"Лист1": rows}))
    assert columns["көше"] == ["а", None, None, None]
    assert columns["үй"] == ["1", "1", None, None]
    fault = "көше\tcell_error"
    assert columns[FAULT] == [None, fault, fault, fault]
    assert facts["cell_errors"] == 4
    assert len(set(columns[RAW])) == 4


def test_a_formula_gives_its_last_value_and_without_one_a_fault(tmp_path):
    heads = "".join(map(text_cell, ("A1", "B1", "C1"), ("№", "көше", "lat")))
    rows = (
        f'<row r="1">{heads}</row>'
        '<row r="2"><c r="A2"><v>1</v></c>'
        '<c r="B2" t="str"><f>A1&amp;"x"</f><v>Абай</v></c>'
        '<c r="C2"><f>50+1.5</f><v>51.5</v></c></row>'
        '<row r="3"><c r="A3"><v>2</v></c>'
        '<c r="B3" t="str"><f>""</f><v></v></c><c r="C3"><f>50+1.5</f></c></row>'
        '<row r="4"><c r="C4"><f>50+1.5</f><v/></c></row>'
    )
    columns, facts = read(raw_book(tmp_path, rows))
    assert columns["көше"] == ["Абай", None, None]  # an empty text is a value
    assert columns["lat"] == ["51.5", None, None]
    assert columns[FAULT] == [None, "lat\tcell_error", "lat\tcell_error"]
    assert columns[ROW] == [2, 3, 4]
    assert facts["cell_errors"] == 2


def test_rows_and_cells_without_their_places_are_counted_through(tmp_path):
    def plain(text):
        return f'<c t="inlineStr"><is><t>{text}</t></is></c>'

    rows = (
        f"<row>{plain('№')}{plain('көше')}{plain('lat')}</row>"
        f'<row>{plain(1)}<c t="e"><v>#N/A</v></c>{plain(51.1)}</row>'
        f'<row r="9">{plain(2)}{plain("б")}{plain(51.2)}</row>'
    )
    columns, _ = read(raw_book(tmp_path, rows))
    assert columns["көше"] == [None, "б"]
    assert columns[ROW] == [2, 9]
    assert columns[FAULT] == ["көше\tcell_error", None]


def test_the_digest_of_a_row_is_that_of_its_cells(tmp_path):
    one, _ = read(written(tmp_path, {"a": [HEADS, [1, "а", "1", 5], [2, "б", "1", 5]]}, "one.xlsx"))
    two, _ = read(written(tmp_path, {"b": [HEADS, [2, "б", "1", 5], [1, "а", "1", 5]]}, "two.xlsx"))
    assert one[RAW] == two[RAW][::-1]
    assert all(len(digest) == 32 for digest in one[RAW])


def test_a_workbook_without_rows_is_refused(tmp_path):
    assert refused(written(tmp_path, {"Лист1": [], "Лист2": []})).code == "no_rows"


@pytest.mark.bad_input("B33")
def test_two_cells_in_opposite_corners_are_refused(tmp_path):
    def change(book):
        book["Лист1"]["XFD1048576"] = 1

    path = written(tmp_path, {"Лист1": [HEADS, [1, "а", "1", 5]]}, change=change)
    error = refused(path)
    assert error.code == "sheet_too_large"
    assert "row 1048576, column 16384" in str(error)


def test_empty_cells_with_a_format_do_not_count_to_the_size(tmp_path):
    def change(book):
        book["Лист1"]["XFD1048576"].number_format = "0.00"

    path = written(tmp_path, {"Лист1": [HEADS, [1, "а", "1", 5]]}, change=change)
    columns, _ = read(path)
    assert len(columns[ROW]) == 1


@pytest.mark.bad_input("B38")
def test_a_document_type_in_a_sheet_is_refused(tmp_path):
    start = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>'
    rows = f'<row r="1">{text_cell("A1", "&b;")}{text_cell("B1", "x")}</row>'
    error = refused(raw_book(tmp_path, rows, start))
    assert error.code == "format_mismatch"
    assert "document type" in str(error)


@pytest.mark.parametrize(
    ("part", "content"),
    [
        ("xl/worksheets/sheet1.xml", "<worksheet><sheetData>"),
        ("xl/_rels/workbook.xml.rels", "<Relationships/>"),
        ("xl/workbook.xml", "no xml"),
    ],
)
def test_a_broken_part_is_a_named_refusal(tmp_path, part, content):
    path = raw_book(tmp_path, f'<row r="1">{text_cell("A1", "x")}</row>')
    with zipfile.ZipFile(path) as file:
        members = {name: file.read(name) for name in file.namelist()}
    with zipfile.ZipFile(path, "w") as file:
        for name, old in members.items():
            file.writestr(name, content if name == part else old)
    assert refused(path).code in ("file_damaged", "no_rows")


def test_a_part_that_is_not_there_is_a_named_refusal(tmp_path):
    path = raw_book(tmp_path, "")
    with zipfile.ZipFile(path) as file:
        members = {name: file.read(name) for name in file.namelist() if "sheet1" not in name}
    with zipfile.ZipFile(path, "w") as file:
        for name, old in members.items():
            file.writestr(name, old)
    assert refused(path).code == "file_damaged"


@pytest.mark.bad_input("B33")
def test_a_sheet_that_inflates_without_end_is_refused(tmp_path):
    path = raw_book(tmp_path, " " * (40 << 20))
    assert path.stat().st_size < 100_000
    assert refused(path).code == "archive_unsafe"
