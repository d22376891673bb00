"""Read everything stored that a run is made from, sorted, with a hash of each noun."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pyarrow as pa
import shapely

from data.codes.calendar_table import school_calendar
from data.codes.tables import code_tables, severity_by_group
from data.database import Database
from data.event_links import event_ids
from data.importers.places.known_places import KnownPlaces
from data.importers.street_map.osm import OsmExtract, extract_from_arrow
from data.known_schools import known_schools
from data.school_files import SCHOOLS_FOLDER, SchoolFiles, read_school_files
from data.store.assets import (
    read_cameras,
    read_homes,
    read_lamp_outages,
    read_lamps,
    read_school_register,
    read_visits,
)
from data.store.extracts import read_extract
from data.store.imports import list_imports
from data.store.incidents import read_incidents
from data.store.outages import LAMP, outages_begun, read_outages
from data.store.works import read_lit_streets, read_plans
from data.street_outages import street_outages
from data.workspace import CODES_FOLDER, RENAMES_FILE, Workspace
from geo import columns as c
from geo.errors import NoDataError
from geo.parameters import DRUGS
from geo.streets.school_calendar import SchoolCalendar
from geo.study_area import StudyArea

COARSEST_PLACE_M = 250
"""A place known less well is counted in totals and enters no cell: two decimals of a degree leave
556 m open, and the middle of a settlement stands for all of it."""

Period = tuple[date, date]


@dataclass(frozen=True)
class Inputs:
    """Everything stored that a run is made from, sorted, with a hash of each noun.

    Attributes
    ----------
    area
        The study area.
    extract
        Street map, None where none is imported yet.
    incidents, layer_incidents
        Those that count, and those that stay a layer (discovered, drugs, dwellings).
    lit_streets, street_outages
        Streets that a list calls lit or not, and outages that name a whole street, over or not;
        with their lines. An outage whose street the map has not has no line.
    lamp_outages
        Outages of single lamps and of feeders that are over; a lamp's lasting one stands with it.
    plans
        Posts and routes of the route sheets, with their lines where the map gave them.
    linked
        Records that tell of an event which another register tells of too; it counts once.
    calendar, school_files
        School days; what an office has brought about who attends which school.
    severity_table
        Mean days of sanction of each group's articles, for groups with few incidents.
    periods
        First and last day of each span that the imports of incidents cover together.
    renames
        The office's list of renamed streets, for addresses; it need not exist.
    hashes
        SHA-256 by noun; equal rows give an equal hash, whatever their order in the store.
    """

    area: StudyArea
    extract: OsmExtract
    incidents: pd.DataFrame
    layer_incidents: pd.DataFrame
    schools: pd.DataFrame
    homes: pd.DataFrame
    lamps: pd.DataFrame
    lit_streets: pd.DataFrame
    street_outages: pd.DataFrame
    lamp_outages: pd.DataFrame
    visits: pd.DataFrame
    plans: pd.DataFrame
    cameras: pd.DataFrame
    periods: tuple[Period, ...]
    linked: int
    severity_table: dict[str, float]
    calendar: SchoolCalendar
    school_files: SchoolFiles
    hashes: dict[str, str]
    renames: Path | None = None


def read_inputs(workspace: Workspace, database: Database, *, as_of: date | None) -> Inputs:
    """Read what a run stands on; incidents on or after ``as_of`` are left out.

    Raises
    ------
    NoDataError
        ``no_map``: no street map is imported yet.
    """
    with database.reading() as connection:
        tables = read_extract(connection, workspace.extracts)
        if tables is None:
            raise NoDataError(
                "No street map yet: run 'safe-region import osm FILE' first.", code="no_map"
            )
        stored = read_incidents(connection)
        imports = list_imports(connection)
        periods = _periods(imports, as_of)
        day = as_of or _day_after(periods)
        frames = {
            "schools": read_school_register(connection),
            "homes": read_homes(connection),
            "lamps": read_lamps(connection, as_of=day),
            "lamp_outages": read_lamp_outages(connection, as_of=day),
            "lit_streets": read_lit_streets(connection),
            "visits": read_visits(connection),
            "plans": read_plans(connection),
            "cameras": read_cameras(connection, as_of=day),
        }
        out = outages_begun(read_outages(connection), LAMP, day)
    stored, linked = _one_record_an_event(stored, workspace.study_area)
    if as_of is not None:
        stored = stored[stored[c.OCCURRED_AT] < pd.Timestamp(as_of)].reset_index(drop=True)
    hashes = {name: frame_hash(frame) for name, frame in {"incidents": stored, **frames}.items()}
    extract = extract_from_arrow(tables)
    renames = workspace.path / CODES_FOLDER / RENAMES_FILE
    places = KnownPlaces(workspace.study_area, extract, renames)
    frames["street_outages"] = street_outages(out, places)
    hashes["street_outages"] = frame_hash(frames["street_outages"])
    hashes["map"] = str(extract.facts["sha256"])
    hashes["boundary"] = hashlib.sha256(shapely.to_wkb(workspace.study_area.boundary)).hexdigest()
    card = workspace.region.model_dump_json(exclude={"schedule"})
    hashes["region"] = hashlib.sha256(card.encode()).hexdigest()
    hashes["periods"] = hashlib.sha256(repr(periods).encode()).hexdigest()
    codes = code_tables(workspace.path / CODES_FOLDER)
    hashes["codes"] = codes.digest
    calendar = school_calendar(workspace.path / CODES_FOLDER)
    files = _school_files(workspace, places, imports)
    hashes |= {"calendar": calendar.digest, "school_files": files.digest}
    counts = _counts(stored)
    frames["schools"] = known_schools(extract, frames["schools"], workspace.study_area)
    return Inputs(
        area=workspace.study_area,
        extract=extract,
        incidents=stored[counts].reset_index(drop=True),
        layer_incidents=stored[~counts].reset_index(drop=True),
        periods=periods,
        linked=linked,
        severity_table=severity_by_group(codes),
        calendar=calendar.calendar,
        school_files=files,
        renames=renames,
        hashes=hashes,
        **frames,
    )


def data_end(inputs: Inputs) -> date:
    """Return the day after the last day that the incidents cover.

    Raises
    ------
    NoDataError
        ``no_incidents``: no day before the map's is covered, so there is nothing to score.
    """
    day = _day_after(inputs.periods)
    if day is None:
        raise NoDataError(
            "No incidents yet: run 'safe-region import incidents FILE' first, or name a later "
            "day with --as-of.",
            code="no_incidents",
        )
    return day


def frame_hash(frame: pd.DataFrame) -> str:
    """Return the SHA-256 of a frame's rows, whatever their order in the store was."""
    columns = sorted(set(frame.columns) - {"import_id", "source_row"})
    plain = frame[columns]
    if "line" in frame:
        plain = plain.assign(line=shapely.to_wkb(frame["line"].to_numpy(object)))
    table = pa.Table.from_pandas(plain, preserve_index=False).replace_schema_metadata()
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table.combine_chunks())
    return hashlib.sha256(sink.getvalue()).hexdigest()


