"""Single tiles of a layer, encoded when they are asked for; they hold what `build_tiles` gives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

import numpy as np
import numpy.typing as npt
import shapely

from maps.tile_cover import BUFFER
from maps.tile_geometry import EXTENT, FloatArray, mercator
from maps.tiles import TileLayer, build_tiles


@dataclass(frozen=True)
class FoundLayer:
    """A layer whose features can be found by place.

    Attributes
    ----------
    layer
        The layer.
    boxes
        West, north, east and south of each feature on the square map (0 to 1).
    """

    layer: TileLayer
    boxes: FloatArray


def found_layer(layer: TileLayer) -> FoundLayer:
    """Note where each feature of a layer lies."""
    if layer.geometry.ndim == 3:
        corners = mercator(layer.geometry.astype(float))
        boxes = np.concatenate([corners.min(axis=1), corners.max(axis=1)], axis=1)
    else:
        left, bottom, right, top = shapely.bounds(layer.geometry).T
        west_north = mercator(np.column_stack([left, top]))
        boxes = np.concatenate([west_north, mercator(np.column_stack([right, bottom]))], axis=1)
    return FoundLayer(layer, boxes)


def tile_on_demand(layers: Sequence[FoundLayer], z: int, x: int, y: int) -> bytes | None:
    """Return the gzipped bytes of one tile; None where no layer has anything there.

    Of several layers the first that is built at the zoom is taken: the cells of each resolution
    have zooms of their own.
    """
    for found in layers:
        if found.layer.min_zoom <= z <= found.layer.max_zoom:
            near = _near(found.boxes, z, x, y)
            if not near.any():
                return None
            few = _few(found.layer, near, z)
            tiles = takewhile(lambda tile: tile[1] == z, build_tiles(few))
            return next((tile[4] for tile in tiles if tile[2:4] == (x, y)), None)
    return None


# -------------------------------------------------------------------------------------------


def _near(boxes: FloatArray, z: int, x: int, y: int) -> npt.NDArray[np.bool_]:
    """Tell which features may reach into a tile or its buffer."""
    side, reach = 2.0**-z, 2.0**-z * (BUFFER + 1) / EXTENT
    west, north, east, south = boxes.T
    return np.asarray(
        (west <= (x + 1) * side + reach)
        & (east >= x * side - reach)
        & (north <= (y + 1) * side + reach)
        & (south >= y * side - reach)
    )


def _few(layer: TileLayer, near: npt.NDArray[np.bool_], z: int) -> TileLayer:
    return replace(
        layer,
        geometry=layer.geometry[near],
        properties=layer.properties[near].reset_index(drop=True),
        min_zoom=z,
        ids=None if layer.ids is None else layer.ids[near],
        from_zoom=None if layer.from_zoom is None else layer.from_zoom[near],
    )
