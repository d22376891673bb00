"""An old store is brought up with its rows, and a new one can go back without losing records."""

import pytest
from alembic import command
from sqlalchemy import inspect, text

from data.database import Database
from data.schema_version import check_schema, migration_config, upgrade_database
from data.store.frames import add_rows
from data.store.imports import list_imports
from data.tables import Model
from geo.errors import SafeRegionError
from tests.data.stored_rows import FRAMES, MOMENT, incidents, save, table_hash

TABLES = Model.metadata.tables
OLD_TABLES = ("incidents", "schools", "homes", "lamps", "patrol_visits", "cameras")


def alembic(database: Database, action: str, target: str) -> None:
    with database.writing() as connection:
        getattr(command, action)(migration_config(connection), target)


def old_frame(name: str):
    """Only what schema 0001 had columns for."""
    new = {
        "register", "reference_hash", "district", "geo_score", "number", "state", "inspected_at",
        "connected", "angle_deg", "guard", "gates",
    }  # fmt: skip
    frame = incidents(25_000) if name == "incidents" else FRAMES[name]
    return frame.drop(columns=list(new & set(frame)))


def test_rows_of_the_old_schema_become_first_versions_and_are_known_again(database: Database):
    with database.writing() as connection:
        first = save(connection, incidents(0)).import_id
        for name in OLD_TABLES:
            add_rows(connection, TABLES[name], [old_frame(name)], first, MOMENT)
        before = {name: table_hash(connection, TABLES[name]) for name in OLD_TABLES}

    alembic(database, "downgrade", "0001")
    with pytest.raises(SafeRegionError, match="db upgrade") as caught:
        check_schema(database)
    assert caught.value.code == "schema_old"
    there = {column["name"] for column in inspect(database.engine).get_columns("incidents")}
    assert not there & {"version", "content", "register"}

    upgrade_database(database)
    with database.writing() as connection:
        assert {name: table_hash(connection, TABLES[name]) for name in OLD_TABLES} == before
        assert list_imports(connection)["findings"].tolist() == [{}]
        second = save(connection, incidents(0)).import_id
        for name in OLD_TABLES:
            frame = old_frame(name)
            added = add_rows(connection, TABLES[name], [frame], second, MOMENT)
            assert (added.new, added.versions) == (0, 0), name
            assert len(added.known_identities) == 16 * len(frame)


def test_going_back_keeps_what_stands_and_nothing_else(database: Database):
    frame = incidents(4)
    with database.writing() as connection:
        save(connection, frame, file_name="a")
        changed = frame.iloc[:2].assign(status="discontinued", geo_method="pin")
        save(connection, changed, file_name="b")
    alembic(database, "downgrade", "0001")
    with database.reading() as connection:
        rows = connection.execute(
            text("SELECT status, geo_method FROM incidents ORDER BY identity")
        ).all()
    assert sorted((row.status, row.geo_method) for row in rows if row.geo_method) == [
        ("discontinued", "given"),
        ("discontinued", "given"),
    ]
    assert len(rows) == 4
    upgrade_database(database)
    alembic(database, "downgrade", "base")
    upgrade_database(database)
    check_schema(database)


def test_identities_are_compared_by_their_bytes_on_postgis(postgis_database: Database):
    records = {name for name, table in TABLES.items() if "valid_to" in table.c}
    with postgis_database.writing() as connection:
        save(connection, incidents(4))
    assert collations(postgis_database) == dict.fromkeys(records, "C")

    alembic(postgis_database, "downgrade", "0004")
    assert collations(postgis_database) == dict.fromkeys(records)  # the database's own
    upgrade_database(postgis_database)
    assert collations(postgis_database) == dict.fromkeys(records, "C")
    with postgis_database.writing() as connection:
        assert save(connection, incidents(5)).accepted == 1  # of five, four are known


def collations(database: Database):
    asked = "SELECT table_name, collation_name FROM information_schema.columns"
    with database.reading() as connection:
        found = connection.execute(text(f"{asked} WHERE column_name = 'identity'")).all()
    return {row.table_name: row.collation_name for row in found}
