"""What ``import`` and ``import show`` print and write of a report."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.commands.output import print_result
from geo.errors import SafeRegionError

if TYPE_CHECKING:
    from data.importers.proposal import Evidence, Proposal

Language = Annotated[str, typer.Option("--lang", help="Of the words: kk, ru or en.")]
ReportFile = Annotated[
    Path | None,
    typer.Option("--report", metavar="FILE.xlsx", help="Write the whole report as a workbook."),
]
LISTED_IN_PREVIEW = 20


def show_report(
    report: dict[str, Any], *, file: Path | None, lang: str, as_json: bool, more: list[str]
) -> None:
    """Write the workbook where one is asked for, and print the report with further lines."""
    from maps.import_texts import row_reason
    from maps.reports.import_lines import import_report_lines

    for fault in report["refused_rows"]:
        fault["reason"] = row_reason(fault["code"], lang)
    lines = import_report_lines(report, lang) if not as_json else []
    write_report(report, file, lang)
    print_result(report, as_json=as_json, lines=[*lines, *more])


def write_report(report: dict[str, Any], file: Path | None, lang: str) -> None:
    """Write the workbook where one is asked for."""
    from data.sealed_folders import replace_file
    from maps.reports.import_report import render_import_report

    if file is not None:
        replace_file(file, render_import_report(report, lang))


def check_report_file(file: Path | None) -> None:
    """Refuse a report's file that cannot be written, before any work is done for it.

    Raises
    ------
    UsageError
        ``report_file_invalid``.
    """
    from geo.errors import UsageError

    if file is not None and (file.suffix.lower() != ".xlsx" or not file.absolute().parent.is_dir()):
        raise UsageError(
            f"The report {file.name} cannot be written there; name a file that ends in .xlsx in a "
            "folder that exists.",
            code="report_file_invalid",
        )


def refused_report(error: SafeRegionError, facts: dict[str, Any]) -> dict[str, Any]:
    """Return the report of a refused file: what was counted until then, and why it ended."""
    empty: dict[str, Any] = {"inferred": {}, "reasons": {}, "warnings": [], "refused_rows": []}
    told = {"code": error.code, "message": str(error)}
    verdicts = {name: error.facts[name] for name in ("swap", "crs") if name in error.facts}
    return {**empty, "findings": verdicts, **error.facts, **facts, "error": told}


def mapping_lines(mapping: dict[str, Any]) -> list[str]:
    """Return a mapping as the lines of the file that could be kept of it."""
    from data.importers.mapping import build_mapping
    from data.importers.mapping_files import mapping_text

    return ["", *mapping_text(build_mapping(mapping, "of the report")).rstrip().splitlines()]


def preview_lines(rows: list[dict[str, str | None]]) -> list[str]:
    """Return the first rows as understood, one line a row, empty fields left out."""
    return [
        "",
        *(
            " · ".join(f"{name}={value}" for name, value in row.items() if value not in (None, ""))
            for row in rows[:LISTED_IN_PREVIEW]
        ),
    ]


def proposal_lines(proposal: Proposal, lang: str) -> list[str]:
    """Return a proposed mapping, and above it why each column was proposed or left open."""
    why = evidence_lines(proposal.evidence, lang)
    return [*why, *mapping_lines(proposal.mapping.declared())]


def evidence_lines(evidence: Sequence[Evidence], lang: str) -> list[str]:
    """Return for each column what it could be, and why."""
    from maps.import_texts import evidence_text, label

    return [
        f"  {one.field or label('open', lang)}: {one.head} – {evidence_text(one.to_json(), lang)}"
        for one in evidence
    ]
