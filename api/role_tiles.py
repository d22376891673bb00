"""Make the tile archive of each role grain: what is disclosed, and nothing else, is encoded."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd

from data.importers.street_map.osm import OsmExtract
from data.tile_archive import write_tiles
from geo import columns as c
from geo.disclosure import disclose_cells, disclose_points, disclose_sections
from geo.parameters import SCORED_RESOLUTION
from maps.basemap import BasemapFrames, basemap_tiles
from maps.map_layers import (
    CELL_ZOOMS,
    PUBLIC_CELL_ZOOMS,
    camera_layer,
    cell_layer,
    lamp_layer,
    route_layer,
    school_layer,
    section_layer,
)
from maps.tiles import Tile, TileLayer, build_tiles

Writer = Callable[[Path], object]
Bounds = tuple[float, float, float, float]


def role_writer(frames: dict[str, pd.DataFrame], role: str) -> Writer:
    """Return what writes the archive of one role grain to a path."""
    return lambda path: write_tiles(path, _role_tiles(frames, role))


def basemap_writer(extract: OsmExtract, bounds: Bounds) -> Writer:
    """Return what writes the archive of the street map; it is the same for every role."""
    frames = BasemapFrames(
        nodes=extract.nodes,
        ways=extract.ways,
        way_nodes=extract.way_nodes,
        areas=extract.areas,
        rails=extract.rails,
        waterways=extract.waterways,
        points=extract.points,
    )
    return lambda path: write_tiles(path, basemap_tiles(frames, bounds=bounds))


# -------------------------------------------------------------------------------------------


def _role_tiles(frames: dict[str, pd.DataFrame], role: str) -> Iterator[Tile]:
    zooms = PUBLIC_CELL_ZOOMS if role == "public" else CELL_ZOOMS
    for resolution, span in zooms.items():
        name = "cells" if resolution == SCORED_RESOLUTION else f"cells_r{resolution}"
        cells = disclose_cells(frames[name], role, resolution=resolution)
        yield from build_tiles(cell_layer(cells, span))
    for layer in _line_and_point_layers(frames, role):
        yield from build_tiles(layer)


def _line_and_point_layers(frames: dict[str, pd.DataFrame], role: str) -> Iterator[TileLayer]:
    sections = disclose_sections(frames["sections"], role)
    if len(sections):
        yield section_layer(sections)
        routes = disclose_points(frames["routes"], "routes", role)
        routes = (
            routes[routes[c.SECTION_ID].isin(sections[c.SECTION_ID])] if len(routes) else routes
        )
        if len(routes):
            yield route_layer(routes, sections)
    makers = {"lamps": lamp_layer, "cameras": camera_layer, "schools": school_layer}
    for noun, make in makers.items():
        points = disclose_points(frames[noun], noun, role)
        if len(points):
            yield make(points)
