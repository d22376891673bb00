"""How many child-minutes a month are spent on each section, by window of the day.

Each pupil walks to school and home again on every school day: to school in the window that
holds the time a quarter of an hour before the shift begins, home in the window a quarter of an
hour after it ends. A school's pupils are split evenly over its shifts.
"""

from __future__ import annotations

import re
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo import columns as c
from geo.errors import InputRefusedError
from geo.parameters import WINDOWS, HazardParameters, window_of_hour
from geo.streets.routes import SchoolRoutes
from geo.streets.school_calendar import SchoolMonth, assumed_month
from geo.streets.sections import Sections

FloatArray = npt.NDArray[np.float64]

_SHIFT = re.compile(r"(\d{1,2}):([0-5]\d)\s*[-–]\s*(\d{1,2}):([0-5]\d)")


def child_minutes(
    routes: SchoolRoutes,
    schools: pd.DataFrame,
    sections: Sections,
    parameters: HazardParameters,
    month: SchoolMonth | None = None,
) -> pd.DataFrame:
    """Return the modelled child-minutes a month on each section and in each window.

    Parameters
    ----------
    routes
        As `geo.streets.routes.school_routes` returns them for the same schools and sections.
    schools
        Frame of the SCHOOLS contract; ``shift_times`` as ``08:00-13:00;14:00-19:00``.
    month
        Its school days, from `geo.streets.school_calendar`; None for 191 / 12 days.

    Returns
    -------
    DataFrame
        One row a section, one column a window (child-minutes a month), and pupils: how many walk
        there on a school day. 0 means that no modelled route leads there. In a month without a
        school day every window is NaN: children walk then too, only not to school, and nothing
        here knows where.
    """
    month = month or assumed_month(parameters)
    flows = routes.flows
    section = flows["section"].to_numpy(np.int64)
    trips = walks_by_window(schools, parameters)[flows["school"].to_numpy(np.int64)]
    once = minutes_of_walk(flows[c.PUPILS].to_numpy(), flows["metres"].to_numpy(), parameters)
    minutes = month_of_walks(once[:, None] * trips, month)

    count = len(sections.frame)
    empty = np.nan if month.days == 0 else 0.0
    result = pd.DataFrame(
        {
            window: np.bincount(section, minutes[:, column], count) + empty
            for column, window in enumerate(WINDOWS)
        }
    )
    result[c.PUPILS] = np.bincount(section, flows[c.PUPILS].to_numpy(), count).astype(float)
    return result


def minutes_of_walk(
    pupils: FloatArray, metres: FloatArray, parameters: HazardParameters
) -> FloatArray:
    """Return the child-minutes of one walk of all pupils over their metres."""
    return pupils * metres / parameters.walking_speed_m_s / 60


def month_of_walks(daily: FloatArray, month: SchoolMonth) -> FloatArray:
    """Return what a school day's child-minutes are in a month; NaN in one without school."""
    return daily * (month.days if month.days > 0 else np.nan)


def walks_by_window(schools: pd.DataFrame, parameters: HazardParameters) -> FloatArray:
    """Return the walks a school day of one pupil, [schools, windows]; each school's sum is 2.

    Raises
    ------
    InputRefusedError
        ``shift_times_invalid``.
    """
    walks = np.zeros((len(schools), len(WINDOWS)))
    column = {window: number for number, window in enumerate(WINDOWS)}
    lead = parameters.walk_lead_minutes / 60
    names = schools[c.SCHOOL_ID].to_numpy()
    for row, (school, text) in enumerate(zip(names, schools["shift_times"], strict=True)):
        shifts = parse_shifts(text, school=school)
        for start, end in shifts:
            for hour in (start - lead, end + lead):
                walks[row, column[window_of_hour(hour % 24)]] += 1 / len(shifts)
    return walks


def overlapping_shifts(schools: pd.DataFrame) -> list[str]:
    """List the ids of schools of which one shift begins before another has ended.

    Each shift is still walked at its own hours; the list is for the report.
    """
    ids = []
    for school, text in zip(schools[c.SCHOOL_ID], schools["shift_times"], strict=True):
        shifts = sorted(parse_shifts(text, school=school))
        if any(later[0] < earlier[1] for earlier, later in pairwise(shifts)):
            ids.append(school)
    return ids


def parse_shifts(text: str, *, school: str) -> list[tuple[float, float]]:
    """Read the shifts of a school as local hours (start, end).

    Raises
    ------
    InputRefusedError
        ``shift_times_invalid``; the message names the school.

    Examples
    --------
    >>> parse_shifts("08:00-13:00;14:00-19:30", school="№ 18")
    [(8.0, 13.0), (14.0, 19.5)]
    """
    shifts = []
    for item in text.split(";"):
        match = _SHIFT.fullmatch(item.strip())
        if match is None:
            raise _refused(text, school)
        start_hour, start_minute, end_hour, end_minute = map(int, match.groups())
        start, end = start_hour + start_minute / 60, end_hour + end_minute / 60
        if not start < end < 24:
            raise _refused(text, school)
        shifts.append((start, end))
    return shifts


# -------------------------------------------------------------------------------------------


def _refused(text: str, school: str) -> InputRefusedError:
    return InputRefusedError(
        f"School {school}: shift_times {text[:80]!r} cannot be read; write each shift as "
        "08:00-13:00, several separated by a semicolon.",
        code="shift_times_invalid",
    )
