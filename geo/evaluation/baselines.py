"""Simple forecasts that the hazard rate must beat, made from the same incidents.

=============  ==============================================================================
count_365      incidents of the cell in the last 365 days
count_all      incidents of the cell in all days known
kde_H_365      kernel density of the last 365 days, a Gaussian of H metres
kde_H_all      the same of all days known
promap         prospective hotspots: near in space and time counts more
=============  ==============================================================================

Each returns incidents per day, groups × cells. A group whose incidents are sensitive is counted
as everywhere else: spread over its coarse cell.

Prospective hotspots follow Bowers, Johnson & Pease (2004), "Prospective Hot-Spotting: The Future
of Crime Mapping?", British Journal of Criminology 44: 641–658. They leave open how cells are
counted apart; here an incident of the last two months adds
1/(1 + whole weeks since) · 1/(1 + cells apart) to every cell within 400 m, cells apart being the
distance of the centres over the side of a square as large as a cell, rounded. Weeks are whole,
so the last six days weigh the same.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array
from scipy.spatial import cKDTree

from geo.cells import Grid
from geo.hazard.counted import CountedIncidents, group_mass
from geo.hazard.kernels import kernel_share
from geo.parameters import HazardParameters

FloatArray = npt.NDArray[np.float64]
Baseline = Callable[[CountedIncidents, Grid, HazardParameters], FloatArray]

PROMAP_DAYS = 60
PROMAP_REACH_M = 400
SOURCE_BLOCK = 2000


def count_baseline(
    counted: CountedIncidents, grid: Grid, parameters: HazardParameters, *, days: float = np.inf
) -> FloatArray:
    """Return each cell's incidents of the last days, per covered day."""
    recent = (counted.age_days <= days).astype(float)
    return _per_day(group_mass(counted, grid, recent, parameters), counted, days)


def density_baseline(
    counted: CountedIncidents,
    grid: Grid,
    parameters: HazardParameters,
    *,
    bandwidth_m: float,
    days: float = np.inf,
) -> FloatArray:
    """Return the kernel density of the last days' incidents, every one weighing the same."""
    counts = count_baseline(counted, grid, parameters, days=days)
    return np.maximum(kernel_share(grid, counts, bandwidth_m, parameters), 0)


def prospective_baseline(
    counted: CountedIncidents, grid: Grid, parameters: HazardParameters
) -> FloatArray:
    """Return the prospective hotspots, scaled to the two months' incidents per day."""
    recent = counted.age_days <= PROMAP_DAYS
    weight = recent / (1 + np.floor(counted.age_days / 7))
    mass = group_mass(counted, grid, weight, parameters)
    risk = _near_cells(grid, mass)
    number = np.bincount(counted.group, weights=recent, minlength=len(counted.groups))
    level = _per_day(number.astype(np.float64), counted, PROMAP_DAYS)
    total = risk.sum(axis=1)
    scale = np.divide(level, total, out=np.zeros_like(total), where=total > 0)
    return risk * scale[:, None]


BASELINES: dict[str, Baseline] = {
    "count_365": partial(count_baseline, days=365),
    "count_all": count_baseline,
    "kde_200_365": partial(density_baseline, bandwidth_m=200, days=365),
    "kde_400_365": partial(density_baseline, bandwidth_m=400, days=365),
    "kde_200_all": partial(density_baseline, bandwidth_m=200),
    "kde_400_all": partial(density_baseline, bandwidth_m=400),
    "kde_800_all": partial(density_baseline, bandwidth_m=800),
    "promap": prospective_baseline,
}
"""Name → forecast."""


# -------------------------------------------------------------------------------------------


def _per_day(counts: FloatArray, counted: CountedIncidents, days: float) -> FloatArray:
    covered = sum(max(min(far, days) - near, 0.0) for near, far in counted.covered)
    return counts / covered if covered > 0 else np.zeros_like(counts)


def _near_cells(grid: Grid, mass: FloatArray) -> FloatArray:
    """Sum mass over cells in reach, each by 1/(1 + cells apart)."""
    side_m = float(np.sqrt(grid.area_m2.max()))
    places = np.column_stack([grid.x, grid.y])
    tree = cKDTree(places)
    held = np.flatnonzero(mass.any(axis=0))
    total = np.zeros_like(mass)
    for start in range(0, len(held), SOURCE_BLOCK):
        sources = held[start : start + SOURCE_BLOCK]
        near = cKDTree(places[sources]).sparse_distance_matrix(
            tree, PROMAP_REACH_M, output_type="coo_matrix"
        )
        weight = 1 / (1 + np.round(near.data / side_m))
        pairs = csr_array((weight, (near.row, near.col)), shape=near.shape)
        total += np.asarray(pairs.T @ mass[:, sources].T).T
    return total
