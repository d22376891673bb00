"""The one way in which a typed cell of a workbook or database becomes text."""

from __future__ import annotations

import math
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

_EXACT = 1e15  # whole numbers below are written as they are; Excel keeps 15 digits
_MOST_DIGITS = 40
_HALF_SECOND = timedelta(milliseconds=500)


def value_text(value: Any) -> str:
    """Return a typed value as text, ``""`` for nothing.

    Numbers have no exponent and no ``.0``: a 15-digit id stays one. Times are rounded to the
    second, because a workbook keeps them as a fraction of a day.

    Examples
    --------
    >>> value_text(252710000012345.0), value_text(1e-07), value_text(True)
    ('252710000012345', '0.0000001', 'true')
    >>> value_text(datetime(2025, 4, 3, 20, 29, 59, 999700))
    '2025-04-03 20:30:00'
    """
    write = _WRITERS.get(type(value))
    return write(value) if write else ""


def plain_number(text: str) -> str:
    """Return a number's text without an exponent; a text that is no number stays as it is."""
    if "e" not in text and "E" not in text:
        return text
    try:
        number = Decimal(text)
    except InvalidOperation:
        return text
    if not number.is_finite() or abs(number.adjusted()) > _MOST_DIGITS:
        return text
    digits = format(number, "f")
    return digits.rstrip("0").rstrip(".") if "." in digits else digits


# -------------------------------------------------------------------------------------------


def _number(value: float) -> str:
    if not math.isfinite(value):
        return repr(value)
    if value.is_integer() and abs(value) < _EXACT:
        return str(int(value))
    text = plain_number(repr(value))
    return text[:-2] if text.endswith(".0") else text


def _moment(value: datetime) -> str:
    if value.microsecond:
        value = (value + _HALF_SECOND).replace(microsecond=0)
    return value.isoformat(" ")


def _clock(value: time) -> str:
    if not value.microsecond:
        return value.isoformat()
    late = datetime.combine(date(2000, 1, 1), value) + _HALF_SECOND
    return late.time().replace(microsecond=0).isoformat()


def _duration(value: timedelta) -> str:
    # A cell of the form [h]:mm, where hours go on past 24.
    seconds = round(value.total_seconds())
    sign = "-" if seconds < 0 else ""
    minutes, second = divmod(abs(seconds), 60)
    return f"{sign}{minutes // 60:02}:{minutes % 60:02}:{second:02}"


_WRITERS: dict[type, Any] = {
    str: lambda value: value,
    bool: lambda value: "true" if value else "false",
    int: str,
    float: _number,
    datetime: _moment,
    date: date.isoformat,
    time: _clock,
    timedelta: _duration,
}
