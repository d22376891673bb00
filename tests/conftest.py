"""Databases for the tests: the same cases run on SQLite and on PostGIS."""

import multiprocessing
import os
import shutil
from collections.abc import Iterator
from multiprocessing.context import ForkServerContext
from pathlib import Path

import pytest

from data.database import Database, open_database
from data.schema_version import upgrade_database
from tests.postgis_cluster import Server, find_binaries, own_cluster, prepared

BACK_ENDS = ["sqlite", pytest.param("postgis", marks=pytest.mark.postgis)]


@pytest.fixture(scope="session")
def processes() -> ForkServerContext:
    """Starts processes that have the store imported already; importing it takes seconds."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["data.snapshots", "data.store.imports"])
    return context


@pytest.fixture(scope="session")
def postgis_server() -> Iterator[Server]:
    """A server: the one that SAFE_REGION_TEST_DATABASE_URL names, else one of our own."""
    named = os.environ.get("SAFE_REGION_TEST_DATABASE_URL")
    if named:
        with prepared(named) as server:
            yield server
        return
    binaries = find_binaries()
    if binaries is None:
        reason = (
            "no PostGIS here: install postgresql-15-postgis-3 or set SAFE_REGION_TEST_DATABASE_URL"
        )
        if os.environ.get("SAFE_REGION_REQUIRE_POSTGIS") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    with own_cluster(binaries) as url, prepared(url) as server:
        yield server


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the schema, copied for each test."""
    file = tmp_path_factory.mktemp("sqlite") / "template.db"
    database = open_database(f"sqlite:///{file}")
    upgrade_database(database)
    database.close()  # the last connection writes the WAL back into the file
    return file


@pytest.fixture(params=BACK_ENDS)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a fresh database with the current schema, on each back end."""
    if request.param == "sqlite":
        file = tmp_path / "safe_region.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), file)
        yield f"sqlite:///{file}"
    else:
        server = request.getfixturevalue("postgis_server")
        with server.copy_of(server.upgraded) as url:
            yield url


@pytest.fixture(params=BACK_ENDS)
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database without any table of ours, on each back end."""
    if request.param == "sqlite":
        database = open_database(f"sqlite:///{tmp_path / 'empty.db'}")
        yield database
        database.close()
    else:
        server = request.getfixturevalue("postgis_server")
        with server.copy_of(server.empty) as url:
            database = open_database(url)
            yield database
            database.close()


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A fresh database with the current schema, on each back end."""
    opened = open_database(database_url)
    yield opened
    opened.close()


@pytest.fixture
def sqlite_database(sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    """A fresh SQLite database, for what is the same on both back ends."""
    file = tmp_path / "safe_region.db"
    shutil.copy(sqlite_template, file)
    opened = open_database(f"sqlite:///{file}")
    yield opened
    opened.close()


@pytest.fixture
def postgis_database(postgis_server: Server) -> Iterator[Database]:
    """A fresh PostGIS database, for what only PostGIS does."""
    with postgis_server.copy_of(postgis_server.upgraded) as url:
        opened = open_database(url)
        yield opened
        opened.close()
