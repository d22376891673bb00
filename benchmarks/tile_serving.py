"""Serve warm tiles of the demo town: one worker of ours against one of tipg over PostGIS.

Eight keep-alive clients in a process of their own ask both for the same tiles of sections and
cells, gzipped, in the same order. tipg reads tables that hold exactly the features and the
properties of our tiles, indexed, in a PostGIS server made for this; its tiles get our buffer.
Every tile is decoded: a feature that reaches into its square on one side must do so on the other.
Rounding and simplified lines decide about the outermost steps of the grid, so a feature counts as
inside only beyond these, and then the other side must have it inside or on the edge.

What tipg takes grows with the features of a tile, what we take does not; so two lines are printed:
all tiles of three zooms in turn, and the fullest tile of each layer, as the first view of a town
asks for.

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
from dataclasses import dataclass
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
from maps.tile_cover import BUFFER, SIMPLIFIED
from maps.tile_geometry import EXTENT
from maps.tiles import TileLayer
from tests.demo_town import serving
from tests.postgis_cluster import find_binaries, own_cluster

ROLE = "prosecutor"
LAYERS = ("cells", "sections")
ZOOMS = (13, 14, 15)
CLIENTS = 8
SECONDS = 5.0
REQUESTS = 60_000
EDGE = 1 + SIMPLIFIED
"""Grid steps by which rounding and simplifying move a line."""

GOAL = 100
BOUNDS = {"requests_per_s": "≥ 5000", "p99_ms": "≤ 5"}
Address = tuple[str, int, int, int]


@dataclass(frozen=True)
class Served:
    """Where one side serves the tiles, and what it sent for each."""

    address: str
    paths: dict[Address, str]
    tiles: dict[Address, bytes]
    marks: dict[Address, str]

    def load(self, places: list[Address], *, marked: bool = False) -> dict[str, Any]:
        """Ask for these tiles until the end; all answers must be of the one expected status."""
        paths = [self.paths[place] for place in places]
        marks = [self.marks[place] for place in places] if marked else []
        met = measure(Order(self.address, paths, marks, CLIENTS, SECONDS, REQUESTS))
        assert set(met["statuses"]) == {"304" if marked else "200"}, met["statuses"]
        return met


def main() -> None:
    with demo_town() as directory, serving(directory) as address:
        run_id = json.loads(fetched(f"{address}/runs/current"))["run_id"]
        snapshot = current_snapshot(directory, run_id)
        places = known_places(snapshot)
        ours = warmed(address, {p: our_path(run_id, p) for p in places})
        chosen = {"all": places, "fullest": fullest(ours.tiles)}
        lines = {name: our_line(name, ours, some) for name, some in chosen.items()}
        reason = peer_missing()
        if reason:
            absent = {"peer": None, "peer_missing": reason, "ratio": None}
            lines = {name: line | absent for name, line in lines.items()}
        else:
            with peer_serving(snapshot) as base:
                theirs = warmed(base, {p: peer_path(p) for p in places})
                lines = {
                    name: line | peer_line(line, ours, theirs, chosen[name])
                    for name, line in lines.items()
                }
    for line in lines.values():
        print(json.dumps({**line, "goal": GOAL, "bounds": BOUNDS}, ensure_ascii=False))


def known_places(snapshot: Snapshot) -> list[Address]:
    return sorted(
        place
        for place in snapshot.tile_archive(ROLE).addresses()
        if place[0] in LAYERS and place[1] in ZOOMS
    )


def fullest(tiles: dict[Address, bytes]) -> list[Address]:
    return [
        max((p for p in tiles if p[0] == layer), key=lambda p: (len(tiles[p]), p))
        for layer in LAYERS
    ]


def our_path(run_id: str, place: Address) -> str:
    layer, z, x, y = place
    return f"/tiles/{run_id}/{layer}/{z}/{x}/{y}.mvt?role={ROLE}"


def peer_path(place: Address) -> str:
    layer, z, x, y = place
    return f"/collections/public.{layer}/tiles/WebMercatorQuad/{z}/{x}/{y}"


def warmed(address: str, paths: dict[Address, str]) -> Served:
    sent = {place: fetched_tile(address + path) for place, path in paths.items()}
    return Served(
        address,
        paths,
        {place: tile for place, (tile, _) in sent.items()},
        {place: mark for place, (_, mark) in sent.items()},
    )


def our_line(name: str, ours: Served, places: list[Address]) -> dict[str, Any]:
    whole, unchanged = ours.load(places), ours.load(places, marked=True)
    return {
        "benchmark": "tile_serving",
        "asked_for": name,
        "tiles": len(places),
        "clients": CLIENTS,
        "ours_s": round(1 / whole["requests_per_s"], 6),
        **{key: whole[key] for key in ("requests", "requests_per_s", "p50_ms", "p99_ms")},
        "generator_busy": whole["generator_busy"],
        "unchanged_requests_per_s": unchanged["requests_per_s"],
        "unchanged_p99_ms": unchanged["p99_ms"],
    }


def peer_line(
    line: dict[str, Any], ours: Served, theirs: Served, places: list[Address]
) -> dict[str, Any]:
    met = theirs.load(places)
    pairs = [(ours.tiles[place], theirs.tiles[place]) for place in places]
    return {
        "peer": f"tipg {importlib.metadata.version('tipg')}",
        "peer_s": round(1 / met["requests_per_s"], 6),
        "peer_requests": met["requests"],
        "peer_requests_per_s": met["requests_per_s"],
        "peer_p50_ms": met["p50_ms"],
        "peer_p99_ms": met["p99_ms"],
        "ratio": round(line["requests_per_s"] / met["requests_per_s"], 1),
        "features_a_tile": features_a_tile([ours.tiles[place] for place in places]),
        "peer_features_a_tile": features_a_tile([theirs.tiles[place] for place in places]),
        "equal": all(same_features(*pair) for pair in pairs),
    }


@contextmanager
def peer_serving(snapshot: Snapshot) -> Iterator[str]:
    binaries = find_binaries()
    assert binaries is not None
    with own_cluster(binaries) as url:
        fill(url, snapshot)
        with tipg_serving(url) as address:
            yield address


def peer_missing() -> str | None:
    if importlib.util.find_spec("tipg") is None:
        return "tipg is not installed: make bench installs it"
    if find_binaries() is None:
        return "PostGIS is not installed: package postgresql-15-postgis-3"
    return None


def same_features(tile: bytes, other: bytes) -> bool:
    ours, theirs = features_inside(tile, EDGE), features_inside(other, EDGE)
    return ours <= features_inside(other, 0) and theirs <= features_inside(tile, 0)


def features_a_tile(tiles: list[bytes]) -> float:
    return round(sum(len(features_inside(tile, EDGE)) for tile in tiles) / len(tiles), 1)


def features_inside(tile: bytes, edge: float) -> set[str]:
    """Return the ids of the features that reach into the tile's square without its edge."""
    square = box(edge, edge, EXTENT - edge, EXTENT - edge)
    return {
        feature["properties"]["id"]
        for layer in mapbox_vector_tile.decode(tile).values()
        for feature in layer["features"]
        if shape(feature["geometry"]).intersects(square)
    }


def fill(url: URL, snapshot: Snapshot) -> None:
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


def wait_for(ask: Callable[[], object], server: subprocess.Popen[bytes]) -> None:
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
