"""The endpoints that the page asks, answered from the made-up town; loopback only."""

from __future__ import annotations

import datetime as dt
import functools
import json
import math
import re
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import numpy as np
import pandas as pd
from shapely.geometry import mapping

from maps.daylight_texts import DaylightFacts, daylight_sentence
from maps.explanations import Explained, explanation
from maps.labels import (
    basis_text,
    class_word,
    confidence_word,
    data_date_text,
    rank_text,
    reading_note,
    reason_line,
    school_label,
    section_label,
)
from maps.near_texts import incidents_note, influential_list, ring_table
from maps.offline import content_security_policy
from maps.pages.context import PageContext
from maps.pages.hazard_map import build_hazard_map, render_page
from maps.pages.landing import render_error, render_landing
from maps.tiles import TileLayer, build_tile_stack
from maps.web.assets import STATIC_FOLDER, read_manifest
from tests.e2e import canned_town as town

SNAPSHOT = "0123456789abcdef"
PERIOD = (dt.date(2023, 11, 22), dt.date(2026, 11, 21))
CELL_ZOOMS = {7: (8, 9), 8: (10, 11), 9: (12, 12), 10: (13, 15)}
KINDS = {"js": "text/javascript", "css": "text/css", "svg": "image/svg+xml", "png": "image/png"}
SCORE_OF_VIEW = {"harm": "hazard_score", "count": "count_score", "walk": "burden_score"}


@functools.cache
def tiles() -> dict[tuple[str, int, int, int], bytes]:
    """Return every tile of the town, gzipped, by layer and address."""
    stacks: dict[str, list[TileLayer]] = {
        "cells": [
            tile_layer("cells", town.cells(resolution), *zooms)
            for resolution, zooms in CELL_ZOOMS.items()
        ],
        "sections": [tile_layer("sections", town.sections(), 13, 15)],
        "routes": [tile_layer("routes", town.routes(), 13, 15)],
        "lighting": [tile_layer("lighting", town.lamps(), 14, 15)],
        "cameras": [tile_layer("cameras", town.cameras(), 13, 15)],
        "basemap": [tile_layer(name, found, 8, 15) for name, found in town.ground().items()],
    }
    found = {}
    for address, layers in stacks.items():
        groups = [layers] if address == "basemap" else [[layer] for layer in layers]
        for group in groups:
            for _, z, x, y, content in build_tile_stack(address, group):
                found[address, z, x, y] = content
    return found


def tile_layer(name: str, found: list[town.Feature], first: int, last: int) -> TileLayer:
    """Return features as a layer for the encoder."""
    kept = [{k: v for k, v in f.properties.items() if "label" not in k} for f in found]
    geometry = np.array([f.geometry for f in found], dtype=object)
    return TileLayer(name, geometry, pd.DataFrame(kept, index=range(len(found))), first, last)


def place_feature(found: town.Feature, query: dict[str, str], rank: int | None) -> dict[str, Any]:
    """Return a section as the service describes it in the list."""
    lang = query["lang"]
    properties = found.properties
    view, window = query.get("view", "harm"), query.get("window", "day")
    key = SCORE_OF_VIEW[view]
    if view == "harm" and window != "day":
        key = f"{key}_{window}"
    score, hazard_class = properties[key], town.class_of(properties[key])
    row = {
        "incidents_observed": 1 + round(score / 8),
        "share_violence": 0.7 if round(score) % 2 else 0.3,
        "unlit_m": 140.0 if round(score) % 3 else 0.0,
        "unknown_light_m": 60.0,
        "pupils": 14 + round(2 * score),
    }
    described = {
        "label": section_label(properties, lang),
        "reason": reason_line(row, lang),
        "hazard_score": score,
        "hazard_class": hazard_class,
        "class_word": class_word(hazard_class, lang),
        "confidence": properties["confidence"],
        "confidence_word": confidence_word(properties["confidence"], lang),
        "bbox": list(found.geometry.bounds),
    }
    described["section_id"] = properties["id"]
    if rank is not None:
        numbered = properties["confidence"] != "too_few"
        described |= {
            "rank": rank if numbered else None,
            "numbered": numbered,
            "rank_text": rank_text(max(1, rank - 2), rank + 5, lang) if numbered else "",
        }
    return {"type": "Feature", "geometry": mapping(found.geometry), "properties": described}


