"""The days on which past forecasts are made, and what they are judged on.

An origin is the first day of a window of some days: the forecast knows what happened before it
and nothing else. Windows follow each other without a gap and end with the last day of the data.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from geo.errors import NoDataError, UsageError
from geo.hazard.counted import CountedIncidents
from geo.hazard.past_windows import HISTORY_DAYS

IntArray = npt.NDArray[np.int64]

TEST_DAYS = 365
MOST_ORIGINS = 26
LONGEST_HORIZON_DAYS = 366


@dataclass(frozen=True)
class Protocol:
    """How a forecast is judged.

    Attributes
    ----------
    targets
        Offence groups whose incidents are forecast, added up; none means all.
    category
        What a reader calls them, such as a category of a file.
    grid
        Name of the grid, for the result.
    horizon_days
        Length of a window.
    origins
        How many windows; None takes as many as fit into a year, at most 26.
    test_from
        First day of the first window; None counts the windows back from the end of the data.
    thin
        Share of the incidents that is kept, in the history and in the test alike; None keeps all.
    seed
        Of the thinning and of the order among equals.
    boosting
        Whether gradient boosting is one of the rivals; it needs scikit-learn.
    clock
        Seconds from some moment on, to say how long each forecast took.
    """

    targets: tuple[str, ...] = ()
    category: str | None = None
    grid: str = "h3:10"
    horizon_days: int = 31
    origins: int | None = None
    test_from: date | None = None
    thin: float | None = None
    seed: int = 0
    boosting: bool = False
    clock: Callable[[], float] = time.perf_counter


@dataclass(frozen=True)
class Origin:
    """A day on which a forecast is made.

    Attributes
    ----------
    days_before
        Days from it to the day that the counted incidents are told from.
    horizon_days
        Days that it looks ahead.
    """

    days_before: int
    horizon_days: int


def rolling_origins(counted: CountedIncidents, protocol: Protocol) -> tuple[Origin, ...]:
    """Return the origins of a protocol, earliest first.

    Where neither their number nor the first day is given, there are as many as have enough
    history to fit on, within the last year. Records too short to fit on at all are judged over
    their second half, by a rate with its default weights.

    Raises
    ------
    UsageError
        ``horizon_invalid``, ``origins_invalid`` or ``test_from_invalid``.
    NoDataError
        ``no_events`` where nothing is covered, ``history_short`` where less is known before the
        first window than a fit needs, or than a window is long.
    """
    horizon = protocol.horizon_days
    if not 1 <= horizon <= LONGEST_HORIZON_DAYS:
        raise UsageError(
            f"A window of {horizon} days cannot be meant; give 1 to {LONGEST_HORIZON_DAYS}.",
            code="horizon_invalid",
        )
    wanted = protocol.origins
    if wanted is not None and wanted < 1:
        raise UsageError(f"{wanted} windows judge nothing; give 1 or more.", code="origins_invalid")
    if not counted.covered:
        raise NoDataError("No day is covered by any import.", code="no_events")
    end = _end(counted)
    start = _first_window(counted, protocol, end)
    fitting = (start - end) // horizon
    count = fitting if wanted is None else min(wanted, fitting)
    origins = tuple(Origin(start - number * horizon, horizon) for number in range(count))
    if _possible_windows(counted, horizon):
        check_history(counted, origins[0])
    elif known_days(counted, origins[0]) < horizon:
        raise NoDataError(
            f"The records are shorter than two windows of {horizon} days: there is nothing to "
            "forecast from.",
            code="history_short",
        )
    return origins


def check_history(counted: CountedIncidents, first: Origin) -> None:
    """Raise unless enough is known before the first window to fit on one window before it.

    Raises
    ------
    NoDataError
        ``history_short``.
    """
    needed, known = needed_days(first), known_days(counted, first)
    if known < needed:
        day = counted.as_of - timedelta(days=first.days_before)
        possible = _possible_windows(counted, first.horizon_days)
        raise NoDataError(
            f"Only {known} days are known before {day}, the first day that would be forecast; "
            f"{needed} are needed. {possible} windows of {first.horizon_days} days at the end of "
            "the data have as many; give older incidents for more.",
            code="history_short",
        )


def known_days(counted: CountedIncidents, origin: Origin) -> int:
    """Return how many days before an origin were recorded."""
    start = origin.days_before
    return int(sum(max(far - max(near, start), 0) for near, far in counted.covered))


def needed_days(origin: Origin) -> int:
    """Return how many recorded days a fit needs before an origin: 400 and one window."""
    return HISTORY_DAYS + origin.horizon_days


def covered_origins(counted: CountedIncidents, origins: tuple[Origin, ...]) -> tuple[Origin, ...]:
    """Leave out the origins whose window was not recorded from its first day to its last."""
    return tuple(
        origin
        for origin in origins
        if any(
            near <= origin.days_before - origin.horizon_days and origin.days_before <= far
            for near, far in counted.covered
        )
    )


def observed_counts(counted: CountedIncidents, origin: Origin, cells: int) -> IntArray:
    """Count what happened in an origin's window, groups × cells."""
    age, groups = counted.age_days, len(counted.groups)
    inside = (age <= origin.days_before) & (age > origin.days_before - origin.horizon_days)
    place = counted.group[inside] * cells + counted.cell[inside]
    return np.bincount(place, minlength=groups * cells).reshape(groups, cells)


