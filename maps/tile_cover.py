"""Lay features out over the tiles of a zoom: which tiles each one touches, and cut to them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from geo.errors import UsageError
from maps.tile_bytes import IntArray, positions_in_runs, run_starts
from maps.tile_geometry import (
    EXTENT,
    LINE,
    POINT,
    POLYGON,
    FloatArray,
    Paths,
    hexagon_paths,
    mercator,
    tidy_paths,
)

BUFFER = 128
"""Grid steps that a tile's content reaches beyond its sides: 8 pixels of a 256-pixel tile."""

SIMPLIFIED = 4.0
"""Grid steps by which lines may move below the last zoom: a quarter of a pixel."""

KINDS = {0: POINT, 4: POINT, 1: LINE, 2: LINE, 5: LINE, 3: POLYGON, 6: POLYGON}
"""Kind of a path by the number that shapely gives a geometry's type."""


LAST_SIMPLE = 3
"""Last of the numbers that shapely gives the types of geometries without parts."""


@dataclass(frozen=True)
class Shapes:
    """A layer's geometry on the square map (0 to 1).

    Attributes
    ----------
    kind
        ``POINT``, ``LINE`` or ``POLYGON``.
    geometry
        shapely geometries (n,) or hexagon corners (n, 6, 2).
    """

    kind: int
    geometry: npt.NDArray


@dataclass(frozen=True)
class TileItems:
    """Features as they stand in tiles, ordered by tile and row.

    Attributes
    ----------
    paths
        Their paths, in grid steps of their tile; ``features`` number the items.
    rows
        Row of each item's feature in the layer.
    tiles
        Each item's tile, a row of `places`.
    places
        (t, 2) column and row of each tile.
    """

    paths: Paths
    rows: IntArray
    tiles: IntArray
    places: IntArray


def project_layer(geometry: npt.NDArray) -> Shapes:
    """Project a layer's geometry to the square map.

    Raises
    ------
    UsageError
        ``geometry_mixed``: points, lines and polygons in one layer.
    """
    known = np.asarray(geometry)
    if known.ndim == 3:
        return Shapes(POLYGON, mercator(known.astype(float)))
    known = known.astype(object)
    held = ~(shapely.is_missing(known) | shapely.is_empty(known))
    found = {KINDS.get(kind, 0) for kind in np.unique(shapely.get_type_id(known[held])).tolist()}
    if len(found) > 1 or 0 in found:
        raise UsageError("A layer holds points, lines or polygons only.", code="geometry_mixed")
    broken = held & ~shapely.is_valid(known)
    known[broken] = shapely.make_valid(known[broken])
    return Shapes(found.pop() if found else POINT, shapely.transform(known, mercator))


def project_kinds(geometry: npt.NDArray) -> list[Shapes]:
    """Project a layer's geometry, its points, lines and polygons each on their own.

    All have as many rows as the layer; what is of another kind is missing. Without any geometry it
    is one of nothing.

    Raises
    ------
    UsageError
        ``geometry_mixed``: one feature that is several kinds at once.
    """
    known = np.asarray(geometry)
    if known.ndim == 3:
        return [project_layer(known)]
    types = shapely.get_type_id(known.astype(object))
    kind = np.array([KINDS.get(one, 0) for one in types.tolist()], np.int64)
    kind[types < 0] = -1
    found = [one for one in np.unique(kind).tolist() if one >= 0]
    if len(found) < 2:
        return [project_layer(known)]
    return [project_layer(_only(known, kind == one)) for one in found]


def cover_tiles(
    shapes: Shapes, shown: npt.NDArray[np.bool_], zoom: int, *, finest: bool
) -> TileItems:
    """Lay a layer's shown features out over the tiles of a zoom.

    Parameters
    ----------
    shapes
        The layer.
    shown
        Which features appear.
    zoom
        Zoom of the tiles.
    finest
        Whether every detail is kept; else lines are simplified within a quarter of a pixel.
    """
    rows = np.flatnonzero(shown)
    side = float(EXTENT << zoom)
    if shapes.geometry.ndim == 3:
        corners = np.rint(shapes.geometry[rows] * side).astype(np.int64)
        bounds = np.concatenate([corners.min(axis=1), corners.max(axis=1)], axis=1)
        item, places, tiles = _placed(bounds.astype(float), zoom)
        local = corners[item] - EXTENT * places[tiles][:, None]
        return TileItems(tidy_paths(hexagon_paths(local)), rows[item], tiles, places)
    # A side is a power of two: shapes are simplified and cut as they are, and only the numbers
    # that come of it are scaled, which rounds nothing.
    geometry = shapes.geometry[rows]
    if not finest and shapes.kind != POINT:
        geometry = shapely.simplify(geometry, SIMPLIFIED / side, preserve_topology=True)
    bounds = shapely.bounds(geometry) * side
    item, places, tiles = _placed(bounds, zoom)
    pieces = geometry[item]
    if shapes.kind != POINT:
        _cut(pieces, bounds[item], (places, tiles), side)
    paths = _paths(shapes.kind, pieces, EXTENT * places[tiles], side)
    return TileItems(tidy_paths(paths), rows[item], tiles, places)


