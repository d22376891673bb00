"""A build names what is odd about schools, homes and the files about them, and goes on."""

import json
from dataclasses import replace
from datetime import date

import geopandas as gpd
import pytest
import shapely

from api.build import build_run
from api.dependencies import Published
from api.school_notes import school_notes
from api.school_walk import school_walk
from data.database import open_database
from data.importers.tabular import ReadOptions
from data.inputs import read_inputs
from data.intake import take_extract, take_files
from data.pipeline import mapped_streets
from data.schema_version import upgrade_database
from data.school_files import SchoolFiles
from data.settings import StoreSettings
from data.store.imports import list_imports
from data.store.withdrawal import withdraw_import
from data.walks import describe_walks
from data.workspace import create_workspace, propose_region
from geo.parameters import HazardParameters
from tests.data.addressed_town import AREA, degrees, homes, places_of
from tests.hand_made_town import FIRST_DAY, LAST_DAY, incident_lines, write_incidents

AS_OF = date(2025, 10, 1)
ISLAND = "".join(
    f'<node id="{number}" lat="{lat}" lon="{lon}"/>'
    for number, (lat, lon) in ((400, degrees(1200, 900)), (401, degrees(1300, 900)))
) + (
    '<way id="140"><nd ref="400"/><nd ref="401"/><tag k="highway" v="residential"/></way>'
    '<way id="141"><nd ref="1"/><nd ref="400"/></way>'
)


def school(number, *gates, shifts="08:00-13:00"):
    """One row for each gate, in metres east and north."""
    rows = [(f"{lat},{lon}") for lat, lon in (degrees(*gate) for gate in gates)]
    return [f"{number},№ {number} мектеп,{row},{shifts},200" for row in rows]


class Office:
    """A workspace with the addressed town, into which files are brought."""

    def __init__(self, folder):
        self.folder = folder
        region = propose_region("Town", AREA.boundary)
        self.workspace = create_workspace(folder / "town", region, AREA.boundary)
        self.database = open_database(self.workspace.database_url(StoreSettings()))
        upgrade_database(self.database)
        places_of(folder, ISLAND)
        take_extract(folder / "town.osm", workspace=self.workspace, database=self.database)
        frame = homes()
        self.bring("homes", "homes.csv", "home_id,lat,lon,dwellings", *(
            f"{row.home_id},{row.lat},{row.lon},1" for row in frame.itertuples()
        ))  # fmt: skip

    def bring(self, noun, name, *lines):
        file = self.folder / name
        file.write_text("\n".join([*lines, ""]), "utf-8")
        return take_files(
            noun, [file], ReadOptions(), workspace=self.workspace, database=self.database
        )

    def schools(self, *schools):
        lines = [line for one in schools for line in one]
        return self.bring("schools", "s.csv", "number,name,lat,lon,shift_times,pupils", *lines)

    def inputs(self):
        return read_inputs(self.workspace, self.database, as_of=AS_OF)

    def facts(self, inputs=None):
        inputs = inputs or self.inputs()
        network, sections, _ = mapped_streets(inputs, None)
        return describe_walks(inputs, network, sections, AS_OF, HazardParameters())[2]

    def notes(self, inputs=None):
        facts = self.facts(inputs)
        assert json.loads(json.dumps(facts, allow_nan=False)) == facts
        return list(school_notes(facts))


@pytest.fixture
def office(tmp_path):
    made = Office(tmp_path)
    yield made
    made.database.close()


def ids_of(office, *numbers):
    frame = office.inputs().schools.set_index("number")["school_id"]
    return [frame[number] for number in numbers]


def test_overlapping_shifts_and_a_school_on_an_island_are_named(office):
    office.schools(
        school("11", (10, 0), shifts="08:00-13:00;12:00-17:00"), school("12", (1250, 905))
    )
    eleven, twelve = ids_of(office, "11", "12")
    notes = office.notes()
    assert f"schools whose shifts overlap: {eleven}" in notes
    assert f"1 schools outside the walking network: {twelve}" in notes
    assert office.facts()["assigned_by"]["nearest"] == 22  # and the others walk


def test_a_calendar_without_school_days_is_named(office):
    office.schools(school("11", (10, 0)))
    codes = office.workspace.path / "codes"
    codes.mkdir(exist_ok=True)
    (codes / "school_calendar.csv").write_text(
        "school_year,kind,from,to,source,verified\n"
        "2025-2026,term,2025-09-01,2026-05-25,order,yes\n"
        "2025-2026,holiday,2025-09-01,2026-05-25,order,yes\n",
        "utf-8",
    )
    note = "the school calendar has no school day this year; 191 days are assumed"
    assert note in office.notes()


