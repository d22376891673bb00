"""The one door to H3: points and areas become cells, cells become text, corners and a grid.

Cells are int64 inside and 15 lower-case hexadecimal characters outside. No other package of this
project imports H3.
"""

from geo.cells.grid import Grid
from geo.cells.grid_names import GridName, build_grid, parse_grid
from geo.cells.hexagons import CellGrid, build_cell_grid
from geo.cells.indexing import (
    cell_counts,
    format_cell,
    format_cells,
    latlng_to_cells,
    parse_cell,
)
from geo.cells.outlines import (
    cell_boundaries,
    cell_centres,
    cell_parents,
    cell_polygons,
    cells_in_area,
)
from geo.cells.squares import SquareGrid, build_square_grid

__all__ = [
    "CellGrid",
    "Grid",
    "GridName",
    "SquareGrid",
    "build_cell_grid",
    "build_grid",
    "build_square_grid",
    "cell_boundaries",
    "cell_centres",
    "cell_counts",
    "cell_parents",
    "cell_polygons",
    "cells_in_area",
    "format_cell",
    "format_cells",
    "latlng_to_cells",
    "parse_cell",
    "parse_grid",
]
