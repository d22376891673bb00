"""Loading incidents into PostGIS: ours as versions of records, GeoPandas with ``to_postgis``.

``python -m benchmarks.import_load [ROWS]`` (1 000 000). Both get the same canonical frame and
begin with an empty table in a server of their own. Ours checks the frame's contract, digests
each row, and fills the table that has every rule, key and index; ``to_postgis`` makes a bare
table of the same columns with an index of its points, and ``ratio_bare`` has us do just that.
Equal: not one row on either side that the other lacks, all columns and the geometry compared by
the server. ``flat_mb``: how much the process's memory rose while our rows, made block by block,
were loaded. ``ratio_narrow``: the identity, seven columns of fixed width and the points
alone, on both sides. ``ratio_same``: ``to_postgis`` appends to a copy of our migrated table, its
rules, keys and indexes in place, and is given the digests and all else that ours makes; equal
there: every column, those of the store's own included.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator

import geopandas as gpd
import numpy as np
import pandas as pd
from sqlalchemy import Column, MetaData, Table, create_engine, text

from data.database import Database, open_database
from data.process_memory import peak_memory_mb
from data.store.contents import content_digests
from data.store.copying import copy_in
from data.store.frames import SORTING_MEMORY
from data.store.imports import ImportRecord, save_import
from data.store.row_values import rows_of_table
from data.tables import Incident, table_of
from tests.postgis_cluster import Server, find_binaries, own_cluster, prepared

ROWS = 1_000_000
BLOCK = 20_000
GOAL = 10
FLAT_MB = 150
MOMENT = dt.datetime(2026, 1, 1)
NARROW = [
    "identity",
    "source_row",
    "h3_cell",
    "occurred_at",
    "registered_at",
    "lat",
    "lon",
    "geo_accuracy_m",
]
NOT_OFFERED = {"version", "content", "import_id", "valid_from", "valid_to"}


def main(rows: int) -> None:
    binaries = find_binaries()
    if binaries is None:
        raise SystemExit("no PostGIS here: install postgresql-15-postgis-3")
    with own_cluster(binaries) as url, prepared(url) as server:
        # It would begin in the middle of one side and take a core from it.
        server.run("ALTER SYSTEM SET autovacuum = off")
        server.run("SELECT pg_reload_conf()")
        with server.copy_of(server.upgraded) as address:
            flat_mb = memory_rise_mb(open_database(address), rows)
        with server.copy_of(server.upgraded) as address:
            database = open_database(address)
            frames = list(blocks(rows))
            few = [frame[NARROW] for frame in frames]
            ours_s = timed(server, lambda: ours(database, frames))
            bare_s = timed(server, lambda: bare(database, frames))
            peer_s = timed(server, lambda: peer(address, frames, "peer"))
            check_equal(database, rows)
            peer_same_s = timed(server, lambda: peer_same(address, database, frames))
            check_same(database)
            again_s = timed(server, lambda: ours(database, frames))
            narrow_s = timed(server, lambda: narrow(database, frames))
            narrow_peer_s = timed(server, lambda: peer(address, few, "narrow_peer"))
            check_narrow(database)
            database.close()
    result = {
        "benchmark": "import_load",
        "rows": rows,
        "ours_s": round(ours_s, 2),
        "peer_s": round(peer_s, 2),
        "peer": f"geopandas {gpd.__version__} to_postgis(chunksize=50 000)",
        "ratio": round(peer_s / ours_s, 1),
        "goal": GOAL,
        "peer_same_s": round(peer_same_s, 2),
        "ratio_same": round(peer_same_s / ours_s, 1),
        "bare_s": round(bare_s, 2),
        "ratio_bare": round(peer_s / bare_s, 1),
        "narrow_s": round(narrow_s, 2),
        "narrow_peer_s": round(narrow_peer_s, 2),
        "ratio_narrow": round(narrow_peer_s / narrow_s, 1),
        "ours_us_a_row": round(ours_s / rows * 1e6, 2),
        "same_again_s": round(again_s, 2),
        "flat_mb": round(flat_mb),
        "bounds": {"flat_mb": f"≤ {FLAT_MB}"},
        "equal": True,
    }
    print(json.dumps(result))


def timed(server: Server, load: Callable[[], float]) -> float:
    """Return the seconds of a load that begins with nothing left to write of the last one."""
    server.run("CHECKPOINT")
    return load()


def ours(database: Database, frames: Iterable[pd.DataFrame], rows: int = 0) -> float:
    """Save an import of ready blocks; return seconds."""
    rows = rows or sum(len(frame) for frame in frames)
    record = ImportRecord(
        noun="incidents", source="bench", file_name="bench.csv", file_sha256="0" * 64,
        imported_at=MOMENT, rows_read=rows,
    )  # fmt: skip
    start = time.perf_counter()
    with database.writing() as connection:
        saved = save_import(connection, record, frames, None)
    assert saved.accepted in (rows, 0)
    return time.perf_counter() - start


def memory_rise_mb(database: Database, rows: int) -> float:
    """Save blocks that are made one by one; return by how much the process's memory rose."""
    next(blocks(BLOCK))
    before = peak_memory_mb()
    ours(database, blocks(rows), rows)
    database.close()
    return peak_memory_mb() - before


