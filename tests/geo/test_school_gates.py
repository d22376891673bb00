"""Pupils go in by the gate that is nearest to them, and never by the middle of the grounds."""

import numpy as np
import pandas as pd
import pytest
import shapely

from geo.parameters import HazardParameters
from geo.streets.alternatives import CalmChoice
from geo.streets.routes import school_routes
from geo.streets.school_gates import gate_table
from geo.streets.school_reach import cheapest_walks, school_reach
from geo.streets.school_walks import WalkedStreets, school_walks
from geo.streets.section_flows import section_flows
from tests.geo.small_town import degrees, random_town, small_town
from tests.geo.test_routes import homes, schools

PARAMETERS = HazardParameters()


def listed(*rows):
    """Gates as a register lists them."""
    lat, lon = degrees(rows)
    return ";".join(f"{y!r},{x!r}" for y, x in zip(lat.tolist(), lon.tolist(), strict=True))


def grounds(*corners):
    lat, lon = degrees(corners)
    return shapely.Polygon(np.column_stack([lon, lat]))


def routes_of(town, school_frame, home_frame):
    return school_routes(town.network, town.sections, school_frame, home_frame, PARAMETERS)


def three_streets():
    """A kilometre from west to east, with crossings at 300 m and 700 m."""
    places = {"w": (0, 0), "a": (300, 0), "b": (700, 0), "e": (1000, 0),
              "n": (300, 200), "m": (700, 200)}  # fmt: skip
    return small_town(places, "w a b e", "a n", "b m")


def test_flows_split_at_the_crossing_between_two_gates():
    town = three_streets()
    # The gates stand up the two side streets, 100 m from the crossings.
    frame = schools((500, 150), pupils=[50]).assign(gates=listed((300, 100), (700, 100)))
    doors = homes((0, 0), (200, 0), (480, 0), (530, 0), (1000, 0))
    routes = routes_of(town, frame, doors)
    # 300+100, 100+100, 180+100 to the western gate; 170+100, 300+100 to the eastern.
    assert routes.homes["gate"].tolist() == [0, 0, 0, 1, 1]
    np.testing.assert_allclose(routes.homes["distance_m"], [400, 200, 280, 270, 400], atol=0.1)
    flows = routes.flows.set_index("section")
    west, middle = town.section("w", "a"), town.section("a", "b")
    assert flows.loc[west, "pupils"] == pytest.approx(20)
    assert flows.loc[middle, "pupils"] == pytest.approx(20)  # ten towards each crossing
    assert flows.loc[middle, "metres"] == pytest.approx((180 + 170) / 2, abs=0.1)
    assert flows.loc[town.section("a", "n"), "pupils"] == pytest.approx(30)
    assert flows.loc[town.section("b", "m"), "pupils"] == pytest.approx(20)
    walked = (routes.homes["pupils"] * routes.homes["distance_m"]).sum()
    assert (flows["pupils"] * flows["metres"]).sum() == pytest.approx(walked, rel=1e-9)

    table = gate_table(routes.gates, routes.homes, frame, town.sections.edge_section)
    assert table["gate"].tolist() == [1, 2]
    assert table["pupils"].tolist() == pytest.approx([30, 20])
    assert table["gate_known"].tolist() == [True, True]
    assert table["section"].tolist() == [town.section("a", "n"), town.section("b", "m")]


def test_a_home_named_for_a_school_goes_to_the_nearest_of_its_gates_alone():
    town = three_streets()
    frame = schools((0, 0), (500, 0)).assign(gates=[None, listed((300, 100), (700, 100))])
    doors = homes((10, 0), (990, 0)).assign(school_id=["s1", "s1"])
    routes = routes_of(town, frame, doors)
    assert routes.homes["school"].tolist() == [1, 1]
    assert routes.homes["gate"].tolist() == [1, 2]  # gate 0 is the other school's
    np.testing.assert_allclose(routes.homes["distance_m"], [390, 390], atol=0.1)


def test_grounds_are_entered_where_their_outline_meets_the_streets():
    town = three_streets()
    # The outline crosses the street at 400 m and 600 m; its middle lies 60 m off it.
    outline = grounds((400, -20), (600, -20), (600, 140), (400, 140))
    frame = schools((500, 60)).assign(outline=[outline], gate_known=[False])
    routes = routes_of(town, frame, homes((0, 0), (1000, 0)))
    np.testing.assert_allclose(routes.homes["distance_m"], [400, 400], atol=0.2)
    assert routes.gates.known.tolist() == [False, False]
    assert routes.facts["schools_without_gate"] == ["s0"]
    assert routes.facts["gates"] == 2


def test_two_streets_through_one_gap_in_the_fence_are_one_gate():
    places = {"w": (0, 0), "x": (200, 0), "y": (200, 10), "z": (0, 10)}
    town = small_town(places, "w x", "z y", "w z")
    outline = grounds((100, -50), (400, -50), (400, 50), (100, 50))
    frame = schools((250, 30)).assign(outline=[outline])
    assert routes_of(town, frame, homes((0, 0))).facts["gates"] == 1


def test_grounds_off_the_street_are_entered_at_their_nearest_point():
    town = three_streets()
    outline = grounds((480, 40), (600, 90), (600, 160), (480, 160))
    frame = schools((550, 120)).assign(outline=[outline])
    routes = routes_of(town, frame, homes((0, 0)))
    lat, lon = degrees([(480, 40)])
    assert routes.gates.lat == pytest.approx(lat, abs=1e-6)
    assert routes.gates.lon == pytest.approx(lon, abs=1e-6)
    assert routes.homes["distance_m"].iloc[0] == pytest.approx(480, abs=0.2)
    assert routes.facts["schools_without_gate"] == ["s0"]


