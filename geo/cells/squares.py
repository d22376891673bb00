"""The squares of a study area's own plane as one grid.

Published forecasts of offences are mostly judged on squares; scores are made on H3 cells only.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from geo.cells.grid import SLIVER_M2, Grid
from geo.cells.indexing import checked_points, latlng_to_cells
from geo.cells.outlines import CELL_LIMIT
from geo.errors import UsageError
from geo.lattice import FloatArray, IntArray
from geo.study_area import StudyArea

EIGHT_STEPS = np.array(
    [(0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1), (-1, 0), (-1, 1)], dtype=np.int64
)
"""Steps (row, column) to the squares that share a side or a corner, counter-clockwise."""

_WIDTH = 1 << 29
"""An id is row · 2²⁹ + column, both counted from −2²⁸: below 2⁵⁸, where no H3 id lies."""


@dataclass(frozen=True)
class SquareGrid(Grid):
    """The squares of a study area, with sides along x and y at whole multiples of their length.

    Rows run north, columns east. An id tells the square's place in the plane, so that areas of
    one plane number a square alike. A point on a side belongs to the square north or east of it.

    Attributes
    ----------
    area
        The study area, whose plane the squares lie in.
    side_m
        Length of a side in metres.
    first
        y and x of the dense window's first square, in sides.
    """

    area: StudyArea
    side_m: float
    first: tuple[int, int]

    @cached_property
    def neighbours(self) -> IntArray:
        """Positions (C, 8) of the squares that share a side or a corner, −1 outside the grid."""
        return self._adjacent(EIGHT_STEPS)

    def locate(self, lat: npt.ArrayLike, lng: npt.ArrayLike) -> IntArray:
        """Return the position of the square that each point lies in, −1 outside the grid."""
        lat, lng = checked_points(lat, lng)
        x, y = self.area.to_metric(lat, lng)
        # Far from the plane's middle a projection answers with infinity.
        known = np.isfinite(x) & np.isfinite(y)
        row = np.floor(np.where(known, y, 0) / self.side_m) - self.first[0]
        col = np.floor(np.where(known, x, 0) / self.side_m) - self.first[1]
        return self._found_in_window(row, col, known)

    def coarser(self, resolution: int) -> IntArray:
        """Return the H3 cell of a resolution that each square's centre lies in."""
        return latlng_to_cells(self.lat, self.lng, resolution)


def build_square_grid(area: StudyArea, side_m: float) -> SquareGrid:
    """Cut a study area into squares, leaving out those with 1 m² or less inside it.

    Parameters
    ----------
    side_m
        Length of a side in metres, 1 or more.

    Raises
    ------
    UsageError
        ``grid_invalid`` where the side cannot be meant, ``too_complex`` where the area's extent
        holds more than 5 million squares, ``geometry_invalid`` where the area is next to nothing.
    """
    if not (math.isfinite(side_m) and side_m >= 1):
        raise UsageError(f"A square of {side_m} m is none; give 1 m or more.", code="grid_invalid")
    inside = _in_plane(area)
    row, col = _window_of(inside, side_m)
    squares = shapely.box(col * side_m, row * side_m, (col + 1) * side_m, (row + 1) * side_m)
    area_m2 = _area_inside(squares, inside, side_m)
    kept = area_m2 > SLIVER_M2
    if not kept.any():
        raise UsageError("The area is smaller than any square's least part, 1 m².",
                         code="geometry_invalid")  # fmt: skip
    row, col, area_m2 = row[kept], col[kept], area_m2[kept]
    x, y = ((place.astype(np.float64) + 0.5) * side_m for place in (col, row))
    lat, lng = area.to_degrees(x, y)
    first = (int(row.min()), int(col.min()))
    shape = (int(row.max()) - first[0] + 1, int(col.max()) - first[1] + 1)
    ids = (row + _WIDTH // 2) * _WIDTH + col + _WIDTH // 2
    window = (row - first[0], col - first[1], shape)
    return SquareGrid(ids, lat, lng, x, y, area_m2, *window, area, side_m, first)


# -------------------------------------------------------------------------------------------


def _in_plane(area: StudyArea) -> BaseGeometry:
    """Return the boundary in metres, as `StudyArea.area_m2` measures it."""
    return shapely.make_valid(
        shapely.transform(
            area.boundary, lambda xy: np.column_stack(area.to_metric(xy[:, 1], xy[:, 0]))
        )
    )


def _window_of(inside: BaseGeometry, side_m: float) -> tuple[IntArray, IntArray]:
    """Return row and column of every square of the extent, sorted by row, then column."""
    left, bottom, right, top = (math.floor(bound / side_m) for bound in inside.bounds)
    expected = (top - bottom + 1) * (right - left + 1)
    if expected > CELL_LIMIT:
        raise UsageError(
            f"The area's extent holds {expected} squares of {side_m:g} m; at most {CELL_LIMIT} "
            "are allowed. Give a smaller area or a longer side.",
            code="too_complex",
        )
    row, col = np.mgrid[bottom : top + 1, left : right + 1]
    return row.ravel().astype(np.int64), col.ravel().astype(np.int64)


def _area_inside(
    squares: npt.NDArray[np.object_], inside: BaseGeometry, side_m: float
) -> FloatArray:
    shapely.prepare(inside)
    whole = shapely.contains_properly(inside, squares)
    # The very same number for every whole square: equal counts then tie as they should.
    area_m2 = np.where(whole, side_m**2, 0.0)
    cut = ~whole & shapely.intersects(inside, squares)
    area_m2[cut] = shapely.area(shapely.intersection(inside, squares[cut]))
    return area_m2
