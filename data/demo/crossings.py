"""Join drawn lines into one street map: a shared node wherever two of them meet."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from data.demo.plane import FloatArray

IntArray = npt.NDArray[np.int64]

_REACH_M = 2.5
_SAME_PLACE_M = 1.2


@dataclass(frozen=True)
class Chains:
    """Lines over shared nodes: the references of all lines in a row, with their line."""

    x: FloatArray
    y: FloatArray
    refs: IntArray
    line: IntArray


def join_lines(lines: list[FloatArray]) -> Chains:
    """Give lines a common node at every crossing and where an end comes near another line.

    Vertices nearer than 1.2 m are one node; an end within 2.5 m of a line is joined to it.
    """
    start, end, line = _segments(lines)
    segments = shapely.linestrings(np.stack([start, end], axis=1))
    tree = shapely.STRtree(np.asarray(segments, object))
    rows = [_vertices(lines), _crossings(start, end, line, tree), _touches(lines, line, tree)]
    owner, place, x, y = (np.concatenate(column) for column in zip(*rows, strict=True))
    order = np.lexsort((y, x, place, owner))
    owner, x, y = owner[order].astype(np.int64), x[order], y[order]
    node, node_x, node_y = _merged(x, y)
    kept = np.ones(len(node), bool)
    kept[1:] = (node[1:] != node[:-1]) | (owner[1:] != owner[:-1])
    return Chains(node_x, node_y, node[kept], owner[kept])


# -------------------------------------------------------------------------------------------


def _segments(lines: list[FloatArray]) -> tuple[FloatArray, FloatArray, IntArray]:
    start = np.concatenate([xy[:-1] for xy in lines])
    end = np.concatenate([xy[1:] for xy in lines])
    line = np.repeat(np.arange(len(lines)), [len(xy) - 1 for xy in lines])
    return start, end, line


def _places(line: IntArray) -> IntArray:
    """Return the position of each segment within its line."""
    first = np.searchsorted(line, line)
    return np.arange(len(line)) - first


def _vertices(lines: list[FloatArray]) -> tuple[np.ndarray, ...]:
    owner = np.repeat(np.arange(len(lines)), [len(xy) for xy in lines])
    place = np.concatenate([np.arange(len(xy), dtype=float) for xy in lines])
    xy = np.concatenate(lines)
    return owner, place, xy[:, 0], xy[:, 1]


def _crossings(
    start: FloatArray, end: FloatArray, line: IntArray, tree: shapely.STRtree
) -> tuple[np.ndarray, ...]:
    first, second = tree.query(tree.geometries, predicate="intersects")
    apart = (first < second) & (line[first] != line[second])
    first, second = first[apart], second[apart]
    run, other = end[first] - start[first], end[second] - start[second]
    gap = start[second] - start[first]
    cross = run[:, 0] * other[:, 1] - run[:, 1] * other[:, 0]
    solid = np.abs(cross) > 1e-6
    first, second, run, other, gap, cross = (
        part[solid] for part in (first, second, run, other, gap, cross)
    )
    t = (gap[:, 0] * other[:, 1] - gap[:, 1] * other[:, 0]) / cross
    u = (gap[:, 0] * run[:, 1] - gap[:, 1] * run[:, 0]) / cross
    t, u = np.clip(t, 0, 1), np.clip(u, 0, 1)
    point = start[first] + run * t[:, None]
    place = _places(line)
    return (
        np.concatenate([line[first], line[second]]),
        np.concatenate([place[first] + t, place[second] + u]),
        np.tile(point[:, 0], 2),
        np.tile(point[:, 1], 2),
    )


def _touches(
    lines: list[FloatArray], line: IntArray, tree: shapely.STRtree
) -> tuple[np.ndarray, ...]:
    """Put a node on the line that another line's end comes near to."""
    ends = np.concatenate([xy[[0, -1]] for xy in lines])
    owner = np.repeat(np.arange(len(lines)), 2)
    points = np.asarray(shapely.points(ends), object)
    which, segment = tree.query(points, predicate="dwithin", distance=_REACH_M)
    other = line[segment] != owner[which]
    which, segment = which[other], segment[other]
    along = shapely.line_locate_point(tree.geometries[segment], points[which], normalized=True)
    return line[segment], _places(line)[segment] + along, ends[which, 0], ends[which, 1]


def _merged(x: FloatArray, y: FloatArray) -> tuple[IntArray, FloatArray, FloatArray]:
    """Make vertices at one place one node; the first of them gives it its place."""
    pairs = cKDTree(np.column_stack([x, y])).query_pairs(_SAME_PLACE_M, output_type="ndarray")
    shape = (len(x), len(x))
    graph = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=shape)
    _, label = connected_components(graph, directed=False)
    _, first, node = np.unique(label, return_index=True, return_inverse=True)
    return node.astype(np.int64), x[first], y[first]
