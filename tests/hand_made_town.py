"""A town of sixteen crossings drawn by hand beside Oral, with every file that a map is made from.

Four streets run east and four run north, 150 m apart, each with a name; a park lane without a
name leaves one of them. All files are small, so that a whole build takes a few seconds.
"""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from pathlib import Path

import shapely

from geo.study_area import build_study_area

TIME_ZONE = "Asia/Oral"
CENTRE = (51.2300, 51.3700)  # latitude, longitude
STEP_M = 150
FIRST_DAY, LAST_DAY = date(2023, 4, 1), date(2025, 3, 31)
AREA = build_study_area(
    "town",
    shapely.box(51.368, 51.2285, 51.3785, 51.2355),
    time_zone=TIME_ZONE,
    metric_crs="EPSG:32639",
)
STREETS = (
    "Абай көшесі", "Достық даңғылы", "Құрманғазы көшесі", "Жәңгір хан көшесі",
    "Сарайшық көшесі", "Мәншүк көшесі", "Пушкин көшесі", "Ихсанов көшесі",
)  # fmt: skip
GROUPS = ("theft_robbery", "disorder", "violence")


def degrees(east_m: float, north_m: float) -> tuple[float, float]:
    """Return latitude and longitude of a place in metres from the south-west crossing."""
    (x,), (y,) = AREA.to_metric(*CENTRE)
    (lat,), (lon,) = AREA.to_degrees(x + east_m, y + north_m)
    return round(float(lat), 7), round(float(lon), 7)


def write_map(path: Path) -> Path:
    """Write the streets, a lane, two houses with flats and one school as OSM XML."""
    places: dict[int, tuple[float, float]] = {
        1 + 4 * row + column: (column * STEP_M, row * STEP_M)
        for row in range(4)
        for column in range(4)
    }
    places |= {20: (STEP_M, STEP_M / 2), 21: (2 * STEP_M - 40, STEP_M / 2)}
    lines = [[1 + 4 * row + column for column in range(4)] for row in range(4)]
    lines += [[1 + 4 * row + column for row in range(4)] for column in range(4)]
    ways = [
        _way(100 + number, line, highway="residential", name=name, lit=("yes" if number else "no"))
        for number, (line, name) in enumerate(zip(lines, STREETS, strict=True))
    ]
    ways.append(_way(120, [2, 20, 21], highway="footway"))
    for number, (east, north) in enumerate(((20, 20), (3 * STEP_M - 50, 2 * STEP_M + 20))):
        corners = [200 + 4 * number + corner for corner in range(4)]
        offsets = ((0, 0), (30, 0), (30, 20), (0, 20))
        for node, (dx, dy) in zip(corners, offsets, strict=True):
            places[node] = (east + dx, north + dy)
        tags = {"building": "apartments", "building:flats": "40"}
        ways.append(_way(130 + number, [*corners, corners[0]], **tags))
    nodes = []
    for node, place in places.items():
        lat, lon = degrees(*place)
        nodes.append(f'<node id="{node}" lat="{lat}" lon="{lon}"/>')
    lat, lon = degrees(2 * STEP_M + 30, STEP_M + 20)
    nodes.append(
        f'<node id="300" lat="{lat}" lon="{lon}"><tag k="amenity" v="school"/>'
        '<tag k="name" v="№ 18 мектеп"/></node>'
    )
    text = '<?xml version="1.0" encoding="UTF-8"?><osm version="0.6">'
    path.write_text(f"{text}{''.join(nodes)}{''.join(ways)}</osm>", encoding="utf-8")
    return path


def incident_lines(count: int = 240, seed: int = 7) -> list[str]:
    """Return rows of distinct incidents along the streets, most of them near one crossing."""
    draw = random.Random(seed)
    days = (LAST_DAY - FIRST_DAY).days
    lines = []
    for number in range(count):
        near = number % 3 == 0
        along = draw.uniform(0, 3 * STEP_M) if not near else draw.gauss(STEP_M, 30)
        street = draw.randrange(4) * STEP_M if not near else STEP_M
        place = (along, street) if draw.random() < 0.5 else (street, along)
        at = datetime.combine(FIRST_DAY, datetime.min.time()) + timedelta(
            days=draw.randrange(days + 1), minutes=draw.randrange(1, 1440)
        )
        lat, lon = degrees(*place)
        lines.append(
            f"{at:%Y-%m-%d %H:%M},{draw.choice(GROUPS)},street,reported,{lat:.6f},{lon:.6f}"
        )
    assert len(set(lines)) == count
    return lines


def write_incidents(path: Path, lines: list[str]) -> Path:
    """Write incidents as CSV."""
    return _write_lines(path, "occurred_at,offence_group,place_type,discovery,lat,lon", lines)


def lamp_lines() -> list[str]:
    """Return 36 lamps along two streets, every fourth out of order."""
    lines = []
    for number in range(36):
        along, street = (number % 18) * 25, (number // 18) * STEP_M
        lat, lon = degrees(along, street)
        state = "no" if number % 4 == 3 else "yes"
        lines.append(f"L{number},{lat:.6f},{lon:.6f},{state},2020-05-01")
    return lines


def write_lamps(path: Path, lines: list[str]) -> Path:
    """Write lamps as CSV."""
    return _write_lines(path, "lamp_id,lat,lon,working,commissioned_at", lines)


def visit_lines() -> list[str]:
    """Return 80 patrol visits of the last 80 days at four crossings."""
    lines = []
    for number in range(80):
        lat, lon = degrees((number % 4) * STEP_M, STEP_M)
        day = LAST_DAY - timedelta(days=number)
        lines.append(f"V{number},{day} {8 + number % 12:02}:15,{5 + number % 20},{lat},{lon}")
    return lines


def write_visits(path: Path, lines: list[str]) -> Path:
    """Write patrol visits as CSV."""
    return _write_lines(path, "visit_id,arrived_at,minutes,lat,lon", lines)


def school_lines() -> list[str]:
    """Return the school of the map with its gate and pupils, and one that the map has not."""
    here, there = degrees(2 * STEP_M + 20, STEP_M + 10), degrees(10, 3 * STEP_M - 10)
    return [
        f"S18,№ 18 мектеп,{here[0]},{here[1]},08:00-13:00;14:00-19:00,600",
        f"S21,№ 21 мектеп,{there[0]},{there[1]},08:30-13:30,300",
    ]


def write_schools(path: Path, lines: list[str]) -> Path:
    """Write schools as CSV."""
    return _write_lines(path, "school_id,name,lat,lon,shift_times,pupils", lines)


# -------------------------------------------------------------------------------------------


def _way(number: int, nodes: list[int], **tags: str) -> str:
    refs = "".join(f'<nd ref="{node}"/>' for node in nodes)
    words = "".join(f'<tag k="{key}" v="{value}"/>' for key, value in tags.items())
    return f'<way id="{number}">{refs}{words}</way>'


def _write_lines(path: Path, head: str, lines: list[str]) -> Path:
    path.write_text("\n".join([head, *lines, ""]), encoding="utf-8")
    return path
