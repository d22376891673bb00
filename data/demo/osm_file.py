"""Write the invented town as an OpenStreetMap extract."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import osmium
from osmium.osm.mutable import Node, Way

from data.demo.names import RIVER as RIVER_NAME
from data.demo.names import in_russian
from data.demo.places import Places
from data.demo.plan import FACTORY_SIDING, RAILWAY, RIVER, SECOND_TRACK
from data.demo.plane import FloatArray, Plane, smooth_line
from data.demo.street_map import StreetMap

_WRITTEN = datetime(2026, 10, 1, tzinfo=UTC)
_NOTE = {"note": "synthetic"}


def write_town(path: Path, streets: StreetMap, places: Places, plane: Plane) -> None:
    """Write streets, buildings, grounds, points, rails and the river's course.

    The same town gives the same bytes; every object bears ``note=synthetic``.
    """
    header = osmium.io.Header()
    header.set("generator", "safe-region demo (synthetic town)")
    with osmium.SimpleWriter(str(path), header=header, overwrite=True) as writer:
        sheet = _Sheet(writer, plane)
        corners = sheet.add_nodes(streets.x, streets.y)
        rings = sheet.add_chains([shape.ring for shape in places.shapes])
        courses = _courses()
        lines = sheet.add_chains([xy for xy, _ in courses])
        for spot in places.spots:
            sheet.add_spot(spot.x, spot.y, spot.tags)
        tags_of_ways = streets.ways.to_dict("records")
        for nodes, row in zip(_street_nodes(streets, corners), tags_of_ways, strict=True):
            sheet.add_way(nodes, _street_tags(row))
        for ring, shape in zip(rings, places.shapes, strict=True):
            sheet.add_way([*ring, ring[0]], shape.tags)
        for nodes, (_, tags) in zip(lines, courses, strict=True):
            sheet.add_way(nodes, tags)


# -------------------------------------------------------------------------------------------


class _Sheet:
    """Counts the ids of one file; nodes are written before ways, as the format wants it."""

    def __init__(self, writer: osmium.SimpleWriter, plane: Plane) -> None:
        self._writer = writer
        self._plane = plane
        self._last_node = 0
        self._last_way = 0

    def add_nodes(self, x: FloatArray, y: FloatArray) -> list[int]:
        lat, lon = self._plane.to_degrees(x, y)
        return [self._add_node(place, {}) for place in zip(lon.tolist(), lat.tolist(), strict=True)]

    def add_chains(self, chains: list[FloatArray]) -> list[list[int]]:
        joined = np.concatenate(chains)
        ids = self.add_nodes(joined[:, 0], joined[:, 1])
        ends = np.cumsum([len(chain) for chain in chains]).tolist()
        return [ids[start:end] for start, end in zip([0, *ends], ends, strict=False)]

    def add_spot(self, x: float, y: float, tags: dict[str, str]) -> None:
        lat, lon = self._plane.to_degrees(x, y)
        self._add_node((float(lon), float(lat)), tags | _NOTE)

    def add_way(self, nodes: list[int], tags: dict[str, str]) -> None:
        self._last_way += 1
        self._writer.add_way(
            Way(id=self._last_way, version=1, timestamp=_WRITTEN, nodes=nodes, tags=tags | _NOTE)
        )

    def _add_node(self, place: tuple[float, float], tags: dict[str, str]) -> int:
        self._last_node += 1
        self._writer.add_node(
            Node(id=self._last_node, version=1, timestamp=_WRITTEN, location=place, tags=tags)
        )
        return self._last_node


def _street_nodes(streets: StreetMap, ids: list[int]) -> list[list[int]]:
    nodes: list[list[int]] = [[] for _ in range(len(streets.ways))]
    for way, ref in zip(streets.way.tolist(), streets.refs.tolist(), strict=True):
        nodes[way].append(ids[ref])
    return nodes


def _street_tags(row: dict[Any, Any]) -> dict[str, str]:
    tags = {"highway": row["highway"]}
    if row["name_kk"]:
        tags |= {"name": row["name_kk"], "name:kk": row["name_kk"], "name:ru": row["name_ru"]}
    if row["bridge"]:
        tags |= {"bridge": "yes", "layer": "1"}
    return tags | {key: row[key] for key in ("lit", "surface", "sidewalk") if row[key]}


def _courses() -> list[tuple[FloatArray, dict[str, str]]]:
    rails = [(smooth_line(RAILWAY, 60), {"railway": "rail"})]
    rails += [
        (smooth_line(track, 60), {"railway": "rail", "service": "siding"})
        for track in (SECOND_TRACK, FACTORY_SIDING)
    ]
    names = {"name": RIVER_NAME, "name:kk": RIVER_NAME, "name:ru": in_russian(RIVER_NAME)}
    river = {"waterway": "river", **names}
    return [*rails, (smooth_line(RIVER, 60), river)]