def test_a_town_without_homes_is_named_and_has_no_walk(office):
    office.schools(school("11", (10, 0)))
    nobody = gpd.GeoDataFrame({"people": [0.0]}, geometry=[shapely.Point(51.37, 51.23)], crs=4326)
    inputs = office.inputs()
    bare = replace(inputs, homes=inputs.homes.iloc[:0], school_files=SchoolFiles(population=nobody))
    assert "no home is known: nobody walks to school" in office.notes(bare)


def test_gates_that_nobody_has_named_and_gates_off_the_streets_are_named(office):
    notes = office.notes()
    assert "2 schools without a known gate, assumed from the map: n300, n301" in notes
    office.schools(school("11", (10, 0), (10, 900)))
    (eleven,) = ids_of(office, "11")
    assert f"schools of which some gate is far from every street: {eleven}" in office.notes()


def test_lines_of_a_text_that_cannot_be_followed_are_named_and_the_rest_is(office):
    report = office.bring(
        "catchments", "decree.txt",
        "№ 5 мектеп: Абай көшесі 1–19 (тақ)",
        "Школа № 7: ул. Абая, дома 2-20 чётные, Жоқ көшесі толық",
        "№ 99 мектеп: Сарайшық көшесі толық",
    )  # fmt: skip
    assert report.accepted == 3
    assert any(note.startswith("school_unknown: rows 3") for note in report.warnings)
    assert any(note.startswith("street_unknown: rows 2") for note in report.warnings)
    notes = office.notes()
    assert "homes by what decided their school: table 0, text 20, catchment 0, nearest 2" in notes
    assert "unknown schools in the office's files: № 99 мектеп" in notes
    unmatched = "1 streets of the text are not on the map: line 2 “Жоқ көшесі толық”"
    assert unmatched in notes


def test_rows_of_a_dropped_file_that_cannot_be_used_are_named(office):
    folder = office.workspace.path / "schools"
    folder.mkdir()
    rows = [f"h{number:02},№ 5" for number in range(1, 10)]
    lines = ["home_id,school", *rows, "h10,", ""]
    (folder / "assignments.csv").write_text("\n".join(lines), "utf-8")
    notes = office.notes()
    assert "assignments: 1 rows could not be used: row 11 school_missing" in notes
    assert "homes by what decided their school: table 9, text 0, catchment 0, nearest 13" in notes


def test_an_import_counts_until_it_is_withdrawn_and_the_one_before_counts_again(office):
    first = office.bring("assignments", "a.csv", "home_id,school", "h01,№ 7", "h02,№ 7")
    second = office.bring("assignments", "b.csv", "home_id,school", "h03,№ 7")
    before = office.inputs().hashes["school_files"]
    assert office.facts()["assigned_by"]["table"] == 1
    with office.database.writing() as connection:
        moment = list_imports(connection)["imported_at"].iloc[0]
        told = withdraw_import(connection, second.import_ids[0], moment)
    assert told == {"withdrawn": 1, "kept": 0, "restored": 0}
    assert office.facts()["assigned_by"]["table"] == 2
    assert office.inputs().hashes["school_files"] != before
    assert first.accepted == 2


def test_a_dry_run_keeps_nothing(office):
    file = office.folder / "a.csv"
    file.write_text("home_id,school\nh01,№ 7\n", "utf-8")
    take_files("assignments", [file], ReadOptions(), workspace=office.workspace,
               database=office.database, dry_run=True)  # fmt: skip
    assert office.inputs().school_files.assignments is None


def test_gates_of_a_school_are_told_with_their_pupils(office):
    office.schools(school("5", (250, 2), (350, 2)))
    (five,) = ids_of(office, "5")
    events = write_incidents(office.folder / "events.csv", incident_lines(60))
    covered = ReadOptions(covers_from=FIRST_DAY, covers_to=LAST_DAY)
    take_files("incidents", [events], covered, workspace=office.workspace, database=office.database)
    result = build_run(
        office.workspace, office.database, as_of=None, force=False, progress=lambda stage: None
    )
    assert result["notes"]
    opened = Published(office.workspace, office.database).current()
    told = school_walk(office.workspace, opened, five, at=None, role="planner", lang="en")
    assert [gate["gate"] for gate in told["gates"]] == [1, 2]
    assert [gate["gate_known"] for gate in told["gates"]] == [True, True]
    assert sum(gate["pupils"] for gate in told["gates"]) == told["walk"]["pupils"]
    at = sorted((gate["lon"], gate["lat"]) for gate in told["gates"])
    for (lon, lat), place in zip(at, (degrees(250, 2), degrees(350, 2)), strict=True):
        assert (lat, lon) == pytest.approx(place, abs=1e-6)
    public = school_walk(office.workspace, opened, five, at=None, role="public", lang="en")
    assert [gate["pupils"] for gate in public["gates"]] == [None, None]
    assumed = school_walk(office.workspace, opened, "n301", at=None, role="planner", lang="en")
    assert [gate["gate_known"] for gate in assumed["gates"]] == [False]
    assert any("gates of this school are assumed" in one for one in assumed["sentences"])
