"""A workbook as offices send them, with every oddity planted by hand, and its clean twin.

Both tell of the same incidents of the town drawn by hand. The workbook is written with openpyxl
and mended in its XML where openpyxl is too tidy; nothing of the project writes or reads it here.
`PLANTED` is the list of what was done to which row and what an import must say of it.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

from tests.hand_made_town import incident_lines

COLUMNS = (
    "number", "day", "clock", "article", "lat", "lon", "place", "district", "status", "minor",
    "note",
)  # fmt: skip
UPPER_HEADS = (
    "№ КУИ", "Жасалған", None, "Бап", "Координаты", None, "Место", "Аудан", "Күйі",
    "Несовершеннолетний потерпевший", "Ескертпе",
)  # fmt: skip
LOWER_HEADS = (None, "күні", "уақыты", None, "ендік", "бойлық", None, None, None, None, None)
SHEETS = ("Солтүстік", "Оңтүстік")
TITLES = ("Құқық бұзушылықтар тізімі (ойдан шығарылған)", None, "01.04.2023 – 31.03.2025")
FIRST_ROW = len(TITLES) + 3  # titles, then two rows of heads
ROWS_A_SHEET = 120

ARTICLES = {"theft_robbery": "188", "violence": "106", "disorder": "293"}

Row = dict[str, Any]


@dataclass(frozen=True)
class Oddity:
    """What was done to one row.

    Attributes
    ----------
    name
        For a person.
    change
        Takes the clean row (times as ``datetime``) and returns the cells to write.
    code
        Reason for which the row is put aside; None where it reads as in the clean twin.
    field
        Column of the fault, as `COLUMNS` name it.
    """

    name: str
    change: Callable[[Row], Row]
    code: str | None = None
    field: str | None = None


def _with(**cells: Any) -> Callable[[Row], Row]:
    return lambda row: {**row, **cells}


def _day(form: Callable[[dt.datetime], Any]) -> Callable[[Row], Row]:
    """Write day and time in one cell."""
    return lambda row: {**row, "day": form(row["at"]), "clock": None}


RU_MONTHS = (
    "января", "февраля", "марта", "апреля", "мая", "июня",
    "июля", "августа", "сентября", "октября", "ноября", "декабря",
)  # fmt: skip
KK_MONTHS = (
    "қаңтар", "ақпан", "наурыз", "сәуір", "мамыр", "маусым",
    "шілде", "тамыз", "қыркүйек", "қазан", "қараша", "желтоқсан",
)  # fmt: skip
EXCEL_DAY_ZERO = dt.datetime(1899, 12, 30)


def _russian(at: dt.datetime) -> str:
    return f"{at.day} {RU_MONTHS[at.month - 1]} {at.year} г. {at:%H:%M}"


def _kazakh(at: dt.datetime) -> str:
    return f"{at.year} жылғы {at.day} {KK_MONTHS[at.month - 1]} {at:%H:%M}"


def _article(form: str) -> Callable[[Row], Row]:
    return lambda row: {**row, "article": form.format(row["article"])}


READ_AS_THEY_ARE = (
    Oddity("a day and time as one text", _day(lambda at: f"{at:%d.%m.%Y %H:%M}")),
    Oddity("seconds after the minutes", _day(lambda at: f"{at:%d.%m.%Y %H:%M}:00")),
    Oddity("an ISO time", _day(lambda at: f"{at:%Y-%m-%d %H:%M}")),
    Oddity("an ISO time with a T", _day(lambda at: f"{at:%Y-%m-%dT%H:%M:%S}")),
    Oddity("a true date cell", _day(lambda at: at)),
    Oddity("an Excel serial number", _day(lambda at: (at - EXCEL_DAY_ZERO) / dt.timedelta(days=1))),
    Oddity("a year of two digits", _day(lambda at: f"{at:%d.%m.%y %H:%M}")),
    Oddity("the month in Russian", _day(_russian)),
    Oddity("the month in Kazakh", _day(_kazakh)),
    Oddity("a dot in the time", _day(lambda at: f"{at:%d.%m.%Y %H.%M}")),
    Oddity("slashes in the day", _day(lambda at: f"{at:%d/%m/%Y %H:%M}")),
    Oddity("spaces around the day", _day(lambda at: f"  {at:%d.%m.%Y %H:%M}\u00a0")),
    Oddity("a true time cell", lambda row: {**row, "clock": row["at"].time()}),
    Oddity("the article in words", _article("ст.{} ч.3")),
    Oddity("the article in Kazakh", _article("{}-бап 3-бөлігі")),
    Oddity("a Latin c in the article", _article("cт. {} ч.3")),
    Oddity("the article with its code", _article("ст. {} УК РК")),
    Oddity("the article as a number", lambda row: {**row, "article": int(row["article"])}),
    Oddity("the article as a layer's code", _article("{}0")),
    Oddity("a soft hyphen in a word", _with(place="ули\u00adца")),
    Oddity("a word in capitals", _with(place="УЛИЦА")),
    Oddity("a Kazakh word", _with(place="көше")),
    Oddity("a coordinate as text", lambda row: {**row, "lat": str(row["lat"])}),
    Oddity("a space before a coordinate", lambda row: {**row, "lon": f" {row['lon']}"}),
    Oddity("a number of an office in the note", _with(note="БСН 990440001234")),
    Oddity("a number of a pole in the note", _with(note="тірек 120000000017")),
)  # fmt: skip

PUT_ASIDE = (
    Oddity("no coordinates", _with(lat=None, lon=None), "coord_missing", "lat"),
    Oddity("the zero island", _with(lat=0, lon=0), "coord_missing", "lat"),
    Oddity("a latitude beyond the pole", _with(lat=151.2), "coord_out_of_range", "lat"),
    Oddity("infinity", _with(lat="1e999"), "coord_not_finite", "lat"),
    Oddity("a hexadecimal number", _with(lat="0x33"), "coord_not_number", "lat"),
    Oddity("one decimal comma among points", _with(lat="51,2301"), "coord_not_number", "lat"),
    Oddity("degrees and minutes", _with(lat="51°13′40″"), "coord_not_number", "lat"),
    Oddity("a place in another town", _with(lat=43.25, lon=76.95), "outside_region", "lat"),
    Oddity("no day", _with(day=None, clock=None), "time_missing", "day"),
    Oddity("the thirtieth of February", _with(day="30.02.2024"), "time_invalid", "day"),
    Oddity("twenty-five o'clock", _with(clock="25:10"), "time_invalid", "day"),
    Oddity("the year 1900", _with(day="01.01.1900"), "time_invalid", "day"),
    Oddity("a day to come", _with(day="01.01.2095"), "time_in_future", "day"),
    Oddity("a day in words that say nothing", _with(day="белгісіз"), "time_invalid", "day"),
    Oddity("an article that became a day", _with(article=dt.datetime(2001, 12, 1)),
           "article_is_date", "article"),
    Oddity("an error cell", _with(lat="#N/A"), "cell_error", "lat"),
    Oddity("a strange state", _with(status="қызық"), "word_unknown", "status"),
    Oddity("neither yes nor no", _with(minor="мүмкін"), "word_unknown", "minor"),
    Oddity("a telephone in the note", _with(note="тел. +7 701 000 00 00"), "pii_in_text", "note"),
    Oddity("a person's number in the note", _with(note="ЖСН 050415500018"), "pii_in_text", "note"),
    Oddity("letters that turn the line", _with(status="abc\u202edef"), "text_unsafe", "status"),
)  # fmt: skip
"""The digits of the two numbers are invented; the second keeps the control digit's rule."""


