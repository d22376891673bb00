"""Size of a role's page and the time until it can be used, against folium.Choropleth.

``python -m benchmarks.page_size [WORKSPACE]``. The peer's page holds the same cells as our tiles
do. Ours counts as usable when the list stands and the map is painted; the peer's when its last
cell is drawn. The peer's page asks for its libraries elsewhere: Leaflet is given to it from our
files and the rest as empty files, so no network adds to its time; its colour legend, which needs
one of these, is left out. Without Chromium the times are left out and the line says so.
"""

from __future__ import annotations

import functools
import gzip
import importlib.metadata
import json
import re
import shutil
import tempfile
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import folium
import geopandas as gpd
import numpy as np
import shapely

from benchmarks.town import current_snapshot, demo_town
from data.snapshots import Snapshot
from geo.disclosure import ROLES, disclose_cells
from geo.parameters import SCORED_RESOLUTION
from maps.map_layers import cell_layer
from maps.web.assets import STATIC_FOLDER
from tests.demo_town import serving

ROLE, LANGUAGES = "prosecutor", ("kk", "ru", "en")
RUNS = 3
BOUNDS = {"html_bytes": "≤ 20000", "assets_gzipped_bytes": "≤ 200000", "interactive_s": "≤ 1.5"}
ASSET = re.compile(r"""(?:src|href)=["'](/static/[^"'?]+\.(?:js|css))\b[^"']*["']""")
OURS_USABLE = """() => document.querySelector('.sr-cards .sr-card') &&
  [...document.querySelectorAll('.leaflet-sr-cells-pane canvas, .leaflet-sr-sections-pane canvas')]
    .some(canvas => canvas.width && canvas.getContext('2d')
      .getImageData(0, 0, canvas.width, canvas.height).data.some(value => value > 0))"""
PEER_USABLE = "count => document.querySelectorAll('path.leaflet-interactive').length >= count"


def main() -> None:
    with demo_town() as directory, serving(directory) as address:
        run_id = json.loads(fetched(f"{address}/runs/current"))["run_id"]
        cells = shown_cells(current_snapshot(directory, run_id))
        peer_s, peer_html = timed(lambda: peer_page(cells))
        page = f"{address}/kk/{ROLE}"
        ours_s, html = timed(lambda: fetched(page))
        pages = [fetched(f"{address}/{lang}/{role}") for lang in LANGUAGES for role in ROLES]
        assets = {path: fetched(urljoin(address, path)) for path in ASSET.findall(html.decode())}
        line = {
            "benchmark": "page_size",
            "cells": len(cells),
            "ours_s": round(ours_s, 4),
            "html_bytes": max(map(len, pages)),
            "assets": len(assets),
            "assets_bytes": sum(map(len, assets.values())),
            "assets_gzipped_bytes": sum(len(gzip.compress(a, 6)) for a in assets.values()),
            "peer": f"folium {importlib.metadata.version('folium')} Choropleth",
            "peer_s": round(peer_s, 4),
            "peer_html_bytes": len(peer_html),
            "ratio": round(len(peer_html) / max(map(len, pages)), 1),
            "ratio_time": round(peer_s / ours_s, 1),
            **interactive(page, peer_html, len(cells)),
        }
    print(json.dumps({**line, "bounds": BOUNDS}, ensure_ascii=False))


def shown_cells(snapshot: Snapshot) -> gpd.GeoDataFrame:
    frame = disclose_cells(snapshot.read_frame("cells"), ROLE, resolution=SCORED_RESOLUTION)
    layer = cell_layer(frame, (13, 15))
    corners = np.asarray(layer.geometry, float)
    return gpd.GeoDataFrame(layer.properties, geometry=shapely.polygons(corners), crs=4326)


def peer_page(cells: gpd.GeoDataFrame) -> bytes:
    west, south, east, north = cells.total_bounds
    page = folium.Map(location=((south + north) / 2, (west + east) / 2), zoom_start=13, tiles=None)
    choropleth = folium.Choropleth(
        geo_data=cells.to_json(),
        data=cells,
        columns=["id", "hazard_score"],
        key_on="feature.properties.id",
    )
    for child in [key for key in choropleth._children if key.startswith("color_map")]:
        del choropleth._children[child]
    choropleth.add_to(page)
    html: str = page.get_root().render()
    return html.encode()


def timed(work: Callable[[], bytes]) -> tuple[float, bytes]:
    work()
    seconds = []
    for _ in range(RUNS):
        start = time.perf_counter()
        result = work()
        seconds.append(time.perf_counter() - start)
    return min(seconds), result


def interactive(page: str, peer_html: bytes, cells: int) -> dict[str, Any]:
    executable = shutil.which("chromium") or shutil.which("chromium-browser")
    if executable is None:
        return {"interactive_s": None, "interactive_missing": "Chromium is not installed"}
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        peer = Path(folder) / "peer.html"
        peer.write_bytes(peer_html)
        chromium = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        opened = functools.partial(usable_after, chromium)
        ours_s = min(opened(page, OURS_USABLE, None) for _ in range(RUNS))
        peer_s = min(opened(peer.as_uri(), PEER_USABLE, cells) for _ in range(RUNS))
        chromium.close()
    return {
        "interactive_s": round(ours_s, 3),
        "peer_interactive_s": round(peer_s, 3),
        "ratio_interactive": round(peer_s / ours_s, 1),
    }


def usable_after(chromium: Any, address: str, condition: str, argument: object) -> float:
    """Return the seconds from navigation until the condition holds, with nothing cached."""
    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.route("https://**/*", _answer_for_elsewhere)
    page.goto(address, wait_until="commit")
    page.wait_for_function(condition, arg=argument, polling=20, timeout=60_000)
    milliseconds: float = page.evaluate("performance.now()")
    context.close()
    return milliseconds / 1000


def fetched(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=30) as answer:
        content: bytes = answer.read()
    return content


# -------------------------------------------------------------------------------------------


def _answer_for_elsewhere(route: Any) -> None:
    name = route.request.url.rsplit("/", 1)[-1]
    if name in {"leaflet.js", "leaflet.css"}:
        route.fulfill(path=STATIC_FOLDER / "leaflet" / name)
    else:
        route.fulfill(body="")


if __name__ == "__main__":
    main()
