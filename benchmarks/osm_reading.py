"""Reading a city's streets: ours from the clipped PBF, OSMnx from a repaired XML copy of it.

``python -m benchmarks.osm_reading [EXTRACT]``. OSMnx refuses ways with absent nodes and reads no
PBF, so it gets the same extract as XML without its dangling references: once whole, once with the
highways alone. Ours is timed on the streets (what OSMnx builds) and on everything that is kept.
The best of three runs counts, each side in turn; ``ratio_cpu`` compares processor time, which a
busy machine disturbs less. Equal: the nodes of all highways, and their
length on the sphere to 1e-6.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import osmium
import osmnx

from data.importers.street_map.osm import Streets, parse_osm_file, parse_streets

ALMATY = Path(__file__).resolve().parents[2] / "shared" / "data" / "almaty" / "almaty.osm.pbf"
GOAL = 20
RUNS = 3


def main(source: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        whole, highways = Path(folder) / "whole.osm", Path(folder) / "highways.osm"
        write_repaired(source, whole, highways_only=False)
        write_repaired(source, highways, highways_only=True)
        parse_streets(source)
        streets_s, streets_cpu_s, streets = best(lambda: parse_streets(source))
        everything_s, _, _ = best(lambda: parse_osm_file(source))
        peer_s, peer_cpu_s, graph = best(lambda: read_with_osmnx(whole))
        peer_highways_s, _, highway_graph = best(lambda: read_with_osmnx(highways))

    ways, nodes, length_m = check_equal(streets, graph, highway_graph)
    result = {
        "benchmark": "osm_reading",
        "ours_s": round(streets_s, 4),
        "peer_s": round(peer_s, 3),
        "peer": f"osmnx {osmnx.__version__} graph_from_xml(simplify=False, retain_all=True)",
        "ratio": round(peer_s / streets_s, 1),
        "goal": GOAL,
        "ratio_cpu": round(peer_cpu_s / streets_cpu_s, 1),
        "ratio_highways_only": round(peer_highways_s / streets_s, 1),
        "ours_everything_s": round(everything_s, 4),
        "ratio_everything": round(peer_s / everything_s, 1),
        "highway_ways": ways,
        "highway_nodes": nodes,
        "highway_length_m": round(length_m, 3),
        "equal": True,
    }
    print(json.dumps(result))


def best(work: Callable[[], Any]) -> tuple[float, float, Any]:
    """Return the shortest wall and processor time of several runs, and the last result."""
    wall_s, cpu_s = [], []
    for _ in range(RUNS):
        start, cpu_start = time.perf_counter(), time.process_time()
        result = work()
        wall_s.append(time.perf_counter() - start)
        cpu_s.append(time.process_time() - cpu_start)
    return min(wall_s), min(cpu_s), result


def read_with_osmnx(path: Path) -> nx.MultiDiGraph:
    return osmnx.graph_from_xml(path, simplify=False, retain_all=True)


def write_repaired(source: Path, target: Path, *, highways_only: bool) -> None:
    """Write the extract as XML without references to nodes that it lacks."""
    nodes_only, ways_only = osmium.osm.NODE, osmium.osm.WAY
    present = {node.id for node in osmium.FileProcessor(str(source), nodes_only)}
    ways, met = [], set()
    for way in osmium.FileProcessor(str(source), ways_only):
        refs = [node.ref for node in way.nodes if node.ref in present]
        if len(refs) > 1 and (not highways_only or "highway" in way.tags):
            ways.append(way.replace(nodes=refs, tags=dict(way.tags)))
            met.update(refs)
    with osmium.SimpleWriter(str(target)) as writer:
        for node in osmium.FileProcessor(str(source), nodes_only):
            if not highways_only or node.id in met:
                writer.add_node(node)
        for way in ways:
            writer.add_way(way)


def check_equal(
    streets: Streets, graph: nx.MultiDiGraph, highway_graph: nx.MultiDiGraph
) -> tuple[int, int, float]:
    """Raise unless both sides hold the same highway nodes and the same length; return counts."""
    edges = [data for _, _, data in graph.edges(data=True) if "highway" in data]
    assert {edge["osmid"] for edge in edges} == set(streets.ways["way_id"])
    assert set(highway_graph.nodes) == set(streets.nodes["node_id"])

    # OSMnx lays an edge both ways unless the street is one-way; one of the two is enough.
    peer_m = sum(edge["length"] for edge in edges if not edge["reversed"])
    pairs = streets.way_nodes.merge(streets.nodes, on="node_id", how="left", validate="m:1")
    same = pairs["way_id"].to_numpy()[1:] == pairs["way_id"].to_numpy()[:-1]
    lat, lon = pairs["lat"].to_numpy(), pairs["lon"].to_numpy()
    steps_m = osmnx.distance.great_circle(lat[:-1], lon[:-1], lat[1:], lon[1:])
    ours_m = float(np.sum(steps_m[same]))
    assert abs(ours_m - peer_m) <= 1e-6 * peer_m, (ours_m, peer_m)
    return len(streets.ways), len(streets.nodes), ours_m


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ALMATY)