@dataclass(frozen=True)
class Planted:
    """One oddity where it stands: sheet and row as a person sees them."""

    oddity: Oddity
    sheet: str
    row: int


def clean_rows() -> list[Row]:
    """Return the incidents of the town: what the twin holds."""
    rows = []
    for number, line in enumerate(incident_lines(2 * ROWS_A_SHEET)):
        at, group, _, _, lat, lon = line.split(",")
        rows.append(
            {
                "number": f"К-{number:04d}",
                "at": dt.datetime.strptime(at, "%Y-%m-%d %H:%M"),
                "article": ARTICLES[group],
                "lat": float(lat),
                "lon": float(lon),
                "place": "улица",
                "district": SHEETS[number // ROWS_A_SHEET],
                "status": None,
                "minor": "жоқ",
                "note": None,
            }
        )
    return rows


def write_twin(path: Path, planted: list[Planted]) -> Path:
    """Write as plain CSV what an import must make of the workbook."""
    lost = {(one.sheet, one.row) for one in planted if one.oddity.code}
    with_part = {
        (one.sheet, one.row)
        for one in planted
        if one.oddity.name.startswith(("the article in", "a Latin c"))
    }
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["external_id", "occurred_at", "article", "part", "lat", "lon",
                         "place_type", "district", "victim_minor"])  # fmt: skip
        for number, row in enumerate(clean_rows()):
            sheet, line = _position(number)
            if (sheet, line) in lost:
                continue
            part = 3 if (sheet, line) in with_part else None
            writer.writerow([row["number"], f"{row['at']:%Y-%m-%d %H:%M}", row["article"], part,
                             row["lat"], row["lon"], "street", row["district"], "no"])  # fmt: skip
    return path


