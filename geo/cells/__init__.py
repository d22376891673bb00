"""The one door to H3: points and areas become cells, cells become text, corners and a grid.

Cells are int64 inside and 15 lower-case hexadecimal characters outside. No other package of this
project imports H3.
"""

from geo.cells.grid import CellGrid, build_cell_grid
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

__all__ = [
    "CellGrid",
    "build_cell_grid",
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
]
