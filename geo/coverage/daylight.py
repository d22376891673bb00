"""How dark it is at a place and time, worked out from the sun alone.

Darkness runs from 0 (the sun's upper edge is above the horizon) to 1 (the end of civil twilight)
and never follows the clock: the same school hour is bright in May and dark in December.

The sun's place is that of NOAA's short equations by the angle of the year. They follow no leap
cycle, so a time of sunrise or sunset may lie up to four minutes from the almanac at 51 degrees
north. The altitude is geometric: the usual 0.833 degrees for refraction and the sun's radius
stand in the threshold of sunrise.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.errors import UsageError
from geo.parameters import WINDOWS

FloatArray = npt.NDArray[np.float64]
TimeArray = npt.NDArray[np.datetime64]

SUNRISE_DEG = -0.833
CIVIL_TWILIGHT_DEG = -6.0

_STEP_MINUTES = 5


class SunTimes(NamedTuple):
    """Local wall times of one day; NaT where the sun does not cross that altitude."""

    civil_dawn: np.datetime64
    sunrise: np.datetime64
    sunset: np.datetime64
    civil_dusk: np.datetime64


def sun_altitude(lat: float, lon: float, utc: npt.ArrayLike) -> FloatArray:
    """Return the altitude of the sun's centre in degrees, without refraction.

    Parameters
    ----------
    lat, lon
        Place in degrees WGS84, north and east positive.
    utc
        Times as ``datetime64`` in UTC.

    Examples
    --------
    >>> noon = np.array(["2025-12-21T08:33"], dtype="datetime64[m]")
    >>> sun_altitude(51.2333, 51.3667, noon).round(1).tolist()
    [15.3]
    """
    times: TimeArray = np.asarray(utc, "datetime64[ms]")
    mean_solar = times + np.timedelta64(round(lon * 240_000), "ms")
    declination, equation_minutes = _declination_and_equation_of_time(mean_solar)
    midnight = mean_solar.astype("datetime64[D]").astype("datetime64[ms]")
    solar_minutes = (mean_solar - midnight) / np.timedelta64(1, "m") + equation_minutes
    hour_angle = np.radians(solar_minutes / 4 - 180)
    sine = np.sin(np.radians(lat)) * np.sin(declination) + np.cos(np.radians(lat)) * np.cos(
        declination
    ) * np.cos(hour_angle)
    return np.degrees(np.arcsin(np.clip(sine, -1, 1)))


def darkness(lat: float, lon: float, utc: npt.ArrayLike) -> FloatArray:
    """Return how dark it is, 0 … 1: 0 from sunrise to sunset, 1 beyond civil twilight.

    Between the two thresholds it rises in proportion to the sun's depth.
    """
    depth = SUNRISE_DEG - sun_altitude(lat, lon, utc)
    return np.clip(depth / (SUNRISE_DEG - CIVIL_TWILIGHT_DEG), 0.0, 1.0)


def darkness_by_window(
    lat: float, lon: float, time_zone: str, first_day: date, last_day: date
) -> dict[str, float]:
    """Return the mean darkness of each window over the days given, both included.

    A year gives the year's mean; the same day twice gives that day. Sampled every five minutes:
    the mean of one day is right to 0.002, that of a year to 0.0001. Wall times that a change to
    summer time leaves out are not counted.

    Examples
    --------
    >>> day = date(2025, 12, 21)
    >>> darkness_by_window(51.2333, 51.3667, "Asia/Oral", day, day)["night"]
    1.0
    """
    if last_day < first_day:
        raise UsageError(f"The last day {last_day} lies before the first day {first_day}.")
    days = np.arange(np.datetime64(first_day, "m"), np.datetime64(last_day, "m") + 1, 1440)
    minutes = np.arange(_STEP_MINUTES / 2, 1440, _STEP_MINUTES)
    local = days[:, None] + (minutes * 60).astype("timedelta64[s]")
    utc = local_to_utc(local.ravel(), time_zone)
    dark = np.where(np.isnat(utc), np.nan, darkness(lat, lon, utc)).reshape(local.shape)

    means = {}
    for window, spans in WINDOWS.items():
        inside = np.any([(minutes >= 60 * a) & (minutes < 60 * b) for a, b in spans], axis=0)
        means[window] = float(np.nanmean(dark[:, inside]))
    return means


def sun_times(lat: float, lon: float, day: date, time_zone: str) -> SunTimes:
    """Return civil dawn, sunrise, sunset and civil dusk of a local day, to the minute.

    Dawn and sunrise are the first rise through their altitude, sunset and dusk the last fall.
    On a polar day or night the times that do not happen are NaT.

    Examples
    --------
    >>> times = sun_times(51.2333, 51.3667, date(2025, 12, 21), "Asia/Oral")
    >>> [str(time)[11:16] for time in times]
    ['08:56', '09:36', '17:29', '18:09']
    """
    start = np.datetime64(day, "s")
    local = start + np.arange(1441) * np.timedelta64(60, "s")
    utc = local_to_utc(local, time_zone)
    exists = ~np.isnat(utc)
    local, altitude = local[exists], sun_altitude(lat, lon, utc[exists])
    return SunTimes(
        _crossing(local, altitude, CIVIL_TWILIGHT_DEG, rising=True),
        _crossing(local, altitude, SUNRISE_DEG, rising=True),
        _crossing(local, altitude, SUNRISE_DEG, rising=False),
        _crossing(local, altitude, CIVIL_TWILIGHT_DEG, rising=False),
    )


def local_to_utc(local: TimeArray, time_zone: str) -> TimeArray:
    """Turn naive local wall times into UTC; NaT for a wall time that summer time leaves out.

    A wall time that happens twice is taken as the first of the two.
    """
    try:
        zone = ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise UsageError(
            f"Unknown time zone {time_zone!r}; use a name such as Asia/Oral.",
            code="time_zone_unknown",
        ) from error
    times = pd.DatetimeIndex(np.asarray(local, "datetime64[s]"))
    aware = times.tz_localize(zone, ambiguous=np.ones(len(times), bool), nonexistent="NaT")
    return aware.tz_convert("UTC").tz_localize(None).to_numpy()


# -------------------------------------------------------------------------------------------


def _declination_and_equation_of_time(mean_solar: TimeArray) -> tuple[FloatArray, FloatArray]:
    """Return the sun's declination (radians) and the equation of time (minutes)."""
    new_year = mean_solar.astype("datetime64[Y]")
    day = np.timedelta64(1, "D")
    year_days = ((new_year + 1).astype("datetime64[D]") - new_year.astype("datetime64[D]")) / day
    year_angle = (
        2 * np.pi / year_days * ((mean_solar - new_year.astype("datetime64[ms]")) / day - 0.5)
    )

    cos1, cos2, cos3 = (np.cos(k * year_angle) for k in (1, 2, 3))
    sin1, sin2, sin3 = (np.sin(k * year_angle) for k in (1, 2, 3))
    declination = 0.006918 - 0.399912 * cos1 + 0.070257 * sin1
    declination += -0.006758 * cos2 + 0.000907 * sin2 - 0.002697 * cos3 + 0.00148 * sin3
    equation = 0.000075 + 0.001868 * cos1 - 0.032077 * sin1 - 0.014615 * cos2 - 0.040849 * sin2
    return declination, 229.18 * equation


def _crossing(
    local: TimeArray, altitude: FloatArray, threshold: float, *, rising: bool
) -> np.datetime64:
    above = altitude >= threshold
    before, after = (~above[:-1], above[1:]) if rising else (above[:-1], ~above[1:])
    found = np.flatnonzero(before & after)
    if not len(found):
        return np.datetime64("NaT")
    at = found[0] if rising else found[-1]
    share = (threshold - altitude[at]) / (altitude[at + 1] - altitude[at])
    seconds = round(share * ((local[at + 1] - local[at]) / np.timedelta64(1, "s")))
    half_minute = np.timedelta64(30, "s")
    return np.datetime64(local[at] + np.timedelta64(seconds, "s") + half_minute, "m")
