"""Serve warm tiles of the demo town: one worker of ours against one of tipg over PostGIS.

Eight keep-alive clients in a process of their own ask both for the same tiles of sections and
cells, gzipped, in the same order. tipg reads tables that hold exactly the features and the
properties of our tiles, indexed, in a PostGIS server made for this; its tiles get our buffer.
Every tile is decoded: the features that reach into its square must be the same on both sides.

``python -m benchmarks.tile_serving [WORKSPACE]``. Without tipg (``make bench`` installs it) or
PostGIS the line says so and holds our figures alone.
"""

from __future__ import annotations

import gzip
import importlib.metadata
import importlib.util
import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import geopandas as gpd
import mapbox_vector_tile
import numpy as np
import shapely
from shapely.geometry import box, shape
from sqlalchemy import URL, create_engine, text

from benchmarks.load import Order, measure
from benchmarks.town import current_snapshot, demo_town
from data.snapshots import Snapshot
from geo.disclosure import disclose_cells, disclose_sections
from geo.parameters import SCORED_RESOLUTION
from maps.map_layers import cell_layer, section_layer
from maps.tile_cover import BUFFER
from maps.tile_geometry import EXTENT
from maps.tiles import TileLayer
from tests.demo_town import serving
from tests.postgis_cluster import find_binaries, own_cluster

ROLE = "prosecutor"
ZOOMS = (13, 14, 15)
CLIENTS = 8
SECONDS = 6.0
REQUESTS = 60_000
GOAL = 100
BOUNDS = {"requests_per_s": "≥ 5000", "p99_ms": "≤ 5"}
Address = tuple[str, int, int, int]


def main() -> None:
    with demo_town() as directory:
        line, tiles, snapshot = measure_ours(directory)
        reason = peer_missing()
        if reason:
            line |= {"peer": None, "peer_missing": reason, "ratio": None}
        else:
            line |= measure_peer(snapshot, tiles, line["requests_per_s"])
    print(json.dumps({**line, "goal": GOAL, "bounds": BOUNDS}, ensure_ascii=False))


def measure_ours(directory: Path) -> tuple[dict[str, Any], dict[Address, bytes], Snapshot]:
    with serving(directory) as address:
        run_id = json.loads(fetched(f"{address}/runs/current"))["run_id"]
        snapshot = current_snapshot(directory, run_id)
        archive = snapshot.tile_archive(ROLE)
        places = sorted(
            place
            for place in archive.addresses()
            if place[0] in {"sections", "cells"} and place[1] in ZOOMS
        )
        paths = [f"/tiles/{run_id}/{layer}/{z}/{x}/{y}.mvt" for layer, z, x, y in places]
        warm = [fetched_tile(address + path) for path in paths]
        marks = [mark for _, mark in warm]
        whole = measure(Order(address, paths, [], CLIENTS, SECONDS, REQUESTS))
        unchanged = measure(Order(address, paths, marks, CLIENTS, SECONDS, REQUESTS))
    assert set(whole["statuses"]) == {"200"}, whole["statuses"]
    assert set(unchanged["statuses"]) == {"304"}, unchanged["statuses"]
    line = {
        "benchmark": "tile_serving",
        "tiles": len(places),
        "clients": CLIENTS,
        **{key: whole[key] for key in ("requests", "requests_per_s", "p50_ms", "p99_ms")},
        "generator_busy": whole["generator_busy"],
        "unchanged_requests_per_s": unchanged["requests_per_s"],
        "unchanged_p99_ms": unchanged["p99_ms"],
        "ours_s": round(1 / whole["requests_per_s"], 6),
    }
    return line, {p: tile for p, (tile, _) in zip(places, warm, strict=True)}, snapshot


