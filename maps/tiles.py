"""Vector tiles (Mapbox Vector Tile 2.1) of points, lines, polygons and hexagons.

All tiles of a zoom are encoded in one pass of array arithmetic: features are laid out by tile,
their properties numbered per tile, and the whole pass becomes one array of bytes that is cut at
the tiles' ends. No step looks at features one by one.

Tiles are in web Mercator, 4096 grid steps to a side. The same layer gives the same bytes.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from maps.tile_bytes import (
    IntArray,
    Runs,
    braid,
    encode_varints,
    run_totals,
    varint_sizes,
)
from maps.tile_cover import TileItems
from maps.tile_drawings import Drawing, draw_items, draw_zooms
from maps.tile_geometry import Paths, hexagon_paths, tidy_paths
from maps.tile_properties import PropertyTable, build_property_table, tile_tags

FEATURE_TAG = 2 << 3 | 2
LAYER_TAG = 3 << 3 | 2
ID_TAG, TAGS_TAG, TYPE_TAG, GEOMETRY_TAG = 0x08, 0x12, 0x18, 0x22
NAME_TAG = 0x0A
VERSION_2 = bytes([15 << 3, 2])
EXTENT_4096 = bytes([5 << 3, 0x80, 0x20])

Tile = tuple[str, int, int, int, bytes]


@dataclass(frozen=True)
class TileLayer:
    """Features to be drawn under one name.

    Attributes
    ----------
    name
        Name of the layer in the tile.
    geometry
        Either shapely geometries (n,) of any kind, or hexagon corners (n, 6, 2), both as
        longitude and latitude. Features stand in their order, what stands later is drawn above;
        sort them by id beforehand.
    properties
        One row a feature: text, whole numbers, floats, truth values; missing ones are left out.
    min_zoom, max_zoom
        First and last zoom that is built.
    ids
        Whole numbers ≥ 0 for the format's own feature id, or None.
    from_zoom
        For each feature the zoom it appears at, or None for `min_zoom`.
    """

    name: str
    geometry: npt.NDArray
    properties: pd.DataFrame
    min_zoom: int
    max_zoom: int
    ids: npt.NDArray[np.uint64] | None = None
    from_zoom: IntArray | None = field(default=None)


def build_tiles(layer: TileLayer) -> Iterator[Tile]:
    """Yield the layer's tiles that hold something, as (layer, z, x, y, gzipped bytes).

    Ordered by zoom, column and row.
    """
    return build_tile_stack(layer.name, (layer,))


def build_tile_stack(address: str, layers: Sequence[TileLayer]) -> Iterator[Tile]:
    """Yield tiles that hold several layers, in their order, under one address."""
    return encode_tiles(address, [(layer, draw_layer(layer)) for layer in layers])


def draw_layer(layer: TileLayer) -> dict[int, Drawing]:
    """Lay a layer out over its tiles: layers that differ in their properties share a drawing."""
    return draw_zooms(layer.geometry, range(layer.min_zoom, layer.max_zoom + 1), layer.from_zoom)


def encode_tiles(
    address: str, drawn: Sequence[tuple[TileLayer, dict[int, Drawing]]]
) -> Iterator[Tile]:
    """Yield, under one address, the tiles of layers that are drawn already."""
    tables = [build_property_table(layer.properties) for layer, _ in drawn]
    for zoom in sorted({zoom for _, drawings in drawn for zoom in drawings}):
        tiles: dict[tuple[int, int], bytes] = {}
        for (layer, drawings), table in zip(drawn, tables, strict=True):
            if zoom in drawings:
                for place, content in _encoded_tiles(layer, table, drawings[zoom]):
                    tiles[place] = tiles.get(place, b"") + content
        for x, y in sorted(tiles):
            yield address, zoom, x, y, gzip.compress(tiles[x, y], compresslevel=6, mtime=0)


def encode_layer(
    name: str,
    paths: Paths | IntArray,
    properties: pd.DataFrame,
    *,
    ids: npt.NDArray[np.uint64] | None = None,
) -> bytes:
    """Encode one tile's layer from geometry that is in grid steps already.

    Parameters
    ----------
    name
        Name of the layer.
    paths
        Paths, or hexagon corners (n, 6, 2); feature n has row n of the properties.
    properties
        One row a feature.
    ids
        Feature ids, or None.
    """
    table = build_property_table(properties)
    drawn = tidy_paths(paths if isinstance(paths, Paths) else hexagon_paths(paths))
    rows = np.arange(len(properties))
    items = TileItems(
        paths=drawn,
        rows=rows,
        tiles=np.zeros(len(rows), np.int64),
        places=np.zeros((1, 2), np.int64),
    )
    layer = TileLayer(name, np.empty(0), properties, 0, 0, ids=ids)
    return b"".join(content for _, content in _encoded_tiles(layer, table, draw_items([items])))


# -------------------------------------------------------------------------------------------


def _encoded_tiles(
    layer: TileLayer, table: PropertyTable, drawing: Drawing
) -> Iterator[tuple[tuple[int, int], bytes]]:
    rows, tiles, count = drawing.rows, drawing.tiles, len(drawing.places)
    if not count:
        return
    tags, values = tile_tags(table, rows, tiles, count)
    ids = None if layer.ids is None else np.asarray(layer.ids, np.uint64)[rows]
    features = _features(drawing.kind, ids, tags, drawing.commands).joined(tiles, count)

    # Tiles are few beside their features: here, and only here, a loop goes over tiles.
    head = VERSION_2 + _field(NAME_TAG, layer.name.encode()) + table.keys + EXTENT_4096
    drawn_features, drawn_values = features.flat.tobytes(), values.flat.tobytes()
    feature_end = value_end = 0
    for place, feature_length, value_length in zip(
        drawing.places.tolist(),
        features.lengths.tolist(),
        values.lengths.tolist(),
        strict=True,
    ):
        feature_start, feature_end = feature_end, feature_end + feature_length
        value_start, value_end = value_end, value_end + value_length
        content = drawn_features[feature_start:feature_end] + drawn_values[value_start:value_end]
        yield (place[0], place[1]), _field(LAYER_TAG, head + content)


def _features(
    kind: npt.ArrayLike, ids: npt.NDArray[np.uint64] | None, tags: Runs, commands: Runs
) -> Runs:
    """Return the bytes of each feature: every part of it is a varint or a run of varints."""
    tags_sizes, drawn_sizes = _sizes(tags), _sizes(commands)
    tags_bytes = run_totals(tags_sizes.flat, tags.lengths)
    drawn_bytes = run_totals(drawn_sizes.flat, commands.lengths)
    before: list[npt.ArrayLike] = [TAGS_TAG, tags_bytes]
    size = 4 + tags_bytes + drawn_bytes
    size += varint_sizes(tags_bytes)
    size += varint_sizes(drawn_bytes)
    if ids is not None:
        before = [ID_TAG, ids, *before]
        size += 1 + varint_sizes(ids)
    count, number = len(size), np.uint32 if ids is None else np.uint64
    heads = _columns([FEATURE_TAG, size, *before], count, number)
    middles = _columns([TYPE_TAG, kind, GEOMETRY_TAG, drawn_bytes], count, number)
    numbers = braid(heads, tags, middles, commands)
    sizes = braid(_sizes(heads), tags_sizes, _sizes(middles), drawn_sizes)
    flat, _ = encode_varints(numbers.flat, sizes.flat)
    return Runs(flat, run_totals(sizes.flat, sizes.lengths))


def _sizes(numbers: Runs) -> Runs:
    return Runs(varint_sizes(numbers.flat), numbers.lengths)


def _columns(columns: list[npt.ArrayLike], count: int, number: type[np.generic]) -> Runs:
    table = np.empty((count, len(columns)), number)
    for place, column in enumerate(columns):
        table[:, place] = column
    return Runs(table.ravel(), np.full(count, len(columns), np.int64))


def _field(tag: int, content: bytes) -> bytes:
    header = bytearray([tag])
    length = len(content)
    while length > 0x7F:
        header.append(length & 0x7F | 0x80)
        length >>= 7
    header.append(length)
    return bytes(header) + content
