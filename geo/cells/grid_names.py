"""Grids by name: ``h3:10``, ``square:250ft``, ``square:100m``."""

from __future__ import annotations

import re
from dataclasses import dataclass

from geo.cells.grid import Grid
from geo.cells.hexagons import build_cell_grid
from geo.cells.squares import build_square_grid
from geo.errors import UsageError
from geo.study_area import StudyArea

RESOLUTIONS = (7, 8, 9, 10, 11)
METRES = {"m": 1.0, "ft": 0.3048}
SHORTEST_SIDE_M, LONGEST_SIDE_M = 10.0, 10_000.0


@dataclass(frozen=True)
class GridName:
    """A kind of grid with its size.

    Attributes
    ----------
    text
        The name as it is written, such as ``h3:10``.
    resolution
        H3 resolution; None for squares.
    side_m
        Side of a square in metres; None for H3 cells.
    """

    text: str
    resolution: int | None = None
    side_m: float | None = None


def parse_grid(text: str) -> GridName:
    """Read the name of a grid.

    Raises
    ------
    UsageError
        ``grid_invalid``.

    Examples
    --------
    >>> parse_grid("square:250ft")
    GridName(text='square:250ft', resolution=None, side_m=76.2)
    """
    if found := re.fullmatch(r"h3:([0-9]{1,2})", text, re.ASCII):
        resolution = int(found[1])
        if resolution in RESOLUTIONS:
            return GridName(f"h3:{resolution}", resolution=resolution)
    if found := re.fullmatch(r"square:([0-9]{1,5}(?:\.[0-9]{1,3})?)(m|ft)", text, re.ASCII):
        side_m = round(float(found[1]) * METRES[found[2]], 6)
        if SHORTEST_SIDE_M <= side_m <= LONGEST_SIDE_M:
            return GridName(text, side_m=side_m)
    raise UsageError(
        f"{str(text)[:64]!r} names no grid; give h3:{RESOLUTIONS[0]} to h3:{RESOLUTIONS[-1]}, or "
        f"square: and a side of {SHORTEST_SIDE_M:g} m to {LONGEST_SIDE_M:g} m, such as "
        "square:100m or square:250ft.",
        code="grid_invalid",
    )


def build_grid(area: StudyArea, name: GridName) -> Grid:
    """Cut a study area into the cells of a named grid.

    Raises
    ------
    UsageError
        ``too_complex`` where the area's extent holds more than 5 million cells.
    """
    if name.resolution is not None:
        return build_cell_grid(area, name.resolution)
    assert name.side_m is not None
    return build_square_grid(area, name.side_m)
