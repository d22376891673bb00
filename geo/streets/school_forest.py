"""Grow the shortest ways from all school gates at once and place the homes on them.

Growing all trees together finds for each crossing the nearest gate and the step that leads
there, at the cost of one tree; the trees of two gates never cross. A school's gates are sources of
one tree: whichever is nearer is gone to.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import scipy.sparse
from scipy.sparse.csgraph import dijkstra

from geo.streets.network import StreetNetwork
from geo.streets.school_gates import SchoolGates
from geo.streets.sections import Sections
from geo.streets.snapping import EdgePlaces

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Forest:
    """One step of every node towards its school; arrays over the nodes, school −1 unreached.

    ``gate`` is the position of the gate that is gone to, ``parent`` the next node or −1 at the
    last step, ``depth`` the number of steps left.
    """

    gates: SchoolGates
    limit_m: float
    school: IntArray
    gate: IntArray
    distance: FloatArray
    parent: IntArray
    depth: IntArray
    section: IntArray
    metres: FloatArray


@dataclass(frozen=True)
class FirstSteps:
    """From each home's door along its street to ``node`` (−1: straight to the gate)."""

    school: IntArray
    gate: IntArray
    distance: FloatArray
    node: IntArray
    section: IntArray
    metres: FloatArray


def school_forest(
    network: StreetNetwork, sections: Sections, gates: SchoolGates, limit_m: float
) -> Forest:
    """Find the nearest gate of every node within ``limit_m`` metres and the step towards it."""
    return _grown(network, sections, gates, limit_m, _walking_steps(network, gates.places))


def single_school_forests(
    network: StreetNetwork,
    sections: Sections,
    gates: SchoolGates,
    limit_m: float,
    schools: IntArray,
) -> Iterator[Forest]:
    """Grow for each of some schools the tree to its own gates alone, whatever others are nearer.

    Parameters
    ----------
    schools
        Positions of schools; one forest is returned for each, in their order.
    """
    if not len(schools):
        return
    steps = _walking_steps(network, gates.places)
    for school in schools:
        edge = np.where(gates.school == school, gates.places.edge, -1)
        alone = replace(gates, places=replace(gates.places, edge=edge))
        yield _grown(network, sections, alone, limit_m, steps)


def first_steps(
    network: StreetNetwork,
    sections: Sections,
    forest: Forest,
    doors: EdgePlaces,
) -> FirstSteps:
    """Choose for each home the shortest of: by either end of its edge, or straight to a gate."""
    edge = np.maximum(doors.edge, 0)
    share = np.where(doors.edge >= 0, doors.share, 0.0)
    length = network.edge_length_m[edge]
    u, v = network.edge_u[edge], network.edge_v[edge]
    straight, straight_gate = straight_to_gate(forest.gates.places, doors, length)

    metres = np.stack([straight, share * length, (1 - share) * length])
    total = metres + np.stack([np.zeros(len(edge)), forest.distance[u], forest.distance[v]])
    way = total.argmin(axis=0)
    home = np.arange(len(edge))
    distance = total[way, home]
    reached = (doors.edge >= 0) & (distance <= forest.limit_m)
    node = np.stack([np.full(len(edge), -1), u, v])[way, home]
    gate = np.stack([straight_gate, forest.gate[u], forest.gate[v]])[way, home]
    gate = np.where(reached, gate, -1)
    return FirstSteps(
        school=_schools_of(gate, forest.gates),
        gate=gate,
        distance=np.where(reached, distance, np.nan),
        node=np.where(reached, node, -1),
        section=np.where(reached, sections.edge_section[edge], -1),
        metres=np.where(reached, metres[way, home], 0.0),
    )


def depth_and_root(parent: IntArray) -> tuple[IntArray, IntArray]:
    """Return each node's number of steps to its root, and that root, by doubling the step.

    Counting steps, unlike comparing distances, puts a node behind its parent even where an
    edge has no length.
    """
    root = np.where(parent >= 0, parent, np.arange(len(parent)))
    depth = (parent >= 0).astype(np.int64)
    while (root[root] != root).any():
        depth, root = depth + depth[root], root[root]
    return depth, root


