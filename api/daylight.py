"""How dark a window of the day is in a month at the middle of the study area."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np

from api.dependencies import OpenedSnapshot
from api.schemas import DAY
from geo.coverage.daylight import SunTimes, darkness, local_to_utc, sun_times
from geo.errors import NoDataError
from geo.parameters import WINDOWS, window_hours
from maps.daylight_texts import DaylightFacts, daylight_sentence

MIDDLE_OF_MONTH = 15
DAY_HOURS = 24


def month_daylight(
    opened: OpenedSnapshot, time_zone: str, *, month: int | None, window: str, lang: str
) -> dict[str, Any]:
    """Return how much of a window is dark in a month of the run's year, in numbers and words.

    Parameters
    ----------
    time_zone
        Of the workspace, such as ``Asia/Oral``.
    month
        1–12; None for the year's mean, which has no times.
    window
        A window of the day, or ``day``.

    Returns
    -------
    ``dark_share`` (0–1, twilight in part, mean of the days), the sun's local times on the
    month's 15th (None where they do not happen), ``polar``, ``sentence``.

    Raises
    ------
    NoDataError
        ``darkness_not_kept``: the run was made before darkness was kept by month.
    """
    months = _months(opened)
    if month is not None:
        months = [one for one in months if _number(one) == month]
    share = sum(one["days"] * _dark_share(one, window) for one in months)
    share /= sum(one["days"] for one in months)
    sun: dict[str, str | None] = dict.fromkeys(SunTimes._fields)
    polar = None
    if month is not None:
        sun, polar = _sun(opened, time_zone, dt.date.fromisoformat(months[0]["month"] + "-01"))
    facts = DaylightFacts(window, month, share, sun["sunrise"], sun["sunset"], polar)
    return {
        "month": None if month is None else months[0]["month"],
        "window": window,
        "dark_share": round(share, 3),
        **sun,
        "polar": polar,
        "sentence": daylight_sentence(facts, lang),
        "run_id": opened.snapshot.run_id,
        "as_of": opened.snapshot.run_card["as_of"],
    }


# -------------------------------------------------------------------------------------------


def _months(opened: OpenedSnapshot) -> list[dict[str, Any]]:
    months: list[dict[str, Any]] | None = opened.snapshot.run_card["model"].get("darkness_by_month")
    if not months:
        raise NoDataError(
            "This run was made by an earlier version, which kept no darkness by month; run "
            "'safe-region build' to make it anew.",
            code="darkness_not_kept",
        )
    return months


def _number(month: dict[str, Any]) -> int:
    return int(month["month"][-2:])


def _dark_share(month: dict[str, Any], window: str) -> float:
    """Return the mean darkness of a window; that of a day by the hours of its windows."""
    dark = month["darkness"]
    if window != DAY:
        return float(dark[window])
    return float(sum(window_hours(name) * dark[name] for name in WINDOWS) / DAY_HOURS)


def _sun(
    opened: OpenedSnapshot, time_zone: str, month: dt.date
) -> tuple[dict[str, str | None], str | None]:
    """Return the sun's times on the month's 15th, and ``day`` or ``night`` where it is polar."""
    lat, lon = opened.snapshot.run_card["centre"]
    day = month.replace(day=MIDDLE_OF_MONTH)
    times = sun_times(lat, lon, day, time_zone)
    named = {
        name: None if np.isnat(time) else str(time)[11:16]
        for name, time in zip(SunTimes._fields, times, strict=True)
    }
    if named["sunrise"] or named["sunset"]:
        return named, None
    noon = local_to_utc(
        np.array([dt.datetime.combine(day, dt.time(12))], "datetime64[s]"), time_zone
    )
    return named, "night" if darkness(lat, lon, noon)[0] > 0 else "day"
