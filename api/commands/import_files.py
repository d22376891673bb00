"""``import NOUN FILE…``: bring files of one noun into the workspace and say what was understood."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.commands.import_report import (
    Language,
    ReportFile,
    check_report_file,
    evidence_lines,
    mapping_lines,
    preview_lines,
    proposal_lines,
    refused_report,
    show_report,
    write_report,
)
from api.commands.output import AsJson, Directory, print_note, progress_lines
from geo.errors import InputRefusedError

if TYPE_CHECKING:
    from data.importers.tabular import ReadOptions
    from data.workspace import Workspace

EXIT_REFUSED = 3

Files = Annotated[list[Path], typer.Argument(help="File of this kind.", show_default=False)]
Mapping = Annotated[
    Path | None,
    typer.Option("--mapping", help="YAML file that names columns and words; else a kept one."),
]
Crs = Annotated[
    str | None, typer.Option("--crs", help="CRS of x and y columns, such as EPSG:32639.")
]
Encoding = Annotated[str | None, typer.Option("--encoding", help="Such as cp1251.")]
DateOrder = Annotated[
    str | None, typer.Option("--date-order", help="dmy, mdy or ymd, where a date leaves it open.")
]
SheetName = Annotated[
    str | None, typer.Option("--sheet", help="Sheet or layer; else all that fit.")
]
Covers = Annotated[
    tuple[datetime, datetime] | None,
    typer.Option(
        "--covers",
        formats=["%Y-%m-%d"],
        help="First and last day that the file covers; proposed from its rows.",
    ),
]
Source = Annotated[
    str | None,
    typer.Option("--source", help="Name of the source; the same record is known within it."),
]
SaveMapping = Annotated[
    bool,
    typer.Option("--save-mapping", help="Keep what was understood for this source's next files."),
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Show mapping and first rows, store nothing.")
]


@dataclass(frozen=True)
class Noun:
    """A noun of ``import`` as its help tells it."""

    name: str
    summary: str
    example: str


NOUNS = (
    Noun("incidents", "Recorded offences and calls.", "offences.xlsx --dry-run"),
    Noun("kpssu", "JSON pages of the official offence layer.", "crime-0001.json crime-0002.json"),
    Noun("lighting", "Lamps, lit streets or outages.", "lamps.csv"),
    Noun("patrols", "Patrol visits, traces or route sheets.", "visits.csv"),
    Noun("cameras", "Cameras with their state.", "cameras.csv"),
    Noun("schools", "Schools with gate, shifts and number of pupils.", "schools.csv"),
    Noun("homes", "Dwellings per building, where the map has no buildings.", "homes.csv"),
    Noun("population", "People by cells, points or polygons.", "cells.gpkg"),
    Noun("catchments", "Catchments of schools: polygons, or streets and houses.", "decree.txt"),
    Noun("assignments", "Which home, by id or address, belongs to which school.", "homes.csv"),
    Noun("measures", "Measures: what was decided, built and switched on.", "measures.csv"),
)


@dataclass(frozen=True)
class Asked:
    """How the outcome of an import is told."""

    noun: str
    files: list[Path]
    dry_run: bool
    save_mapping: bool
    report: Path | None
    lang: str
    as_json: bool


def import_command(noun: Noun) -> Callable[..., None]:
    """Return the command that imports files of a noun."""

    def command(
        files: Files,
        mapping: Mapping = None,
        crs: Crs = None,
        encoding: Encoding = None,
        date_order: DateOrder = None,
        sheet: SheetName = None,
        covers: Covers = None,
        source: Source = None,
        save_mapping: SaveMapping = False,
        dry_run: DryRun = False,
        report: ReportFile = None,
        lang: Language = "en",
        directory: Directory = None,
        as_json: AsJson = False,
    ) -> None:
        from data.importers.parsing.isolation import start_parsers

        start_parsers()
        from data.importers.tabular import ReadOptions

        options = ReadOptions(
            source=source,
            mapping=mapping,
            crs=crs,
            encoding=encoding,
            date_order=date_order,
            sheet=sheet,
            covers_from=covers[0].date() if covers else None,
            covers_to=covers[1].date() if covers else None,
            progress=progress_lines(as_json=as_json),
        )
        asked = Asked(noun.name, files, dry_run, save_mapping, report, lang, as_json)
        _take(asked, options, directory)

    command.__doc__ = f"{noun.summary}\n\nExample: safe-region import {noun.name} {noun.example}"
    return command


# -------------------------------------------------------------------------------------------


def _take(asked: Asked, options: ReadOptions, directory: Path | None) -> None:
    from api.opening import opened_workspace
    from data.intake import take_files
    from maps.translations import check_language

    check_language(asked.lang)
    check_report_file(asked.report)
    workspace, database = opened_workspace(directory)
    facts = {
        "noun": asked.noun,
        "files": [file.name for file in asked.files],
        "dry_run": asked.dry_run,
    }
    try:
        taken = take_files(
            asked.noun,
            asked.files,
            options,
            workspace=workspace,
            database=database,
            dry_run=asked.dry_run,
        )
    except InputRefusedError as error:
        _tell_refusal(error, facts, asked, options, workspace)
        raise
    result = taken.to_json() | facts
    if asked.save_mapping:
        result["mapping_file"] = _keep_mapping(result, workspace)
    more = _dry_run_lines(result, asked, options, workspace) if asked.dry_run else []
    show_report(result, file=asked.report, lang=asked.lang, as_json=asked.as_json, more=more)
    if taken.bad:
        raise typer.Exit(EXIT_REFUSED)


def _dry_run_lines(
    report: dict[str, Any], asked: Asked, options: ReadOptions, workspace: Workspace
) -> list[str]:
    """Tell the mapping, what the columns that it leaves out could be, and the first rows."""
    from data.importers.proposed_files import propose_for_file

    proposal = propose_for_file(asked.files[0], asked.noun, options, workspace.study_area)
    used = set(report["mapping"].get("columns", {}).values())
    left_out = [one for one in proposal.evidence if one.head not in used] if proposal else []
    report["evidence"] = [one.to_json() for one in left_out]
    shown = mapping_lines(report["mapping"]) if report["mapping"] else []
    return [*evidence_lines(left_out, asked.lang), *shown, *preview_lines(report["preview"])]


def _tell_refusal(
    error: InputRefusedError,
    facts: dict[str, Any],
    asked: Asked,
    options: ReadOptions,
    workspace: Workspace,
) -> None:
    """Write the report of a file that was refused; in a dry run show what its columns could be."""
    from maps.import_texts import refusal_reason

    error.facts = {**error.facts, "reason": refusal_reason(error.code, asked.lang)}
    report = refused_report(error, facts)
    if asked.dry_run:
        from data.importers.proposed_files import propose_for_file

        proposal = propose_for_file(asked.files[0], asked.noun, options, workspace.study_area)
        if proposal is not None:
            report["mapping"] = proposal.mapping.declared()
            report["evidence"] = [one.to_json() for one in proposal.evidence]
            error.facts |= {name: report[name] for name in ("mapping", "evidence")}
            if not asked.as_json:
                for line in proposal_lines(proposal, asked.lang):
                    typer.echo(line)
    write_report(report, asked.report, asked.lang)
    if asked.lang != "en":
        print_note(error.facts["reason"])


def _keep_mapping(report: dict[str, Any], workspace: Workspace) -> str:
    from data.importers.mapping_files import mapping_to_keep, save_mapping
    from data.workspace import MAPPINGS_FOLDER

    mapping = mapping_to_keep(report["mapping"], report["inferred"])
    file = save_mapping(workspace.path / MAPPINGS_FOLDER, mapping)
    print_note(f"mapping kept as {file}")
    return str(file)
