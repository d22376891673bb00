"""The official layer: one real record decodes, and each of its traps is met."""

import hashlib
import hmac
import json
from datetime import datetime

import numpy as np
import pytest
from shapely.geometry import box

from data.importers.kpssu import read_kpssu_file
from data.importers.places.known_places import KnownPlaces
from data.importers.tabular import ReadOptions
from geo.errors import InputRefusedError, UsageError
from geo.study_area import build_study_area
from tests.shared_data import shared_path

KEY = b"a key of this workspace only"
TARAZ = build_study_area("Taraz", box(71.2, 42.7, 71.6, 43.0), time_zone="Asia/Almaty")

# 20:30 on 8 February 2020, stamped as if it were universal time:
# 18 300 days to 8 February 2020 (50 years × 365 + 12 leap days + 38 days) × 86 400 + 73 800 s
COMMITTED = (18_300 * 86_400 + 73_800) * 1000


def record(**changes):
    return {
        "CRIME_CODE": "1880", "HARD_CODE": "3", "STAT": "ст.188 ч.3", "TRANSGRESSION": "5",
        "DAT_SOVER": COMMITTED, "DAT_SOVER_STR": "08.02.2020 20:30",
        "DAT_VOZB": COMMITTED + 3_600_000, "DAT_VOZB_STR": "08.02.2020",
        "UD": "203112030001555", "FE1R32P1": "Иные", "discontinued": 0, **changes,
    }  # fmt: skip


def page(tmp_path, records, **members):
    document = {
        "spatialReference": {"wkid": 4326},
        "features": [{"attributes": row, "geometry": {"x": 71.3, "y": 42.8}} for row in records],
        **members,
    }
    path = tmp_path / "page.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def read(path, **options):
    return read_kpssu_file(path, ReadOptions(id_key=KEY, **options), KnownPlaces(TARAZ))


@pytest.mark.shared
@pytest.mark.bad_input("B28", "B31")
def test_the_real_record_decodes():
    path = shared_path("kpssu/sample_record_masked.json")
    imported = read(path)
    row = imported.frame.iloc[0]
    assert row["occurred_at"] == datetime(2020, 2, 8, 20, 30)
    assert row["occurred_precision"] == "minute"
    assert row["registered_at"] == datetime(2020, 2, 8, 12, 38, 48)
    assert (round(row["lat"], 1), round(row["lon"], 1)) == (42.8, 71.3)
    assert (row["article"], row["part"], row["gravity"]) == ("188", "3", 3)
    assert row["offence_group"] == "theft_robbery"
    assert row["severity_days"] == 3103  # the midpoint of gravity 3
    assert row["is_misdemeanour"] is False
    assert row["place_type"] == "other"  # «Иные»
    assert row["status"] == "active"
    assert any(
        note.startswith("registered_before_occurred: 1 ") for note in imported.report.warnings
    )
    assert imported.report.inferred["crs"].startswith("EPSG:32642 ")
    assert imported.report.to_json()["reasons"] == {}


@pytest.mark.bad_input("B09")
def test_a_negative_easting_of_the_countrys_plane_lands_in_oral(tmp_path):
    # The whole country is written in one zone; Oral lies 1 226 km west of its central meridian.
    document = {
        "features": [{"attributes": record(), "geometry": {"x": -726_635, "y": 5_825_049}}],
    }
    path = tmp_path / "page.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    oral = build_study_area("Oral", box(51.2, 51.1, 51.6, 51.4), time_zone="Asia/Oral")
    imported = read_kpssu_file(path, ReadOptions(id_key=KEY), KnownPlaces(oral))
    row = imported.frame.iloc[0]
    assert (round(row["lat"], 4), round(row["lon"], 4)) == (51.2333, 51.3667)
    assert imported.report.inferred["crs"].startswith("EPSG:32642 ")


def test_the_case_number_is_kept_only_as_a_hash_under_the_key(tmp_path):
    path = page(tmp_path, [record()])
    imported = read(path)
    expected = hmac.new(KEY, b"203112030001555", hashlib.sha256).hexdigest()
    assert imported.frame["ext_id_hash"].tolist() == [expected]
    assert "0001555" not in imported.frame.to_csv() + json.dumps(imported.report.to_json())
    other = read_kpssu_file(path, ReadOptions(id_key=b"another"), KnownPlaces(TARAZ)).frame
    assert other["ext_id_hash"][0] != expected
    assert other["identity"].tolist() == imported.frame["identity"].tolist()


