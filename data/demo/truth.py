"""What is planted into the records, and the file that keeps it for tests alone."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from data.demo import plan
from data.demo.plane import FloatArray, Plane
from data.demo.street_map import StreetMap, neighbours_of, stretch_around

FIRST_DAY = date(2023, 10, 1)
LAST_DAY = date(2026, 9, 30)
LIT_ON = date(2025, 3, 1)
LIT_FACTOR = 0.5

HOT_A_YEAR_PER_M = 0.075
HOT_A_YEAR_LEAST = 15.0
CORRIDOR_A_YEAR_PER_M = 0.085
MARKET_A_YEAR = 88.0
MEASURE_A_YEAR = 66.0
RAIDS_A_YEAR = 90.0

_TOWN_HOT = (
    ("park alley", "alley_main", (-945.0, 1238.0)),
    ("garages", "garages_west", (700.0, -1380.0)),
    ("river embankment", "embankment", (-1545.0, 50.0)),
    ("works lane", "works", (1735.0, -1080.0)),
    ("railway footbridge", "rail_footbridge", (334.0, -1500.0)),
    ("arcade", "arcade", (-250.0, -400.0)),
)
_TOWN_RAIDED = ("peace", (2000.0, 75.0))


@dataclass(frozen=True)
class Planted:
    """Lines in metres that bear planted incidents.

    Attributes
    ----------
    hot
        Name and line of each hot stretch (one crossing to the next): assaults and robberies.
    corridor
        Lines of the dark way to a school: robberies and assaults at school hours.
    corridor_school
        Its number in the register of schools.
    market
        Lines of the market: petty thefts by day.
    measure
        Lines of the street that got lamps on `LIT_ON`; its incidents fell to `LIT_FACTOR`.
    measure_ways
        Positions of the ways of that street: no other incident is drawn there.
    raided
        Line where patrols search and find: offences that are known by that alone.
    """

    hot: list[tuple[str, FloatArray]]
    corridor: list[FloatArray]
    corridor_school: int
    market: list[FloatArray]
    measure: list[FloatArray]
    measure_ways: list[int]
    raided: FloatArray


def plant_in_town(streets: StreetMap) -> Planted:
    """Plant at the places that the town's plan foresees."""
    neighbours = neighbours_of(streets)
    hot = [
        (name, _line(streets, stretch_around(neighbours, _edge_near(streets, at, key))))
        for name, key, at in _TOWN_HOT
    ]
    lit = np.flatnonzero((streets.ways["key"] == "lit_street").to_numpy()).tolist()
    key, at = _TOWN_RAIDED
    return Planted(
        hot=hot,
        corridor=_ways_of(streets, ["ravine_path"]),
        corridor_school=plan.CORRIDOR_SCHOOL,
        market=_ways_of(streets, ["market", "market_ring"]),
        measure=[_way_line(streets, way) for way in lit],
        measure_ways=lit,
        raided=_line(streets, stretch_around(neighbours, _edge_near(streets, at, key))),
    )


def plant_on_streets(streets: StreetMap, gates: FloatArray, rng: np.random.Generator) -> Planted:
    """Plant on a real street map: at stretches of a walkable size, far from each other."""
    neighbours = neighbours_of(streets)
    u, v, way = streets.edges()
    central = _central_edges(streets, u, v)
    order = rng.permutation(central)
    taken: list[FloatArray] = []

    def pick(reach: tuple[float, float], near: FloatArray | None = None) -> FloatArray:
        """Take the first stretch of a fitting length that stands apart, else the longest tried."""
        tried: list[FloatArray] = []
        pool = order if near is None else order[_nearest_first(streets, u[order], near)]
        for edge in pool[:400].tolist():
            line = _line(streets, stretch_around(neighbours, (int(u[edge]), int(v[edge]))))
            if any(_gap(line, other) < _APART_M for other in taken):
                continue
            tried.append(line)
            if reach[0] <= _length(line) <= reach[1]:
                break
        best = tried[-1] if tried else _line(streets, [int(u[order[0]]), int(v[order[0]])])
        taken.append(best)
        return best

    middle = np.array([np.median(streets.x), np.median(streets.y)])
    market = pick((100, 260), middle)
    school = int(np.argmin(np.hypot(*(gates - middle).T)))
    corridor = pick((150, 450), gates[school])
    hot = [(f"hot stretch {number}", pick((120, 300))) for number in range(1, 7)]
    measure = _measured_way(streets, order, way, taken)
    lit = _way_line(streets, measure)
    raided = pick((120, 300))
    return Planted(hot, [corridor], school + 1, [market], [lit], [measure], raided)


