"""Fill the faces between the main streets: crooked lanes, grids and yards of flats."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
import shapely.ops
from shapely.geometry import LineString, Polygon
from shapely.geometry.base import BaseGeometry

from data.demo import plan
from data.demo.names import STREET_WORDS, Name, street_name
from data.demo.plane import FloatArray, smooth_line

_STEP_M = 45.0
_BEND_M = {"lanes": 46.0, "grid": 9.0}
_BEND_WAVES_M = (310.0, 540.0, 900.0)
_SHORTEST_M = 60.0
_EDGE_CLEAR_M = 34.0
_EDGE_SHARE = 0.45
_ALIGNED_WITHIN_M = 26.0
_MAIN_STREET_REACH_M = 20.0
_MAIN_STREETS = frozenset(drawn.key for drawn in plan.DRAWN if drawn.word)
_NAMED_CROSS_STREETS = 0.08


@dataclass(frozen=True)
class Line:
    """One street before its crossings are known.

    Attributes
    ----------
    key
        Its key in the plan, else the district that it belongs to.
    name
        Names in both languages, None for an unnamed one.
    highway
        Its class in OSM.
    xy
        Vertices in metres.
    """

    key: str
    name: Name | None
    highway: str
    xy: FloatArray


@dataclass(frozen=True)
class Face:
    """One filled face: the ground that its buildings may take."""

    fabric: plan.Fabric
    ground: BaseGeometry


def drawn_lines() -> list[Line]:
    """Return the streets that the plan draws by hand, smoothed."""
    lines = []
    for drawn in plan.DRAWN:
        name = street_name(drawn.word, drawn.kind) if drawn.word else None
        sharp = drawn.key in plan.SHARP
        xy = np.asarray(drawn.points, float) if sharp else smooth_line(drawn.points, _STEP_M)
        lines.append(Line(drawn.key, name, drawn.highway, xy))
    aisles = [
        Line("market", None, "pedestrian", np.array([[x, -1010.0], [x, -820.0]]))
        for x in plan.MARKET_AISLES_X
    ]
    return lines + aisles


def river_shape() -> Polygon:
    """Return the river's surface."""
    wide = plan.RIVER_HALF_WIDTH_M
    return LineString(smooth_line(plan.RIVER, 60)).buffer(wide, cap_style="flat")


def fill_faces(drawn: list[Line], rng: np.random.Generator) -> tuple[list[Line], list[Face]]:
    """Fill every face of the plan with streets; no street name is used twice.

    Returns
    -------
    lines
        The streets, cut at the edge of their face.
    faces
        The faces with their free ground, in the plan's order.
    """
    faces = [_face(fabric, ground) for fabric, ground in _grounds(drawn)]
    words = iter(rng.permutation(sorted(set(STREET_WORDS) - {line.word for line in plan.DRAWN})))
    lines: list[Line] = []
    ends = np.concatenate([line.xy[[0, -1]] for line in drawn])
    for face in faces:
        if face.fabric.manner == "yards":
            lines += _yard_lines(face, rng)
        else:
            streets = [_aligned(line, ends) for line in _street_lines(face, words, rng)]
            ends = np.concatenate([ends, *(line.xy[[0, -1]] for line in streets)])
            lines += streets
    return lines, faces


def face_at(point: tuple[float, float], drawn: list[Line]) -> Polygon:
    """Return the face of the main streets around a point."""
    cells = _faces_of(drawn)
    face: Polygon = cells[np.flatnonzero(shapely.contains_xy(cells, *point))[0]]
    return face


def school_sites(faces: list[Face]) -> list[tuple[float, float]]:
    """Return where the schools stand, in the order of their numbers."""
    yards = [face.ground.bounds for face in faces if face.fabric.manner == "yards"]
    middles = [((left + right) / 2, (low + top) / 2) for left, low, right, top in yards]
    return [*plan.SCHOOL_SITES, *middles]


def school_yard(site: tuple[float, float]) -> Polygon:
    """Return the ground of a school: 120 by 92 metres around its site."""
    return shapely.box(site[0] - 60, site[1] - 46, site[0] + 60, site[1] + 46)


