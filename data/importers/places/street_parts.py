"""The part of a street between two houses or crossings, as a line."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree
from scipy.spatial.distance import cdist
from shapely.geometry import LineString

from data.importers.places.address_places import AMBIGUOUS, UNKNOWN, Places, Point
from data.importers.places.gazetteer import Gazetteer
from data.importers.places.house_numbers import parse_house
from data.importers.places.house_places import STREET_ONLY, house_place

GAP_M = 500.0
"""Loose ends of one street so near one another are joined: the map often lacks a joint."""
GAP_COST = 3.0
STEP_M = 25.0
CARRIAGEWAYS_M = 40.0
ASIDE_COST = 5.0
STRAIGHT_M = 0.5
END_REACH_M = 250.0
"""An end may lie so far from the street: a house in the yard, a crossing without a joint."""

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True)
class StreetEnd:
    """Where a part of a street begins or ends; both None: at the street's own end.

    Attributes
    ----------
    house
        House number on the street, as written.
    crossing
        Name of a street that crosses it, as written.
    """

    house: str | None = None
    crossing: str | None = None


@dataclass(frozen=True)
class StreetPart:
    """What was found of a part of a street.

    Attributes
    ----------
    line
        Longitude, latitude; None where ``fault`` is set.
    length_m
        Length of the line.
    score
        How well the names match, 0 to 100: the least of the names given.
    fault
        ``address_unknown`` or ``address_ambiguous``; None where the part was found.
    how
        What was taken for what, for a person.
    """

    line: LineString | None
    length_m: float
    score: float
    fault: str | None
    how: str


def street_part(
    gazetteer: Gazetteer, street: str, start: StreetEnd | None = None, end: StreetEnd | None = None
) -> StreetPart:
    """Find the part of a street from one end to the other; the whole street without ends.

    A house must be known or lie between known ones; a crossing must be on the map. The line
    follows one carriageway and goes straight over gaps of the street.
    """
    places = Places(gazetteer)
    candidates = places.candidates(street)
    if not candidates:
        return _missing(UNKNOWN, 0.0, f"no street {street}")
    parts = []
    for candidate, score in candidates:
        starts = _spots(places, candidate, start)
        ends = _spots(places, candidate, end)
        if starts is None or ends is None:
            continue
        least = min(score, starts[1], ends[1])
        line = _shortest(gazetteer, candidate, starts[0], ends[0])
        if line is not None:
            parts.append((candidate, least, line))
    if not parts:
        score = candidates[0][1]
        return _missing(UNKNOWN, score, "the street is known, its ends are not")
    return _chosen(places, parts)


# -------------------------------------------------------------------------------------------


def _missing(fault: str, score: float, how: str) -> StreetPart:
    return StreetPart(None, float("nan"), score, fault, how)


def _chosen(places: Places, parts: list[tuple[int, float, FloatArray]]) -> StreetPart:
    lengths = [float(np.hypot(*np.diff(line, axis=0).T).sum()) for _, _, line in parts]
    if len(parts) > 1:
        return _missing(AMBIGUOUS, parts[0][1], f"{len(parts)} streets may be meant")
    street, score, line = parts[0]
    lat, lon = places.gazetteer.area.to_degrees(line[:, 0], line[:, 1])
    return StreetPart(
        LineString(np.column_stack([lon, lat])), lengths[0], score, None, places.name(street)
    )


def _spots(places: Places, street: int, end: StreetEnd | None) -> tuple[list[Point], float] | None:
    """Return where an end may be and its score; no places where the street's own end is meant."""
    if end is None or (end.house is None and end.crossing is None):
        return [], 100.0
    if end.crossing is not None:
        found = [
            (spot, score)
            for other, score in places.candidates(end.crossing)
            if other != street
            for spot in places.meeting(street, other)
        ]
        return ([spot for spot, _ in found], max(score for _, score in found)) if found else None
    middle = places.middle(street)
    house = parse_house(end.house)
    if house is None or middle is None:
        return None
    spot = house_place(places.houses(street), house, middle)
    return ([(spot.x, spot.y)], 100.0) if spot.rank < STREET_ONLY else None


