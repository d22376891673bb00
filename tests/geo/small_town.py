"""Build a street network from metres drawn by hand, beside Oral."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from shapely.geometry import box

from geo.streets.network import StreetNetwork, build_network
from geo.streets.sections import Sections, street_sections
from geo.study_area import StudyArea, build_study_area

AREA = build_study_area("town", box(51.30, 51.18, 51.45, 51.28), time_zone="Asia/Oral")
ORIGIN = tuple(float(value[0]) for value in AREA.to_metric(51.23, 51.37))


@dataclass(frozen=True)
class SmallTown:
    area: StudyArea
    network: StreetNetwork
    sections: Sections
    nodes: dict[str, int]

    def section(self, one: str, other: str) -> int:
        """Position of the section whose ends are these two nodes."""
        ends = {self.node(one), self.node(other)}
        frame = self.sections.frame
        for position, (u, v) in enumerate(zip(frame["node_u"], frame["node_v"], strict=True)):
            if {u, v} == ends:
                return position
        raise KeyError((one, other))

    def node(self, name: str) -> int:
        """Position of a node in the network."""
        return int(np.searchsorted(self.network.node_id, self.nodes[name]))


def small_town(places: dict[str, tuple[float, float]], *streets: str, **tags: list) -> SmallTown:
    """Build a town from places in metres east and north and streets written as ``a b c``.

    ``tags`` give one value a street, such as ``lit=["yes", None]``; the default class is
    residential.
    """
    ids = {name: 100 + number for number, name in enumerate(places)}
    lat, lon = degrees(list(places.values()))
    nodes = pd.DataFrame({"node_id": list(ids.values()), "lat": lat, "lon": lon})
    names = ("highway", "name", "name_kk", "name_ru", "lit", "sidewalk", "surface")
    columns = {
        name: pd.Series(tags.get(name, [None] * len(streets)), dtype="str") for name in names
    }
    columns["highway"] = columns["highway"].fillna("residential")
    ways = pd.DataFrame({"way_id": np.arange(len(streets)) + 1, **columns})
    rows = [(way + 1, ids[name]) for way, street in enumerate(streets) for name in street.split()]
    way_nodes = pd.DataFrame(rows, columns=["way_id", "node_id"])
    network = build_network(nodes, ways, way_nodes, AREA)
    return SmallTown(AREA, network, street_sections(network), ids)


def degrees(metres) -> tuple[np.ndarray, np.ndarray]:
    """Turn metres east and north of the origin into latitudes and longitudes."""
    east, north = np.asarray(metres, float).reshape(-1, 2).T
    return AREA.to_degrees(ORIGIN[0] + east, ORIGIN[1] + north)


def random_town(seed: int, count: int = 40, side: float = 1500.0) -> SmallTown:
    """A connected random network: a tree over random places and some further streets."""
    rng = np.random.default_rng(seed)
    spots = rng.uniform(0, side, (count, 2))
    places = {f"n{i}": (float(x), float(y)) for i, (x, y) in enumerate(spots)}
    streets = []
    for i in range(1, count):
        near = np.argsort(np.hypot(*(spots[:i] - spots[i]).T))
        streets.append(f"n{i} n{near[0]}")
        if len(near) > 1 and rng.random() < 0.6:
            streets.append(f"n{i} n{near[1]}")
    return small_town(places, *streets)
