"""Lamps, visits, cameras, schools and homes: columns of their tables, nothing missing made up."""

import json
from datetime import date, datetime

import numpy as np
import pytest
from shapely.geometry import box

from data.importers.cameras import read_cameras_file
from data.importers.homes import read_homes_file
from data.importers.known_places import KnownPlaces
from data.importers.lighting import read_lighting_file
from data.importers.patrols import read_patrols_file
from data.importers.schools import parse_shifts, read_schools_file
from data.importers.tabular import ReadOptions
from data.tables import Camera, Home, Lamp, PatrolVisit, School, table_of
from geo.errors import InputRefusedError
from geo.schema import CAMERAS, HOMES, LAMPS, SCHOOLS, VISITS, check_frame
from geo.study_area import build_study_area

ORAL = build_study_area("Oral", box(51.2, 51.1, 51.6, 51.4), time_zone="Asia/Oral")

LAMPS_CSV = (
    "lamp_id,lat,lon,mount_height_m,working,commissioned_at,broken_from,broken_to\n"
    "L1,51.221,51.362,8.5,yes,2020-09-01,,\n"
    "L2,51.222,51.363,,не горит,,2025-01-10,2025-02-01\n"
    "L3,51.223,51.364,,,,,\n"
)
VISITS_CSV = (
    "visit_id,lat,lon,arrived_at,minutes\n"
    "V1,51.221,51.362,2025-01-10 08:05,12\n"
    "V2,51.222,51.363,2025-01-12 18:30,7.5\n"
)
CAMERAS_CSV = (
    "camera_id,lat,lon,kind,working,azimuth_deg,range_m\n"
    "C1,51.221,51.362,ptz,да,270,40\n"
    "C2,51.222,51.363,,,,\n"
)
SCHOOLS_CSV = (
    "school_id,name,lat,lon,shift_times,pupils\n"
    'S1,№ 18 мектеп,51.221,51.362,"8:00-12:30, 13:30–18:00",640\n'
    "S2,,51.222,51.363,,\n"
)
HOMES_CSV = "home_id,lat,lon,dwellings\nH1,51.221,51.362,60\nH2,51.222,51.363,1\n"

READERS = {
    "lamp_id": (read_lighting_file, LAMPS_CSV, Lamp, LAMPS),
    "visit_id": (read_patrols_file, VISITS_CSV, PatrolVisit, VISITS),
    "camera_id": (read_cameras_file, CAMERAS_CSV, Camera, CAMERAS),
    "school_id": (read_schools_file, SCHOOLS_CSV, School, SCHOOLS),
    "home_id": (read_homes_file, HOMES_CSV, Home, HOMES),
}


def read(reader, text, tmp_path, name="file.csv", **options):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return reader(path, ReadOptions(**options), KnownPlaces(ORAL))


def lines(text, **columns):
    """Repeat a row until one faulty row is less than a fifth of the file."""
    head, first, *_ = text.splitlines()
    names = head.split(",")
    rows = []
    for number in range(10):
        cells = dict(zip(names, first.split(","), strict=False))
        cells[names[0]] = f"n{number}"
        rows.append(",".join(({**cells, **columns} if number == 9 else cells).values()))
    return "\n".join([head, *rows])


@pytest.mark.parametrize("id_name", READERS)
def test_frames_have_the_columns_of_their_table(id_name, tmp_path):
    reader, text, model, contract = READERS[id_name]
    imported = read(reader, text, tmp_path)
    stored = {column.name for column in table_of(model).columns}
    assert set(imported.frame) == stored - {"geom", "import_id"}
    check_frame(imported.frame.rename(columns={"identity": id_name}), contract, name=id_name)
    assert imported.report.accepted == len(text.splitlines()) - 1
    assert imported.refused.empty


@pytest.mark.parametrize("id_name", READERS)
@pytest.mark.bad_input("B43")
def test_a_second_reading_is_the_same_records(id_name, tmp_path):
    reader, text, *_ = READERS[id_name]
    head, *rows = text.splitlines()
    first = read(reader, text, tmp_path).frame["identity"]
    again = read(reader, "\n".join([head, *reversed(rows)]), tmp_path).frame["identity"]
    assert first.equals(again)


def test_an_unknown_lamp_is_not_a_dark_one(tmp_path):
    frame = read(read_lighting_file, LAMPS_CSV, tmp_path).frame.sort_values("source_row")
    assert frame["working"].tolist() == [True, False, None]
    assert frame["mount_height_m"].tolist()[0] == 8.5
    assert np.isnan(frame["mount_height_m"].tolist()[1])
    assert frame["commissioned_at"].iloc[0] == datetime(2020, 9, 1)
    assert frame["broken_to"].iloc[1] == datetime(2025, 2, 1)


