"""The incidents that enter the rate, checked and ordered once at the room's door."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo import columns as c
from geo.cells import Grid
from geo.hazard.hours import incident_windows
from geo.hazard.kernels import kernel_share
from geo.parameters import DRUGS, GROUPS, HazardParameters
from geo.schema import INCIDENTS, Column, check_frame

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
Coverage = tuple[tuple[date, date], ...]


@dataclass(frozen=True)
class CountedIncidents:
    """Incidents of the counted groups, before the day of the forecast, sorted by ``incident_id``.

    Attributes
    ----------
    as_of
        First day of the forecast.
    groups
        Names of the offence groups.
    frame
        The rows kept, with a RangeIndex.
    group, cell
        Positions in ``groups`` and in the grid.
    age_days
        Days before the start of the forecast; a date without an hour counts from its noon, an
        interval from its middle.
    windows
        Rows of `incident_windows`; NaN where the hour is unknown.
    hiding
        Position, for each cell of the grid, of the coarser cell over which a sensitive incident
        in it is spread.
    address
        Number of the address; −1 for sensitive incidents, whose address is never used.
    covered
        (u, v) days before the forecast, u < v, in which incidents were recorded; disjoint.
    left_out
        Reason → how many rows do not enter.
    """

    as_of: date
    groups: tuple[str, ...]
    frame: pd.DataFrame
    group: IntArray
    cell: IntArray
    age_days: FloatArray
    windows: FloatArray
    hiding: IntArray
    address: IntArray
    covered: tuple[tuple[float, float], ...]
    left_out: dict[str, int]

    @property
    def sensitive(self) -> npt.NDArray[np.bool_]:
        """Tell which incidents are sensitive."""
        return self.frame[c.SENSITIVE].to_numpy(bool)

    def count_by_group(self) -> IntArray:
        """Return how many incidents each group has."""
        return np.bincount(self.group, minlength=len(self.groups))


def count_incidents(
    incidents: pd.DataFrame,
    grid: Grid,
    coverage: Coverage,
    as_of: date,
    parameters: HazardParameters,
    groups: tuple[str, ...] = GROUPS,
) -> CountedIncidents:
    """Keep the incidents that a rate may rest on.

    Left out and counted by reason: layers that are no offence group, offences discovered by
    patrols (they measure the patrol), dwelling places, days from `as_of` on, days outside the
    declared coverage, cells outside the study area.

    Parameters
    ----------
    incidents
        Frame of the contract ``INCIDENTS``, in any order.
    coverage
        First and last day of each period for which incidents were handed over, both included.
    as_of
        First day of the forecast.
    groups
        Offence groups that are counted; those of another country's file have names of their own.

    Raises
    ------
    FrameError
        A column is missing or holds what it must not.
    """
    words = Column("text", one_of=(*groups, DRUGS))
    check_frame(incidents, INCIDENTS | {c.OFFENCE_GROUP: words}, name="incidents")
    frame = incidents.sort_values(c.INCIDENT_ID, kind="stable").reset_index(drop=True)
    covered = _covered_ages(coverage, as_of)
    age = _age_days(frame, as_of)
    cell = grid.locate(frame[c.LAT].to_numpy(float), frame[c.LON].to_numpy(float))
    reasons = {
        "no_offence_group": ~frame[c.OFFENCE_GROUP].isin(groups).to_numpy(bool),
        "discovered": (frame[c.DISCOVERY] == "discovered").to_numpy(bool),
        "dwelling": (frame[c.PLACE_TYPE] == "dwelling").to_numpy(bool),
        "after_as_of": age <= 0,
        "outside_coverage": ~_within(age, covered),
        "outside_area": cell < 0,
    }
    kept = np.ones(len(frame), bool)
    left_out = {}
    for reason, mask in reasons.items():
        left_out[reason] = int((kept & mask).sum())
        kept &= ~mask
    frame = frame[kept].reset_index(drop=True)
    return CountedIncidents(
        as_of=as_of,
        groups=groups,
        frame=frame,
        group=_codes(frame[c.OFFENCE_GROUP], groups),
        cell=cell[kept],
        age_days=age[kept],
        windows=incident_windows(frame),
        hiding=np.unique(grid.coarser(parameters.sensitive_resolution), return_inverse=True)[1],
        address=_address_numbers(frame),
        covered=covered,
        left_out=left_out,
    )


def earlier(counted: CountedIncidents, days: int) -> CountedIncidents:
    """Return what was known that many days before: later incidents are not in it.

    Examples
    --------
    Seen from 31 days before, an incident of 40 days' age is 9 days old, and one of 20 days'
    age has not happened.
    """
    known = counted.age_days > days
    return replace(
        counted,
        as_of=counted.as_of - timedelta(days=days),
        frame=counted.frame[known].reset_index(drop=True),
        group=counted.group[known],
        cell=counted.cell[known],
        age_days=counted.age_days[known] - days,
        windows=counted.windows[known],
        address=counted.address[known],
        covered=tuple(
            (max(near - days, 0.0), far - days) for near, far in counted.covered if far > days
        ),
    )


def first_at_address(counted: CountedIncidents, group: int) -> npt.NDArray[np.bool_]:
    """Mark the first incident of the groups other than `group` at each address."""
    candidate = (counted.group != group) & (counted.address >= 0)
    by_age = np.argsort(-counted.age_days, kind="stable")  # ties: by incident_id
    by_age = by_age[candidate[by_age]]
    _, first = np.unique(counted.address[by_age], return_index=True)
    marked = np.zeros(len(counted.group), bool)
    marked[by_age[first]] = True
    return marked


def group_mass(
    counted: CountedIncidents, grid: Grid, weights: FloatArray, parameters: HazardParameters
) -> FloatArray:
    """Lay weighted incidents on the cells, group by group.

    A sensitive incident is spread over its cell of resolution 8 inside the study area; one
    whose place is known to ±σ only is spread by a kernel of that width; all others lie in
    their cell.

    Parameters
    ----------
    weights
        One weight an incident, or rows of weights (…, incidents).

    Returns
    -------
    Mass (…, groups, cells); the sum of each group is the sum of its weights.
    """
    weights = np.asarray(weights, float)
    rows = weights.reshape(math.prod(weights.shape[:-1]), len(counted.group))
    spread = spread_classes(counted, parameters)
    laid = np.stack([_binned(counted, grid, row * (spread == 0)) for row in rows])
    for number, width in enumerate(parameters.accuracy_classes_m, start=1):
        if (spread == number).any():
            wide = np.stack([_binned(counted, grid, row * (spread == number)) for row in rows])
            laid += np.maximum(kernel_share(grid, wide, width, parameters), 0)
    if (spread < 0).any():
        hidden = np.stack([_binned(counted, grid, row * (spread < 0)) for row in rows])
        laid += _spread_over(hidden, counted.hiding, grid.area_m2)
    return laid.reshape(*weights.shape[:-1], len(counted.groups), len(grid.cells))


def spread_classes(counted: CountedIncidents, parameters: HazardParameters) -> IntArray:
    """Tell how each incident is spread: −1 over its coarse cell, 0 not at all, n by width n.

    Widths are ``parameters.accuracy_classes_m``, counted from 1; the nearest is taken.
    """
    accuracy = counted.frame[c.GEO_ACCURACY_M].to_numpy(float)
    widths = np.array(parameters.accuracy_classes_m, float)
    nearest = 1 + np.argmin(np.abs(np.nan_to_num(accuracy)[:, None] - widths), axis=1)
    classes = np.where(accuracy > parameters.accuracy_exact_m, nearest, 0)
    return np.where(counted.sensitive, -1, classes).astype(np.int64)


# -------------------------------------------------------------------------------------------


def _codes(values: pd.Series, words: Sequence[str]) -> IntArray:
    codes = values.map({word: code for code, word in enumerate(words)})
    return np.asarray(codes, np.int64)


def _address_numbers(frame: pd.DataFrame) -> IntArray:
    numbers = pd.factorize(frame[c.ADDRESS_KEY], sort=True)[0].astype(np.int64)
    numbers[frame[c.SENSITIVE].to_numpy(bool)] = -1
    return numbers


def _age_days(frame: pd.DataFrame, as_of: date) -> FloatArray:
    occurred = pd.to_datetime(frame[c.OCCURRED_AT])
    ended = pd.to_datetime(frame[c.OCCURRED_TO]).fillna(occurred)
    precision = frame[c.OCCURRED_PRECISION].to_numpy(object)
    moment = occurred.where(precision != "day", occurred.dt.normalize() + pd.Timedelta(hours=12))
    moment = moment.where(precision != "interval", occurred + (ended - occurred) / 2)
    start = pd.Timestamp(datetime.combine(as_of, time()))
    return np.asarray((start - moment) / pd.Timedelta(days=1), np.float64)


def _covered_ages(coverage: Coverage, as_of: date) -> tuple[tuple[float, float], ...]:
    ages = sorted(
        (max((as_of - last).days - 1, 0), (as_of - first).days) for first, last in coverage
    )
    merged: list[tuple[float, float]] = []
    for near, far in ages:
        if far <= near:
            continue
        if merged and near <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], far))
        else:
            merged.append((float(near), float(far)))
    return tuple((float(near), float(far)) for near, far in merged)


def _within(age: FloatArray, covered: tuple[tuple[float, float], ...]) -> npt.NDArray[np.bool_]:
    inside = np.zeros(len(age), bool)
    for near, far in covered:
        inside |= (age > near) & (age <= far)  # midnight belongs to the day it begins
    return inside


def _binned(counted: CountedIncidents, grid: Grid, weights: FloatArray) -> FloatArray:
    cells = len(grid.cells)
    laid = np.bincount(
        counted.group * cells + counted.cell, weights=weights, minlength=len(counted.groups) * cells
    )
    return np.asarray(laid, np.float64).reshape(len(counted.groups), cells)


def _spread_over(mass: FloatArray, hiding: IntArray, area_m2: FloatArray) -> FloatArray:
    flat = mass.reshape(-1, len(hiding))
    sums = np.stack([np.bincount(hiding, weights=row) for row in flat])
    share = area_m2 / np.bincount(hiding, weights=area_m2)[hiding]
    return (sums[:, hiding] * share).reshape(mass.shape)