def thinned(counted: CountedIncidents, share: float, seed: int) -> CountedIncidents:
    """Keep each incident with the same probability, to see what fewer incidents would say.

    Raises
    ------
    UsageError
        ``thin_invalid``.
    """
    if not 0 < share <= 1:
        raise UsageError(f"A share of {share} keeps nothing; give more than 0 and at most 1.",
                         code="thin_invalid")  # fmt: skip
    return of_rows(counted, np.random.default_rng(seed).random(len(counted.group)) < share)


def of_rows(counted: CountedIncidents, kept: npt.NDArray[np.bool_]) -> CountedIncidents:
    """Keep some of the incidents, known for the same days."""
    return replace(
        counted,
        frame=counted.frame[kept].reset_index(drop=True),
        group=counted.group[kept],
        cell=counted.cell[kept],
        age_days=counted.age_days[kept],
        windows=counted.windows[kept],
        address=counted.address[kept],
    )


# -------------------------------------------------------------------------------------------


def _possible_windows(counted: CountedIncidents, horizon_days: int) -> int:
    """Return how many windows at the end of the data have enough history before them."""
    count, origin = 0, Origin(_end(counted) + horizon_days, horizon_days)
    while known_days(counted, origin) >= needed_days(origin):
        count += 1
        origin = Origin(origin.days_before + horizon_days, horizon_days)
    return count


def _most_windows(counted: CountedIncidents, horizon_days: int) -> int:
    """Return how many windows are judged where nobody says: those of a year, fitted if possible."""
    possible = _possible_windows(counted, horizon_days)
    if not possible:
        recorded = sum(far - near for near, far in counted.covered)
        possible = int(recorded / 2) // horizon_days
    return max(1, min(MOST_ORIGINS, TEST_DAYS // horizon_days, possible))


def _end(counted: CountedIncidents) -> int:
    """Return the days between the end of the data and the day that it is told from."""
    return int(counted.covered[0][0]) if counted.covered else 0


def _first_window(counted: CountedIncidents, protocol: Protocol, end: int) -> int:
    """Return how many days ago the first window begins, given the day the data end."""
    horizon = protocol.horizon_days
    if protocol.test_from is None:
        return end + horizon * (protocol.origins or _most_windows(counted, horizon))
    start = (counted.as_of - protocol.test_from).days
    if start - end < horizon:
        last = counted.as_of - timedelta(days=end + 1)
        raise UsageError(
            f"No window of {horizon} days fits between {protocol.test_from} and {last}, the last "
            "day of the data; give an earlier day or a shorter window.",
            code="test_from_invalid",
        )
    return start
