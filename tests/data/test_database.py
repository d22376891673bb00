"""Engines, migrations and the answer when the database does not answer."""

import re
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.schema import CreateTable

from data.database import Database, Patience, open_database
from data.schema_version import check_schema, known_revisions, migration_config, upgrade_database
from data.tables import Model
from geo.errors import DatabaseUnreachableError, NotFoundError, SafeRegionError, UsageError

ALL_TABLES = {table.name for table in Model.metadata.tables.values()}


def alembic(database: Database, action: str, *arguments: str) -> None:
    with database.writing() as connection:
        getattr(command, action)(migration_config(connection), *arguments)


def our_tables(database: Database) -> set[str]:
    return set(inspect(database.engine).get_table_names()) & ALL_TABLES


def schema(database: Database) -> list[tuple[str, ...]]:
    """Everything the database says of our tables, as comparable rows."""
    found = inspect(database.engine)
    rows = []
    for table in sorted(our_tables(database)):
        rows += [(table, col["name"], str(col["nullable"])) for col in found.get_columns(table)]
        rows += [(table, "index", str(i["name"])) for i in found.get_indexes(table)]
        rows += [(table, "check", str(c["name"])) for c in found.get_check_constraints(table)]
        rows += [(table, "foreign", str(f["name"])) for f in found.get_foreign_keys(table)]
    return sorted(rows)


def test_migrations_go_up_match_the_models_go_down_and_up_again(empty_database: Database) -> None:
    upgrade_database(empty_database)
    first = schema(empty_database)
    assert our_tables(empty_database) == ALL_TABLES
    alembic(empty_database, "check")  # raises where the models ask for something else

    alembic(empty_database, "downgrade", "base")
    assert our_tables(empty_database) == set()

    upgrade_database(empty_database)
    assert schema(empty_database) == first


def test_every_check_of_the_models_is_in_the_migrated_database(database: Database) -> None:
    # alembic check does not compare CHECK constraints.
    found = inspect(database.engine)
    for table in Model.metadata.sorted_tables:
        ddl = str(CreateTable(table).compile(dialect=database.engine.dialect))
        asked = set(re.findall(r"CONSTRAINT (ck_\w+) CHECK", ddl))
        there = {str(rule["name"]) for rule in found.get_check_constraints(table.name)}
        assert there == asked, table.name


def test_upgrading_twice_changes_nothing(database: Database) -> None:
    before = schema(database)
    upgrade_database(database)
    check_schema(database)
    assert schema(database) == before


def test_an_empty_database_is_named_as_not_set_up(empty_database: Database) -> None:
    with pytest.raises(NotFoundError, match="db upgrade") as caught:
        check_schema(empty_database)
    assert caught.value.code == "schema_missing"


def test_a_newer_schema_is_refused_by_check_and_by_upgrade(database: Database) -> None:
    with database.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for action in (check_schema, upgrade_database):
        with pytest.raises(SafeRegionError) as caught:
            action(database)
        assert caught.value.code == "schema_newer"


