"""The calm way must be the cheapest, never long, and follow what opens, closes and lights up."""

import time

import networkx as nx
import numpy as np
import pandas as pd
import pytest

from geo.parameters import WINDOWS, HazardParameters
from geo.streets.alternatives import CalmChoice, StreetConditions, calm_walks, light_shares, what_if
from geo.streets.exposure import child_minutes
from geo.streets.routes import school_routes
from geo.streets.school_calendar import FROM_CALENDAR, SchoolMonth
from geo.streets.school_reach import cheapest_walks, school_reach
from geo.streets.school_walks import WalkedStreets, hazard_by_window, school_walks
from geo.streets.section_flows import section_flows
from geo.streets.snapping import snap_to_edges
from geo.streets.walk_card import walk_totals, walked_sections
from tests.geo.small_town import degrees, random_town, small_town
from tests.geo.test_routes import homes, schools

PARAMETERS = HazardParameters()
LIGHT = ["lit_m", "unlit_m", "unknown_light_m"]


def places_on(town, *rows):
    return snap_to_edges(*degrees(rows), town.network, 300)


def conditions(town, darkness=1.0, unlit=(), hazard=None):
    """All sections lit but for those named; hazard 1 a metre where not said."""
    count = len(town.sections.frame)
    light = np.tile([1.0, 0.0, 0.0], (count, 1))
    light[list(unlit)] = (0.0, 1.0, 0.0)
    hazard = np.ones(count) if hazard is None else np.asarray(hazard, float)
    return StreetConditions(light, darkness, hazard, 1.0)


def two_ways(north=600.0):
    """From west to east 500 m along the dark street, or round by the lit north."""
    rise = np.sqrt((north / 2) ** 2 - 250**2)
    places = {"h": (-100, 0), "w": (0, 0), "n": (250, rise), "e": (500, 0), "g": (600, 0)}
    town = small_town(places, "h w", "w e", "w n e", "e g")
    straight = int(np.argmin(np.abs(town.sections.frame["length_m"] - 500)))
    return town, straight


def walk(town, streets, *, home=(-80, 0), gate=(590, 0)):
    reach = school_reach(town.network, town.sections, places_on(town, gate), 4000)
    told, flows = calm_walks(reach, places_on(town, home), np.ones(1), streets, CalmChoice())
    return told.iloc[0], flows


def test_a_lit_way_a_little_longer_is_taken_in_the_dark_and_not_by_day():
    town, dark_street = two_ways(600)
    told, flows = walk(town, conditions(town, unlit=[dark_street]))
    assert told["shortest_metres"] == pytest.approx(670, abs=0.2)
    assert told["metres"] == pytest.approx(770, abs=0.2)
    assert told["unlit_m"] == 0
    assert told["shortest_unlit_m"] == pytest.approx(500, abs=0.2)
    assert dark_street not in set(flows["section"])
    by_day, _ = walk(town, conditions(town, darkness=0.0, unlit=[dark_street]))
    assert by_day["metres"] == by_day["shortest_metres"]


def test_no_detour_is_longer_than_three_tenths():
    # Round by the north 670 + 230 = 900 m: 34 % longer.
    town, dark_street = two_ways(730)
    told, _ = walk(town, conditions(town, unlit=[dark_street]))
    assert told["metres"] == told["shortest_metres"]


def test_a_hazardous_street_is_avoided_by_day_too():
    town, street = two_ways(560)
    hazard = np.where(np.arange(len(town.sections.frame)) == street, 10.0, 0.1)
    told, _ = walk(town, conditions(town, darkness=0.0, hazard=hazard))
    assert told["metres"] > told["shortest_metres"]
    assert told["hazard"] < told["shortest_hazard"] / 10


def test_unknown_light_is_no_darkness_but_is_not_preferred_to_light():
    town, street = two_ways(600)
    count = len(town.sections.frame)
    unknown = np.tile([1.0, 0.0, 0.0], (count, 1))
    unknown[street] = (0.0, 0.0, 1.0)
    told, _ = walk(town, StreetConditions(unknown, 1.0, np.ones(count), 1.0))
    # 500 m at 1 + 0.5 + 0.5 against 600 m at 1 + 0.5: the lit way costs less.
    assert told["unknown_light_m"] == 0
    assert told["shortest_unknown_light_m"] == pytest.approx(500, abs=0.2)


