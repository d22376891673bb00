"""Every table of records keeps the same promises on SQLite and on PostGIS."""

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from data.database import Database
from data.store.contents import content_digests
from data.store.frames import add_rows, read_rows
from data.store.row_values import rows_of_table
from data.store.versions import read_history
from data.store.withdrawal import withdraw_import
from data.tables import Model
from geo.errors import FrameError
from tests.data.stored_rows import (
    DAY,
    FRAMES,
    MOMENT,
    incidents,
    save,
)

TABLES = Model.metadata.tables
LATER = MOMENT + dt.timedelta(days=1)
EVEN_LATER = MOMENT + dt.timedelta(days=2)


@pytest.fixture
def connection(database: Database):
    with database.writing() as connection:
        yield connection


@pytest.fixture
def two_imports(connection):
    """Two lines of the ledger, for rows that are laid into tables directly."""
    return [save(connection, incidents(0), file_name=name).import_id for name in "ab"]


def test_every_table_of_records_is_tried():
    assert set(FRAMES) == {name for name, table in TABLES.items() if "valid_to" in table.c}


@pytest.mark.parametrize("name", FRAMES)
def test_rows_come_back_as_saved(connection, two_imports, name):
    table, frame = TABLES[name], FRAMES[name]
    added = add_rows(connection, table, [frame], two_imports[0], MOMENT)
    assert (added.new, added.versions) == (len(frame), 0)
    found = read_rows(connection, table, list(frame), "id")
    saved = frame.sort_values("identity", ignore_index=True)
    for column in frame:
        assert found[column].isna().tolist() == saved[column].isna().tolist(), column
        there = saved[column].notna()
        assert found[column][there].tolist() == saved[column][there].tolist(), column


@pytest.mark.parametrize("name", FRAMES)
def test_a_row_that_says_the_same_is_known_and_a_changed_one_is_a_version(
    connection, two_imports, name
):
    table, frame = TABLES[name], FRAMES[name]
    add_rows(connection, table, [frame], two_imports[0], MOMENT)
    again = frame.iloc[::-1].assign(source_row=99)  # where a row stands is not what it says
    added = add_rows(connection, table, [again], two_imports[1], LATER)
    assert (added.new, added.versions) == (0, 0)
    assert added.known_identities.hex() == "".join(sorted(frame["identity"]))

    changed = frame.assign(**CHANGES[name])
    added = add_rows(connection, table, [changed], two_imports[1], LATER)
    assert (added.new, added.versions) == (0, len(frame))
    history = read_history(connection, table, frame["identity"][0])
    assert history["version"].tolist() == [1, 2]
    assert history["import_id"].tolist() == two_imports
    assert history["valid_to"].tolist() == [LATER, None]
    assert history["valid_from"].tolist() == [MOMENT, LATER]
    assert len(read_rows(connection, table, [], "id")) == len(frame)


CHANGES: dict[str, dict[str, Any]] = {
    "incidents": {"status": "discontinued"},
    "unplaced_incidents": {"status": "discontinued"},
    "dwelling_incidents": {"offence_group": None},
    "schools": {"pupils": 801.0},
    "homes": {"dwellings": 61.0},
    "lamps": {"state": "unpaid"},
    "lit_streets": {"line": shapely.LineString([(51, 51), (51.1, 51)])},
    "cameras": {"connected": False},
    "outages": {"broken_to": DAY + dt.timedelta(hours=1)},
    "patrol_visits": {"minutes": 16.0},
    "patrol_plans": {"staff": 3.0},
    "measures": {"commissioned_at": DAY},
}


@pytest.mark.parametrize("name", FRAMES)
def test_an_import_withdrawn_leaves_history_and_its_file_comes_back(connection, name):
    table, frame = TABLES[name], FRAMES[name]
    first = save(connection, incidents(0), file_name="a").import_id
    add_rows(connection, table, [frame], first, MOMENT)
    before = what_stands(connection, table)
    assert withdraw_import(connection, first, LATER)["withdrawn"] == len(frame)
    assert read_rows(connection, table, [], "id").empty
    assert read_history(connection, table, frame["identity"][0])["valid_to"].tolist() == [LATER]

    second = save(connection, incidents(0), file_name="a").import_id
    assert add_rows(connection, table, [frame], second, EVEN_LATER).new == len(frame)
    assert what_stands(connection, table) == before


def what_stands(connection, table):
    brought = {"version", "import_id", "valid_from", "valid_to", "geom"}
    names = [column.name for column in table.columns if column.name not in brought]
    return read_rows(connection, table, names, "id").to_csv(float_format="%r")


# Rules ------------------------------------------------------------------------------------

