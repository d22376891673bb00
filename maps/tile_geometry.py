"""Geometry of tile features: whole-number paths in a tile's own grid and their draw commands."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from maps.tile_bytes import (
    IntArray,
    Runs,
    braid,
    even_length,
    positions_in_runs,
    run_starts,
    run_totals,
    zigzag,
)

FloatArray = npt.NDArray[np.float64]

EXTENT = 4096
"""Grid steps along a tile's side."""

POINT, LINE, POLYGON = 1, 2, 3
FEWEST_POINTS = {POINT: 1, LINE: 2, POLYGON: 3}
MOVE_TO, LINE_TO, CLOSE_PATH = 1, 2, 7 | 1 << 3
STEEPEST_LAT = 85.0511287798066
"""Latitude where the square Mercator map ends."""


@dataclass(frozen=True)
class Paths:
    """Points, lines or rings of many features, in grid steps right and down from the corner.

    Attributes
    ----------
    kind
        ``POINT``, ``LINE`` or ``POLYGON``.
    points
        (n, 2) whole numbers, path after path; rings are not closed.
    lengths
        Points of each path.
    features
        The feature (0, 1, …) of each path, not falling.
    outer
        Whether a ring is the outer one of its polygon; its holes follow it. True for no rings.
    """

    kind: int
    points: IntArray
    lengths: IntArray
    features: IntArray
    outer: npt.NDArray[np.bool_]


def mercator(lnglat: FloatArray) -> FloatArray:
    """Project (…, 2) degrees to the square map: 0 to 1 from the west and from the north."""
    lng, lat = lnglat[..., 0], np.clip(lnglat[..., 1], -STEEPEST_LAT, STEEPEST_LAT)
    sine = np.sin(np.radians(lat))
    return np.stack([lng / 360 + 0.5, 0.5 - np.arctanh(sine) / (2 * np.pi)], axis=-1)


def hexagon_paths(corners: IntArray) -> Paths:
    """Return hexagons (n, 6, 2) in grid steps as paths, one a feature.

    Corners that run counter-clockwise, as cells' do, come out as the format wants rings.
    """
    count = len(corners)
    return Paths(
        kind=POLYGON,
        points=corners[:, ::-1].reshape(-1, 2),
        lengths=np.full(count, 6, np.int64),
        features=np.arange(count),
        outer=np.ones(count, np.bool_),
    )


def tidy_paths(paths: Paths) -> Paths:
    """Make paths fit to draw.

    Points that repeat the one before are dropped, then lines without length and rings without
    area (with the holes of such an outer ring); rings are turned as the format wants them:
    outer ones clockwise on the screen, holes against.
    """
    if paths.kind == POINT or not len(paths.lengths):
        return paths
    paths = _without_repeats(paths)
    if paths.kind == LINE:
        return _kept(paths, paths.lengths >= 2)
    area = _double_areas(paths)
    drawn = (paths.lengths >= 3) & (area != 0)
    polygon = np.cumsum(paths.outer) - 1
    drawn &= drawn[np.flatnonzero(paths.outer)][polygon]
    turned = (area > 0) != paths.outer
    paths = _turned(paths, turned) if turned.any() else paths
    return paths if drawn.all() else _kept(paths, drawn)


def draw_commands(paths: Paths, feature_count: int) -> Runs:
    """Encode paths as each feature's run of commands and steps from point to point."""
    starts = run_starts(paths.lengths)
    steps = paths.points.copy()
    steps[1:] -= paths.points[:-1]
    # The pen goes on from path to path within a feature and starts each feature at the corner.
    fresh = np.diff(paths.features, prepend=-1) != 0
    first = starts[fresh]
    steps[first] = paths.points[first]
    coded = zigzag(steps).astype(np.uint32)
    if paths.kind == POINT:
        return _point_commands(coded, paths, feature_count)
    closing = paths.kind == POLYGON
    width = even_length(paths.lengths)
    if width is not None:
        flat = _even_commands(coded, width, closing=closing)
        lengths = np.full(len(paths.lengths), flat.shape[1], np.int64)
        drawn = Runs(flat.ravel(), lengths)
    else:
        drawn = _uneven_commands(coded, paths.lengths, closing=closing)
    return drawn.joined(paths.features, feature_count)


