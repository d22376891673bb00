"""A street map extract is kept once under its content's name, whole, and the latest one is read."""

import datetime as dt
from pathlib import Path

import pyarrow as pa
import pytest
from sqlalchemy import text

from data.database import Database
from data.store.extracts import read_extract, save_extract
from data.store.imports import ImportRecord, save_import
from geo.errors import NotFoundError, SafeRegionError

TABLES = {
    # In way order, which is not the order of the ids.
    "way_nodes": pa.table({"way_id": [7, 7, 3], "node_id": [30, 10, 20]}),
    "ways": pa.table({"way_id": [3, 7], "name": ["Абай", None], "lit": pa.array([None, "yes"])}),
    "rails": pa.table({"geometry": pa.array([b"\x01\x02"], pa.binary())}),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "extracts"


def save(database: Database, folder: Path, tables: dict[str, pa.Table]) -> str:
    record = ImportRecord(
        noun="osm",
        source="osm",
        file_name="town.osm.pbf",
        file_sha256="0" * 64,
        imported_at=dt.datetime(2026, 4, 1),
        rows_read=2,
    )
    with database.writing() as connection:
        saved = save_import(connection, record, None, None)
        return save_extract(connection, folder, tables, {"highways": 2}, saved.import_id)


def read(database: Database, folder: Path) -> dict[str, pa.Table] | None:
    with database.reading() as connection:
        return read_extract(connection, folder)


def test_the_tables_come_back_in_their_order(database: Database, folder: Path) -> None:
    assert read(database, folder) is None
    address = save(database, folder, TABLES)
    assert [path.name for path in folder.iterdir()] == [address]
    found = read(database, folder)
    assert found is not None
    assert found.keys() == TABLES.keys()
    assert all(found[name].equals(table) for name, table in TABLES.items())


def test_the_same_extract_again_adds_nothing(sqlite_database: Database, folder: Path) -> None:
    addresses = {save(sqlite_database, folder, TABLES) for _ in range(2)}
    assert len(addresses) == len(list(folder.iterdir())) == 1
    with sqlite_database.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM extracts")).scalar_one() == 1


def test_the_latest_extract_is_read_also_when_an_older_one_comes_again(
    sqlite_database: Database, folder: Path
) -> None:
    newer = {**TABLES, "ways": TABLES["ways"].slice(1)}
    for tables, ways in ((TABLES, 2), (newer, 1), (TABLES, 2)):
        save(sqlite_database, folder, tables)
        found = read(sqlite_database, folder)
        assert found is not None
        assert found["ways"].num_rows == ways
    assert len(list(folder.iterdir())) == 2


def test_damage_is_named_and_the_next_import_mends_it(
    sqlite_database: Database, folder: Path
) -> None:
    file = folder / save(sqlite_database, folder, TABLES) / "ways.parquet"
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(SafeRegionError, match="import osm") as caught:
        read(sqlite_database, folder)
    assert caught.value.code == "folder_damaged"
    save(sqlite_database, folder, TABLES)
    assert read(sqlite_database, folder) is not None
    assert len(list(folder.iterdir())) == 1

    with pytest.raises(NotFoundError):
        read(sqlite_database, folder / "moved")
