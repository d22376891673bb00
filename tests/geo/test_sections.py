"""Sections run from crossing to crossing, once each, under ids that last."""

import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely

from geo.streets.network import StreetNetwork, build_network
from geo.streets.sections import Sections, run_to_end, street_keys, street_sections
from tests.geo.street_drawings import draw, town_area

CROSS = {1: (0, 0), 2: (100, 0), 3: (200, 0), 4: (100, 80), 5: (100, -60)}


def cut(places, streets) -> tuple[StreetNetwork, Sections]:
    network = build_network(*draw(places, streets), town_area())
    return network, street_sections(network)


def node_runs(network: StreetNetwork, sections: Sections) -> list[list[int]]:
    """Read the OSM node ids along each line back from its coordinates."""
    at = {
        (lon, lat): int(n)
        for n, lon, lat in zip(network.node_id, network.lon, network.lat, strict=True)
    }
    return [[at[corner] for corner in line.coords] for line in sections.frame.geometry]


def test_street_is_cut_where_another_meets_it_and_a_bend_is_not_a_cut():
    places = CROSS | {6: (100, 160), 7: (180, 160)}

    network, sections = cut(places, [([1, 2, 3], {}), ([2, 4, 6, 7], {})])

    assert sorted(node_runs(network, sections)) == [[1, 2], [2, 3], [2, 4, 6, 7]]
    # 80 + 80 + 80 m for the bent one
    lengths = sorted(sections.frame["length_m"])
    np.testing.assert_allclose(lengths, [100, 100, 240], atol=0.05)


def test_section_ends_where_the_name_changes_and_goes_on_over_a_split_way():
    streets = [([1, 2], {"name": "Абай"}), ([2, 3], {"name": "Достық"})]
    network, sections = cut(CROSS, streets)
    assert sorted(node_runs(network, sections)) == [[1, 2], [2, 3]]

    same = [([1, 2], {"name": "Абай", "lit": "yes"}), ([2, 3], {"name": "Абай"})]
    network, sections = cut(CROSS, same)
    assert node_runs(network, sections) == [[1, 2, 3]]


def test_named_in_one_language_only_is_a_name():
    streets = [([1, 2], {"name_kk": "Абай"}), ([2, 3], {"name_ru": "Абая"}), ([3, 4], {})]

    _, sections = cut(CROSS, streets)

    assert len(sections.frame) == 3


def test_tag_of_most_metres_rules_a_section():
    # 100 m without lit and surface, then 60 m: the untagged part is longer.
    streets = [([1, 2], {"highway": "path"}), ([2, 5], {"lit": "yes", "surface": "asphalt"})]
    _, sections = cut(CROSS, streets)
    row = sections.frame.iloc[0]
    assert row["highway"] == "path"
    assert pd.isna(row["lit"])

    # 100 m lit against 60 m and 80 m that say otherwise in two ways.
    streets = [([1, 2], {"lit": "yes"}), ([2, 5], {"lit": "no"})]
    _, sections = cut(CROSS, streets)
    assert sections.frame["lit"].tolist() == ["yes"]


def test_ring_without_a_crossing_begins_at_its_westernmost_node():
    network, sections = cut(CROSS | {4: (130, 80)}, [([4, 3, 5, 1, 4], {})])

    # Both directions leave from 1; the one whose next corner lies further west, 5, is taken.
    assert node_runs(network, sections) == [[1, 5, 3, 4, 1]]
    assert (sections.frame["node_u"] == sections.frame["node_v"]).all()


def test_loop_at_a_crossing_begins_and_ends_there():
    places = CROSS | {6: (310, 50), 7: (290, -50)}

    network, sections = cut(places, [([2, 3], {}), ([3, 6, 7, 3], {})])

    assert sorted(node_runs(network, sections)) == [[2, 3], [3, 7, 6, 3]]


