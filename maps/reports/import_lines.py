"""The report of an import as lines for a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from maps.formats import percent_text
from maps.import_texts import inferred_label, note_text, row_reason, sentence
from maps.import_values import value_text
from maps.reports.import_report import finding_rows
from maps.translations import check_language

LISTED = 20
"""Refused rows that a terminal shows; the workbook lists them all."""

LISTED_A_FINDING = 8


def import_report_lines(report: dict[str, Any], lang: str) -> list[str]:
    """Return the lines: counts, reasons, first refused rows, what was understood, notes.

    Raises
    ------
    UsageError
        ``language_unknown``.
    """
    check_language(lang)
    return [
        _counts(report, lang),
        *(
            f"  {code}: {count} – {row_reason(code, lang)}"
            for code, count in sorted(report["reasons"].items())
        ),
        *_refused(report, lang),
        *_understood(report, lang),
        *_findings(report, lang),
        *(
            "  " + sentence("note", lang, {"text": note_text(note, lang)})
            for note in report["warnings"]
        ),
    ]


# -------------------------------------------------------------------------------------------


def _counts(report: dict[str, Any], lang: str) -> str:
    names = {"read": "rows_read"} | {
        name: name for name in ("accepted", "quarantined", "duplicate")
    }
    told = sentence("counts", lang, {short: report[name] for short, name in names.items()})
    if report.get("dry_run"):
        return f"{told} ({sentence('dry_run', lang, {})})"
    numbers = ", ".join(map(str, report.get("import_ids", ())))
    return told + (f"; {sentence('kept_as', lang, {'numbers': numbers})}" if numbers else "")


def _refused(report: dict[str, Any], lang: str) -> Iterator[str]:
    rows = report.get("refused_rows", [])
    for fault in rows[:LISTED]:
        name = "place_sheet" if fault.get("sheet") else "place"
        place = sentence(name, lang, {**fault, "column": fault.get("column") or "–"})
        file = f"{fault['file']}, " if fault.get("file") else ""
        yield f"    {file}{place}: {fault['code']}"
    more = max(0, len(rows) - LISTED) + report.get("refused_rows_left_out", 0)
    if more > 0:
        yield "    " + sentence("more", lang, {"count": more})


def _understood(report: dict[str, Any], lang: str) -> Iterator[str]:
    for key, value in sorted(report["inferred"].items()):
        told = {"key": inferred_label(key, lang) if lang != "en" else key, "value": value}
        if isinstance(value, dict):
            told["value"] = ", ".join(f"{name}={one}" for name, one in value.items())
        elif isinstance(value, str) and lang != "en":
            told["value"] = value_text(value, lang)
        yield "  " + sentence("understood", lang, told)


def _findings(report: dict[str, Any], lang: str) -> Iterator[str]:
    for name, found in sorted(report.get("findings", {}).items()):
        for row in islice(finding_rows(name, found, lang), LISTED_A_FINDING):
            told = [_told(value, lang) for value in row[1:] if value not in (None, "")]
            yield f"  {row[0]}: {' · '.join(told)}"


def _told(value: object, lang: str) -> str:
    return percent_text(value, lang) if isinstance(value, float) and value <= 1 else str(value)
