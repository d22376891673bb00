"""Closed and newly lit streets: nobody is lost from the count, and every metre is walked anew."""

import networkx as nx
import numpy as np
import pandas as pd
import pytest

from geo.disclosure_walks import disclose_changed_sections
from geo.parameters import HazardParameters
from geo.streets.alternatives import CalmChoice
from geo.streets.routes import school_routes
from geo.streets.school_walks import WalkedStreets
from geo.streets.walk_changes import WalkedTown, walk_change, ways_to_school
from tests.geo.test_alternatives import two_ways, walked_town
from tests.geo.test_routes import homes, schools

PARAMETERS = HazardParameters()
LIGHT = ["lit_m", "unlit_m", "unknown_light_m"]
NONE = np.empty(0, np.int64)


def ways_of(town, straight, *, dark=True):
    """75 pupils live 670 m away along the dark street, or 770 m round by the north; 25 beside."""
    frame = schools((590, 0), pupils=[100])
    at_home = homes((-80, 0), (560, 0), dwellings=[3, 1])
    routes = school_routes(town.network, town.sections, frame, at_home, PARAMETERS)
    length = town.sections.frame["length_m"].to_numpy()
    light = pd.DataFrame({"lit_m": length, "unlit_m": 0.0, "unknown_light_m": 0.0})
    light.loc[straight, ["lit_m", "unlit_m"]] = (0.0, length[straight])
    streets = WalkedStreets(town.network, town.sections, light)
    town_walked = WalkedTown(streets, frame, routes)
    return ways_to_school(town_walked, 0, PARAMETERS, CalmChoice(), dark=dark)


def changed(ways, close=(), light=()):
    at = (np.array(ids, np.int64) for ids in (close, light))
    return walk_change(ways, *at, CalmChoice())


def test_a_lit_street_brings_the_calm_way_back_to_the_shortest():
    town, straight = two_ways(600)
    told = changed(ways_of(town, straight), light=[straight])
    assert (told.pupils, told.affected_pupils, told.unreachable_pupils) == (100, 75, 0)
    # (75 · 770 + 25 · 30) / 100 before, (75 · 670 + 25 · 30) / 100 after.
    assert told.before["calm"]["metres"] == pytest.approx(585, abs=0.2)
    assert told.after["calm"]["metres"] == pytest.approx(510, abs=0.2)
    # 75 of 100 met 500 dark metres on the shortest way; now none.
    assert told.before["shortest"]["dark_m"] == pytest.approx(375, abs=0.2)
    assert told.after["shortest"]["dark_m"] == 0
    assert told.before["calm"]["dark_m"] == 0
    rows = told.sections.set_index("section")
    assert rows.loc[straight].tolist() == [0, 75]


def test_by_daylight_nothing_is_dark():
    town, straight = two_ways(600)
    told = changed(ways_of(town, straight, dark=False), close=[straight])
    assert told.before["calm"]["unlit_m"] == pytest.approx(375, abs=0.2)
    assert told.before["calm"]["dark_m"] == 0


def test_a_closed_street_is_gone_round_and_counts_whom_it_moves():
    town, straight = two_ways(600)
    told = changed(ways_of(town, straight), close=[straight])
    assert told.affected_pupils == 75
    assert told.unreachable_pupils == 0
    assert told.after["shortest"]["metres"] == pytest.approx(585, abs=0.2)
    # The calm way went round before.
    assert told.after["calm"] == pytest.approx(told.before["calm"])


def test_who_is_cut_off_is_counted_and_means_are_of_those_who_still_walk():
    town, straight = two_ways(600)
    # Where streets go on the far side of the gap, the home in the west has no way left.
    cut = [straight, town.section("h", "w")]
    told = changed(ways_of(town, straight), close=cut)
    assert (told.affected_pupils, told.unreachable_pupils) == (75, 75)
    for means in (told.before, told.after):
        assert means["shortest"]["metres"] == pytest.approx(30, abs=0.2)


def test_closing_every_street_leaves_everybody_without_a_way():
    town, straight = two_ways(600)
    ways = ways_of(town, straight)
    told = changed(ways, close=range(len(town.sections.frame)))
    assert (told.pupils, told.affected_pupils, told.unreachable_pupils) == (100, 100, 100)
    assert np.isnan(told.after["calm"]["metres"])
    assert told.sections["pupils_after"].sum() == 0


