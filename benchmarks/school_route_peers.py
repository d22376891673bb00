"""The ways of all homes to their schools, worked out by other libraries.

Each peer gets homes and gates already placed on the network and gives the metres of every home
and the pupil-metres of every section, which must be ours.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import networkx as nx
import numpy as np

from geo.streets.network import StreetNetwork
from geo.streets.sections import Sections
from geo.streets.snapping import EdgePlaces

SAMPLE = 200


@dataclass(frozen=True)
class Placed:
    """The town with homes and gates on its streets, and what we find there."""

    network: StreetNetwork
    sections: Sections
    gates: EdgePlaces
    doors: EdgePlaces
    pupils: np.ndarray
    school: np.ndarray
    distance: np.ndarray
    section_metres: np.ndarray
    limit_m: float


def against_networkx(placed: Placed) -> dict[str, Any]:
    graph = build_graph(placed.network, placed.gates)
    start = time.perf_counter()
    distance, metres = peer_routes(
        graph, placed.network, placed.sections, placed.gates, placed.doors, placed.pupils
    )
    peer_s = time.perf_counter() - start
    return {
        "peer": f"networkx {nx.__version__}",
        "peer_s": round(peer_s, 3),
        "sections_differing": check(placed, distance, metres),
    }


def against_osmnx(placed: Placed) -> dict[str, Any]:
    """Ask for the way of a sample of homes; the time is scaled to all homes with a way."""
    import osmnx

    reached = np.flatnonzero(placed.school >= 0)
    sample = np.random.default_rng(0).choice(reached, SAMPLE, replace=False)
    nodes, schools = len(placed.network.node_id), len(placed.gates.edge)
    graph = nx.MultiDiGraph(build_graph(placed.network, placed.gates).reverse())
    door = nodes + schools
    for home in sample:
        edge, share = placed.doors.edge[home], placed.doors.share[home]
        length = placed.network.edge_length_m[edge]
        for node, part in (
            (int(placed.network.edge_u[edge]), share * length),
            (int(placed.network.edge_v[edge]), (1 - share) * length),
        ):
            graph.add_edge(door + int(home), node, metres=part)
        for school in np.flatnonzero(placed.gates.edge == edge):
            along = abs(share - placed.gates.share[school]) * length
            graph.add_edge(door + int(home), nodes + int(school), metres=along)

    doors = [door + int(home) for home in sample]
    gates = [nodes + int(placed.school[home]) for home in sample]
    start = time.perf_counter()
    ways = osmnx.routing.shortest_path(graph, doors, gates, weight="metres", cpus=1)
    spent = time.perf_counter() - start
    found = [
        sum(min(step["metres"] for step in graph[one][two].values()) for one, two in pairwise(way))
        for way in ways
    ]
    np.testing.assert_allclose(found, placed.distance[sample], rtol=1e-9)
    return {
        "peer_s": round(spent * len(reached) / SAMPLE, 1),
        "peer": f"osmnx {osmnx.__version__}",
        "peer_homes_timed": SAMPLE,
    }


def against_igraph(placed: Placed) -> dict[str, Any]:
    """Take the distances from all gates at once, then the way of each home, a school at a time."""
    import igraph

    network, doors = placed.network, placed.doors
    nodes, schools = len(network.node_id), len(placed.gates.edge)
    near, share = placed.gates.edge, placed.gates.share
    length = network.edge_length_m
    gate = nodes + np.arange(schools)
    tails = np.concatenate([network.edge_u, network.edge_v, gate, gate])
    heads = np.concatenate(
        [network.edge_v, network.edge_u, network.edge_u[near], network.edge_v[near]]
    )
    weights = np.concatenate([length, length, share * length[near], (1 - share) * length[near]])
    section = placed.sections.edge_section[np.r_[np.tile(np.arange(len(length)), 2), near, near]]
    graph = igraph.Graph(nodes + schools, np.column_stack([tails, heads]), directed=True)

    start = time.perf_counter()
    reach = np.array(graph.distances(gate.tolist(), None, weights))[:, :nodes]
    distance, way = nearest_by_ends(placed, reach.min(axis=0))
    school = np.where(way[1] >= 0, reach.argmin(axis=0)[way[1]], -1)
    metres = np.zeros(len(placed.sections.frame))
    home = np.flatnonzero((placed.pupils > 0) & (distance <= placed.limit_m))
    np.add.at(
        metres, placed.sections.edge_section[doors.edge[home]], placed.pupils[home] * way[0][home]
    )
    for one in np.unique(school[home][school[home] >= 0]):
        mine = home[school[home] == one]
        ends = way[1][mine].tolist()
        for who, steps in zip(
            mine,
            graph.get_shortest_paths(int(gate[one]), ends, weights, output="epath"),
            strict=True,
        ):
            np.add.at(metres, section[steps], placed.pupils[who] * weights[steps])
    peer_s = time.perf_counter() - start
    return {
        "peer_s": round(peer_s, 3),
        "peer": f"igraph {igraph.__version__}",
        "sections_differing": check(placed, distance, metres),
    }


def check(placed: Placed, distance: np.ndarray, metres: np.ndarray) -> int:
    """Compare metres of homes and pupil-metres of sections; return sections that differ."""
    reached = distance <= placed.limit_m
    np.testing.assert_array_equal(reached, placed.school >= 0)
    np.testing.assert_allclose(placed.distance[reached], distance[reached], rtol=1e-9)
    mine = placed.section_metres
    # Of ways that are equally long either may be taken; their metres are the same.
    assert abs(mine - metres).sum() < 1e-3 * metres.sum()
    assert abs(mine.sum() - metres.sum()) < 1e-9 * metres.sum()
    return int((abs(mine - metres) > 1e-6 * (1 + metres)).sum())


def nearest_by_ends(placed: Placed, reach: np.ndarray) -> tuple[np.ndarray, tuple]:
    """Metres of every home, with its metres to the first crossing and that crossing (−1 none)."""
    doors, network = placed.doors, placed.network
    edge = np.maximum(doors.edge, 0)
    share = np.where(doors.edge >= 0, doors.share, np.nan)
    length = network.edge_length_m[edge]
    straight = np.full(len(edge), np.inf)
    for school, gate in enumerate(placed.gates.edge):
        same = np.flatnonzero(doors.edge == gate)
        along = abs(share[same] - placed.gates.share[school]) * length[same]
        straight[same] = np.minimum(straight[same], along)
    first = np.stack([straight, share * length, (1 - share) * length])
    node = np.stack([np.full(len(edge), -1), network.edge_u[edge], network.edge_v[edge]])
    total = first + np.where(node >= 0, reach[node], 0.0)
    total[:, doors.edge < 0] = np.inf
    best, home = total.argmin(axis=0), np.arange(len(edge))
    return total[best, home], (first[best, home], node[best, home])


def build_graph(network, gates) -> nx.DiGraph:
    graph, nodes = nx.DiGraph(), len(network.node_id)
    ends = zip(network.edge_u.tolist(), network.edge_v.tolist(), strict=True)
    for edge, (u, v) in enumerate(ends):
        length = float(network.edge_length_m[edge])
        graph.add_edge(u, v, metres=length, edge=edge)
        graph.add_edge(v, u, metres=length, edge=edge)
    for school, (edge, share) in enumerate(zip(gates.edge, gates.share, strict=True)):
        length = network.edge_length_m[edge]
        for node, part in ((network.edge_u[edge], share), (network.edge_v[edge], 1 - share)):
            graph.add_edge(nodes + school, int(node), metres=part * length, edge=edge)
    return graph


def peer_routes(graph, network, sections, gates, doors, pupils):
    """Grow a tree per school; walk every home's way to its nearest gate, step by step."""
    best = np.full(len(doors.edge), np.inf)
    ways: list = [None] * len(doors.edge)
    length = np.where(doors.edge >= 0, network.edge_length_m[doors.edge], np.inf)
    for school, gate in enumerate(gates.edge):
        lengths, paths = nx.single_source_dijkstra(
            graph, len(network.node_id) + school, weight="metres"
        )
        for home, edge in enumerate(doors.edge):
            if edge < 0:
                continue
            share = doors.share[home]
            choices = [
                (share * length[home], int(network.edge_u[edge])),
                ((1 - share) * length[home], int(network.edge_v[edge])),
            ]
            if edge == gate:
                choices.append((abs(share - gates.share[school]) * length[home], None))
            for first, node in choices:
                total = first + (0.0 if node is None else lengths[node])
                if total < best[home]:
                    best[home] = total
                    ways[home] = (first, paths[node] if node is not None else [])
    return best, walk(graph, sections, doors, pupils, ways)


def walk(graph, sections, doors, pupils, ways):
    metres = np.zeros(len(sections.frame))
    for home in np.flatnonzero(pupils > 0):
        first, path = ways[home]
        metres[sections.edge_section[doors.edge[home]]] += pupils[home] * first
        for one, other in pairwise(path):
            step = graph[one][other]
            metres[sections.edge_section[step["edge"]]] += pupils[home] * step["metres"]
    return metres
