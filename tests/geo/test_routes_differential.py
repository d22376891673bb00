"""On 200 random networks, whole ones and broken ones, routes and flows are those of NetworkX.

Half of the networks have lengths in whole metres, so that many ways are equally long. There any
of them may be walked: a section's flow must lie between what must and what may lead over it.
"""

from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise

import networkx as nx
import numpy as np
import pytest
import shapely

from geo.parameters import HazardParameters
from geo.streets.network import StreetNetwork
from geo.streets.routes import SchoolRoutes, school_routes
from geo.streets.school_forest import school_forest
from geo.streets.school_gates import gates_at
from geo.streets.sections import Sections
from geo.streets.snapping import EdgePlaces, snap_to_edges
from tests.geo.small_town import AREA, random_town, small_town
from tests.geo.test_routes import homes, schools

SEEDS = range(200)
SIDE_M = 1500.0
SAME_M = 1e-6


@dataclass(frozen=True)
class Case:
    network: StreetNetwork
    sections: Sections
    gates: EdgePlaces
    doors: EdgePlaces
    routes: SchoolRoutes
    limit_m: float
    off_street_m: np.ndarray


@cache
def case(seed: int) -> Case:
    """Build the town of a seed, its schools and homes, and the routes found there."""
    rng = np.random.default_rng(seed)
    town = [whole_town, broken_town, grid_town, broken_grid][seed % 4](rng)
    network = town.network
    if seed % 8 >= 4:
        whole_metres = np.maximum(np.round(network.edge_length_m, -1), 10.0)
        network = replace(network, edge_length_m=whole_metres)
    parameters = replace(HazardParameters(), route_limit_m=(601.7, 20_000.0)[seed % 3 > 0])
    spread = (-450.0, SIDE_M + 450.0)
    school_frame = schools(*rng.uniform(*spread, (4, 2)), pupils=[100, 40, 70, 10])
    home_frame = homes(*rng.uniform(*spread, (25, 2)), dwellings=rng.integers(1, 9, 25).tolist())

    walked = np.flatnonzero(network.component[network.edge_u] == 0)
    gates, doors = (
        snap_to_edges(frame["lat"], frame["lon"], network, parameters.route_snap_m, edges=walked)
        for frame in (school_frame, home_frame)
    )
    return Case(
        network=network,
        sections=town.sections,
        gates=gates,
        doors=doors,
        routes=school_routes(network, town.sections, school_frame, home_frame, parameters),
        limit_m=parameters.route_limit_m,
        off_street_m=metres_to_largest_part(network, home_frame),
    )


def whole_town(rng: np.random.Generator):
    return random_town(int(rng.integers(2**31)), count=30, side=SIDE_M)


def broken_town(rng: np.random.Generator):
    """Random places joined to their nearest ones only where these are near: several parts."""
    spots = rng.uniform(0, SIDE_M, (40, 2))
    apart = np.hypot(*(spots[:, None] - spots[None]).T)
    pairs = [(a, b) for a in range(40) for b in np.argsort(apart[a])[1:3] if apart[a, b] < 300]
    return small_town(
        {f"n{i}": (float(x), float(y)) for i, (x, y) in enumerate(spots)},
        *(f"n{a} n{b}" for a, b in pairs),
    )


def grid_town(rng: np.random.Generator, left_out: float = 0.1):
    """A grid of 200 m whose blocks differ; many ways are equally long."""
    places = {f"n{i}_{j}": (200.0 * i, 200.0 * j) for i in range(7) for j in range(7)}
    along = [(f"n{i}_{j}", f"n{i + 1}_{j}") for i in range(6) for j in range(7)]
    across = [(f"n{i}_{j}", f"n{i}_{j + 1}") for i in range(7) for j in range(6)]
    kept = [pair for pair in along + across if rng.random() > left_out]
    return small_town(places, *(" ".join(pair) for pair in kept))


def broken_grid(rng: np.random.Generator):
    return grid_town(rng, left_out=0.45)