def test_a_closed_street_is_gone_round_and_lighting_it_brings_the_walk_back():
    town, street = two_ways(600)
    reach = school_reach(town.network, town.sections, places_on(town, (590, 0)), 4000)
    doors, open_now = places_on(town, (-80, 0)), conditions(town, unlit=[street])
    before, _ = calm_walks(reach, doors, np.ones(1), open_now, CalmChoice())
    lit = what_if(reach, doors, before, open_now.with_light(np.array([street])), CalmChoice())
    assert lit["before_metres"].iloc[0] == pytest.approx(770, abs=0.2)
    assert lit["after_metres"].iloc[0] == pytest.approx(670, abs=0.2)
    round_it = what_if(reach, doors, before, open_now.without(np.array([street])), CalmChoice())
    assert round_it["after_metres"].iloc[0] == pytest.approx(770, abs=0.2)
    both = [street, town.section("h", "w")]
    cut_off = what_if(reach, doors, before, open_now.without(np.array(both)), CalmChoice())
    assert cut_off[[name for name in cut_off if name.startswith("after_")]].isna().all(axis=None)


def test_a_home_beside_the_gate_walks_straight_there():
    town = small_town({"w": (0, 0), "e": (1000, 0)}, "w e")
    told, flows = walk(town, conditions(town), home=(300, 0), gate=(500, 0))
    assert told["metres"] == pytest.approx(200, abs=0.1)
    assert flows["pupils"].tolist() == [1]
    assert flows["metres"].tolist() == pytest.approx([200], abs=0.1)


def test_a_gate_outside_the_network_reaches_nobody():
    town = small_town({"w": (0, 0), "e": (1000, 0)}, "w e")
    told, flows = walk(town, conditions(town), gate=(500, 900))
    assert np.isnan(told["metres"])
    assert flows.empty


def random_streets(seed):
    town = random_town(seed, count=45)
    rng = np.random.default_rng(seed)
    count = len(town.sections.frame)
    light = rng.dirichlet([1, 1, 0.5], count)
    hazard = rng.gamma(0.7, 1.0, count)
    hazard[rng.random(count) < 0.1] = np.nan
    streets = StreetConditions(light, 1.0, hazard, float(np.nanmean(hazard)))
    doors = places_on(town, *rng.uniform(0, 1500, (40, 2)))
    gate = places_on(town, *rng.uniform(200, 1300, (1, 2)))
    return town, streets, doors, gate


@pytest.mark.parametrize("seed", range(12))
def test_cheapest_walks_are_those_of_networkx(seed):
    town, _, doors, gate = random_streets(seed)
    factor = 1 + np.random.default_rng(seed).random(len(town.sections.frame))
    reach = school_reach(town.network, town.sections, gate, 1e6)
    walks = cheapest_walks(reach, doors, factor, np.ones((len(factor), 1)))

    network, graph = town.network, nx.Graph()
    price = factor[town.sections.edge_section]
    for at, (u, v) in enumerate(zip(network.edge_u, network.edge_v, strict=True)):
        graph.add_edge(int(u), int(v), weight=network.edge_length_m[at] * price[at])
    edge, share = int(gate.edge[0]), float(gate.share[0])
    cost = network.edge_length_m[edge] * price[edge]
    graph.add_edge("gate", int(network.edge_u[edge]), weight=share * cost)
    graph.add_edge("gate", int(network.edge_v[edge]), weight=(1 - share) * cost)
    costs = nx.single_source_dijkstra_path_length(graph, "gate")
    for home, at in enumerate(doors.edge):
        if at < 0:
            assert walks.steps.school[home] == -1
            continue
        own, part = network.edge_length_m[at] * price[at], doors.share[home]
        ways = [
            part * own + costs.get(int(network.edge_u[at]), np.inf),
            (1 - part) * own + costs.get(int(network.edge_v[at]), np.inf),
        ]
        if at == edge:
            ways.append(abs(part - share) * own)
        if np.isinf(min(ways)):
            assert walks.steps.school[home] == -1
        else:
            assert walks.steps.distance[home] == pytest.approx(min(ways), rel=1e-9, abs=1e-6)


