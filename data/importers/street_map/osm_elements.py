"""One pass over OSM elements: which ones are kept, and as what.

Nodes are never walked one by one: pyosmium keeps their places in a table of its own, and only
the nodes that a kept way refers to are asked for afterwards. So the order of the file does not
matter, and a city takes a tenth of a second.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, cast

import numpy as np
import numpy.typing as npt
import osmium
from osmium.filter import EntityFilter, KeyFilter
from osmium.osm import Node, Way

from data.importers.street_map.osm_extract import OTHER_NAMES, TEXT_TAGS

Tag = Callable[[str], str | None]
Row = tuple[Any, ...]
Source = osmium.io.File | osmium.io.FileBuffer

AREA_KEYS = ("building", "natural", "waterway", "landuse", "leisure")
POINT_KEYS = ("amenity", "place", "highway", "addr:housenumber")
SCHOOL = {"amenity": {"school"}}
WATER = {"natural": {"water"}, "waterway": {"riverbank"}, "landuse": {"reservoir", "basin"}}
GREEN = {
    "leisure": {"park", "garden", "recreation_ground", "nature_reserve", "pitch", "playground"},
    "landuse": {"forest", "grass", "meadow", "recreation_ground", "village_green", "cemetery"},
    "natural": {"wood", "scrub", "grassland", "heath"},
}
RAILS = frozenset({"rail", "light_rail", "tram", "narrow_gauge", "funicular"})
WATERWAYS = frozenset({"river", "stream", "canal", "drain", "ditch"})


@dataclass
class Chains:
    """Ways as runs of node references: row i owns the next ``counts[i]`` of ``refs``."""

    rows: list[Row] = field(default_factory=list)
    refs: array[int] = field(default_factory=lambda: array("q"))
    counts: array[int] = field(default_factory=lambda: array("q"))

    def add(self, row: Row, refs: list[int]) -> None:
        """Append one way."""
        self.rows.append(row)
        self.refs.extend(refs)
        self.counts.append(len(refs))


@dataclass(frozen=True)
class Relation:
    """A multipolygon: what it is, and the ways of its outer and inner rings."""

    point: Row | None
    area: Row | None
    outer: list[int]
    inner: list[int]


@dataclass
class Elements:
    """What the pass has collected, before references are resolved.

    Rows of ``outlines`` are (way id, point row or None, area row or None).
    """

    highways: Chains = field(default_factory=Chains)
    lines: Chains = field(default_factory=Chains)
    outlines: Chains = field(default_factory=Chains)
    points: list[Row] = field(default_factory=list)
    relations: list[Relation] = field(default_factory=list)
    ways_read: int = 0
    bad_points: int = 0
    newest: datetime | None = None


def collect_elements(source: Source) -> tuple[Elements, osmium.index.LocationTable]:
    """Read the file and keep streets, points, areas and lines.

    Returns
    -------
    elements
        What was kept; ways still bear node ids.
    places
        Places of the nodes with positive ids.
    """
    elements = Elements()
    keys = KeyFilter("amenity", *AREA_KEYS)
    for item in osmium.FileProcessor(source, osmium.osm.RELATION).with_filter(keys):
        if isinstance(item, osmium.osm.Relation):
            _take_relation(elements, item)
    members = {way for relation in elements.relations for way in (*relation.outer, *relation.inner)}

    places = osmium.index.create_map("flex_mem")
    nodes_and_ways = osmium.osm.NODE | osmium.osm.WAY
    points = KeyFilter(*POINT_KEYS)
    points.enable_for(osmium.osm.NODE)
    processor = _located(osmium.FileProcessor(source, nodes_and_ways), places)
    for item in processor.with_filter(points):
        if isinstance(item, Way):
            _take_way(elements, item, members)
        elif isinstance(item, Node):
            _take_node(elements, item)
    return elements, places


def collect_streets(source: Source) -> tuple[Chains, osmium.index.LocationTable]:
    """Read the file once and keep its ``highway=*`` ways alone."""
    streets = Chains()
    places = osmium.index.create_map("flex_mem")
    nodes_and_ways = osmium.osm.NODE | osmium.osm.WAY
    processor = _located(osmium.FileProcessor(source, nodes_and_ways), places)
    only_ways = EntityFilter(osmium.osm.WAY)
    for way in processor.with_filter(only_ways).with_filter(KeyFilter("highway")):
        if isinstance(way, Way):
            row = (way.id, *_street_tags(way.tags.get))
            streets.add(row, [node.ref for node in way.nodes])
    return streets, places


def resolve_references(
    refs: npt.NDArray[np.int64], places: osmium.index.LocationTable, source: Source
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Give each distinct reference its latitude and longitude.

    Returns
    -------
    ids
        Distinct references, ascending.
    lat, lon
        Degrees; NaN for a node that is not in the file, infinite for one whose coordinates are
        out of range.
    """
    ids = np.unique(refs)
    edited = _negative_places(source) if len(ids) and ids[0] < 0 else {}
    get = places.get
    x, y = array("q"), array("q")
    for node in ids.tolist():
        try:
            place = get(node) if node >= 0 else edited[node]
        except KeyError:
            x.append(_ABSENT)
            y.append(_ABSENT)
        else:
            x.append(place.x)
            y.append(place.y)
    units = np.array([y, x], np.int64).reshape(2, -1)
    degrees = units / 1e7
    degrees[:, (np.abs(units) > _LIMITS).any(axis=0)] = np.inf
    degrees[:, units[0] == _ABSENT] = np.nan
    return ids, degrees[0], degrees[1]