def measure_peer(
    snapshot: Snapshot, tiles: dict[Address, bytes], ours_per_s: float
) -> dict[str, Any]:
    binaries = find_binaries()
    assert binaries is not None
    with own_cluster(binaries) as url, tipg_serving(filled(url, snapshot)) as address:
        paths = [
            f"/collections/public.{layer}/tiles/WebMercatorQuad/{z}/{x}/{y}"
            for layer, z, x, y in tiles
        ]
        theirs = [fetched_tile(address + path)[0] for path in paths]
        met = measure(Order(address, paths, [], CLIENTS, SECONDS, REQUESTS))
    assert set(met["statuses"]) == {"200"}, met["statuses"]
    inside = [features_inside(tile) for tile in tiles.values()]
    return {
        "peer": f"tipg {importlib.metadata.version('tipg')}",
        "peer_requests": met["requests"],
        "peer_requests_per_s": met["requests_per_s"],
        "peer_p50_ms": met["p50_ms"],
        "peer_p99_ms": met["p99_ms"],
        "peer_s": round(1 / met["requests_per_s"], 6),
        "ratio": round(ours_per_s / met["requests_per_s"], 1),
        "features": sum(map(len, inside)),
        "equal": inside == [features_inside(tile) for tile in theirs],
    }


def peer_missing() -> str | None:
    if importlib.util.find_spec("tipg") is None:
        return "tipg is not installed: make bench installs it"
    if find_binaries() is None:
        return "PostGIS is not installed: package postgresql-15-postgis-3"
    return None


def features_inside(tile: bytes) -> list[str]:
    """Return the ids of the features that reach into the tile's square, sorted."""
    square = box(0, 0, EXTENT, EXTENT)
    return sorted(
        feature["properties"]["id"]
        for layer in mapbox_vector_tile.decode(tile).values()
        for feature in layer["features"]
        if shape(feature["geometry"]).intersects(square)
    )


def filled(url: URL, snapshot: Snapshot) -> URL:
    """Write the features of our tiles to tables with a spatial index and a primary key."""
    sections = section_layer(disclose_sections(snapshot.read_frame("sections"), ROLE))
    cells = disclose_cells(snapshot.read_frame("cells"), ROLE, resolution=SCORED_RESOLUTION)
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("CREATE EXTENSION postgis"))
        for layer in (sections, cell_layer(cells, (ZOOMS[0], ZOOMS[-1]))):
            table(layer).to_postgis(layer.name, connection, index=False)
            connection.execute(text(f"ALTER TABLE {layer.name} ADD PRIMARY KEY (id)"))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
    engine.dispose()
    return url


def table(layer: TileLayer) -> gpd.GeoDataFrame:
    known = np.asarray(layer.geometry)
    geometry = shapely.polygons(known.astype(float)) if known.ndim == 3 else known
    return gpd.GeoDataFrame(layer.properties, geometry=geometry, crs=4326)


@contextmanager
def tipg_serving(url: URL) -> Iterator[str]:
    port = free_port()
    place = str(url.query["host"]).replace("/", "%2F")
    own = {
        "DATABASE_URL": f"postgresql://{url.username}@{place}:5432/{url.database}",
        "TIPG_TILE_BUFFER": str(BUFFER),
    }
    server = subprocess.Popen(
        [sys.executable, "-m", "uvicorn", "tipg.main:app", "--port", str(port),
         "--log-level", "error", "--no-access-log"],
        env={**os.environ, **own},
    )  # fmt: skip
    try:
        address = f"http://127.0.0.1:{port}"
        wait_for(lambda: fetched(f"{address}/healthz"), server)
        yield address
    finally:
        server.terminate()
        server.wait(timeout=15)


def wait_for(ask: Callable[[], object], server: subprocess.Popen) -> None:
    until = time.monotonic() + 30
    while True:
        try:
            ask()
        except (urllib.error.URLError, ConnectionError):
            if server.poll() is not None or time.monotonic() > until:
                raise
            time.sleep(0.05)
        else:
            return


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def fetched(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=30) as answer:
        content: bytes = answer.read()
    return content


def fetched_tile(url: str) -> tuple[bytes, str]:
    """Return a tile's own bytes and its ETag."""
    asked = urllib.request.Request(url, headers={"Accept-Encoding": "gzip"})
    with urllib.request.urlopen(asked, timeout=60) as answer:
        content, packed = answer.read(), answer.headers.get("Content-Encoding") == "gzip"
        return gzip.decompress(content) if packed else content, answer.headers.get("ETag", "")


if __name__ == "__main__":
    main()
