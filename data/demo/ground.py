"""The ground that incidents and registers are laid on: an invented town's or a real extract's."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from data.demo.buildings import PERSONS_OF_A_FLAT
from data.demo.incidents import Scene
from data.demo.names import school_name
from data.demo.places import Places
from data.demo.plane import FloatArray, Plane
from data.demo.street_map import StreetMap, points_along
from data.demo.streets import Town
from data.demo.truth import Planted, plant_in_town, plant_on_streets

if TYPE_CHECKING:
    from data.importers.street_map.osm_extract import OsmExtract

_WALKED = {
    "primary": 1.0, "secondary": 0.95, "tertiary": 0.9, "trunk": 1.0, "residential": 0.55,
    "unclassified": 0.5, "living_street": 0.6, "pedestrian": 0.9, "service": 0.25,
    "footway": 0.3, "path": 0.05, "steps": 0.3, "track": 0.0,
}  # fmt: skip
"""Classes of a real map that are used, with the share of their ways that have lamps."""

_FEWEST_SCHOOLS = 6
_INVENTED_SCHOOLS = 12
_HOUSES = ("house", "apartments", "residential", "detached", "terrace", "dormitory")
_HOME_STEP_M = 60.0


@dataclass(frozen=True)
class Ground:
    """Everything the layers stand on.

    Attributes
    ----------
    scene
        What the incidents look at.
    schools
        ``school_id, name, name_kk, name_ru, x, y`` (gate in metres).
    plane
        The drawing board.
    homes_invented
        Whether the map itself shows no dwelling houses.
    """

    scene: Scene
    schools: pd.DataFrame
    plane: Plane
    homes_invented: bool


def ground_of_town(town: Town, places: Places, plane: Plane) -> Ground:
    """Return the invented town's ground."""
    planted = plant_in_town(town.streets)
    scene = Scene(town.streets, places.homes, places.venues, town.gates, planted)
    titles = [school_name(number) for number in range(1, len(town.gates) + 1)]
    schools = pd.DataFrame(
        {
            "school_id": [f"S{number:02d}" for number in range(1, len(titles) + 1)],
            "name": [title.kk for title in titles],
            "name_kk": [title.kk for title in titles],
            "name_ru": [title.ru for title in titles],
            "x": town.gates[:, 0],
            "y": town.gates[:, 1],
        }
    )
    return Ground(scene, schools, plane, homes_invented=False)


def ground_of_extract(extract: OsmExtract, rng: np.random.Generator) -> Ground:
    """Return the ground of a real extract; what it lacks is invented."""
    plane = Plane(float(extract.nodes["lat"].median()), float(extract.nodes["lon"].median()))
    streets = _streets_of_extract(extract, plane, rng)
    schools = _schools(extract, streets, plane, rng)
    homes, invented = _homes(extract, streets, plane)
    gates = schools[["x", "y"]].to_numpy(float)
    planted = plant_on_streets(streets, gates, rng)
    streets = _with_planted_lamps(streets, planted)
    scene = Scene(streets, homes, _venues(streets, rng), gates, planted)
    return Ground(scene, schools, plane, invented)


# -------------------------------------------------------------------------------------------


def _streets_of_extract(extract: OsmExtract, plane: Plane, rng: np.random.Generator) -> StreetMap:
    ways = extract.ways[extract.ways["highway"].isin(list(_WALKED))]
    closed = ways["access"].isin(["no", "private"]) | ways["foot"].isin(["no", "private"])
    ways = ways[~closed].reset_index(drop=True)
    position = pd.Series(np.arange(len(ways)), index=ways["way_id"])
    chain = extract.way_nodes[extract.way_nodes["way_id"].isin(ways["way_id"])]
    used, refs = np.unique(chain["node_id"].to_numpy(np.int64), return_inverse=True)
    places = extract.nodes.set_index("node_id").loc[used]
    x, y = plane.to_metres(places["lat"], places["lon"])
    name = ways["name"].fillna("").astype(str)
    table = pd.DataFrame(
        {
            "key": "",
            "highway": ways["highway"].astype(str),
            "name_kk": name,
            "name_ru": ways["name_ru"].fillna(name).astype(str),
            "lamps": rng.random(len(ways)) < ways["highway"].map(_WALKED).to_numpy(float),
        }
    )
    return StreetMap(
        x, y, refs.astype(np.int64), position.loc[chain["way_id"]].to_numpy(np.int64), table
    )


