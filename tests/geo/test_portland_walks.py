"""Walks on Portland's real streets, which have no school and no address in the extract.

Twelve gates and three hundred homes are put on the network from a seed; every walk is judged by
NetworkX on a graph that is made from the tags anew, way by way.
"""

from itertools import pairwise

import networkx as nx
import numpy as np
import pandas as pd
import pytest

from data.importers.street_map.osm import extract_hull, parse_osm_file
from geo.parameters import HazardParameters
from geo.streets.network import build_network
from geo.streets.routes import school_routes
from geo.streets.sections import street_sections
from geo.study_area import build_study_area
from tests.shared_data import shared_path

pytestmark = pytest.mark.shared

PARAMETERS = HazardParameters()
NO_WALKING = {"construction", "proposed", "raceway", "platform", "corridor", "rest_area",
              "services", "abandoned", "bus_guideway", "elevator"}  # fmt: skip
SIGNED = {"motorway", "motorway_link", "trunk", "trunk_link", "cycleway", "bridleway", "busway"}


@pytest.fixture(scope="module")
def portland():
    extract = parse_osm_file(shared_path("portland_osm/portland-central-filtered.osm.pbf"))
    area = build_study_area("Portland", extract_hull(extract), time_zone="America/Los_Angeles")
    network = build_network(extract.nodes, extract.ways, extract.way_nodes, area)
    return extract, network, street_sections(network)


@pytest.fixture(scope="module")
def routes(portland):
    _, network, sections = portland
    random = np.random.default_rng(2026)
    main = np.flatnonzero(network.component == 0)
    gates, homes = random.choice(main, 12, replace=False), random.choice(main, 300, replace=False)
    schools = pd.DataFrame(
        {
            "school_id": [f"g{number:02d}" for number in range(12)],
            "name": None,
            "lat": network.lat[gates],
            "lon": network.lon[gates],
            "shift_times": "08:00-13:00",
            "shift_times_assumed": True,
            "pupils": 100.0,
        }
    )
    dwellings = pd.DataFrame(
        {
            "home_id": [f"h{number:03d}" for number in range(300)],
            "lat": network.lat[homes],
            "lon": network.lon[homes],
            "dwellings": random.integers(1, 40, 300).astype(float),
        }
    )
    return gates, homes, school_routes(network, sections, schools, dwellings, PARAMETERS)


def tag(ways, name):
    return ways[name].astype(object) if name in ways else pd.Series(None, ways.index, dtype=object)


def walked_by_tags(way):
    """Judge one way by its tags alone, rule by rule."""
    if way["highway"] in NO_WALKING or way["foot"] in {"no", "private", "use_sidepath"}:
        return False
    if way["access"] in {"no", "private"} and way["foot"] not in {
        "yes",
        "designated",
        "permissive",
    }:
        return False
    signed = way["foot"] in {"yes", "designated", "permissive", "destination"}
    beside = way["sidewalk"] in {"both", "left", "right", "yes"}
    needs = way["highway"] in SIGNED or way["motorroad"] == "yes"
    return signed or beside or not needs


def graph_of(extract, network):
    """Join the ways that may be walked, node by node, with straight metres between them."""
    place = {int(node): n for n, node in enumerate(network.node_id)}
    rows = extract.ways.assign(
        **{name: tag(extract.ways, name) for name in ("foot", "access", "motorroad", "sidewalk")}
    )
    open_ways = {row["way_id"] for row in rows.to_dict("records") if walked_by_tags(row)}
    graph = nx.Graph()
    for way, nodes in extract.way_nodes.groupby("way_id", sort=False)["node_id"]:
        if way not in open_ways:
            continue
        known = [place.get(int(node)) for node in nodes]
        for one, other in pairwise(known):
            if one is None or other is None or one == other:
                continue
            metres = np.hypot(network.x[one] - network.x[other], network.y[one] - network.y[other])
            if not graph.has_edge(one, other) or metres < graph[one][other]["metres"]:
                graph.add_edge(one, other, metres=float(metres))
    return graph


def test_every_home_walks_to_its_nearest_gate_as_far_as_networkx_says(portland, routes):
    extract, network, _ = portland
    gates, homes, found = routes
    graph = graph_of(extract, network)
    nearest = nx.multi_source_dijkstra_path_length(graph, {int(g) for g in gates}, weight="metres")

    assert len(found.homes) == 300
    expected = np.array([nearest[int(home)] for home in homes])
    reached = found.homes["distance_m"].notna().to_numpy()
    np.testing.assert_array_equal(reached, expected <= PARAMETERS.route_limit_m)
    np.testing.assert_allclose(found.homes["distance_m"][reached], expected[reached], rtol=1e-9)


def test_pupils_times_metres_on_the_streets_are_those_of_the_walks(routes):
    walked = routes[2].homes
    on_streets = (routes[2].flows["pupils"] * routes[2].flows["metres"]).sum()

    assert on_streets == pytest.approx((walked["pupils"] * walked["distance_m"]).sum(), rel=1e-9)


def test_nobody_walks_where_the_tags_forbid_it_and_pavements_open_fast_roads(portland, routes):
    _, network, sections = portland
    walked = sections.frame.loc[routes[2].flows["section"].unique()]
    fast = walked[walked["highway"].isin(SIGNED)]
    ways = network.ways

    assert not set(walked["highway"]) & NO_WALKING
    assert set(fast["sidewalk"].dropna()) <= {"both", "left", "right", "yes"}
    beside = ways["highway"].isin(SIGNED) & ways["sidewalk"].isin({"both", "left", "right", "yes"})
    assert beside.any()  # the pavements of fast roads are part of the network
