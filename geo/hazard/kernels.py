"""Spread what is known at cells over their surroundings with a cut Gaussian.

Two functions, each on all layers of an array at once: `kernel_share` keeps the mass (each source
cell's mass is shared out inside the study area), `kernel_sum` counts (how much mass lies near).

Where the grid has a dense window, both are convolutions on it, and the cost hardly grows with the
bandwidth. Distances are then those of one even lattice, the best affine fit of the cells' metric
centres, which for squares is no approximation. Seen against the exact sum over pairs
(`kernel_share_pairwise`, `kernel_sum_pairwise`) over H3 cells of 30 × 30 km, bandwidths
100–800 m:

- half the sum of absolute differences is below 0.05 % of the mass (`kernel_share`), and the sum
  of absolute differences below 0.15 % of the total (`kernel_sum`),
- the largest difference in a cell is below 0.6 % of the largest value.

The greater part comes from cells at the rim of the kernel, which one distance counts as inside
and the other as outside. A grid without one uses the sum over pairs.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
from scipy.fft import irfft2, next_fast_len, rfft2
from scipy.sparse import csr_array
from scipy.spatial import cKDTree

from geo.cells import Grid
from geo.lattice import FloatArray, IntArray
from geo.parameters import HazardParameters

NOISE = 2.0**-46
"""Share of a layer's largest value under which a convolved value is the transform's noise."""

FEWEST_CELLS = 500
"""Below this many cells the sum over pairs is used: exact, and as fast."""

PAIR_BLOCK = 2000
"""Source cells worked on at a time in the sum over pairs: about 2 million pairs at 800 m."""

WINDOW_BLOCK = 1000
"""Places worked on at a time in the pairs of a lattice: about 1 million pairs at 800 m."""


def kernel_cut_m(grid: Grid, bandwidth_m: float, parameters: HazardParameters) -> float:
    """Return the distance in metres beyond which the kernel is nothing.

    The widest of three bandwidths, 1.02 sides of a square as large as a cell, and 120 m.
    """
    return max(
        parameters.kernel_cut_bandwidths * bandwidth_m,
        parameters.kernel_cut_cells * float(np.sqrt(grid.area_m2.max())),
        parameters.kernel_cut_floor_m,
    )


def kernel_places(grid: Grid) -> tuple[FloatArray, FloatArray]:
    """Return x and y in metres as the kernels measure them: of the even lattice if there is one."""
    steps = _metres_per_step(grid)
    if steps is None:
        return grid.x, grid.y
    x, y = (grid.row * steps[0, axis] + grid.col * steps[1, axis] for axis in (0, 1))
    return x, y


def kernel_share(
    grid: Grid, mass: npt.ArrayLike, bandwidth_m: float, parameters: HazardParameters
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
    grid: Grid, mass: npt.ArrayLike, bandwidth_m: float, parameters: HazardParameters
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
    grid: Grid, mass: npt.ArrayLike, bandwidth_m: float, parameters: HazardParameters
) -> FloatArray:
    """Compute `kernel_share` from the distance of every pair of cells."""
    known = np.asarray(mass, float)
    share = np.zeros(known.shape)
    for sources, pairs in _pair_blocks(grid, known, bandwidth_m, parameters):
        parts = csr_array(pairs.multiply(grid.area_m2))
        share += _times(known[..., sources] / parts.sum(axis=1), parts)
    return _with_sums_of(share, known)


def kernel_sum_pairwise(
    grid: Grid, mass: npt.ArrayLike, bandwidth_m: float, parameters: HazardParameters
) -> FloatArray:
    """Compute `kernel_sum` from the distance of every pair of cells."""
    known = np.asarray(mass, float)
    total = np.zeros(known.shape)
    for sources, pairs in _pair_blocks(grid, known, bandwidth_m, parameters):
        total += _times(known[..., sources], pairs)
    return total


def kernel_pairs(
    grid: Grid,
    targets: IntArray,
    sources: IntArray,
    bandwidth_m: float,
    parameters: HazardParameters,
) -> csr_array:
    """Return what part of each source's mass `kernel_share` gives to each target.

    For few places of a large grid, or for many layers of mass that lie in the same few cells.

    Parameters
    ----------
    targets, sources
        Positions of cells, each without repeats.
    bandwidth_m
        h.
    parameters
        The cut.

    Returns
    -------
    Targets × sources, sparse. A source's parts over all cells of the grid sum to 1.
    """
    kernel = _lattice_kernel(grid, bandwidth_m, parameters)
    if kernel is None:
        cut_m = kernel_cut_m(grid, bandwidth_m, parameters)
        pairs = _weights_between(grid, targets, sources, bandwidth_m, cut_m)
        everywhere = np.arange(len(grid.cells))
        within_reach = _weights_between(grid, sources, everywhere, bandwidth_m, cut_m)
        reach = within_reach @ grid.area_m2
    else:
        pairs = _lattice_pairs(grid, targets, sources, kernel)
        reach = _lattice_reach(grid, sources, kernel)
    rows = np.repeat(grid.area_m2[targets], np.diff(pairs.indptr))
    pairs.data *= rows / reach[pairs.indices]
    return pairs


# -------------------------------------------------------------------------------------------


def _lattice_kernel(
    grid: Grid, bandwidth_m: float, parameters: HazardParameters
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


def _metres_per_step(grid: Grid) -> FloatArray | None:
    """Return the metres of one row and of one column; None where pairs are exact and as fast."""
    return grid.metres_per_step if len(grid.cells) >= FEWEST_CELLS else None


def _convolved(grid: Grid, values: FloatArray, kernel: FloatArray) -> FloatArray:
    height, width = (side // 2 for side in kernel.shape)
    rows, columns = grid.shape
    shape = [
        next_fast_len(whole + part - 1, real=True)
        for whole, part in zip(grid.shape, kernel.shape, strict=True)
    ]
    spectrum = rfft2(kernel, shape)
    # A cell's layers lie side by side: on their order the last bits of later sums depend.
    result = np.moveaxis(np.empty((values.shape[-1], *values.shape[:-1])), 0, -1)
    # One layer after another: all at once leave the processor's cache, which takes half as long
    # again, and hold a city's window a hundred times over.
    for layer in np.ndindex(values.shape[:-1]):
        full = irfft2(rfft2(grid.dense(values[layer]), shape) * spectrum, shape)
        result[layer] = grid.sparse(full[height : height + rows, width : width + columns])
    result[result < NOISE * result.max(axis=-1, keepdims=True)] = 0
    return result


def _pair_blocks(
    grid: Grid, mass: FloatArray, bandwidth_m: float, parameters: HazardParameters
) -> Iterator[tuple[IntArray, csr_array]]:
    """Yield positions of source cells with mass, and their kernel to every cell in reach."""
    cut_m = kernel_cut_m(grid, bandwidth_m, parameters)
    everywhere = np.arange(len(grid.cells))
    held = np.flatnonzero((mass != 0).reshape(-1, len(grid.cells)).any(axis=0))
    for start in range(0, len(held), PAIR_BLOCK):
        sources = held[start : start + PAIR_BLOCK]
        yield sources, _weights_between(grid, sources, everywhere, bandwidth_m, cut_m)


def _weights_between(
    grid: Grid, targets: IntArray, sources: IntArray, bandwidth_m: float, cut_m: float
) -> csr_array:
    """Return exp(−d² / 2h²) of every pair within the cut, targets × sources."""
    places = np.column_stack([grid.x, grid.y])
    near = cKDTree(places[targets]).sparse_distance_matrix(
        cKDTree(places[sources]), cut_m, output_type="coo_matrix"
    )
    weight = np.exp(-(near.data**2) / (2 * bandwidth_m**2))
    return csr_array((weight, (near.row, near.col)), shape=near.shape)


def _lattice_pairs(
    grid: Grid, targets: IntArray, sources: IntArray, kernel: FloatArray
) -> csr_array:
    """Return the kernel between targets and sources, read off their places in the window."""
    number = np.full(len(grid.cells), -1)
    number[sources] = np.arange(len(sources))
    starts, columns, values = [np.zeros(1, np.int64)], [], []
    for around, weight in _surroundings(grid, targets, number, kernel, missing=-1):
        there = around >= 0
        starts.append(there.sum(axis=1))
        columns.append(around[there].astype(np.int32))
        values.append(np.broadcast_to(weight, around.shape)[there])
    if not len(targets):
        return csr_array((0, len(sources)))
    indices, data = np.concatenate(columns), np.concatenate(values)
    indptr = np.cumsum(np.concatenate(starts))
    return csr_array((data, indices, indptr), shape=(len(targets), len(sources)))


def _lattice_reach(grid: Grid, sources: IntArray, kernel: FloatArray) -> FloatArray:
    blocks = _surroundings(grid, sources, grid.area_m2, kernel, missing=0.0)
    sums = [(around * weight).sum(axis=1) for around, weight in blocks]
    return np.concatenate(sums) if sums else np.zeros(0)


def _surroundings(
    grid: Grid, places: IntArray, values: npt.NDArray, kernel: FloatArray, missing: float
) -> Iterator[tuple[npt.NDArray, FloatArray]]:
    """Yield, for blocks of places, the values around each and the kernel's weight of each."""
    height, width = (side // 2 for side in kernel.shape)
    rows, columns = grid.shape[0] + 2 * height, grid.shape[1] + 2 * width
    window = np.full((rows, columns), missing, values.dtype)
    window[grid.row + height, grid.col + width] = values
    row, column = np.nonzero(kernel)
    step = (row - height) * columns + column - width
    place = (grid.row[places] + height) * columns + grid.col[places] + width
    for start in range(0, len(place), WINDOW_BLOCK):
        near = place[start : start + WINDOW_BLOCK, None] + step
        yield window.ravel()[near], kernel[row, column]


def _times(mass: FloatArray, pairs: csr_array) -> FloatArray:
    layers = mass.reshape(-1, mass.shape[-1])
    return (pairs.T @ layers.T).T.reshape(*mass.shape[:-1], pairs.shape[1])


def _with_sums_of(share: FloatArray, mass: FloatArray) -> FloatArray:
    """Scale each layer to the sum of its mass: rounding and removed noise must not add up."""
    sums = share.sum(axis=-1, keepdims=True)
    wanted = mass.sum(axis=-1, keepdims=True)
    return share * np.divide(wanted, sums, out=np.zeros_like(sums), where=sums > 0)