def school_links(lines: list[Line], faces: list[Face]) -> list[Line]:
    """Return a footway from the gate of each school to a street, gate first.

    A main street close by is preferred, else it is the nearest street of all.
    """
    streets = np.array([LineString(line.xy) for line in lines])
    main = np.array([LineString(line.xy) for line in lines if line.key in _MAIN_STREETS])
    links = []
    for site in school_sites(faces):
        yard = school_yard(site)
        at_hand = main[shapely.distance(main, yard) < _MAIN_STREET_REACH_M]
        pool = at_hand if len(at_hand) else streets
        street = pool[np.argmin(shapely.distance(pool, yard))]
        gate, kerb = shapely.ops.nearest_points(yard.exterior, street)
        walk = np.array([gate.coords[0], kerb.coords[0]])
        links.append(Line("school_link", None, "footway", walk))
    return links


# -------------------------------------------------------------------------------------------


def _grounds(drawn: list[Line]) -> list[tuple[plan.Fabric, Polygon]]:
    cells = _faces_of(drawn)
    return [
        (fabric, cells[np.flatnonzero(shapely.contains_xy(cells, *fabric.at))[0]])
        for fabric in plan.FABRICS
    ]


def _faces_of(drawn: list[Line]) -> np.ndarray:
    cuts = [
        LineString(_longer(line.xy))
        for line in drawn
        if line.highway not in {"footway", "path", "service", "pedestrian"}
    ]
    cuts += [LineString(smooth_line(plan.RIVER, 60)), LineString(smooth_line(plan.RAILWAY, 60))]
    return shapely.get_parts(shapely.polygonize(shapely.get_parts(shapely.union_all(cuts))))


def _face(fabric: plan.Fabric, ground: BaseGeometry) -> Face:
    sites = [school_yard(site) for site in plan.SCHOOL_SITES]
    kept = [
        river_shape().buffer(30),
        LineString(smooth_line(plan.RAILWAY, 60)).buffer(40),
        *(Polygon(shape) for shape in (plan.MARKET, plan.SQUARE, plan.STADIUM, plan.RAVINE)),
        *sites,
    ]
    return Face(fabric, ground.difference(shapely.union_all(kept)))


def _street_lines(face: Face, words: Any, rng: np.random.Generator) -> list[Line]:
    fabric = face.fabric
    centre = face.ground.centroid
    left, bottom, right, top = face.ground.bounds
    reach = float(np.hypot(right - left, top - bottom)) / 2
    bend = _bend(fabric.manner, rng)
    edge = face.ground.boundary.buffer(_EDGE_CLEAR_M)
    lines = []
    for across, gap in ((False, fabric.long_gap_m), (True, fabric.cross_gap_m)):
        for offset in _offsets(reach, gap, rng):
            along = np.arange(-reach, reach + _STEP_M, _STEP_M)
            local = np.column_stack([along, np.full(len(along), offset)])
            local = local[:, ::-1] if across else local
            xy = _turn(local, fabric.angle_deg) + [centre.x, centre.y]
            parts = _clear_of_edge(_inside(xy + bend(xy), face.ground), edge)
            if parts:
                named = not across or rng.random() < _NAMED_CROSS_STREETS
                kind = "lane" if across and fabric.manner == "lanes" else "street"
                name = street_name(next(words), kind) if named else None
                lines += [Line(fabric.district, name, "residential", part) for part in parts]
    return lines


def _aligned(line: Line, ends: FloatArray) -> Line:
    """Let a street end where one of another face does, so that streets go on across avenues."""
    xy = line.xy.copy()
    for end in (0, -1):
        apart = np.hypot(*(ends - xy[end]).T)
        if apart.min() < _ALIGNED_WITHIN_M:
            xy[end] = ends[apart.argmin()]
    return Line(line.key, line.name, line.highway, xy)