@pytest.mark.parametrize("seed", range(12))
def test_a_calm_way_is_short_and_its_penalties_are_never_more(seed):
    town, streets, doors, gate = random_streets(seed)
    reach = school_reach(town.network, town.sections, gate, 1e6)
    told, flows = calm_walks(reach, doors, np.ones(len(doors.edge)), streets, CalmChoice())
    there = told["metres"].notna()
    assert (told["metres"] <= 1.3 * told["shortest_metres"] + 1e-5)[there].all()
    assert (told["metres"] >= told["shortest_metres"] - 1e-5)[there].all()
    light = told[LIGHT].sum(axis=1)
    np.testing.assert_allclose(light[there], told["metres"][there], rtol=1e-9)
    # What the flows walk is what the homes walk.
    assert (flows["pupils"] * flows["metres"]).sum() == pytest.approx(
        told["metres"].sum(), rel=1e-9
    )


@pytest.mark.parametrize("seed", range(6))
def test_the_shortest_ways_and_flows_are_those_of_the_routes(seed):
    town = random_town(seed, count=40)
    rng = np.random.default_rng(seed)
    frame = schools(*rng.uniform(0, 1500, (1, 2)))
    routes = school_routes(
        town.network, town.sections, frame, homes(*rng.uniform(0, 1500, (50, 2))), PARAMETERS
    )
    reach = school_reach(town.network, town.sections, routes.gates.of(0), 3900)
    count = len(town.sections.frame)
    walks = cheapest_walks(reach, routes.doors, np.ones(count), np.ones((count, 1)))
    near = routes.homes["school"].to_numpy() >= 0
    np.testing.assert_allclose(
        walks.totals[near, 0], routes.homes["distance_m"][near], rtol=1e-9, atol=1e-6
    )
    flows = section_flows(walks.steps, walks.forest(), routes.homes["pupils"].to_numpy())
    pd.testing.assert_frame_equal(flows, routes.flows, check_dtype=False, rtol=1e-9)


def lit_frame(town, rng):
    length = town.sections.frame["length_m"].to_numpy()
    return pd.DataFrame(rng.dirichlet([1, 1, 1], len(length)) * length[:, None], columns=LIGHT)


def walked_town(seed):
    town = random_town(seed, count=45)
    rng = np.random.default_rng(seed)
    frame = schools(*rng.uniform(0, 1500, (3, 2)), pupils=[100, 300, 50])
    routes = school_routes(
        town.network, town.sections, frame, homes(*rng.uniform(0, 1500, (80, 2))), PARAMETERS
    )
    ids = town.sections.frame["section_id"]
    columns = {f"hazard_{window}": rng.gamma(1, 1, len(ids)) for window in WINDOWS}
    hazard = hazard_by_window(town.sections, pd.DataFrame({"section_id": ids, **columns})[5:])
    assert np.isnan(hazard[:5]).all()
    light = lit_frame(town, rng)
    return town, frame, routes, WalkedStreets(town.network, town.sections, light, hazard)


@pytest.mark.parametrize("seed", range(4))
def test_both_ways_of_every_school_keep_their_pupils(seed):
    _, frame, routes, streets = walked_town(seed)
    calm, walks = school_walks(streets, frame, routes, PARAMETERS, CalmChoice())
    assert len(walks) == 2 * routes.flows["school"].nunique()
    for told in walks.itertuples():
        school = int(told.school_id[1:])
        own = routes.homes[routes.homes["school"] == school]
        assert told.pupils == pytest.approx(own["pupils"].sum())
        mean = (own["pupils"] * own["distance_m"]).sum() / own["pupils"].sum()
        assert told.shortest_metres == pytest.approx(mean, rel=1e-9)
        rows = calm[(calm["school_id"] == told.school_id) & (calm["dark"] == told.dark)]
        assert (rows["pupils"] * rows["metres"]).sum() == pytest.approx(
            told.pupils * told.metres, rel=1e-9
        )
        assert told.metres <= 1.3 * told.shortest_metres + 1e-6


