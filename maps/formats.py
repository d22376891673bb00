"""Dates, numbers and distances as each language writes them.

Babel does it here because browsers lack Kazakh.
"""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

from babel.dates import format_date, get_month_names
from babel.numbers import format_decimal, format_percent
from babel.units import format_unit

from maps.translations import BABEL_LOCALES


def date_text(date: dt.date, lang: str) -> str:
    """Write a date as the language does, such as "2026 ж. 22 қараша"."""
    return format_date(date, format="long", locale=BABEL_LOCALES[lang])


def month_text(month: int, lang: str) -> str:
    """Name a month (1–12) within a sentence, such as "қаңтар", "январь", "January"."""
    names = get_month_names("wide", context="stand-alone", locale=BABEL_LOCALES[lang])
    return names[month] if lang == "en" else names[month].lower()


def number_text(value: float, lang: str, *, digits: int = 0, fixed: bool = False) -> str:
    """Write a number with at most this many decimals; with exactly as many where `fixed`."""
    pattern = "#,##0" + ("." + ("0" if fixed else "#") * digits if digits else "")
    return format_decimal(value, format=pattern, locale=BABEL_LOCALES[lang])


def percent_text(share: float, lang: str, *, digits: int = 0) -> str:
    """Write a share (0–1) in per cent, with exactly this many decimals."""
    pattern = "#,##0" + ("." + "0" * digits if digits else "") + " %"
    return format_percent(share, format=pattern, locale=BABEL_LOCALES[lang])


def distance_text(metres: float | None, lang: str) -> str:
    """Write a distance in metres, from 1 km on in kilometres; empty where missing."""
    if metres is None:
        return ""
    value, unit = (
        (round(metres), "meter") if metres < 1000 else (round(metres / 1000, 1), "kilometer")
    )
    return format_unit(value, f"length-{unit}", length="short", locale=BABEL_LOCALES[lang])


def known_number(value: Any) -> float | None:
    """Return a number, None for what is missing: None, NaN, infinity or text."""
    if value is None or isinstance(value, str):
        return None
    try:
        number = float(value)
    except TypeError:
        return None
    return number if math.isfinite(number) else None
