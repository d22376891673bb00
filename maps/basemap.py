"""The street map under the hazard: tiles of water, green, houses, rails, roads and place names.

Built from the same extract as the street network, so that the map needs no server of others.
One tile holds the layers that have something in it, in the order in which they are painted:
``water``, ``waterways``, ``green``, ``buildings``, ``rails``, ``roads``, ``places``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geo import columns as c
from maps.tile_bytes import IntArray
from maps.tile_geometry import EXTENT, mercator
from maps.tiles import Tile, TileLayer, build_tile_stack

ADDRESS = "basemap"
MIN_ZOOM, MAX_ZOOM = 8, 15
BUILDING_ZOOM = 14
NAMES = (c.NAME, c.NAME_KK, c.NAME_RU)

SMALLEST_AREA = 32
"""Grid steps that an area must measure to be drawn: two pixels."""

ROADS = {
    "motorway": ("motorway", 8),
    "motorway_link": ("motorway", 10),
    "trunk": ("motorway", 8),
    "trunk_link": ("motorway", 10),
    "primary": ("major", 8),
    "primary_link": ("major", 11),
    "secondary": ("major", 10),
    "secondary_link": ("major", 12),
    "tertiary": ("major", 11),
    "tertiary_link": ("major", 12),
    "unclassified": ("minor", 12),
    "residential": ("minor", 12),
    "living_street": ("minor", 12),
    "road": ("minor", 12),
    "service": ("minor", 14),
    "pedestrian": ("path", 13),
    "footway": ("path", 14),
    "path": ("path", 14),
    "steps": ("path", 14),
    "cycleway": ("path", 14),
    "bridleway": ("path", 14),
    "track": ("path", 13),
}
"""Kind of a road and the zoom it appears at, by the highway tag; no other way is drawn."""

PLACE_ZOOM = {"city": 8, "town": 8, "village": 10, "suburb": 11, "hamlet": 12}
"""Zoom at which a place's name appears, by the place tag; 13 for the rest."""


@dataclass(frozen=True)
class BasemapFrames:
    """The frames of an extract that the street map is drawn from.

    Coordinates are WGS84 degrees, geometries WKB in (longitude, latitude) order; names are
    missing where untagged.

    Attributes
    ----------
    nodes
        ``node_id, lat, lon``.
    ways
        ``way_id, highway, name, name_kk, name_ru``.
    way_nodes
        ``way_id, node_id``, each way's nodes together and in its order.
    areas
        ``kind`` (water, green, building), names, ``geometry``.
    rails, waterways
        ``kind``, names, ``geometry``.
    points
        ``kind``, ``place``, names, ``lat, lon``; those of kind place are drawn.
    """

    nodes: pd.DataFrame
    ways: pd.DataFrame
    way_nodes: pd.DataFrame
    areas: pd.DataFrame
    rails: pd.DataFrame
    waterways: pd.DataFrame
    points: pd.DataFrame


def basemap_tiles(
    frames: BasemapFrames, *, bounds: tuple[float, float, float, float] | None = None
) -> Iterator[Tile]:
    """Yield the street map's tiles, zoom 8 to 15, as (``basemap``, z, x, y, gzipped bytes).

    Parameters
    ----------
    frames
        The extract.
    bounds
        Left, bottom, right, top in degrees; what lies outside is cut off. Give it where an
        extract may hold a lake or forest far larger than the town. None keeps everything.
    """
    layers = (
        _area_layer(frames.areas, "water"),
        _line_layer(frames.waterways, "waterways", from_zoom=11),
        _area_layer(frames.areas, "green"),
        _area_layer(frames.areas, "building"),
        _line_layer(frames.rails, "rails", from_zoom=10),
        _road_layer(frames),
        _place_layer(frames.points),
    )
    kept = [layer if bounds is None else _cut_to(layer, bounds) for layer in layers]
    return build_tile_stack(ADDRESS, [layer for layer in kept if len(layer.geometry)])


