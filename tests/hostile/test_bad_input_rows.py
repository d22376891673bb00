"""Rows that cannot be meant: each ends as a coded row, or its whole file as a coded refusal."""

from datetime import datetime

import numpy as np
import pytest
from shapely.geometry import box

from geo.errors import UsageError
from geo.study_area import build_study_area
from tests.hostile.rows import ORAL, features, file_with, geojson, line, point, read, refused

FAULT = ["row", "column", "code"]


@pytest.mark.parametrize(
    ("lat", "code"),
    [
        pytest.param("NaN", "coord_not_finite", marks=pytest.mark.bad_input("B01")),
        pytest.param("-inf", "coord_not_finite", marks=pytest.mark.bad_input("B01")),
        pytest.param("1e999", "coord_not_finite", marks=pytest.mark.bad_input("B01")),
        pytest.param("91", "coord_out_of_range", marks=pytest.mark.bad_input("B02")),
        pytest.param("541", "coord_out_of_range", marks=pytest.mark.bad_input("B02")),
        pytest.param("512300000", "coord_out_of_range", marks=pytest.mark.bad_input("B02")),
        pytest.param("", "coord_missing", marks=pytest.mark.bad_input("B03")),
        pytest.param("90", "outside_region", marks=pytest.mark.bad_input("B14")),
        pytest.param("-90", "outside_region", marks=pytest.mark.bad_input("B14")),
        pytest.param("52.9", "outside_region", marks=pytest.mark.bad_input("B04")),
        pytest.param('"51,23"', "coord_not_number", marks=pytest.mark.bad_input("B08")),
        pytest.param("0x33", "coord_not_number", marks=pytest.mark.bad_input("B08")),
        pytest.param("5_1", "coord_not_number", marks=pytest.mark.bad_input("B08")),
        pytest.param("٥١", "coord_not_number", marks=pytest.mark.bad_input("B08")),
        pytest.param("51.23°", "coord_not_number", marks=pytest.mark.bad_input("B08")),
        pytest.param("51°13′40″", "coord_not_number", marks=pytest.mark.bad_input("B08")),
    ],
)
def test_a_coordinate_that_cannot_be_is_a_coded_row(tmp_path, lat, code):
    imported = read(file_with(tmp_path, line(20, lat=lat)))
    assert imported.refused[FAULT].to_dict("records") == [
        {"row": 21, "column": "lat", "code": code}
    ]
    report = imported.report
    assert (report.rows_read, report.accepted, report.quarantined) == (20, 19, 1)
    assert report.reasons == {code: 1}
    assert np.isfinite(imported.frame[["lat", "lon"]].to_numpy()).all()


@pytest.mark.bad_input("B03")
def test_null_island_is_no_place(tmp_path):
    imported = read(file_with(tmp_path, line(20, lat="0", lon="0.0")))
    assert imported.report.reasons == {"coord_missing": 1}


@pytest.mark.bad_input("B08")
def test_space_around_a_number_does_not_matter(tmp_path):
    assert read(file_with(tmp_path, line(20, lat=" 51.2220 "))).report.accepted == 20


@pytest.mark.bad_input("B01", "B03", "B13")
def test_geometry_that_is_no_point_is_a_coded_row(tmp_path):
    good = [point(51.36 + n / 1000, 51.22) for n in range(40)]
    bad = [
        None,
        {"type": "Point", "coordinates": []},
        {"type": "Polygon", "coordinates": []},
        point(51.36, 51.22, None),
        point("51.36", "51.22"),
    ]
    text = features(*good, *bad, point(51.361, 51.221, 104.5))
    text = text.replace('"coordinates": [51.36, 51.22]', '"coordinates": [51.36, NaN]')
    imported = read(geojson(tmp_path, text))
    codes = imported.refused.drop_duplicates("row").set_index("row")["code"].to_dict()
    assert codes == {
        1: "coord_not_finite",
        41: "coord_missing",
        42: "coord_missing",
        43: "geometry_not_point",
        44: "coord_not_number",
        45: "coord_not_number",
    }
    assert 46 in set(imported.frame["source_row"])  # a height is left out, the point is taken


@pytest.mark.parametrize(("text", "metres"), [("51.223", 55.66), ("51.22", 556.6)])
@pytest.mark.bad_input("B07")
def test_few_decimals_are_kept_as_low_accuracy(tmp_path, text, metres):
    rows = [line(40 + n, lat=text, lon=f"51.{36 + n}"[: len(text)]) for n in range(5)]
    imported = read(file_with(tmp_path, *rows))
    coarse = imported.frame[imported.frame["source_row"] >= 21]
    assert coarse["geo_accuracy_m"].round(2).tolist() == [metres] * 5
    assert imported.frame["geo_accuracy_m"].min() < 6


@pytest.mark.bad_input("B09")
def test_metres_under_the_name_of_degrees_are_refused_whole(tmp_path):
    rows = [line(n, lat="6665000", lon="5717000") for n in range(3)]
    error = refused(file_with(tmp_path, *rows, good=0))
    assert error.code == "crs_mismatch"
    assert "--crs" in str(error)


