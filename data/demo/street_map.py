"""A street map as OSM keeps it: ways over shared nodes, and walks along them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from data.demo.plane import FloatArray

IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True)
class StreetMap:
    """Ways over shared nodes, invented or read.

    Attributes
    ----------
    x, y
        Nodes in metres of the drawing board.
    refs, way
        Nodes of all ways in a row, each with the position of its way in ``ways``.
    ways
        RangeIndex; ``key`` (of the plan, or the district), ``highway``, ``name_kk``, ``name_ru``
        (empty where unnamed) and ``lamps`` (whether lamps stand along it).
    """

    x: FloatArray
    y: FloatArray
    refs: IntArray
    way: IntArray
    ways: pd.DataFrame

    def edges(self) -> tuple[IntArray, IntArray, IntArray]:
        """Return both ends and the way of every pair of neighbouring nodes."""
        same = self.way[1:] == self.way[:-1]
        return self.refs[:-1][same], self.refs[1:][same], self.way[1:][same]

    def degree(self) -> IntArray:
        """Return how many edges end at each node."""
        u, v, _ = self.edges()
        return np.bincount(np.concatenate([u, v]), minlength=len(self.x))


def points_along(streets: StreetMap, step_m: float) -> pd.DataFrame:
    """Return a point about every step along every edge.

    Returns
    -------
    pandas.DataFrame
        ``x, y`` (metres), ``way`` (position), ``left_x, left_y`` (unit vector to the left) and
        ``metres`` (length of street that the point stands for).
    """
    u, v, way = streets.edges()
    dx, dy = streets.x[v] - streets.x[u], streets.y[v] - streets.y[u]
    length = np.maximum(np.hypot(dx, dy), 1e-9)
    count = np.maximum(np.round(length / step_m).astype(int), 1)
    edge = np.repeat(np.arange(len(u)), count)
    number = np.arange(len(edge)) - np.repeat(np.cumsum(count) - count, count)
    share = (number + 0.5) / count[edge]
    return pd.DataFrame(
        {
            "x": streets.x[u][edge] + share * dx[edge],
            "y": streets.y[u][edge] + share * dy[edge],
            "way": way[edge],
            "left_x": -(dy / length)[edge],
            "left_y": (dx / length)[edge],
            "metres": (length / count)[edge],
        }
    )


def neighbours_of(streets: StreetMap) -> dict[int, list[int]]:
    """Return the neighbouring nodes of each node."""
    neighbours: dict[int, list[int]] = {}
    u, v, _ = streets.edges()
    for a, b in zip(u.tolist(), v.tolist(), strict=True):
        neighbours.setdefault(a, []).append(b)
        neighbours.setdefault(b, []).append(a)
    return neighbours


def stretch_around(neighbours: dict[int, list[int]], edge: tuple[int, int]) -> list[int]:
    """Return the nodes from crossing to crossing (or dead end) along the street of an edge."""
    path = list(edge)
    for _ in range(2):
        while len(neighbours[path[-1]]) == 2 and path[-1] != path[0]:
            path.append(next(node for node in neighbours[path[-1]] if node != path[-2]))
        path.reverse()
    return path
