"""Where children meet the hazard, and how dangerous a minute of walking is."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from geo.parameters import HazardParameters

FloatArray = npt.NDArray[np.float64]


def route_burden(hazard: FloatArray, child_minutes: FloatArray) -> FloatArray:
    """Return B = Σ over windows of H · E / ΣE: the hazard that children walk into.

    Parameters
    ----------
    hazard
        Places × windows.
    child_minutes
        Modelled child-minutes a month, places × windows; NaN where they are unknown.

    Returns
    -------
    One value a place, in the unit of the hazard; NaN where exposure is unknown, here or, for
    want of any child on any street, in the whole town.

    Examples
    --------
    >>> hazard = np.array([[10.0, 2.0], [40.0, 2.0]])
    >>> route_burden(hazard, np.array([[30.0, 60.0], [10.0, 0.0]]))  # (300+120, 400) / 100
    array([4.2, 4. ])
    """
    total = np.nansum(child_minutes)
    if not total > 0:
        return np.full(len(hazard), np.nan)
    return (hazard * child_minutes).sum(axis=1) / total


def risk_per_exposure(
    expected: FloatArray, child_minutes: FloatArray, parameters: HazardParameters
) -> FloatArray:
    """Return R = (Λ + α R̄) / (E + α): expected incidents per child-minute, drawn to the mean.

    α is the median of the positive exposures and R̄ the town's incidents per child-minute.

    Parameters
    ----------
    expected
        Λ, expected incidents a month.
    child_minutes
        E, child-minutes a month of the whole day; NaN where unknown.

    Returns
    -------
    NaN where exposure is unknown, 0, or below the tenth percentile of the positive ones: too
    few children pass for the number to mean anything.
    """
    walked = child_minutes[child_minutes > 0]
    if not len(walked):
        return np.full(len(expected), np.nan)
    alpha = np.median(walked)
    mean = np.sum(expected[~np.isnan(child_minutes)]) / walked.sum()
    floor = np.quantile(walked, parameters.exposure_floor_quantile)
    risk = (expected + alpha * mean) / (child_minutes + alpha)
    return np.where((child_minutes > 0) & (child_minutes >= floor), risk, np.nan)
