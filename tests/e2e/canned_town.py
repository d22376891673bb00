"""A small made-up town for looking at the page: streets in a grid, a river, hot places."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import h3
import numpy as np
from shapely.geometry import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

LAT, LON = 51.2215, 51.3795
METRES_PER_LAT = 111_200.0
METRES_PER_LON = METRES_PER_LAT * math.cos(math.radians(LAT))
BOUNDS = (51.335, 51.196, 51.424, 51.247)
HOSTILE = "<img src=x onerror=alert(1)> {{7*7}} ${7*7} `{# c"
HOT = (
    (-900, 500, 260, 1.0), (700, 900, 200, 0.9), (1200, -700, 330, 0.8),
    (-300, -900, 180, 0.75), (100, 150, 150, 0.55), (-1500, -500, 240, 0.5),
)  # fmt: skip
NAMES = (
    "Абай даңғылы", "Сәтбаев көшесі", "Ықылас көшесі", "Құрманғазы көшесі", "Жәңгір хан көшесі",
    "Ғұмар Қараш көшесі", "Әйтиев көшесі", "Мәметова көшесі", "Тәуелсіздік даңғылы",
    "Еуразия даңғылы", "Шолохов көшесі", "Фурманов көшесі", "Жұбан Молдағалиев көшесі",
    "Петровский көшесі", "Ихсанов көшесі", "Сарайшық көшесі", "Досмұхамедұлы көшесі",
)  # fmt: skip
WINDOWS = ("school_am", "midday", "school_pm", "evening", "night")


@dataclass(frozen=True)
class Feature:
    """One thing on a tile layer: its outline in degrees and its properties."""

    geometry: BaseGeometry
    properties: dict[str, Any] = field(default_factory=dict)


def at(x: float, y: float) -> tuple[float, float]:
    """Return lon, lat of a point in metres from the town's middle, the grid turned a little."""
    turned_x, turned_y = x * 0.985 - y * 0.17, x * 0.17 + y * 0.985
    return LON + turned_x / METRES_PER_LON, LAT + turned_y / METRES_PER_LAT


def heat(x: float, y: float) -> float:
    """Return the made-up hazard at a point."""
    return 0.02 + sum(
        h * math.exp(-((x - a) ** 2 + (y - b) ** 2) / (2 * s * s)) for a, b, s, h in HOT
    )


def scored(values: np.ndarray) -> list[float]:
    """Return per cent of values below each value."""
    order = np.argsort(np.argsort(values))
    return [100 * int(rank) / len(values) for rank in order]


def class_of(score: float) -> int:
    """Return the class of a score."""
    return 1 + sum(bool(score >= edge) for edge in (75, 90, 95, 99))


def confidence_of(score: float, index: int) -> str:
    """Return a confidence that is better where the score is higher."""
    if score > 96 or index % 3 == 0:
        return "strong"
    return "tentative" if index % 3 == 1 else "too_few"


def place_properties(place: str, score: float, index: int) -> dict[str, Any]:
    """Return the properties that cells and sections share."""
    found: dict[str, Any] = {
        "id": place,
        "hazard_score": round(score, 1),
        "hazard_class": class_of(score),
        "confidence": confidence_of(score, index),
        "count_score": round((score * 0.7 + 29 * abs(math.sin(index))) % 100, 1),
        "burden_score": round((score * 0.8 + 19 * abs(math.cos(index))) % 100, 1),
    }
    for number, window in enumerate(WINDOWS):
        shifted = min(99.9, max(0.0, score + 7 * math.sin(index + number)))
        found[f"hazard_score_{window}"] = round(shifted, 1)
        found[f"hazard_class_{window}"] = class_of(shifted)
    return found


def street_lines() -> list[tuple[str, str, list[tuple[float, float]]]]:
    """Return name, kind and corner points (metres) of every street of the grid."""
    offsets = list(range(-2000, 2001, 170))
    lines = []
    for number, offset in enumerate(offsets):
        kind = "major" if number % 6 == 3 else "minor"
        across = [(x, float(offset)) for x in offsets]
        along = [(float(offset), y) for y in offsets]
        lines.append((NAMES[number % len(NAMES)], kind, across))
        lines.append((NAMES[(number + 8) % len(NAMES)], kind, along))
    return lines


