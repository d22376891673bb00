"""What every grid of a study area can do: its cells by id, by position, and as a dense window."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from geo.errors import UsageError
from geo.lattice import FloatArray, IntArray

SLIVER_M2 = 1.0
"""A cell with no more than this inside the study area is left out."""


@dataclass(frozen=True)
class Grid(ABC):
    """The cells of a study area, addressed by id, by position and in a dense window.

    `CellGrid` holds H3 cells, `SquareGrid` squares of the study area's plane; both add how a
    point finds its cell, which cells are adjacent, and which coarser H3 cell each belongs to.

    Attributes
    ----------
    cells
        Ids, sorted; a cell's index here is its position.
    lat, lng, x, y
        Centres in degrees and in metres of the study area's plane.
    area_m2
        Part of the cell that lies inside the study area.
    row, col
        Place in the dense window; −1 where there is none.
    shape
        Rows and columns of the dense window, (0, 0) where there is none.
    """

    cells: IntArray
    lat: FloatArray
    lng: FloatArray
    x: FloatArray
    y: FloatArray
    area_m2: FloatArray
    row: IntArray
    col: IntArray
    shape: tuple[int, int]

    @property
    def has_window(self) -> bool:
        """Tell whether the cells lie on one even lattice, and so in a dense window."""
        return self.shape != (0, 0)

    @property
    @abstractmethod
    def neighbours(self) -> IntArray:
        """Positions (C, n) of the adjacent cells, −1 where none is in the grid."""

    @abstractmethod
    def locate(self, lat: npt.ArrayLike, lng: npt.ArrayLike) -> IntArray:
        """Return the position of the cell that each point lies in, −1 outside the grid."""

    @abstractmethod
    def coarser(self, resolution: int) -> IntArray:
        """Return the H3 cell of a resolution that each cell belongs to, by its centre."""

    @cached_property
    def metres_per_step(self) -> FloatArray | None:
        """Metres (x, y) of one row and of one column, by least squares over all cells.

        None without a dense window, and for an area one cell wide, which says nothing about the
        second direction.
        """
        if not self.has_window:
            return None
        places = np.column_stack([self.row, self.col, np.ones(len(self.cells))])
        metres = np.column_stack([self.x, self.y])
        fitted, _, rank, _ = np.linalg.lstsq(places, metres, rcond=None)
        return np.asarray(fitted[:2], np.float64) if rank == 3 else None

    def positions(self, cells: npt.ArrayLike) -> IntArray:
        """Return the position of each id, −1 where it is not in the grid."""
        wanted = np.atleast_1d(np.asarray(cells, np.int64))
        if not len(self.cells):
            return np.full(len(wanted), -1, np.int64)
        found = np.searchsorted(self.cells, wanted).clip(max=len(self.cells) - 1)
        return np.where(self.cells[found] == wanted, found, -1)

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

    def _adjacent(self, steps: IntArray) -> IntArray:
        """Return the positions (C, n) that lie these steps (row, column) away."""
        framed = np.pad(self._window, 1, constant_values=-1)
        return framed[self.row[:, None] + steps[:, 0] + 1, self.col[:, None] + steps[:, 1] + 1]

    def _found_in_window(
        self, row: npt.NDArray, col: npt.NDArray, possible: npt.NDArray[np.bool_]
    ) -> IntArray:
        """Return the position at each place of the window, −1 outside it or where not possible."""
        inside = possible & (row >= 0) & (col >= 0) & (row < self.shape[0]) & (col < self.shape[1])
        found = np.full(len(row), -1, np.int64)
        found[inside] = self._window[row[inside].astype(np.int64), col[inside].astype(np.int64)]
        return found

    @cached_property
    def _window(self) -> IntArray:
        window = np.full(self.shape, -1, np.int64)
        window[self.row, self.col] = np.arange(len(self.cells))
        return window

    def _needed_shape(self) -> tuple[int, int]:
        if not self.has_window:
            raise UsageError("These cells lie on two faces: they have no dense window.")
        return self.shape
