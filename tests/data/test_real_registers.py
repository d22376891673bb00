"""Real files go through whole: each row is counted once, and a second import adds nothing."""

import zipfile
from importlib.util import find_spec
from pathlib import Path

import pytest
from shapely.geometry import box

from data.database import open_database
from data.importers.tabular import ReadOptions
from data.intake import take_files
from data.schema_version import upgrade_database
from data.store.incidents import read_incidents
from data.workspace import create_workspace, propose_region
from tests.shared_data import shared_path

PORTLAND = box(-122.9, 45.4, -122.4, 45.7)
CALLS = """
source: portland-calls
columns: {occurred_at: occ_date, offence: CATEGORY}
offence_groups:
  BURGLARY: theft_robbery
  MOTOR VEHICLE THEFT: theft_robbery
  STREET CRIMES: disorder
  OTHER: null
constants: {discovery: reported}
"""
EVENTS = """
source: portland-police
crs: EPSG:2913
columns: {occurred_at: date, x: x_ft, y: y_ft, offence: cat}
offence_groups: {BURG: theft_robbery, TOA: theft_robbery}
"""
ROBBERIES = "{source: memphis, offence_groups: {personal robbery: theft_robbery}}"
MESA = """
source: mesa
columns: {external_id: POLYID}
constants: {occurred_at: 2010-01-01, offence: violence}
"""


@pytest.fixture
def brought(tmp_path):
    """Return a function that imports a file twice into a new workspace and tells both reports."""

    def bring(noun, file, mapping, outline, time_zone):
        region = propose_region("town", outline).model_copy(update={"time_zone": time_zone})
        workspace = create_workspace(tmp_path / "town", region, outline)
        database = open_database(f"sqlite:///{tmp_path / 'town' / 'safe_region.db'}")
        upgrade_database(database)
        rules = tmp_path / "mapping.yaml"
        rules.write_text(mapping, encoding="utf-8")
        options = ReadOptions(mapping=rules)
        reports = [
            take_files(noun, [file], options, workspace=workspace, database=database)
            for _ in range(2)
        ]
        for report in reports:
            assert report.accepted + report.quarantined + report.duplicate == report.rows_read
        assert reports[1].accepted == 0
        assert reports[1].rows_read == reports[0].rows_read
        with database.reading() as connection:
            stored = read_incidents(connection)
        database.close()
        return reports[0], stored

    return bring


@pytest.mark.shared
@pytest.mark.bad_input("B43")
def test_five_years_of_portland_events(brought):
    file = shared_path("portland/events_2012-03-01_2017-02-28.csv")
    report, stored = brought("incidents", file, EVENTS, PORTLAND, "America/Los_Angeles")
    assert (report.rows_read, report.accepted, report.quarantined) == (14_133, 14_133, 0)
    assert len(stored) == 14_133


@pytest.mark.shared
@pytest.mark.bad_input("B01", "B43")
def test_a_month_of_portland_calls_in_a_zipped_shapefile(brought):
    file = shared_path("nij_calls_2016_08/080116_083116_Data.zip")
    report, stored = brought("incidents", file, CALLS, PORTLAND, "America/Los_Angeles")
    assert report.rows_read == 19_376
    # One call has its place at ±1.8e308; whatever else is put aside lies outside the outline.
    assert report.reasons.pop("coord_not_finite") == 1
    assert set(report.reasons) <= {"outside_region"}
    assert len(stored) == report.accepted > 19_000
    assert report.inferred["crs_of_file"] == "EPSG:2913"


@pytest.mark.shared
@pytest.mark.bad_input("B07", "B43")
def test_memphis_robberies_with_their_local_hours(brought):
    file = shared_path("memphis/memphis_robberies.geojson")
    outline = box(-90.4, 34.9, -89.6, 35.4)
    report, stored = brought("incidents", file, ROBBERIES, outline, "America/Chicago")
    assert (report.rows_read, report.accepted) == (2_245, 2_245)
    assert any(note.startswith("coordinates_coarse:") for note in report.warnings)
    # The hours as they stand in the file: 01:30 of the first row, and an evening peak.
    assert stored["occurred_at"].min().isoformat() == "2019-01-01T01:30:00"
    by_hour = stored["occurred_at"].dt.hour.value_counts()
    assert by_hour[20:23].sum() + by_hour.get(0, 0) > by_hour.reindex(range(6, 10)).sum()


@pytest.mark.bad_input("B09")
def test_crimes_and_schools_of_mesa_in_feet(brought, tmp_path):
    outline = box(-111.86, 33.39, -111.80, 33.44)
    report, stored = brought(
        "incidents", mesa(tmp_path, "crimes"), MESA, outline, "America/Phoenix"
    )
    assert (report.rows_read, report.accepted) == (287, 287)
    west, south, east, north = -111.840974, 33.40727, -111.822418, 33.422875
    assert stored["lon"].between(west - 1e-6, east + 1e-6).all()
    assert stored["lat"].between(south - 1e-6, north + 1e-6).all()
    assert abs(stored["lon"].min() - west) < 1e-5
    assert abs(stored["lat"].max() - north) < 1e-5


# -------------------------------------------------------------------------------------------


def mesa(folder: Path, name: str) -> Path:
    """Zip one shapefile of the example that comes with libpysal."""
    package = Path(find_spec("libpysal").origin).parent
    path = folder / f"{name}.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in sorted((package / "examples" / "geodanet").glob(f"{name}.*")):
            if part.suffix in {".shp", ".shx", ".dbf", ".prj"}:
                archive.write(part, part.name)
    return path
