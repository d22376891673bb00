"""Spread incidents along the streets: a Gaussian in walking distance, split at crossings.

From an incident the mass runs along the shortest way. At every crossing passed it is divided
equally over the streets that lead on (degree − 1), so that a lane behind a busy crossing is not
charged with what happened on the avenue.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy.sparse
from scipy.sparse.csgraph import dijkstra

from geo import columns as c
from geo.parameters import HazardParameters
from geo.streets.sections import Sections

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

_ENTRIES_AT_ONCE = 4_000_000  # of a dense table; 32 MB
_SAME_WAY_M = 1e-6


def kernel_mass(
    parts: pd.DataFrame, sections: Sections, spots: pd.DataFrame, parameters: HazardParameters
) -> FloatArray:
    """Return the mass that incidents leave on each part of a section.

    A part receives exp(−d² / 2h²) · Π 1 / (degree − 1) · length from every incident within
    reach, d metres by street from the incident to the part's middle (h = 200 m, reach 600 m),
    the product over the crossings on the way.

    Parameters
    ----------
    parts
        section (position), length_m, offset_m; any order.
    spots
        Where incidents stand: section (position) and offset_m from its start.
    """
    mass = np.zeros(len(parts))
    if spots.empty or parts.empty:
        return mass
    spots = spots.sort_values(["section", "offset_m"], kind="stable")
    graph = _crossing_graph(sections)
    at = _Spots(spots["section"].to_numpy(np.int64), spots["offset_m"].to_numpy(float))
    ends = np.unique(np.concatenate([graph.u[at.section], graph.v[at.section]]))
    trees = _walks_from(ends, graph, parameters.crosswalk_reach_m)
    shelf = _part_shelf(parts, len(graph.u))

    step = max(_ENTRIES_AT_ONCE // max(len(graph.degree), 1), 1)
    for first in range(0, len(at.section), step):
        some = _Spots(at.section[first : first + step], at.offset[first : first + step])
        mass += _mass_of(some, graph, trees, shelf, parameters)
    return mass


# -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Spots:
    section: IntArray
    offset: FloatArray


@dataclass(frozen=True)
class _CrossingGraph:
    """Sections between crossings; nodes are numbered 0 … K−1."""

    u: IntArray
    v: IntArray
    length: FloatArray
    degree: IntArray
    matrix: scipy.sparse.csr_array
    from_u: _Shelf
    from_v: _Shelf


@dataclass(frozen=True)
class _Shelf:
    """Rows of a table grouped by a key: ``row[start[k]:start[k + 1]]`` belong to key k."""

    start: IntArray
    row: IntArray

    def expand(self, keys: IntArray) -> tuple[IntArray, IntArray]:
        """Return (position in keys, row) for every row of every key."""
        count = self.start[keys + 1] - self.start[keys]
        position = np.repeat(np.arange(len(keys)), count)
        within = np.arange(len(position)) - np.repeat(np.cumsum(count) - count, count)
        return position, self.row[self.start[keys][position] + within]


@dataclass(frozen=True)
class _Walks:
    """Shortest ways from some crossings: by source, the node reached, metres and mass left."""

    sources: IntArray
    shelf: _Shelf
    node: IntArray
    metres: FloatArray
    left: FloatArray


@dataclass(frozen=True)
class _PartShelf:
    by_section: _Shelf
    offset: FloatArray
    length: FloatArray


def _shelf(key: IntArray, keys: int) -> _Shelf:
    start = np.zeros(keys + 1, np.int64)
    np.cumsum(np.bincount(key, minlength=keys), out=start[1:])
    return _Shelf(start, np.argsort(key, kind="stable"))


def _part_shelf(parts: pd.DataFrame, sections: int) -> _PartShelf:
    return _PartShelf(
        _shelf(parts["section"].to_numpy(np.int64), sections),
        parts["offset_m"].to_numpy(float),
        parts[c.LENGTH_M].to_numpy(float),
    )


def _crossing_graph(sections: Sections) -> _CrossingGraph:
    ends = sections.frame[["node_u", "node_v"]].to_numpy(np.int64)
    nodes, number = np.unique(ends, return_inverse=True)
    number = number.reshape(ends.shape)
    u, v = number[:, 0], number[:, 1]
    length = sections.frame[c.LENGTH_M].to_numpy(float)
    return _CrossingGraph(
        u=u,
        v=v,
        length=length,
        degree=np.bincount(number.ravel(), minlength=len(nodes)),
        matrix=_shortest_edges(u, v, length, len(nodes)),
        from_u=_shelf(u, len(nodes)),
        from_v=_shelf(v, len(nodes)),
    )


def _shortest_edges(
    u: IntArray, v: IntArray, length: FloatArray, nodes: int
) -> scipy.sparse.csr_array:
    """Return the symmetric matrix of edge lengths, the shortest of parallel edges only."""
    start, end = np.concatenate([u, v]), np.concatenate([v, u])
    length = np.concatenate([length, length])
    order = np.lexsort((length, end, start))
    start, end, length = start[order], end[order], length[order]
    first = np.r_[True, (start[1:] != start[:-1]) | (end[1:] != end[:-1])] & (start != end)
    # A matrix built from parallel entries would add them up; zero lengths stay as entries.
    return scipy.sparse.csr_array((length[first], (start[first], end[first])), shape=(nodes, nodes))


def _walks_from(sources: IntArray, graph: _CrossingGraph, limit_m: float) -> _Walks:
    """Return every shortest way of at most ``limit_m`` metres from each source crossing.

    ``left`` is what remains of a unit of mass after every crossing on the way, both ends
    included.
    """
    nodes = len(graph.degree)
    split = 1.0 / np.maximum(graph.degree - 1, 1)
    step = max(_ENTRIES_AT_ONCE // nodes, 1)
    found = []
    for first in range(0, len(sources), step):
        some = sources[first : first + step]
        metres, before = dijkstra(
            graph.matrix, indices=some, limit=limit_m, return_predecessors=True
        )
        row, node = np.nonzero(np.isfinite(metres))
        left = _product_along(row, node, before, split)
        found.append((row + first, node, metres[row, node], left))
    row, node, metres, left = (np.concatenate(column) for column in zip(*found, strict=True))
    return _Walks(sources, _shelf(row, len(sources)), node, metres, left)


def _product_along(
    row: IntArray, node: IntArray, before: npt.NDArray[np.int32], factor: FloatArray
) -> FloatArray:
    """Multiply a node factor along every way back to its source, by doubling the step."""
    position = np.empty(before.shape, np.int64)
    position[row, node] = np.arange(len(row))
    previous_node = before[row, node]
    previous = np.where(previous_node < 0, -1, position[row, np.maximum(previous_node, 0)])

    product = np.append(factor[node], 1.0)
    previous = np.append(previous, -1)
    while (previous >= 0).any():
        product, previous = product * product[previous], previous[previous]
    return product[:-1]


def _mass_of(
    spots: _Spots,
    graph: _CrossingGraph,
    walks: _Walks,
    shelf: _PartShelf,
    parameters: HazardParameters,
) -> FloatArray:
    metres, left = _nearest_way(spots, graph, walks)
    spot, section = _sections_in_reach(spots, graph, metres, parameters.crosswalk_reach_m)
    pair, part = shelf.by_section.expand(section)
    spot, section, offset = spot[pair], section[pair], shelf.offset[part]

    u, v = graph.u[section], graph.v[section]
    ways = np.stack(
        [
            np.where(spots.section[spot] == section, np.abs(offset - spots.offset[spot]), np.inf),
            metres[spot, u] + offset,
            metres[spot, v] + np.maximum(graph.length[section] - offset, 0),
        ]
    )
    kept = np.stack([np.ones(len(spot)), left[spot, u], left[spot, v]])
    distance = ways.min(axis=0)
    # Of equally short ways the one that keeps more: an incident on a crossing is on its section.
    share = np.where(ways <= distance + _SAME_WAY_M, kept, 0).max(axis=0)

    near = distance <= parameters.crosswalk_reach_m
    bell = np.exp(-0.5 * (distance[near] / parameters.crosswalk_bandwidth_m) ** 2)
    amount = bell * share[near] * shelf.length[part[near]]
    return np.bincount(part[near], amount, len(shelf.offset)).astype(float)


def _nearest_way(
    spots: _Spots, graph: _CrossingGraph, walks: _Walks
) -> tuple[FloatArray, FloatArray]:
    """Return metres and mass left from each spot to each crossing, by the nearer end."""
    count, nodes = len(spots.section), len(graph.degree)
    metres, left = np.full((count, nodes), np.inf), np.zeros((count, nodes))
    length = graph.length[spots.section]
    to_ends = (
        (graph.u[spots.section], spots.offset),
        (graph.v[spots.section], np.maximum(length - spots.offset, 0)),
    )
    for end, ahead in to_ends:
        spot, walk = walks.shelf.expand(np.searchsorted(walks.sources, end))
        node, distance = walks.node[walk], walks.metres[walk] + ahead[spot]
        known = metres[spot, node]
        better = distance < known - _SAME_WAY_M
        # From an incident on a crossing the way along its own section does not turn off there.
        better |= (distance <= known + _SAME_WAY_M) & (walks.left[walk] > left[spot, node])
        spot, node, walk = spot[better], node[better], walk[better]
        metres[spot, node] = distance[better]
        left[spot, node] = walks.left[walk]
    return metres, left


def _sections_in_reach(
    spots: _Spots, graph: _CrossingGraph, metres: FloatArray, reach_m: float
) -> tuple[IntArray, IntArray]:
    """Return each (spot, section) once: an end in reach, or the spot's own section."""
    spot, node = np.nonzero(metres <= reach_m)
    at_u, by_u = graph.from_u.expand(node)
    at_v, by_v = graph.from_v.expand(node)
    new = metres[spot[at_v], graph.u[by_v]] > reach_m
    own = np.flatnonzero(
        (metres[np.arange(len(spots.section)), graph.u[spots.section]] > reach_m)
        & (metres[np.arange(len(spots.section)), graph.v[spots.section]] > reach_m)
    )
    return (
        np.concatenate([spot[at_u], spot[at_v][new], own]),
        np.concatenate([by_u, by_v[new], spots.section[own]]),
    )