def metres_to_largest_part(network: StreetNetwork, frame) -> np.ndarray:
    """Metres from each place to the part of the network with most nodes, found by NetworkX."""
    graph = nx.Graph(zip(network.edge_u.tolist(), network.edge_v.tolist(), strict=True))
    # Of parts with equally many nodes the one of the first node counts.
    largest = max(nx.connected_components(graph), key=lambda part: (len(part), -min(part)))
    corners = [
        [(network.x[u], network.y[u]), (network.x[v], network.y[v])]
        for u, v in graph.subgraph(largest).edges
    ]
    x, y = AREA.to_metric(frame["lat"], frame["lon"])
    return shapely.distance(shapely.points(x, y), shapely.multilinestrings(corners))


@cache
def walked_graph(seed: int) -> nx.Graph:
    """The streets that are walked, cut at every door and gate."""
    it = case(seed)
    graph = nx.Graph()
    for edge, (u, v) in enumerate(zip(it.network.edge_u, it.network.edge_v, strict=True)):
        stops = [(0.0, 0, ("node", int(u))), (1.0, 3, ("node", int(v)))]
        stops += [
            (it.gates.share[i], 1, ("gate", i)) for i in np.flatnonzero(it.gates.edge == edge)
        ]
        stops += [
            (it.doors.share[i], 2, ("door", i)) for i in np.flatnonzero(it.doors.edge == edge)
        ]
        for (start, _, one), (end, _, other) in pairwise(sorted(stops)):
            metres = (end - start) * it.network.edge_length_m[edge]
            graph.add_edge(one, other, metres=metres, section=it.sections.edge_section[edge])
    return graph


@cache
def distances_from(seed: int) -> list[dict]:
    """Metres from each school's gate to everywhere; empty for a school outside the network."""
    graph, gates = walked_graph(seed), case(seed).gates
    return [
        nx.single_source_dijkstra_path_length(graph, ("gate", i), weight="metres")
        if gates.edge[i] >= 0
        else {}
        for i in range(len(gates.edge))
    ]


@pytest.mark.parametrize("seed", SEEDS)
def test_every_home_is_as_far_from_its_nearest_school_as_networkx_says(seed):
    it = case(seed)
    found = it.routes.homes

    nearest = np.array(
        [
            min(lengths.get(("door", home), np.inf) for lengths in distances_from(seed))
            for home in range(len(found))
        ]
    )
    nearest[nearest > it.limit_m] = np.inf
    reached = np.isfinite(nearest)
    # Snapping measures to half a percent.
    assert (it.off_street_m[it.doors.edge >= 0] < 301.5).all()
    assert (it.off_street_m[it.doors.edge < 0] > 298.5).all()
    np.testing.assert_array_equal(found["school"] >= 0, reached)
    np.testing.assert_allclose(found["distance_m"][reached], nearest[reached], rtol=1e-9, atol=1e-9)
    assert found["distance_m"][~reached].isna().all()
    assert (found["pupils"][~reached] == 0).all()
    assert it.routes.facts["unreachable_homes"] == (~reached).sum()
    for home, school in enumerate(found["school"]):
        if school >= 0:
            assert distances_from(seed)[school]["door", home] == pytest.approx(nearest[home])


