"""Lamps, visits, cameras, schools and homes: columns of their tables, nothing missing made up."""

import json
from datetime import date, datetime

import numpy as np
import pytest

from data.importers.cameras import read_cameras_file
from data.importers.homes import read_homes_file
from data.importers.lighting import read_lighting_file
from data.importers.patrols import read_patrols_file
from data.importers.schools import parse_shifts, read_schools_file
from data.store.row_values import MADE_BY_STORE
from data.tables import Camera, Home, Lamp, PatrolVisit, School, table_of
from geo.errors import InputRefusedError
from geo.schema import CAMERAS, HOMES, LAMPS, SCHOOLS, VISITS, check_frame
from tests.data.asset_files import TOWN, codes, counts, metres, read

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
    assert set(imported.frame) - {"rows"} == stored - MADE_BY_STORE
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
    frame = read(read_lighting_file, text, tmp_path, name="lamps.geojson").frame
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
    assert codes(imported) == [(11, column, code)]
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


POLES = (
    "№ опоры;ШУНО;улица;дом;светильник;состояние;балансодержатель;дата обследования\n"
    "1;Ш-1;ул. Абая;1;ДНаТ;горит;ЖКХ;2025-01-10\n"
    "1;Ш-2;ул. Абая;21;LED;не горит;ЖКХ;\n"
    "2;Ш-2;Абай көшесі;11;светодиодный;не оплачен;ОСИ;\n"
    "3;Ш-2;ул. Абая;13;;демонтирован;;\n"
    "4;Ш-2;ул. Абая;15;;план;;\n"
    "5;Ш-2;ул. Абая;17;;;;\n"
    "6;Ш-2;ул. Абая;19;;Неизвестно;;\n"
)


def test_poles_stand_at_their_addresses_and_bear_their_state(tmp_path):
    imported = read(read_lighting_file, POLES, tmp_path, places=TOWN)
    frame = imported.frame.sort_values("source_row").reset_index(drop=True)
    assert imported.rows_are == "lamps"
    assert imported.report.inferred["kind_of_file"].startswith("pole_list")
    assert frame["state"].tolist() == [
        "works", "dead", "unpaid", "dismantled", "planned", "unknown", "unknown"
    ]  # fmt: skip
    # What is planned or unknown is not dark.
    assert frame["working"].tolist() == [True, False, False, False, None, None, None]
    assert frame["kind"].tolist()[:3] == ["sodium", "led", "led"]
    assert frame["number"].tolist() == ["1", "1", "2", "3", "4", "5", "6"]
    assert frame["inspected_at"].iloc[0] == datetime(2025, 1, 10)
    assert metres(frame["lat"], frame["lon"])[:3] == [(0, 15), (1000, 15), (500, 15)]
    assert imported.report.findings["geocoded"]["rows"] == 7


def test_a_pole_whose_house_is_not_known_has_no_place(tmp_path):
    text = POLES + "7;Ш-2;ул. Абая;;;;;\n8;Ш-2;ул. Небывалая;3;;;;\n"
    imported = read(read_lighting_file, text, tmp_path, places=TOWN, allowed_bad_share=0.3)
    assert codes(imported) == [(9, "дом", "address_vague"), (10, "улица", "address_unknown")]
    assert counts(imported) == (9, 7, 2, 0)


def test_a_number_counts_within_its_feeder_or_street(tmp_path):
    text = "№ опоры,улица,lat,lon\n1,Абая,51.221,51.362\n1,Достык,51.231,51.372\n"
    assert read(read_lighting_file, text, tmp_path).report.accepted == 2
    one = "№ опоры,lat,lon\n1,51.221,51.362\n1,51.231,51.372\n"
    with pytest.raises(InputRefusedError, match="conflicting_duplicate 2"):
        read(read_lighting_file, one, tmp_path)


def test_two_columns_of_one_state_must_not_contradict(tmp_path):
    rows = "".join(f"{n},51.22{n},51.36{n},works,да\n" for n in range(9))
    text = "number,lat,lon,state,горит\n" + rows + "9,51.229,51.369,демонтирован,да\n"
    imported = read(read_lighting_file, text, tmp_path)
    assert codes(imported) == [(11, "горит", "state_contradicts")]


@pytest.mark.bad_input("B44")
def test_rows_of_one_id_that_differ_in_their_state_are_both_put_aside(tmp_path):
    text = lines(LAMPS_CSV) + "\nn0,51.221,51.362,8.5,no,2020-09-01,,\n"
    imported = read(read_lighting_file, text, tmp_path)
    assert [fault[2] for fault in codes(imported)] == ["conflicting_duplicate"] * 2


def test_twins_without_an_id_are_the_same_records_in_any_order(tmp_path):
    rows = ["51.221,51.362,yes", "51.221,51.362,no", "51.221,51.362,", "51.222,51.363,yes"]
    first = read(read_lighting_file, "\n".join(["lat,lon,working", *rows]), tmp_path).frame
    again = read(read_lighting_file, "\n".join(["lat,lon,working", *rows[::-1]]), tmp_path).frame
    assert first.drop(columns="source_row").equals(again.drop(columns="source_row"))
    assert len(first) == 4