@functools.cache
def sections() -> list[Feature]:
    """Return the street sections between two crossings, with their made-up hazard."""
    parts: list[tuple[LineString, float, dict[str, Any]]] = []
    lines = street_lines()
    for name, _, corners in lines:
        for k, (a, b) in enumerate(pairwise(corners)):
            middle = ((a[0] + b[0]) / 2, (a[1] + b[1]) / 2)
            label = {
                "label_kind": "between",
                "label_name": name,
                "label_from": NAMES[(k + 3) % len(NAMES)],
                "label_to": NAMES[(k + 4) % len(NAMES)],
            }
            parts.append((LineString([at(*a), at(*b)]), heat(*middle), label))
    scores = scored(np.array([value for _, value, _ in parts]))
    return [
        Feature(line, place_properties(f"s{i:012x}", scores[i], i) | label)
        for i, (line, _, label) in enumerate(parts)
    ]


@functools.cache
def cells(resolution: int) -> list[Feature]:
    """Return the hexagons of one resolution over the town."""
    west, south, east, north = BOUNDS
    area = h3.LatLngPoly([(south, west), (south, east), (north, east), (north, west)])
    places = sorted(h3.polygon_to_cells(area, resolution))
    values = []
    for place in places:
        lat, lon = h3.cell_to_latlng(place)
        x, y = (lon - LON) * METRES_PER_LON, (lat - LAT) * METRES_PER_LAT
        values.append(heat(x * 0.985 + y * 0.17, -x * 0.17 + y * 0.985))
    scores = scored(np.array(values))
    return [
        Feature(
            Polygon([(lon, lat) for lat, lon in h3.cell_to_boundary(place)]),
            place_properties(place, scores[i], i),
        )
        for i, place in enumerate(places)
    ]


def ground() -> dict[str, list[Feature]]:
    """Return the street map: water, green, buildings, rails, roads, places."""
    river = LineString([at(-2600, -1500), at(-2100, -300), at(-2350, 800), at(-1900, 2300)])
    blocks = [
        Feature(Polygon([at(x + a, y + b) for a, b in ((32, 32), (75, 32), (75, 60), (32, 60))]))
        for x in range(-1660, 1990, 170)
        for y in range(-1660, 1990, 170)
    ]
    park = Polygon([at(x, y) for x, y in ((-300, 400), (200, 400), (200, 720), (-300, 720))])
    return {
        "water": [Feature(river.buffer(0.0016))],
        "green": [Feature(park), Feature(river.buffer(0.0034))],
        "buildings": blocks,
        "rails": [Feature(LineString([at(-2400, 1750), at(2400, 1350)]))],
        "roads": [
            Feature(LineString([at(*p) for p in corners]), {"kind": kind, "name": name})
            for name, kind, corners in street_lines()
        ],
        "places": [Feature(Point(at(-600, -300)), {"name": "Орал", "name_ru": "Уральск"})],
    }


def lamps() -> list[Feature]:
    """Return lamps along every second street."""
    states = ("working", "working", "working", "broken", "unknown")
    return [
        Feature(
            Point(at(x, y + 8)),
            {"id": f"l{x}{y}", "asset": "lamp", "state": states[(x + 3 * y) % 5]},
        )
        for y in range(-1660, 1700, 340)
        for x in range(-1700, 1701, 42)
    ]


def cameras() -> list[Feature]:
    """Return a few cameras at crossings."""
    return [
        Feature(
            Point(at(x, y)),
            {
                "id": f"c{x}{y}",
                "asset": "camera",
                "number": HOSTILE,
                "state": "broken" if x % 3 else "working",
            },
        )
        for x, y in ((-980, 380), (720, 890), (40, 40), (1230, -640), (-300, -810))
    ]


def schools() -> list[Feature]:
    """Return schools, one of them with a name that tries to be code."""
    named = (
        ("СШ 18", -500, 620),
        ("№ 4", 880, 640),
        ("Школа №36", 900, -520),
        (HOSTILE, -850, -850),
    )
    return [
        Feature(Point(at(x, y)), {"id": f"school{i}", "name": name})
        for i, (name, x, y) in enumerate(named)
    ]


def routes() -> list[Feature]:
    """Return ways to school as sections with pupils."""
    chosen = [feature for i, feature in enumerate(sections()) if i % 3]
    return [
        Feature(
            f.geometry,
            {"id": f.properties["id"], "pupils": 20 + i % 190, "schools": f"school{i % 4}"},
        )
        for i, f in enumerate(chosen)
    ]
