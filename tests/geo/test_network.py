"""The walking network joins what people may walk along, and OSMnx can route on it."""

import networkx as nx
import numpy as np
import osmnx
import pandas as pd
import pytest

from geo.errors import FrameError, NoDataError
from geo.streets.network import build_network, network_components, network_to_graph, walkable
from tests.geo.street_drawings import X0, Y0, draw, town_area

SQUARE = {1: (0, 0), 2: (100, 0), 3: (100, 100), 4: (0, 100)}


def edges(network) -> set[tuple[int, int]]:
    ends = network.node_id[network.edge_u], network.node_id[network.edge_v]
    return {(int(min(pair)), int(max(pair))) for pair in zip(*ends, strict=True)}


@pytest.mark.parametrize(
    ("tags", "walked"),
    [
        ({"highway": "residential"}, True),
        ({"highway": "steps"}, True),
        ({"highway": "primary_link"}, True),
        ({"highway": "living_street"}, True),
        ({"highway": "pedestrian"}, True),
        ({"highway": "footway"}, True),
        ({"highway": "crossing"}, True),
        ({"highway": "track"}, True),
        # Yards of blocks of flats: their drives are service ways, and children walk there.
        ({"highway": "service"}, True),
        ({"highway": "service", "access": "permissive"}, True),
        ({"highway": "platform"}, False),
        ({"highway": "corridor"}, False),
        ({"highway": "motorway"}, False),
        ({"highway": "motorway", "foot": "yes"}, True),
        ({"highway": "trunk"}, False),
        ({"highway": "trunk", "sidewalk": "right"}, True),
        ({"highway": "trunk", "sidewalk": "none"}, False),
        ({"highway": "trunk", "foot": "designated"}, True),
        ({"highway": "primary", "motorroad": "yes"}, False),
        ({"highway": "primary", "motorroad": "no"}, True),
        ({"highway": "cycleway"}, False),
        ({"highway": "cycleway", "foot": "yes"}, True),
        ({"highway": "construction"}, False),
        ({"highway": "construction", "foot": "yes"}, False),
        ({"highway": "proposed"}, False),
        ({"highway": "raceway"}, False),
        ({"highway": "no such class"}, False),
        ({"highway": "residential", "foot": "no"}, False),
        ({"highway": "service", "foot": "private"}, False),
        ({"highway": "primary", "foot": "use_sidepath", "sidewalk": "both"}, False),
        ({"highway": "service", "access": "private"}, False),
        ({"highway": "service", "access": "private", "foot": "yes"}, True),
        ({"highway": "service", "access": "no", "foot": "permissive"}, True),
        ({"highway": "service", "access": "no"}, False),
        ({"highway": "service", "access": "destination"}, True),
    ],
)
def test_walking_filter_follows_its_stated_rule(tags, walked):
    _, ways, _ = draw(SQUARE, [([1, 2], tags)])

    assert walkable(ways).tolist() == [walked]


def test_walking_filter_forbids_nothing_where_a_column_is_absent():
    _, ways, _ = draw(SQUARE, [([1, 2], {})])

    assert walkable(ways.drop(columns=["foot", "access", "motorroad"])).tolist() == [True]


def test_neighbours_in_a_way_are_edges_with_metric_length():
    network = build_network(
        *draw(SQUARE, [([1, 2, 3], {}), ([3, 4], {"highway": "motorway"})]), town_area()
    )

    assert edges(network) == {(1, 2), (2, 3)}
    assert network.node_id.tolist() == [1, 2, 3]
    np.testing.assert_allclose(network.edge_length_m, [100, 100], atol=0.02)
    assert network.ways["way_id"].tolist() == [1]
    assert network.edge_way.tolist() == [0, 0]


def test_two_ways_over_the_same_nodes_are_one_edge_of_the_named_way():
    streets = [([1, 2], {}), ([2, 1], {"name": "Абай"}), ([2, 3], {})]

    network = build_network(*draw(SQUARE, streets), town_area())

    assert edges(network) == {(1, 2), (2, 3)}
    assert network.ways["name"].iloc[network.edge_way].fillna("").tolist() == ["Абай", ""]


def test_repeated_node_and_joined_nodes_at_one_place_make_no_edge_of_no_length():
    places = SQUARE | {5: (100, 0)}

    network = build_network(*draw(places, [([1, 1, 2, 5, 3], {})]), town_area())

    assert edges(network) == {(1, 2), (2, 3)}
    assert (network.edge_length_m > 0).all()


def test_nodes_at_one_place_that_no_edge_joins_stay_apart():
    bridge = SQUARE | {5: (50, 0), 6: (50, 0), 7: (50, -50), 8: (50, 50)}

    network = build_network(*draw(bridge, [([1, 5, 2], {}), ([7, 6, 8], {})]), town_area())

    assert len(network.node_id) == 6
    assert network.component.max() == 1


def test_components_are_numbered_from_the_largest():
    places = SQUARE | {5: (500, 500), 6: (500, 530)}

    network = build_network(*draw(places, [([5, 6], {}), ([1, 2, 3, 4], {})]), town_area())

    table = network_components(network)
    assert table["nodes"].tolist() == [4, 2]
    np.testing.assert_allclose(table["length_m"], [300, 30], atol=0.05)
    assert network.component[network.node_id == 5].tolist() == [1]


RIVER = {1: (0, 0), 2: (100, 0), 3: (0, 60), 4: (100, 60), 5: (50, 0), 6: (50, 60), 7: (50, 30)}
BANKS = [([1, 5, 2], {}), ([3, 6, 4], {})]