@pytest.mark.bad_input("B09")
def test_declared_metres_are_read(tmp_path):
    x, y = ORAL.to_metric(51.22, 51.36)
    text = f"occurred_at,article,y,x\n2025-04-01 10:00,188,{y[0]:.2f},{x[0]:.2f}\n"
    path = tmp_path / "metres.csv"
    path.write_text(text)
    frame = read(path, crs=ORAL.metric_crs).frame
    assert frame["lat"][0] == pytest.approx(51.22, abs=1e-6)


@pytest.mark.bad_input("B09")
def test_an_unknown_crs_and_one_that_the_file_denies_are_named(tmp_path):
    path = file_with(tmp_path)
    with pytest.raises(UsageError, match="EPSG:999999") as unknown:
        read(path, crs="EPSG:999999")
    assert unknown.value.code == "crs_unknown"
    assert refused(path, crs="EPSG:32639").code == "crs_mismatch"
    named = {"crs": {"type": "name", "properties": {"name": "EPSG:32639"}}}
    text = features(point(51.36, 51.22), **named)
    assert refused(geojson(tmp_path, text), crs="EPSG:4326").code == "crs_mismatch"


@pytest.mark.bad_input("B05")
def test_a_file_that_fits_only_when_swapped_is_refused_whole(tmp_path):
    area = build_study_area("Aksai", box(52.9, 51.1, 53.1, 51.2), time_zone="Asia/Oral")
    rows = [line(n, lat=f"53.00{n}", lon=f"51.15{n}") for n in range(9)]
    error = refused(file_with(tmp_path, *rows, good=0), area)
    assert error.code == "likely_swapped"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("1900-01-01", "time_invalid"),
        ("9999-12-31", "time_invalid"),
        ("infinity", "time_invalid"),
        ("2025-02-30", "time_invalid"),
        ("2025-04-01 25:00", "time_invalid"),
        ("2025-04-01 24:30", "time_invalid"),
        ("", "time_missing"),
        ("2025-06-03 00:01", "time_in_future"),
    ],
)
@pytest.mark.bad_input("B29")
def test_a_time_that_cannot_be_is_a_coded_row(tmp_path, text, code):
    path = file_with(tmp_path, line(20, occurred_at=text))
    imported = read(path, received_at=datetime(2025, 6, 2))
    assert imported.refused[FAULT].to_dict("records") == [
        {"row": 21, "column": "occurred_at", "code": code}
    ]


@pytest.mark.bad_input("B29")
def test_24_00_is_the_start_of_the_next_day_and_is_said(tmp_path):
    imported = read(file_with(tmp_path, line(20, occurred_at="2025-04-30 24:00")))
    assert imported.frame["occurred_at"].max() == datetime(2025, 5, 1)
    assert imported.report.inferred["occurred_at_24_00"].startswith("1 rows ")


@pytest.mark.parametrize(("midnights", "hidden"), [(30, False), (31, True)])
@pytest.mark.bad_input("B30")
def test_midnight_is_no_hour_when_more_than_thirty_in_a_hundred_have_it(
    tmp_path, midnights, hidden
):
    rows = [
        line(n, occurred_at=f"2025-04-01 {'00:00' if n < midnights else '18:05'}")
        for n in range(100)
    ]
    imported = read(file_with(tmp_path, *rows, good=0))
    days = int((imported.frame["occurred_precision"] == "day").sum())
    assert days == (midnights if hidden else 0)
    told = any(note.startswith("time_unknown:") for note in imported.report.warnings)
    assert told is hidden


@pytest.mark.bad_input("B30")
def test_a_date_alone_has_no_hour(tmp_path):
    imported = read(file_with(tmp_path, line(20, occurred_at="2025-04-01")))
    row = imported.frame[imported.frame["source_row"] == 21].iloc[0]
    assert row["occurred_precision"] == "day"


@pytest.mark.bad_input("B31")
def test_registered_before_it_happened_is_taken_with_a_warning(tmp_path):
    text = (
        "id,occurred_at,registered_at,article,lat,lon\n"
        "a,2025-04-01 20:30,2025-04-01 12:38,188,51.2213,51.3621\n"
        "b,2025-04-01 20:30,2025-04-01,188,51.2214,51.3622\n"
    )
    path = tmp_path / "rows.csv"
    path.write_text(text)
    imported = read(path)
    assert imported.report.accepted == 2
    assert set(imported.frame["occurred_at"]) == {datetime(2025, 4, 1, 20, 30)}
    notes = [note for note in imported.report.warnings if note.startswith("registered_before")]
    assert notes[0].startswith("registered_before_occurred: 1 rows")  # a day alone says nothing