def _yard_lines(face: Face, rng: np.random.Generator) -> list[Line]:
    """Lay driveways and footways through a micro-district: four by four yards around a school."""
    left, bottom, right, top = face.ground.bounds
    middle = ((left + right) / 2, (bottom + top) / 2)
    school = school_yard(middle).buffer(12, join_style="mitre")
    free = face.ground.difference(school)
    width, height = (right - left) / 4, (top - bottom) / 4
    key = face.fabric.district
    ring = np.asarray(school.exterior.coords)
    lines = [Line(key, None, "footway", ring)]
    for step in (1, 2, 3):
        y = bottom + step * height + rng.uniform(-8, 8)
        driveway = np.array([[left - 30, y], [right + 30, y + rng.uniform(-10, 10)]])
        lines += [Line(key, None, "service", part) for part in _inside(driveway, free)]
        x = left + step * width + rng.uniform(-8, 8)
        walk = np.array([[x, bottom - 30], [x + rng.uniform(-10, 10), top + 30]])
        lines += [Line(key, None, "footway", part) for part in _inside(walk, free)]
    for column in range(4):
        for row in range(4):
            start = np.array([left + column * width, bottom + row * height])
            yard = start + [[0.14 * width, -25], [0.14 * width, 0.52 * height],
                            [0.86 * width, 0.56 * height], [0.86 * width, -25]]  # fmt: skip
            if not school.intersects(Polygon(yard)):
                lines += [Line(key, None, "service", part) for part in _inside(yard, free)]
                short = start + [[0.86 * width, 0.56 * height], [width, 0.8 * height]]
                lines.append(Line(key, None, "path", short))
                doors = start + [[0.5 * width, 0.54 * height], [0.5 * width, 0.74 * height]]
                lines.append(Line(key, None, "footway", doors))
    return lines


def _clear_of_edge(parts: list[FloatArray], edge: Any) -> list[FloatArray]:
    """Leave out streets that would run beside the main street around them."""
    return [
        part
        for part in parts
        if LineString(part).intersection(edge).length < _EDGE_SHARE * LineString(part).length
    ]


def _longer(xy: FloatArray) -> FloatArray:
    """Draw a street on by 15 m at both ends, so that its face closes."""
    first, last = xy[0] - xy[1], xy[-1] - xy[-2]
    before = xy[0] + first * 15 / np.hypot(*first)
    after = xy[-1] + last * 15 / np.hypot(*last)
    return np.vstack([before, xy, after])


def _offsets(reach: float, gap: float, rng: np.random.Generator) -> FloatArray:
    steps = gap * rng.uniform(0.88, 1.14, size=int(2 * reach / gap))
    return -reach + gap * rng.uniform(0.3, 0.7) + np.cumsum(steps)


def _turn(local: FloatArray, angle_deg: float) -> FloatArray:
    cos, sin = np.cos(np.radians(angle_deg)), np.sin(np.radians(angle_deg))
    return np.asarray(local @ np.array([[cos, sin], [-sin, cos]]), float)


def _bend(manner: str, rng: np.random.Generator) -> Any:
    """Return a smooth displacement of the plane, so that streets bend together."""
    size = _BEND_M[manner]
    turns = rng.uniform(0, 2 * np.pi, size=(2, len(_BEND_WAVES_M), 2))

    def displacement(xy: FloatArray) -> FloatArray:
        shift = np.zeros_like(xy)
        for axis in (0, 1):
            for wave, (phase, direction) in zip(_BEND_WAVES_M, turns[axis], strict=True):
                along = xy[:, 0] * np.cos(direction) + xy[:, 1] * np.sin(direction)
                swing = size * wave / _BEND_WAVES_M[-1]
                shift[:, axis] += swing * np.sin(2 * np.pi * along / wave + phase)
        return shift

    return displacement


def _inside(xy: FloatArray, ground: Any) -> list[FloatArray]:
    parts = shapely.get_parts(shapely.intersection(LineString(xy), ground))
    return [
        np.asarray(part.coords)
        for part in parts
        if part.geom_type == "LineString" and part.length > _SHORTEST_M
    ]