def test_a_town_without_walks_has_empty_frames_with_their_columns():
    town = small_town({"w": (0, 0), "e": (1000, 0)}, "w e")
    frame = schools((0, 0))
    routes = school_routes(town.network, town.sections, frame, homes((0, 0)).iloc[:0], PARAMETERS)
    light = lit_frame(town, np.random.default_rng(0))
    streets = WalkedStreets(town.network, town.sections, light)
    calm, walks = school_walks(streets, frame, routes, PARAMETERS, CalmChoice())
    assert (len(calm), len(walks)) == (0, 0)
    assert {"section_id", "school_id", "dark"} <= set(calm.columns)


@pytest.mark.parametrize("seed", range(4))
def test_child_minutes_of_all_sections_are_pupils_times_minutes_walked(seed):
    town, frame, routes, streets = walked_town(seed)
    ids = town.sections.frame["section_id"]
    table = pd.DataFrame(
        {
            "section_id": ids.to_numpy()[routes.flows["section"]],
            "school_id": frame["school_id"].to_numpy()[routes.flows["school"]],
            "pupils": routes.flows["pupils"],
            "metres": routes.flows["metres"],
        }
    )
    sections = streets.light.assign(section_id=ids)
    total = 0.0
    for at in range(len(frame)):
        own = routes.homes[routes.homes["school"] == at]
        rows = walked_sections(table, sections, frame.iloc[[at]], PARAMETERS)
        told = walk_totals(rows, float(own["pupils"].sum()))
        minutes = (own["pupils"] * own["distance_m"]).sum() / 1.2 / 60
        assert sum(told.child_minutes.values()) == pytest.approx(2 * minutes, rel=1e-9)
        if len(own):
            mean = sum(told.mean_m[name] for name in LIGHT)
            assert mean == pytest.approx(told.mean_m["metres"], rel=1e-9)
        total += sum(told.child_minutes.values())
    month = child_minutes(
        routes, frame, town.sections, PARAMETERS, SchoolMonth(20.0, FROM_CALENDAR)
    )
    assert month[list(WINDOWS)].to_numpy().sum() == pytest.approx(20 * total, rel=1e-9)


def test_rerouting_one_school_of_a_large_town_takes_less_than_fifty_milliseconds():
    side = 60
    places = {f"{x}_{y}": (100.0 * x, 100.0 * y) for x in range(side) for y in range(side)}
    rows = [" ".join(f"{x}_{y}" for x in range(side)) for y in range(side)]
    town = small_town(
        places, *rows, *(" ".join(f"{x}_{y}" for y in range(side)) for x in range(side))
    )
    rng = np.random.default_rng(0)
    gate = places_on(town, (2950, 2950))
    doors = places_on(town, *rng.uniform(1500, 4500, (800, 2)))
    count = len(town.sections.frame)
    streets = StreetConditions(rng.dirichlet([1, 1, 1], count), 1.0, rng.gamma(1, 1, count), 1.0)
    reach = school_reach(town.network, town.sections, gate, 3900)
    assert reach.size > 2500
    before, flows = calm_walks(reach, doors, np.ones(800), streets, CalmChoice())
    busiest = flows.sort_values("pupils")["section"].to_numpy()[-1:]
    seconds = []
    for _ in range(7):
        start = time.perf_counter()
        what_if(reach, doors, before, streets.without(busiest), CalmChoice())
        seconds.append(time.perf_counter() - start)
    assert min(seconds) <= 0.05


def test_light_of_a_section_without_length_is_unknown():
    frame = pd.DataFrame({"lit_m": [0.0, 3.0], "unlit_m": [0.0, 1.0], "unknown_light_m": 0.0})
    assert light_shares(frame).tolist() == [[0, 0, 1], [0.75, 0.25, 0]]