def test_a_case_number_without_a_key_is_refused(tmp_path):
    with pytest.raises(UsageError) as refusal:
        read_kpssu_file(page(tmp_path, [record()]), ReadOptions(), KnownPlaces(TARAZ))
    assert refusal.value.code == "id_key_missing"


@pytest.mark.parametrize(
    ("code", "article"),
    [("1880", "188"), ("1321", "132-1"), ("0990", "99"), ("990", "99"), (1880, "188")],
)
def test_crime_codes_are_articles_times_ten(tmp_path, code, article):
    frame = read(page(tmp_path, [record(CRIME_CODE=code, STAT=None)])).frame
    assert frame["article"].tolist() == [article]


def test_lower_case_names_and_geojson_are_the_same_record(tmp_path):
    upper = read(page(tmp_path, [record()])).frame
    path = tmp_path / "page.geojson"
    lower = {name.lower(): value for name, value in record().items()}
    feature = {
        "type": "Feature",
        "properties": lower,
        "geometry": {"type": "Point", "coordinates": [71.3, 42.8]},
    }
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    frame = read(path).frame
    assert frame.drop(columns="geo_accuracy_m").equals(upper.drop(columns="geo_accuracy_m"))


def test_a_globalid_is_the_record_whatever_changes(tmp_path):
    first = read(page(tmp_path, [record(globalid="{A-1}")])).frame
    again = read(page(tmp_path, [record(globalid="{A-1}", CRIME_CODE="1910", STAT="ст.191")])).frame
    assert first["identity"].tolist() == again["identity"].tolist()


def test_a_time_that_its_text_denies_is_put_aside(tmp_path):
    rows = [record() for _ in range(9)] + [record(DAT_SOVER=COMMITTED - 5 * 3_600_000)]
    imported = read(page(tmp_path, rows))
    assert imported.report.reasons == {"time_disagrees": 1}
    assert imported.refused[["row", "column", "code"]].to_dict("records") == [
        {"row": 10, "column": "DAT_SOVER", "code": "time_disagrees"}
    ]


def test_a_date_without_a_time_is_a_day(tmp_path):
    midnight = COMMITTED - 73_800_000
    row = record(DAT_SOVER=midnight, DAT_SOVER_STR="08.02.2020", DAT_VOZB=None, DAT_VOZB_STR=None)
    frame = read(page(tmp_path, [row])).frame
    assert frame["occurred_precision"].tolist() == ["day"]


def test_discontinued_rows_stay_with_their_mark(tmp_path):
    frame = read(page(tmp_path, [record(discontinued=1), record(discontinued="0")])).frame
    assert sorted(frame["status"]) == ["active", "discontinued"]


def test_misdemeanours_are_told_by_transgression(tmp_path):
    frame = read(page(tmp_path, [record(TRANSGRESSION="6", HARD_CODE="0")])).frame
    assert frame["is_misdemeanour"].tolist() == [True]
    assert frame["gravity"].tolist() == [0]
    assert frame["severity_days"].tolist() == [30]


def test_a_page_that_the_server_cut_off_says_so(tmp_path):
    report = read(page(tmp_path, [record()], exceededTransferLimit=True)).report
    assert any(note.startswith("page_cut_off:") for note in report.warnings)


@pytest.mark.bad_input("B09")
def test_another_crs_than_the_page_names_is_refused(tmp_path):
    with pytest.raises(InputRefusedError) as refusal:
        read(page(tmp_path, [record()]), crs="EPSG:32642")
    assert refusal.value.code == "crs_mismatch"


def test_articles_outside_the_groups_are_kept_and_counted(tmp_path):
    rows = [record(), record(CRIME_CODE="1900", STAT="ст.190 ч.1")]
    imported = read(page(tmp_path, rows))
    assert imported.report.accepted == 2
    fraud = imported.frame[imported.frame["article"] == "190"].iloc[0]
    assert fraud["offence_group"] is None
    assert fraud["discretionary"] is None
    assert not np.isnan(fraud["severity_days"])  # its gravity is known
    assert any("articles 190" in note for note in imported.report.warnings)


def test_no_street_or_house_comes_in(tmp_path):
    path = page(tmp_path, [record(FZ1R18P5="ВИШНЕВАЯ", FZ1R18P6="12А")])
    assert "ВИШНЕВАЯ" not in read(path).frame.to_csv()