CAMERAS_LIST = (
    "№ камеры;тип;владелец;подключена к ЦОУ;работает;азимут;угол;дальность;срок хранения;lat;lon\n"
    "1;Обзорная;ДП;да;да;90;60;80;30;51.221;51.362\n"
    "2;Подъезд;Казахтелеком;жоқ;нет;;;;;51.222;51.363\n"
    "3;Сергек;ДП;;;;;;;51.223;51.364\n"
    "4;тепловизор;ДП;;;;;;;51.224;51.365\n"
)


def test_an_entrance_camera_is_told_from_one_of_the_street(tmp_path):
    imported = read(read_cameras_file, CAMERAS_LIST, tmp_path)
    frame = imported.frame.sort_values("source_row")
    assert frame["kind"].tolist() == ["overview", "entrance", "speed", "тепловизор"]
    assert frame["connected"].tolist() == [True, False, None, None]
    assert frame[["angle_deg", "retention_days"]].iloc[0].tolist() == [60, 30]
    assert any(note.startswith("kind_unknown: 1 ") for note in imported.report.warnings)


SCHOOLS_LIST = (
    "БИН;атауы;язык;1 смена;2 смена;оқушылар саны;охрана;турникет;инспектор;камеры ЦОУ;lat;lon\n"
    "990340000001;№ 1 мектеп;казахский;8.00-13.00;13.30-18.30;640;да;нет;да;;51.221;51.362\n"
    "990340000001;№ 1 мектеп;казахский;8.00-13.00;13.30-18.30;640;да;нет;да;;51.222;51.363\n"
    "990340000001;№ 1 мектеп;казахский;8.00-13.00;13.30-18.30;640;да;нет;да;;51.222;51.363\n"
    "990340000002;№ 2 мектеп;аралас;8.00-13.00;12.30-18.00;;;;;иә;51.231;51.372\n"
    "990340000003;№ 3 мектеп;;;;;;;;;51.241;51.382\n"
)


def test_rows_of_one_number_are_gates_of_one_school(tmp_path):
    imported = read(read_schools_file, SCHOOLS_LIST, tmp_path)
    frame = imported.frame.set_index("number")
    assert frame.loc["990340000001", "gates"] == "51.221000,51.362000;51.222000,51.363000"
    assert frame.loc["990340000001", ["lat", "lon"]].tolist() == [51.221, 51.362]
    # Two rows are gates of one school, the third repeats the second.
    assert frame["rows"].to_dict()["990340000001"] == 2
    assert counts(imported) == (5, 4, 0, 1)
    assert frame["language"].to_dict() == {
        "990340000001": "kk", "990340000002": "kk+ru", "990340000003": None
    }  # fmt: skip
    assert frame["guard"].tolist().count(True) == 1
    assert frame.loc["990340000002", "cameras_connected"]
    assert frame.loc["990340000001", "shift_times"] == "08:00-13:00;13:30-18:30"


def test_shifts_that_overlap_are_named_by_their_row(tmp_path):
    notes = read(read_schools_file, SCHOOLS_LIST, tmp_path).report.warnings
    assert any(note.startswith("shifts_overlap: 1 ") and "rows 5" in note for note in notes)


def test_the_order_of_gates_does_not_matter(tmp_path):
    head, *rows = SCHOOLS_LIST.splitlines()
    first = read(read_schools_file, SCHOOLS_LIST, tmp_path).frame
    again = read(read_schools_file, "\n".join([head, *rows[::-1]]), tmp_path).frame
    assert first.drop(columns="source_row").equals(again.drop(columns="source_row"))


def test_a_cell_of_gates_is_read_and_can_be_the_place(tmp_path):
    text = (
        'name,gates\nA,"51.231,51.372; 51.2305,51.3715"\nB,51.24 51.39\n'
        'C,"51.25,51.38"\nD,"51.25,51.38"\nE,"51.25,51.38"\nF,"51.99,51.38"\n'
    )
    imported = read(read_schools_file, text, tmp_path)
    frame = imported.frame.set_index("name")
    assert frame.loc["A", ["lat", "lon"]].tolist() == [51.2305, 51.3715]
    assert frame.loc["A", "gates"] == "51.230500,51.371500;51.231000,51.372000"
    assert {fault[2] for fault in codes(imported)} == {"gates_invalid", "outside_region"}


def test_a_number_of_shifts_says_nothing_of_their_times(tmp_path):
    text = "name,lat,lon,смены\nA,51.221,51.362,2\nB,51.222,51.363,2 смены\n"
    frame = read(read_schools_file, text, tmp_path).frame
    assert frame["shift_times_assumed"].tolist() == [True, True]


def test_a_house_may_be_known_by_its_address(tmp_path):
    text = 'мекенжай,пәтерлер\n"Абай көшесі, 11",60\n'
    frame = read(read_homes_file, text, tmp_path, places=TOWN).frame
    assert metres(frame["lat"], frame["lon"]) == [(500, 15)]