@pytest.mark.parametrize(
    ("across", "parts"),
    [
        ([], 2),
        # A bridge, and the steps of a footbridge, lead over a river or a railway.
        ([([5, 6], {"highway": "footway"})], 1),
        ([([5, 6], {"highway": "steps"})], 1),
        ([([5, 6], {"highway": "footway", "access": "no"})], 2),
        # A motorway or its ramp joins nobody who walks, though it meets both streets.
        ([([5, 6], {"highway": "motorway_link"})], 2),
        ([([5, 6], {"highway": "trunk", "motorroad": "yes"})], 2),
        # A way up to the water, or under a motorway that is not walked along.
        ([([5, 7], {})], 2),
        ([([5, 7, 6], {"highway": "footway"})], 1),
    ],
)
def test_two_banks_are_joined_only_by_what_is_walked(across, parts):
    network = build_network(*draw(RIVER, [*BANKS, *across]), town_area())

    assert len(network_components(network)) == parts
    assert network_components(network)["length_m"].sum() == network.edge_length_m.sum()


def test_a_street_crosses_a_motorway_where_they_share_a_node_and_ends_at_it_where_not():
    motorway = ([8, 7, 9], {"highway": "motorway"})
    places = RIVER | {8: (-500, 30), 9: (500, 30)}

    network = build_network(
        *draw(places, [([1, 5, 7], {}), ([7, 6, 3], {}), motorway]), town_area()
    )
    assert len(network_components(network)) == 1
    assert edges(network) == {(1, 5), (5, 7), (6, 7), (3, 6)}

    apart = places | {10: (50, 20), 11: (50, 40)}
    streets = [([1, 5, 10], {}), ([11, 6, 3], {}), motorway]
    network = build_network(*draw(apart, streets), town_area())
    assert len(network_components(network)) == 2


def test_edge_outside_the_study_area_is_left_out_and_a_crossing_one_kept():
    places = {1: (0, 0), 2: (900, 0), 3: (1100, 0), 4: (1300, 0)}

    network = build_network(*draw(places, [([1, 2, 3, 4], {})]), town_area(1000))

    assert edges(network) == {(1, 2), (2, 3)}


def test_no_street_in_the_study_area_says_so():
    nodes, ways, way_nodes = draw({1: (5000, 0), 2: (5100, 0)}, [([1, 2], {})])

    with pytest.raises(NoDataError, match="Oral") as caught:
        build_network(nodes, ways, way_nodes, town_area(1000))
    assert caught.value.code == "no_highway"


def test_no_way_at_all_says_so():
    nodes, ways, way_nodes = draw(SQUARE, [([1, 2], {})])

    with pytest.raises(NoDataError):
        build_network(nodes, ways.iloc[:0], way_nodes.iloc[:0], town_area())


def test_reference_to_an_absent_node_is_refused():
    nodes, ways, way_nodes = draw(SQUARE, [([1, 2], {})])

    with pytest.raises(FrameError, match="1 rows refer to a node that is not there"):
        build_network(nodes[nodes["node_id"] != 2], ways, way_nodes, town_area())


def test_order_of_rows_does_not_matter():
    nodes, ways, way_nodes = draw(
        SQUARE, [([1, 2, 3], {}), ([3, 4], {"name": "Абай"}), ([4, 1], {})]
    )
    mixed = pd.concat([way_nodes[way_nodes["way_id"] == way] for way in (3, 1, 2)])

    first = build_network(nodes, ways, way_nodes, town_area())
    second = build_network(nodes[::-1], ways[::-1], mixed, town_area())

    for field in ("node_id", "x", "edge_u", "edge_v", "edge_way", "edge_length_m", "component"):
        np.testing.assert_array_equal(getattr(first, field), getattr(second, field))
    pd.testing.assert_frame_equal(first.ways, second.ways)


def test_osmnx_routes_and_finds_nodes_on_the_graph():
    places = SQUARE | {5: (50, 10)}
    streets = [([1, 2, 3], {"name": "Абай"}), ([1, 4, 3], {}), ([1, 5, 3], {"highway": "path"})]
    network = build_network(*draw(places, streets), town_area())

    graph = network_to_graph(network)

    # 1-5-3 measures 51 + 103 m, the two others 200 m.
    assert osmnx.routing.shortest_path(graph, 3, 1, weight="length") == [3, 5, 1]
    flat = osmnx.projection.project_graph(graph, to_crs="EPSG:32639")
    assert osmnx.distance.nearest_nodes(flat, X0 + 3, Y0 + 96) == 4
    assert graph.graph["crs"] == "epsg:4326"
    assert graph.number_of_edges() == 2 * len(network.edge_u)
    edge = graph.edges[2, 1, 0]
    assert (edge["osmid"], edge["name"], edge["reversed"], edge["oneway"]) == (
        1,
        "Абай",
        True,
        False,
    )
    assert "name_ru" not in edge


def test_graph_has_the_shortest_distances_of_the_arrays():
    rng = np.random.default_rng(7)
    places = {i: tuple(rng.uniform(0, 1000, 2)) for i in range(30)}
    streets = [([int(a), int(b)], {}) for a, b in rng.integers(0, 30, (60, 2)) if a != b]
    network = build_network(*draw(places, streets), town_area())

    plain = nx.Graph()
    for u, v, length in zip(network.edge_u, network.edge_v, network.edge_length_m, strict=True):
        plain.add_edge(network.node_id[u], network.node_id[v], length=length)
    graph = network_to_graph(network)

    start = int(network.node_id[0])
    ours = nx.single_source_dijkstra_path_length(graph, start, weight="length")
    assert ours == pytest.approx(
        nx.single_source_dijkstra_path_length(plain, start, weight="length")
    )