SPOILT = [
    *((name, {"identity": "abc"}) for name in FRAMES),
    *((name, {"content": "abc"}) for name in FRAMES),
    *((name, {"version": 0}) for name in FRAMES),
    *((name, {"valid_to": dt.datetime(2020, 1, 1)}) for name in FRAMES),
    *((name, {"import_id": 999}) for name in FRAMES),
    *((name, {"lat": value}) for name in FRAMES for value in (np.nan, np.inf, 90.1)
      if "lat" in FRAMES[name]),
    *((name, {"geom": shapely.Point(51.37, np.nan)}) for name in FRAMES if "lat" in FRAMES[name]),
    *((name, {"line": line}) for name in ("lit_streets", "measures") for line in (
        shapely.LineString(), shapely.Point(51, 51), shapely.LineString([(51, 51), (51, np.inf)]),
    )),
    ("incidents", {"register": "gossip"}),
    ("incidents", {"geo_method": "guessed"}),
    ("incidents", {"geo_score": 101.0}),
    ("incidents", {"gravity": 5}),
    ("incidents", {"severity_days": np.inf}),
    ("incidents", {"occurred_to": dt.datetime(2020, 1, 1)}),
    ("unplaced_incidents", {"offence_group": "noise"}),
    ("dwelling_incidents", {"offence_group": "noise"}),
    ("dwelling_incidents", {"district": None}),
    ("lamps", {"state": "glows"}),
    ("lit_streets", {"lit": "maybe"}),
    ("lit_streets", {"year": 26.0}),
    ("lit_streets", {"cost_kzt": -1.0}),
    ("cameras", {"angle_deg": 361.0}),
    ("cameras", {"retention_days": -1.0}),
    ("outages", {"asset": "bench"}),
    ("outages", {"broken_to": dt.datetime(2020, 1, 1)}),
    ("patrol_plans", {"match_score": 100.5}),
    ("measures", {"kind": "wish"}),
    ("measures", {"funded_kzt": np.inf}),
]  # fmt: skip


@pytest.mark.parametrize("name", FRAMES)
def test_the_tables_themselves_refuse(database, name):
    table = TABLES[name]
    with database.writing() as connection:
        import_id = save(connection, incidents(0)).import_id
        add_rows(connection, table, [FRAMES[name].iloc[:1]], import_id, MOMENT)
        sound = dict(connection.execute(select(table)).mappings().one())
        connection.execute(table.delete())
    for fault in (fault for of, fault in SPOILT if of == name):
        refusal = r"(?i)check|not.null|foreign|geometry"
        with pytest.raises(DBAPIError, match=refusal), database.writing() as connection:
            connection.execute(table.insert().values(sound | fault))
    with database.writing() as connection:
        connection.execute(table.insert().values(sound))


@pytest.mark.parametrize("name", FRAMES)
def test_an_identity_has_one_current_version(database, name):
    table = TABLES[name]
    with database.writing() as connection:
        import_id = save(connection, incidents(0)).import_id
        add_rows(connection, table, [FRAMES[name].iloc[:1]], import_id, MOMENT)
        sound = dict(connection.execute(select(table)).mappings().one())
    with pytest.raises(DBAPIError, match=r"(?i)unique"), database.writing() as connection:
        connection.execute(table.insert().values(sound | {"version": 2}))
    with database.writing() as connection:
        connection.execute(table.insert().values(sound | {"version": 2, "valid_to": LATER}))


def test_a_line_is_in_degrees_and_finite_at_every_point_on_postgis(postgis_database):
    table = TABLES["lit_streets"]
    with postgis_database.writing() as connection:
        import_id = save(connection, incidents(0)).import_id
    for bad in ([(51, 51), (51, np.nan), (52, 52)], [(51, 51), (181, 51)]):
        frame = FRAMES["lit_streets"].iloc[:1].assign(line=[shapely.LineString(bad)])
        with pytest.raises(FrameError, match="line_sound"), postgis_database.writing() as other:
            add_rows(other, table, [frame], import_id, MOMENT)


def test_a_column_of_another_kind_is_named_without_its_values(connection, two_imports):
    frame = FRAMES["homes"].assign(dwellings="Абай 7")
    with pytest.raises(FrameError, match="dwellings") as caught:
        add_rows(connection, TABLES["homes"], [frame], two_imports[0], MOMENT)
    assert "Абай" not in str(caught.value)


# Content ----------------------------------------------------------------------------------


def digests(name: str, frame: pd.DataFrame) -> list[str]:
    table = TABLES[name]
    return content_digests(table, rows_of_table(table, frame)).to_pylist()


def test_a_digest_is_the_same_everywhere_and_for_ever():
    # Written down once: whoever changes these makes a version of every record there is.
    assert digests("lamps", FRAMES["lamps"].iloc[:1]) == ["47f62e9155c32a71f0410309e1ddd3fd"]
    assert digests("incidents", FRAMES["incidents"].iloc[:1]) == [
        "93d1df026222ccf7865523a120ddf29d"
    ]


def test_a_digest_does_not_know_where_a_value_came_from():
    frame = FRAMES["incidents"]
    plain = digests("incidents", frame)
    assert digests("incidents", frame.assign(gravity=frame["gravity"].astype(float))) == plain
    assert (
        digests("incidents", frame.assign(occurred_at=frame["occurred_at"].astype("datetime64[s]")))
        == plain
    )
    assert (
        digests("incidents", frame.assign(place_type=pd.Categorical(frame["place_type"]))) == plain
    )
    assert digests("incidents", frame.convert_dtypes()) == plain
    assert (
        digests("incidents", frame[sorted(frame.columns)].sample(frac=1, random_state=1)) == plain
    )
    assert digests("incidents", frame.assign(district=None, paragraph=None)) == plain
    assert digests("incidents", frame.assign(source_row=7)) == plain


def test_values_do_not_run_into_each_other():
    frame = FRAMES["lamps"].iloc[:1]
    said = [
        frame.assign(number="12", owner=None),
        frame.assign(number=None, owner="12"),
        frame.assign(number="1", owner="2"),
        frame.assign(number="", owner="12"),
        frame.assign(number="12", owner=""),
        frame.assign(number="12\x1f", owner=None),
    ]
    assert len({digests("lamps", one)[0] for one in said}) == len(said)


def test_a_default_says_nothing():
    frame = FRAMES["incidents"]
    other = digests("incidents", frame.assign(register="other"))
    assert digests("incidents", frame.drop(columns="register")) == other
    assert digests("incidents", frame) != other
