"""The invented town's streets: from the plan to tagged ways, with blocks that differ."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from shapely.geometry import LineString
from shapely.geometry.base import BaseGeometry

from data.demo import plan
from data.demo.crossings import Chains, join_lines
from data.demo.fabric import (
    Face,
    Line,
    drawn_lines,
    fill_faces,
    river_shape,
    school_links,
    school_sites,
)
from data.demo.plane import FloatArray, draws, smooth_line
from data.demo.street_map import IntArray, StreetMap

_DEAD_END_M = 110.0
_LEFT_OUT = {"lanes": 0.20, "grid": 0.07}
_STRETCHES_OF_A_WAY = (4, 12)
_LIT_SHARE = {
    "primary": 1.0, "secondary": 1.0, "tertiary": 0.96, "residential": 0.48, "pedestrian": 0.9,
    "service": 0.5, "footway": 0.55, "path": 0.0,
}  # fmt: skip
_LIT_MORE = {"centre": 0.3, "old": 0.1, "far": -0.2, "railway": -0.15}
_PAVED = frozenset({"primary", "secondary", "tertiary", "pedestrian", "footway"})
_NEVER_LIT = frozenset({
    "embankment", "embankment_steps", "embankment_ramp", "garages_west", "garages_east",
    "garages_gate", "rail_footbridge", "works", "ravine_branch",
})  # fmt: skip
_LAMPS_PLANTED = frozenset({"ravine_path", "lit_street"})
_BRIDGED_OVER_RAIL = frozenset({"ring", "rail_footbridge"})


@dataclass(frozen=True)
class Town:
    """The invented town's streets and the ground between them.

    Attributes
    ----------
    streets
        The street map; ``ways`` has the tags ``bridge``, ``surface``, ``sidewalk`` and ``lit``
        besides (empty where untagged).
    faces
        The ground between the main streets that buildings may take.
    sites, gates
        Middle and gate of each school, in the order of their numbers.
    """

    streets: StreetMap
    faces: list[Face]
    sites: list[tuple[float, float]]
    gates: FloatArray


def town_streets(seed: int) -> Town:
    """Draw the invented town's streets."""
    rng = draws(seed, 1)
    drawn = drawn_lines()
    filled, faces = fill_faces(drawn, rng)
    lines = [_with_bridge_ends(line) for line in drawn] + filled
    links = school_links(lines, faces)
    lines += links
    chains = join_lines([line.xy for line in lines])
    manners = {face.fabric.district: face.fabric.manner for face in faces}
    free = np.array([line.key in manners for line in lines])
    chance = np.array([_LEFT_OUT.get(manners.get(line.key, ""), 0.0) for line in lines])
    kept = _without_dead_ends(chains, _thinned(chains, chance, rng), free)
    streets = _as_ways(chains, kept, lines, rng)
    gates = np.array([link.xy[0] for link in links])
    return Town(_with_tags(streets, rng), faces, school_sites(faces), gates)


# -------------------------------------------------------------------------------------------


def _with_bridge_ends(line: Line) -> Line:
    """Put a vertex at both ends of each bridge, so that a bridge can be a way of its own."""
    shape = _spanned(line.key)
    course = LineString(line.xy)
    cuts = shapely.get_parts(course.intersection(shape.boundary))
    if not len(cuts):
        return line
    at = np.concatenate(
        [shapely.line_locate_point(course, shapely.points(line.xy)), course.project(cuts)]
    )
    at = np.unique(np.round(at, 3))
    xy = shapely.get_coordinates(shapely.line_interpolate_point(course, at))
    if course.is_closed:
        return line
    return Line(line.key, line.name, line.highway, xy)


def _spanned(key: str) -> BaseGeometry:
    shape: BaseGeometry = river_shape().buffer(8)
    if key in _BRIDGED_OVER_RAIL:
        shape = shape.union(LineString(smooth_line(plan.RAILWAY, 60)).buffer(22))
    return shape


def _stretches(chains: Chains, kept: npt.NDArray[np.bool_]) -> tuple[IntArray, IntArray]:
    """Give each edge the number of its stretch from crossing to crossing, −1 where left out.

    Returns
    -------
    stretch
        By edge.
    degree
        Edges that end at each node.
    """
    u, v = chains.refs[:-1], chains.refs[1:]
    degree = np.bincount(np.concatenate([u[kept], v[kept]]), minlength=len(chains.x))
    line = chains.line[1:]
    starts = (degree[u] != 2) | np.r_[True, line[1:] != line[:-1]] | np.r_[True, ~kept[:-1]]
    number = np.cumsum(starts & kept) - 1
    return np.where(kept, number, -1), degree


def _edge_lengths(chains: Chains) -> FloatArray:
    u, v = chains.refs[:-1], chains.refs[1:]
    return np.hypot(chains.x[v] - chains.x[u], chains.y[v] - chains.y[u])


