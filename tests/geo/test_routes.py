"""Every pupil must arrive, by the shortest way, and every metre must be found on a section."""

from dataclasses import replace
from itertools import pairwise

import networkx as nx
import numpy as np
import pandas as pd
import pytest

from geo.errors import FrameError
from geo.parameters import HazardParameters
from geo.streets.routes import school_routes
from geo.streets.sections import Sections
from geo.streets.snapping import snap_to_edges
from tests.geo.small_town import degrees, random_town, small_town

PARAMETERS = HazardParameters()


def schools(*rows, pupils=None):
    lat, lon = degrees(rows)
    count = len(rows)
    return pd.DataFrame(
        {
            "school_id": [f"s{number}" for number in range(count)],
            "name": [f"№ {number}" for number in range(count)],
            "lat": lat,
            "lon": lon,
            "shift_times": ["08:00-13:00"] * count,
            "shift_times_assumed": [False] * count,
            "pupils": pd.Series(pupils or [100] * count, dtype=float),
        }
    )


def homes(*rows, dwellings=None):
    lat, lon = degrees(rows)
    count = len(rows)
    return pd.DataFrame(
        {
            "home_id": [f"h{number:03d}" for number in range(count)],
            "lat": lat,
            "lon": lon,
            "dwellings": pd.Series(dwellings or [1] * count, dtype=float),
        }
    )


def routes_of(town, school_frame, home_frame, parameters=PARAMETERS):
    return school_routes(town.network, town.sections, school_frame, home_frame, parameters)


def walked(routes):
    """Pupil-metres by (section, school)."""
    flows = routes.flows
    metres = flows["pupils"] * flows["metres"]
    return dict(zip(zip(flows["section"], flows["school"], strict=True), metres, strict=True))


def crossing_town():
    """West – middle – east 400 m, a lane of 200 m from the middle to the north."""
    places = {"w": (0, 0), "m": (200, 0), "e": (400, 0), "n": (200, 200)}
    return small_town(places, "w m e", "m n")


class TestByHand:
    def test_pupils_walk_to_the_crossing_and_on_to_the_gate(self):
        town = crossing_town()
        routes = routes_of(town, schools((200, 150)), homes((50, 10), (350, 10), dwellings=[1, 3]))
        # 150 m to the crossing from both sides, then 150 m up the lane.
        np.testing.assert_allclose(routes.homes["distance_m"], [300, 300], atol=0.1)
        assert routes.homes["pupils"].tolist() == [25, 75]
        flows = routes.flows.set_index("section")
        west, east = town.section("w", "m"), town.section("m", "e")
        lane = town.section("m", "n")
        assert flows["pupils"].to_dict() == {west: 25, east: 75, lane: 100}
        for section in (west, east, lane):
            assert flows.loc[section, "metres"] == pytest.approx(150, abs=0.1)

    def test_a_home_on_the_school_s_own_street_goes_straight(self):
        town = crossing_town()
        routes = routes_of(town, schools((50, 0)), homes((120, 0), (20, 0)))
        np.testing.assert_allclose(routes.homes["distance_m"], [70, 30], atol=0.1)
        assert routes.flows["section"].tolist() == [town.section("w", "m")]
        assert routes.flows["metres"].iloc[0] == pytest.approx(50, abs=0.1)

    def test_each_home_belongs_to_the_school_that_is_nearer_on_foot_not_in_the_air(self):
        # Two parallel streets 60 m apart, joined only in the east: the school on the other
        # street is 60 m away by air and 460 m on foot, the one on the own street 150 m.
        places = {"a": (0, 0), "b": (400, 0), "c": (400, 60), "d": (0, 60)}
        town = small_town(places, "a b c d")
        routes = routes_of(town, schools((200, 60), (50, 0)), homes((200, 0)))
        assert routes.homes["school"].tolist() == [1]
        assert routes.homes["distance_m"].iloc[0] == pytest.approx(150, abs=0.1)

    def test_a_pupil_on_a_street_of_many_bends_is_one_pupil(self):
        places = {f"b{i}": (i * 50, (i % 2) * 20) for i in range(9)} | {"x": (400, 100)}
        street = " ".join(f"b{i}" for i in range(9))
        town = small_town(places, street, "b8 x", name=["Long", "Other"])
        routes = routes_of(town, schools((400, 80)), homes((0, 0), (100, 0)))
        long = routes.flows.set_index("section").loc[town.section("b0", "b8")]
        assert long["pupils"] == pytest.approx(100)

    def test_homes_and_gates_at_one_place_walk_nothing(self):
        town = crossing_town()
        routes = routes_of(town, schools((200, 0)), homes((200, 0)))
        assert routes.homes["distance_m"].iloc[0] == pytest.approx(0, abs=1e-3)
        assert routes.homes["pupils"].iloc[0] == 100


