"""Tiles for several archives: what is alike in them is laid out and encoded once.

The roles see the same streets with other properties, and the same lamps, cameras and schools.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from maps.tile_drawings import Drawing
from maps.tiles import Tile, TileLayer, draw_layer, encode_tiles


@dataclass(frozen=True)
class _Made:
    layer: TileLayer
    drawings: dict[int, Drawing]
    tiles: list[Tile]


class SharedTiles:
    """Builds layers one after another and keeps the last of each name and first zoom.

    A layer of the same shapes takes over their drawing; one with the same properties too takes
    over the tiles. The tiles are those of `maps.tiles.build_tiles`.
    """

    def __init__(self) -> None:
        self._made: dict[tuple[str, int], _Made] = {}

    def build(self, layer: TileLayer) -> list[Tile]:
        """Return the layer's tiles."""
        key = layer.name, layer.min_zoom
        before = self._made.get(key)
        if before is not None and _alike(before.layer, layer):
            if before.layer.properties.equals(layer.properties):
                return before.tiles
            drawings = before.drawings
        else:
            drawings = draw_layer(layer)
        tiles = list(encode_tiles(layer.name, [(layer, drawings)]))
        self._made[key] = _Made(layer, drawings, tiles)
        return tiles


# -------------------------------------------------------------------------------------------


def _alike(one: TileLayer, other: TileLayer) -> bool:
    """Tell whether two layers draw the same shapes at the same zooms under the same ids."""
    zooms = (one.min_zoom, one.max_zoom) == (other.min_zoom, other.max_zoom)
    if not zooms or one.geometry.shape != other.geometry.shape:
        return False
    if not (_equal(one.ids, other.ids) and _equal(one.from_zoom, other.from_zoom)):
        return False
    if one.geometry.dtype != object:
        return _equal(one.geometry, other.geometry)
    return bool(shapely.equals_identical(one.geometry, other.geometry).all())


def _equal(one: npt.NDArray | None, other: npt.NDArray | None) -> bool:
    if one is None or other is None:
        return one is other
    return bool(np.array_equal(one, other))
