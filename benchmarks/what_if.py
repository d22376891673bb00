"""Streets closed before a school: ours against the same routing by NetworkX.

Streets, homes and schools are those of Almaty's map. Both find, without the closed streets, the
shortest way of every home and the calm ways of four strengths, choose among them, and add up the
metres, the light and the pupils on each section. The peer is given the streets within the
school's reach as a ready graph, as ours keeps them. ``whole_s`` routes the whole town anew, as a
build does. Wall time and, for a busy machine, CPU time; means, pupils and sections are compared.
"""

from __future__ import annotations

import gc
import json
import time
from itertools import pairwise

import networkx as nx
import numpy as np
import pandas as pd

from benchmarks.school_routes import read_town
from geo.parameters import WINDOWS, HazardParameters
from geo.streets.alternatives import CalmChoice
from geo.streets.routes import school_routes
from geo.streets.school_walks import WalkedStreets
from geo.streets.walk_changes import WalkedTown, walk_change, ways_to_school

CALLS = 200
CHECKED = 20
CLOSED = 3
GOAL_MS = 50.0
CHOICE = CalmChoice()
NOTHING = np.empty(0, np.int64)
LIGHT = ["lit_m", "unlit_m", "unknown_light_m"]


def main() -> None:
    town, whole_s = walked_town()
    rng = np.random.default_rng(0)
    schools = np.unique(town.routes.flows["school"])
    ways = {
        school: ways_to_school(town, int(school), HazardParameters(), CHOICE, dark=True)
        for school in schools
    }
    gc.collect()
    gc.freeze()  # as the service does: a full round of the collector takes longer than a call
    ours, peer = [], []
    for call in range(CALLS):
        own = ways[schools[rng.integers(len(schools))]]
        closed = rng.choice(own.flows["section"].to_numpy(), CLOSED)
        told = timed(ours, walk_change, own, closed, NOTHING, CHOICE)
        if call < CHECKED:
            graph = build_graph(town, own)
            compare(told, own, timed(peer, rerouted, graph, town, own, closed))
    wall, cpu = np.array(ours).T
    line = {
        "benchmark": "what_if",
        "calls": CALLS,
        "homes": len(town.routes.homes),
        **dict(zip(("p50_ms", "p95_ms", "max_ms"), quantiles(wall), strict=True)),
        **dict(zip(("cpu_p50_ms", "cpu_p95_ms", "cpu_max_ms"), quantiles(cpu), strict=True)),
        "goal_ms": GOAL_MS,
        "peer": f"networkx {nx.__version__}",
        "peer_cpu_p50_ms": quantiles(np.array(peer)[:, 1])[0],
        "ratio": round(float(np.median(np.array(peer)[:, 1]) / np.median(cpu[:CHECKED])), 1),
        "whole_s": round(whole_s, 3),
    }
    print(json.dumps(line), flush=True)


def timed(kept: list, work, *given):
    wall, cpu = time.perf_counter(), time.process_time()
    found = work(*given)
    kept.append((1000 * (time.perf_counter() - wall), 1000 * (time.process_time() - cpu)))
    return found


def quantiles(values: np.ndarray) -> list[float]:
    return np.percentile(values, [50, 95, 100]).round(1).tolist()


def walked_town() -> tuple[WalkedTown, float]:
    """Return Almaty with made-up light and hazard, and the seconds that all its routes take."""
    network, sections, schools, homes = read_town()
    parameters = HazardParameters()
    start = time.perf_counter()
    routes = school_routes(network, sections, schools, homes, parameters)
    whole_s = time.perf_counter() - start
    rng = np.random.default_rng(1)
    length = sections.frame["length_m"].to_numpy()
    light = rng.dirichlet([2, 1, 1], len(length)) * length[:, None]
    hazard = rng.gamma(0.7, 1.0, (len(length), len(WINDOWS)))
    streets = WalkedStreets(network, sections, pd.DataFrame(light, columns=LIGHT), hazard)
    return WalkedTown(streets, schools, routes), whole_s


def build_graph(town: WalkedTown, ways) -> nx.Graph:
    """Return the streets within a school's reach, the school joined to the ends of its edge."""
    network, sections = town.streets.network, town.streets.sections
    near = ways.reach.local >= 0
    graph = nx.MultiGraph()
    for edge in np.flatnonzero(near[network.edge_u] & near[network.edge_v]).tolist():
        ends = int(network.edge_u[edge]), int(network.edge_v[edge])
        section = int(sections.edge_section[edge])
        graph.add_edge(*ends, metres=float(network.edge_length_m[edge]), section=section)
    gates = ways.reach.gates
    graph.add_node("school")
    for edge, share in zip(gates.edge.tolist(), gates.share.tolist(), strict=True):
        metres, section = float(network.edge_length_m[edge]), int(sections.edge_section[edge])
        for node, part in ((network.edge_u[edge], share), (network.edge_v[edge], 1 - share)):
            if near[node]:
                graph.add_edge("school", int(node), metres=part * metres, section=section)
    return graph