def straight_to_gate(
    gates: EdgePlaces, doors: EdgePlaces, length: FloatArray
) -> tuple[FloatArray, IntArray]:
    """Return metres to the nearest gate on the home's own edge (infinite if none) and which."""
    order = np.argsort(gates.edge, kind="stable")
    first = np.searchsorted(gates.edge[order], doors.edge, "left")
    last = np.searchsorted(gates.edge[order], doors.edge, "right")
    count = np.where(doors.edge >= 0, last - first, 0)
    home = np.repeat(np.arange(len(count)), count)
    within = np.arange(len(home)) - np.repeat(np.cumsum(count) - count, count)
    gate = order[first[home] + within]
    away = np.abs(doors.share[home] - gates.share[gate]) * length[home]
    best = np.lexsort((gate, away, home))
    best = best[np.diff(home[best], prepend=-1) > 0]
    metres, nearest = np.full(len(count), np.inf), np.full(len(count), -1)
    metres[home[best]], nearest[home[best]] = away[best], gate[best]
    return metres, nearest


# -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Steps:
    """All steps of the network, the gates being further rows of the matrix.

    A step's key is row · size + column; keys are sorted, each with the shortest edge between
    the two.
    """

    matrix: scipy.sparse.csr_array
    key: IntArray
    edge: IntArray


def _grown(
    network: StreetNetwork, sections: Sections, gates: SchoolGates, limit_m: float, steps: _Steps
) -> Forest:
    nodes, count = len(network.node_id), len(gates.school)
    reached = np.flatnonzero(gates.places.edge >= 0)
    distance = np.full(nodes, np.inf)
    before = np.full(nodes, -1, np.int64)
    if len(reached):
        all_distances, predecessors, _ = dijkstra(
            steps.matrix,
            indices=nodes + reached,
            limit=limit_m,
            min_only=True,
            return_predecessors=True,
        )
        distance, before = all_distances[:nodes], predecessors[:nodes].astype(np.int64)

    found = np.flatnonzero(np.isfinite(distance))
    key = before[found] * (nodes + count) + found
    edge = np.full(nodes, -1)
    edge[found] = steps.edge[np.searchsorted(steps.key, key)]
    last = found[before[found] >= nodes]
    parent = np.where((before >= 0) & (before < nodes), before, -1)
    gate = np.full(nodes, -1)
    gate[last] = before[last] - nodes
    metres = np.where(edge >= 0, network.edge_length_m[edge], 0.0)
    metres[last] = distance[last]
    depth, root = depth_and_root(parent)
    gate = gate[root]

    section = np.where(edge >= 0, sections.edge_section[edge], -1)
    school = _schools_of(gate, gates)
    return Forest(gates, limit_m, school, gate, distance, parent, depth, section, metres)


def _schools_of(gate: IntArray, gates: SchoolGates) -> IntArray:
    """Return the schools of gates (positions), −1 where there is no gate."""
    return np.where(gate >= 0, gates.school[gate], -1) if len(gates.school) else gate


def _walking_steps(network: StreetNetwork, gates: EdgePlaces) -> _Steps:
    """Return the steps along all edges, and from the gates: nobody walks through a school."""
    nodes = len(network.node_id)
    size = nodes + len(gates.edge)
    every = np.arange(len(network.edge_u))
    at = np.flatnonzero(gates.edge >= 0)
    near, share = gates.edge[at], gates.share[at]
    length = network.edge_length_m[near]

    start = np.concatenate([network.edge_u, network.edge_v, nodes + at, nodes + at])
    end = np.concatenate(
        [network.edge_v, network.edge_u, network.edge_u[near], network.edge_v[near]]
    )
    edge = np.concatenate([every, every, near, near])
    metres = np.concatenate(
        [network.edge_length_m, network.edge_length_m, share * length, (1 - share) * length]
    )
    key = start * size + end
    order = np.lexsort((edge, metres, key))
    # Entries of the same place would be added up by the matrix: keep the shortest alone.
    order = order[np.r_[True, np.diff(key[order]) > 0]]
    key, edge, metres = key[order], edge[order], metres[order]
    matrix = scipy.sparse.csr_array((metres, (key // size, key % size)), shape=(size, size))
    return _Steps(matrix, key, edge)
