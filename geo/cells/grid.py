"""The cells of a study area as one grid: by id, by position, and as a dense window."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import shapely

from geo.cells.calibration import lattice_of_points
from geo.cells.indexing import checked_points, latlng_to_cells
from geo.cells.outlines import adjacent_cells, cell_centres, overlapping_cells
from geo.errors import UsageError
from geo.lattice import NEIGHBOUR_OFFSETS, FloatArray, IntArray, Lattice
from geo.study_area import StudyArea

SLIVER_M2 = 1.0
"""A cell with no more than this inside the study area is left out."""


@dataclass(frozen=True)
class CellGrid:
    """The cells of a study area, addressed by H3 id, by position and in a dense window.

    Attributes
    ----------
    resolution
        H3 resolution.
    cells
        H3 ids, sorted; a cell's index here is its position.
    lat, lng, x, y
        Centres in degrees and in metres of the study area's plane.
    area_m2
        Part of the cell that lies inside the study area.
    lattice
        The plane lattice, or None where the area does not fit one face; then `row`, `col` hold
        −1, `shape` is (0, 0) and the dense window does not exist.
    row, col
        Place in the dense window: i and j less those of the window's first cell.
    first
        i and j of the dense window's first cell.
    shape
        Rows and columns of the dense window.
    """

    resolution: int
    cells: IntArray
    lat: FloatArray
    lng: FloatArray
    x: FloatArray
    y: FloatArray
    area_m2: FloatArray
    lattice: Lattice | None
    row: IntArray
    col: IntArray
    first: tuple[int, int]
    shape: tuple[int, int]

    @cached_property
    def neighbours(self) -> IntArray:
        """Positions (C, 6) of the adjacent cells, −1 where none is in the grid."""
        if self.lattice is None:
            return self.positions(adjacent_cells(self.cells).ravel()).reshape(-1, 6)
        framed = np.pad(self._window, 1, constant_values=-1)
        steps = NEIGHBOUR_OFFSETS + 1
        return framed[self.row[:, None] + steps[:, 0], self.col[:, None] + steps[:, 1]]

    @cached_property
    def _window(self) -> IntArray:
        window = np.full(self.shape, -1, np.int64)
        window[self.row, self.col] = np.arange(len(self.cells))
        return window

    def positions(self, cells: npt.ArrayLike) -> IntArray:
        """Return the position of each H3 id, −1 where it is not in the grid."""
        wanted = np.atleast_1d(np.asarray(cells, np.int64))
        if not len(self.cells):
            return np.full(len(wanted), -1, np.int64)
        found = np.searchsorted(self.cells, wanted).clip(max=len(self.cells) - 1)
        return np.where(self.cells[found] == wanted, found, -1)

    def locate(self, lat: npt.ArrayLike, lng: npt.ArrayLike) -> IntArray:
        """Return the position of the cell that each point lies in, −1 outside the grid."""
        if self.lattice is None or not len(self.cells):
            return self.positions(latlng_to_cells(lat, lng, self.resolution))
        lat, lng = checked_points(lat, lng)
        i, j = self.lattice.locate(lat, lng)
        row, col = i - self.first[0], j - self.first[1]
        # The far side of the globe projects onto the same plane: the window alone is no proof.
        inside = _near(lat, self.lat) & _near(lng, self.lng)
        inside &= (row >= 0) & (col >= 0) & (row < self.shape[0]) & (col < self.shape[1])
        found = np.full(len(lat), -1, np.int64)
        found[inside] = self._window[row[inside], col[inside]]
        return found

    def dense(self, values: npt.ArrayLike) -> npt.NDArray:
        """Lay values [..., C] out in the dense window [..., rows, columns], 0 outside the grid."""
        known = np.asarray(values)
        window = np.zeros((*known.shape[:-1], *self._needed_shape()), known.dtype)
        window[..., self.row, self.col] = known
        return window

    def sparse(self, window: npt.NDArray) -> npt.NDArray:
        """Take the cells' values [..., C] back out of a dense window [..., rows, columns]."""
        self._needed_shape()
        return window[..., self.row, self.col]

    def _needed_shape(self) -> tuple[int, int]:
        if self.lattice is None:
            raise UsageError("These cells lie on two faces: they have no dense window.")
        return self.shape


def build_cell_grid(area: StudyArea, resolution: int) -> CellGrid:
    """Cut a study area into cells, leaving out those with 1 m² or less inside it.

    Raises
    ------
    UsageError
        ``too_complex`` where the area's extent holds more than 5 million cells.
    """
    cells, polygons = overlapping_cells(area.boundary, resolution)
    area_m2 = _area_inside(polygons, area)
    kept = area_m2 > SLIVER_M2
    cells, area_m2 = cells[kept], area_m2[kept]
    lat, lng = cell_centres(cells)
    x, y = area.to_metric(lat, lng)
    lattice = lattice_of_points(lat, lng, resolution)
    if lattice is None:
        row = col = np.full(len(cells), -1, np.int64)
        first, shape = (0, 0), (0, 0)
    else:
        i, j = lattice.locate(lat, lng)
        first = (int(i.min()), int(j.min()))
        row, col = i - first[0], j - first[1]
        shape = (int(row.max()) + 1, int(col.max()) + 1)
    return CellGrid(resolution, cells, lat, lng, x, y, area_m2, lattice, row, col, first, shape)


# -------------------------------------------------------------------------------------------


def _area_inside(polygons: npt.NDArray[np.object_], area: StudyArea) -> FloatArray:
    """Return the square metres of each polygon that lie inside the study area."""
    shapely.prepare(area.boundary)
    pieces = polygons.copy()
    cut = ~shapely.contains_properly(area.boundary, polygons)
    pieces[cut] = shapely.intersection(area.boundary, polygons[cut])
    return shapely.area(
        shapely.transform(pieces, lambda xy: np.column_stack(area.to_metric(xy[:, 1], xy[:, 0])))
    )


def _near(values: FloatArray, known: FloatArray) -> npt.NDArray[np.bool_]:
    return (values > known.min() - 1) & (values < known.max() + 1)
