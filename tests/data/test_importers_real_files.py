"""Real files of two cities, in feet without hours and in degrees with them."""

from datetime import date, datetime

import pytest
from shapely.geometry import box

from data.importers.incidents import read_incidents_file
from data.importers.places.known_places import KnownPlaces
from data.importers.tabular import ReadOptions
from geo.study_area import build_study_area
from tests.shared_data import shared_path

PORTLAND = build_study_area(
    "Portland", box(-122.9, 45.4, -122.4, 45.7), time_zone="America/Los_Angeles"
)
MEMPHIS = build_study_area("Memphis", box(-90.4, 34.9, -89.6, 35.4), time_zone="America/Chicago")

PORTLAND_MAPPING = """
source: portland-police
crs: EPSG:2913
columns: {occurred_at: date, x: x_ft, y: y_ft, offence: cat}
offence_groups: {BURG: theft_robbery, TOA: theft_robbery}
constants: {discovery: reported}
"""


@pytest.fixture
def write(tmp_path):
    def write_file(text, name="offences.csv"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write_file


def read(path, area, **options):
    return read_incidents_file(path, ReadOptions(**options), KnownPlaces(area))


@pytest.mark.shared
@pytest.mark.bad_input("B09", "B30")
def test_portland_in_feet_keeps_its_twins_and_knows_no_hour(write):
    path = shared_path("portland/events_2012-03-01_2017-02-28.csv")
    mapping = write(PORTLAND_MAPPING, "portland.yaml")
    imported = read(path, PORTLAND, mapping=mapping)
    report = imported.report

    assert (report.rows_read, report.accepted, report.quarantined, report.duplicate) == (
        14_133, 14_133, 0, 0,
    )  # fmt: skip
    assert imported.frame["identity"].is_unique
    assert imported.frame["identity"].str.fullmatch("[0-9a-f]{32}").all()
    lines = path.read_text().splitlines()[1:]
    assert len(lines) - len(set(lines)) == 63  # rows that repeat an earlier one: none was merged
    assert set(imported.frame["occurred_precision"]) == {"day"}
    assert (report.covers_from, report.covers_to) == (date(2012, 3, 1), date(2017, 2, 28))
    assert imported.frame["severity_days"].isna().all()  # no gravity is known abroad
    # The file's own degrees, six decimals, are an independent check of the feet: 1e-5° is 1 m.
    first = imported.frame[imported.frame["source_row"] == 2].iloc[0]
    assert first["lat"] == pytest.approx(45.518788, abs=1e-5)
    assert first["lon"] == pytest.approx(-122.609715, abs=1e-5)
    assert first["geo_accuracy_m"] == pytest.approx(0.5 * 0.3048)  # half a foot


@pytest.mark.shared
@pytest.mark.bad_input("B43")
def test_portland_in_another_order_or_in_parts_is_the_same_records(write):
    path = shared_path("portland/events_2012-03-01_2017-02-28.csv")
    options = ReadOptions(mapping=write(PORTLAND_MAPPING, "portland.yaml"))
    head, *rows = path.read_text().splitlines(keepends=True)
    whole = read_incidents_file(path, options, KnownPlaces(PORTLAND)).frame["identity"]
    shuffled = write(head + "".join(reversed(rows)), "reversed.csv")
    wider = write(head.strip() + ",note\n" + "".join(f"{row.strip()},x\n" for row in rows[:999]))
    assert (
        whole.tolist()
        == read_incidents_file(shuffled, options, KnownPlaces(PORTLAND)).frame["identity"].tolist()
    )
    assert set(read_incidents_file(wider, options, KnownPlaces(PORTLAND)).frame["identity"]) <= set(
        whole
    )


@pytest.mark.shared
@pytest.mark.bad_input("B04")
def test_rows_outside_the_study_area_are_counted_and_do_not_spoil_the_file(write):
    path = shared_path("portland/events_2012-03-01_2017-02-28.csv")
    centre = build_study_area(
        "Centre", box(-122.69, 45.50, -122.64, 45.54), time_zone="America/Los_Angeles"
    )
    imported = read(path, centre, mapping=write(PORTLAND_MAPPING, "portland.yaml"))
    report = imported.report
    assert report.reasons == {"outside_region": report.outside_region}
    assert report.outside_region == report.quarantined == len(imported.refused)
    assert report.accepted + report.quarantined + report.duplicate == 14_133
    assert 0 < report.accepted < 14_133 / 2
    # What lies outside still tells which days the file covers.
    assert (report.covers_from, report.covers_to) == (date(2012, 3, 1), date(2017, 2, 28))


@pytest.mark.shared
@pytest.mark.bad_input("B07")
def test_memphis_keeps_its_hours_and_is_flagged_as_coarse(write):
    path = shared_path("memphis/memphis_robberies.geojson")
    mapping = write("offence_groups: {personal robbery: theft_robbery}", "memphis.yaml")
    imported = read(path, MEMPHIS, mapping=mapping)
    assert imported.report.accepted == 2245
    assert set(imported.frame["occurred_precision"]) == {"minute"}
    first = imported.frame[imported.frame["source_row"] == 1].iloc[0]
    assert first["occurred_at"] == datetime(2019, 1, 1, 1, 30)
    assert (first["lat"], first["lon"]) == (35.149, -89.942)
    # Half of a thousandth of a degree, 111 320 m each: 55.66 m, also where a zero was dropped.
    assert imported.frame["geo_accuracy_m"].round(2).unique().tolist() == [55.66]
    assert any(note.startswith("coordinates_coarse:") for note in imported.report.warnings)
