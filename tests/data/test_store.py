"""What is saved comes back the same, once, in one order, on SQLite and on PostGIS alike."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from multiprocessing.context import ForkServerContext
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely
from geoalchemy2.shape import from_shape
from sqlalchemy import Connection, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from data.database import Database, open_database
from data.store.assets import (
    read_cameras,
    read_homes,
    read_lamps,
    read_schools,
    read_visits,
)
from data.store.imports import ImportRecord, list_imports, list_refused_rows, save_import
from data.store.incidents import read_incidents
from data.tables import Incident, Lamp, table_of
from geo.errors import FrameError
from geo.schema import CAMERAS, HOMES, INCIDENTS, LAMPS, SCHOOLS, VISITS, check_frame

DAY = dt.datetime(2026, 3, 2, 8, 30)
NO_FAULTS = pd.DataFrame({"row": [], "column": [], "code": []})


def identities(count: int) -> list[str]:
    return [f"{number * 2654435761 % 2**32:08x}" * 4 for number in range(count)]


def incidents(count: int = 4) -> pd.DataFrame:
    rows = np.arange(count)
    return pd.DataFrame(
        {
            "identity": identities(count),
            "source": "register",
            "source_row": rows + 2,
            "lat": 51.2 + rows / 1000,
            "lon": 51.37 + rows / 1000,
            "h3_cell": rows + 0x8A1F00000000000,
            "offence_group": np.array(["child", "violence", None, "drugs"])[rows % 4],
            "severity_days": np.where(rows % 3 == 0, np.nan, 456.0),
            "occurred_at": pd.Timestamp(DAY) + pd.to_timedelta(rows, unit="h"),
            "occurred_to": pd.NaT,
            "occurred_precision": "minute",
            "place_type": "street",
            "discovery": np.array(["reported", "discovered", "unknown", "unknown"])[rows % 4],
            "discretionary": np.array([None, None, True, False])[rows % 4],
            "sensitive": rows % 4 == 0,
            "victim_minor": np.array([True, False, None, None])[rows % 4],
            "address_key": "a",
            "address_raw": 'Абай көшесі, "7"\n; \\N',
            "geo_accuracy_m": np.nan,
            "gravity": pd.array(np.where(rows % 2, 2, 0), dtype="Int64"),
        }
    )


def placed(count: int, **columns: Any) -> pd.DataFrame:
    frame = incidents(count)[["identity", "lat", "lon"]]
    return frame.assign(**columns)


ASSETS: dict[str, tuple[str, pd.DataFrame, Callable[[Connection], pd.DataFrame], Any]] = {
    "schools": (
        "schools",
        placed(
            3,
            name=["№ 7", None, "Лицей"],
            name_kk=None,
            kind="school",
            shift_times="08:00-13:00",
            shift_times_assumed=True,
            pupils=[800.0, np.nan, 0.0],
        ),
        read_schools,
        SCHOOLS,
    ),
    "homes": ("homes", placed(3, dwellings=[1.0, 60.0, 0.0]), read_homes, HOMES),
    "lamps": (
        "lighting",
        placed(
            3,
            mount_height_m=[8.0, np.nan, 0.0],
            working=[True, False, None],
            commissioned_at=[DAY, pd.NaT, pd.NaT],
            broken_from=pd.NaT,
            broken_to=pd.NaT,
        ),
        read_lamps,
        LAMPS,
    ),
    "visits": ("patrols", placed(3, arrived_at=DAY, minutes=[15.0, 0.5, 0]), read_visits, VISITS),
    "cameras": (
        "cameras",
        placed(
            2,
            kind=["ptz", None],
            working=[None, True],
            broken_from=pd.NaT,
            azimuth_deg=[0.0, np.nan],
            range_m=[60.0, np.nan],
        ),
        read_cameras,
        CAMERAS,
    ),
}


def record(noun: str = "incidents", rows_read: int = 4, **changes: Any) -> ImportRecord:
    made = ImportRecord(
        noun=noun,
        source="register",
        file_name="march.csv",
        file_sha256="0" * 64,
        imported_at=dt.datetime(2026, 4, 1, 9, 0),
        rows_read=rows_read,
        covers_from=dt.date(2026, 3, 1),
        covers_to=dt.date(2026, 3, 31),
        inferred={"encoding": "kz1048"},
    )
    return replace(made, **changes)


def save(database: Database, frame: pd.DataFrame, noun: str = "incidents") -> int:
    with database.writing() as connection:
        return save_import(connection, record(noun, len(frame)), frame, NO_FAULTS).accepted


def read(database: Database, reader: Callable[[Connection], pd.DataFrame]) -> pd.DataFrame:
    with database.reading() as connection:
        return reader(connection)


def test_incidents_come_back_as_saved_and_keep_their_contract(database: Database) -> None:
    assert save(database, incidents()) == 4
    found = read(database, read_incidents)

    # Where unknown, a discretionary article counts as discovered, any other as reported.
    assert dict(zip(found["lat"].round(3), found["discovery"], strict=True)) == {
        51.2: "reported",
        51.201: "discovered",
        51.202: "discovered",
        51.203: "reported",
    }
    check_frame(found[found["offence_group"].notna()], INCIDENTS, name="incidents")
    assert found["incident_id"].tolist() == sorted(name[:16] for name in identities(4))

    saved = incidents().sort_values("identity", ignore_index=True)
    for name in ("lat", "lon", "h3_cell", "occurred_at", "sensitive", "severity_days"):
        pd.testing.assert_series_equal(found[name], saved[name], check_dtype=False)
    missing = saved["victim_minor"].isna()
    assert found["victim_minor"][missing].tolist() == [None, None]
    assert found["occurred_to"].isna().all()
    assert found["gravity"].tolist() == saved["gravity"].tolist()


@pytest.mark.parametrize("noun", ASSETS)
def test_assets_come_back_as_saved_and_keep_their_contract(database: Database, noun: str) -> None:
    command, frame, reader, contract = ASSETS[noun]
    assert save(database, frame, command) == len(frame)
    found = read(database, reader)
    check_frame(found, contract, name=noun)
    saved = frame.sort_values("identity", ignore_index=True)
    for name in set(saved) - {"identity"}:
        assert found[name].isna().tolist() == saved[name].isna().tolist(), name
        present = saved[name].notna()
        assert found[name][present].tolist() == saved[name][present].tolist(), name


@pytest.mark.parametrize("noun", ASSETS)
def test_an_empty_table_gives_an_empty_frame_that_keeps_its_contract(
    sqlite_database: Database, noun: str
) -> None:
    _, _, reader, contract = ASSETS[noun]
    found = read(sqlite_database, reader)
    assert len(found) == 0
    assert set(contract) <= set(found)


def test_the_same_rows_saved_twice_add_nothing(database: Database) -> None:
    assert save(database, incidents()) == 4
    assert save(database, incidents().iloc[::-1]) == 0
    overlapping = incidents(6).iloc[2:]
    assert save(database, overlapping) == 2  # two of the four were there
    assert len(read(database, read_incidents)) == 6

    listed = read(database, list_imports)  # newest first
    assert listed["accepted"].tolist() == [2, 0, 4]
    assert listed["duplicate"].tolist() == [2, 4, 0]


def test_insertion_order_does_not_show(database: Database, sqlite_template, tmp_path) -> None:
    frame = incidents(40)
    for part in (frame.iloc[::2], frame.iloc[1::2]):
        save(database, part)
    split = read(database, read_incidents)

    with database.writing() as connection:
        connection.execute(text("DELETE FROM incidents"))
    save(database, frame.sample(frac=1, random_state=7))
    pd.testing.assert_frame_equal(read(database, read_incidents), split)


def test_both_back_ends_read_equal_frames(
    sqlite_database: Database, postgis_database: Database
) -> None:
    for database in (sqlite_database, postgis_database):
        save(database, incidents(40))
    pd.testing.assert_frame_equal(
        read(sqlite_database, read_incidents), read(postgis_database, read_incidents)
    )
    for noun, (command, frame, reader, _) in ASSETS.items():
        for database in (sqlite_database, postgis_database):
            save(database, frame, command)
        pd.testing.assert_frame_equal(
            read(sqlite_database, reader), read(postgis_database, reader), obj=noun
        )


def test_an_import_keeps_its_refused_rows_and_its_counts_add_up(database: Database) -> None:
    faults = pd.DataFrame(
        {
            "row": [9, 7, 7],
            "column": [None, "lat", "lon"],
            "code": ["outside_region", "coord_missing", "coord_missing"],
        }
    )
    with database.writing() as connection:
        saved = save_import(connection, record(rows_read=7), incidents(), faults)
    # 7 read = 4 taken + 2 refused (row 7 has two faults) + 1 the importer knew as a duplicate
    assert (saved.accepted, saved.quarantined, saved.duplicate) == (4, 2, 1)

    listed = read(database, list_imports).iloc[0]
    assert listed["reasons"] == {"coord_missing": 2, "outside_region": 1}
    assert listed["inferred"] == {"encoding": "kz1048"}
    assert listed["covers_from"] == dt.date(2026, 3, 1)
    refused = read(database, lambda connection: list_refused_rows(connection, saved.import_id))
    assert refused["row"].tolist() == [7, 7, 9]
    assert refused["column"].tolist() == ["lat", "lon", None]


def test_counts_that_cannot_add_up_are_refused_whole(database: Database) -> None:
    with pytest.raises(FrameError, match="more than the 3"), database.writing() as connection:
        save_import(connection, record(rows_read=3), incidents(), NO_FAULTS)
    assert len(read(database, list_imports)) == 0


def test_a_column_that_is_not_stored_is_named(database: Database) -> None:
    with pytest.raises(FrameError, match="suspect_name"):
        save(database, incidents().assign(suspect_name="x"))
    assert len(read(database, list_imports)) == 0


def test_a_row_outside_its_contract_stores_nothing_of_the_batch(database: Database) -> None:
    with pytest.raises(FrameError, match="lat"):
        save(database, incidents().assign(lat=[51.2, 91.0, 51.2, 51.2]))
    # Only the table knows this rule; its answer must not quote the row.
    wrong = incidents().assign(occurred_to=pd.Timestamp("2020-01-01"))
    with pytest.raises(FrameError, match="ck_incidents_occurred_order") as caught:
        save(database, wrong)
    assert "Абай" not in str(caught.value)
    assert len(read(database, read_incidents)) == len(read(database, list_imports)) == 0


POINT = shapely.Point(51.37, 0.1 + 0.2)  # 0.30000000000000004: every bit must survive
BROKEN = {
    "latitude NaN": {"lat": float("nan")},
    "latitude infinite": {"lat": float("inf")},
    "latitude 91": {"lat": 91.0},
    "longitude 181": {"lon": 181.0},
    "point empty": {"geom": shapely.Point()},
    "point NaN": {"geom": shapely.Point(float("nan"), 51.2)},
    "point infinite": {"geom": shapely.Point(51.37, float("-inf"))},
    "a line": {"geom": shapely.LineString([(51, 51), (52, 52)])},
    "height 61": {"mount_height_m": 61.0},
    "identity short": {"identity": "abc"},
    "content short": {"content": "abc"},
    "version 0": {"version": 0},
    "end before start": {"valid_to": dt.datetime(2020, 1, 1)},
    "state unheard of": {"state": "glows"},
    "no import": {"import_id": 99},
}


@pytest.mark.parametrize("fault", BROKEN)
def test_the_tables_themselves_refuse(database: Database, fault: str) -> None:
    lamp = {
        "identity": "0" * 32,
        "version": 1,
        "content": "0" * 32,
        "valid_from": DAY,
        "import_id": 1,
        "lat": 0.1 + 0.2,
        "lon": 51.37,
        "geom": POINT,
        "mount_height_m": 8.0,
    }
    save(database, incidents(0))  # makes import 1
    table = table_of(Lamp)
    refusal = r"(?i)check|not.null|foreign|geometry"
    with pytest.raises(DBAPIError, match=refusal), database.writing() as connection:
        connection.execute(table.insert().values(lamp | BROKEN[fault]))
    with database.writing() as connection:
        connection.execute(table.insert().values(lamp))  # the sound one is taken
        assert connection.execute(select(table.c.geom)).scalar_one() == POINT


def test_another_reference_system_is_refused_by_postgis(postgis_database: Database) -> None:
    save(postgis_database, incidents(1))
    with pytest.raises(Exception, match="SRID"), postgis_database.writing() as connection:
        connection.execute(text("UPDATE incidents SET geom = ST_SetSRID(geom, 3857)"))
    with pytest.raises(IntegrityError, match="geom_point"), postgis_database.writing() as other:
        other.execute(text("UPDATE incidents SET lat = lat + 1"))


def test_postgis_answers_spatial_questions_on_the_column(postgis_database: Database) -> None:
    save(postgis_database, incidents(100))  # one every 0.001 degrees from 51.37, 51.2
    window = from_shape(shapely.box(51.37, 51.2, 51.3795, 51.2095), srid=4326)
    with postgis_database.reading() as connection:
        hits = connection.execute(
            select(Incident.identity).where(Incident.geom.ST_Intersects(window))
        ).all()
        connection.execute(text("SET LOCAL enable_seqscan = off"))
        plan = connection.execute(
            text("EXPLAIN SELECT 1 FROM incidents WHERE geom && ST_MakeEnvelope(0,0,1,1,4326)")
        ).all()
    assert len(hits) == 10  # 0 … 9 thousandths
    assert "gix_incidents_geom" in str(plan)


def _save_in_another_process(url: str, ready: Any, counts: Any) -> None:
    database = open_database(url)
    ready.wait()
    counts.put(save(database, incidents(3000)))


def test_two_imports_of_one_file_at_once_store_it_once(
    database_url: str, processes: ForkServerContext
) -> None:
    ready, counts = processes.Barrier(2), processes.Queue()
    both = [
        processes.Process(target=_save_in_another_process, args=(database_url, ready, counts))
        for _ in range(2)
    ]
    for process in both:
        process.start()
    assert sorted(counts.get(timeout=60) for _ in both) == [0, 3000]
    for process in both:
        process.join()
    database = open_database(database_url)
    assert len(read(database, read_incidents)) == 3000
    assert sorted(read(database, list_imports)["duplicate"]) == [0, 3000]
    database.close()
