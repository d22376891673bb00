"""Street and house number of homes that are known by their place alone.

A home bears the address of the map's house that it stands in or beside. Where no house is near,
only its street is known: the nearest one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from data.importers.places.gazetteer import Gazetteer
from data.importers.places.house_lists import ListedStreet
from data.importers.places.house_numbers import HouseNumber
from data.importers.places.street_parts import StreetEnd, street_part
from geo import columns as c

HOUSE_REACH_M = 40.0
"""A home takes the number of the nearest house within this: its own, or its neighbour's."""
STREET_REACH_M = 60.0
PART_REACH_M = 10.0
"""How far a home's nearest point of a street may be from the part of it that is meant."""

BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True)
class HomeAddresses:
    """The addresses of homes.

    Attributes
    ----------
    gazetteer
        The map's streets.
    numbered
        home (position), street and house (`HouseNumber`); a home on a corner may have two rows.
    on_street
        home, street, and x, y in metres of its nearest point of the street: the other homes.
    x, y
        Of all homes, in metres.
    """

    gazetteer: Gazetteer
    numbered: pd.DataFrame
    on_street: pd.DataFrame
    x: npt.NDArray[np.float64]
    y: npt.NDArray[np.float64]

    def at(self, street: int, house: HouseNumber) -> IntArray:
        """Return the homes (positions) of one address."""
        rows = self.numbered
        own = (rows["street"] == street).to_numpy() & (rows["house"] == house).to_numpy()
        return rows["home"].to_numpy(np.int64)[own]

    def near(self, x: float, y: float) -> IntArray:
        """Return the home nearest to a place in metres, none where it is farther than a house."""
        if not len(self.x):
            return np.empty(0, np.int64)
        away = np.hypot(self.x - x, self.y - y)
        nearest = int(away.argmin())
        return np.array([nearest][: int(away[nearest] <= HOUSE_REACH_M)], np.int64)

    def listed(self, street: int, item: ListedStreet) -> IntArray:
        """Return the homes that a list means by houses of a street.

        A home without a number is meant where the whole street is, and where it lies between the
        ends of houses of both sides.
        """
        rows = self.numbered[(self.numbered["street"] == street).to_numpy()]
        others = self.on_street[(self.on_street["street"] == street).to_numpy()]
        if not item.houses:
            return np.unique(np.concatenate([rows["home"], others["home"]]).astype(np.int64))
        meant = [any(one.covers(house) for one in item.houses) for house in rows["house"]]
        between = self._between(others, street, item)
        found = [rows["home"].to_numpy()[np.array(meant, bool)], others["home"].to_numpy()[between]]
        return np.unique(np.concatenate(found).astype(np.int64))

    def _between(self, others: pd.DataFrame, street: int, item: ListedStreet) -> BoolArray:
        inside = np.zeros(len(others), bool)
        if others.empty:
            return inside
        spots = shapely.points(others[["x", "y"]].to_numpy())
        name = str(self.gazetteer.streets["name"].iloc[street])
        for one in item.houses:
            if one.side is not None or one.low == one.high:
                continue
            end = StreetEnd(house=str(one.high)) if one.high else None
            part = street_part(self.gazetteer, name, StreetEnd(house=str(one.low)), end)
            if part.line is not None:
                lon, lat = np.array(part.line.coords).T
                line = shapely.linestrings(*self.gazetteer.area.to_metric(lat, lon))
                inside |= shapely.distance(spots, line) <= PART_REACH_M
        return inside


def home_addresses(homes: pd.DataFrame, gazetteer: Gazetteer) -> HomeAddresses:
    """Find the addresses of homes (frame of the HOMES contract)."""
    x, y = gazetteer.area.to_metric(homes[c.LAT], homes[c.LON])
    numbered = _numbered(np.column_stack([x, y]), gazetteer.addresses)
    rest = np.setdiff1d(np.arange(len(homes)), numbered["home"])
    return HomeAddresses(gazetteer, numbered, _on_street(rest, x, y, gazetteer), x, y)


# -------------------------------------------------------------------------------------------


def _numbered(spots: npt.NDArray[np.float64], known: pd.DataFrame) -> pd.DataFrame:
    """Give each home the addresses of the nearest house; several may stand at one point."""
    if known.empty or not len(spots):
        return pd.DataFrame({"home": [], "street": [], "house": []})
    tree = cKDTree(known[["x", "y"]].to_numpy(float))
    away = np.asarray(tree.query(spots, distance_upper_bound=HOUSE_REACH_M)[0], float)
    reached = np.flatnonzero(np.isfinite(away))
    found = tree.query_ball_point(spots[reached], away[reached] + 0.5)
    home = np.repeat(reached, [len(rows) for rows in found])
    rows = known.iloc[np.concatenate([[], *map(sorted, found)]).astype(np.int64)]
    parts = rows[["number", "letter", "part", "block"]].itertuples(index=False, name=None)
    houses = [HouseNumber(*part) for part in parts]
    return pd.DataFrame({"home": home, "street": rows["street"].to_numpy(), "house": houses})


def _on_street(
    rest: IntArray,
    x: npt.NDArray[np.float64],
    y: npt.NDArray[np.float64],
    gazetteer: Gazetteer,
) -> pd.DataFrame:
    edges = gazetteer.edges
    ends = edges[["x1", "y1", "x2", "y2"]].to_numpy().reshape(-1, 2, 2)
    lines = np.asarray(shapely.linestrings(ends), object)
    doors = np.asarray(shapely.points(x[rest], y[rest]), object)
    door, edge = shapely.STRtree(lines).query_nearest(
        doors, max_distance=STREET_REACH_M, all_matches=False
    )
    feet = shapely.line_interpolate_point(
        lines[edge], shapely.line_locate_point(lines[edge], doors[door])
    )
    return pd.DataFrame(
        {
            "home": rest[door],
            "street": edges["street"].to_numpy()[edge],
            "x": shapely.get_x(feet),
            "y": shapely.get_y(feet),
        }
    )
