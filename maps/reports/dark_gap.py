"""The dark gap as a table for a budget: the sections in their order, and the town by month."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from geo import columns as c
from maps.asset_words import LIGHT_STATES, MINUTES_IN_THE_DARK
from maps.dark_gap_texts import part_of_day_text
from maps.reports.cells import cell_value
from maps.reports.workbooks import Heads, Sheet, render_workbook
from maps.translations import catalogue, check_language
from maps.words import N_

Row = Sequence[object]

_HEADS = (
    N_("No."), N_("Street section"), N_("Light"), N_("Unlit, m"), N_("Light not known, m"),
    N_("Pupils a day"), N_("Schools"),
)  # fmt: skip
_MINUTES = (c.UNLIT_DARK_MINUTES, c.LIT_DARK_MINUTES, c.UNKNOWN_DARK_MINUTES, c.CHILD_MINUTES)


def render_dark_gap(answer: Mapping[str, Any], lang: str) -> bytes:
    """Return the dark gap as an XLSX file: sections, months, windows, and how to read them.

    Parameters
    ----------
    answer
        Of the service: ``sections``, ``town``, ``sentence``, ``notes``, ``run_id``, ``as_of``.
    lang
        ``kk``, ``ru`` or ``en``.

    Raises
    ------
    UsageError
        ``language_unknown``.
    """
    check_language(lang)
    say = catalogue(lang).gettext
    town = answer["town"]
    return render_workbook([
        Sheet(say("Sections"), _sections(answer, lang), (6, 60, 14, 10, 12, 12, 34), True),
        Sheet(say("Months"), _sums(say("Month"), town["by_month"], "month", lang), (34,), True),
        Sheet(say("Times of day"), _sums(say("Time of day"), town["by_window"], c.WINDOW, lang),
              (34,), True),
        Sheet(say("How to read it"), _notes(answer), (120,)),
    ])  # fmt: skip


def render_dark_gap_table(answer: Mapping[str, Any], lang: str) -> bytes:
    """Return the sections alone as a CSV file that spreadsheets open in its own letters.

    Raises
    ------
    UsageError
        ``language_unknown``.
    """
    check_language(lang)
    written = io.StringIO()
    table = csv.writer(written)
    table.writerows([cell_value(value) for value in row] for row in _sections(answer, lang))
    return written.getvalue().encode("utf-8-sig")


# -------------------------------------------------------------------------------------------


def _sections(answer: Mapping[str, Any], lang: str) -> Iterator[Row]:
    say = catalogue(lang).gettext
    minutes = [say(MINUTES_IN_THE_DARK[name]) for name in _MINUTES]
    last = [say("Share of the town so far"), "section_id"]
    yield Heads([*map(say, _HEADS), *minutes, *last])
    for feature in answer["sections"]["features"]:
        row = feature["properties"]
        yield [
            row["rank"],
            row["label"],
            say(LIGHT_STATES[row[c.LIGHT]]),
            row[c.UNLIT_M],
            row[c.UNKNOWN_LIGHT_M],
            row[c.PUPILS],
            ", ".join(row["schools"]),
            *(row[name] for name in _MINUTES),
            row["cumulative_share"],
            row[c.SECTION_ID],
        ]


def _sums(head: str, rows: Sequence[Mapping[str, Any]], by: str, lang: str) -> Iterator[Row]:
    say = catalogue(lang).gettext
    yield Heads([head, *(say(MINUTES_IN_THE_DARK[name]) for name in _MINUTES)])
    for row in rows:
        name = part_of_day_text(row[by], lang) if by == c.WINDOW else row[by]
        yield [name, *(row[minutes] for minutes in _MINUTES)]


def _notes(answer: Mapping[str, Any]) -> Iterator[Row]:
    yield [answer["sentence"]]
    for note in answer["notes"]:
        yield [note]
    first, last = answer["period"] or ("", "")
    yield [f"{answer['run_id']} · {answer['as_of']} · {first} – {last}"]
