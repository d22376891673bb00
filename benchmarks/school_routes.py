"""Routes of all homes of Almaty to its schools: ours against one NetworkX tree per school.

Both get the same network, gates and doors. Ours is timed whole, from coordinates to flows; the
peer from doors already placed. Equal: metres of every home, pupil-metres of every section.
"""

from __future__ import annotations

import json
import time
from itertools import pairwise
from pathlib import Path

import networkx as nx
import numpy as np
import pandas as pd

from data.importers.street_map.osm import extract_hull, parse_osm_file
from geo.parameters import HazardParameters
from geo.streets.network import build_network
from geo.streets.origins import walk_origins
from geo.streets.routes import school_routes
from geo.streets.sections import street_sections
from geo.streets.snapping import snap_to_edges
from geo.study_area import build_study_area

EXTRACT = Path(__file__).resolve().parents[2] / "shared/data/almaty/almaty.osm.pbf"
GOAL = 30.0


def main() -> None:
    network, sections, schools, homes = read_town()
    parameters = HazardParameters()
    ours_s, routes = np.inf, None
    for _ in range(3):
        start = time.perf_counter()
        routes = school_routes(network, sections, schools, homes, parameters)
        ours_s = min(ours_s, time.perf_counter() - start)

    walked = np.flatnonzero(network.component[network.edge_u] == 0)
    gates, doors = (
        snap_to_edges(frame["lat"], frame["lon"], network, parameters.route_snap_m, edges=walked)
        for frame in (schools, homes)
    )
    pupils = routes.homes["pupils"].to_numpy()
    graph = build_graph(network, gates)
    start = time.perf_counter()
    distance, metres = peer_routes(graph, network, sections, gates, doors, pupils)
    peer_s = time.perf_counter() - start

    reached = distance <= parameters.route_limit_m
    np.testing.assert_allclose(routes.homes["distance_m"][reached], distance[reached], rtol=1e-9)
    flows = routes.flows
    mine = np.bincount(flows["section"], flows["pupils"] * flows["metres"], len(sections.frame))
    # Of ways that are equally long either may be taken; their metres are the same.
    assert abs(mine - metres).sum() < 1e-3 * metres.sum()
    assert abs(mine.sum() - metres.sum()) < 1e-9 * metres.sum()
    print(
        json.dumps(
            {
                "benchmark": "school_routes",
                "peer": f"networkx {nx.__version__}",
                "schools": len(schools),
                "homes": len(homes),
                "nodes": len(network.node_id),
                "ours_s": round(ours_s, 3),
                "peer_s": round(peer_s, 3),
                "ratio": round(peer_s / ours_s, 1),
                "goal": GOAL,
                "sections_differing": int((abs(mine - metres) > 1e-6 * (1 + metres)).sum()),
            }
        )
    )


def read_town():
    extract = parse_osm_file(EXTRACT)
    area = build_study_area("Almaty", extract_hull(extract), time_zone="Asia/Almaty")
    network = build_network(extract.nodes, extract.ways, extract.way_nodes, area)
    sections = street_sections(network)
    found = extract.points[extract.points["kind"] == "school"].reset_index(drop=True)
    schools = pd.DataFrame(
        {
            "school_id": found["osm_id"],
            "name": found["name"],
            "lat": found["lat"],
            "lon": found["lon"],
            "shift_times": "08:00-13:00;14:00-19:00",
            "shift_times_assumed": True,
            "pupils": 1000.0,
        }
    )
    homes, _ = walk_origins(extract.areas[extract.areas["kind"] == "building"], sections)
    return network, sections, schools, homes


def build_graph(network, gates) -> nx.DiGraph:
    graph = nx.DiGraph()
    ends = zip(network.edge_u.tolist(), network.edge_v.tolist(), strict=True)
    for edge, (u, v) in enumerate(ends):
        length = float(network.edge_length_m[edge])
        graph.add_edge(u, v, metres=length, edge=edge)
        graph.add_edge(v, u, metres=length, edge=edge)
    for school, (edge, share) in enumerate(zip(gates.edge, gates.share, strict=True)):
        length = network.edge_length_m[edge]
        for node, part in ((network.edge_u[edge], share), (network.edge_v[edge], 1 - share)):
            graph.add_edge(("gate", school), int(node), metres=part * length, edge=edge)
    return graph


def peer_routes(graph, network, sections, gates, doors, pupils):
    """Grow a tree per school; walk every home's way to its nearest gate, step by step."""
    best = np.full(len(doors.edge), np.inf)
    ways: list = [None] * len(doors.edge)
    length = np.where(doors.edge >= 0, network.edge_length_m[doors.edge], np.inf)
    for school, gate in enumerate(gates.edge):
        lengths, paths = nx.single_source_dijkstra(graph, ("gate", school), weight="metres")
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


if __name__ == "__main__":
    main()
