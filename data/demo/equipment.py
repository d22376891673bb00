"""Lamps, cameras and patrol visits of a demo, and which of them changed on one day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from data.demo.assets import patrol_stops
from data.demo.plane import FloatArray, draws
from data.demo.street_map import IntArray, StreetMap, points_along
from data.demo.truth import FIRST_DAY, LAST_DAY, LIT_ON, Planted

CHANGED = date(2025, 9, 1)
"""From this day on some streets are lit, others dark, some patrolled, some watched or not."""

LAMP_STEP_M = 34.0
_LAMP_ASIDE_M = 5.5
_BROKEN_SHARE = 0.05
_CORRIDOR_BROKEN_SHARE = 0.88
_CORRIDOR_GONE_SHARE = 0.25
_TALL = frozenset({"primary", "secondary", "tertiary"})
_DARK = frozenset({"ravine_path", "corridor"})
_MEASURED = frozenset({"lit_street", "measure"})
_CAMERAS = 64
_VISITS_A_DAY = 2
_BEAT_HOURS = (7.5, 11.5, 15.0, 18.5, 21.0, 23.5)
_CAMERA_STEP_M = 30.0

_APART_M = 250.0


@dataclass(frozen=True)
class Scale:
    """How many incidents, and how much changed on the day; benchmarks need more than the demo.

    Attributes
    ----------
    records
        Times as many incidents as the town that people see.
    lamps
        Share of the lit streets that were lit on the day, and as much again that went dark.
    cameras
        How many were repaired on the day, and as many again that failed.
    stops
        Stops of the patrols that began on the day.
    """

    records: float = 1.0
    lamps: float = 0.03
    cameras: int = 8
    stops: int = 3


@dataclass(frozen=True)
class Equipment:
    """What stands and moves, in metres of the drawing board.

    Attributes
    ----------
    lamps, cameras, visits
        Rows of the registers with ``x, y`` for the place; visits with their ``stop`` too.
    lit, dark
        Positions of the ways that were lit on the day, and of those whose lamps went out.
    repaired, dead
        Places of the cameras that work since the day, and of those that have failed, n × 2.
    beat
        Stops that are patrolled since the day, n × 2.
    """

    lamps: pd.DataFrame
    cameras: pd.DataFrame
    visits: pd.DataFrame
    lit: IntArray
    dark: IntArray
    repaired: FloatArray
    dead: FloatArray
    beat: FloatArray


def draw_equipment(
    streets: StreetMap, planted: Planted, seed: int, scale: Scale, lamp_step_m: float
) -> Equipment:
    """Draw all registers; what changed lies apart from everything else that is planted."""
    apart = cKDTree(np.concatenate(_lines(planted)))
    lit, dark = _changed_ways(streets, apart, draws(seed, 11), scale)
    lamps = _lamps(streets, (lit, dark), seed, lamp_step_m)
    cameras, repaired, dead = _cameras(streets, apart, seed, scale)
    visits, beat = _visits(streets, apart, seed, scale)
    return Equipment(lamps, cameras, visits, lit, dark, repaired, dead, beat)


# -------------------------------------------------------------------------------------------


def _lines(planted: Planted) -> list[FloatArray]:
    """Return points of all planted lines, none farther than 20 m from the next."""
    lines = [line for _, line in planted.hot]
    lines += [*planted.corridor, *planted.market, *planted.measure, planted.raided]
    return [
        np.column_stack([np.linspace(a, b, int(np.hypot(*(b - a)) // 20) + 2)])
        for line in lines
        for a, b in pairwise(line)
    ]


def _changed_ways(
    streets: StreetMap, apart: cKDTree, rng: np.random.Generator, scale: Scale
) -> tuple[IntArray, IntArray]:
    """Choose ways with lamps by chance: those that were lit on the day, and those gone dark."""
    points = points_along(streets, 20.0)
    metres = np.bincount(points["way"], points["metres"], len(streets.ways))
    near = apart.query(points[["x", "y"]], distance_upper_bound=_APART_M)[0] < _APART_M
    free = streets.ways["lamps"].to_numpy(bool) & (np.bincount(points["way"], near) == 0)
    free &= ~streets.ways["key"].isin(_DARK | _MEASURED).to_numpy()
    order = rng.permutation(np.flatnonzero(free))
    wanted = scale.lamps * metres[streets.ways["lamps"]].sum()
    upto = np.searchsorted(np.cumsum(metres[order]), [wanted, 2 * wanted], side="right") + 1
    return np.sort(order[: upto[0]]), np.sort(order[upto[0] : upto[1]])


def _lamps(
    streets: StreetMap, changed: tuple[IntArray, IntArray], seed: int, step_m: float
) -> pd.DataFrame:
    """Draw lamps along the ways that have them, on alternate sides.

    Most lamps of the corridor are broken or gone; those of the measure were commissioned on one
    day, and so were those of the ways that were lit on another.
    """
    rng = draws(seed, 5)
    points = points_along(streets, step_m)
    way = points["way"].to_numpy()
    ways = streets.ways.iloc[way].reset_index(drop=True)
    dark = ways["key"].isin(_DARK).to_numpy()
    new = ways["key"].isin(_MEASURED).to_numpy()
    here = ways["lamps"].to_numpy(bool) & (rng.random(len(ways)) > dark * _CORRIDOR_GONE_SHARE)
    side = np.where(np.arange(len(ways)) % 2, 1, -1) * _LAMP_ASIDE_M
    broken = rng.random(len(ways)) < np.where(dark, _CORRIDOR_BROKEN_SHARE, _BROKEN_SHARE)
    failed = np.datetime64("2024-10-01") + rng.integers(0, 700, len(ways))
    failed = np.where(dark, np.datetime64("2023-06-15"), failed)
    built = np.datetime64("2011-09-01") + rng.integers(0, 3600, len(ways))
    built = np.where(new, np.datetime64(LIT_ON), built)

    lit, gone = (np.isin(way, one) for one in changed)
    built = np.where(lit, np.datetime64(CHANGED), built)
    failed = np.where(gone, np.datetime64(CHANGED), failed)
    broken = (broken & ~new & ~lit) | gone
    return pd.DataFrame(
        {
            "x": points["x"] + side * points["left_x"],
            "y": points["y"] + side * points["left_y"],
            "mount_height_m": np.where(ways["highway"].isin(_TALL), 9.0, 7.0),
            "working": np.where(broken, "no", "yes"),
            "commissioned_at": built.astype(str),
            "broken_from": np.where(broken, failed.astype(str), ""),
            "broken_to": "",
        }
    )[here].reset_index(drop=True)


def _cameras(
    streets: StreetMap, apart: cKDTree, seed: int, scale: Scale
) -> tuple[pd.DataFrame, FloatArray, FloatArray]:
    """Draw cameras at crossings, mostly of busier streets, some dead; and those that changed."""
    rng = draws(seed, 6)
    rank = streets.ways["highway"].map({"primary": 8.0, "secondary": 5.0, "tertiary": 2.0})
    weight = np.zeros(len(streets.x))
    np.maximum.at(weight, streets.refs, rank.fillna(0.1).to_numpy()[streets.way])
    weight *= _crossings(streets)
    count = min(_CAMERAS, int((weight > 0).sum()))
    node = np.sort(rng.choice(len(weight), size=count, replace=False, p=weight / weight.sum()))
    dead = rng.random(count) < 0.12
    old = _camera_rows(pd.DataFrame({"x": streets.x[node] + 4, "y": streets.y[node] + 4}), rng)
    old["working"] = np.where(dead, "no", "yes")
    old["broken_from"] = np.where(dead, "2026-03-01", "")

    rows, works = _watched_streets(streets, apart, draws(seed, 12), scale.cameras)
    cameras = pd.concat([old, rows], ignore_index=True)
    places = rows[["x", "y"]].to_numpy(float)
    return cameras, places[works], places[~works]


def _watched_streets(
    streets: StreetMap, apart: cKDTree, rng: np.random.Generator, count: int
) -> tuple[pd.DataFrame, np.ndarray]:
    """Draw rows of cameras that look along streets, and which of them work since the day.

    Streets are filled one after the other by chance, those with repaired cameras first.
    """
    points = points_along(streets, _CAMERA_STEP_M)
    near = apart.query(points[["x", "y"]], distance_upper_bound=_APART_M)[0] < _APART_M
    way = points["way"].to_numpy()
    free = np.bincount(way, near) == 0
    place = np.empty(len(free), np.int64)
    place[rng.permutation(len(free))] = np.arange(len(free))
    chosen = np.flatnonzero(free[way])
    chosen = chosen[np.argsort(place[way[chosen]], kind="stable")][: 2 * count]
    along = points.iloc[chosen].reset_index(drop=True)
    rows = _camera_rows(along, rng)
    # A camera stands at the beginning of its stretch and looks along it.
    ahead_x, ahead_y = along["left_y"], -along["left_x"]
    rows["x"] -= ahead_x * _CAMERA_STEP_M / 2
    rows["y"] -= ahead_y * _CAMERA_STEP_M / 2
    rows["azimuth_deg"] = np.round(np.degrees(np.arctan2(ahead_x, ahead_y)) % 360).astype(int)
    works = np.arange(len(rows)) < count
    rows["working"] = np.where(works, "yes", "no")
    rows["broken_from"] = np.where(works, "2012-05-03", CHANGED.isoformat())
    rows["broken_to"] = np.where(works, CHANGED.isoformat(), "")
    rows["connected"] = "yes"
    return rows, works


def _camera_rows(places: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    count = len(places)
    return pd.DataFrame(
        {
            "x": places["x"] + 0.0,
            "y": places["y"] + 0.0,
            "kind": rng.choice(["overview", "analytic"], size=count, p=[0.8, 0.2]),
            "working": "yes",
            "broken_from": "",
            "broken_to": "",
            "azimuth_deg": rng.integers(0, 360, count),
            "range_m": 40,
            "connected": "",
        }
    )


def _visits(
    streets: StreetMap, apart: cKDTree, seed: int, scale: Scale
) -> tuple[pd.DataFrame, FloatArray]:
    """Draw the visits of foot patrols: now and then at some forty stops, daily on a new beat."""
    rng, later = draws(seed, 7), draws(seed, 13)
    stops = patrol_stops(streets, rng)
    days = (LAST_DAY - FIRST_DAY).days + 1
    count = days * _VISITS_A_DAY
    hours = np.array([1.0] * 8 + [2.0] * 8 + [3.0] * 8)
    hour = rng.choice(24, size=count, p=np.roll(hours, 2) / hours.sum())
    day = np.datetime64(FIRST_DAY) + np.repeat(np.arange(days), _VISITS_A_DAY)
    at = day.astype("datetime64[m]") + hour * 60 + rng.integers(0, 60, count)
    seldom = _visit_rows(streets, stops[rng.integers(0, len(stops), count)], at, rng)
    seldom["minutes"] = rng.integers(5, 19, count)

    free = np.setdiff1d(np.flatnonzero(_free_nodes(streets, apart) & _crossings(streets)), stops)
    wanted = min(scale.stops, len(free))
    beat = later.choice(free, size=wanted, replace=False)
    days = (LAST_DAY - CHANGED).days + 1
    day = np.datetime64(CHANGED) + np.repeat(np.arange(days), len(_BEAT_HOURS) * wanted)
    minute = np.tile(np.repeat(np.array(_BEAT_HOURS) * 60, wanted), days)
    at = day.astype("datetime64[m]") + (minute + later.integers(-25, 26, len(day))).astype(int)
    daily = _visit_rows(streets, np.tile(beat, days * len(_BEAT_HOURS)), at, later)
    visits = pd.concat([seldom, daily], ignore_index=True)
    places = np.column_stack([streets.x[beat], streets.y[beat]])
    return visits.sort_values(["arrived_at", "y", "x"], ignore_index=True), places


def _visit_rows(
    streets: StreetMap, node: IntArray, at: np.ndarray, rng: np.random.Generator
) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "x": streets.x[node] + rng.uniform(-15, 15, len(node)),
            "y": streets.y[node] + rng.uniform(-15, 15, len(node)),
            "stop": node,
            "arrived_at": at,
            "minutes": rng.integers(13, 20, len(node)),
        }
    )


def _crossings(streets: StreetMap) -> np.ndarray:
    return np.asarray(streets.degree() >= 3)


def _free_nodes(streets: StreetMap, apart: cKDTree) -> np.ndarray:
    """Mark the nodes that lie apart from everything else that is planted."""
    places = np.column_stack([streets.x, streets.y])
    return np.asarray(apart.query(places, distance_upper_bound=_APART_M)[0] >= _APART_M)