def test_two_rings_and_a_line_are_told_apart():
    places = {i: (300 * (i // 3) + 25 * (i % 3), 50 * (i % 3 == 2)) for i in range(6)}
    places |= {8: (900, 0), 9: (950, 0)}

    network, sections = cut(places, [([0, 1, 2, 0], {}), ([3, 4, 5, 3], {}), ([8, 9], {})])

    assert sorted(node_runs(network, sections)) == [[0, 1, 2, 0], [3, 4, 5, 3], [8, 9]]


def test_line_runs_from_west_to_east_whatever_the_digitising():
    network, sections = cut(CROSS, [([3, 2, 1], {})])

    assert node_runs(network, sections) == [[1, 2, 3]]
    assert sections.edge_reversed.tolist() == [True, True]
    # Edges stand in way order, 3–2 then 2–1; on the line 2–3 begins after the first 100 m.
    np.testing.assert_allclose(sections.edge_start_m, [100, 0], atol=0.02)


def town(seed: int) -> tuple[dict, list]:
    """Draw a jittered grid with dead ends and rings, half of its streets named."""
    rng = np.random.default_rng(seed)
    places = {
        10 * i + j: (100 * i + rng.uniform(-20, 20), 100 * j + rng.uniform(-20, 20))
        for i in range(10)
        for j in range(10)
    }
    streets = []
    for i in range(10):
        name = {"name": f"Көше {i}"} if i % 2 else {}
        streets += [
            ([10 * i + j for j in range(10)], name),
            ([10 * j + i for j in range(0, 10, 3)], {}),
        ]
    extra = {200 + i: (1200 + 100 * np.cos(i), 1200 + 100 * np.sin(i)) for i in range(6)}
    return places | extra, [*streets, ([200, 201, 202, 203, 204, 205, 200], {})]


def ids(places, streets) -> list[str]:
    return cut(places, streets)[1].frame["section_id"].tolist()


def test_ids_do_not_depend_on_direction_order_or_splits_of_ways():
    places, streets = town(3)
    expected = ids(places, streets)

    turned = [(refs[::-1], tags) for refs, tags in streets]
    assert ids(places, turned) == expected
    assert ids(dict(reversed(places.items())), streets[::-1]) == expected
    split = [part for refs, tags in streets for part in ((refs[:3], tags), (refs[2:], tags))]
    assert ids(places, split) == expected
    assert len(set(expected)) == len(expected)
    assert all(len(name) == 13 and name[0] == "s" for name in expected)


def test_ids_of_other_sections_outlive_a_new_street():
    places, streets = town(3)
    before = set(ids(places, streets))

    after = set(ids(places | {300: (-80, -80)}, [*streets, ([300, 0], {})]))

    # At most the two sections that meet at corner 0 are cut there.
    assert len(before - after) <= 2
    assert len(after - before) <= 3


def test_lines_drawn_twice_get_two_ids():
    twins = {1: (0, 0), 2: (100, 0), 3: (0, 0), 4: (100, 0)}

    names = ids(twins, [([1, 2], {}), ([3, 4], {})])

    assert len(set(names)) == 2


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_sections_equal_a_walk_node_by_node(seed):
    places, streets = town(seed)
    network, sections = cut(places, streets)

    key = street_keys(network.ways)[network.edge_way]
    graph = nx.Graph()
    for edge, (u, v) in enumerate(zip(network.edge_u, network.edge_v, strict=True)):
        graph.add_edge(int(u), int(v), street=key[edge], number=edge)

    def is_end(node: int) -> bool:
        meeting = [graph.edges[node, other]["street"] for other in graph[node]]
        return len(meeting) != 2 or meeting[0] != meeting[1]

    joined = nx.Graph()
    joined.add_nodes_from(range(len(key)))
    for node in graph:
        if not is_end(node):
            joined.add_edge(*(graph.edges[node, other]["number"] for other in graph[node]))
    expected = {frozenset(part) for part in nx.connected_components(joined)}
    found = pd.Series(range(len(key))).groupby(sections.edge_section).agg(frozenset)
    assert set(found) == expected


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_edges_lie_on_their_section_where_they_say(seed):
    network, sections = cut(*town(seed))
    frame = sections.frame

    sums = np.bincount(sections.edge_section, weights=network.edge_length_m)
    np.testing.assert_allclose(sums, frame["length_m"], rtol=1e-12)
    first, last = shapely.get_point(frame.geometry, 0), shapely.get_point(frame.geometry, -1)
    np.testing.assert_array_equal(shapely.get_x(first), network.lon[frame["node_u"]])
    np.testing.assert_array_equal(shapely.get_y(last), network.lat[frame["node_v"]])

    area = town_area()
    for edge, section in enumerate(sections.edge_section):
        corners = shapely.get_coordinates(frame.geometry.iloc[section])
        x, y = area.to_metric(corners[:, 1], corners[:, 0])
        line = shapely.LineString(np.column_stack([x, y]))
        near, far = network.edge_u[edge], network.edge_v[edge]
        if sections.edge_reversed[edge]:
            near, far = far, near
        start = sections.edge_start_m[edge]
        for node, offset in ((near, start), (far, start + network.edge_length_m[edge])):
            point = shapely.line_interpolate_point(line, offset)
            assert abs(point.x - network.x[node]) < 1e-3
            assert abs(point.y - network.y[node]) < 1e-3


def test_frame_is_sorted_by_id_with_a_plain_index():
    _, sections = cut(*town(1))

    assert sections.frame["section_id"].is_monotonic_increasing
    assert sections.frame.index.equals(pd.RangeIndex(len(sections.frame)))
    assert sections.frame.crs == "EPSG:4326"


def test_chains_are_followed_to_their_last_item():
    last, steps = run_to_end(np.array([1, 2, 2, 3, 0]))  # 4 → 0 → 1 → 2, and 3 alone

    assert last.tolist() == [2, 2, 2, 3, 2]
    assert steps.tolist() == [2, 1, 0, 0, 3]