def test_a_street_that_is_both_closed_and_lit_is_closed():
    town, straight = two_ways(600)
    ways = ways_of(town, straight)
    both = changed(ways, close=[straight], light=[straight])
    assert both.after["shortest"]["metres"] == pytest.approx(585, abs=0.2)


def test_no_change_changes_nothing():
    town, straight = two_ways(600)
    told = changed(ways_of(town, straight))
    assert told.affected_pupils == 0
    assert told.before == told.after
    assert (told.sections["pupils_before"] == told.sections["pupils_after"]).all()


def without(town, ways, routes, closed):
    """Metres of each home's shortest way without some sections, by networkx; inf for none."""
    network, graph = town.network, nx.Graph()
    usable = ~np.isin(town.sections.edge_section, closed)
    graph.add_nodes_from(range(len(network.node_id)))
    for at in np.flatnonzero(usable):
        u, v = int(network.edge_u[at]), int(network.edge_v[at])
        length = float(network.edge_length_m[at])
        if not graph.has_edge(u, v) or graph[u][v]["weight"] > length:
            graph.add_edge(u, v, weight=length)
    gate = ways.reach.gates
    edge, share = int(gate.edge[0]), float(gate.share[0])
    graph.add_node("gate")
    if usable[edge]:
        for node, part in ((network.edge_u[edge], share), (network.edge_v[edge], 1 - share)):
            graph.add_edge("gate", int(node), weight=part * float(network.edge_length_m[edge]))
    costs = nx.single_source_dijkstra_path_length(graph, "gate")
    found = []
    for at, part in zip(ways.doors.edge, ways.doors.share, strict=True):
        if not usable[at]:
            found.append(np.inf)
            continue
        length = float(network.edge_length_m[at])
        choices = [
            part * length + costs.get(int(network.edge_u[at]), np.inf),
            (1 - part) * length + costs.get(int(network.edge_v[at]), np.inf),
        ]
        if at == edge:
            choices.append(abs(part - share) * length)
        found.append(min(choices))
    return np.array(found)


@pytest.mark.parametrize("seed", range(10))
def test_shortest_ways_after_a_closure_are_those_of_networkx(seed):
    town, frame, routes, streets = walked_town(seed)
    rng = np.random.default_rng(seed)
    for school in np.unique(routes.flows["school"]):
        ways = ways_to_school(
            WalkedTown(streets, frame, routes), int(school), PARAMETERS, CalmChoice(), dark=True
        )
        closed = rng.choice(len(town.sections.frame), 6, replace=False)
        told = changed(ways, close=closed)
        metres = without(town, ways, routes, closed)
        has = np.isfinite(metres)
        assert told.pupils == pytest.approx(ways.pupils.sum())
        assert told.unreachable_pupils == pytest.approx(ways.pupils[~has].sum())
        if has.any():
            mean = ways.pupils[has] @ metres[has] / ways.pupils[has].sum()
            assert told.after["shortest"]["metres"] == pytest.approx(mean, rel=1e-9)
        # Nobody walks on what is closed, and light adds up to the metres.
        walked = told.sections.set_index("section")["pupils_after"]
        assert walked.reindex(closed).fillna(0).sum() == 0
        if has.any():
            assert sum(told.after["calm"][name] for name in LIGHT) == pytest.approx(
                told.after["calm"]["metres"], rel=1e-9
            )


def test_a_change_for_few_pupils_is_told_to_nobody_and_others_in_fives():
    rows = pd.DataFrame(
        {
            "section": [1, 2, 3, 4],
            "pupils_before": [20.0, 104.0, 58.0, 0.0],
            "pupils_after": [16.0, 4.0, 0.0, 7.0],
        }
    )
    shown = disclose_changed_sections(rows, "planner")
    # 20 → 16 is a change of four: not told. 104 → 4 is told, but the four are not.
    assert shown["section"].tolist() == [2, 3, 4]
    assert shown["pupils_before"].astype(object).tolist() == [105, 60, pd.NA]
    assert shown["pupils_after"].astype(object).tolist() == [pd.NA, pd.NA, 5]
    assert disclose_changed_sections(rows, "public").empty
