"""A small town on a grid where Oral lies, with its steppe, as a map for tests. All is made up."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from shapely.geometry import box

from data.importers.places.known_places import KnownPlaces
from data.importers.street_map.osm import parse_osm_file
from data.importers.street_map.osm_extract import OsmExtract
from geo.study_area import build_study_area

LAT, LON = 51.23, 51.37
"""North-western corner of the town: its swapped point lies some 18 km to the north-west."""
STEP_LAT, STEP_LON = -0.0018, 0.0029
"""About 200 m each way."""
ACROSS = (
    "улица Абая", "Құрманғазы көшесі", "проспект Достық", "улица Чагано", "Жәңгір хан көшесі",
    "ул. Сатпаева", "ул. Молдагуловой", "ул. Гагарина", "8 Марта", "3 Марта",
)  # fmt: skip
DOWN = (
    "ул. Шевченко", "Толе би көшесі", "улица Пушкина", "ул. Нурпеисовой", "улица Школьная",
    "пр. Назарбаева", "улица Ихсанова", "ул. Курчатова", "улица Мира", "улица Победы",
)  # fmt: skip
OBLAST = build_study_area("Oral", box(50.5, 50.5, 52.5, 52.0), time_zone="Asia/Oral")
SIZE = len(ACROSS)


def corner(row: Any, column: Any) -> tuple[Any, Any]:
    """Return latitude and longitude of a crossing (or of a point between crossings)."""
    return LAT + row * STEP_LAT, LON + column * STEP_LON


def _node(number: int, lat: float, lon: float, **tags: str) -> str:
    kept = "".join(f'<tag k="{key.replace("__", ":")}" v="{tags[key]}"/>' for key in tags)
    return f'<node id="{number}" lat="{lat:.7f}" lon="{lon:.7f}">{kept}</node>'


def _way(number: int, refs: list[int], **tags: str) -> str:
    nds = "".join(f'<nd ref="{ref}"/>' for ref in refs)
    kept = "".join(f'<tag k="{key.replace("__", ":")}" v="{tags[key]}"/>' for key in tags)
    return f'<way id="{number}" version="1">{nds}{kept}</way>'


def _town() -> str:
    nodes = [
        _node(1000 + row * SIZE + column, *corner(row, column))
        for row in range(SIZE)
        for column in range(SIZE)
    ]
    ways = []
    for line in range(SIZE):
        across = [1000 + line * SIZE + column for column in range(SIZE)]
        down = [1000 + row * SIZE + line for row in range(SIZE)]
        more = {"old_name": "улица Ленина"} if line == 2 else {}
        more |= {"name__ru": "улица Чаганская", "name__kk": "Шаған көшесі"} if line == 3 else {}
        ways.append(_way(100 + line, across, highway="residential", name=ACROSS[line], **more))
        was = {"old_name": "улица Пушкина"} if line == 5 else {}
        ways.append(_way(200 + line, down, highway="residential", name=DOWN[line], **was))
    # Houses 1, 5, 9 … stand on the northern side of the first street, half a block apart.
    houses = [
        _node(
            3000 + n,
            *corner(-0.1, 0.25 + 0.5 * n),
            addr__street="улица Абая",
            addr__housenumber=str(1 + 4 * n),
        )
        for n in range(6)
    ]
    tags = {"addr__street": "улица Абая", "addr__housenumber": "10"}
    houses.append(_node(3050, *corner(0.1, 3), **tags))  # the even side counts differently
    houses.append(
        _node(3100, *corner(5.5, 5.5), addr__place="мкр. Жулдыз", addr__housenumber="12А")
    )
    return "".join([*nodes, *houses, *ways])


def _surroundings() -> str:
    """Draw a lone road through the steppe where the swapped town would lie, and a village."""
    road = [_node(5000 + n, 51.30 + 0.01 * n, 51.222 + 0.001 * n) for n in range(12)]
    village = [
        _node(6000 + row * 6 + column, 51.05 + row * 0.0018, 51.70 + column * 0.0029)
        for row in range(6)
        for column in range(6)
    ]
    streets = [
        _way(400 + row, [6000 + row * 6 + column for column in range(6)], highway="residential",
             name="улица Школьная" if row == 0 else f"Ауыл көшесі {row}")
        for row in range(6)
    ]  # fmt: skip
    streets += [
        _way(410 + column, [6000 + row * 6 + column for row in range(6)], highway="residential")
        for column in range(6)
    ]
    centre = _node(9000, 51.0563, 51.7088, place="village", name="Желаево")
    town = _node(9001, *corner(4.5, 4.5), place="city", name="Орал")
    lone = _way(300, list(range(5000, 5012)), highway="tertiary", name="Атырау трассасы")
    return "".join([*road, *village, centre, town, *streets, lone])


@cache
def oral_extract() -> OsmExtract:
    """Return the map of the town and its surroundings."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "town.osm"
        body = _town() + _surroundings()
        path.write_text(f'<?xml version="1.0"?>\n<osm version="0.6">{body}</osm>', encoding="utf-8")
        return parse_osm_file(path)


@cache
def oral_places() -> KnownPlaces:
    """Return what a workspace with this map knows."""
    return KnownPlaces(OBLAST, oral_extract())


def town_points(count: int, seed: int, spread_m: float = 15.0) -> tuple[np.ndarray, np.ndarray]:
    """Return points along the town's streets, off them by about so many metres."""
    random = np.random.default_rng(seed)
    along = random.uniform(0, SIZE - 1, count)
    line = random.integers(0, SIZE, count)
    down = random.random(count) < 0.5
    row, column = np.where(down, along, line), np.where(down, line, along)
    lat = LAT + row * STEP_LAT + random.normal(0, spread_m / 111_000, count)
    lon = LON + column * STEP_LON + random.normal(0, spread_m / 69_000, count)
    return lat, lon
