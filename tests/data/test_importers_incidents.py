"""Recorded offences from any source: what a clean file becomes, and what its report says."""

from datetime import date, datetime

import numpy as np
import pytest
from shapely.geometry import box

from data.importers.incidents import read_incidents_file
from data.importers.places.known_places import KnownPlaces
from data.importers.report import ImportReport
from data.importers.tabular import ReadOptions
from data.importers.values.articles import parse_article
from data.tables import Incident, table_of
from geo.errors import InputRefusedError, UsageError
from geo.study_area import build_study_area

ORAL = build_study_area("Oral", box(51.2, 51.1, 51.6, 51.4), time_zone="Asia/Oral")

HEAD = "id,occurred_at,article,gravity,lat,lon\n"
ROW = "a{n},2025-04-{d:02} 20:30,188 ч.3,3,51.22{n},51.36{n}\n"


@pytest.fixture
def write(tmp_path):
    def write_file(text, name="offences.csv", encoding="utf-8"):
        path = tmp_path / name
        path.write_bytes(text.encode(encoding))
        return path

    return write_file


def clean(count=10):
    return HEAD + "".join(ROW.format(n=n, d=n + 1) for n in range(count))


def read(path, area=ORAL, **options):
    return read_incidents_file(path, ReadOptions(**options), KnownPlaces(area))


def test_a_clean_file_becomes_canonical_incidents(write):
    imported = read(write(clean()))
    stored = {column.name for column in table_of(Incident).columns}
    assert set(imported.frame) == stored - {
        "geom", "import_id", "version", "content", "valid_from", "valid_to",
    }  # fmt: skip
    row = imported.frame[imported.frame["source_row"] == 2].iloc[0]  # the head is row 1
    assert (row["article"], row["part"], row["gravity"]) == ("188", "3", 3)
    assert (row["offence_group"], row["severity_days"]) == ("theft_robbery", 3103)
    assert row["occurred_at"] == datetime(2025, 4, 1, 20, 30)
    assert (row["discovery"], row["discretionary"], row["sensitive"]) == ("unknown", False, False)
    assert (row["place_type"], row["status"], row["geo_method"]) == ("unknown", "active", "given")
    assert imported.report.covers_to == date(2025, 4, 10)
    assert list(imported.frame["identity"]) == sorted(imported.frame["identity"])


def test_heads_in_kazakh_and_russian_are_understood(write):
    kazakh = "күні;уақыты;бап;ауырлығы;ендік;бойлық\n2025-04-01;20:30;188 ч.3;3;51.221;51.362\n"
    russian = "Дата;Время;Статья;Тяжесть;Широта;Долгота\n" + kazakh.split("\n", 1)[1]
    one, other = read(write(kazakh, "kk.csv")), read(write(russian, "ru.csv"))
    assert one.frame.equals(other.frame)
    assert one.frame["occurred_at"][0] == datetime(2025, 4, 1, 20, 30)
    assert one.report.inferred["delimiter"] == ";"


@pytest.mark.bad_input("B42")
def test_a_head_with_look_alike_letters_is_understood_and_flagged(write):
    text = clean().replace("article", "б\u0061п", 1)  # a Latin a between Cyrillic letters
    imported = read(write(text))
    assert imported.frame["article"].unique().tolist() == ["188"]
    assert any(note.startswith("header_look_alike:") for note in imported.report.warnings)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("188", ("188", None, None)),
        ("ст. 188 ч. 3 п. 2", ("188", "3", "2")),
        ("120 ч.3-1", ("120", "3-1", None)),
        ("188-бап 3-бөлік", ("188", "3", None)),
        ("0990", ("99", None, None)),
        ("кража", (None, None, None)),
    ],
)
def test_articles_are_read_as_people_write_them(text, expected):
    assert parse_article(text) == expected


def test_a_repeated_row_with_an_id_is_a_duplicate_and_not_bad(write):
    report = read(write(clean() + ROW.format(n=0, d=1))).report
    assert (report.rows_read, report.accepted, report.duplicate) == (11, 10, 1)


def test_twins_without_an_id_are_two_records(write):
    row = "2025-04-01 20:30,188,3,51.2201,51.3601\n"
    head = "occurred_at,article,gravity,lat,lon\n"
    once = read(write(head + row)).frame["identity"]
    twice = read(write(head + row + row)).frame["identity"]
    assert len(twice) == 2
    assert set(once) < set(twice)


def test_ids_that_only_number_the_rows_are_no_ids(write):
    text = "id,occurred_at,article,lat,lon\n" + "".join(
        f"{n},2025-04-0{n} 10:00,188,51.22{n},51.36{n}\n" for n in range(1, 6)
    )
    imported = read(write(text))
    assert any(note.startswith("id_numbers_rows:") for note in imported.report.warnings)
    without = text.replace("id,", "x1,", 1)
    assert imported.frame["identity"].equals(read(write(without)).frame["identity"])


def test_numbers_of_a_register_are_kept_only_as_hashes_under_the_key(write):
    text = clean().replace("a0,", "203112030001555,")
    with pytest.raises(UsageError) as refusal:
        read(write(text))
    assert refusal.value.code == "id_key_missing"
    frame = read(write(text), id_key=b"key").frame
    assert frame["ext_id_hash"].nunique() == 10
    assert "203112030001555" not in frame.to_csv()


