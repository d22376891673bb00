"""The register of measures: dates in order, amounts as written, places as points or lines."""

import json
from datetime import datetime

import numpy as np
import pytest

from data.importers.measures import KINDS, read_measures_file
from data.importers.values.amounts import parse_amount
from data.store.imports import ImportRecord, save_import
from data.store.row_values import MADE_BY_STORE
from data.store.works import read_measures
from data.tables import Measure, table_of
from data.tables.work import MEASURES
from tests.data.asset_files import ORAL, TOWN, codes, counts, degrees, metres, read

REGISTER = (
    "№;вид;улица;от;до;lat;lon;дата решения;сумма;дата начала;дата ввода;ответственный орган\n"
    "1;освещение;;;;51.2301;51.3802;2025-02-01;12 500 000 ₸;2025-04-01;2025-06-15;ЖКХ\n"
    "2;тротуар;ул. Абая;ул. Курмангазы;ул. Сарайшык;;;2025-02-01;3,4 млн тг;;;\n"
    "3;бейнебақылау;;;;51.2401;51.3902;;;;;\n"
)


def test_measures_have_the_columns_of_their_table(tmp_path):
    imported = read(read_measures_file, REGISTER, tmp_path, places=TOWN)
    frame = imported.frame.sort_values("source_row").reset_index(drop=True)
    stored = {column.name for column in table_of(Measure).columns}
    assert set(frame) == stored - MADE_BY_STORE
    assert imported.rows_are == "measures"
    assert frame["kind"].tolist() == ["lamp", "pavement", "camera"]
    assert frame["funded_kzt"].tolist()[:2] == [12_500_000, 3_400_000]
    assert np.isnan(frame["funded_kzt"].iloc[2])
    assert frame["commissioned_at"].iloc[0] == datetime(2025, 6, 15)
    assert frame["commissioned_at"].isna().tolist() == [False, True, True]
    assert frame["line"].map(type).tolist()[1].__name__ == "LineString"
    assert frame["line"].isna().tolist() == [True, False, True]
    east, north = metres(frame["lat"], frame["lon"])[1]
    assert abs(east - 500) <= 60
    assert abs(north) <= 30


def test_every_kind_of_the_store_is_a_word(tmp_path):
    assert set(KINDS.values()) == set(MEASURES)


def test_measures_go_into_the_store_with_their_lines(tmp_path, database):
    imported = read(read_measures_file, REGISTER, tmp_path, places=TOWN)
    record = ImportRecord(
        noun="measures",
        source="s",
        file_name="f",
        file_sha256="0" * 64,
        imported_at=datetime(2025, 9, 1),
        rows_read=3,
        rows_are=imported.rows_are,
    )
    with database.writing() as connection:
        first = save_import(connection, record, imported.blocks, imported.refused)
        again = save_import(connection, record, imported.blocks, imported.refused)
        stored = read_measures(connection)
    assert (first.accepted, again.accepted, again.duplicate) == (3, 0, 3)
    lines = stored.set_index("number")["line"]
    frame = imported.frame.set_index("number")
    assert lines["2"].equals_exact(frame.loc["2", "line"], 1e-12)
    assert lines[["1", "3"]].isna().all()


def rows(**changes):
    """Return nine sound rows and a changed one."""
    names = "number,kind,lat,lon,decided,started,commissioned,broken since,repaired,funded"
    sound = dict.fromkeys(names.split(","), "") | {"kind": "lamp", "lat": "51.23", "lon": "51.38"}
    lines = [{**sound, "number": str(n)} for n in range(9)] + [{**sound, "number": "9", **changes}]
    return "\n".join([names, *(",".join(line.values()) for line in lines)])


@pytest.mark.parametrize(
    ("changes", "column", "code"),
    [
        ({"kind": "фонтан"}, "kind", "word_unknown"),
        ({"kind": ""}, "kind", "kind_missing"),
        ({"started": "2025-03-02", "commissioned": "2025-03-01"}, "commissioned",
         "commissioned_at_before_started_at"),
        ({"decided": "2025-03-02", "commissioned": "2025-03-01"}, "commissioned",
         "commissioned_at_before_decided_at"),
        ({"broken since": "2025-03-02", "repaired": "2025-03-01"}, "repaired",
         "broken_to_before_broken_from"),
        ({"funded": "много"}, "funded", "not_number"),
        ({"funded": "1e400"}, "funded", "not_number"),
        ({"funded": "9999999 млрд"}, "funded", "number_out_of_range"),
        ({"lat": "", "lon": ""}, "lat", "coord_missing"),
        ({"lat": "52.9"}, "lat", "outside_region"),
        ({"commissioned": "2025-02-30"}, "commissioned", "time_invalid"),
    ],
)  # fmt: skip
def test_a_measure_that_cannot_be_is_put_aside_by_name(changes, column, code, tmp_path):
    imported = read(read_measures_file, rows(**changes), tmp_path)
    assert codes(imported) == [(11, column, code)]
    assert counts(imported) == (10, 9, 1, 0)


def test_works_that_began_before_the_paper_are_told_and_kept(tmp_path):
    text = rows(decided="2025-03-02", started="2025-03-01", commissioned="2025-04-01")
    report = read(read_measures_file, text, tmp_path).report
    assert report.accepted == 10
    assert any(note.startswith("started_before_decided: 1 ") for note in report.warnings)


@pytest.mark.bad_input("B44")
def test_a_measure_that_was_switched_on_since_is_the_same_measure(tmp_path):
    first = read(read_measures_file, REGISTER, tmp_path, places=TOWN).frame
    later = REGISTER.replace("тг;;;", "тг;2025-05-01;2025-09-01;")
    again = read(read_measures_file, later, tmp_path, places=TOWN).frame
    assert first["identity"].equals(again["identity"])


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("12500000", 12_500_000),
        ("12 500 000,50 тенге", 12_500_000.5),
        ("12\u00a0500\u00a0000 ₸", 12_500_000),
        ("1,5 млрд", 1.5e9),
        ("850 тыс. тг", 850_000),
        ("3,500,000", 3_500_000),
        ("12.5", 12.5),
        ("3.500.000 тг.", 3_500_000),
        ("1,2,3", None),
        ("-5", None),
        ("5 млн долларов", None),
        ("", None),
    ],
)
def test_amounts(text, amount):
    assert parse_amount(text) == amount


@pytest.mark.bad_input("B11")
def test_lines_of_features_are_measures_along_a_street(tmp_path):
    lat, lon = degrees([0, 400, 400], [0, 0, 100])
    line = [[round(x, 6), round(y, 6)] for x, y in zip(lon, lat, strict=True)]
    shapes = [{"type": "LineString", "coordinates": line}]
    shapes += [{"type": "Point", "coordinates": [51.38, 51.23 + n / 1000]} for n in range(9)]
    features = [
        {"type": "Feature", "properties": {"number": n, "kind": "fence"}, "geometry": shape}
        for n, shape in enumerate(shapes)
    ]
    text = json.dumps({"type": "FeatureCollection", "features": features})
    imported = read(read_measures_file, text, tmp_path, name="measures.geojson")
    frame = imported.frame.set_index("number")
    assert len(frame) == 10
    assert frame["line"].notna().sum() == 1
    # 500 m in all; halfway is 250 m along the first side.
    assert metres([frame.loc["0", "lat"]], [frame.loc["0", "lon"]]) == [(250, 0)]
    assert ORAL.contains(frame["lat"], frame["lon"]).all()
