"""How much more, or less, happens in each window on school days than on the others.

One ratio a window for the whole town: a street has too few incidents to tell its school days
from its Sundays. Days of school years that the calendar does not know are left out of both sides.
"""

from __future__ import annotations

import calendar as months
import math
from collections.abc import Mapping
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from geo.hazard.counted import CountedIncidents
from geo.parameters import WINDOWS, HazardParameters
from geo.streets.school_calendar import SchoolCalendar

FloatArray = npt.NDArray[np.float64]

SCHOOL_DAY, OTHER_DAY = "school", "off"
Ratios = Mapping[str, Mapping[str, float]]
"""Kind of day → window → how many times the mean of all days."""


def school_day_ratios(
    counted: CountedIncidents, calendar: SchoolCalendar, parameters: HazardParameters
) -> Ratios:
    """Estimate the ratios of a town; every window leans on 1 by so many incidents as its hours do.

    Returns
    -------
    For each window the two ratios, weighted by the days of their kind, make 1. Empty where no
    covered day lies in a known school year, or where all of them are of one kind.
    """
    is_school, known = _kinds_of_days(counted, calendar)
    days, held = int(known.sum()), int(is_school.sum())
    if not 0 < held < days:
        return {}
    day = np.ceil(counted.age_days).astype(np.int64) - 1
    timed = known[day] & ~np.isnan(counted.windows[:, 0])
    whole = counted.windows[timed].sum(axis=0)
    at_school = counted.windows[timed & is_school[day]].sum(axis=0)
    prior = parameters.hour_prior_incidents
    ratios = {
        SCHOOL_DAY: day_ratio(at_school, whole, held / days, prior),
        OTHER_DAY: day_ratio(whole - at_school, whole, 1 - held / days, prior),
    }
    return {kind: dict(zip(WINDOWS, ratio.tolist(), strict=True)) for kind, ratio in ratios.items()}


def day_ratio(own: FloatArray, whole: FloatArray, share: float, prior: float) -> FloatArray:
    """Return incidents a day on days of one kind over those on all days, drawn towards 1.

    Parameters
    ----------
    own, whole
        Incidents on days of the kind, and on all days.
    share
        Share of the days that are of the kind.
    prior
        Incidents by which the ratio leans on 1.

    Examples
    --------
    20 school days and 10 others: 30 incidents in a window, all on school days, drawn to 1 by 50:
    (30 + 50 · ⅔) / (80 · ⅔).

    >>> float(day_ratio(np.array([30.0]), np.array([30.0]), 20 / 30, 50.0)[0])
    1.1875
    """
    return (own + prior * share) / ((whole + prior) * share)


def school_days_ahead(calendar: SchoolCalendar, as_of: date) -> dict[str, int | None]:
    """Count the school days of the twelve months from that of the forecast on.

    Returns
    -------
    Month ("1" … "12") → days; None in a school year that the calendar does not know.
    """
    counts: dict[str, int | None] = {}
    for ahead in range(12):
        year, month = as_of.year + (as_of.month - 1 + ahead) // 12, (as_of.month - 1 + ahead) % 12
        last = months.monthrange(year, month + 1)[1]
        first_day, last_day = date(year, month + 1, 1), date(year, month + 1, last)
        known = calendar.covers(first_day)
        held = len(calendar.school_days(first_day, last_day)) if known else None
        counts[str(month + 1)] = held
    return counts


# -------------------------------------------------------------------------------------------


def _kinds_of_days(
    counted: CountedIncidents, calendar: SchoolCalendar
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Tell of each day back from the forecast whether it is a school day, and whether we know.

    Day 0 is the one before the forecast. A day that no record covers is not known.
    """
    length = max((math.ceil(far) for _, far in counted.covered), default=0)
    known, is_school = np.zeros(length, np.bool_), np.zeros(length, np.bool_)
    if not length:
        return is_school, known
    for near, far in counted.covered:
        known[math.floor(near) : math.ceil(far)] = True
    yesterday = counted.as_of - timedelta(days=1)
    known &= [calendar.covers(yesterday - timedelta(days=back)) for back in range(length)]
    held = calendar.school_days(yesterday - timedelta(days=length - 1), yesterday)
    is_school[(np.datetime64(yesterday, "D") - held).astype(np.int64)] = True
    return is_school & known, known