def bare(database: Database, frames: list[pd.DataFrame]) -> float:
    """Copy the frames into a table without rules and index its points; return seconds."""
    table = table_of(Incident)
    start = time.perf_counter()
    with database.writing() as connection:
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(text(f"SET LOCAL maintenance_work_mem = '{SORTING_MEMORY}'"))
        connection.execute(text("CREATE TABLE bare AS SELECT * FROM incidents LIMIT 0"))
        copy_in(connection, table, "bare", (rows_of_table(table, frame) for frame in frames))
        connection.execute(text("CREATE INDEX ON bare USING gist (geom)"))
    return time.perf_counter() - start


def peer(address: str, frames: list[pd.DataFrame], name: str, **options: str) -> float:
    """Write the frames and their points with ``to_postgis``; return seconds."""
    frame = pd.concat(frames, ignore_index=True)
    engine = create_engine(address)
    start = time.perf_counter()
    points = gpd.points_from_xy(frame["lon"], frame["lat"])
    geo = gpd.GeoDataFrame(frame, geometry=points, crs=4326).rename_geometry("geom")
    geo.to_postgis(name, engine, index=False, chunksize=50_000, **options)
    seconds = time.perf_counter() - start
    engine.dispose()
    return seconds


def peer_same(address: str, database: Database, frames: list[pd.DataFrame]) -> float:
    """Append the frames, stamped as ours are, to a copy of the migrated table; return seconds."""
    table = table_of(Incident)
    with database.writing() as connection:
        connection.execute(text("CREATE TABLE same (LIKE incidents INCLUDING ALL)"))
        connection.execute(
            text("ALTER TABLE same ADD FOREIGN KEY (import_id) REFERENCES imports (import_id)")
        )
        import_id = connection.execute(text("SELECT import_id FROM imports")).scalar_one()
    stamped = [
        frame.assign(
            version=1,
            content=content_digests(table, rows_of_table(table, frame)).to_pylist(),
            import_id=import_id,
            valid_from=MOMENT,
        )
        for frame in frames
    ]
    return peer(address, stamped, "same", if_exists="append")


def narrow(database: Database, frames: list[pd.DataFrame]) -> float:
    """Copy the few columns and the points into a bare table and index these; return seconds."""
    whole = table_of(Incident)
    table = Table(
        "narrow", MetaData(), *(Column(name, whole.c[name].type) for name in [*NARROW, "geom"])
    )
    columns = ", ".join(table.c.keys())
    start = time.perf_counter()
    with database.writing() as connection:
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(text(f"SET LOCAL maintenance_work_mem = '{SORTING_MEMORY}'"))
        connection.execute(text(f"CREATE TABLE narrow AS SELECT {columns} FROM incidents LIMIT 0"))
        copy_in(connection, table, "narrow", (rows_of_table(table, one[NARROW]) for one in frames))
        connection.execute(text("CREATE INDEX ON narrow USING gist (geom)"))
    return time.perf_counter() - start


