"""Cells become centres, corners, polygons and parents; polygons become cells."""

from __future__ import annotations

import math

import h3.api.basic_int as h3
import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry import MultiPolygon, Polygon

from geo.cells.calibration import lattice_of_box, lattice_of_points
from geo.cells.ids import lattice_ids
from geo.cells.indexing import check_resolution, checked_points
from geo.errors import UsageError
from geo.lattice import FloatArray, IntArray

CELL_LIMIT = 5_000_000
"""Most cells that one area may be cut into; about 1 GB while the grid is built."""

FINEST_RESOLUTION, BITS_OF_CHILD = 15, 3
"""Of every H3 id."""


def cell_centres(cells: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Return latitude and longitude in degrees of the cells' centres."""
    known = np.asarray(cells, np.int64).tolist()
    points = np.array([h3.cell_to_latlng(cell) for cell in known], float).reshape(-1, 2)
    return points[:, 0], points[:, 1]


def cell_boundaries(cells: npt.ArrayLike) -> FloatArray:
    """Return the six corners of each cell, (n, 6, 2) of longitude and latitude.

    Counter-clockwise and not closed; neighbours share their corners bit for bit. The extra
    points that H3 adds where a side crosses a face edge are left out.

    Raises
    ------
    UsageError
        ``cell_invalid`` for a pentagon.
    """
    known = np.asarray(cells, np.int64)
    if not len(known):
        return np.empty((0, 6, 2))
    corners = _lattice_corners(known)
    if corners is not None:
        return corners
    if any(h3.is_pentagon(cell) for cell in known.tolist()):
        raise UsageError("A pentagon has no six corners.", code="cell_invalid")
    vertices = [
        [h3.vertex_to_latlng(vertex) for vertex in h3.cell_to_vertexes(cell)]
        for cell in known.tolist()
    ]
    return np.array(vertices)[:, :, ::-1]


def cell_polygons(cells: npt.ArrayLike) -> npt.NDArray[np.object_]:
    """Return the cells as polygons of longitude and latitude; pentagons are allowed."""
    known = np.asarray(cells, np.int64)
    corners = _lattice_corners(known)
    if corners is not None:
        return np.asarray(shapely.polygons(corners))
    rings = [np.array(h3.cell_to_boundary(cell))[:, ::-1] for cell in known.tolist()]
    return np.array([Polygon(ring) for ring in rings], dtype=object)


def cell_parents(cells: npt.ArrayLike, resolution: int) -> IntArray:
    """Return the parent of each cell at a coarser resolution."""
    known = np.asarray(cells, np.int64)
    # Three bits of an id for each resolution say which child of its parent a cell is, the finest
    # last: cells that differ in the bits below the parent's alone have it in common.
    below = BITS_OF_CHILD * (FINEST_RESOLUTION - resolution)
    _, first, place = np.unique(known >> below, return_index=True, return_inverse=True)
    parents = [h3.cell_to_parent(cell, resolution) for cell in known[first].tolist()]
    return np.array(parents, np.int64)[place]


def cells_in_area(boundary: Polygon | MultiPolygon, resolution: int) -> IntArray:
    """Return every cell that overlaps the polygon, sorted.

    Raises
    ------
    UsageError
        ``too_complex`` where the polygon's extent holds more than 5 million cells.
    """
    return overlapping_cells(boundary, resolution)[0]


def adjacent_cells(cells: IntArray) -> IntArray:
    """Return the adjacent cells (n, 6), sorted; 0, which is no cell, fills a pentagon's five."""
    rings = np.zeros((len(cells), 6), np.int64)
    for row, cell in enumerate(cells.tolist()):
        ring = sorted(set(h3.grid_disk(cell, 1)) - {cell})
        rings[row, : len(ring)] = ring
    return rings


def overlapping_cells(
    boundary: Polygon | MultiPolygon, resolution: int
) -> tuple[IntArray, npt.NDArray[np.object_]]:
    """Return the cells that overlap a polygon, sorted, and their outlines."""
    check_resolution(resolution)
    left, bottom, right, top = boundary.bounds
    checked_points([bottom, top], [left, right])
    middle = math.cos(math.radians((bottom + top) / 2))
    extent_km2 = (right - left) * (top - bottom) * 111.2**2 * middle
    expected = extent_km2 / h3.average_hexagon_area(resolution, "km^2")
    if expected > CELL_LIMIT:
        raise UsageError(
            f"The area's extent holds about {expected:.0f} cells of resolution {resolution}; "
            f"at most {CELL_LIMIT} are allowed. Give a smaller area or a coarser resolution.",
            code="too_complex",
        )
    lattice = lattice_of_box((bottom, top), (left, right), resolution)
    if lattice is None:
        shape = h3.geo_to_h3shape(boundary)
        cells = h3.h3shape_to_cells_experimental(shape, resolution, contain="overlap")
        known = np.array(sorted(cells), np.int64)
        return known, cell_polygons(known)
    i, j = lattice.places_of_box((bottom, top), (left, right))
    polygons = np.asarray(shapely.polygons(lattice.corners(i, j)))
    shapely.prepare(boundary)
    touched = shapely.intersects(boundary, polygons)
    cells = lattice_ids(lattice, i[touched], j[touched])
    order = np.argsort(cells)
    return cells[order], polygons[touched][order]


# -------------------------------------------------------------------------------------------


def _lattice_corners(cells: IntArray) -> FloatArray | None:
    """Return the corners of cells that lie on one lattice; None where they do not."""
    resolutions = np.unique(cells >> 52 & 15)  # the four bits that H3's format documents
    if len(resolutions) != 1:
        return None
    lat, lng = cell_centres(cells)
    lattice = lattice_of_points(lat, lng, int(resolutions[0]))
    return None if lattice is None else lattice.corners(*lattice.locate(lat, lng))
