"""Take files into the store: parse, check, save and report; all files of a call or none."""

from __future__ import annotations

import hashlib
import hmac
import importlib
import secrets
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import pyarrow as pa

from data.database import Database
from data.importers.kpssu_layer import fetch_pages, first_day_to_read, layer_service
from data.importers.mapping import read_mapping
from data.importers.places.known_places import KnownPlaces
from data.importers.report import Imported, ImportReport
from data.importers.report_sums import sum_reports
from data.importers.street_map.osm import extract_from_arrow, extract_to_arrow, read_osm_file
from data.importers.tabular import ReadOptions
from data.process_memory import hand_back_large_arrays
from data.school_files import FORMS as SCHOOL_FILES
from data.school_files import SCHOOLS_FOLDER, keep_school_file
from data.school_lookups import SCHOOL_FORMS, with_lookups
from data.sealed_folders import file_sha256, replace_file
from data.store.assets import read_school_register
from data.store.extracts import read_extract, save_extract
from data.store.imports import ImportRecord, save_import
from data.store.incidents import newest_registration
from data.store.unplaced import Pin, close_placed, pin_unplaced
from data.workspace import CODES_FOLDER, MAPPINGS_FOLDER, RENAMES_FILE, Workspace
from geo.errors import InputRefusedError

ID_KEY_FILE = "id.key"
READING, STORING = "reading the file", "storing the rows"
Reader = Callable[[Path, ReadOptions, KnownPlaces], Imported]