def check_narrow(database: Database) -> None:
    columns = ", ".join([*NARROW, "geom"])
    peer_columns = columns.replace("source_row", "source_row::integer")
    check_none_lacking(database, {"narrow": columns, "narrow_peer": peer_columns})


def check_same(database: Database) -> None:
    columns = ", ".join(column.name for column in table_of(Incident).columns)
    check_none_lacking(database, {"incidents": columns, "same": columns})


def check_equal(database: Database, rows: int) -> None:
    names = [c.name for c in table_of(Incident).columns if c.name not in NOT_OFFERED]
    there = set(incidents(0, 1).columns) | {"geom"}
    cast = {"gravity": "smallint", "h3_cell": "bigint", "source_row": "integer"}
    kept = [name for name in names if name in there]
    ours_side = ", ".join(kept)
    peer_side = ", ".join(f"{name}::{cast[name]}" if name in cast else name for name in kept)
    check_none_lacking(database, {"incidents": ours_side, "peer": peer_side})
    with database.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM peer")).scalar_one() == rows


def check_none_lacking(database: Database, sides: dict[str, str]) -> None:
    """Raise unless two tables hold the same rows, as their columns are written here."""
    with database.reading() as connection:
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        for one, other in (tuple(sides), tuple(reversed(sides))):
            different = connection.execute(
                text(
                    f"SELECT count(*) FROM (SELECT {sides[one]} FROM {one}"
                    f" EXCEPT ALL SELECT {sides[other]} FROM {other}) AS lacking"
                )
            ).scalar_one()
            assert different == 0, f"{different} rows of {one} are not in {other}"


def blocks(rows: int) -> Iterator[pd.DataFrame]:
    for start in range(0, rows, BLOCK):
        yield incidents(start, min(start + BLOCK, rows))


def incidents(start: int, end: int) -> pd.DataFrame:
    """Make canonical incidents with every column of the table; the same number, the same row."""
    rows = np.arange(start, end)
    random = np.random.default_rng(start)
    # In the identities' order over the whole file, as the importers hand rows over.
    identity = [f"{row:08x}{hashlib.md5(str(row).encode()).hexdigest()[8:]}" for row in rows]
    day = np.datetime64("2024-01-01T00:00", "us")
    occurred = day + (rows * 37 % 1_000_000) * np.timedelta64(60_000_000, "us")
    gravity = pd.array(np.where(rows % 7, rows % 5, 0), dtype="Int64")
    gravity[rows % 11 == 0] = pd.NA
    frame = pd.DataFrame(
        {
            "identity": identity,
            "source": "register",
            "source_row": rows + 2,
            "register": "erdr",
            "ext_id_hash": [name * 2 for name in identity],
            "reference_hash": None,
            "district": "Орал қаласы",
            "article": np.array(["188", "191", "293"], object)[rows % 3],
            "part": np.array(["3", "2", None], object)[rows % 3],
            "paragraph": None,
            "offence_group": np.array(["theft_robbery", "violence", "disorder"], object)[rows % 3],
            "gravity": gravity,
            "severity_days": np.where(rows % 3 == 0, np.nan, 456.0),
            "is_misdemeanour": rows % 3 == 2,
            "occurred_at": occurred,
            "occurred_precision": "minute",
            "occurred_to": np.where(rows % 9 == 0, occurred, np.datetime64("NaT")),
            "registered_at": occurred + np.timedelta64(3_600_000_000, "us"),
            "place_type": "street",
            "victim_minor": np.array([None, True, False], object)[rows % 3],
            "sensitive": rows % 50 == 0,
            "discovery": "reported",
            "discretionary": rows % 10 == 0,
            "status": "active",
            "lat": 51.1 + random.random(len(rows)) * 0.2,
            "lon": 51.2 + random.random(len(rows)) * 0.4,
            "h3_cell": 0x8A1F00000000000 + rows,
            "geo_method": "given",
            "geo_accuracy_m": 30.0,
            "geo_score": np.nan,
            "address_raw": [f"Абай көшесі, {row % 300}" for row in rows],
            "address_key": [f"g{row % 1000}:{row // 1000}" for row in rows],
        }
    )
    return frame


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROWS)