def test_listed_gates_go_before_the_outline_and_a_school_without_either_keeps_its_place():
    town = three_streets()
    outline = grounds((400, -20), (600, -20), (600, 140), (400, 140))
    frame = schools((500, 60), (900, 0)).assign(
        outline=[outline, None], gates=[listed((300, 50)), None]
    )
    routes = routes_of(town, frame, homes((250, 0), (950, 0)))
    np.testing.assert_allclose(routes.homes["distance_m"], [100, 50], atol=0.2)
    assert routes.facts["schools_without_gate"] == []


def test_a_gate_far_from_every_street_is_named_and_the_other_serves():
    town = three_streets()
    frame = schools((0, 0), (0, 3000)).assign(
        gates=[listed((300, 50), (300, 2000)), listed((0, 3000), (50, 3000))]
    )
    routes = routes_of(town, frame, homes((200, 0)))
    assert routes.facts["gates_off_streets"] == ["s0"]
    assert routes.facts["unreachable_schools"] == ["s1"]
    assert routes.homes["distance_m"].tolist() == pytest.approx([150], abs=0.1)


def gated(seed):
    """Three schools with one to four gates in a random town."""
    town = random_town(seed, count=45)
    rng = np.random.default_rng(seed)
    sets = [rng.uniform(0, 1500, (count, 2)) for count in (1, 4, 3)]
    frame = schools(*(rows[0] for rows in sets), pupils=[100, 300, 50])
    frame = frame.assign(gates=[listed(*rows) for rows in sets])
    return town, frame, sets, homes(*rng.uniform(0, 1500, (80, 2)))


@pytest.mark.parametrize("seed", range(8))
def test_each_home_is_as_near_as_to_the_nearest_gate_taken_alone(seed):
    town, frame, sets, doors = gated(seed)
    routes = routes_of(town, frame, doors)
    alone = [
        routes_of(town, schools(gate), doors).homes["distance_m"] for rows in sets for gate in rows
    ]
    nearest = pd.concat(alone, axis=1).min(axis=1)
    np.testing.assert_allclose(routes.homes["distance_m"], nearest, rtol=1e-9, atol=1e-6)
    there = routes.homes[routes.homes["gate"] >= 0]
    assert len(there) == (routes.homes["school"] >= 0).sum() > 60
    assert (routes.gates.school[there["gate"]] == there["school"]).all()
    walked = (routes.homes["pupils"] * routes.homes["distance_m"]).sum()
    on_sections = (routes.flows["pupils"] * routes.flows["metres"]).sum()
    assert on_sections == pytest.approx(walked, rel=1e-9)
    table = gate_table(routes.gates, routes.homes, frame, town.sections.edge_section)
    by_school = table.groupby("school_id")["pupils"].sum()
    assert by_school.to_numpy() == pytest.approx([100, 300, 50])
    assert table["gate"].tolist() == [1, 1, 2, 3, 4, 1, 2, 3]


@pytest.mark.parametrize("seed", range(8))
def test_cheapest_walks_without_prices_end_at_the_gates_of_the_routes(seed):
    town, frame, _, doors = gated(seed)
    named = doors.assign(school_id="s1")
    routes = routes_of(town, frame, named)
    reach = school_reach(town.network, town.sections, routes.gates.of(1), 3900)
    count = len(town.sections.frame)
    walks = cheapest_walks(reach, routes.doors, np.ones(count), np.ones((count, 1)))
    near = routes.homes["school"] >= 0
    np.testing.assert_allclose(
        walks.totals[near, 0], routes.homes["distance_m"][near], rtol=1e-9, atol=1e-6
    )
    # Gate 0 of the reach is gate 1 of the town, after the one of the first school.
    there = routes.homes["gate"] >= 0
    assert walks.steps.gate[there].tolist() == (routes.homes["gate"][there] - 1).tolist()
    flows = section_flows(walks.steps, walks.forest(), routes.homes["pupils"].to_numpy())
    own = routes.flows[routes.flows["school"] == 1].reset_index(drop=True).assign(school=0)
    pd.testing.assert_frame_equal(flows, own, check_dtype=False, rtol=1e-9)


def test_calm_ways_tell_who_goes_in_by_which_gate():
    town = three_streets()
    frame = schools((500, 150), pupils=[50]).assign(gates=listed((300, 100), (700, 100)))
    routes = routes_of(town, frame, homes((0, 0), (200, 0), (480, 0), (530, 0), (1000, 0)))
    length = town.sections.frame["length_m"].to_numpy()
    dark = np.isin(np.arange(len(length)), [town.section("a", "n")])
    light = pd.DataFrame(
        {"lit_m": np.where(dark, 0, length), "unlit_m": np.where(dark, length, 0),
         "unknown_light_m": 0.0}
    )  # fmt: skip
    streets = WalkedStreets(town.network, town.sections, light)
    _, walks = school_walks(streets, frame, routes, PARAMETERS, CalmChoice())
    told = dict(zip(walks["dark"], walks["gate_pupils"], strict=True))
    by_day, by_night = told[False], told[True]
    assert by_day == "30.0;20.0"
    # From 480 m the western gate is 280 m away, 100 of them dark; the eastern 320 m, all lit.
    assert by_night == "20.0;30.0"
