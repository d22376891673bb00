"""When harm happens: windows of single incidents, of the town and of each cell's surroundings."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo import columns as c
from geo.cells import Grid
from geo.hazard.kernels import kernel_sum
from geo.parameters import WINDOWS, HazardParameters, window_hours

FloatArray = npt.NDArray[np.float64]

HOURS_SHARE: FloatArray = np.array([window_hours(window) / 24 for window in WINDOWS])
"""Share of the day that each window covers."""


def incident_windows(incidents: pd.DataFrame) -> FloatArray:
    """Share each incident over the windows it may have happened in.

    A time known to the minute or hour covers that minute or hour; an interval covers its span,
    each moment alike. A date alone, or a span of 24 hours or more, says nothing about the hour.

    Returns
    -------
    One row an incident, one column a window, summing to 1; NaN where the hour is unknown.

    Examples
    --------
    >>> when = pd.Timestamp("2024-03-05 12:00")
    >>> row = {"occurred_at": when, "occurred_to": pd.NaT, "occurred_precision": "hour"}
    >>> dict(zip(WINDOWS, incident_windows(pd.DataFrame([row]))[0].tolist()))["midday"]
    0.5
    """
    precision = incidents[c.OCCURRED_PRECISION].to_numpy(object)
    occurred = pd.to_datetime(incidents[c.OCCURRED_AT])
    minutes = np.where(
        precision == "hour",
        occurred.dt.hour.to_numpy(float) * 60,
        (occurred.dt.hour * 60 + occurred.dt.minute).to_numpy(float),
    )
    span = pd.to_datetime(incidents[c.OCCURRED_TO]) - occurred
    duration = np.select(
        [precision == "minute", precision == "hour", precision == "interval"],
        [1 / 60, 1.0, span.dt.total_seconds().to_numpy(float) / 3600],
        default=np.nan,
    )
    known = (duration > 0) & (duration < 24)
    start = minutes / 60
    covered = _elapsed(start + np.where(known, duration, 0)) - _elapsed(start)
    covered[~known] = np.nan
    return covered / covered.sum(axis=1, keepdims=True)


def town_windows(windows: FloatArray, group: npt.NDArray, groups: int, prior: float) -> FloatArray:
    """Share each group's incidents over the windows, town-wide (π_g).

    A group leans on the town's pattern by `prior` incidents, and the town on the length of the
    windows by as many, so that no window of a group is impossible for lack of incidents.

    Returns
    -------
    Groups × windows, rows summing to 1. Incidents without a known hour are left out; where none
    has one, windows share by their hours and the caller shows no window.
    """
    known = ~np.isnan(windows[:, 0])
    counts = np.zeros((groups, len(HOURS_SHARE)))
    np.add.at(counts, group[known], windows[known])
    town = counts.sum(axis=0) + prior * HOURS_SHARE
    town /= town.sum()
    shares = counts + prior * town
    return shares / shares.sum(axis=1, keepdims=True)


def cell_windows(
    grid: Grid, mass: FloatArray, town: FloatArray, parameters: HazardParameters
) -> FloatArray:
    """Share each group's incidents over the windows around each cell (π_g(c)).

    Parameters
    ----------
    mass
        Groups × windows × cells: incidents with a known hour, shared over the windows.
    town
        Groups × windows, from `town_windows`.

    Returns
    -------
    Groups × windows × cells, summing to 1 over the windows.
    """
    near = np.maximum(kernel_sum(grid, mass, parameters.hour_bandwidth_m, parameters), 0)
    prior = parameters.hour_prior_incidents
    shares = prior * town[:, :, None] + near
    return shares / shares.sum(axis=1, keepdims=True)


# -------------------------------------------------------------------------------------------


def _elapsed(hour: FloatArray) -> FloatArray:
    """Return the hours of each window that lie between midnight and `hour` (below 48)."""
    columns = [
        sum(np.clip(hour - start - day, 0, end - start) for start, end in spans for day in (0, 24))
        for spans in WINDOWS.values()
    ]
    return np.column_stack(columns)
