"""The H3 cells of a study area as one grid."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import shapely

from geo.cells.calibration import lattice_of_points
from geo.cells.grid import SLIVER_M2, Grid
from geo.cells.indexing import checked_points, latlng_to_cells
from geo.cells.outlines import adjacent_cells, cell_centres, cell_parents, overlapping_cells
from geo.lattice import NEIGHBOUR_OFFSETS, FloatArray, IntArray, Lattice
from geo.study_area import StudyArea


@dataclass(frozen=True)
class CellGrid(Grid):
    """The H3 cells of a study area.

    Attributes
    ----------
    resolution
        H3 resolution.
    lattice
        The plane lattice, or None where the area does not fit one face; then `row`, `col` hold
        −1, `shape` is (0, 0) and the dense window does not exist.
    first
        i and j of the dense window's first cell; `row`, `col` are i and j less these.
    """

    resolution: int
    lattice: Lattice | None
    first: tuple[int, int]

    @property
    def has_window(self) -> bool:
        """Tell whether the cells lie on one even lattice, and so in a dense window."""
        return self.lattice is not None

    @cached_property
    def neighbours(self) -> IntArray:
        """Positions (C, 6) of the adjacent cells, −1 where none is in the grid."""
        if self.lattice is None:
            return self.positions(adjacent_cells(self.cells).ravel()).reshape(-1, 6)
        return self._adjacent(NEIGHBOUR_OFFSETS)

    def locate(self, lat: npt.ArrayLike, lng: npt.ArrayLike) -> IntArray:
        """Return the position of the cell that each point lies in, −1 outside the grid."""
        if self.lattice is None or not len(self.cells):
            return self.positions(latlng_to_cells(lat, lng, self.resolution))
        lat, lng = checked_points(lat, lng)
        i, j = self.lattice.locate(lat, lng)
        # The far side of the globe projects onto the same plane: the window alone is no proof.
        near = _near(lat, self.lat) & _near(lng, self.lng)
        return self._found_in_window(i - self.first[0], j - self.first[1], near)

    def coarser(self, resolution: int) -> IntArray:
        """Return each cell's parent; the cell itself from its own resolution on."""
        if resolution >= self.resolution:
            return self.cells
        return cell_parents(self.cells, resolution)


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
    return CellGrid(cells, lat, lng, x, y, area_m2, row, col, shape, resolution, lattice, first)


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
