"""The report of an import: a workbook to take away, and the lines of a terminal.

Both are made from the report as JSON values (``ImportReport.to_json``), to which the caller may
add ``files``, ``noun``, ``import_id``, ``imported_at``, ``dry_run``, ``error`` (``code``,
``message``) and ``evidence`` (of a proposed mapping: ``field``, ``head``, ``code`` and its facts).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from maps.import_texts import (
    evidence_text,
    finding_label,
    inferred_label,
    label,
    note_text,
    refusal_reason,
    row_reason,
)
from maps.import_values import value_text
from maps.reports.workbooks import MOST_ROWS, Heads, Sheet, render_workbook
from maps.translations import check_language

Row = Sequence[object]

COUNTS = (
    "rows_read", "accepted", "versions", "quarantined", "outside_region", "duplicate",
    "covers_from", "covers_to",
)  # fmt: skip


def render_import_report(report: dict[str, Any], lang: str) -> bytes:
    """Return the report as an XLSX file of four sheets.

    Parameters
    ----------
    report
        As the module says; every refused row that it lists is written.
    lang
        ``kk``, ``ru`` or ``en``.

    Raises
    ------
    UsageError
        ``language_unknown``.
    """
    check_language(lang)
    return render_workbook([
        Sheet(label("summary", lang), _summary(report, lang), (44, 60, 12)),
        Sheet(label("refused", lang), _refused(report, lang), (24, 16, 8, 24, 26, 90), True),
        Sheet(label("understood", lang), _understood(report, lang), (34, 34, 70)),
        Sheet(label("findings", lang), _findings(report, lang), (44, 34, 12, 12)),
    ])  # fmt: skip


# -------------------------------------------------------------------------------------------


def _summary(report: dict[str, Any], lang: str) -> Iterator[Row]:
    error = report.get("error")
    if error:
        yield Heads((label("error", lang), refusal_reason(error["code"], lang), error["code"]))
        yield ("", error.get("message"))
    for file in report.get("files", ()):
        yield (label("file", lang), file)
    yield (label("source", lang), report.get("source"))
    for name in COUNTS:
        if report.get(name) is not None:
            yield (label(name, lang), report[name])
    if report.get("reasons"):
        yield ()
        yield Heads((label("code", lang), label("reason", lang), label("rows", lang)))
        for code, count in sorted(report["reasons"].items(), key=lambda item: (-item[1], item[0])):
            yield (code, row_reason(code, lang), count)
    if report.get("warnings"):
        yield ()
        yield Heads((label("code", lang), label("note", lang)))
        for note in report["warnings"]:
            yield (note.partition(": ")[0], note_text(note, lang))


def _refused(report: dict[str, Any], lang: str) -> Iterator[Row]:
    names = ("file", "sheet", "row", "column", "code")
    yield Heads((*(label(name, lang) for name in names), label("reason", lang)))
    for fault in report.get("refused_rows", ())[: MOST_ROWS - 1]:
        yield (*(fault.get(name) for name in names), row_reason(fault["code"], lang))


def _understood(report: dict[str, Any], lang: str) -> Iterator[Row]:
    inferred = {key: value for key, value in report.get("inferred", {}).items() if key != "columns"}
    if inferred:
        yield Heads((label("inferred", lang),))
        for key, value in sorted(inferred.items()):
            yield (inferred_label(key, lang), _told(value, lang))
        yield ()
    mapping = report.get("mapping") or {"columns": report.get("inferred", {}).get("columns", {})}
    yield Heads((label("mapping", lang),))
    for key, value in mapping.items():
        if key != "columns":
            yield (key, _told(value, "en"))
    yield Heads((label("field", lang), label("head", lang), label("evidence", lang)))
    why = {one["head"]: one for one in report.get("evidence", ())}
    for field, head in mapping.get("columns", {}).items():
        told = why.pop(head, None)
        yield (field, head, told and evidence_text(told, lang))
    for head, told in why.items():
        yield (label("open", lang), head, evidence_text(told, lang))
    yield from _preview(report, lang)


def _preview(report: dict[str, Any], lang: str) -> Iterator[Row]:
    rows = report.get("preview") or ()
    if not rows:
        return
    yield ()
    yield Heads((label("preview", lang),))
    fields = list(dict.fromkeys(name for row in rows for name in row))
    yield Heads(fields)
    for row in rows:
        yield [row.get(name) for name in fields]


def _findings(report: dict[str, Any], lang: str) -> Iterator[Row]:
    yield Heads((
        label("findings", lang), label("what", lang), label("rows", lang), label("share", lang),
    ))  # fmt: skip
    for name, found in sorted(report.get("findings", {}).items()):
        yield from finding_rows(name, found, lang)


def finding_rows(name: str, found: Any, lang: str) -> Iterator[Row]:
    """Tell a finding as rows of (name, what, rows, share), whatever form its value has."""
    title = finding_label(name, lang)
    if isinstance(found, dict) and set(found) == {"by_file"}:
        for file, one in found["by_file"].items():
            for row in finding_rows(name, one, lang):
                yield (f"{row[0]} – {file}", *row[1:])
    elif isinstance(found, dict):
        if "rows" in found:
            yield (title, "", found["rows"], found.get("share"))
        for key, value in found.items():
            if isinstance(value, dict):
                yield from _shares(f"{title} {finding_label(key, lang)}", value)
            elif key not in ("rows", "share") and value is not None:
                number = isinstance(value, int) and not isinstance(value, bool)
                what = finding_label(str(key), lang)
                yield (
                    (title, what, value) if number else (title, what, None, _said(key, value, lang))
                )
    elif isinstance(found, list):
        for one in found:
            what = ", ".join(
                str(_said(key, value, lang))
                for key, value in one.items()
                if key not in ("rows", "share")
            )
            yield (title, what, one.get("rows"), one.get("share"))
    else:
        yield (title, "", found)


def _shares(title: str, found: dict[str, Any]) -> list[Row]:
    """List names with their rows, and their share where it is known, the most rows first."""
    known = {name: one if isinstance(one, dict) else {"rows": one} for name, one in found.items()}
    ordered = sorted(known.items(), key=lambda item: (-(item[1].get("rows") or 0), item[0]))
    return [(title, name or "–", one.get("rows"), one.get("share")) for name, one in ordered]


def _said(key: object, value: Any, lang: str) -> object:
    """Return a value of a finding; a word that has one meaning under its key is translated."""
    told = finding_label(f"{key}:{value}", lang)
    return _told(value, lang) if told == f"{key}:{value}" else told


def _told(value: Any, lang: str) -> object:
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return value_text(value, lang) if isinstance(value, str) and lang != "en" else value
