"""How much of what the route sheets plan the patrols have delivered, by plan and by shift.

A route sheet says where, between which hours and on which weekdays; a plan without weekdays holds
every day. A shift belongs to the weekday on which it begins, also where it ends past midnight. A
post is a place; a route can be compared only where its line is known: its middle alone would miss
most of what was delivered. Visits are stays of some minutes: the way walked between two stays is
in no record, so even a route walked from end to end delivers less than its hours.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geo import columns as c
from geo.coverage.lit_streets import metric_lines
from geo.coverage.street_pieces import metric_points
from geo.errors import UsageError
from geo.schema import PATROL_PLANS, VISITS, check_frame
from geo.study_area import StudyArea

BoolArray = npt.NDArray[np.bool_]
FloatArray = npt.NDArray[np.float64]

REACH_M = 100.0
"""A visit so near to a plan's place or line belongs to it (as near as a base is told by)."""

POST, LINE = "post", "line"
_DAY = 24 * 60.0


@dataclass(frozen=True)
class PlanDays:
    """The days over which plans are compared, both included."""

    first: date
    last: date

    @property
    def minutes(self) -> float:
        """Minutes from the first midnight to that after the last day."""
        return ((self.last - self.first).days + 1) * _DAY


def planned_and_delivered(
    plans: pd.DataFrame,
    visits: pd.DataFrame,
    first_day: date,
    last_day: date,
    area: StudyArea,
) -> pd.DataFrame:
    """Return planned and delivered minutes of every plan over the days given, both included.

    Shifts are cut at the midnights before the first and after the last day, so that one that ends
    past midnight is planned and delivered for the same minutes.

    Parameters
    ----------
    plans
        Contract ``PATROL_PLANS``; ``line`` (longitude, latitude) where known.
    visits
        Contract ``VISITS``. A visit near two plans counts for both, two visits at one time twice.

    Returns
    -------
    DataFrame
        On the plans' index: plan_id, shift, planned_shifts (that begin in these days) and
        planned_minutes (both missing without hours), visited_shifts (of these, with any visit),
        delivered_minutes (of visits within 100 m and within the shifts) and visits (how many), all
        three missing where the plan cannot be compared; compared_by (post | line; missing where
        neither).
    """
    check_frame(plans, PATROL_PLANS, name="plans")
    check_frame(visits, VISITS, name="visits")
    if last_day < first_day:
        raise UsageError(f"The last day {last_day} lies before the first day {first_day}.")
    days = PlanDays(first_day, last_day)
    stays = _stays(visits, days)
    in_days = (stays[:, 1] > 0) & (stays[:, 0] < days.minutes)
    stays, spots = stays[in_days], _points(visits[in_days], area)
    hours = _hours(plans)
    places, compared_by = _places(plans, area)
    near = _near(places, spots)
    rows = []
    for row, (span, weekdays) in enumerate(zip(hours, _weekdays(plans), strict=True)):
        # A plain loop: a route sheet has some dozens of plans, at most some hundreds.
        shifts = _shifts(span, weekdays, days)
        own = None if compared_by[row] is None else stays[near[row]]
        rows.append(_NOT_KNOWN if np.isnan(span).any() else _compared(shifts, own))
    made = pd.DataFrame(rows, index=plans.index, columns=list(_NOT_KNOWN)).astype(float)
    made[list(_COUNTS)] = made[list(_COUNTS)].astype("Int64")
    return pd.concat([plans[["plan_id", "shift"]], made], axis=1).assign(
        compared_by=pd.Series(compared_by, plans.index, dtype=object)
    )


def without_delivery(compared: pd.DataFrame) -> pd.DataFrame:
    """Return plans of which nothing delivered is known, because no visit is recorded at all."""
    unknown = ["visited_shifts", "delivered_minutes", "visits"]
    return compared.assign(
        **{name: compared[name].mask(compared[name].notna()) for name in unknown}
    )


def delivered_by_shift(compared: pd.DataFrame) -> pd.DataFrame:
    """Add up plans by shift; only those that can be compared enter the minutes.

    Returns
    -------
    DataFrame
        shift (missing for plans without one), plans, compared (how many could be),
        planned_minutes, delivered_minutes, delivered_share (of what was planned; missing where
        nothing was).
    """
    known = compared["planned_minutes"].notna() & compared["delivered_minutes"].notna()
    minutes = ["planned_minutes", "delivered_minutes"]
    rows = compared[minutes].where(known, 0.0)
    rows = rows.assign(shift=compared["shift"], plans=1, compared=known.astype(int))
    sums = rows.groupby("shift", dropna=False, as_index=False).sum()
    planned = sums["planned_minutes"].where(sums["planned_minutes"] > 0)
    sums["delivered_share"] = sums["delivered_minutes"] / planned
    return sums[["shift", "plans", "compared", *minutes, "delivered_share"]]