def rerouted(graph: nx.Graph, town: WalkedTown, ways, closed: np.ndarray):
    """Return what each home gathers on its shortest and calm way, and the pupils by section."""
    streets = ways.streets.without(closed)
    metre = np.column_stack([np.ones(len(streets.light)), streets.light])
    found = {
        strength: walks_at(graph, town, ways, factors(streets, strength), metre)
        for strength in (0.0, *sorted(CHOICE.strengths))
    }
    totals, sections = found[0.0]
    shortest, calm, used = np.array(totals), np.array(totals), list(sections)
    limit = (1 + CHOICE.detour_limit) * shortest[:, 0] + 1e-6
    for strength in sorted(CHOICE.strengths):
        for home, total in enumerate(found[strength][0]):
            if total[0] <= limit[home]:
                calm[home], used[home] = total, found[strength][1][home]
    pupils: dict[int, float] = {}
    for home, own in enumerate(used):
        for section in own:
            pupils[section] = pupils.get(section, 0.0) + float(ways.pupils[home])
    return shortest, calm, pupils


def factors(streets, strength: float) -> np.ndarray:
    """Return the cost of a metre on each section, as the calm way is defined."""
    hazard = np.where(np.isnan(streets.hazard), streets.mean_hazard, streets.hazard)
    dark = streets.darkness * (streets.light[:, 1] + 0.5 * streets.light[:, 2])
    calm = hazard / (hazard + streets.mean_hazard)
    factor = 1 + strength * (CHOICE.dark_weight * dark + CHOICE.calm_weight * calm)
    factor[list(streets.closed)] = np.inf
    return factor


def walks_at(graph: nx.Graph, town: WalkedTown, ways, factor: np.ndarray, metre: np.ndarray):
    """Grow the tree of one strength and follow it from every home."""
    price = {section: float(cost) for section, cost in enumerate(factor)}

    def cost(_one, _other, edges) -> float | None:
        best = min(price[edge["section"]] * edge["metres"] for edge in edges.values())
        return best if np.isfinite(best) else None

    costs, paths = nx.single_source_dijkstra(graph, "school", weight=cost)
    totals, used = [], []
    for edge, share in zip(ways.doors.edge.tolist(), ways.doors.share.tolist(), strict=True):
        network, section = town.streets.network, int(town.streets.sections.edge_section[edge])
        length = float(network.edge_length_m[edge])
        gates = ways.reach.gates
        choices = [
            (share * length, int(network.edge_u[edge])),
            ((1 - share) * length, int(network.edge_v[edge])),
            *((abs(share - at) * length, "school") for at in gates.share[gates.edge == edge]),
        ]
        prices = [factor[section] * far + costs.get(node, np.inf) for far, node in choices]
        if not np.isfinite(factor[section]) or not np.isfinite(min(prices)):
            totals.append(np.full(metre.shape[1], np.nan))
            used.append([])
            continue
        far, node = choices[int(np.argmin(prices))]
        total, sections = far * metre[section], {section}
        for one, other in pairwise(paths[node]):
            step = min(graph[one][other].values(), key=lambda e: price[e["section"]] * e["metres"])
            total = total + step["metres"] * metre[step["section"]]
            if step["metres"] > 0:
                sections.add(step["section"])
        totals.append(total)
        used.append(sorted(sections))
    return totals, used


def compare(told, ways, peer) -> None:
    """Compare pupils without a way, the means of both ways, and the pupils of each section."""
    shortest, calm, pupils = peer
    has = ~np.isnan(shortest[:, 0])
    np.testing.assert_allclose(told.unreachable_pupils, ways.pupils[~has].sum(), atol=1e-6)
    weight = ways.pupils[has]
    for way, totals in (("shortest", shortest), ("calm", calm)) if weight.sum() else ():
        mine = [told.after[way][name] for name in ("metres", *LIGHT)]
        np.testing.assert_allclose(mine, weight @ totals[has] / weight.sum(), rtol=1e-9)
    mine = told.sections.set_index("section")["pupils_after"]
    theirs = pd.Series(pupils, dtype=float).reindex(mine.index).fillna(0.0)
    np.testing.assert_allclose(mine, theirs, rtol=1e-9, atol=1e-6)


if __name__ == "__main__":
    main()
