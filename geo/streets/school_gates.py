"""Where pupils go in: the gates of each school, and where they meet the streets.

A school's listed gates go first. Where none is listed but the outline of its grounds is known,
its gates are assumed where the outline meets the streets, else at the point of the outline that
is nearest to one. A school without either is entered at its own place.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from shapely import STRtree

from geo import columns as c
from geo.streets.network import StreetNetwork
from geo.streets.snapping import EdgePlaces, snap_to_edges

BoolArray = npt.NDArray[np.bool_]
FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

GATE, GATES, GATE_KNOWN, OUTLINE = "gate", "gates", "gate_known", "outline"

ONE_GATE_M = 25.0
"""Streets that meet an outline within this lead to one gate."""

_METRES_PER_DEGREE = 111_195.0


@dataclass(frozen=True)
class SchoolGates:
    """The gates of all schools, school by school.

    Attributes
    ----------
    school
        Position of each gate's school in the schools.
    lat, lon
        Where it stands, in degrees WGS84.
    known
        Whether somebody has said that it stands there.
    places
        Where it meets the network.
    """

    school: IntArray
    lat: FloatArray
    lon: FloatArray
    known: BoolArray
    places: EdgePlaces

    @property
    def number(self) -> IntArray:
        """The number of each gate within its school, from 1."""
        first = np.searchsorted(self.school, self.school)
        return np.arange(len(self.school)) - first + 1

    def of(self, school: int) -> EdgePlaces:
        """Return where the gates of one school meet the network, in their order."""
        return self.places.at(np.flatnonzero(self.school == school))


def school_gates(
    schools: pd.DataFrame, network: StreetNetwork, edges: IntArray, reach_m: float
) -> SchoolGates:
    """Find the gates of each school.

    Parameters
    ----------
    schools
        Frame of the SCHOOLS contract. Read where they are there: ``gates``
        ("lat,lon;lat,lon"), ``outline`` (polygon in WGS84) and ``gate_known`` (False: its own
        place is no gate).
    edges
        Positions of the edges that can be walked on.
    reach_m
        Metres within which a gate must lie of one of them.
    """
    streets = _Streets.of(network, edges, reach_m)
    found = [
        (row, *gate)
        for row, school in enumerate(schools.itertuples(index=False))
        for gate in _gates_of(school, streets)
    ]
    table = pd.DataFrame(found, columns=["school", c.LAT, c.LON, GATE_KNOWN])
    lat, lon = table[c.LAT].to_numpy(float), table[c.LON].to_numpy(float)
    return SchoolGates(
        school=table["school"].to_numpy(np.int64),
        lat=lat,
        lon=lon,
        known=table[GATE_KNOWN].to_numpy(bool),
        places=snap_to_edges(lat, lon, network, reach_m, edges=edges),
    )


def gates_at(places: EdgePlaces, school: IntArray) -> SchoolGates:
    """Return gates of which no more is known than where they meet the network, and whose."""
    nowhere = np.full(len(school), np.nan)
    return SchoolGates(school, nowhere, nowhere, np.ones(len(school), bool), places)


def gate_table(
    gates: SchoolGates, homes: pd.DataFrame, schools: pd.DataFrame, edge_section: IntArray
) -> pd.DataFrame:
    """Return who goes in by which gate.

    Parameters
    ----------
    homes
        As in `geo.streets.routes.SchoolRoutes`: ``gate`` (position, −1 none) and ``pupils``.
    edge_section
        Section (position) of each edge of the network.

    Returns
    -------
    DataFrame
        school_id, gate (number within the school, from 1), lat, lon, gate_known, section
        (position of the street that it opens on, −1 where it is far from all) and pupils.
    """
    reached = homes[homes[GATE] >= 0]
    pupils = np.bincount(reached[GATE], reached[c.PUPILS], len(gates.school))
    edge = gates.places.edge
    return pd.DataFrame(
        {
            c.SCHOOL_ID: schools[c.SCHOOL_ID].to_numpy(object)[gates.school],
            GATE: gates.number,
            c.LAT: gates.lat,
            c.LON: gates.lon,
            GATE_KNOWN: gates.known,
            "section": np.where(edge >= 0, edge_section[np.maximum(edge, 0)], -1),
            c.PUPILS: pupils.astype(float),
        }
    )


# -------------------------------------------------------------------------------------------


class _Gate(NamedTuple):
    lat: float
    lon: float
    known: bool


@dataclass(frozen=True)
class _Streets:
    """The walked streets as lines in degrees, ready to be asked for what is near.

    ``narrow`` is how much shorter a degree of longitude is than one of latitude.
    """

    lines: npt.NDArray[np.object_]
    tree: STRtree
    narrow: float
    reach_m: float

    @classmethod
    def of(cls, network: StreetNetwork, edges: IntArray, reach_m: float) -> _Streets:
        narrow = float(np.cos(np.radians(network.lat.mean()))) if len(network.lat) else 1.0
        nodes = np.column_stack([network.lon * narrow, network.lat])
        ends = np.stack([nodes[network.edge_u[edges]], nodes[network.edge_v[edges]]], axis=1)
        lines = np.asarray(shapely.linestrings(ends), object)
        return cls(lines, STRtree(lines), narrow, reach_m)

    def gates_of(self, outline: Any) -> Iterator[_Gate]:
        """Yield where an outline meets the streets, else its point nearest to one."""
        ring = shapely.transform(shapely.boundary(outline), lambda at: at * [self.narrow, 1.0])
        met = self.lines[self.tree.query(ring, predicate="intersects")]
        points = [_middle(part) for part in shapely.get_parts(shapely.intersection(met, ring))]
        if not points:
            points = self._nearest(ring)
        kept: list[tuple[float, float]] = []
        for x, y in sorted(points, key=lambda at: (at[1], at[0])):
            if all(np.hypot(x - a, y - b) * _METRES_PER_DEGREE > ONE_GATE_M for a, b in kept):
                kept.append((x, y))
                yield _Gate(y, x / self.narrow, False)

    def _nearest(self, ring: Any) -> list[tuple[float, float]]:
        near = self.tree.query_nearest(
            ring, max_distance=self.reach_m / _METRES_PER_DEGREE, all_matches=False
        )
        if not len(near):
            return []
        line = shapely.shortest_line(ring, self.lines[near[0]])
        return [tuple(shapely.get_coordinates(line)[0])]


def _gates_of(school: Any, streets: _Streets) -> list[_Gate]:
    listed = getattr(school, GATES, None)
    if isinstance(listed, str) and listed:
        pairs = [gate.split(",") for gate in listed.split(";")]
        return [_Gate(float(lat), float(lon), True) for lat, lon in pairs]
    outline = getattr(school, OUTLINE, None)
    assumed = list(streets.gates_of(outline)) if isinstance(outline, shapely.Geometry) else []
    known = bool(getattr(school, GATE_KNOWN, True))
    return assumed or [_Gate(float(school.lat), float(school.lon), known)]


def _middle(part: Any) -> tuple[float, float]:
    """Return a point, or the middle of a piece of street that the outline follows."""
    point = part if part.geom_type == "Point" else part.interpolate(0.5, normalized=True)
    return float(point.x), float(point.y)
