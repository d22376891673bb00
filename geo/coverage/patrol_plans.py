"""How much of what the route sheets plan the patrols have delivered, by plan and by shift.

A route sheet says where and between which hours; it names no days, so every plan is taken to hold
on every day asked for. A post is a place; a route can be compared only where its line is known: its
middle alone would miss most of what was delivered.
"""

from __future__ import annotations

from datetime import date

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

FloatArray = npt.NDArray[np.float64]

REACH_M = 100.0
"""A visit so near to a plan's place or line belongs to it (as near as a base is told by)."""

_POST = "post"
_DAY = 24 * 60.0


def planned_and_delivered(
    plans: pd.DataFrame,
    visits: pd.DataFrame,
    first_day: date,
    last_day: date,
    area: StudyArea,
) -> pd.DataFrame:
    """Return planned and delivered minutes of every plan over the days given, both included.

    Parameters
    ----------
    plans
        Contract ``PATROL_PLANS``; ``line`` (longitude, latitude) where known.
    visits
        Contract ``VISITS``. A visit near two plans counts for both.

    Returns
    -------
    DataFrame
        On the plans' index: plan_id, shift, planned_minutes (missing without hours),
        delivered_minutes (of visits within 100 m and within the hours; missing where the plan
        cannot be compared), visits (how many), compared_by (post | line; missing where neither).
    """
    check_frame(plans, PATROL_PLANS, name="plans")
    check_frame(visits, VISITS, name="visits")
    days = (last_day - first_day).days + 1
    if days < 1:
        raise UsageError(f"The last day {last_day} lies before the first day {first_day}.")
    at = visits["arrived_at"]
    inside = (at >= pd.Timestamp(first_day)) & (at < pd.Timestamp(last_day) + pd.Timedelta(days=1))
    chosen = visits[inside.to_numpy(bool)]
    arrived = (chosen["arrived_at"].dt.hour * 60 + chosen["arrived_at"].dt.minute).to_numpy(float)
    stayed = chosen["minutes"].to_numpy(float)

    hours = _hours(plans)
    places, compared_by = _places(plans, area)
    spots = _points(chosen, area)
    delivered, count = np.full(len(plans), np.nan), np.zeros(len(plans), np.int64)
    for row, (start, end) in enumerate(hours):  # a route sheet has some dozens of plans
        if compared_by[row] is None or np.isnan(start):
            continue
        near = np.asarray(shapely.distance(places[row], spots) <= REACH_M)
        minutes = _overlap(arrived[near], stayed[near], start, end)
        delivered[row], count[row] = minutes.sum(), (minutes > 0).sum()
    return pd.DataFrame(
        {
            "plan_id": plans["plan_id"],
            "shift": plans["shift"],
            "planned_minutes": days * (hours[:, 1] - hours[:, 0]),
            "delivered_minutes": delivered,
            "visits": count,
            "compared_by": pd.Series(compared_by, plans.index, dtype=object),
        },
        index=plans.index,
    )


def delivered_by_shift(compared: pd.DataFrame) -> pd.DataFrame:
    """Add up plans by shift; only those that can be compared enter the minutes.

    Returns
    -------
    DataFrame
        shift (missing for plans without one), plans, compared (how many could be), planned_minutes,
        delivered_minutes, delivered_share (of what was planned; missing where nothing was).
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


def _points(frame: pd.DataFrame, area: StudyArea) -> npt.NDArray[np.object_]:
    spots = metric_points(frame[c.LAT], frame[c.LON], area)
    return np.asarray(shapely.points(spots), object).reshape(-1)


def _places(
    plans: pd.DataFrame, area: StudyArea
) -> tuple[list[shapely.Geometry], list[str | None]]:
    points = _points(plans, area)
    lines = metric_lines(plans["line"], area) if "line" in plans else [None] * len(plans)
    places: list[shapely.Geometry] = []
    compared_by: list[str | None] = []
    for point, line, kind in zip(points, lines, plans["kind"], strict=True):
        drawn = line is not None and not line.is_empty
        places.append(line if drawn else point)
        compared_by.append("line" if drawn else (_POST if kind == _POST else None))
    return places, compared_by


def _overlap(arrived: FloatArray, stayed: FloatArray, start: float, end: float) -> FloatArray:
    """Return the minutes of stays within hours that come again every day."""
    total = np.zeros(len(arrived))
    for day in (-1, 0, 1):
        low, high = start + day * _DAY, end + day * _DAY
        total += np.maximum(np.minimum(arrived + stayed, high) - np.maximum(arrived, low), 0.0)
    return total
