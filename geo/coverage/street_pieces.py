"""Street sections as straight pieces in the plane, and points along them.

What reaches a street (a lamp, the view of a camera) reaches it in part: pieces are sampled at equal
stretches, and only those near something are sampled at all.
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from geo import columns as c
from geo.streets.network import StreetNetwork
from geo.streets.sections import Sections
from geo.study_area import StudyArea

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

_LEAST_SQUARE_M = 50.0
_MOST_SQUARES = 1000


@dataclass(frozen=True)
class StreetPieces:
    """Straight pieces of street sections.

    Attributes
    ----------
    section
        Position of the section that each piece belongs to.
    start, end
        x and y of a piece's ends, metres of the study area's plane.
    length_m
        Metres of each piece.
    """

    section: IntArray
    start: FloatArray
    end: FloatArray
    length_m: FloatArray


def pieces_of_network(network: StreetNetwork, sections: Sections) -> StreetPieces:
    """Return every edge of the network as one piece, in the network's order."""
    corners = np.column_stack([network.x, network.y])
    return StreetPieces(
        section=sections.edge_section,
        start=corners[network.edge_u],
        end=corners[network.edge_v],
        length_m=network.edge_length_m,
    )


def pieces_of_lines(sections: gpd.GeoDataFrame, area: StudyArea) -> StreetPieces:
    """Return the pieces of sections known by their lines and ``length_m`` alone.

    The pieces of a section add up to its length. Sections are counted by their row.
    """
    corners, row = shapely.get_coordinates(sections.geometry.to_numpy(), return_index=True)
    spots = metric_points(corners[:, 1], corners[:, 0], area)
    first = np.flatnonzero(row[:-1] == row[1:])
    start, end, section = spots[first], spots[first + 1], row[first].astype(np.int64)
    plain = np.hypot(*(end - start).T)
    total = np.bincount(section, plain, len(sections))[section].astype(float)
    wanted = sections[c.LENGTH_M].to_numpy(float)[section]
    length = np.divide(plain * wanted, total, out=np.zeros_like(plain), where=total > 0)
    return StreetPieces(section, start, end, length)


def metric_points(lat: npt.ArrayLike, lon: npt.ArrayLike, area: StudyArea) -> FloatArray:
    """Return points as x and y in metres of the area's plane, one row a point."""
    if not len(np.atleast_1d(np.asarray(lat))):
        return np.zeros((0, 2))
    return np.column_stack(area.to_metric(lat, lon))


def pieces_near(pieces: StreetPieces, points: FloatArray, reach_m: float) -> IntArray:
    """Return the pieces that may lie within reach of any point; hardly any that do not.

    Points are counted on a grid of squares, so that the cost is that of one look at each piece.

    Parameters
    ----------
    points
        x and y in metres.
    """
    if not len(points) or not len(pieces.section):
        return np.zeros(0, np.int64)
    low = np.minimum(pieces.start, pieces.end) - reach_m
    high = np.maximum(pieces.start, pieces.end) + reach_m
    corner, far = low.min(axis=0), high.max(axis=0)
    square = max(reach_m, _LEAST_SQUARE_M, float((far - corner).max()) / _MOST_SQUARES)
    inside = ((points >= corner) & (points <= far)).all(axis=1)
    shape = tuple(((far - corner) // square).astype(int) + 2)
    counted = np.zeros(shape, np.int64)
    np.add.at(counted, tuple((((points[inside] - corner) // square).astype(int) + 1).T), 1)
    total = counted.cumsum(axis=0).cumsum(axis=1)
    left, bottom = ((low - corner) // square).astype(int).T
    right, top = ((high - corner) // square).astype(int).T + 1
    found = total[right, top] - total[left, top] - total[right, bottom] + total[left, bottom]
    return np.flatnonzero(found > 0)


def street_samples(pieces: StreetPieces, chosen: IntArray, step_m: float) -> pd.DataFrame:
    """Return the middles of equal stretches of the chosen pieces, ``step_m`` long at most.

    Returns
    -------
    DataFrame
        section, piece (positions), at_m (metres from the piece's start, measured in the plane),
        metres (of the stretch), x, y.
    """
    start, end, length = pieces.start[chosen], pieces.end[chosen], pieces.length_m[chosen]
    steps = np.maximum(np.ceil(length / step_m).astype(np.int64), 1)
    row = np.repeat(np.arange(len(chosen)), steps)
    number = np.arange(len(row)) - np.repeat(np.cumsum(steps) - steps, steps)
    share = (number + 0.5) / steps[row]
    spots = start[row] + share[:, None] * (end[row] - start[row])
    return pd.DataFrame(
        {
            "section": pieces.section[chosen][row],
            "piece": chosen[row],
            "at_m": share * np.hypot(*(end - start).T)[row],
            "metres": length[row] / steps[row],
            "x": spots[:, 0],
            "y": spots[:, 1],
        }
    )


def samples_in_reach(
    samples: pd.DataFrame, points: FloatArray, reach_m: FloatArray
) -> tuple[IntArray, IntArray]:
    """Return each pair of a sample and a point (positions) that lie within the point's reach."""
    if not len(points) or samples.empty:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    found = cKDTree(samples[["x", "y"]].to_numpy()).query_ball_point(points, reach_m)
    count = np.fromiter((len(hits) for hits in found), np.int64, len(found))
    sample = np.concatenate([np.asarray(hits, np.int64) for hits in found])
    return sample, np.repeat(np.arange(len(points)), count)