# -------------------------------------------------------------------------------------------


_ABSENT = 1 << 40
_LIMITS = np.array([[900_000_000], [1_800_000_000]])  # latitude, longitude in units of 1e-7 degree


class _Units(NamedTuple):
    """A place in OSM's whole units of 1e-7 degree."""

    x: int
    y: int


def _located(
    processor: osmium.FileProcessor, places: osmium.index.LocationTable
) -> osmium.FileProcessor:
    """Let the processor fill the table; its type hint knows only names of tables."""
    return processor.with_locations(cast("str", places))


def _take_way(elements: Elements, way: Way, members: set[int]) -> None:
    elements.ways_read += 1
    if elements.newest is None or way.timestamp > elements.newest:
        elements.newest = way.timestamp
    tag = way.tags.get
    osm_id = f"w{way.id}"
    refs = [node.ref for node in way.nodes]
    if tag("highway") is not None:
        elements.highways.add((way.id, *_street_tags(tag)), refs)
    layer, kind = _line_kind(tag)
    if layer is not None:
        elements.lines.add((layer, kind, osm_id, *_names(tag)), refs)
    point, area = _point_row(osm_id, tag), _area_row(osm_id, tag)
    if point is not None or area is not None or way.id in members:
        elements.outlines.add((way.id, point, area), refs)


def _take_node(elements: Elements, node: Node) -> None:
    row = _point_row(f"n{node.id}", node.tags.get)
    if row is None:
        return
    if node.location.valid():
        elements.points.append((*row, node.location.lat, node.location.lon))
    else:
        elements.bad_points += 1


def _take_relation(elements: Elements, relation: osmium.osm.Relation) -> None:
    tag = relation.tags.get
    osm_id = f"r{relation.id}"
    point, area = _point_row(osm_id, tag), _area_row(osm_id, tag)
    if tag("type") != "multipolygon" or (point is None and area is None):
        return
    rings: dict[bool, list[int]] = {True: [], False: []}
    for member in relation.members:
        if member.type == "w":
            rings[member.role == "inner"].append(member.ref)
    elements.relations.append(Relation(point, area, outer=rings[False], inner=rings[True]))


def _negative_places(source: Source) -> dict[int, _Units]:
    """Walk the nodes of an edited, not yet uploaded file; pyosmium's table skips these ids."""
    return {
        node.id: _Units(node.location.x, node.location.y)
        for node in osmium.FileProcessor(source, osmium.osm.NODE)
        if isinstance(node, Node) and node.id < 0
    }


def _street_tags(tag: Tag) -> tuple[str | None, ...]:
    values = {column: tag(key) for column, key in TEXT_TAGS.items()}
    if values["sidewalk"] is None:
        values["sidewalk"] = _sidewalk_by_side(tag)
    return (*values.values(), *(_joined(tag, keys) for keys in OTHER_NAMES.values()))


def _joined(tag: Tag, keys: tuple[str, ...]) -> str | None:
    """Join the values of several keys, each value once."""
    return ";".join(dict.fromkeys(value for key in keys if (value := tag(key)))) or None


def _sidewalk_by_side(tag: Tag) -> str | None:
    """Fold ``sidewalk:both|left|right=*`` into the values of ``sidewalk``."""
    sides = {side: tag(f"sidewalk:{side}") for side in ("both", "left", "right")}
    if sides["both"] is not None:
        return "both" if sides["both"] == "yes" else sides["both"]
    present = [side for side in ("left", "right") if sides[side] == "yes"]
    if present:
        return "both" if len(present) == 2 else present[0]
    return sides["left"] or sides["right"]


def _names(tag: Tag) -> tuple[str | None, str | None, str | None]:
    return tag("name"), tag("name:kk"), tag("name:ru")


def _point_row(osm_id: str, tag: Tag) -> tuple[str | None, ...] | None:
    kind = _point_kind(tag)
    if kind is None:
        return None
    street = tag("addr:street") or tag("addr:place")
    more = (tag("place"), tag("ref"), tag("addr:housenumber"), street)
    return (kind, osm_id, *_names(tag), *more)


def _point_kind(tag: Tag) -> str | None:
    if tag("amenity") in {"school", "police"}:
        return tag("amenity")
    if tag("highway") == "street_lamp":
        return "street_lamp"
    if tag("place") is not None and tag("name") is not None:
        return "place"
    along = tag("addr:street") or tag("addr:place")
    return "address" if tag("addr:housenumber") is not None and along else None


def _area_row(osm_id: str, tag: Tag) -> tuple[str | None, ...] | None:
    kind = _area_kind(tag)
    if kind is None:
        return None
    more = (tag("building"), tag("building:flats"), tag("building:levels"))
    return (kind, osm_id, *_names(tag), *more)


def _area_kind(tag: Tag) -> str | None:
    if tag("building") not in {None, "no"}:
        return "building"
    for kind, rules in (("school", SCHOOL), ("water", WATER), ("green", GREEN)):
        if any(tag(key) in values for key, values in rules.items()):
            return kind
    return None


def _line_kind(tag: Tag) -> tuple[str | None, str | None]:
    underground = tag("tunnel") not in {None, "no"}
    if tag("railway") in RAILS and not underground:
        return "rails", tag("railway")
    if tag("waterway") in WATERWAYS and not underground:
        return "waterways", tag("waterway")
    return None, None
