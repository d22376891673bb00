"""``import``: bring one file of one noun into the workspace and say what was understood."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.commands.output import AsJson, Directory, print_result, progress_lines

if TYPE_CHECKING:
    from data.importers.report import ImportReport

app = typer.Typer(
    help="Bring in a file; every import ends in a report of rows read, taken and refused.",
    no_args_is_help=True,
)

Files = Annotated[list[Path], typer.Argument(help="File of this kind.", show_default=False)]
Mapping = Annotated[
    Path | None, typer.Option("--mapping", help="YAML file that names columns and offences.")
]
Crs = Annotated[
    str | None, typer.Option("--crs", help="CRS of x and y columns, such as EPSG:32639.")
]
Encoding = Annotated[str | None, typer.Option("--encoding", help="Such as cp1251.")]
DateOrder = Annotated[
    str | None, typer.Option("--date-order", help="dmy, mdy or ymd, where a date leaves it open.")
]
Covers = Annotated[
    tuple[datetime, datetime] | None,
    typer.Option(
        "--covers",
        formats=["%Y-%m-%d"],
        help="First and last day that the file covers; proposed from its rows.",
    ),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Read and report, store nothing.")]


@dataclass(frozen=True)
class _Noun:
    name: str
    summary: str
    example: str


_NOUNS = (
    _Noun("incidents", "Recorded offences as CSV or GeoJSON.", "offences.csv --mapping ours.yaml"),
    _Noun("kpssu", "JSON pages of the official offence layer.", "crime-0001.json crime-0002.json"),
    _Noun("lighting", "Lamp points with their state, as CSV or GeoJSON.", "lamps.csv"),
    _Noun("patrols", "Patrol visits with time and minutes, as CSV or GeoJSON.", "visits.csv"),
    _Noun("cameras", "Cameras with their state, as CSV or GeoJSON.", "cameras.csv"),
    _Noun("schools", "Schools with gate, shifts and number of pupils.", "schools.csv"),
    _Noun("homes", "Dwellings per building, where the map has no buildings.", "homes.csv"),
)


def _import_command(noun: _Noun) -> Callable[..., None]:
    def command(
        files: Files,
        mapping: Mapping = None,
        crs: Crs = None,
        encoding: Encoding = None,
        date_order: DateOrder = None,
        covers: Covers = None,
        dry_run: DryRun = False,
        directory: Directory = None,
        as_json: AsJson = False,
    ) -> None:
        from api.opening import opened_workspace
        from data.importers.parsing.isolation import start_parsers

        start_parsers()
        from data.importers.tabular import ReadOptions
        from data.intake import take_files

        options = ReadOptions(
            mapping=mapping,
            crs=crs,
            encoding=encoding,
            date_order=date_order,
            covers_from=covers[0].date() if covers else None,
            covers_to=covers[1].date() if covers else None,
        )
        workspace, database = opened_workspace(directory)
        report = take_files(
            noun.name, files, options, workspace=workspace, database=database, dry_run=dry_run
        )
        print_result(report.to_json(), as_json=as_json, lines=_report_lines(report, dry_run))

    command.__doc__ = f"{noun.summary}\n\nExample: safe-region import {noun.name} {noun.example}"
    return command


for _noun in _NOUNS:
    app.command(_noun.name)(_import_command(_noun))


@app.command("osm")
def osm(
    file: Annotated[Path | None, typer.Argument(help="OSM PBF or XML file.")] = None,
    place: Annotated[
        str | None, typer.Option("--place", help="Ask OpenStreetMap's servers for this place.")
    ] = None,
    directory: Directory = None,
    as_json: AsJson = False,
) -> None:
    """Streets, schools, buildings and waters of an OpenStreetMap extract.

    Example: safe-region import osm oral.osm.pbf
    """
    from api.opening import opened_workspace
    from data.importers.parsing.isolation import start_parsers
    from geo.errors import UsageError

    start_parsers()
    from data.intake import take_extract, take_place

    if (file is None) == (place is None):
        raise UsageError("Give either a FILE or --place TEXT.")
    workspace, database = opened_workspace(directory)
    progress = progress_lines(as_json=as_json)
    progress("reading the map")
    if file is not None:
        facts = take_extract(file, workspace=workspace, database=database)
    else:
        facts = take_place(str(place), workspace=workspace, database=database)
    lines = [
        f"{facts['ways_read']} ways read, {facts['highways']} highways, {facts['schools']} schools",
        f"{facts['dangling_references']} references to absent nodes dropped",
        f"map of {facts['osm_date']}",
    ]
    print_result(facts, as_json=as_json, lines=lines)


@app.command("list")
def list_(directory: Directory = None, as_json: AsJson = False) -> None:
    """List the imports of the workspace, newest first.

    Example: safe-region import list --json
    """
    from api.opening import opened_workspace
    from data.store.imports import list_imports

    _, database = opened_workspace(directory)
    with database.reading() as connection:
        rows = list_imports(connection).to_dict("records")
    lines = [
        f"{row['import_id']:>4}  {row['noun']:<10} {row['file_name']}  "
        f"{row['accepted']} taken, {row['quarantined']} refused, {row['duplicate']} known"
        for row in rows
    ]
    print_result({"imports": rows}, as_json=as_json, lines=lines or ["Nothing is imported yet."])


# -------------------------------------------------------------------------------------------


def _report_lines(report: ImportReport, dry_run: bool) -> list[str]:
    return [
        f"{report.rows_read} rows read: {report.accepted} accepted, "
        f"{report.quarantined} quarantined, {report.duplicate} known already"
        + (" (dry run, nothing stored)" if dry_run else ""),
        *(f"  {code}: {count}" for code, count in sorted(report.reasons.items())),
        *(f"  understood {key}: {value}" for key, value in sorted(report.inferred.items())),
        *(f"  note: {warning}" for warning in report.warnings),
    ]