def _schools(
    extract: OsmExtract, streets: StreetMap, plane: Plane, rng: np.random.Generator
) -> pd.DataFrame:
    points = extract.points[extract.points["kind"] == "school"]
    if len(points) >= _FEWEST_SCHOOLS:
        x, y = plane.to_metres(points["lat"], points["lon"])
        found = pd.DataFrame({name: points[name] for name in ("name", "name_kk", "name_ru")})
        found = found.assign(x=x, y=y).reset_index(drop=True)
        ids = points["osm_id"].to_numpy(object)
    else:
        nodes = rng.choice(len(streets.x), size=_INVENTED_SCHOOLS, replace=False)
        titles = [school_name(number) for number in range(1, _INVENTED_SCHOOLS + 1)]
        found = pd.DataFrame(
            {
                "name": [title.kk for title in titles],
                "name_kk": [title.kk for title in titles],
                "name_ru": [title.ru for title in titles],
                "x": streets.x[nodes],
                "y": streets.y[nodes],
            }
        )
        ids = np.array([f"S{number:02d}" for number in range(1, len(found) + 1)], object)
    found.insert(0, "school_id", ids)
    return found


def _homes(extract: OsmExtract, streets: StreetMap, plane: Plane) -> tuple[pd.DataFrame, bool]:
    """Return homes, and whether they are invented along the residential streets."""
    lived_in = extract.areas[extract.areas["building"].isin(list(_HOUSES))]
    if len(lived_in) >= 500:
        x, y = plane.to_metres(lived_in["lat"], lived_in["lon"])
        many = lived_in["building"].isin(["apartments", "dormitory"]).to_numpy()
        flats = lived_in["flats"].fillna(pd.Series(np.where(many, 30.0, 1.0), lived_in.index))
        homes = pd.DataFrame({"x": x, "y": y, "dwellings": flats.to_numpy(float)})
    else:
        points = points_along(streets, _HOME_STEP_M)
        home_street = streets.ways["highway"].isin(["residential", "living_street", "unclassified"])
        points = points[home_street.to_numpy()[points["way"]]].reset_index(drop=True)
        side = np.where(np.arange(len(points)) % 2, 14.0, -14.0)
        homes = pd.DataFrame(
            {
                "x": points["x"] + side * points["left_x"],
                "y": points["y"] + side * points["left_y"],
                "dwellings": np.maximum(np.round(points["metres"] / 12), 1),
            }
        )
    homes = homes.reset_index(drop=True)
    homes["persons"] = homes["dwellings"] * PERSONS_OF_A_FLAT
    homes["street_ru"], homes["number"] = "", 0
    return homes, len(lived_in) < 500


def _venues(streets: StreetMap, rng: np.random.Generator) -> pd.DataFrame:
    busy = streets.ways["highway"].isin(["primary", "secondary", "tertiary", "pedestrian"])
    nodes = np.unique(streets.refs[busy.to_numpy()[streets.way]])
    nodes = nodes if len(nodes) >= 60 else np.arange(len(streets.x))
    chosen = rng.choice(nodes, size=min(200, len(nodes)), replace=False)
    kind = np.resize(["shop", "shop", "stop", "bar"], len(chosen))
    return pd.DataFrame({"x": streets.x[chosen], "y": streets.y[chosen], "kind": kind})


def _with_planted_lamps(streets: StreetMap, planted: Planted) -> StreetMap:
    """Let no lamps stand at the hot stretches; mark the ways of corridor and measure."""
    ways = streets.ways.copy()
    for lines, key in (
        *(([line], "hot") for _, line in planted.hot),
        (planted.corridor, "corridor"),
    ):
        ways.loc[_ways_through(streets, lines), "key"] = key
    ways.loc[planted.measure_ways, "key"] = "measure"
    ways["lamps"] = (ways["lamps"] & (ways["key"] != "hot")) | ways["key"].isin(
        ["corridor", "measure"]
    )
    return replace(streets, ways=ways)


def _ways_through(streets: StreetMap, lines: list[FloatArray]) -> list[int]:
    """Return the ways that lines made of their nodes run along."""
    u, v, way = streets.edges()
    middle_x, middle_y = (streets.x[u] + streets.x[v]) / 2, (streets.y[u] + streets.y[v]) / 2
    wanted = np.concatenate([(line[1:] + line[:-1]) / 2 for line in lines])
    _, edge = cKDTree(np.column_stack([middle_x, middle_y])).query(wanted)
    return [int(position) for position in np.unique(way[edge])]