def section_list(query: dict[str, str]) -> dict[str, Any]:
    """Return the ranked list for a view and a window, hostile name and all."""
    key = SCORE_OF_VIEW[query.get("view", "harm")]
    if key == "hazard_score" and query.get("window", "day") != "day":
        key += "_" + query["window"]
    best = sorted(town.sections(), key=lambda f: (-f.properties[key], f.properties["id"]))[:18]
    numbered = [f for f in best if f.properties["confidence"] != "too_few"]
    few = [f for f in best if f.properties["confidence"] == "too_few"]
    listed = [place_feature(f, query, i + 1) for i, f in enumerate(numbered)]
    listed[8]["properties"]["label"] = town.HOSTILE
    listed += [place_feature(f, query, 0) for f in few]
    return {"type": "FeatureCollection", "features": listed}


def explained(kind: str, query: dict[str, str]) -> dict[str, Any]:
    """Return one explanation whose parts sum to ln hazard − ln area mean."""
    parts = {
        "area": 0.62, "people_and_places": 0.31, "recent_nearby": 0.14, "standing_conditions": 0.09,
        "own_record": 0.42, "level": -0.05, "hour": 0.0, "change_since": -0.12,
    }  # fmt: skip
    ln_area_mean = math.log(4.2)
    hazard = math.exp(ln_area_mean + sum(parts.values()))
    place = Explained(
        hazard=hazard,
        hazard_low=hazard * 0.5,
        hazard_high=hazard * 1.9,
        unit="days",
        ln_area_mean=ln_area_mean,
        parts=parts,
        group_shares={"violence": 0.52, "theft_robbery": 0.33, "disorder": 0.15},
        confidence="strong",
        period=PERIOD,
        window=query.get("window", "day"),
        lit_m=60.0,
        unlit_m=90.0,
        unknown_light_m=20.0,
        pupils=214.0,
        incidents_observed=11.0,
        hotspot=kind == "cells",
    )
    return {**explanation(place, query["lang"]), "quarters": quarters(query["lang"])}


def quarters(lang: str) -> list[dict[str, Any]]:
    """Return counts of incidents around a place."""
    counts = [
        {"quarter": quarter, "ring": ring, "incidents": count}
        for quarter, row in (("2026Q3", (4, 9, None)), ("2026Q2", (None, 7, 12)))
        for ring, count in zip(("0-200", "200-400", "400-800"), row, strict=True)
    ]
    return ring_table(counts, 3, lang)


def incidents(query: dict[str, str]) -> dict[str, Any]:
    """Return the incidents that weigh most; an article from outside is hostile."""
    rows = [
        {"occurred_on": pd.Timestamp("2026-09-03"), "offence_group": "violence",
         "article": town.HOSTILE, "ring": "0-200", "influence": 0.2},
        {"occurred_on": pd.Timestamp("2026-03-08"), "offence_group": "theft_robbery",
         "article": None, "ring": None, "influence": 0.04},
    ]  # fmt: skip
    named = influential_list(rows if query["role"] == "prosecutor" else [], query["lang"])
    return {"quarters": quarters(query["lang"]), "incidents": named,
            "note": incidents_note(query["lang"])}  # fmt: skip


def run_facts(lang: str) -> dict[str, Any]:
    """Return what the page says about the run."""
    return {
        "run_id": SNAPSHOT,
        "name": "Орал" if lang == "kk" else "Уральск" if lang == "ru" else "Oral",
        "data_date": data_date_text(PERIOD[1], dt.date(2026, 11, 15), lang),
        "reading_note": reading_note(4127, PERIOD, lang),
        "basis_note": basis_text("streets", lang),
    }


def daylight(query: dict[str, str]) -> dict[str, Any]:
    """Return how dark it is; the sun of this town rises and sets at the same time all year."""
    sun = (int(query["month"]), 0.93, "09:33", "17:54") if "month" in query else (None, 0.37)
    facts = DaylightFacts(query["window"], *sun)
    return {"sentence": daylight_sentence(facts, query["lang"]), "run_id": SNAPSHOT}


def school_list(lang: str) -> dict[str, Any]:
    """Return the schools with their names in words."""
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "geometry": mapping(f.geometry),
                "properties": {
                    "school_id": f.properties["id"],
                    "label": school_label(f.properties["name"], lang),
                },
            }
            for f in town.schools()
        ],
    }