class TestOutside:
    def test_homes_too_far_from_street_or_school_are_counted_not_guessed(self):
        town = small_town({"w": (0, 0), "e": (4000, 0)}, "w e")
        routes = routes_of(town, schools((0, 0)), homes((500, 299), (500, 310), (3200, 0)))
        assert routes.homes["school"].tolist() == [0, -1, -1]
        assert routes.homes["distance_m"].isna().tolist() == [False, True, True]
        assert routes.homes["pupils"].tolist() == [100, 0, 0]
        assert routes.facts["unreachable_homes"] == 2

    def test_a_school_outside_the_network_is_named(self):
        town = crossing_town()
        routes = routes_of(town, schools((200, 0), (2000, 2000)), homes((50, 0)))
        assert routes.facts["unreachable_schools"] == ["s1"]
        assert routes.facts["schools"] == 2

    def test_only_the_largest_part_of_the_network_is_walked(self):
        places = {
            "a": (0, 0), "b": (200, 0), "c": (400, 0), "x": (0, 100), "y": (200, 100),
        }  # fmt: skip
        town = small_town(places, "a b c", "x y")
        routes = routes_of(town, schools((50, 101)), homes((150, 99)))
        assert routes.facts["unreachable_schools"] == []
        assert routes.flows["section"].tolist() == [town.section("a", "c")]
        assert routes.homes["distance_m"].iloc[0] == pytest.approx(100, abs=0.1)

    def test_pupils_of_a_school_without_homes_are_told(self):
        town = crossing_town()
        frame = schools((0, 0), (400, 0), pupils=[80, 60])
        routes = routes_of(town, frame, homes((50, 0)))
        assert routes.facts["schools_without_homes"] == ["s1"]
        assert routes.facts["pupils_assigned"] == pytest.approx(80)
        assert routes.facts["pupils_unassigned"] == 60

    def test_no_school_in_reach_leaves_every_home_without_a_route(self):
        town = crossing_town()
        routes = routes_of(town, schools((5000, 5000)), homes((50, 0)))
        assert routes.homes["school"].tolist() == [-1]
        assert routes.flows.empty

    @pytest.mark.parametrize(("school_rows", "home_rows"), [(0, 1), (1, 0), (0, 0)])
    def test_empty_frames_give_empty_routes(self, school_rows, home_rows):
        town = crossing_town()
        routes = routes_of(
            town, schools((200, 0)).iloc[:school_rows], homes((50, 0)).iloc[:home_rows]
        )
        assert len(routes.homes) == home_rows
        assert routes.flows.empty
        assert routes.facts["pupils_assigned"] == 0

    def test_frames_without_their_columns_are_refused(self):
        with pytest.raises(FrameError, match="dwellings"):
            routes_of(crossing_town(), schools((0, 0)), homes((0, 0)).drop(columns="dwellings"))


class TestPupils:
    def test_an_unknown_number_of_pupils_is_worked_out_from_dwellings_and_said(self):
        town = crossing_town()
        frame = schools((0, 0), (400, 0), pupils=[np.nan, 50])
        routes = routes_of(town, frame, homes((20, 0), (60, 0), (380, 0), dwellings=[10, 30, 7]))
        # 0.35 · 10 and 0.35 · 30; the known 50 go to the only home of the other school.
        np.testing.assert_allclose(routes.homes["pupils"], [3.5, 10.5, 50])
        assert routes.facts["pupils_assumed"] is True

    def test_known_numbers_are_not_called_assumed(self):
        routes = routes_of(crossing_town(), schools((0, 0)), homes((20, 0)))
        assert routes.facts["pupils_assumed"] is False

    def test_homes_without_dwellings_share_evenly(self):
        frame = homes((20, 0), (60, 0), dwellings=[0.0, 0.0])
        routes = routes_of(crossing_town(), schools((0, 0)), frame)
        assert routes.homes["pupils"].tolist() == [50, 50]