# -------------------------------------------------------------------------------------------

_COUNTS = ("planned_shifts", "visited_shifts", "visits")
_NOT_KNOWN = dict.fromkeys(
    ("planned_shifts", "planned_minutes", "visited_shifts", "delivered_minutes", "visits"), np.nan
)


def _stays(visits: pd.DataFrame, days: PlanDays) -> FloatArray:
    """Return from and to of each visit in minutes since the first midnight."""
    since = visits["arrived_at"].to_numpy("datetime64[s]") - np.datetime64(days.first, "s")
    arrived = since / np.timedelta64(1, "m")
    return np.column_stack([arrived, arrived + visits["minutes"].to_numpy(float)])


def _hours(plans: pd.DataFrame) -> FloatArray:
    """Return start and end in minutes from midnight; an end past midnight lies beyond 1 440."""
    clocks = [
        pd.to_timedelta(plans[name].astype(object).map(lambda text: f"{text}:00", "ignore"))
        / pd.Timedelta(minutes=1)
        for name in ("starts_at", "ends_at")
    ]
    start, end = (clock.to_numpy(float) for clock in clocks)
    known = ~(np.isnan(start) | np.isnan(end))
    end = np.where(end <= start, end + _DAY, end)
    return np.where(known[:, None], np.column_stack([start, end]), np.nan)


def _weekdays(plans: pd.DataFrame) -> list[str | None]:
    return [days if isinstance(days, str) else None for days in plans["weekdays"]]


def _shifts(span: FloatArray, weekdays: str | None, days: PlanDays) -> FloatArray:
    """Return from and to of every shift that reaches into the days, cut, and if it begins there."""
    before = -1  # the shift of the evening before ends on the first day
    begun = [
        day
        for day in range(before, round(days.minutes / _DAY))
        if weekdays is None or str((days.first + timedelta(days=day)).isoweekday()) in weekdays
    ]
    shifts = np.array(begun, float).reshape(-1, 1) * _DAY + span
    cut = np.column_stack([np.clip(shifts, 0.0, days.minutes), shifts[:, 0] >= 0])
    return cut[cut[:, 1] > cut[:, 0]]


def _compared(shifts: FloatArray, stays: FloatArray | None) -> dict[str, float]:
    """Compare the shifts of a plan with the stays near it; None: it cannot be compared."""
    begins = shifts[:, 2] > 0
    planned = {
        "planned_shifts": float(begins.sum()),
        "planned_minutes": float((shifts[:, 1] - shifts[:, 0]).sum()),
    }
    if stays is None:
        return _NOT_KNOWN | planned
    low = np.maximum(stays[:, None, 0], shifts[None, :, 0])
    high = np.minimum(stays[:, None, 1], shifts[None, :, 1])
    shared = np.maximum(high - low, 0.0)
    return planned | {
        "visited_shifts": float((shared > 0).any(axis=0)[begins].sum()),
        "delivered_minutes": float(shared.sum()),
        "visits": float((shared > 0).any(axis=1).sum()),
    }


def _points(frame: pd.DataFrame, area: StudyArea) -> npt.NDArray[np.object_]:
    spots = metric_points(frame[c.LAT], frame[c.LON], area)
    return np.asarray(shapely.points(spots), object).reshape(-1)


def _near(
    places: list[shapely.Geometry], spots: npt.NDArray[np.object_]
) -> list[npt.NDArray[np.int64]]:
    """Return which spots lie within reach of each place."""
    asked = np.array(places, object)
    place, spot = shapely.STRtree(spots).query(asked, predicate="dwithin", distance=REACH_M)
    order = np.lexsort([spot, place])
    ends = np.searchsorted(place[order], np.arange(1, len(places)))
    return np.split(spot[order], ends)


def _places(
    plans: pd.DataFrame, area: StudyArea
) -> tuple[list[shapely.Geometry], list[str | None]]:
    points = _points(plans, area)
    lines = metric_lines(plans[LINE], area) if LINE in plans else [None] * len(plans)
    places: list[shapely.Geometry] = []
    compared_by: list[str | None] = []
    for point, line, kind in zip(points, lines, plans["kind"], strict=True):
        drawn = line is not None and not line.is_empty
        places.append(line if drawn else point)
        compared_by.append(LINE if drawn else (POST if kind == POST else None))
    return places, compared_by
