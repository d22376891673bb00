"""Routes of all homes of Almaty to its schools: ours against NetworkX, OSMnx and igraph.

All get the same network with the homes and gates already placed on it, and end with the metres
of every home and the pupil-metres of every section; these are compared. NetworkX grows a tree a
school; igraph takes all distances, then the way of each home; OSMnx is asked for the way of each
home to the school that is known to be its nearest, as its users do, for a sample of the homes.
``whole_s`` is ours from coordinates on, with the placing.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.school_route_peers import (
    Placed,
    against_igraph,
    against_networkx,
    against_osmnx,
)
from data.importers.street_map.osm import extract_hull, parse_osm_file
from geo.parameters import HazardParameters
from geo.streets.network import build_network
from geo.streets.origins import walk_origins
from geo.streets.routes import school_routes
from geo.streets.school_forest import first_steps, school_forest
from geo.streets.school_gates import gates_at
from geo.streets.section_flows import section_flows
from geo.streets.sections import street_sections
from geo.streets.snapping import snap_to_edges
from geo.study_area import build_study_area

EXTRACT = Path(__file__).resolve().parents[2] / "shared/data/almaty/almaty.osm.pbf"
GOAL = 100.0
ROUNDS = 5


def main() -> None:
    network, sections, schools, homes = read_town()
    parameters = HazardParameters()
    whole_s, routes = np.inf, None
    for _ in range(ROUNDS):
        start = time.perf_counter()
        routes = school_routes(network, sections, schools, homes, parameters)
        whole_s = min(whole_s, time.perf_counter() - start)
    placed = place(network, sections, schools, homes, routes)
    facts = {
        "schools": len(schools),
        "homes": len(homes),
        "nodes": len(network.node_id),
        "whole_s": round(whole_s, 3),
    }

    ours_s = time_ours(placed)
    print_line("school_routes", facts, ours_s, against_networkx(placed) | {"goal": GOAL})
    print_line("school_routes_osmnx", facts, ours_s, against_osmnx(placed) | {"goal": GOAL})
    print_line("school_routes_igraph", facts, ours_s, against_igraph(placed))


def print_line(name: str, facts: dict, ours_s: float, found: dict[str, Any]) -> None:
    measured = {"ours_s": round(ours_s, 4), "ratio": round(found["peer_s"] / ours_s, 1)}
    print(json.dumps({"benchmark": name, **facts, **measured, **found}), flush=True)


def place(network, sections, schools, homes, routes) -> Placed:
    parameters = HazardParameters()
    walked = np.flatnonzero(network.component[network.edge_u] == 0)
    gates, doors = (
        snap_to_edges(frame["lat"], frame["lon"], network, parameters.route_snap_m, edges=walked)
        for frame in (schools, homes)
    )
    flows = routes.flows
    return Placed(
        network=network,
        sections=sections,
        gates=gates,
        doors=doors,
        pupils=routes.homes["pupils"].to_numpy(),
        school=routes.homes["school"].to_numpy(),
        distance=routes.homes["distance_m"].to_numpy(),
        section_metres=np.bincount(
            flows["section"], flows["pupils"] * flows["metres"], len(sections.frame)
        ),
        limit_m=parameters.route_limit_m,
    )


def time_ours(placed: Placed) -> float:
    best = np.inf
    gates = gates_at(placed.gates, np.arange(len(placed.gates.edge)))
    for _ in range(ROUNDS):
        start = time.perf_counter()
        forest = school_forest(placed.network, placed.sections, gates, placed.limit_m)
        steps = first_steps(placed.network, placed.sections, forest, placed.doors)
        section_flows(steps, forest, placed.pupils)
        best = min(best, time.perf_counter() - start)
    return best


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


if __name__ == "__main__":
    main()