class TestAgainstNetworkx:
    @pytest.mark.parametrize("seed", range(8))
    def test_distances_and_metres_agree_with_a_path_for_every_home(self, seed):
        town = random_town(seed, count=30)
        self.compare(town.network, town.sections, seed)

    @pytest.mark.parametrize("seed", range(4))
    def test_edges_without_length_break_nothing(self, seed):
        town = random_town(seed, count=30)
        length = town.network.edge_length_m.copy()
        length[np.random.default_rng(seed).random(len(length)) < 0.4] = 0.0
        self.compare(replace(town.network, edge_length_m=length), town.sections, seed)

    @pytest.mark.parametrize("seed", range(4))
    def test_of_parallel_edges_the_shorter_is_walked(self, seed):
        town = random_town(seed, count=20)
        network, sections = town.network, town.sections
        doubled = replace(
            network,
            edge_u=np.concatenate([network.edge_v, network.edge_u]),
            edge_v=np.concatenate([network.edge_u, network.edge_v]),
            edge_way=np.tile(network.edge_way, 2),
            edge_length_m=np.concatenate([network.edge_length_m * 3, network.edge_length_m]),
        )
        count = len(sections.frame)
        twice = Sections(
            pd.concat([sections.frame, sections.frame], ignore_index=True),
            np.concatenate([sections.edge_section + count, sections.edge_section]),
            np.tile(sections.edge_start_m, 2),
            np.concatenate([~sections.edge_reversed, sections.edge_reversed]),
        )
        self.compare(doubled, twice, seed)

    def compare(self, network, sections, seed):
        rng = np.random.default_rng(seed)
        school_frame = schools(*rng.uniform(0, 1500, (4, 2)), pupils=[100, 40, 70, 10])
        home_frame = homes(
            *rng.uniform(0, 1500, (40, 2)), dwellings=rng.integers(1, 9, 40).tolist()
        )
        far = replace(PARAMETERS, route_snap_m=2000, route_limit_m=20_000)
        routes = school_routes(network, sections, school_frame, home_frame, far)
        doors = snap_to_edges(home_frame["lat"], home_frame["lon"], network, 2000)
        gates = snap_to_edges(school_frame["lat"], school_frame["lon"], network, 2000)
        graph = _cut_graph(network, sections, doors, gates)
        distance, metres, heads = _walks(graph, len(gates.edge), routes.homes)
        np.testing.assert_allclose(routes.homes["distance_m"], distance, rtol=1e-9, atol=1e-9)

        mine = walked(routes)
        assert set(mine) == {key for key, value in metres.items() if value > 1e-9}
        for key, value in mine.items():
            assert value == pytest.approx(metres[key], rel=1e-9)
        if (network.edge_length_m > 0).all():
            pupils = routes.flows.set_index(["section", "school"])["pupils"]
            for key, value in pupils.items():
                assert value == pytest.approx(heads[key], rel=1e-9)


def _cut_graph(network, sections, doors, gates):
    """A graph whose edges are cut at every door and gate."""
    graph = nx.MultiGraph()
    for edge, (u, v) in enumerate(zip(network.edge_u, network.edge_v, strict=True)):
        inner = [(gates.share[i], ("gate", i)) for i in np.flatnonzero(gates.edge == edge)]
        inner += [(doors.share[i], ("door", i)) for i in np.flatnonzero(doors.edge == edge)]
        stops = [(0.0, ("node", u)), *sorted(inner), (1.0, ("node", v))]
        for (start, one), (end, other) in pairwise(stops):
            metres = (end - start) * network.edge_length_m[edge]
            graph.add_edge(one, other, metres=metres, section=sections.edge_section[edge])
    return graph


def _walks(graph, schools_count, home_frame):
    """Distance of every home; pupil-metres and heads by (section, school), path by path."""
    distance, total, heads = [], {}, {}
    for home, school, pupils in home_frame[["school", "pupils"]].itertuples():
        lengths, paths = nx.single_source_dijkstra(graph, ("door", home), weight="metres")
        distance.append(min(lengths.get(("gate", i), np.inf) for i in range(schools_count)))
        assert lengths["gate", school] == pytest.approx(distance[-1], rel=1e-9, abs=1e-9)
        touched = set()
        for one, other in pairwise(paths["gate", school]):
            edge = min(graph[one][other].values(), key=lambda data: data["metres"])
            key = (edge["section"], school)
            total[key] = total.get(key, 0.0) + pupils * edge["metres"]
            if edge["metres"] > 0:
                touched.add(key)
        for key in touched:
            heads[key] = heads.get(key, 0.0) + pupils
    return distance, total, heads


class TestConservation:
    @pytest.mark.parametrize("seed", range(5))
    def test_pupil_metres_on_sections_are_those_that_the_pupils_walked(self, seed):
        town = random_town(seed, count=60, side=2500)
        rng = np.random.default_rng(seed)
        routes = routes_of(
            town, schools(*rng.uniform(0, 2500, (5, 2))), homes(*rng.uniform(0, 2500, (300, 2)))
        )
        on_sections = (routes.flows["pupils"] * routes.flows["metres"]).sum()
        by_pupils = (routes.homes["pupils"] * routes.homes["distance_m"]).sum()
        assert on_sections == pytest.approx(by_pupils, rel=1e-12)
        assert routes.flows["metres"].max() <= town.sections.frame["length_m"].max() + 1e-6

    def test_order_of_homes_does_not_matter(self):
        town = random_town(9)
        rng = np.random.default_rng(9)
        school_frame, frame = schools((300, 300), (900, 900)), homes(*rng.uniform(0, 1500, (99, 2)))
        one = routes_of(town, school_frame, frame)
        other = routes_of(town, school_frame, frame.iloc[::-1].reset_index(drop=True))
        pd.testing.assert_frame_equal(one.flows, other.flows, rtol=1e-12)
        pd.testing.assert_frame_equal(
            one.homes, other.homes.iloc[::-1].reset_index(drop=True), rtol=1e-12
        )