def _thinned(chains: Chains, chance: FloatArray, rng: np.random.Generator) -> npt.NDArray[np.bool_]:
    """Leave out some stretches between two four-way crossings, so that blocks differ."""
    kept = np.asarray(chains.line[1:] == chains.line[:-1], bool)
    stretch, degree = _stretches(chains, kept)
    u, v = chains.refs[:-1].copy(), chains.refs[1:].copy()
    for number in range(int(stretch.max()) + 1):
        edges = np.flatnonzero(stretch == number)
        line = chains.line[edges[0]]
        if rng.random() >= chance[line]:
            continue
        ends = [u[edges[0]], v[edges[-1]]]
        if all(degree[node] >= 4 for node in ends):
            kept[edges] = False
            degree[ends] -= 1
    return kept


def _without_dead_ends(
    chains: Chains, kept: npt.NDArray[np.bool_], free: npt.NDArray[np.bool_]
) -> npt.NDArray[np.bool_]:
    """Cut short dead ends of filled-in streets back to the last crossing."""
    length = _edge_lengths(chains)
    u, v = chains.refs[:-1], chains.refs[1:]
    for _ in range(3):
        stretch, degree = _stretches(chains, kept)
        total = np.bincount(stretch[kept], weights=length[kept])
        loose = (degree[u] == 1) | (degree[v] == 1)
        ends = np.bincount(stretch[kept], weights=loose[kept]) > 0
        cut = kept & free[chains.line[1:]] & (ends & (total < _DEAD_END_M))[stretch]
        kept = kept & ~cut
    return kept


def _as_ways(
    chains: Chains, kept: npt.NDArray[np.bool_], lines: list[Line], rng: np.random.Generator
) -> StreetMap:
    """Cut every line into ways of a few stretches; a bridge is a way of its own."""
    stretch, _ = _stretches(chains, kept)
    u, v = chains.refs[:-1], chains.refs[1:]
    middle_x, middle_y = (chains.x[u] + chains.x[v]) / 2, (chains.y[u] + chains.y[v]) / 2
    refs: list[int] = []
    way: list[int] = []
    rows: list[dict[str, object]] = []
    left, last = 0, (-1, False, -1)
    shapes = {key: _spanned(key) for key in sorted({line.key for line in lines})}
    bridge = np.array([
        kept[edge] and shapely.contains_xy(shapes[lines[chains.line[edge]].key],
                                           middle_x[edge], middle_y[edge])
        for edge in range(len(u))
    ])  # fmt: skip
    for edge in np.flatnonzero(kept).tolist():
        line = int(chains.line[edge])
        joined = (line, bool(bridge[edge])) == last[:2] and refs[-1] == u[edge]
        if stretch[edge] != last[2]:
            left -= 1
        if not joined or left < 0:
            left = int(rng.integers(*_STRETCHES_OF_A_WAY)) - 1
            rows.append(_way_row(lines[line], bridge=bool(bridge[edge])))
            refs.append(int(u[edge]))
            way.append(len(rows) - 1)
        refs.append(int(v[edge]))
        way.append(len(rows) - 1)
        last = (line, bool(bridge[edge]), int(stretch[edge]))
    used, compact = np.unique(np.array(refs), return_inverse=True)
    return StreetMap(
        chains.x[used], chains.y[used], compact.astype(np.int64), np.array(way), pd.DataFrame(rows)
    )


def _way_row(line: Line, *, bridge: bool) -> dict[str, object]:
    return {
        "key": line.key,
        "highway": line.highway,
        "name_kk": line.name.kk if line.name else "",
        "name_ru": line.name.ru if line.name else "",
        "bridge": "yes" if bridge else "",
    }


def _with_tags(streets: StreetMap, rng: np.random.Generator) -> StreetMap:
    """Decide where lamps stand, and tag light and surface as patchily as real maps do."""
    ways = streets.ways.copy()
    more = ways["key"].map(_LIT_MORE).fillna(0.0) * (ways["highway"] == "residential")
    share = ways["highway"].map(_LIT_SHARE) + more
    planted = ways["key"].isin(_LAMPS_PLANTED)
    lamps = (rng.random(len(ways)) < share) & ~ways["key"].isin(_NEVER_LIT)
    ways["lamps"] = np.asarray(lamps | planted, bool)
    mapped = rng.random(len(ways))
    ways["lit"] = np.select(
        [planted, ways["lamps"] & (mapped < 0.42), ~ways["lamps"] & (mapped < 0.13)],
        ["", "yes", "no"],
        "",
    )
    paved = ways["highway"].isin(_PAVED)
    known = rng.random(len(ways))
    ways["surface"] = np.select(
        [ways["highway"] == "path", paved & (known < 0.6), known < 0.25],
        ["ground", "asphalt", "unpaved"],
        "",
    )
    carriage = ways["highway"].isin({"primary", "secondary", "tertiary"})
    ways["sidewalk"] = np.where(carriage & (known < 0.5), "both", "")
    return StreetMap(streets.x, streets.y, streets.refs, streets.way, ways)