def find_place(kind: str, place: str) -> town.Feature:
    """Return a section or a cell by its id."""
    among = (
        town.sections() if kind == "sections" else [c for r in (7, 8, 9, 10) for c in town.cells(r)]
    )
    return next(f for f in among if f.properties["id"] == place)


def page(lang: str, role: str | None) -> tuple[str, list[str]]:
    """Return the landing page or a role's map page."""
    if role is None:
        return render_landing(lang, synthetic=True)
    context = PageContext(
        lang, role, SNAPSHOT, (town.LAT, town.LON), 14, town.BOUNDS, synthetic=True,
        months_without_school=(6, 7, 8),
    )  # fmt: skip
    return render_page(build_hazard_map(context))


class QuietServer(ThreadingHTTPServer):
    """Says nothing when a browser has gone before its answer came."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Report everything but a closed connection."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class Handler(BaseHTTPRequestHandler):
    """Answers pages, static files, tiles and JSON."""

    def log_message(self, *parts: Any) -> None:
        """Say nothing: the test's output is the test's."""

    def do_GET(self) -> None:
        """Route one request."""
        split = urlsplit(self.path)
        query = {"lang": "kk", "role": "prosecutor"} | dict(parse_qsl(split.query))
        path = split.path
        if match := re.fullmatch(
            r"/(kk|ru|en)(?:/(prosecutor|planner|dispatcher|public))?/?", path
        ):
            html, hashes = page(match[1], match[2])
            self.answer(html.encode(), "text/html; charset=utf-8", hashes)
        elif match := re.fullmatch(
            rf"/tiles/{SNAPSHOT}/(\w+?)(?:-\d\d-\w+)?/(\d+)/(\d+)/(\d+)\.mvt", path
        ):
            self.answer_tile(match[1], *(int(match[i]) for i in (2, 3, 4)))
        elif match := re.fullmatch(r"/static/(.+)", path):
            name = match[1]
            if name not in read_manifest():
                return self.send_error(404)
            self.answer((STATIC_FOLDER / name).read_bytes(), KINDS[name.rsplit(".", 1)[-1]])
        else:
            self.answer_json(path, query)
        return None

    def answer_json(self, path: str, query: dict[str, str]) -> None:
        """Answer a question of the page's script."""
        if path == "/runs/current":
            found: Any = run_facts(query["lang"])
        elif path == "/sections":
            found = section_list(query)
        elif path == "/daylight":
            found = daylight(query)
        elif path == "/schools":
            found = school_list(query["lang"])
        elif match := re.fullmatch(r"/(sections|cells)/\w+/explain", path):
            found = explained(match[1], query)
        elif re.fullmatch(r"/(sections|cells)/\w+/incidents", path):
            found = incidents(query)
        elif match := re.fullmatch(r"/(sections|cells)/(\w+)", path):
            place = find_place(match[1], match[2])
            if match[1] == "cells":
                found = place.properties | {"h3_cell": match[2], "run_id": SNAPSHOT}
            else:
                found = place_feature(place, query, None)
        else:
            html, hashes = render_error(query["lang"], 404)
            self.answer(html.encode(), "text/html; charset=utf-8", hashes, status=404)
            return
        self.answer(json.dumps(found, ensure_ascii=False).encode(), "application/json")

    def answer_tile(self, layer: str, z: int, x: int, y: int) -> None:
        """Answer a tile, 204 where it is empty."""
        content = tiles().get((layer, z, x, y))
        if content is None:
            self.send_response(204)
            self.end_headers()
            return
        self.send_response(200)
        self.send_header("Content-Type", "application/vnd.mapbox-vector-tile")
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Cache-Control", "public, max-age=31536000, immutable")
        self.end_headers()
        self.wfile.write(content)

    def answer(
        self, content: bytes, kind: str, hashes: list[str] | None = None, *, status: int = 200
    ) -> None:
        """Send a body; a page carries its Content-Security-Policy."""
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        if hashes is not None:
            self.send_header("Content-Security-Policy", content_security_policy(hashes))
        self.end_headers()
        self.wfile.write(content)


@contextmanager
def canned_service(port: int = 0) -> Iterator[str]:
    """Run the service on a free port of loopback; yield its address."""
    tiles()
    server = QuietServer(("127.0.0.1", port), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
