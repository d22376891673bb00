"""What a layer draws at each zoom, laid out over its tiles, whatever its properties say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from maps.tile_bytes import IntArray, Runs
from maps.tile_cover import TileItems, cover_tiles, project_kinds
from maps.tile_geometry import draw_commands


@dataclass(frozen=True)
class Drawing:
    """The features of one zoom with their draw commands, ordered by tile and row.

    Attributes
    ----------
    kind
        ``POINT``, ``LINE`` or ``POLYGON``, one for all or one each.
    commands
        Draw commands of each.
    rows
        Row of each one's feature in the layer.
    tiles
        Each one's tile, a row of `places`.
    places
        (t, 2) column and row of each tile; every tile holds something.
    """

    kind: npt.ArrayLike
    commands: Runs
    rows: IntArray
    tiles: IntArray
    places: IntArray


def draw_zooms(
    geometry: npt.NDArray, zooms: range, from_zoom: npt.ArrayLike | None = None
) -> dict[int, Drawing]:
    """Lay geometry out over the tiles of each zoom.

    Parameters
    ----------
    geometry, from_zoom
        As in `maps.tiles.TileLayer`.
    zooms
        All zooms of the layer; at the last one every detail is kept.
    """
    kinds = project_kinds(geometry)
    drawings = {}
    for zoom in zooms:
        shown = np.ones(len(geometry), np.bool_)
        if from_zoom is not None:
            shown = np.asarray(from_zoom) <= zoom
        finest = zoom == zooms[-1]
        drawings[zoom] = draw_items(
            [cover_tiles(shapes, shown, zoom, finest=finest) for shapes in kinds]
        )
    return drawings


def draw_items(kinds: Sequence[TileItems]) -> Drawing:
    """Draw features that are laid out already; those that leave no mark are left out."""
    drawn = _together([_of_kind(items) for items in kinds])
    held, tiles = np.unique(drawn.tiles, return_inverse=True)
    return Drawing(drawn.kind, drawn.commands, drawn.rows, tiles, drawn.places[held])


# -------------------------------------------------------------------------------------------


def _of_kind(items: TileItems) -> Drawing:
    commands = draw_commands(items.paths, len(items.rows))
    drawn = commands.lengths > 0
    return Drawing(
        kind=items.paths.kind,
        commands=Runs(commands.flat, commands.lengths[drawn]),
        rows=items.rows[drawn],
        tiles=items.tiles[drawn],
        places=items.places,
    )


def _together(kinds: Sequence[Drawing]) -> Drawing:
    """Return features of several kinds in the order of their rows, as those of one."""
    if len(kinds) == 1:
        return kinds[0]
    counts = [len(one.rows) for one in kinds]
    rows = np.concatenate([one.rows for one in kinds])
    there = np.concatenate([one.places[one.tiles] for one in kinds])
    places, tiles = np.unique(there, axis=0, return_inverse=True)
    tiles = tiles.ravel()
    order = np.lexsort((rows, tiles))
    commands = Runs(
        np.concatenate([one.commands.flat for one in kinds]),
        np.concatenate([one.commands.lengths for one in kinds]),
    )
    return Drawing(
        kind=np.repeat([one.kind for one in kinds], counts)[order],
        commands=commands.take(order),
        rows=rows[order],
        tiles=tiles[order],
        places=places,
    )