# -------------------------------------------------------------------------------------------


def _school_files(workspace: Workspace, places: KnownPlaces, imports: pd.DataFrame) -> SchoolFiles:
    """Read the office's files about schools, and whose ids of homes and schools they may use."""
    standing = imports[imports["withdrawn_at"].isna()]
    brought = zip(standing["import_id"], standing["noun"], strict=True)
    files = read_school_files(workspace.path / SCHOOLS_FOLDER, places, brought)
    sources = {
        noun: tuple(sorted(set(standing.loc[standing["noun"] == noun, "source"])))
        for noun in ("homes", "schools")
    }
    return replace(files, sources=sources)


def _day_after(periods: tuple[Period, ...]) -> date | None:
    return max((last + timedelta(days=1) for _, last in periods), default=None)


def _one_record_an_event(stored: pd.DataFrame, area: StudyArea) -> tuple[pd.DataFrame, int]:
    """Keep the record that stands for each event, unless the event was discontinued."""
    stands = event_ids(stored, area) == stored[c.INCIDENT_ID]
    kept = stored[stands & (stored["status"] != "discontinued")]
    # Numbers of registers serve this alone; not even their hashes go further.
    kept = kept.drop(columns=["register", "ext_id_hash", "reference_hash"])
    return kept.reset_index(drop=True), int((~stands).sum())


def _counts(incidents: pd.DataFrame) -> pd.Series:
    """Tell which incidents enter the rate: reported, outdoors, well placed, of a scored group."""
    return (
        ~(incidents[c.GEO_ACCURACY_M] > COARSEST_PLACE_M)
        & (incidents[c.DISCOVERY] != "discovered")
        & (incidents[c.PLACE_TYPE] != "dwelling")
        & incidents[c.OFFENCE_GROUP].notna()
        & (incidents[c.OFFENCE_GROUP] != DRUGS)
    )


def _periods(imports: pd.DataFrame, as_of: date | None) -> tuple[Period, ...]:
    standing = imports[imports["withdrawn_at"].isna() & imports["covers_from"].notna()]
    rows = standing[standing["noun"].isin(["incidents", "kpssu"])]
    covered = rows[["covers_from", "covers_to"]].to_dict("list")
    spans = sorted(set(zip(covered["covers_from"], covered["covers_to"], strict=True)))
    if as_of is not None:
        last = as_of - timedelta(days=1)
        spans = [(first, min(end, last)) for first, end in spans if first <= last]
    return _joined(spans)


def _joined(spans: list[Period]) -> tuple[Period, ...]:
    """Join sorted spans that touch, so that a file and its parts cover the same days."""
    joined: list[Period] = []
    for first, last in spans:
        if joined and first <= joined[-1][1] + timedelta(days=1):
            joined[-1] = (joined[-1][0], max(joined[-1][1], last))
        else:
            joined.append((first, last))
    return tuple(joined)