READERS = {
    "incidents": "data.importers.incidents:read_incidents_file",
    "kpssu": "data.importers.kpssu:read_kpssu_file",
    "lighting": "data.importers.lighting:read_lighting_file",
    "patrols": "data.importers.patrols:read_patrols_file",
    "cameras": "data.importers.cameras:read_cameras_file",
    "schools": "data.importers.schools:read_schools_file",
    "homes": "data.importers.homes:read_homes_file",
    "population": "data.importers.attendance:read_population_file",
    "catchments": "data.importers.attendance:read_catchments_file",
    "assignments": "data.importers.attendance:read_assignments_file",
    "measures": "data.importers.measures:read_measures_file",
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

    Only a dry run shows rows (`ImportReport.preview`); what is stored is told by counts.

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
    key = _id_key(workspace)
    options = replace(
        options,
        mappings=workspace.path / MAPPINGS_FOLDER,
        codes=workspace.path / CODES_FOLDER,
        id_key=key,
        received_at=options.received_at or here,
    )
    read = _reader(noun)
    # Arrow's own pool keeps what was freed; a large file would take half as much memory again.
    pa.set_memory_pool(pa.system_memory_pool())
    hand_back_large_arrays()
    places = known_places(workspace, database)
    taken = []
    for path in files:
        options.progress(READING)
        try:
            taken.append((path, _looked_up(read(path, options, places), places, database)))
        except InputRefusedError as error:
            if not dry_run:
                error.facts.pop("preview", None)
            raise
    if dry_run:
        reports = [replace(one.report, refused=one.refused) for _, one in taken]
        return sum_reports(reports, [options.labels.get(path.name, path.name) for path in files])
    reports = []
    with database.writing() as connection:
        for path, one in taken:
            options.progress(STORING)
            record = _record(noun, path, one, now)
            record = replace(record, file_name=options.labels.get(path.name, path.name))
            refused = _keyed(one.refused, key)
            blocks = None if noun in SCHOOL_FILES else one.blocks
            saved = save_import(connection, record, blocks, refused, aside=one.aside)
            if noun in SCHOOL_FILES:
                keep_school_file(workspace.path / SCHOOLS_FOLDER, saved.import_id, one)
            close_placed(connection, saved.import_id, record.imported_at)
            known = one.report.accepted - saved.accepted
            report = replace(
                one.report, preview=(), refused=one.refused, import_ids=(saved.import_id,)
            )
            reports.append(report.with_known(known, saved.versions))
    return sum_reports(reports, [options.labels.get(path.name, path.name) for path in files])


def known_places(workspace: Workspace, database: Database) -> KnownPlaces:
    """Return what the workspace knows of its town: the area, and the map once one is imported."""
    with database.reading() as connection:
        tables = read_extract(connection, workspace.extracts)
    return KnownPlaces(
        workspace.study_area,
        extract_from_arrow(tables) if tables else None,
        workspace.path / CODES_FOLDER / RENAMES_FILE,
    )


def take_layer(
    options: ReadOptions,
    *,
    workspace: Workspace,
    database: Database,
    progress: Callable[[str], None],
) -> ImportReport:
    """Ask the official layer for what is new and import its pages; the report sums them.

    The service's address stands under ``layer`` in the mapping file that is given, else in the
    kept one of the source. Records registered in the last days before the newest known one are
    read again, because some are entered late; without any known record everything is read.

    Raises
    ------
    UsageError
        ``layer_unknown``.
    SafeRegionError
        ``layer_unreachable``, ``layer_incomplete``; what `take_files` raises.
    """
    mapping = _layer_mapping(options, workspace.path / MAPPINGS_FOLDER)
    service = layer_service(read_mapping(mapping).layer)
    options = replace(options, mapping=mapping)
    source = options.source or read_mapping(mapping).source or "kpssu"
    with database.reading() as connection:
        since = first_day_to_read(newest_registration(connection, source))
    with tempfile.TemporaryDirectory() as folder:
        pages = fetch_pages(service, Path(folder), since=since, progress=progress)
        if not pages:
            return ImportReport(source, rows_read=0, accepted=0, quarantined=0, duplicate=0)
        progress("reading the pages")
        return take_files("kpssu", pages, options, workspace=workspace, database=database)


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
    from data.importers.street_map.osm_place import download_place, find_place  # noqa: PLC0415 - OSMnx is slow

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "place.osm.pbf"
        download_place(find_place(text), file)
        return take_extract(file, workspace=workspace, database=database)


def pin_row(pin: Pin, *, workspace: Workspace, database: Database) -> None:
    """Give a waiting row the place that a person found for it.

    Raises
    ------
    NotFoundError
        ``row_not_waiting``.
    UsageError
        ``outside_region``.
    """
    moment = datetime.now(UTC).replace(tzinfo=None)
    with database.writing() as connection:
        pin_unplaced(connection, pin, workspace.study_area, moment)


# -------------------------------------------------------------------------------------------


def _reader(noun: str) -> Reader:
    module, _, name = READERS[noun].partition(":")
    reader: Reader = getattr(importlib.import_module(module), name)
    return reader


def _looked_up(imported: Imported, places: KnownPlaces, database: Database) -> Imported:
    """Name in the report the schools and streets of a file that are not known."""
    if imported.rows_are not in SCHOOL_FORMS:
        return imported
    with database.reading() as connection:
        register = read_school_register(connection)
    return with_lookups(imported, places, register)


def _record(noun: str, path: Path, imported: Imported, now: datetime) -> ImportRecord:
    report = imported.report
    return ImportRecord(
        noun=noun,
        rows_are=imported.rows_are,
        source=report.source,
        file_name=path.name,
        file_sha256=file_sha256(path),
        imported_at=now.replace(tzinfo=None),
        rows_read=report.rows_read,
        covers_from=report.covers_from,
        covers_to=report.covers_to,
        inferred=report.inferred,
        findings=report.findings,
        warnings=report.warnings,
        mapping=report.mapping,
    )


def _layer_mapping(options: ReadOptions, folder: Path) -> Path | None:
    """Return the mapping file that names the layer: the given one, else the one kept for it."""
    if options.mapping is not None:
        return options.mapping
    kept = [file for file in sorted(folder.glob("*.yaml")) if read_mapping(file).layer]
    return kept[0] if kept else None


def _keyed(refused: pd.DataFrame, key: bytes) -> pd.DataFrame:
    """Hash the rows' digests under the workspace's key: a short row could else be tried out."""
    if "raw_sha256" not in refused:
        return refused
    digests = [
        hmac.new(key, digest.encode(), hashlib.sha256).hexdigest()
        for digest in refused["raw_sha256"]
    ]
    return refused.assign(raw_sha256=digests)


def _id_key(workspace: Workspace) -> bytes:
    """Return the key under which case numbers are hashed, made on first use."""
    file = workspace.path / ID_KEY_FILE
    if not file.exists():
        replace_file(file, secrets.token_bytes(32))
        file.chmod(0o600)
    return file.read_bytes()