def test_lamps_come_as_geojson_too(tmp_path):
    features = [
        {
            "type": "Feature",
            "properties": {"lamp_id": name, "working": state},
            "geometry": {"type": "Point", "coordinates": [lon, lat, 7.0]},
        }
        for name, state, lat, lon in (("L1", True, 51.221, 51.362), ("L2", None, 51.222, 51.363))
    ]
    text = json.dumps({"type": "FeatureCollection", "features": features})
    frame = read(read_lighting_file, text, tmp_path, "lamps.geojson").frame
    assert frame.sort_values("source_row")["working"].tolist() == [True, None]
    csv = "lamp_id,lat,lon,working\nL1,51.221,51.362,yes\nL2,51.222,51.363,\n"
    same = read(read_lighting_file, csv, tmp_path).frame
    assert frame["identity"].equals(same["identity"])


def test_visits_cover_their_days(tmp_path):
    report = read(read_patrols_file, VISITS_CSV, tmp_path).report
    assert (report.covers_from, report.covers_to) == (date(2025, 1, 10), date(2025, 1, 12))


def test_missing_shifts_are_assumed_and_marked(tmp_path):
    imported = read(read_schools_file, SCHOOLS_CSV, tmp_path)
    frame = imported.frame.sort_values("source_row")
    assert frame["shift_times"].tolist() == ["08:00-12:30;13:30-18:00", "08:00-13:00;14:00-19:00"]
    assert frame["shift_times_assumed"].tolist() == [False, True]
    assert frame["pupils"].tolist()[0] == 640
    assert np.isnan(frame["pupils"].tolist()[1])
    assert any(note.startswith("shifts_assumed: 1 ") for note in imported.report.warnings)


@pytest.mark.parametrize("text", ["утро", "13:00-08:00", "08:00", "24:30-25:00", ""])
def test_shifts_that_are_no_times_are_none(text):
    assert parse_shifts(text) is None


@pytest.mark.parametrize(
    ("id_name", "changes", "column", "code"),
    [
        ("lamp_id", {"mount_height_m": "61"}, "mount_height_m", "number_out_of_range"),
        ("lamp_id", {"working": "perhaps"}, "working", "word_unknown"),
        ("lamp_id", {"broken_from": "2025-02-01", "broken_to": "2025-01-01"}, "broken_to",
         "broken_to_before_broken_from"),
        ("visit_id", {"arrived_at": "2025-01-10"}, "arrived_at", "time_unknown"),
        ("visit_id", {"minutes": ""}, "minutes", "minutes_missing"),
        ("visit_id", {"minutes": "-1"}, "minutes", "number_out_of_range"),
        ("camera_id", {"azimuth_deg": "361"}, "azimuth_deg", "number_out_of_range"),
        ("home_id", {"dwellings": "five"}, "dwellings", "not_number"),
        ("home_id", {"dwellings": ""}, "dwellings", "dwellings_missing"),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_meant_is_put_aside_by_name(id_name, changes, column, code, tmp_path):
    reader, text, *_ = READERS[id_name]
    imported = read(reader, lines(text, **changes), tmp_path)
    assert imported.refused.to_dict("records") == [{"row": 11, "column": column, "code": code}]
    assert (imported.report.accepted, imported.report.quarantined) == (9, 1)


def test_rows_of_one_id_that_differ_are_both_put_aside(tmp_path):
    text = lines(HOMES_CSV) + "\nn0,51.2299,51.3699,4\n"
    imported = read(read_homes_file, text, tmp_path)
    assert imported.refused["code"].tolist() == ["conflicting_duplicate"] * 2
    assert imported.refused["row"].tolist() == [2, 12]


def test_a_school_register_number_of_twelve_digits_is_no_personal_number(tmp_path):
    # A БИН: its fifth digit is 4, no day of a month.
    text = "бин,атауы,ендік,бойлық\n" + "".join(
        f"99034000{n:04},№ {n} мектеп,51.22{n},51.36{n}\n" for n in range(9)
    )
    assert read(read_schools_file, text, tmp_path).report.accepted == 9


def test_a_list_without_places_says_how_to_name_them(tmp_path):
    with pytest.raises(InputRefusedError, match=r"columns: \{lat: HEAD, lon: HEAD\}") as refusal:
        read(read_homes_file, "home_id,dwellings\nH1,4\n", tmp_path)
    assert refusal.value.code == "column_missing"
