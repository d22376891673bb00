"""Make the tile archive of each role grain: what is disclosed, and nothing else, is encoded."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain
from pathlib import Path

import pandas as pd

from data.importers.street_map.osm import OsmExtract
from data.tile_archive import write_tiles
from geo import columns as c
from geo.coverage.dark_gap import full_dark_minutes
from geo.disclosure import ROLES, disclose_cells, disclose_points, disclose_sections
from geo.disclosure_light import disclose_street_light
from geo.disclosure_patrols import disclose_patrol_cells
from geo.parameters import SCORED_RESOLUTION
from maps.asset_layers import camera_layer, lighting_layer
from maps.basemap import BasemapFrames, basemap_tiles
from maps.map_layers import (
    CELL_ZOOMS,
    PUBLIC_CELL_ZOOMS,
    cell_layer,
    route_layer,
    school_layer,
    section_layer,
)
from maps.patrol_layers import patrol_layer
from maps.shared_tiles import SharedTiles
from maps.tiles import TileLayer

Writer = Callable[[Path], object]
Bounds = tuple[float, float, float, float]


def role_writers(frames: dict[str, pd.DataFrame]) -> dict[str, Writer]:
    """Return for each role what writes the archive of its grain to a path."""
    shared = SharedTiles()
    return {role: partial(_write_role, shared, frames, role) for role in ROLES}


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


def cell_layers(frames: dict[str, pd.DataFrame], role: str) -> Iterator[TileLayer]:
    """Yield the cells of each resolution as a role may see them, the finest last."""
    zooms = PUBLIC_CELL_ZOOMS if role == "public" else CELL_ZOOMS
    for resolution, span in zooms.items():
        name = "cells" if resolution == SCORED_RESOLUTION else f"cells_r{resolution}"
        yield cell_layer(disclose_cells(frames[name], role, resolution=resolution), span)


# -------------------------------------------------------------------------------------------


def _write_role(
    shared: SharedTiles, frames: dict[str, pd.DataFrame], role: str, path: Path
) -> None:
    layers = chain(cell_layers(frames, role), _line_and_point_layers(frames, role))
    write_tiles(path, (tile for layer in layers for tile in shared.build(layer)))


def _line_and_point_layers(frames: dict[str, pd.DataFrame], role: str) -> Iterator[TileLayer]:
    sections = disclose_sections(frames["sections"], role)
    if len(sections):
        yield section_layer(sections)
        routes = disclose_points(frames["routes"], "routes", role)
        shown = set(sections[c.SECTION_ID])
        routes = routes[[section in shown for section in routes[c.SECTION_ID]]]
        if len(routes):
            yield route_layer(routes, sections)
    lamps, cameras, views, schools = (
        disclose_points(frames[noun], noun, role)
        for noun in ("lamps", "cameras", "camera_views", "schools")
    )
    streets = frames["sections"].assign(**full_dark_minutes(frames["sections"]))
    streets = disclose_street_light(streets, role)
    if len(streets) or len(lamps):
        yield lighting_layer(streets, lamps)
    if len(cameras):
        yield camera_layer(cameras, views)
    if len(schools):
        yield school_layer(schools)
    patrols = disclose_patrol_cells(frames["patrol_cells"], role)
    if len(patrols):
        yield patrol_layer(patrols)
