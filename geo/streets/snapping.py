"""Find the nearest street edge of each point.

Distances are taken in a Mercator plane, which keeps angles, and scaled back by the cosine of the
point's latitude: right to half a percent, and no projection has to be named.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from shapely import STRtree

from geo.streets.network import StreetNetwork

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

_EARTH_RADIUS_M = 6_371_008.8


@dataclass(frozen=True)
class EdgePlaces:
    """Where points meet the network.

    Attributes
    ----------
    edge
        Position of the nearest edge, −1 where none lies within reach.
    share
        Way along the edge, 0 at its ``edge_u`` and 1 at its ``edge_v``; NaN where there is none.
    distance_m
        Metres from the point to the edge; NaN where there is none.
    """

    edge: IntArray
    share: FloatArray
    distance_m: FloatArray

    def at(self, points: IntArray) -> EdgePlaces:
        """Return some of the points, by their positions."""
        return EdgePlaces(self.edge[points], self.share[points], self.distance_m[points])


def snap_to_edges(
    lat: npt.ArrayLike,
    lon: npt.ArrayLike,
    network: StreetNetwork,
    reach_m: float,
    *,
    edges: IntArray | None = None,
) -> EdgePlaces:
    """Return the nearest edge of each point within ``reach_m`` metres.

    Parameters
    ----------
    lat, lon
        Points in degrees WGS84.
    edges
        Positions of the edges that may be chosen; all when None. Of several equally near edges
        the first is taken.
    """
    lat, lon = np.atleast_1d(np.asarray(lat, float)), np.atleast_1d(np.asarray(lon, float))
    edges = np.arange(len(network.edge_u)) if edges is None else np.asarray(edges, np.int64)
    if not len(lat) or not len(edges):
        return _nowhere(len(lat))

    points, nodes = _mercator(lat, lon), _mercator(network.lat, network.lon)
    start, end = nodes[network.edge_u[edges]], nodes[network.edge_v[edges]]
    metres = np.cos(np.radians(lat))
    lines = np.asarray(shapely.linestrings(np.stack([start, end], axis=1)), object)
    tree = STRtree(lines)
    point, near = tree.query_nearest(shapely.points(points), max_distance=reach_m / metres.min())
    order = np.lexsort((near, point))
    first = order[np.r_[True, np.diff(point[order]) > 0]] if len(order) else order
    point, near = point[first], near[first]

    share = _share_along(points[point], start[near], end[near])
    foot = start[near] + share[:, None] * (end[near] - start[near])
    distance = np.hypot(*(points[point] - foot).T) * metres[point]
    kept = distance <= reach_m
    places = _nowhere(len(lat))
    places.edge[point[kept]] = edges[near[kept]]
    places.share[point[kept]] = share[kept]
    places.distance_m[point[kept]] = distance[kept]
    return places


# -------------------------------------------------------------------------------------------


def _nowhere(count: int) -> EdgePlaces:
    return EdgePlaces(np.full(count, -1), np.full(count, np.nan), np.full(count, np.nan))


def _mercator(lat: FloatArray, lon: FloatArray) -> FloatArray:
    north = np.arcsinh(np.tan(np.radians(lat)))
    return _EARTH_RADIUS_M * np.column_stack([np.radians(lon), north])


def _share_along(points: FloatArray, start: FloatArray, end: FloatArray) -> FloatArray:
    direction = end - start
    length2 = (direction**2).sum(axis=1)
    share = ((points - start) * direction).sum(axis=1) / np.where(length2 > 0, length2, 1)
    return np.clip(share, 0, 1)
