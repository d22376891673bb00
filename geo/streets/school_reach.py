"""The streets around one school, kept ready so that other ways to it are found in milliseconds.

A way is cheapest by metres times the factor of each section, at least 1; a closed section costs
infinitely much. One tree from the school's gates serves all homes, whatever the factors are.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.sparse
from scipy.sparse.csgraph import dijkstra

from geo.streets.network import StreetNetwork
from geo.streets.school_forest import FirstSteps, Forest, depth_and_root, straight_to_gate
from geo.streets.school_gates import gates_at
from geo.streets.sections import Sections
from geo.streets.snapping import EdgePlaces

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True)
class SchoolReach:
    """The part of the network within reach of one school; its M crossings are numbered 0 … M−1.

    Attributes
    ----------
    gates
        Where the gates of the school are.
    local
        For each node of the network its number here, −1 out of reach.
    tail, head
        Ends of each step; gate i is number M + i. Sorted by both.
    section, metres
        Of each step.
    edge_u, edge_v, edge_section, edge_length_m
        Of all edges of the network, as there.
    size
        M.
    """

    gates: EdgePlaces
    local: IntArray
    tail: IntArray
    head: IntArray
    section: IntArray
    metres: FloatArray
    edge_u: IntArray
    edge_v: IntArray
    edge_section: IntArray
    edge_length_m: FloatArray
    size: int


@dataclass(frozen=True)
class Walks:
    """The cheapest walks of some homes to the gates of a school.

    Attributes
    ----------
    totals
        [homes, quantities]: what each walk gathers, NaN for a home without one.
    steps
        As `geo.streets.section_flows.section_flows` takes them; the school is 0.
    reach, cost, parent, step, gate
        The tree: each crossing's cost to the nearest gate, the next crossing (−1 the gate), the
        step (position in the reach, −1 where there is none) and the gate (position, −1 none).
    """

    totals: FloatArray
    steps: FirstSteps
    reach: SchoolReach
    cost: FloatArray
    parent: IntArray
    step: IntArray
    gate: IntArray

    def forest(self) -> Forest:
        """Return the tree as `geo.streets.section_flows.section_flows` takes it."""
        found = self.step >= 0
        depth, _ = depth_and_root(self.parent)
        return Forest(
            gates=gates_at(self.reach.gates, np.zeros(len(self.reach.gates.edge), np.int64)),
            limit_m=float("inf"),
            school=np.where(found, 0, -1),
            gate=self.gate,
            distance=self.cost,
            parent=self.parent,
            depth=depth,
            section=np.where(found, self.reach.section[self.step], -1),
            metres=np.where(found, self.reach.metres[self.step], 0.0),
        )


def school_reach(
    network: StreetNetwork, sections: Sections, gates: EdgePlaces, reach_m: float
) -> SchoolReach:
    """Cut out the streets within ``reach_m`` metres on foot of a school's nearest gate.

    Parameters
    ----------
    gates
        Of one school; a gate outside the network reaches nothing.
    """
    local = _numbered(_metres_from(network, gates, reach_m), reach_m)
    u, v = local[network.edge_u], local[network.edge_v]
    inside = np.flatnonzero((u >= 0) & (v >= 0))
    size = int(local.max(initial=-1)) + 1

    gate, node, edge, part = _ways_in(network, gates)
    near = local[node] >= 0
    gate, node, edge, part = gate[near], node[near], edge[near], part[near]
    length = network.edge_length_m
    tail = np.concatenate([u[inside], v[inside], size + gate])
    head = np.concatenate([v[inside], u[inside], local[node]])
    edges = np.concatenate([inside, inside, edge])
    metres = np.concatenate([length[inside], length[inside], part])
    order = np.lexsort((head, tail))
    return SchoolReach(
        gates=gates,
        local=local,
        tail=tail[order],
        head=head[order],
        section=sections.edge_section[edges[order]],
        metres=metres[order],
        edge_u=network.edge_u,
        edge_v=network.edge_v,
        edge_section=sections.edge_section,
        edge_length_m=length,
        size=size,
    )


def cheapest_walks(
    reach: SchoolReach, doors: EdgePlaces, factor: FloatArray, per_metre: FloatArray
) -> Walks:
    """Find the cheapest walk of each home and what it gathers on its way.

    Parameters
    ----------
    doors
        Where the homes meet the network.
    factor
        [sections] cost of a metre, at least 1; infinite where nobody can walk.
    per_metre
        [sections, quantities] gathered on each metre; a column of ones gives the metres walked.
    """
    cost, parent, step, gate = _tree(reach, factor)
    at_node = np.zeros((reach.size, per_metre.shape[1]))
    found = np.flatnonzero(step >= 0)
    at_node[found] = reach.metres[step[found], None] * per_metre[reach.section[step[found]]]
    gathered = _along(at_node, parent)

    way, node, metres, beside = _ways_out(reach, doors, factor, cost)
    section = reach.edge_section[np.maximum(doors.edge, 0)]
    reached = way >= 0
    totals = metres[:, None] * per_metre[section]
    onward = reached & (node >= 0)
    totals[onward] += gathered[node[onward]]
    totals[~reached] = np.nan
    price = np.where(reached, factor[section], 1.0)
    distance = np.where(reached, _at(cost, node) + metres * price, np.nan)
    steps = FirstSteps(
        school=np.where(reached, 0, -1),
        gate=np.where(onward, _at(gate.astype(float), node), np.where(reached, beside, -1)).astype(
            np.int64
        ),
        distance=distance,
        node=np.where(reached, node, -1),
        section=np.where(reached, section, -1),
        metres=np.where(reached, metres, 0.0),
    )
    return Walks(totals, steps, reach, cost, parent, step, gate)


# -------------------------------------------------------------------------------------------


def _numbered(distance: FloatArray, reach_m: float) -> IntArray:
    inside = distance <= reach_m
    return np.where(inside, np.cumsum(inside) - 1, -1)


def _ways_in(
    network: StreetNetwork, gates: EdgePlaces
) -> tuple[IntArray, IntArray, IntArray, FloatArray]:
    """Return the steps from the gates to the ends of their edges: gate, node, edge and metres."""
    at = np.flatnonzero(gates.edge >= 0)
    edge, share = gates.edge[at], gates.share[at]
    length = network.edge_length_m[edge]
    return (
        np.concatenate([at, at]),
        np.concatenate([network.edge_u[edge], network.edge_v[edge]]),
        np.concatenate([edge, edge]),
        np.concatenate([share * length, (1 - share) * length]),
    )


def _metres_from(network: StreetNetwork, gates: EdgePlaces, reach_m: float) -> FloatArray:
    """Return the metres on foot from the nearest gate to every node, infinite beyond its reach."""
    u, v, length = network.edge_u, network.edge_v, network.edge_length_m
    count = len(network.node_id)
    gate, node, _, part = _ways_in(network, gates)
    if not len(gate):
        return np.full(count, np.inf)
    size = count + len(gates.edge)
    # An explicit zero would vanish from a matrix: a gate on a crossing is a hair off it.
    metres = np.concatenate([length, length, np.maximum(part, 1e-9)])
    ends = (np.concatenate([u, v, count + gate]), np.concatenate([v, u, node]))
    matrix = scipy.sparse.csr_array((metres, ends), shape=(size, size))
    sources = count + np.unique(gate)
    return dijkstra(matrix, indices=sources, limit=reach_m, min_only=True)[:count]


def _tree(
    reach: SchoolReach, factor: FloatArray
) -> tuple[FloatArray, IntArray, IntArray, IntArray]:
    """Return each crossing's cost, the next crossing (−1 gate), the step there, and the gate."""
    size, total = reach.size, reach.size + len(reach.gates.edge)
    with np.errstate(invalid="ignore"):  # no metres on a closed section are no way either
        cost = np.maximum(reach.metres * factor[reach.section], 1e-9)
    usable = np.isfinite(cost)
    tail, head = reach.tail[usable], reach.head[usable]
    start = np.searchsorted(tail, np.arange(total + 1))
    matrix = scipy.sparse.csr_array((cost[usable], head, start), shape=(total, total))
    if not len(tail):
        none = np.full(size, -1)
        return np.full(size, np.inf), none, none, none
    sources = size + np.flatnonzero(reach.gates.edge >= 0)
    found, steps, _ = dijkstra(matrix, indices=sources, min_only=True, return_predecessors=True)
    costs, before = found[:size], steps[:size].astype(np.int64)
    step = np.full(size, -1)
    reached = np.flatnonzero(np.isfinite(costs))
    key = tail * total + head
    position = np.searchsorted(key, before[reached] * total + reached)
    step[reached] = np.flatnonzero(usable)[position]
    parent = np.where((before >= 0) & (before < size), before, -1)
    _, root = depth_and_root(parent)
    gate = np.where(before >= size, before - size, -1)[root]
    return costs, parent, step, gate


