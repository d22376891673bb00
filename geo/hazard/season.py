"""The calendar: which months a memory looks back on, and whether months matter at all."""

from __future__ import annotations

import math
from datetime import date

import numpy as np
import numpy.typing as npt

from geo.hazard.counted import CountedIncidents, earlier
from geo.parameters import DAYS_PER_MONTH

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

PRIOR_INCIDENTS = 12.0
"""Incidents a month by which the index leans towards a year without seasons."""

LUCK = 2.0
"""Log score by which an index wins over 20 months in one of twenty towns without seasons."""


def months_remembered(counted: CountedIncidents, half_life_days: float) -> FloatArray:
    """Weigh the covered days by a memory and sum them by calendar month, to 1."""
    ages = _covered_days(counted)
    ages = ages[ages < 20 * half_life_days]
    months = np.bincount(
        _months_back(counted.as_of, ages + 1), weights=2 ** (-ages / half_life_days), minlength=12
    )
    return months / months.sum() if months.sum() > 0 else np.full(12, 1 / 12)


def months_ahead(as_of: date, days: int) -> FloatArray:
    """Return the share of each calendar month in the days from `as_of` on."""
    return np.bincount(_months_back(as_of, -np.arange(days)), minlength=12) / days


def monthly_index(counted: CountedIncidents) -> FloatArray:
    """Return how each group's calendar months stand out, groups × 12, mean 1.

    A month's yearly count over the mean of all twelve, each with 12 incidents more, so that few
    incidents make no season. A month without a recorded day is as the others are.
    """
    days = np.bincount(_months_back(counted.as_of, _covered_days(counted) + 1), minlength=12)
    month = _months_back(counted.as_of, np.ceil(counted.age_days))
    groups = len(counted.groups)
    number = np.bincount(counted.group * 12 + month, minlength=12 * groups).reshape(groups, 12)
    known = days > 0
    yearly = DAYS_PER_MONTH * number / np.where(known, days, 1)
    mean = yearly[:, known].mean(axis=1, keepdims=True) if known.any() else np.zeros((groups, 1))
    index = (np.where(known, yearly, mean) + PRIOR_INCIDENTS) / (mean + PRIOR_INCIDENTS)
    return index / index.mean(axis=1, keepdims=True)


def seasons_that_help(
    counted: CountedIncidents,
    happened: FloatArray,
    level: FloatArray,
    windows: tuple[IntArray, int],
    half_life_days: float,
) -> dict[str, FloatArray]:
    """Return the monthly index of the groups whose past windows it would have forecast better.

    At each window's start the index is that of the years before it, and the score that of a
    Poisson count.

    Parameters
    ----------
    happened, level
        Incidents in each window, and incidents a day expected at its start: windows × groups.
    windows
        Starts in days before the forecast, and the length in days.
    half_life_days
        Memory of the level.
    """
    starts, days = windows
    plain = level * days
    factor = np.ones_like(plain)
    for row, start in enumerate(starts.tolist()):
        known = earlier(counted, start)
        index = monthly_index(known)
        then = index @ months_remembered(known, half_life_days)
        factor[row] = index @ months_ahead(known.as_of, days) / then
    gain = np.where(happened > 0, happened * np.log(factor), 0) - plain * (factor - 1)
    helps = gain.sum(axis=0) > LUCK
    index = monthly_index(counted)
    return {group: index[row] for row, group in enumerate(counted.groups) if helps[row]}


# -------------------------------------------------------------------------------------------


def _covered_days(counted: CountedIncidents) -> FloatArray:
    """Return the age in days of the end of every covered day, the latest first."""
    spans = [np.arange(math.floor(near), math.ceil(far)) for near, far in counted.covered]
    return np.concatenate(spans).astype(float) if spans else np.zeros(0)


def _months_back(as_of: date, days: npt.NDArray) -> IntArray:
    """Return the calendar month (0–11) that many days before `as_of`."""
    moment = np.datetime64(as_of, "D") - np.asarray(days).astype(np.int64)
    return np.asarray(moment.astype("datetime64[M]").astype(np.int64) % 12, np.int64)
