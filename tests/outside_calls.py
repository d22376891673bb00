"""Files of made-up calls of a small town, with hot corners that stay hot."""

import json
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import shapely

FIRST_DAY = date(2023, 1, 1)
DAYS = 760
WEST, SOUTH, EAST, NORTH = 51.36, 51.20, 51.40, 51.22
CORNERS = ((51.365, 51.2045), (51.381, 51.2105), (51.394, 51.2165))
HEAD = "day,kind,lon,lat\n"


def calls(count: int = 1500, seed: int = 7) -> list[tuple[str, str, float, float]]:
    """Return day, kind, longitude and latitude; half of them lie round three corners."""
    random = np.random.default_rng(seed)
    days = np.sort(random.integers(0, DAYS, count))
    rows = []
    for place, day in enumerate(days.tolist()):
        lon, lat = random.uniform((WEST, SOUTH), (EAST, NORTH))
        if place % 2:
            lon, lat = random.normal(CORNERS[place % 3], 0.0006)
        kind = "theft" if place % 4 else "fight"
        when = (FIRST_DAY + timedelta(days=day)).isoformat()
        rows.append((when, kind, round(float(lon), 6), round(float(lat), 6)))
    return rows


def write_calls(path: Path, rows: list[tuple[str, str, float, float]]) -> Path:
    """Write calls as CSV."""
    lines = [",".join(map(str, row)) + "\n" for row in rows]
    path.write_text(HEAD + "".join(lines), encoding="utf-8")
    return path


def write_geojson(path: Path, rows: list[tuple[str, str, float, float]]) -> Path:
    """Write calls as GeoJSON, each at half past eight in the evening."""
    features = [
        {
            "type": "Feature",
            "properties": {"when": f"{day}T20:30:00", "kind": kind},
            "geometry": {"type": "Point", "coordinates": [lon, lat]},
        }
        for day, kind, lon, lat in rows
    ]
    document = {"type": "FeatureCollection", "features": features}
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def write_area(path: Path) -> Path:
    """Write the town's boundary as GeoJSON, a little wider than its calls."""
    area = shapely.box(WEST - 0.003, SOUTH - 0.003, EAST + 0.003, NORTH + 0.003)
    path.write_text(shapely.to_geojson(area), encoding="utf-8")
    return path
