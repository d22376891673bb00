"""How much of each window a patrol's presence, or what remains of it, is felt in a cell.

A visit counts in full from 15 minutes on and less in proportion below that. Its effect stands
while the patrol is there and halves about every 83 minutes after it has left
(``exp(−t / 120 min)``); the six neighbouring cells feel half of it. Several visits never add up
to more than full presence: each takes away a share of what the others left.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy.sparse

from geo import columns as c
from geo.cells import CellGrid
from geo.errors import UsageError
from geo.parameters import WINDOWS, HazardParameters
from geo.schema import VISITS, check_frame

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

_SLOT_MINUTES = 5
_SLOTS_A_DAY = 24 * 60 // _SLOT_MINUTES
_FORGOTTEN_AFTER_RESIDUALS = 10  # exp(−10): 0.005 % of a visit's effect is left


def patrol_dose(
    visits: pd.DataFrame,
    grid: CellGrid,
    first_day: date,
    last_day: date,
    parameters: HazardParameters,
) -> pd.DataFrame:
    """Return the patrol dose of each cell and window, 0 (never felt) … 1 (always present).

    The dose is the mean over the days given, both included, and over the window's hours of
    1 − Π(1 − e · exp(−t / 120 min)), t counted from a visit's end. The mean is taken on a grid
    of five minutes; for a visit it differs from the integral by less than 0.001 of the dose of
    a two-hour window.

    Parameters
    ----------
    visits
        Frame of the VISITS contract. Visits outside the grid are left out; those shortly before
        the first day still count for what remains of them. No visit at all gives a dose of 0
        everywhere: where no record of patrols exists, do not call this function.
    grid
        The cells; rows of the result follow its positions.

    Returns
    -------
    DataFrame
        One row a cell, one column a window.
    """
    check_frame(visits, VISITS, name="visits")
    days = (last_day - first_day).days + 1
    if days < 1:
        raise UsageError(f"The last day {last_day} lies before the first day {first_day}.")
    dose = np.zeros((len(grid.cells), len(WINDOWS)))
    tours = _tours(visits, grid, first_day, parameters)
    if len(tours.cell):
        touched, spread = _ring_spread(np.unique(tours.cell), grid, parameters)
        windows = _window_means()
        for day in range(days):
            survival = spread @ _log_survival(tours, day, parameters)
            dose[touched] += -np.expm1(survival) @ windows
    return pd.DataFrame(dose / days, columns=list(WINDOWS))


def daily_stop_dose(window: str, parameters: HazardParameters) -> FloatArray:
    """Return the dose that one stop of full length a day gives its own cell, by window.

    The stop stands in the middle of the window's longest stretch of hours. What remains of it is
    felt in later windows too.

    Examples
    --------
    15 minutes from 20:37:30 on, and what remains of them until 22:00: 15 + 120 (1 − e^−0.5625)
    = 66.6 of 150 minutes; then the first hours of the night.

    >>> from geo.parameters import WINDOWS, HazardParameters
    >>> dose = daily_stop_dose("evening", HazardParameters())
    >>> {name: float(share) for name, share in zip(WINDOWS, dose.round(2)) if share >= 0.01}
    {'evening': 0.44, 'night': 0.14}
    """
    start, end = max(WINDOWS[window], key=lambda span: span[1] - span[0])
    stay = parameters.patrol_full_minutes
    arrival = np.array([0.0, 1440.0]) + 30 * (start + end) - stay / 2
    same = np.zeros(2, np.int64)
    tours = _Tours(same, same, arrival, arrival + stay, np.ones(2))
    felt = -np.expm1(_log_survival(tours, 1, parameters)[0])
    return np.asarray(felt @ _window_means(), np.float64)


# -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Tours:
    """Visits inside the grid, in order of arrival; minutes count from the first day's midnight."""

    cell: IntArray
    place: IntArray
    arrival: FloatArray
    departure: FloatArray
    effect: FloatArray