def test_a_migration_that_dies_half_way_leaves_nothing(
    empty_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    execute = type(empty_database.engine.dialect).do_execute

    def dying(self: object, cursor: object, statement: str, *rest: object) -> None:
        if "CREATE TABLE runs" in statement:
            raise KeyboardInterrupt
        execute(self, cursor, statement, *rest)

    monkeypatch.setattr(type(empty_database.engine.dialect), "do_execute", dying)
    with pytest.raises(KeyboardInterrupt):
        upgrade_database(empty_database)
    monkeypatch.undo()
    assert our_tables(empty_database) == set()
    upgrade_database(empty_database)
    check_schema(empty_database)


def test_the_reader_refuses_to_write(database: Database) -> None:
    with pytest.raises(DBAPIError, match=r"read.?only"), database.reading() as connection:
        connection.execute(text("UPDATE current_run SET moves = 7"))


def test_the_reader_answers_with_the_old_value_while_a_writer_is_busy(database: Database) -> None:
    with database.writing() as writer:
        writer.execute(text("UPDATE current_run SET moves = 7"))
        with database.reading() as reader:
            assert reader.execute(text("SELECT moves FROM current_run")).scalar_one() == 0
    with database.reading() as reader:
        assert reader.execute(text("SELECT moves FROM current_run")).scalar_one() == 7


def test_an_error_undoes_the_whole_transaction(database: Database) -> None:
    with pytest.raises(DBAPIError):  # noqa: PT012, SIM117
        with database.writing() as connection:
            connection.execute(text("UPDATE current_run SET moves = 7"))
            connection.execute(text("UPDATE absent SET moves = 7"))
    with database.reading() as connection:
        assert connection.execute(text("SELECT moves FROM current_run")).scalar_one() == 0


def test_connections_that_the_server_cut_are_replaced_unseen(postgis_database: Database) -> None:
    with postgis_database.reading() as connection:
        connection.execute(text("SELECT 1"))
    with postgis_database.writing() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
    with postgis_database.reading() as connection:
        assert connection.execute(text("SELECT 1")).scalar_one() == 1


@contextmanager
def listener(*, answers: bool) -> Iterator[int]:
    """A port that takes connections and stays silent, or one that nobody listens on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        if answers:
            taken.listen()
        yield taken.getsockname()[1]


@pytest.mark.parametrize("answers", [True, False], ids=["silent server", "no server"])
def test_an_unreachable_server_is_named_within_three_seconds(answers: bool) -> None:
    with listener(answers=answers) as port:
        database = open_database(f"postgresql://clerk:geheim@127.0.0.1:{port}/town")
        start = time.monotonic()
        with pytest.raises(DatabaseUnreachableError) as caught:
            check_schema(database)
        assert time.monotonic() - start < 3
    assert caught.value.code == "database_unreachable"
    assert f"127.0.0.1:{port}/town" in str(caught.value)
    assert "geheim" not in str(caught.value)


def test_a_database_that_does_not_exist_is_named_without_a_password(
    postgis_database: Database,
) -> None:
    url = postgis_database.engine.url.set(database="absent", password="geheim")
    database = open_database(url.render_as_string(hide_password=False))
    with pytest.raises(DatabaseUnreachableError, match="absent") as caught:
        check_schema(database)
    assert "geheim" not in str(caught.value)


def test_a_sqlite_file_in_a_missing_folder_is_named(tmp_path) -> None:
    database = open_database(f"sqlite:///{tmp_path}/absent/town.db")
    with pytest.raises(DatabaseUnreachableError, match=r"absent/town\.db"):
        check_schema(database)


@pytest.mark.parametrize("url", ["", "town.db", "sqlite://", "mysql://clerk:geheim@host/town"])
def test_an_address_that_cannot_be_meant_is_refused_without_echo(url: str) -> None:
    with pytest.raises(UsageError, match="SAFE_REGION_DATABASE_URL") as caught:
        open_database(url)
    assert caught.value.code == "database_url_invalid"
    assert "geheim" not in str(caught.value)


def test_a_second_sqlite_writer_gives_up_after_its_patience(sqlite_database: Database) -> None:
    url = str(sqlite_database.engine.url)
    hasty = open_database(url, Patience(lock=0.1))
    with (
        sqlite_database.writing(),
        pytest.raises(DatabaseUnreachableError) as caught,
        hasty.writing(),
    ):
        pass
    assert caught.value.code == "database_busy"


def test_a_process_out_of_connections_says_so_at_once(sqlite_database: Database) -> None:
    engine: Engine = sqlite_database.reader
    held = [engine.connect() for _ in range(15)]  # the pool: 5 kept and 10 more
    start = time.monotonic()
    with pytest.raises(DatabaseUnreachableError) as caught, sqlite_database.reading():
        pass
    assert caught.value.code == "database_busy"
    assert time.monotonic() - start < 2
    for connection in held:
        connection.close()


def test_last_version_file_is_the_head_that_alembic_sees():
    head = ScriptDirectory.from_config(migration_config()).get_current_head()
    assert known_revisions()[-1] == head
