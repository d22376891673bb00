"""One local moment at one school: its sun, its window, and whether school is held on that day."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from data.codes.calendar_table import school_calendar
from data.workspace import CODES_FOLDER, Workspace
from geo import columns as c
from geo.coverage.daylight import SunTimes, darkness, local_to_utc, sun_times
from geo.errors import UsageError
from geo.parameters import HazardParameters, window_of_hour
from geo.streets.exposure import parse_shifts
from geo.streets.school_calendar import SchoolCalendar, school_month
from maps.labels import window_text

YEARS = range(1970, 2101)


@dataclass(frozen=True)
class Moment:
    """A local wall time with its sun and its school day.

    Attributes
    ----------
    at
        Naive local time.
    darkness
        0 … 1, from the sun alone.
    school_day, verified
        None in a school year that no calendar knows; whether its order was read.
    month_days
        School days of the month.
    """

    at: dt.datetime
    window: str
    darkness: float
    sun: SunTimes
    school_day: bool | None
    verified: bool
    month_days: float

    @property
    def is_dark(self) -> bool:
        """Whether the sun is down."""
        return self.darkness > 0


def school_moment(
    workspace: Workspace, school: pd.DataFrame, at: dt.datetime | None, as_of: dt.date
) -> Moment:
    """Describe a moment at a school.

    Parameters
    ----------
    school
        One row of the SCHOOLS contract.
    at
        Local wall time; None for the way to the first shift on the first school day since
        ``as_of``.

    Raises
    ------
    UsageError
        ``time_invalid``: with a zone, out of range, or left out by a change of the clocks.
    """
    calendar = school_calendar(workspace.path / CODES_FOLDER).calendar
    at = at or _next_walk(school, calendar, as_of)
    if at.tzinfo is not None or at.year not in YEARS:
        raise UsageError(
            "Give the local time without a zone, such as 2026-12-21T07:40.", code="time_invalid"
        )
    lat, lon = float(school[c.LAT].iloc[0]), float(school[c.LON].iloc[0])
    zone = workspace.region.time_zone
    utc = local_to_utc(np.array([at], "datetime64[s]"), zone)
    if np.isnat(utc[0]):
        raise UsageError(
            "On that day the clocks leave this time out; choose another.", code="time_invalid"
        )
    return Moment(
        at=at,
        window=window_of_hour(at.hour + at.minute / 60),
        darkness=float(darkness(lat, lon, utc)[0]),
        sun=sun_times(lat, lon, at.date(), zone),
        school_day=calendar.is_school_day(at.date()),
        verified=calendar.is_verified(at.date()),
        month_days=school_month(calendar, at.date(), HazardParameters()).days,
    )


def moment_answer(moment: Moment, lang: str) -> dict[str, Any]:
    """Return what an answer says of a moment."""
    return {
        "window": moment.window,
        "window_text": window_text(moment.window, lang) if moment.window != "other" else "",
        "dark": moment.is_dark,
        "darkness": round(moment.darkness, 3),
        "sun": {
            name: None if np.isnat(time) else str(time)[11:16]
            for name, time in zip(SunTimes._fields, moment.sun, strict=True)
        },
        "school_day": moment.school_day,
        "calendar_verified": moment.verified,
        "school_days_in_month": moment.month_days,
    }


# -------------------------------------------------------------------------------------------


def _next_walk(school: pd.DataFrame, calendar: SchoolCalendar, as_of: dt.date) -> dt.datetime:
    """Return when pupils of the first shift set out on the first school day from a day on."""
    day = calendar.first_school_day(as_of) or as_of
    shifts = parse_shifts(school["shift_times"].iloc[0], school=school[c.SCHOOL_ID].iloc[0])
    hours = min(start for start, _ in shifts) - HazardParameters().walk_lead_minutes / 60
    return dt.datetime.combine(day, dt.time()) + dt.timedelta(hours=hours)