def _along(at_node: FloatArray, parent: IntArray) -> FloatArray:
    """Sum what every crossing's step gathers on its whole way, by doubling the step."""
    total, ahead = at_node.copy(), parent.copy()
    while (onward := np.flatnonzero(ahead >= 0)).size:
        total[onward] += total[ahead[onward]]
        ahead[onward] = ahead[ahead[onward]]
    return total


def _ways_out(
    reach: SchoolReach, doors: EdgePlaces, factor: FloatArray, cost: FloatArray
) -> tuple[IntArray, IntArray, FloatArray, IntArray]:
    """Choose each home's way: −1 none, 0 straight to a gate, 1 and 2 by an end of its edge.

    Returned are the way, its first crossing, the metres to it, and the gate on the home's own
    edge that is nearest (−1 none).
    """
    edge = np.maximum(doors.edge, 0)
    share = np.where(doors.edge >= 0, doors.share, 0.0)
    length, price = reach.edge_length_m[edge], factor[reach.edge_section[edge]]
    straight, beside = straight_to_gate(reach.gates, doors, length)
    u, v = reach.local[reach.edge_u[edge]], reach.local[reach.edge_v[edge]]
    metres = np.stack([straight, share * length, (1 - share) * length])
    node = np.stack([np.full(len(edge), -1), u, v])
    with np.errstate(invalid="ignore"):  # no metres on a closed section are no way either
        onward = np.stack([np.zeros(len(edge)), _at(cost, u, np.inf), _at(cost, v, np.inf)])
        total = np.nan_to_num(metres * price, nan=np.inf, posinf=np.inf) + onward
    way = total.argmin(axis=0)
    home = np.arange(len(edge))
    reached = (doors.edge >= 0) & np.isfinite(total[way, home])
    chosen = np.where(reached, metres[way, home], 0.0)
    return np.where(reached, way, -1), node[way, home], chosen, beside


def _at(cost: FloatArray, node: IntArray, otherwise: float = 0.0) -> FloatArray:
    return np.where(node >= 0, cost[node] if len(cost) else 0.0, otherwise)