def way_lines(
    nodes: pd.DataFrame, ways: pd.DataFrame, way_nodes: pd.DataFrame
) -> npt.NDArray[np.object_]:
    """Return each way's line in longitude and latitude, None where fewer than two nodes exist."""
    node = pd.Index(nodes["node_id"]).get_indexer(way_nodes["node_id"])
    way = pd.Index(ways["way_id"]).get_indexer(way_nodes["way_id"])
    there = (node >= 0) & (way >= 0)
    node, way = node[there], way[there]
    long_enough = np.bincount(way, minlength=len(ways)) >= 2
    node, way = node[long_enough[way]], way[long_enough[way]]
    by_way = np.argsort(way, kind="stable")
    lines = np.full(len(ways), None, dtype=object)
    if len(way):
        lnglat = nodes[[c.LON, c.LAT]].to_numpy(float)[node[by_way]]
        drawn, path = np.unique(way[by_way], return_inverse=True)
        lines[drawn] = shapely.linestrings(lnglat, indices=path)
    return lines


# -------------------------------------------------------------------------------------------


def _road_layer(frames: BasemapFrames) -> TileLayer:
    drawn = frames.ways[c.HIGHWAY].isin(list(ROADS)).to_numpy()
    ways = frames.ways[drawn].reset_index(drop=True)
    kinds = [ROADS[highway] for highway in ways[c.HIGHWAY]]
    properties = ways[list(NAMES)].assign(kind=pd.Series([kind for kind, _ in kinds], dtype=object))
    return TileLayer(
        name="roads",
        geometry=way_lines(frames.nodes, ways, frames.way_nodes),
        properties=properties,
        min_zoom=MIN_ZOOM,
        max_zoom=MAX_ZOOM,
        from_zoom=np.array([zoom for _, zoom in kinds], np.int64),
    )


def _area_layer(areas: pd.DataFrame, kind: str) -> TileLayer:
    chosen = areas[areas["kind"] == kind].reset_index(drop=True)
    geometry = shapely.from_wkb(chosen[c.GEOMETRY].to_numpy(object))
    houses = kind == "building"
    return TileLayer(
        name="buildings" if houses else kind,
        geometry=geometry,
        properties=chosen[[] if houses else list(NAMES)],
        min_zoom=BUILDING_ZOOM if houses else MIN_ZOOM,
        max_zoom=MAX_ZOOM,
        from_zoom=np.minimum(_zoom_seen(geometry), BUILDING_ZOOM),
    )


def _zoom_seen(geometry: npt.NDArray[np.object_]) -> IntArray:
    """Return the first zoom at which each geometry's longer side has two pixels."""
    corners = mercator(shapely.bounds(geometry).reshape(-1, 2, 2))
    side = np.nan_to_num(np.abs(corners[:, 1] - corners[:, 0]).max(axis=1, initial=0))
    return np.ceil(np.log2(SMALLEST_AREA / EXTENT / np.maximum(side, 1e-12))).astype(np.int64)


def _line_layer(lines: pd.DataFrame, name: str, *, from_zoom: int) -> TileLayer:
    return TileLayer(
        name=name,
        geometry=shapely.from_wkb(lines[c.GEOMETRY].to_numpy(object)),
        properties=lines[["kind", *NAMES]].reset_index(drop=True),
        min_zoom=from_zoom,
        max_zoom=MAX_ZOOM,
    )


def _place_layer(points: pd.DataFrame) -> TileLayer:
    places = points[(points["kind"] == "place") & points[c.NAME].notna()].reset_index(drop=True)
    return TileLayer(
        name="places",
        geometry=np.asarray(shapely.points(places[[c.LON, c.LAT]].to_numpy(float))),
        properties=places[list(NAMES)].assign(kind=places["place"]),
        min_zoom=MIN_ZOOM,
        max_zoom=MAX_ZOOM,
        from_zoom=np.array([PLACE_ZOOM.get(place, 13) for place in places["place"]], np.int64),
    )


def _cut_to(layer: TileLayer, bounds: tuple[float, float, float, float]) -> TileLayer:
    return replace(layer, geometry=shapely.clip_by_rect(layer.geometry, *bounds))