# -------------------------------------------------------------------------------------------


def _only(geometry: npt.NDArray, kept: npt.NDArray[np.bool_]) -> npt.NDArray[np.object_]:
    chosen = np.full(len(geometry), None, dtype=object)
    chosen[kept] = geometry[kept]
    return chosen


def _placed(bounds: FloatArray, zoom: int) -> tuple[IntArray, IntArray, IntArray]:
    """Return for each feature and each tile its bounds touch: feature, the tiles, tile number."""
    there = np.flatnonzero(np.isfinite(bounds).all(axis=1))
    last = (1 << zoom) - 1
    low = np.floor((bounds[there, :2] - BUFFER) / EXTENT).astype(np.int64).clip(0, last)
    high = np.floor((bounds[there, 2:] + BUFFER) / EXTENT).astype(np.int64).clip(0, last)
    span = high - low + 1
    counts = span.prod(axis=1)
    item = np.repeat(np.arange(len(there)), counts)
    step = positions_in_runs(np.zeros(len(there), np.int64), counts)
    column = low[item, 0] + step // span[item, 1]
    row = low[item, 1] + step % span[item, 1]
    order = np.lexsort((item, row, column))
    keys, tiles = np.unique((column << 32 | row)[order], return_inverse=True)
    return there[item[order]], np.column_stack([keys >> 32, keys & 0xFFFFFFFF]), tiles


def _cut(
    pieces: npt.NDArray[np.object_],
    bounds: FloatArray,
    laid: tuple[IntArray, IntArray],
    side: float,
) -> None:
    """Cut pieces, in place, that reach beyond their tile and its buffer; bounds in grid steps."""
    places, tiles = laid
    low = places * float(EXTENT) - BUFFER
    high = (places + 1) * float(EXTENT) + BUFFER
    reaching = np.flatnonzero(
        (bounds[:, :2] < low[tiles]).any(axis=1) | (bounds[:, 2:] > high[tiles]).any(axis=1)
    )
    lengths = np.bincount(tiles[reaching], minlength=len(places))
    starts = run_starts(lengths)
    box = np.concatenate([low, high], axis=1) / side
    for tile in np.flatnonzero(lengths).tolist():
        part = reaching[starts[tile] : starts[tile] + lengths[tile]]
        pieces[part] = shapely.clip_by_rect(pieces[part], *box[tile])


def _paths(kind: int, pieces: npt.NDArray[np.object_], origins: IntArray, side: float) -> Paths:
    """Take geometries apart into paths in the grid steps of their tiles."""
    parts, item = _simple_parts(pieces)
    if kind != POINT:
        # Cutting can leave collections and, where only a corner touches, points and lines.
        parts, inner = _simple_parts(parts)
        item = item[inner]
        wanted = np.isin(shapely.get_type_id(parts), (1, 2) if kind == LINE else (3,))
        wanted &= ~shapely.is_empty(parts)
        parts, item = parts[wanted], item[wanted]
    outer = np.ones(len(parts), np.bool_)
    if kind == POLYGON:
        parts, polygon = shapely.get_rings(parts, return_index=True)
        outer = np.diff(polygon, prepend=-1) != 0
        item = item[polygon]
    coordinates, path = shapely.get_coordinates(parts, return_index=True)
    lengths = np.bincount(path, minlength=len(parts))
    points = np.rint(coordinates * side).astype(np.int64) - origins[item[path]]
    if kind == POLYGON:
        last = np.zeros(len(points), np.bool_)
        last[(run_starts(lengths) + lengths - 1)[lengths > 0]] = True
        points, lengths = points[~last], lengths - (lengths > 0)
    return Paths(kind, points, lengths, item, outer)


def _simple_parts(
    pieces: npt.NDArray[np.object_],
) -> tuple[npt.NDArray[np.object_], IntArray]:
    """Return the parts of the pieces and whose each is; one without parts is not copied."""
    if (shapely.get_type_id(pieces) <= LAST_SIMPLE).all():
        return pieces, np.arange(len(pieces))
    parts, piece = shapely.get_parts(pieces, return_index=True)
    return parts, piece