def _tours(
    visits: pd.DataFrame, grid: CellGrid, first_day: date, parameters: HazardParameters
) -> _Tours:
    cell = np.asarray(
        grid.locate(visits[c.LAT].to_numpy(float), visits[c.LON].to_numpy(float)), np.int64
    )
    stay = visits["minutes"].to_numpy(float)
    since = visits["arrived_at"].to_numpy("datetime64[ms]") - np.datetime64(first_day, "ms")
    arrival = since / np.timedelta64(1, "m")

    order = np.lexsort((stay, cell, arrival))
    order = order[(cell[order] >= 0) & (stay[order] > 0)]
    cell, stay, arrival = cell[order], stay[order], arrival[order]
    return _Tours(
        cell=cell,
        place=np.unique(cell, return_inverse=True)[1].astype(np.int64),
        arrival=arrival,
        departure=arrival + stay,
        effect=np.minimum(stay / parameters.patrol_full_minutes, 1.0),
    )


def _ring_spread(
    visited: IntArray, grid: CellGrid, parameters: HazardParameters
) -> tuple[IntArray, scipy.sparse.csr_array]:
    """Return the cells that feel a visit and how they gather the two doses of visited cells.

    Columns of the matrix are the visited cells, first at full, then at neighbour's weight.
    """
    neighbours = grid.neighbours[visited]
    source = np.repeat(np.arange(len(visited)), neighbours.shape[1])
    target = neighbours.ravel()
    source, target = source[target >= 0], target[target >= 0]

    touched = np.unique(np.concatenate([visited, target]))
    rows = np.searchsorted(touched, np.concatenate([visited, target]))
    columns = np.concatenate([np.arange(len(visited)), len(visited) + source])
    shape = (len(touched), 2 * len(visited))
    return touched, scipy.sparse.csr_array((np.ones(len(rows)), (rows, columns)), shape=shape)


def _log_survival(tours: _Tours, day: int, parameters: HazardParameters) -> FloatArray:
    """Return Σ ln(1 − effect) by visited cell and slot of one day, at full and half weight."""
    places = int(tours.place.max()) + 1
    start = 1440.0 * day
    forgotten = _FORGOTTEN_AFTER_RESIDUALS * parameters.patrol_residual_minutes
    felt = (tours.arrival < start + 1440) & (tours.departure > start - forgotten)
    total = np.zeros((2 * places, _SLOTS_A_DAY))
    if not felt.any():
        return total

    middle = start + (np.arange(_SLOTS_A_DAY) + 0.5) * _SLOT_MINUTES
    arrival, departure = tours.arrival[felt, None], tours.departure[felt, None]
    # The slot in which a patrol arrives counts by the share of it that is left.
    begun = np.clip((middle + _SLOT_MINUTES / 2 - arrival) / _SLOT_MINUTES, 0, 1)
    age = np.maximum(middle - departure, 0) / parameters.patrol_residual_minutes
    remaining = tours.effect[felt, None] * begun * np.exp(-age)

    order = np.argsort(tours.place[felt], kind="stable")
    place = tours.place[felt][order]
    first = np.flatnonzero(np.r_[True, place[1:] != place[:-1]])
    share = parameters.patrol_neighbour_share
    # Full presence leaves nothing over; the bound keeps its logarithm finite.
    full = np.log1p(-np.minimum(remaining[order], 1 - 1e-12))
    total[place[first]] = np.add.reduceat(full, first, axis=0)
    total[places + place[first]] = np.add.reduceat(
        np.log1p(-share * remaining[order]), first, axis=0
    )
    return total


def _window_means() -> FloatArray:
    hours = (np.arange(_SLOTS_A_DAY) + 0.5) * _SLOT_MINUTES / 60
    inside = np.column_stack(
        [
            np.any([(hours >= start) & (hours < end) for start, end in spans], axis=0)
            for spans in WINDOWS.values()
        ]
    )
    return inside / inside.sum(axis=0)
