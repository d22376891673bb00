"""How much of each incident's kernels falls into one cell, from the frames kept with a run."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geo import columns as c
from geo.hazard.held import EXACT, HIDDEN, HeldRate

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Reach:
    """What each near incident brings to one cell.

    Attributes
    ----------
    cell
        Its position.
    near
        Positions of the incidents, rising.
    kernel
        Width in metres → share of the incident's kernel that falls into the cell.
    lying
        Share of the incident that lies in the cell itself.
    """

    cell: int
    near: IntArray
    kernel: dict[float, FloatArray]
    lying: FloatArray


def incidents_within_reach(held: HeldRate, cells: IntArray) -> IntArray:
    """Return the incidents of which any kernel may fall into one of the cells."""
    cuts = held.numbers["kernel_cut_m"]
    squared, farthest = _squared_m(held, cells).min(axis=0), max(cuts.values())
    position, touched = held.position, squared <= farthest**2
    near = (held.spread == EXACT) & touched[position]
    near |= (held.spread == HIDDEN) & np.isin(held.coarse, held.coarse[touched])[position]
    for number, width in enumerate(held.parameters.accuracy_classes_m, start=1):
        wide = squared <= (farthest + cuts[f"{width:g}"]) ** 2
        near |= (held.spread == number) & wide[position]
    return np.flatnonzero(near)


def reach_into(held: HeldRate, cell: int, near: IntArray) -> Reach:
    """Return what each of the near incidents brings to one cell.

    A sensitive incident is spread over its coarse cell first, one of vague place by the width of
    its accuracy class, and then like every other by the kernel.

    Parameters
    ----------
    near
        Rows of ``held.incidents``, from `incidents_within_reach`.
    """
    kernel = _kernels_into(held, cell)
    position, spread = held.position[near], held.spread[near]
    shares = {width: row[position] for width, row in kernel.items()}
    lying = np.where(position == cell, 1.0, 0.0)
    hidden = spread == HIDDEN
    if hidden.any():
        area = held.of_cells(c.AREA_M2)
        whole = np.bincount(held.coarse, weights=area)
        coarse = held.coarse[position[hidden]]
        for width, row in kernel.items():
            mean = np.bincount(held.coarse, weights=area * row) / whole
            shares[width][hidden] = mean[coarse]
        here = coarse == held.coarse[cell]
        lying[hidden] = np.where(here, area[cell] / whole[held.coarse[cell]], 0.0)
    for number, width in enumerate(held.parameters.accuracy_classes_m, start=1):
        vague = np.flatnonzero(spread == number)
        if len(vague):
            lying[vague] = kernel[float(width)][position[vague]]
            sources, source = np.unique(position[vague], return_inverse=True)
            for other, spread_twice in _spread_first(held, sources, width, kernel).items():
                shares[other][vague] = spread_twice[source]
    return Reach(cell, near, shares, lying)


# -------------------------------------------------------------------------------------------


def _kernels_into(held: HeldRate, cell: int) -> dict[float, FloatArray]:
    """Return for each width the share of every cell's kernel that falls into one cell."""
    squared, area = _squared_m(held, np.array([cell]))[0], held.of_cells(c.AREA_M2)[cell]
    kernels = {}
    for text, cut_m in held.numbers["kernel_cut_m"].items():
        width, inside = float(text), np.flatnonzero(squared <= cut_m**2)
        share = np.zeros(len(squared))
        weight = area * np.exp(-squared[inside] / (2 * width**2))
        share[inside] = weight / held.of_cells(c.reach_column(width))[inside]
        kernels[width] = share
    return kernels


def _spread_first(
    held: HeldRate, sources: IntArray, width: float, into: dict[float, FloatArray]
) -> dict[float, FloatArray]:
    """Return the kernels into a cell of incidents that are first spread by their own accuracy."""
    targets = np.flatnonzero(np.any([row > 0 for row in into.values()], axis=0))
    squared = _squared_m(held, sources, targets)
    cut_m = held.numbers["kernel_cut_m"][f"{width:g}"]
    weight = np.where(squared <= cut_m**2, np.exp(-squared / (2 * width**2)), 0.0)
    within = held.of_cells(c.reach_column(width))[sources]
    share = weight * held.of_cells(c.AREA_M2)[targets] / within[:, None]
    return {other: (share * row[targets]).sum(axis=1) for other, row in into.items()}


def _squared_m(held: HeldRate, positions: IntArray, others: IntArray | None = None) -> FloatArray:
    chosen = slice(None) if others is None else others
    x, y = held.of_cells(c.X_M), held.of_cells(c.Y_M)
    return np.asarray(
        (x[chosen] - x[positions, None]) ** 2 + (y[chosen] - y[positions, None]) ** 2, np.float64
    )
