"""Take files into the store: parse, check, save and report; all files of a call or none."""

from __future__ import annotations

import importlib
import secrets
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from data.database import Database
from data.importers.known_places import KnownPlaces
from data.importers.osm import extract_from_arrow, extract_to_arrow, read_osm_file
from data.importers.report import Imported, ImportReport
from data.importers.tabular import ReadOptions
from data.sealed_folders import file_sha256, replace_file
from data.store.extracts import read_extract, save_extract
from data.store.imports import ImportRecord, save_import
from data.workspace import Workspace

ID_KEY_FILE = "id.key"
Reader = Callable[[Path, ReadOptions, KnownPlaces], Imported]

READERS = {
    "incidents": "data.importers.incidents:read_incidents_file",
    "kpssu": "data.importers.kpssu:read_kpssu_file",
    "lighting": "data.importers.lighting:read_lighting_file",
    "patrols": "data.importers.patrols:read_patrols_file",
    "cameras": "data.importers.cameras:read_cameras_file",
    "schools": "data.importers.schools:read_schools_file",
    "homes": "data.importers.homes:read_homes_file",
}
"""Noun of ``safe-region import`` → its reader, loaded when it is asked for."""


def take_files(
    noun: str,
    files: Sequence[Path],
    options: ReadOptions,
    *,
    workspace: Workspace,
    database: Database,
    dry_run: bool = False,
) -> ImportReport:
    """Import files of one noun in one transaction; the report sums them.

    Parameters
    ----------
    noun
        A key of `READERS`.
    dry_run
        Read and report, store nothing.

    Raises
    ------
    InputRefusedError
        A file was refused; nothing of any file is stored.
    """
    now = datetime.now(UTC)
    here = now.astimezone(ZoneInfo(workspace.region.time_zone)).replace(tzinfo=None)
    options = replace(options, id_key=_id_key(workspace), received_at=options.received_at or here)
    read = _reader(noun)
    places = known_places(workspace, database)
    taken = [(path, read(path, options, places)) for path in files]
    if dry_run:
        return _sum_of([one.report for _, one in taken])
    reports = []
    with database.writing() as connection:
        for path, one in taken:
            record = _record(noun, path, one.report, now)
            saved = save_import(connection, record, one.frame, one.refused)
            reports.append(one.report.with_known(one.report.accepted - saved.accepted))
    return _sum_of(reports)


def known_places(workspace: Workspace, database: Database) -> KnownPlaces:
    """Return what the workspace knows of its town: the area, and the map once one is imported."""
    with database.reading() as connection:
        tables = read_extract(connection, workspace.extracts)
    return KnownPlaces(workspace.study_area, extract_from_arrow(tables) if tables else None)


def take_extract(file: Path, *, workspace: Workspace, database: Database) -> dict[str, Any]:
    """Import an OpenStreetMap file; return its facts.

    Raises
    ------
    InputRefusedError, NotFoundError
        What `read_osm_file` raises.
    """
    extract = read_osm_file(file)
    facts = extract.facts | {"schools": int((extract.points["kind"] == "school").sum())}
    record = ImportRecord(
        noun="osm",
        source="osm",
        file_name=file.name,
        file_sha256=file_sha256(file),
        imported_at=datetime.now(UTC).replace(tzinfo=None),
        rows_read=int(facts["ways_read"]),
    )
    with database.writing() as connection:
        saved = save_import(connection, record, None, None)
        save_extract(
            connection, workspace.extracts, extract_to_arrow(extract), facts, saved.import_id
        )
    return facts


def take_place(text: str, *, workspace: Workspace, database: Database) -> dict[str, Any]:
    """Ask OpenStreetMap's servers for a place and keep what they answer; return its facts.

    Raises
    ------
    NotFoundError
        ``place_unknown``.
    SafeRegionError
        ``place_unreachable``: no answer; bring a file instead.
    """
    from data.importers.osm_place import download_place, find_place  # noqa: PLC0415 - OSMnx is slow

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "place.osm.pbf"
        download_place(find_place(text), file)
        return take_extract(file, workspace=workspace, database=database)


# -------------------------------------------------------------------------------------------


def _reader(noun: str) -> Reader:
    module, _, name = READERS[noun].partition(":")
    reader: Reader = getattr(importlib.import_module(module), name)
    return reader


def _record(noun: str, path: Path, report: ImportReport, now: datetime) -> ImportRecord:
    return ImportRecord(
        noun=noun,
        source=report.source,
        file_name=path.name,
        file_sha256=file_sha256(path),
        imported_at=now.replace(tzinfo=None),
        rows_read=report.rows_read,
        covers_from=report.covers_from,
        covers_to=report.covers_to,
        inferred=report.inferred,
    )


def _id_key(workspace: Workspace) -> bytes:
    """Return the key under which case numbers are hashed, made on first use."""
    file = workspace.path / ID_KEY_FILE
    if not file.exists():
        replace_file(file, secrets.token_bytes(32))
        file.chmod(0o600)
    return file.read_bytes()


def _sum_of(reports: Sequence[ImportReport]) -> ImportReport:
    if len(reports) == 1:
        return reports[0]
    reasons: Counter[str] = Counter()
    for one in reports:
        reasons.update(one.reasons)
    return ImportReport(
        source=reports[0].source,
        rows_read=sum(one.rows_read for one in reports),
        accepted=sum(one.accepted for one in reports),
        quarantined=sum(one.quarantined for one in reports),
        duplicate=sum(one.duplicate for one in reports),
        outside_region=sum(one.outside_region for one in reports),
        inferred=reports[0].inferred,
        reasons=dict(sorted(reasons.items())),
        covers_from=_outermost(min, [one.covers_from for one in reports]),
        covers_to=_outermost(max, [one.covers_to for one in reports]),
        warnings=tuple(sorted({warning for one in reports for warning in one.warnings})),
    )


def _outermost(pick: Callable[[list[date]], date], days: list[date | None]) -> date | None:
    known = [day for day in days if day is not None]
    return pick(known) if known else None
