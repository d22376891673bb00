"""Kinds of offence that are drawn: their articles, hours, seasons and places."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data.demo.plane import FloatArray


@dataclass(frozen=True)
class Article:
    """One article part as the official layer writes it.

    Attributes
    ----------
    code, stat
        ``CRIME_CODE`` and ``STAT``.
    hard
        ``HARD_CODE``, "0" for a misdemeanour to "4".
    weight
        Its share of the theme's records.
    """

    code: str
    stat: str
    hard: str
    weight: float


@dataclass(frozen=True)
class Theme:
    """A kind of offence with its rhythm.

    Attributes
    ----------
    a_year
        Records a year in the whole town, besides the planted ones.
    articles
        What is recorded.
    bumps
        The day's rhythm: (peak hour, half width in hours, height) on a level of 1.
    place
        Place text of the record; chosen from what is near where empty.
    school_days
        Whether it happens on school days alone.
    summer
        How many times as many in July as in January.
    """

    a_year: float
    articles: tuple[Article, ...]
    bumps: tuple[tuple[float, float, float], ...]
    place: str = ""
    school_days: bool = False
    summer: float = 1.0


_PETTY = (Article("1870", "ст.187 ч.1", "0", 0.9), Article("1880", "ст.188 ч.1", "1", 0.1))
_THEFT = (
    Article("1870", "ст.187 ч.1", "0", 0.78), Article("1880", "ст.188 ч.1", "1", 0.16),
    Article("1880", "ст.188 ч.2", "2", 0.05), Article("1880", "ст.188 ч.3", "3", 0.01),
)  # fmt: skip
_ROBBERY = (
    Article("1910", "ст.191 ч.1", "2", 0.60), Article("1910", "ст.191 ч.2", "3", 0.28),
    Article("1920", "ст.192 ч.1", "3", 0.08), Article("1940", "ст.194 ч.1", "2", 0.04),
)  # fmt: skip
_VIOLENCE = (
    Article("1080", "ст.108 ч.1", "0", 0.22), Article("1070", "ст.107 ч.1", "1", 0.22),
    Article("1070", "ст.107 ч.2", "2", 0.14), Article("1060", "ст.106 ч.1", "3", 0.26),
    Article("1060", "ст.106 ч.2", "3", 0.03), Article("1150", "ст.115 ч.1", "1", 0.10),
    Article("1260", "ст.126 ч.1", "2", 0.02), Article("0990", "ст.99 ч.1", "4", 0.01),
)  # fmt: skip
_DISORDER = (
    Article("2930", "ст.293 ч.1", "1", 0.42), Article("2930", "ст.293 ч.2", "2", 0.22),
    Article("2940", "ст.294 ч.1", "1", 0.36),
)  # fmt: skip
_CHILD = (
    Article("1320", "ст.132 ч.1", "2", 0.40), Article("1240", "ст.124 ч.1", "3", 0.30),
    Article("1230", "ст.123 ч.1", "1", 0.15), Article("1220", "ст.122 ч.1", "3", 0.15),
)  # fmt: skip
_DRUGS = (
    Article("2960", "ст.296 ч.2", "1", 0.65), Article("2970", "ст.297 ч.1", "3", 0.25),
    Article("3000", "ст.300 ч.1", "2", 0.10),
)  # fmt: skip
_WEAPONS = (Article("2870", "ст.287 ч.1", "2", 1.0),)
_AT_HOME = (
    Article("1880", "ст.188 ч.2", "2", 0.50), Article("1080", "ст.108 ч.1", "0", 0.25),
    Article("1070", "ст.107 ч.1", "1", 0.15), Article("1150", "ст.115 ч.1", "1", 0.10),
)  # fmt: skip

_SCHOOL_WAYS = ((7.6, 1.0, 26.0), (18.9, 1.4, 30.0))
_EVENINGS = ((20.5, 4.0, 5.0), (0.0, 3.0, 3.0))

THEMES = {
    "theft": Theme(440, _THEFT, ((13.0, 5.0, 3.0), (19.0, 3.0, 2.0)), summer=1.3),
    "robbery": Theme(36, _ROBBERY, ((21.0, 4.0, 6.0), (7.5, 1.5, 1.5))),
    "violence": Theme(240, _VIOLENCE, ((22.5, 4.5, 6.0), (1.0, 2.5, 3.0)), summer=1.5),
    "disorder": Theme(230, _DISORDER, ((21.5, 4.0, 5.0), (16.0, 3.0, 1.0)), summer=1.7),
    "child": Theme(34, _CHILD, ((14.5, 3.0, 4.0), (18.5, 3.0, 4.0)), school_days=True),
    "drugs": Theme(115, _DRUGS, ((17.0, 5.0, 3.0), (22.0, 3.0, 2.0))),
    "weapons": Theme(35, _WEAPONS, ((22.0, 5.0, 3.0),)),
    "weapons_found": Theme(0, _WEAPONS, ((22.0, 5.0, 3.0),), place="Улица"),
    "at_home": Theme(150, _AT_HOME, ((11.0, 4.0, 1.0), (21.0, 4.0, 3.0))),
    "hot_violence": Theme(0, _VIOLENCE, _EVENINGS),
    "hot_robbery": Theme(0, _ROBBERY, _EVENINGS),
    "corridor_violence": Theme(0, _VIOLENCE, _SCHOOL_WAYS, school_days=True),
    "corridor_robbery": Theme(0, _ROBBERY, _SCHOOL_WAYS, school_days=True),
    "corridor_child": Theme(0, _CHILD, _SCHOOL_WAYS, school_days=True),
    "market": Theme(0, _PETTY, ((12.5, 4.0, 40.0),), place="Рынок"),
    "measure_theft": Theme(0, _THEFT, _EVENINGS, place="Улица"),
    "measure_disorder": Theme(0, _DISORDER, _EVENINGS, place="Улица"),
}
"""Every kind by name; planted kinds have no records of their own besides the planted ones."""

HOT_MIX = {"hot_violence": 0.92, "hot_robbery": 0.08}
CORRIDOR_MIX = {"corridor_violence": 0.66, "corridor_robbery": 0.22, "corridor_child": 0.12}
MEASURE_MIX = {"measure_theft": 0.6, "measure_disorder": 0.4}

REPEATED = ("theft", "robbery", "violence")
"""Kinds after which another one may follow near by within days."""


def hour_shares(theme: Theme) -> FloatArray:
    """Return the share of each of the day's 24 hours (the middle of each hour is judged)."""
    hours = np.arange(24) + 0.5
    shares = np.ones(24)
    for peak, half_width, height in theme.bumps:
        apart = np.abs((hours - peak + 12) % 24 - 12)
        shares += height * np.clip(1 - apart / half_width, 0, None)
    return np.asarray(shares / shares.sum(), float)


def day_shares(theme: Theme, first_day: np.datetime64, days: int) -> FloatArray:
    """Return the share of each day of the period: season, week end, school year."""
    dates = first_day + np.arange(days)
    month = dates.astype("datetime64[M]").astype(int) % 12
    swing = (theme.summer - 1) / (theme.summer + 1)
    shares = 1 - swing * np.cos(2 * np.pi * (month - 0.5) / 12)
    weekday = (dates.astype(int) + 3) % 7
    if theme.school_days:
        shares = shares * (weekday < 5) * ~np.isin(month, (5, 6, 7))
    else:
        shares = shares * np.where(weekday >= 4, 1.2, 0.95)
    return np.asarray(shares / shares.sum(), float)
