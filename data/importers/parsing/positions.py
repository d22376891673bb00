"""Geometries of a spatial format as the text columns of a position."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import shapely

from data.importers.parsing.cell_texts import value_text
from data.importers.parsing.raw_columns import AREA, GEOMETRY, LINE, X, Y

_DECIMALS = 9
_FARTHEST = 1e15  # no map has such a coordinate, but empty ones are written as ±1.8e308


class Position(NamedTuple):
    """One row's ``X``, ``Y``, ``GEOMETRY``, ``LINE`` and ``AREA``."""

    x: str | None = None
    y: str | None = None
    geometry: str | None = None
    line: str | None = None
    area: str | None = None


NOT_A_POINT = Position(geometry="not a point")
BROKEN = Position("not a number", "not a number", "Point")
"""A geometry that cannot be read; its row is put aside, not its file."""


def point_position(x: float, y: float) -> Position:
    """Return the position of a point; a coordinate that is none becomes ``nan`` or ``inf``."""
    return Position(_coordinate(x), _coordinate(y), "Point")


def line_position(parts: Sequence[Sequence[Sequence[float]]]) -> Position:
    """Return the position of a line; its parts must follow one another, end to start."""
    points: list[tuple[float, float]] = []
    for part in parts:
        own = [(at[0], at[1]) for at in part]
        if len(own) < 2 or not all(abs(x) < _FARTHEST and abs(y) < _FARTHEST for x, y in own):
            return BROKEN
        if points and points[-1] != own[0]:
            return NOT_A_POINT
        points += own[1:] if points else own
    if not points:
        return BROKEN
    text = ", ".join(f"{value_text(x)} {value_text(y)}" for x, y in points)
    return Position(geometry="not a point", line=f"LINESTRING ({text})")


def shape_position(shape: Any) -> Position:
    """Return the position of a shapely geometry, or of None."""
    if shape is None or shape.is_empty:
        return Position()
    if shape.geom_type == "Point":
        return point_position(shape.x, shape.y)
    if shape.geom_type == "LineString":
        return line_position([shape.coords])
    if shape.geom_type == "MultiLineString":
        return line_position([part.coords for part in shape.geoms])
    if shape.geom_type in ("Polygon", "MultiPolygon"):
        return area_position(shape)
    return NOT_A_POINT


def area_position(shape: Any) -> Position:
    """Return the position of a shapely polygon, or of several; heights are left out."""
    corners = shapely.get_coordinates(shape)
    if not len(corners) or not (abs(corners) < _FARTHEST).all():
        return BROKEN
    text = shapely.to_wkt(shapely.force_2d(shape), rounding_precision=_DECIMALS)
    return Position(geometry="not a point", area=text)


def ring_position(polygons: Sequence[Sequence[Sequence[Sequence[float]]]]) -> Position:
    """Return the position of polygons given by their rings, each the outer one first."""
    try:
        shapes = [
            shapely.Polygon([at[:2] for at in outer], [[at[:2] for at in hole] for hole in holes])
            for outer, *holes in polygons
        ]
    except (TypeError, ValueError, shapely.GEOSException):
        return BROKEN
    return area_position(shapes[0] if len(shapes) == 1 else shapely.MultiPolygon(shapes))


def position_columns(positions: Iterable[Position]) -> dict[str, list[str | None]]:
    """Return the columns of a block."""
    columns = [list(column) for column in zip(*positions, strict=True)]
    return dict(zip((X, Y, GEOMETRY, LINE, AREA), columns or [[]] * 5, strict=True))


# -------------------------------------------------------------------------------------------


def _coordinate(value: float) -> str:
    if abs(value) < _FARTHEST:
        return value_text(value)
    if math.isnan(value):
        return "nan"
    return "inf" if value > 0 else "-inf"