def test_sensitive_places_stay_out_of_address_keys(write):
    text = clean(2).replace("188 ч.3", "120", 1)
    frame = read(write(text)).frame.sort_values("source_row")
    assert frame["sensitive"].tolist() == [True, False]
    assert frame["address_key"].str[0].tolist() == ["s", "g"]
    x, y = ORAL.to_metric(51.220, 51.360)
    assert frame["address_key"].iloc[0] == f"s{round(x[0] / 1000)}:{round(y[0] / 1000)}"


def test_an_interval_needs_its_end_after_its_start(write):
    head = "id,occurred_at,occurred_to,article,lat,lon\n"
    text = head + "".join(
        f"a{n},2025-04-01 20:00,2025-04-01 {22 - 4 * (n == 9)}:30,188,51.22{n},51.36{n}\n"
        for n in range(10)
    )
    imported = read(write(text))
    assert set(imported.frame["occurred_precision"]) == {"interval"}
    assert imported.report.reasons == {"occurred_to_before_occurred_at": 1}
    assert imported.refused["row"].tolist() == [11]


def test_declared_days_put_other_days_aside(write):
    report = read(write(clean()), covers_from=date(2025, 4, 2), covers_to=date(2025, 4, 30)).report
    assert report.reasons == {"outside_days": 1}
    assert (report.covers_from, report.covers_to) == (date(2025, 4, 2), date(2025, 4, 30))


def test_a_declared_decimal_comma_is_read(write):
    text = "occurred_at;article;lat;lon\n2025-04-01 10:00;188;51,2213;51,3621\n"
    mapping = write('decimal: ","', "mapping.yaml")
    frame = read(write(text), mapping=mapping).frame
    assert (frame["lat"][0], frame["lon"][0]) == (51.2213, 51.3621)


def test_values_and_constants_of_a_mapping_are_applied(write):
    text = clean(3).replace("gravity", "тип", 1).replace(",3,51", ",двор у дома,51")
    mapping = write(
        "columns: {place_type: тип}\n"
        "values: {place_type: {двор у дома: yard}}\n"
        "constants: {discovery: discovered}\n",
        "mapping.yaml",
    )
    frame = read(write(text), mapping=mapping).frame
    assert set(frame["place_type"]) == {"yard"}
    assert set(frame["discovery"]) == {"discovered"}


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("[1, 2]", "is not a list"),
        ("colums: {lat: y}", "unknown key 'colums'"),
        ("offence_groups: {BURG: burglary}", "unknown group 'burglary'"),
        ("columns: lat", "under 'columns'"),
        ("a: [", "not YAML"),
        ("date_order: dym", "date_order"),
    ],
)
def test_a_mapping_that_cannot_be_meant_is_named(write, text, hint):
    with pytest.raises(UsageError, match=r"mapping\.yaml") as refusal:
        read(write(clean()), mapping=write(text, "mapping.yaml"))
    assert refusal.value.code == "mapping_invalid"
    assert hint in str(refusal.value)


def test_a_mapped_column_that_is_not_there_is_named(write):
    with pytest.raises(InputRefusedError, match="no column 'cat'") as refusal:
        read(write(clean()), mapping=write("columns: {offence: cat}", "mapping.yaml"))
    assert refusal.value.code == "column_missing"


def test_unknown_articles_warn_and_stay(write):
    imported = read(write(clean().replace("188 ч.3", "999-9", 1)))
    assert imported.report.accepted == 10
    assert imported.frame["offence_group"].isna().sum() == 1
    assert any("articles 999-9" in note for note in imported.report.warnings)


def test_a_file_whose_offences_mean_nothing_is_refused_with_the_way_out(write):
    text = "date,cat,lat,lon\n2025-04-01,BURG,51.2213,51.3621\n"
    with pytest.raises(InputRefusedError, match="offence_groups") as refusal:
        read(write(text))
    assert refusal.value.code == "offence_unknown"


def test_report_counts_must_add_up():
    with pytest.raises(ValueError, match="do not sum"):
        ImportReport("s", rows_read=3, accepted=1, quarantined=1, duplicate=0)
    report = ImportReport("s", rows_read=3, accepted=2, quarantined=1, duplicate=0)
    known = report.with_known(2)
    assert (known.accepted, known.duplicate) == (0, 2)


def test_times_with_an_offset_become_local_time(write):
    text = HEAD + (
        "a,2025-04-01T15:30:00Z,188,3,51.2213,51.3621\n"
        "b,2025-04-01T21:30:00+06:00,188,3,51.2214,51.3622\n"
    )
    frame = read(write(text)).frame
    # Oral is at UTC+5: 15:30 + 5 h, and 21:30 − 6 h + 5 h
    assert frame["occurred_at"].tolist() == [datetime(2025, 4, 1, 20, 30)] * 2


def test_no_accuracy_is_missing(write):
    frame = read(write(clean())).frame
    assert np.isfinite(frame["geo_accuracy_m"]).all()
