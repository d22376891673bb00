"""What came of the rows of a file: the report of an import as a page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from maps.formats import date_text, number_text, percent_text
from maps.import_texts import inferred_label, label, note_text, row_reason
from maps.import_values import value_text
from maps.job_texts import moment_text, problem_text
from maps.labels import shown_text
from maps.pages.clerk import ClerkPage, Page, Row, import_lead, render_clerk
from maps.reports.import_report import finding_rows
from maps.translations import catalogue

COUNTS = ("rows_read", "accepted", "versions", "quarantined", "duplicate")
MOST_REFUSED, MOST_FINDINGS = 100, 40
_NOT_SHOWN = {"columns", "heads"}


def render_import(page: ClerkPage, one: Row) -> Page:
    """Render the report of an import from the ledger's line and its ``refused_rows``."""
    say = catalogue(page.lang).gettext
    address = f"{page.base_path}/imports/{one['import_id']}"
    links = [
        {
            "href": f"{address}/report.xlsx?lang={page.lang}",
            "word": say("Report as a workbook"),
        },
        {"href": f"{address}/report.json", "word": say("Report as JSON")},
    ]
    withdrawn = one.get("withdrawn_at")
    if withdrawn is None and one["noun"] != "osm":
        own_address = f"{page.home}/imports/{one['import_id']}/withdraw"
        links.append({"href": own_address, "word": say("Take back")})
    values = {
        **report_values(page, one, one["refused_rows"], refused_open=True),
        "lead": import_lead(page, one),
        "problem": "",
        "detail": "",
        "withdrawn": withdrawn
        and say("This import was taken back: {when}.").format(
            when=moment_text(withdrawn, page.time_zone, page.lang)
        ),
        "links": links,
        "can_build": True,
    }
    own = {**report_words(page), "build": say("Make a new map")}
    title = say("Import No. {number}").format(number=one["import_id"])
    return render_clerk(page, "clerk_report.html", title, own, values)


def render_job_report(page: ClerkPage, job: Row, refused: Sequence[Row]) -> Page:
    """Render what came of an import whose line in the ledger is not known by its number."""
    say = catalogue(page.lang).gettext
    error = job["error"]
    told = job["result"] or (error or {}).get("facts", {})
    address = f"{page.home}/jobs/{job['job_id']}"
    links = [{"href": f"{address}/report.xlsx", "word": say("Report as a workbook")}]
    values = {
        **report_values(page, told, refused, refused_open=True),
        "lead": shown_text(str(job["label"] or "")),
        "problem": problem_text(error["code"], page.lang) if error else "",
        "detail": shown_text(str((error or {}).get("message", ""))),
        "withdrawn": "",
        "links": links if told.get("rows_read") is not None else [],
        "can_build": error is None,
    }
    own = {**report_words(page), "build": say("Make a new map")}
    title = say("The file was not taken") if error else say("The file was brought in")
    return render_clerk(page, "clerk_report.html", title, own, values)


def report_words(page: ClerkPage) -> dict[str, str]:
    """Return the words of a report's parts."""
    say = catalogue(page.lang).gettext
    names = ("findings", "refused", "row", "column", "rows", "reason", "what", "share")
    return {
        **{name: label(name, page.lang) for name in names},
        "warnings": say("Please look at this"),
        "reasons": say("Why rows were refused"),
        "finding": say("Finding"),
        "understood": say("What was understood"),
    }


def report_values(
    page: ClerkPage, told: Row, refused: Sequence[Row], *, refused_open: bool
) -> dict[str, Any]:
    """Return what the templates of a report show.

    Parameters
    ----------
    told
        The report as JSON values, or the ledger's line.
    refused
        Its refused rows: ``row, column, code``.
    refused_open
        Whether their list is open from the start.
    """
    lang = page.lang
    reasons = sorted(told.get("reasons", {}).items(), key=lambda one: (-one[1], one[0]))
    left_out = len(refused) - MOST_REFUSED
    say = catalogue(lang).gettext
    return {
        "counts": [
            {"code": name, "word": label(name, lang), "number": number_text(told[name], lang)}
            for name in COUNTS
            if told.get(name) is not None and (told[name] or name != "versions")
        ],
        "warnings": [_sentence(note_text(note, lang)) for note in told.get("warnings") or ()],
        "reasons": [
            {"number": number_text(count, lang), "text": row_reason(code, lang)}
            for code, count in reasons
        ],
        "refused": [
            {
                "row": one["row"],
                "column": shown_text(str(one.get("column") or "")),
                "text": row_reason(one["code"], lang),
            }
            for one in refused[:MOST_REFUSED]
        ],
        "refused_open": refused_open,
        "refused_more": say("… and {count} more").format(count=left_out) if left_out > 0 else "",
        "findings": list(_findings(told, lang))[:MOST_FINDINGS],
        "understood": list(_understood(told, lang)),
    }


# -------------------------------------------------------------------------------------------


def _findings(told: Row, lang: str) -> Iterator[Row]:
    for name, found in sorted((told.get("findings") or {}).items()):
        for row in finding_rows(name, found, lang):
            title, what, rows, share = [*row, None, None, None][:4]
            yield {
                "title": shown_text(str(title)),
                "what": shown_text(str(what or "")),
                "rows": number_text(rows, lang) if isinstance(rows, int | float) else rows or "",
                "share": percent_text(share, lang) if isinstance(share, int | float) else "",
            }


def _understood(told: Row, lang: str) -> Iterator[Row]:
    for key, value in sorted((told.get("inferred") or {}).items()):
        if key not in _NOT_SHOWN and value not in (None, "", [], {}):
            yield {"word": inferred_label(key, lang), "value": _told(value, lang)}
    for key in ("covers_from", "covers_to"):
        if told.get(key):
            yield {"word": label(key, lang), "value": _told(told[key], lang)}


def _told(value: Any, lang: str) -> str:
    if isinstance(value, dict):
        return "; ".join(
            f"{value_text(shown_text(str(key)), lang)}: {_told(inner, lang)}"
            for key, inner in value.items()
        )
    if isinstance(value, list | tuple):
        return ", ".join(_told(inner, lang) for inner in value)
    if isinstance(value, bool):
        say = catalogue(lang).gettext
        return say("yes") if value else say("no")
    if isinstance(value, int | float):
        return number_text(value, lang, digits=3)
    if hasattr(value, "year"):
        return date_text(value, lang)
    return value_text(_sentence(str(value)), lang)


def _sentence(text: str) -> str:
    """Return a sentence from outside as one line, however long it is (up to 600 letters)."""
    words = "".join(letter if letter.isprintable() else " " for letter in text).split()
    return " ".join(words)[:600]
