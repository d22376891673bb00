"""What was understood of a file, and the form that changes or confirms it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from maps import clerk_words
from maps.import_texts import evidence_text, inferred_label, label
from maps.import_values import value_text
from maps.job_texts import field_text, noun_text, problem_text
from maps.labels import shown_text
from maps.pages.clerk import ClerkPage, Page, Row, render_clerk
from maps.pages.imports import report_values, report_words
from maps.translations import catalogue

ENCODINGS = ("utf-8", "cp1251", "kz1048", "cp866", "utf-16", "koi8-r")
CRS = ("EPSG:4326", "EPSG:3857", *(f"EPSG:{32600 + zone}" for zone in range(38, 46)))
_INSIDE = {"identity", "h3_cell", "address_key", "import_id", "content"}
"""Columns of the store that say nothing to a person."""

_FIRST = {"occurred_at", "lat", "lon", "article", "address", "external_id", "name", "arrived_at"}
"""Fields that are shown first also where the file seems to have no such column."""
_SHORT = ("date_order", "encoding", "crs", "sheet", "source")


@dataclass(frozen=True)
class Look:
    """A file that was looked at.

    Attributes
    ----------
    job_id, noun, label
        Of the job that looked at it.
    told
        The report as JSON values; empty where the file could not be read at all.
    error
        ``code`` and ``message`` where the file is refused as it is.
    fields, heads
        Fields that its columns can be, and the heads to choose from.
    options
        What the form shows: ``mapping`` with ``columns``, and ``crs`` and so on.
    preview, refused
        First rows as understood; refused rows.
    changed
        Whether it was to be imported but for a change, whose effect is to be seen first.
    """

    job_id: str
    noun: str
    label: str
    told: Row
    error: Row | None
    fields: Sequence[str]
    heads: Sequence[str]
    options: Row
    preview: Sequence[Row] = ()
    refused: Sequence[Row] = ()
    changed: bool = False


def render_look(page: ClerkPage, look: Look) -> Page:
    """Render what was understood of a file, with the form that changes or confirms it."""
    say = catalogue(page.lang).gettext
    own = {
        "columns": say("Which column is what?"),
        "columns_note": say("Choose another column where the guess is wrong, then look again."),
        "no_column": say("– not in the file –"),
        "other_columns": say("What else a column can be"),
        "options": say("How the file is written"),
        "by_itself": say("– find out –"),
        "date_order": inferred_label("date_order", page.lang),
        "encoding": inferred_label("encoding", page.lang),
        "crs": inferred_label("crs", page.lang),
        "sheet": label("sheet", page.lang),
        "source": label("source", page.lang),
        "changed": say("Something was changed. See what comes of it, then import."),
        "keep_mapping": say("Remember these columns for the next files of this source"),
        "look_again": say("Look again"),
        "import_now": say("Bring it in"),
        "preview": label("preview", page.lang),
    }
    told, chosen = look.told, look.options.get("mapping", {}).get("columns", {})
    shown_fields = [
        name
        for name in dict.fromkeys(name for row in look.preview for name in row)
        if name not in _INSIDE and any(row.get(name) is not None for row in look.preview)
    ]
    columns = list(_columns(page, look, chosen)) if look.heads else []
    values = {
        **report_values(page, told, look.refused, refused_open=look.error is not None),
        "lead": f"{noun_text(look.noun, page.lang)} · {shown_text(look.label)}",
        "here": f"{page.home}/jobs/{look.job_id}",
        "problem": problem_text(look.error["code"], page.lang) if look.error else "",
        "detail": shown_text(str((look.error or {}).get("message", ""))),
        "changed": look.changed,
        "importable": look.error is None,
        "columns": [one for one in columns if one["first"]],
        "other_columns": [one for one in columns if not one["first"]],
        "heads": [shown_text(head) for head in look.heads],
        "options": {name: look.options.get(name, "") for name in _SHORT},
        "options_open": look.error is not None,
        "date_orders": [
            {"code": code, "word": say(word)} for code, word in clerk_words.DATE_ORDERS.items()
        ],
        "encodings": ENCODINGS,
        "crs": CRS,
        "preview_heads": [field_text(name, page.lang) for name in shown_fields],
        "preview": [
            [_cell(row.get(name), page.lang) for name in shown_fields] for row in look.preview
        ],
    }
    title = say("Check the file") if look.error is None else say("The file is refused as it is")
    return render_clerk(page, "clerk_preview.html", title, {**report_words(page), **own}, values)


# -------------------------------------------------------------------------------------------


def _columns(page: ClerkPage, look: Look, chosen: Row) -> Iterator[Row]:
    why = {
        one["field"]: evidence_text(one, page.lang)
        for one in look.told.get("evidence", ())
        if one.get("field") and chosen.get(one["field"]) == one["head"]
    }
    for name in look.fields:
        yield {
            "field": name,
            "word": field_text(name, page.lang),
            "head": look.heads.index(chosen[name]) if name in chosen else -1,
            "why": why.get(name, ""),
            "first": name in chosen or name in _FIRST,
        }


def _cell(value: Any, lang: str) -> str:
    if value is None:
        return ""
    return value_text(shown_text(str(value)), lang)
