"""Dwelling houses of the invented town: blocks of flats and rows of houses with addresses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

from data.demo.fabric import Face, school_yard
from data.demo.plane import FloatArray
from data.demo.street_map import StreetMap, points_along
from data.demo.streets import Town

PERSONS_OF_A_HOUSE = 3.0
PERSONS_OF_A_FLAT = 2.25

_HOUSE_FRONT_M = 27.0
_HOUSE_SETBACK_M = (13.0, 17.0)
_FLAT_FRONT_M = 72.0
_CLEAR_OF_STREETS_M = 9.0
_NO_HOUSES_ALONG = frozenset({"works", "ring"})


@dataclass(frozen=True)
class Shape:
    """An area of the map: a closed ring in metres (first vertex not repeated) and its tags."""

    ring: FloatArray
    tags: dict[str, str]


class Box(NamedTuple):
    """A rectangular building: its middle, size and direction (radians), in metres."""

    x: float
    y: float
    length: float
    width: float
    angle: float
    storeys: int


def town_homes(town: Town, rng: np.random.Generator) -> tuple[pd.DataFrame, list[Shape]]:
    """Build the houses that people live in.

    Returns
    -------
    homes
        ``x, y, dwellings, persons, street_kk, street_ru, number``; one row a building.
    shapes
        Their outlines, in the same order.
    """
    flats = _flats_of_yards(town.faces, rng) + _flats_of_blocks(town, rng)
    boxes = flats + _houses(town, flats, rng)
    homes = _homes_table(town.streets, boxes)
    return homes, _home_shapes(homes, boxes)


def ring_of(box: Box) -> FloatArray:
    """Return the four corners of a building."""
    x, y, length, width, angle, _ = box
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * [length / 2, width / 2]
    cos, sin = np.cos(angle), np.sin(angle)
    turned = corners @ np.array([[cos, sin], [-sin, cos]])
    return np.asarray(turned + np.array([x, y]), float)


def stand_apart(box: Box, others: list[Box], distance_m: float) -> bool:
    """Tell whether a building stands at least so far from all others, middle to middle."""
    return all(np.hypot(box[0] - x, box[1] - y) > distance_m for x, y, *_ in others)


def distance_to_streets(streets: StreetMap, x: FloatArray, y: FloatArray) -> FloatArray:
    """Return the distance of points to the nearest street."""
    u, v, _ = streets.edges()
    xy = np.column_stack([streets.x, streets.y])
    segments = shapely.linestrings(np.stack([xy[u], xy[v]], axis=1))
    _, distance = shapely.STRtree(np.asarray(segments, object)).query_nearest(
        shapely.points(x, y), all_matches=False, return_distance=True
    )
    return np.asarray(distance, float)


# -------------------------------------------------------------------------------------------


def _flats_of_yards(faces: list[Face], rng: np.random.Generator) -> list[Box]:
    boxes: list[Box] = []
    for face in (face for face in faces if face.fabric.manner == "yards"):
        left, bottom, right, top = face.ground.bounds
        width, height = (right - left) / 4, (top - bottom) / 4
        school = school_yard(((left + right) / 2, (bottom + top) / 2)).buffer(16)
        for column in range(4):
            for row in range(4):
                x, y = left + (column + 0.5) * width, bottom + row * height
                for share, long in ((0.36, 0.5), (0.76, 0.6)):
                    storeys = 5 if rng.random() < 0.3 else 3
                    box = Box(x, y + share * height, long * width, 13.0, 0.0, storeys)
                    if not school.intersects(Polygon(ring_of(box))):
                        boxes.append(box)
    return boxes


def _flats_of_blocks(town: Town, rng: np.random.Generator) -> list[Box]:
    """Put low blocks of flats along the streets of some blocks of the centre."""
    blocks = _blocks(town.streets)
    middle = shapely.centroid(blocks)
    free: dict[int, BaseGeometry] = {}
    for face in (face for face in town.faces if face.fabric.flats_share):
        inside = shapely.contains_xy(face.ground, shapely.get_x(middle), shapely.get_y(middle))
        for block in np.flatnonzero(inside & (rng.random(len(blocks)) < face.fabric.flats_share)):
            free[int(block)] = blocks[block].buffer(-_CLEAR_OF_STREETS_M).intersection(face.ground)
    front = points_along(town.streets, _FLAT_FRONT_M)
    front = pd.concat([front, front.assign(left_x=-front["left_x"], left_y=-front["left_y"])])
    x = (front["x"] + 18 * front["left_x"]).to_numpy()
    y = (front["y"] + 18 * front["left_y"]).to_numpy()
    angle = np.arctan2(-front["left_x"].to_numpy(), front["left_y"].to_numpy())
    which, block = shapely.STRtree(blocks).query(shapely.points(x, y), predicate="within")
    boxes: list[Box] = []
    for point, at in zip(which.tolist(), block.tolist(), strict=True):
        box = Box(float(x[point]), float(y[point]), 54.0, 12.0, float(angle[point]), 2)
        fits = at in free and free[at].contains(Polygon(ring_of(box)))
        if fits and stand_apart(box, boxes, 62.0):
            boxes.append(box)
    return boxes


def _blocks(streets: StreetMap) -> np.ndarray:
    u, v, way = streets.edges()
    road = ~streets.ways["highway"].isin({"footway", "path", "service"}).to_numpy()[way]
    ends = np.stack([np.column_stack([streets.x, streets.y])[i[road]] for i in (u, v)], axis=1)
    edges = np.asarray(shapely.linestrings(ends), object)
    return np.asarray(shapely.get_parts(shapely.polygonize(edges)), object)


def _houses(town: Town, flats: list[Box], rng: np.random.Generator) -> list[Box]:
    """Line the residential streets with houses on both sides."""
    streets = town.streets
    ways = streets.ways
    lined = ways["highway"].isin({"residential", "tertiary", "secondary"})
    lined &= ~ways["key"].isin(_NO_HOUSES_ALONG)
    front = points_along(streets, _HOUSE_FRONT_M)
    front = front[lined.to_numpy()[front["way"]]]
    front = pd.concat([front, front.assign(left_x=-front["left_x"], left_y=-front["left_y"])])
    setback = rng.uniform(*_HOUSE_SETBACK_M, size=len(front))
    x = (front["x"] + setback * front["left_x"]).to_numpy()
    y = (front["y"] + setback * front["left_y"]).to_numpy()
    kept = rng.random(len(front)) < 0.92
    grounds = [face.ground.buffer(-7) for face in town.faces if face.fabric.manner != "yards"]
    kept &= shapely.contains_xy(shapely.union_all(grounds), x, y)
    kept &= distance_to_streets(streets, x, y) > _CLEAR_OF_STREETS_M + 2
    if flats:
        tall = shapely.union_all([Polygon(ring_of(box)).buffer(12) for box in flats])
        kept &= ~shapely.contains_xy(tall, x, y)
    kept &= ~_crowded(x, y, kept, 24.0)
    angle = np.arctan2(-front["left_x"].to_numpy(), front["left_y"].to_numpy())
    long, deep = rng.uniform(10, 14, len(x)), rng.uniform(8, 11, len(x))
    return [
        Box(float(x[i]), float(y[i]), float(long[i]), float(deep[i]), float(angle[i]), 1)
        for i in np.flatnonzero(kept)
    ]


def _crowded(x: FloatArray, y: FloatArray, kept: np.ndarray, distance_m: float) -> np.ndarray:
    """Tell which points come too near to an earlier point that stays."""
    crowded = np.zeros(len(x), bool)
    rows = np.flatnonzero(kept)
    pairs = cKDTree(np.column_stack([x[rows], y[rows]])).query_pairs(
        distance_m, output_type="ndarray"
    )
    for first, second in pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]:
        if not crowded[rows[first]]:
            crowded[rows[second]] = True
    return crowded


def _homes_table(streets: StreetMap, boxes: list[Box]) -> pd.DataFrame:
    """Count dwellings (three to a storey and stairwell) and give each building an address."""
    homes = pd.DataFrame(boxes, columns=list(Box._fields))
    many = homes["storeys"] > 1
    per_storey = np.maximum(homes["length"] // 18, 1) * 3
    homes["dwellings"] = np.where(many, per_storey * homes["storeys"], 1.0)
    homes["persons"] = homes["dwellings"] * np.where(many, PERSONS_OF_A_FLAT, PERSONS_OF_A_HOUSE)
    homes = homes[["x", "y", "dwellings", "persons"]]
    named = np.flatnonzero(streets.ways["name_kk"].to_numpy() != "")
    points = points_along(streets, 12.0)
    points = points[np.isin(points["way"], named)].reset_index(drop=True)
    _, nearest = cKDTree(points[["x", "y"]]).query(homes[["x", "y"]])
    way = points["way"].to_numpy()[nearest]
    homes["street_kk"] = streets.ways["name_kk"].to_numpy()[way]
    homes["street_ru"] = streets.ways["name_ru"].to_numpy()[way]
    homes["number"] = homes.groupby("street_kk").cumcount() + 1
    return homes


def _home_shapes(homes: pd.DataFrame, boxes: list[Box]) -> list[Shape]:
    shapes = []
    columns = (homes[name].tolist() for name in ("dwellings", "street_kk", "number"))
    for box, dwellings, street, number in zip(boxes, *columns, strict=True):
        tags = {"addr:housenumber": str(number), "addr:street": str(street)}
        if box.storeys > 1:
            tags |= {
                "building": "apartments",
                "building:flats": str(int(dwellings)),
                "building:levels": str(box.storeys),
            }
        else:
            tags["building"] = "house"
        shapes.append(Shape(ring_of(box), tags))
    return shapes