def write_truth(
    path: Path, planted: Planted, plane: Plane, seed: int, changes: dict[str, object]
) -> None:
    """Write the planted truth as JSON; lines are GeoJSON coordinates (longitude, latitude).

    Parameters
    ----------
    changes
        What changed on one day, and by what effect (`data.demo.dated_changes`).
    """

    def lines(parts: list[FloatArray]) -> dict[str, object]:
        return {"type": "MultiLineString", "coordinates": [_degrees(xy, plane) for xy in parts]}

    truth = {
        "source": "synthetic",
        "seed": seed,
        "period": [FIRST_DAY.isoformat(), LAST_DAY.isoformat()],
        "hot_sections": [
            {
                "name": name,
                "incidents_a_year": round(hot_a_year(xy), 2),
                "geometry": {"type": "LineString", "coordinates": _degrees(xy, plane)},
            }
            for name, xy in planted.hot
        ],
        "dark_corridor": {
            "school_id": f"S{planted.corridor_school:02d}",
            "incidents_a_year": round(corridor_a_year(planted.corridor), 2),
            "geometry": lines(planted.corridor),
        },
        "lamp_measure": {
            "commissioned_at": LIT_ON.isoformat(),
            "rate_ratio": LIT_FACTOR,
            "incidents_a_year_before": MEASURE_A_YEAR,
            "geometry": lines(planted.measure),
        },
        "market": {"thefts_a_year": MARKET_A_YEAR, "geometry": lines(planted.market)},
        "raided": {"found_a_year": RAIDS_A_YEAR, "geometry": lines([planted.raided])},
        "dated_changes": changes,
    }
    path.write_text(json.dumps(truth, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def hot_a_year(line: FloatArray) -> float:
    """Return how many incidents a year are planted on a hot stretch."""
    return max(HOT_A_YEAR_PER_M * _length(line), HOT_A_YEAR_LEAST)


def corridor_a_year(lines: list[FloatArray]) -> float:
    """Return how many incidents a year are planted on the dark way to school."""
    return max(CORRIDOR_A_YEAR_PER_M * sum(map(_length, lines)), HOT_A_YEAR_LEAST)


# -------------------------------------------------------------------------------------------

_APART_M = 450.0


def _degrees(xy: FloatArray, plane: Plane) -> list[list[float]]:
    lat, lon = plane.to_degrees(xy[:, 0], xy[:, 1])
    return [[east, north] for east, north in zip(lon.tolist(), lat.tolist(), strict=True)]


def _length(xy: FloatArray) -> float:
    return float(np.hypot(*np.diff(xy, axis=0).T).sum())


def _gap(one: FloatArray, other: FloatArray) -> float:
    return float(np.hypot(*(one.mean(axis=0) - other.mean(axis=0))))


def _line(streets: StreetMap, nodes: list[int]) -> FloatArray:
    return np.column_stack([streets.x[nodes], streets.y[nodes]])


def _way_line(streets: StreetMap, way: int) -> FloatArray:
    return _line(streets, streets.refs[streets.way == way].tolist())


def _ways_of(streets: StreetMap, keys: list[str]) -> list[FloatArray]:
    ways = np.flatnonzero(streets.ways["key"].isin(keys).to_numpy())
    return [_way_line(streets, way) for way in ways.tolist()]


def _edge_near(streets: StreetMap, at: tuple[float, float], key: str) -> tuple[int, int]:
    u, v, way = streets.edges()
    usable = np.flatnonzero((streets.ways["key"].to_numpy() == key)[way])
    middle_x = (streets.x[u] + streets.x[v])[usable] / 2 - at[0]
    middle_y = (streets.y[u] + streets.y[v])[usable] / 2 - at[1]
    edge = usable[np.argmin(np.hypot(middle_x, middle_y))]
    return int(u[edge]), int(v[edge])


def _nearest_first(streets: StreetMap, nodes: np.ndarray, at: FloatArray) -> np.ndarray:
    return np.argsort(np.hypot(streets.x[nodes] - at[0], streets.y[nodes] - at[1]), kind="stable")


def _central_edges(streets: StreetMap, u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Return the edges of the largest connected part within the middle of the map."""
    nodes = len(streets.x)
    graph = coo_array((np.ones(len(u)), (u, v)), shape=(nodes, nodes))
    _, part = connected_components(graph, directed=False)
    largest = part[u] == np.argmax(np.bincount(part))
    low_x, high_x = np.quantile(streets.x, [0.2, 0.8])
    low_y, high_y = np.quantile(streets.y, [0.2, 0.8])
    x, y = streets.x[u], streets.y[u]
    inside = (x >= low_x) & (x <= high_x) & (y >= low_y) & (y <= high_y)
    return np.flatnonzero(largest & inside)


def _measured_way(
    streets: StreetMap, order: np.ndarray, way: np.ndarray, taken: list[FloatArray]
) -> int:
    """Take the first way of 400 to 1 500 m apart from the others, else the longest tried."""
    best, longest = int(way[order[0]]), 0.0
    for candidate in way[order[:300]].tolist():
        line = _way_line(streets, candidate)
        if any(_gap(line, other) < _APART_M for other in taken):
            continue
        if 400 <= _length(line) <= 1500:
            return int(candidate)
        if longest < _length(line) < 1500:
            best, longest = int(candidate), _length(line)
    return best
