"""Factors of what stands for long: darker, less patrolled or less watched than nearby.

Each is exp(β (x − x̄)) of a cell: x of its own streets, mean over the memory, x̄ that of the
streets around. All are estimated once a run and then held, so that a lamp, a visit or a camera of
today moves nothing here. Where patrols and cameras stand because offences are many, x says so too;
where past windows were forecast better without them, they are left out (`geo.hazard.fitting`).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo import columns as c
from geo.cells import Grid
from geo.coverage.lit_windows import lit_by_group
from geo.hazard.kernels import kernel_sum
from geo.hazard.modifiers import LIT_SHARE_HISTORY, Conditions, prior_contrast
from geo.parameters import GROUPS, WINDOWS, HazardParameters

FloatArray = npt.NDArray[np.float64]

LIGHT, PATROL, CAMERA = "light", "patrol", "camera"
STANDING = (LIGHT, PATROL, CAMERA)
"""What the contrast is made of, in the fixed order in which it is split."""


def standing_factors(
    grid: Grid,
    parts: pd.DataFrame,
    conditions: Conditions,
    hours: FloatArray,
    parameters: HazardParameters,
) -> FloatArray:
    """Return the factors of light, patrols and cameras over the memory.

    A factor is 1 in a cell without a street, and everywhere where nothing is recorded.

    Parameters
    ----------
    parts
        Positions ``section`` (−1 off the streets) and ``cell`` with ``length_m``.
    hours
        Share of each group's incidents in each window, groups × windows: a condition of the
        evening counts for a group as far as the group is of the evening.

    Returns
    -------
    (light, patrol, camera) × groups × cells.
    """
    factors = np.ones((len(STANDING), len(GROUPS), len(grid.cells)))
    light, cameras = conditions.section_light, conditions.section_cameras
    if light is not None and len(light):
        dark = np.array([conditions.darkness[window] for window in WINDOWS])
        history = lit_by_group(light, LIT_SHARE_HISTORY, hours * dark)
        factors[0] = prior_contrast(grid, parts, history, (hours * dark).sum(axis=1), parameters)
    if conditions.patrol is not None:
        dose = (hours[:, None, :] * conditions.patrol[1]).sum(axis=2)  # groups × cells
        beta = min(parameters.patrol_log_irr, 0)
        factors[1] = _contrast(grid, _metres(grid, parts), dose, beta, parameters)
    if cameras is not None and len(cameras):
        cover = cameras[c.CAMERA_SHARE_HISTORY].to_numpy(float)
        seen = _seen(grid, parts, cover)[None]
        beta = min(parameters.camera_log_irr, 0)
        factors[2] = _contrast(grid, _metres(grid, parts), seen, beta, parameters)
    return factors


# -------------------------------------------------------------------------------------------


def _contrast(
    grid: Grid, metres: FloatArray, x: FloatArray, beta: float, parameters: HazardParameters
) -> FloatArray:
    """Return exp(β (x − x̄)) of rows of cells; x̄ is the mean of the streets within the kernel."""
    masses = np.concatenate([metres[None], x * metres])
    around = kernel_sum(grid, masses, parameters.neighbourhood_bandwidth_m, parameters)
    near = np.divide(around[1:], around[0], out=x.copy(), where=around[0] > 0)
    return np.exp(np.where(metres > 0, beta * (x - near), 0.0))


def _metres(grid: Grid, parts: pd.DataFrame) -> FloatArray:
    return _summed(grid, parts, np.ones(len(parts)))


def _seen(grid: Grid, parts: pd.DataFrame, cover: FloatArray) -> FloatArray:
    """Return the share of each cell's streets that cameras saw; 0 without a street."""
    section = parts["section"].to_numpy(np.int64)
    metres = _metres(grid, parts)
    seen = _summed(grid, parts, np.where(section >= 0, cover[section], 0.0))
    return np.divide(seen, metres, out=np.zeros_like(seen), where=metres > 0)


def _summed(grid: Grid, parts: pd.DataFrame, share: FloatArray) -> FloatArray:
    """Return the metres of street in each cell, of each section as far as its share says."""
    street = (parts["section"] >= 0).to_numpy(bool)
    weight = np.where(street, parts[c.LENGTH_M].to_numpy(float) * share, 0.0)
    return np.bincount(parts["cell"].to_numpy(np.int64), weight, len(grid.cells)).astype(float)