@dataclass(frozen=True)
class _Graph:
    """A street as a graph of points at most `STEP_M` apart; loose ends are bridged."""

    spots: FloatArray
    links: coo_array
    outer: IntArray

    @classmethod
    def of(cls, gazetteer: Gazetteer, street: int) -> _Graph:
        corners, piece = shapely.get_coordinates(
            shapely.segmentize(_straight(gazetteer.pieces(street)), STEP_M), return_index=True
        )
        spots, node = np.unique(np.round(corners, 2), axis=0, return_inverse=True)
        node = node.ravel()
        inner = np.flatnonzero(piece[:-1] == piece[1:])
        u, v = node[inner], node[inner + 1]
        outer = np.flatnonzero(np.bincount(np.concatenate([u, v]), minlength=len(spots)) == 1)
        outer = outer if len(outer) else np.arange(len(spots))
        a, b = outer[cKDTree(spots[outer]).query_pairs(GAP_M, output_type="ndarray").T]
        ends = (np.concatenate([u, a]), np.concatenate([v, b]))
        cost = np.hypot(*(spots[ends[0]] - spots[ends[1]]).T)
        cost[len(u) :] *= GAP_COST
        return cls(spots, coo_array((cost + 0.01, ends), shape=(len(spots),) * 2), outer)

    def near(self, points: list[Point]) -> tuple[IntArray, FloatArray]:
        """Return the nodes that may stand for one of several places, and what that costs.

        Nodes of the other carriageway may, but hardly those farther along the same one.
        """
        tree = cKDTree(self.spots)
        cost = np.full(len(self.spots), np.inf)
        for point in points:
            nearest = float(tree.query(point)[0])
            if nearest <= END_REACH_M:
                nodes = np.array(tree.query_ball_point(point, nearest + CARRIAGEWAYS_M))
                away = np.hypot(*(self.spots[nodes] - point).T)
                cost[nodes] = np.minimum(cost[nodes], ASIDE_COST * (away - nearest))
        found = np.flatnonzero(np.isfinite(cost))
        return found, cost[found]

    def farthest(self, nodes: IntArray) -> tuple[IntArray, IntArray]:
        """Return which of the nodes and which of the street's own ends lie farthest apart."""
        away = cdist(self.spots[nodes], self.spots[self.outer])
        row, column = np.unravel_index(away.argmax(), away.shape)
        return nodes[[row]], self.outer[[column]]


def _straight(pieces: pd.DataFrame) -> npt.NDArray[np.object_]:
    ends = pieces[["x1", "y1", "x2", "y2"]].to_numpy().reshape(-1, 2, 2)
    return np.asarray(shapely.linestrings(ends), object)


def _shortest(
    gazetteer: Gazetteer, street: int, starts: list[Point], ends: list[Point]
) -> FloatArray | None:
    """Return the line between the ends; of several places the pair nearest along the street.

    Where one end, or none, is given, the part goes to the street's own end that lies farthest.
    """
    if gazetteer.pieces(street).empty:
        return None
    graph = _Graph.of(gazetteer, street)
    if starts and ends:
        path = _path(graph, graph.near(starts), graph.near(ends))
        return None if path is None else shapely.get_coordinates(path.simplify(STRAIGHT_M))
    given = graph.outer
    if starts or ends:
        nodes, cost = graph.near(starts or ends)
        if not len(nodes):
            return None
        given = nodes[[cost.argmin()]]
    one, other = graph.farthest(given)
    one, other = (other, one) if ends else (one, other)
    path = _path(graph, (one, np.zeros(1)), (other, np.zeros(1)))
    return None if path is None else shapely.get_coordinates(path.simplify(STRAIGHT_M))


def _path(
    graph: _Graph, starts: tuple[IntArray, FloatArray], ends: tuple[IntArray, FloatArray]
) -> LineString | None:
    """Return the cheapest way from any of the starts to any of the ends."""
    from_nodes, to_nodes = starts[0], ends[0]
    if not len(from_nodes) or not len(to_nodes):
        return None
    cost, previous = dijkstra(
        graph.links.tocsr(), directed=False, indices=from_nodes, return_predecessors=True
    )
    reach = cost[:, to_nodes] + starts[1][:, None] + ends[1]
    row, column = np.unravel_index(reach.argmin(), reach.shape)
    if from_nodes[row] == to_nodes[column] or not np.isfinite(reach[row, column]):
        return None
    path = [int(to_nodes[column])]
    while path[-1] != from_nodes[row]:
        path.append(int(previous[row, path[-1]]))
    return LineString(graph.spots[path[::-1]])