@pytest.mark.parametrize("seed", SEEDS)
def test_trees_reach_every_crossing_as_networkx_does(seed):
    it = case(seed)
    forest = school_forest(
        it.network, it.sections, gates_at(it.gates, np.arange(len(it.gates.edge))), it.limit_m
    )

    sources = [("gate", i) for i in np.flatnonzero(it.gates.edge >= 0)]
    expected = np.full(len(it.network.node_id), np.inf)
    if sources:
        lengths = nx.multi_source_dijkstra_path_length(
            walked_graph(seed), sources, cutoff=it.limit_m, weight="metres"
        )
        for (kind, number), metres in lengths.items():
            if kind == "node":
                expected[number] = metres
    np.testing.assert_allclose(forest.distance, expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_metre_that_pupils_walk_is_found_on_a_section(seed):
    routes = case(seed).routes

    walked = (routes.homes["pupils"] * routes.homes["distance_m"].fillna(0)).sum()
    assert (routes.flows["pupils"] * routes.flows["metres"]).sum() == pytest.approx(
        walked, rel=1e-9, abs=1e-9
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_flows_are_those_of_the_shortest_ways(seed):
    must, may = flow_bounds(seed)
    flows = case(seed).routes.flows
    found = {
        (row.section, row.school): np.array([row.pupils * row.metres, row.pupils])
        for row in flows.itertuples()
    }

    assert set(found) <= set(may)
    for key, most in may.items():
        least = must.get(key, np.zeros(2))
        slack = 1e-9 + 1e-9 * most
        assert (found.get(key, np.zeros(2)) >= least - slack).all(), key
        assert (found.get(key, np.zeros(2)) <= most + slack).all(), key


def test_who_leaves_a_long_bent_street_and_comes_back_to_it_is_one_pupil():
    # A street up, over and down again; its ends are 100 m apart by a lane.
    places = {"a": (0, 0), "b": (0, 500), "c": (100, 500), "d": (100, 0), "e": (200, 0)}
    town = small_town(places | {"x": (-99, 0)}, "a b c d", "x a d e")
    parameters = HazardParameters()

    routes = school_routes(
        town.network, town.sections, schools((100, 100)), homes((0, 50)), parameters
    )

    # 50 m down to the lane, 100 m along it, 100 m up to the gate.
    flows = routes.flows
    assert routes.homes["distance_m"].tolist() == pytest.approx([250], abs=0.1)
    assert flows["pupils"].tolist() == pytest.approx([100, 100])
    assert sorted(flows["metres"]) == pytest.approx([100, 150], abs=0.1)


def flow_bounds(seed: int) -> tuple[dict, dict]:
    """By section and school: pupil-metres and pupils on all, and on any, of the shortest ways.

    Who only touches a section, at a door or gate on its very end, may be counted there or not.
    """
    routes, must, may = case(seed).routes, {}, {}
    for home, school, pupils in routes.homes[["school", "pupils"]].itertuples():
        ways = [] if school < 0 else shortest_ways(seed, home, school)
        for section in {section for way in ways for section in way}:
            metres = [way.get(section, 0.0) for way in ways]
            least = pupils * np.array([min(metres), min(metres) > SAME_M])
            most = pupils * np.array([max(metres), 1.0])
            must[section, school] = must.get((section, school), np.zeros(2)) + least
            may[section, school] = may.get((section, school), np.zeros(2)) + most
    return must, may


def shortest_ways(seed: int, home: int, school: int) -> list[dict]:
    """Metres by section of every shortest way of a home: along edges that lead nearer."""
    graph, lengths = walked_graph(seed), distances_from(seed)[school]
    ways, unfinished = [], [((("door", home),), {})]
    while unfinished:
        places, walked = unfinished.pop()
        if places[-1] == ("gate", school):
            ways.append(walked)
            continue
        for other, edge in graph[places[-1]].items():
            nearer = lengths[other] + edge["metres"] <= lengths[places[-1]] + SAME_M
            if nearer and other not in places:
                section = edge["section"]
                further = walked | {section: walked.get(section, 0.0) + edge["metres"]}
                unfinished.append(((*places, other), further))
    return ways


def test_the_networks_are_of_all_the_kinds_that_matter():
    cases = [case(seed) for seed in SEEDS]

    assert sum(it.network.component.max() > 0 for it in cases) > 60
    assert sum((it.routes.homes["school"] < 0).sum() for it in cases) > 500
    assert sum((it.off_street_m > 300).sum() for it in cases) > 100
    assert sum((it.gates.edge < 0).any() for it in cases) > 20
    tied = sum(
        len(shortest_ways(seed, home, school)) > 1
        for seed in SEEDS
        for home, school in enumerate(case(seed).routes.homes["school"])
        if school >= 0
    )
    assert tied > 200
