"""How many child-minutes a month are spent on each section, by window of the day.

Each pupil walks to school and home again on every school day: to school in the window that
holds the time a quarter of an hour before the shift begins, home in the window a quarter of an
hour after it ends. A school's pupils are split evenly over its shifts.
"""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from geo import columns as c
from geo.errors import InputRefusedError
from geo.parameters import WINDOWS, HazardParameters, window_of_hour
from geo.streets.routes import SchoolRoutes
from geo.streets.sections import Sections

_SHIFT = re.compile(r"(\d{1,2}):([0-5]\d)\s*[-–]\s*(\d{1,2}):([0-5]\d)")


def child_minutes(
    routes: SchoolRoutes, schools: pd.DataFrame, sections: Sections, parameters: HazardParameters
) -> pd.DataFrame:
    """Return the modelled child-minutes a month on each section and in each window.

    Parameters
    ----------
    routes
        As `geo.streets.routes.school_routes` returns them for the same schools and sections.
    schools
        Frame of the SCHOOLS contract; ``shift_times`` as ``08:00-13:00;14:00-19:00``.

    Returns
    -------
    DataFrame
        One row a section, one column a window (child-minutes a month, 191 / 12 school days), and
        pupils: how many walk there on a school day. 0 means that no modelled route leads there.
    """
    trips = _trips_by_window(schools, parameters)
    flows = routes.flows
    section = flows["section"].to_numpy(np.int64)
    seconds = flows[c.PUPILS].to_numpy() * flows["metres"].to_numpy() / parameters.walking_speed_m_s
    monthly = seconds / 60 * parameters.school_days_per_year / 12
    minutes = monthly[:, None] * trips[flows["school"].to_numpy(np.int64)]

    count = len(sections.frame)
    result = pd.DataFrame(
        {
            window: np.bincount(section, minutes[:, column], count).astype(float)
            for column, window in enumerate(WINDOWS)
        }
    )
    result[c.PUPILS] = np.bincount(section, flows[c.PUPILS].to_numpy(), count).astype(float)
    return result


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


def _trips_by_window(schools: pd.DataFrame, parameters: HazardParameters) -> np.ndarray:
    """Return the walks a day of one pupil, by school and window; each school's sum is 2."""
    trips = np.zeros((len(schools), len(WINDOWS)))
    column = {window: number for number, window in enumerate(WINDOWS)}
    lead = parameters.walk_lead_minutes / 60
    names = schools[c.SCHOOL_ID].to_numpy()
    for row, (school, text) in enumerate(zip(names, schools["shift_times"], strict=True)):
        shifts = parse_shifts(text, school=school)
        for start, end in shifts:
            for hour in (start - lead, end + lead):
                trips[row, column[window_of_hour(hour % 24)]] += 1 / len(shifts)
    return trips
