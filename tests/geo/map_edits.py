"""A street map before and after the kinds of edit that a town's map sees in a year."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from geo.streets.network import StreetNetwork, build_network
from geo.streets.sections import Sections, street_sections
from geo.study_area import StudyArea
from tests.geo.street_drawings import TAGS, X0, Y0, town_area


@dataclass(frozen=True)
class DrawnMap:
    nodes: pd.DataFrame
    ways: pd.DataFrame
    way_nodes: pd.DataFrame
    area: StudyArea

    def cut(self) -> tuple[StreetNetwork, Sections]:
        network = build_network(self.nodes, self.ways, self.way_nodes, self.area)
        return network, street_sections(network)


def demo_map() -> DrawnMap:
    """The invented town's streets, as an extract of OSM would hold them."""
    from data.demo.streets import town_streets

    streets = town_streets(1).streets
    area = town_area()
    lat, lon = area.to_degrees(X0 + streets.x, Y0 + streets.y)
    nodes = pd.DataFrame({"node_id": np.arange(len(lat)), "lat": lat.round(7), "lon": lon.round(7)})
    ways = streets.ways.reindex(columns=["highway", *TAGS]).astype("str").replace("", None)
    ways = ways.assign(way_id=np.arange(len(ways)), name=ways["name_kk"])
    way_nodes = pd.DataFrame({"way_id": streets.way, "node_id": streets.refs})
    return DrawnMap(nodes, ways, way_nodes, area)


def edited(drawn: DrawnMap, seed: int) -> DrawnMap:
    """Move half of the map; rename, take away, cut and add a fiftieth of its streets each."""
    rng = np.random.default_rng(seed)
    drawn = _renamed(drawn, rng)
    drawn = _moved(drawn, rng, metres=(2.5, -2.0))
    drawn = _without_some_ways(drawn, rng)
    return _with_new_lanes(drawn, rng)


def edges_of_sections(network: StreetNetwork, sections: Sections) -> list[frozenset]:
    """The pairs of OSM nodes that each section joins: the same for a moved or renamed one."""
    u, v = network.node_id[network.edge_u], network.node_id[network.edge_v]
    pairs = pd.Series(list(zip(np.minimum(u, v), np.maximum(u, v), strict=True)))
    return pairs.groupby(sections.edge_section).agg(frozenset).tolist()


def _renamed(drawn: DrawnMap, rng: np.random.Generator) -> DrawnMap:
    names = drawn.ways["name"].dropna().unique()
    chosen = rng.choice(names, len(names) // 50 + 1, replace=False)
    new = {name: f"Жаңа {name}" for name in chosen}
    return replace(drawn, ways=drawn.ways.assign(name=drawn.ways["name"].replace(new)))


def _moved(drawn: DrawnMap, rng: np.random.Generator, metres: tuple[float, float]) -> DrawnMap:
    """Move half of the town, as a better aerial picture does."""
    x, y = drawn.area.to_metric(drawn.nodes["lat"], drawn.nodes["lon"])
    east, north = rng.uniform(0.3, 0.7, 2)
    inside = (x < np.quantile(x, east)) == (y < np.quantile(y, north))
    lat, lon = drawn.area.to_degrees(x + metres[0] * inside, y + metres[1] * inside)
    moved = drawn.nodes.assign(
        lat=np.where(inside, lat.round(7), drawn.nodes["lat"]),
        lon=np.where(inside, lon.round(7), drawn.nodes["lon"]),
    )
    return replace(drawn, nodes=moved)


def _without_some_ways(drawn: DrawnMap, rng: np.random.Generator) -> DrawnMap:
    gone = rng.choice(drawn.ways["way_id"], len(drawn.ways) // 50, replace=False)
    return replace(drawn, ways=drawn.ways[~drawn.ways["way_id"].isin(gone)].reset_index(drop=True))


def _with_new_lanes(drawn: DrawnMap, rng: np.random.Generator) -> DrawnMap:
    """Let new lanes of 60 m leave from the middle of edges, which cuts the sections there."""
    rows = drawn.way_nodes.reset_index(drop=True)
    same = rows["way_id"].eq(rows["way_id"].shift(-1)).to_numpy()
    before = rng.choice(np.flatnonzero(same), len(drawn.ways) // 50, replace=False)
    at = drawn.nodes.set_index("node_id")
    u, v = (at.loc[rows["node_id"].iloc[before + step]] for step in (0, 1))
    middle = (u[["lat", "lon"]].to_numpy() + v[["lat", "lon"]].to_numpy()) / 2
    x, y = drawn.area.to_metric(middle[:, 0], middle[:, 1])
    turn = rng.uniform(0, 2 * np.pi, len(x))
    far = np.column_stack(drawn.area.to_degrees(x + 60 * np.cos(turn), y + 60 * np.sin(turn)))

    count, node, way = len(before), drawn.nodes["node_id"].max() + 1, drawn.ways["way_id"].max() + 1
    corners, ends = node + np.arange(count), node + count + np.arange(count)
    nodes = pd.DataFrame(np.concatenate([middle, far]).round(7), columns=["lat", "lon"])
    nodes["node_id"] = np.concatenate([corners, ends])
    inserted = pd.DataFrame({"way_id": rows["way_id"].iloc[before], "node_id": corners}).set_axis(
        before + 0.5
    )
    lanes = pd.DataFrame({"way_id": way + np.arange(count), "highway": "residential"})
    lane_rows = pd.DataFrame(
        {"way_id": lanes["way_id"].repeat(2), "node_id": np.stack([corners, ends], 1).ravel()}
    )
    street_rows = pd.concat([rows[["way_id", "node_id"]], inserted]).sort_index()
    return replace(
        drawn,
        nodes=pd.concat([drawn.nodes, nodes], ignore_index=True),
        ways=pd.concat([drawn.ways, lanes], ignore_index=True).astype(
            dict.fromkeys(("highway", *TAGS), "str")
        ),
        way_nodes=pd.concat([street_rows, lane_rows], ignore_index=True),
    )