@pytest.mark.bad_input("B28")
def test_mixed_offsets_and_a_skipped_hour_are_said(tmp_path):
    area = build_study_area("Berlin", box(13, 52, 14, 53), time_zone="Europe/Berlin")
    times = ("2025-03-30 02:30", "2025-03-30T00:30:00Z", "2025-03-30 03:30+02:00")
    rows = [
        line(n, occurred_at=time, lat="52.5213", lon=f"13.40{n}1") for n, time in enumerate(times)
    ]
    imported = read(file_with(tmp_path, *rows, good=0), area)
    codes = {note.split(":")[0] for note in imported.report.warnings}
    assert {"mixed_offsets", "time_skipped"} <= codes
    at = imported.frame.sort_values("source_row")["occurred_at"].tolist()
    # 00:30 universal time is 01:30 in winter time; 03:30 is in summer time already.
    assert at[1:] == [datetime(2025, 3, 30, 1, 30), datetime(2025, 3, 30, 3, 30)]


@pytest.mark.bad_input("B32")
def test_a_date_that_reads_both_ways_needs_a_word(tmp_path):
    path = file_with(tmp_path, *(line(n, occurred_at="03.04.2025") for n in range(3)), good=0)
    error = refused(path)
    assert error.code == "date_order_ambiguous"
    assert read(path, date_order="dmy").frame["occurred_at"][0] == datetime(2025, 4, 3)
    assert read(path, date_order="mdy").frame["occurred_at"][0] == datetime(2025, 3, 4)


@pytest.mark.bad_input("B32")
def test_one_date_that_reads_one_way_decides_and_is_said(tmp_path):
    days = ("03.04.2025", "13.04.2025")
    path = file_with(tmp_path, *(line(n, occurred_at=d) for n, d in enumerate(days)), good=0)
    imported = read(path)
    assert sorted(imported.frame["occurred_at"])[0] == datetime(2025, 4, 3)
    assert imported.report.inferred["date_order"] == "dmy: 1 rows allow no other"


@pytest.mark.bad_input("B08")
def test_a_file_of_angles_is_read_and_said(tmp_path):
    rows = [line(n, lat=f"51°13′{n:02}″N", lon=f"51°22′{n:02}″E") for n in range(10)]
    imported = read(file_with(tmp_path, *rows, good=0))
    assert imported.report.accepted == 10
    assert imported.report.inferred["coordinates"].startswith("dms: 100.0% of the cells")


@pytest.mark.bad_input("B29")
def test_an_interval_in_one_cell_keeps_its_end(tmp_path):
    imported = read(file_with(tmp_path, line(20, occurred_at="01.04.2025 с 20.00 до 22.30"),
                              line(21, occurred_at="13.04.2025 20:00")))  # fmt: skip
    row = imported.frame[imported.frame["source_row"] == 21].iloc[0]
    assert row["occurred_precision"] == "interval"
    assert row["occurred_to"] == datetime(2025, 4, 1, 22, 30)


@pytest.mark.bad_input("B30")
def test_noon_is_no_hour_when_a_third_of_the_rows_have_it(tmp_path):
    rows = [line(n, occurred_at=f"2025-04-01 {'12:00' if n < 40 else '18:05'}") for n in range(100)]
    imported = read(file_with(tmp_path, *rows, good=0))
    assert (imported.frame["occurred_precision"] == "day").sum() == 40


@pytest.mark.bad_input("B28")
def test_one_zone_since_2024_is_the_tz_database_s(tmp_path):
    area = build_study_area("Almaty", box(76.8, 43.1, 77.1, 43.4), time_zone="Asia/Almaty")
    times = ("2024-02-29T20:00:00Z", "2024-03-01T20:00:00Z")
    rows = [line(n, occurred_at=t, lat=f"43.2{n}13", lon=f"76.9{n}11") for n, t in enumerate(times)]
    at = sorted(read(file_with(tmp_path, *rows, good=0), area).frame["occurred_at"])
    assert at == [datetime(2024, 3, 1, 1), datetime(2024, 3, 2, 1)]  # both after the change
    early = [line(0, occurred_at="2024-02-28T20:00:00Z", lat="43.2313", lon="76.9111")]
    found = read(file_with(tmp_path, *early, good=0), area).frame["occurred_at"]
    assert list(found) == [datetime(2024, 2, 29, 2)]  # six hours ahead until 1 March 2024


@pytest.mark.parametrize("text", ["2001-12-01 00:00:00", "01.дек", "12-янв"])
def test_an_article_that_became_a_day_is_a_coded_row(tmp_path, text):
    imported = read(file_with(tmp_path, line(20, article=text)))
    assert imported.refused[FAULT].to_dict("records") == [
        {"row": 21, "column": "article", "code": "article_is_date"}
    ]


@pytest.mark.bad_input("B21")
def test_text_that_turns_its_reader_s_eye_is_a_coded_row(tmp_path):
    imported = read(file_with(tmp_path, line(20, article="188\u202e3.ч")))
    assert imported.refused[FAULT].to_dict("records") == [
        {"row": 21, "column": "article", "code": "text_unsafe"}
    ]