def write_workbook(path: Path) -> list[Planted]:
    """Write the workbook; return what was planted where."""
    oddities = [*READ_AS_THEY_ARE, *PUT_ASIDE]
    # Every fourth row from the third on bears one.
    places = {3 + 4 * number: oddity for number, oddity in enumerate(oddities)}
    book = openpyxl.Workbook()
    book.remove(book.active)
    planted = []
    sheets = {name: _new_sheet(book, name) for name in SHEETS}
    for number, clean in enumerate(clean_rows()):
        row = {**clean, "day": f"{clean['at']:%d.%m.%Y}", "clock": f"{clean['at']:%H:%M}"}
        name, line = _position(number)
        if number in places:
            row = places[number].change(row)
            planted.append(Planted(places[number], name, line))
        for column, field in enumerate(COLUMNS, start=1):
            cell = sheets[name].cell(line, column, row[field])
            if isinstance(row[field], str) and row[field].startswith(("=", "#")):
                cell.data_type = "e" if row[field].startswith("#") else "f"
    for sheet in sheets.values():
        _untidy(sheet)
    _strange_sheets(book)
    book.save(path)
    return planted


# -------------------------------------------------------------------------------------------


def _position(number: int) -> tuple[str, int]:
    return SHEETS[number // ROWS_A_SHEET], FIRST_ROW + number % ROWS_A_SHEET


def _new_sheet(book: openpyxl.Workbook, name: str) -> Worksheet:
    sheet = book.create_sheet(name)
    for line, title in enumerate(TITLES, start=1):
        sheet.cell(line, 1, title)
    for column, (upper, lower) in enumerate(zip(UPPER_HEADS, LOWER_HEADS, strict=True), start=1):
        sheet.cell(FIRST_ROW - 2, column, upper)
        sheet.cell(FIRST_ROW - 1, column, lower)
        if upper and not lower:
            sheet.merge_cells(None, FIRST_ROW - 2, column, FIRST_ROW - 1, column)
    sheet.merge_cells(None, FIRST_ROW - 2, 2, FIRST_ROW - 2, 3)
    sheet.merge_cells(None, FIRST_ROW - 2, 5, FIRST_ROW - 2, 6)
    return sheet


def _untidy(sheet: Worksheet) -> None:
    """Merge the district down the sheet, hide two rows, end with sums."""
    last = FIRST_ROW + ROWS_A_SHEET - 1
    sheet.merge_cells(None, FIRST_ROW, 8, last, 8)
    for line in (FIRST_ROW + 1, FIRST_ROW + 5):
        sheet.row_dimensions[line].hidden = True
    sheet.cell(last + 2, 1, "Барлығы / Итого")
    sheet.cell(last + 2, 4, ROWS_A_SHEET)


def _strange_sheets(book: openpyxl.Workbook) -> None:
    legend = book.create_sheet("Анықтама")
    for line in (("код", "мағынасы"), ("188", "ұрлық"), ("293", "бұзақылық")):
        legend.append(line)
    hidden = book.create_sheet("ескі")
    hidden.append(UPPER_HEADS)
    hidden.append(["К-9999", "01.01.2024", "10:00", "188", 51.23, 51.37, "улица", "x"])
    hidden.sheet_state = "hidden"