# -------------------------------------------------------------------------------------------


def _even_commands(
    coded: npt.NDArray[np.uint32], length: int, *, closing: bool
) -> npt.NDArray[np.uint32]:
    """Encode paths of one length, such as hexagons, as one table."""
    steps = coded.reshape(-1, 2 * length)
    flat = np.empty((len(steps), 2 * length + 2 + closing), np.uint32)
    flat[:, 0] = MOVE_TO | 1 << 3
    flat[:, 1:3] = steps[:, :2]
    flat[:, 3] = LINE_TO | (length - 1) << 3
    flat[:, 4 : 2 * length + 2] = steps[:, 2:]
    if closing:
        flat[:, -1] = CLOSE_PATH
    return flat


def _uneven_commands(coded: npt.NDArray[np.uint32], lengths: IntArray, *, closing: bool) -> Runs:
    count = len(lengths)
    one, two = np.ones(count, np.int64), np.full(count, 2, np.int64)
    starts = run_starts(lengths)
    rest = np.ones(len(coded), np.bool_)
    rest[starts] = False
    strands = [
        Runs(np.full(count, MOVE_TO | 1 << 3, np.uint32), one),
        Runs(coded[starts].ravel(), two),
        Runs((LINE_TO | (lengths - 1) << 3).astype(np.uint32), one),
        Runs(coded[rest].ravel(), 2 * (lengths - 1)),
    ]
    if closing:
        strands.append(Runs(np.full(count, CLOSE_PATH, np.uint32), one))
    return braid(*strands)


def _point_commands(coded: npt.NDArray[np.uint32], paths: Paths, feature_count: int) -> Runs:
    counts = np.bincount(paths.features, minlength=feature_count)
    drawn = (counts > 0).astype(np.int64)
    moves = (MOVE_TO | counts[counts > 0] << 3).astype(np.uint32)
    return braid(Runs(moves, drawn), Runs(coded.ravel(), 2 * counts))


def _without_repeats(paths: Paths) -> Paths:
    # A ring's first point follows its last; a line's first point follows none.
    same = paths.points == _shifted(paths, 1)
    repeats = same[:, 0] & same[:, 1]
    if paths.kind == LINE:
        repeats[run_starts(paths.lengths)] = False
    if not repeats.any():
        return paths
    path = np.repeat(np.arange(len(paths.lengths)), paths.lengths)
    lengths = np.bincount(path[~repeats], minlength=len(paths.lengths))
    return Paths(paths.kind, paths.points[~repeats], lengths, paths.features, paths.outer)


def _double_areas(paths: Paths) -> IntArray:
    """Return twice the signed area of each ring, positive for clockwise on the screen."""
    x, y = paths.points.T
    next_x, next_y = _shifted(paths, -1).T
    return run_totals(x * next_y - next_x * y, paths.lengths)


def _shifted(paths: Paths, places: int) -> IntArray:
    """Return for each point the one that many places before it, counting around its path."""
    width = even_length(paths.lengths)
    if width is not None:
        return np.roll(paths.points.reshape(-1, width, 2), places, axis=1).reshape(-1, 2)
    lengths = np.repeat(paths.lengths, paths.lengths)
    start = np.repeat(run_starts(paths.lengths), paths.lengths)
    place = np.arange(len(paths.points)) - start
    return paths.points[start + (place - places) % lengths]


def _turned(paths: Paths, turned: npt.NDArray[np.bool_]) -> Paths:
    starts = run_starts(paths.lengths)
    order = positions_in_runs(starts, paths.lengths)
    mirrored = np.repeat(2 * starts + paths.lengths - 1, paths.lengths) - order
    order = np.where(np.repeat(turned, paths.lengths), mirrored, order)
    return Paths(paths.kind, paths.points[order], paths.lengths, paths.features, paths.outer)


def _kept(paths: Paths, kept: npt.NDArray[np.bool_]) -> Paths:
    points = paths.points[np.repeat(kept, paths.lengths)]
    return Paths(paths.kind, points, paths.lengths[kept], paths.features[kept], paths.outer[kept])
