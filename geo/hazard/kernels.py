"""Spread what is known at cells over their surroundings with a cut Gaussian.

Two functions, each on all layers of an array at once: `kernel_share` keeps the mass (each source
cell's mass is shared out inside the study area), `kernel_sum` counts (how much mass lies near).

Where the grid has a lattice, both are convolutions on its dense window, and the cost hardly grows
with the bandwidth. Distances are then those of one even lattice, the best affine fit of the
cells' metric centres. Seen against the exact sum over pairs (`kernel_share_pairwise`,
`kernel_sum_pairwise`) over a study area of 30 × 30 km, bandwidths 100–800 m:

- half the sum of absolute differences is below 0.05 % of the mass (`kernel_share`), and the sum
  of absolute differences below 0.15 % of the total (`kernel_sum`),
- the largest difference in a cell is below 0.6 % of the largest value.

The greater part comes from cells at the rim of the kernel, which one distance counts as inside
and the other as outside. A grid without a lattice uses the sum over pairs.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
from scipy.fft import irfft2, next_fast_len, rfft2
from scipy.sparse import csr_array
from scipy.spatial import cKDTree

from geo.cells import CellGrid
from geo.lattice import FloatArray, IntArray
from geo.parameters import HazardParameters

NOISE = 2.0**-46
"""Share of a layer's largest value under which a convolved value is the transform's noise."""

FEWEST_CELLS = 500
"""Below this many cells the sum over pairs is used: exact, and as fast."""

PAIR_BLOCK = 2000
"""Source cells worked on at a time in the sum over pairs: about 2 million pairs at 800 m."""


def kernel_cut_m(grid: CellGrid, bandwidth_m: float, parameters: HazardParameters) -> float:
    """Return the distance in metres beyond which the kernel is nothing.

    The widest of three bandwidths, 1.02 sides of a square as large as a cell, and 120 m.
    """
    return max(
        parameters.kernel_cut_bandwidths * bandwidth_m,
        parameters.kernel_cut_cells * float(np.sqrt(grid.area_m2.max())),
        parameters.kernel_cut_floor_m,
    )


def kernel_share(
    grid: CellGrid, mass: npt.ArrayLike, bandwidth_m: float, parameters: HazardParameters
) -> FloatArray:
    """Share each cell's mass out over its surroundings inside the study area.

    A source gives each cell within the cut a part in proportion to area · exp(−d² / 2h²), area
    being the cell's part inside the study area; its parts sum to its mass.

    Parameters
    ----------
    grid
        The study area's cells.
    mass
        [..., C], not negative: incidents, or whatever is shared out, at each cell.
    bandwidth_m
        h.
    parameters
        The cut.

    Returns
    -------
    array
        [..., C]; each layer sums to that of ``mass``.
    """
    known = np.asarray(mass, float)
    kernel = _lattice_kernel(grid, bandwidth_m, parameters)
    if kernel is None:
        return kernel_share_pairwise(grid, known, bandwidth_m, parameters)
    within_reach = _convolved(grid, grid.area_m2, kernel)
    share = _convolved(grid, known / within_reach, kernel) * grid.area_m2
    return _with_sums_of(share, known)


def kernel_sum(
    grid: CellGrid, mass: npt.ArrayLike, bandwidth_m: float, parameters: HazardParameters
) -> FloatArray:
    """Add up the mass near each cell, weighted with exp(−d² / 2h²) and not normalised.

    Parameters and shape as in `kernel_share`; the unit is that of ``mass``: 3.2 reads "as much as
    3.2 incidents at the cell's centre".
    """
    known = np.asarray(mass, float)
    kernel = _lattice_kernel(grid, bandwidth_m, parameters)
    if kernel is None:
        return kernel_sum_pairwise(grid, known, bandwidth_m, parameters)
    return _convolved(grid, known, kernel)


def kernel_share_pairwise(
    grid: CellGrid, mass: npt.ArrayLike, bandwidth_m: float, parameters: HazardParameters
) -> FloatArray:
    """Compute `kernel_share` from the distance of every pair of cells."""
    known = np.asarray(mass, float)
    share = np.zeros(known.shape)
    for sources, pairs in _pair_blocks(grid, known, bandwidth_m, parameters):
        parts = csr_array(pairs.multiply(grid.area_m2))
        share += _times(known[..., sources] / parts.sum(axis=1), parts)
    return _with_sums_of(share, known)


def kernel_sum_pairwise(
    grid: CellGrid, mass: npt.ArrayLike, bandwidth_m: float, parameters: HazardParameters
) -> FloatArray:
    """Compute `kernel_sum` from the distance of every pair of cells."""
    known = np.asarray(mass, float)
    total = np.zeros(known.shape)
    for sources, pairs in _pair_blocks(grid, known, bandwidth_m, parameters):
        total += _times(known[..., sources], pairs)
    return total


# -------------------------------------------------------------------------------------------


def _lattice_kernel(
    grid: CellGrid, bandwidth_m: float, parameters: HazardParameters
) -> FloatArray | None:
    """Return the kernel in steps of the dense window; None where pairs are the better way."""
    steps = _metres_per_step(grid)
    if steps is None:
        return None
    cut_m = kernel_cut_m(grid, bandwidth_m, parameters)
    # A vector of metres times the inverse gives steps, so its columns bound the steps of the cut.
    reach = np.ceil(cut_m * np.linalg.norm(np.linalg.inv(steps), axis=0)).astype(int)
    reach = np.minimum(reach, np.array(grid.shape) - 1)
    row, col = np.ogrid[-reach[0] : reach[0] + 1, -reach[1] : reach[1] + 1]
    squared = ((row[..., None] * steps[0] + col[..., None] * steps[1]) ** 2).sum(axis=-1)
    return np.where(squared <= cut_m**2, np.exp(-squared / (2 * bandwidth_m**2)), 0.0)


def _metres_per_step(grid: CellGrid) -> FloatArray | None:
    """Return the metres (x, y) of one row and of one column, by least squares over all cells.

    None without a lattice, and for the few cells where pairs are exact and as fast.
    """
    if grid.lattice is None or len(grid.cells) < FEWEST_CELLS:
        return None
    places = np.column_stack([grid.row, grid.col, np.ones(len(grid.cells))])
    metres = np.column_stack([grid.x, grid.y])
    fitted, _, rank, _ = np.linalg.lstsq(places, metres, rcond=None)
    # An area one cell wide says nothing about the second direction.
    return np.asarray(fitted[:2], np.float64) if rank == 3 else None


def _convolved(grid: CellGrid, values: FloatArray, kernel: FloatArray) -> FloatArray:
    window = grid.dense(values)
    height, width = (side // 2 for side in kernel.shape)
    shape = [
        next_fast_len(whole + part - 1, real=True)
        for whole, part in zip(window.shape[-2:], kernel.shape, strict=True)
    ]
    full = irfft2(rfft2(window, shape) * rfft2(kernel, shape), shape)
    rows, columns = window.shape[-2:]
    result = grid.sparse(full[..., height : height + rows, width : width + columns])
    result[result < NOISE * result.max(axis=-1, keepdims=True)] = 0
    return np.asarray(result, np.float64)


def _pair_blocks(
    grid: CellGrid, mass: FloatArray, bandwidth_m: float, parameters: HazardParameters
) -> Iterator[tuple[IntArray, csr_array]]:
    """Yield positions of source cells with mass, and their kernel to every cell in reach."""
    cut_m = kernel_cut_m(grid, bandwidth_m, parameters)
    places = np.column_stack([grid.x, grid.y])
    tree = cKDTree(places)
    held = np.flatnonzero((mass != 0).reshape(-1, len(grid.cells)).any(axis=0))
    for start in range(0, len(held), PAIR_BLOCK):
        sources = held[start : start + PAIR_BLOCK]
        near = cKDTree(places[sources]).sparse_distance_matrix(
            tree, cut_m, output_type="coo_matrix"
        )
        weight = np.exp(-(near.data**2) / (2 * bandwidth_m**2))
        yield sources, csr_array((weight, (near.row, near.col)), shape=near.shape)


def _times(mass: FloatArray, pairs: csr_array) -> FloatArray:
    layers = mass.reshape(-1, mass.shape[-1])
    return (pairs.T @ layers.T).T.reshape(*mass.shape[:-1], pairs.shape[1])


def _with_sums_of(share: FloatArray, mass: FloatArray) -> FloatArray:
    """Scale each layer to the sum of its mass: rounding and removed noise must not add up."""
    sums = share.sum(axis=-1, keepdims=True)
    wanted = mass.sum(axis=-1, keepdims=True)
    return share * np.divide(wanted, sums, out=np.zeros_like(sums), where=sums > 0)
