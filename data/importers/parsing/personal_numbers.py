"""Tell a personal number (ИИН) from other numbers of twelve digits."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Digits = npt.NDArray[np.uint8]

_DAYS = np.array([0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
_MOST_CENTURY = 6
_PLACES = np.arange(11)
_WEIGHTS = (_PLACES % 11 + 1, (_PLACES + 2) % 11 + 1)


def digits_of(numbers: list[str]) -> Digits:
    """Return twelve digits a row.

    Examples
    --------
    >>> digits_of(["900101300012"])[0, :3].tolist()
    [9, 0, 0]
    """
    joined = np.frombuffer("".join(numbers).encode("ascii"), np.uint8)
    return np.asarray(joined - ord("0"), np.uint8).reshape(-1, 12)


def begin_with_birth(digits: Digits) -> npt.NDArray[np.bool_]:
    """Tell which numbers begin with a day and a century digit, as one random number in 40 does.

    A БИН never does: its fifth digit, 4 to 6, is no day of a month.
    """
    whole = digits.astype(np.int64)
    pairs = whole[:, :6:2] * 10 + whole[:, 1:6:2]
    year, month, day, century = pairs[:, 0], pairs[:, 1], pairs[:, 2], whole[:, 6]
    month = np.where(month <= 12, month, 0)
    days = _DAYS[month] - ((month == 2) & ~_is_leap(year, century))
    return np.asarray((day >= 1) & (day <= days) & (century <= _MOST_CENTURY), bool)


def keep_control_digit(digits: Digits) -> npt.NDArray[np.bool_]:
    """Tell which numbers end with their control digit, as one random number in ten does."""
    sums = [(digits[:, :11].astype(int) * weights).sum(axis=1) % 11 for weights in _WEIGHTS]
    control = np.where(sums[0] < 10, sums[0], sums[1])
    return np.asarray((control < 10) & (control == digits[:, 11]), bool)


def is_personal_number(number: str) -> bool:
    """Tell whether twelve digits are an ИИН: a birth day, a century digit and the control digit."""
    if len(number) != 12:
        return False
    digits = digits_of([number])
    return bool(begin_with_birth(digits)[0] and keep_control_digit(digits)[0])


# -------------------------------------------------------------------------------------------


def _is_leap(year: npt.NDArray[np.int64], century: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    begun = np.select([century == 0, century <= 2, century <= 4], [2000, 1800, 1900], 2000)
    full = begun + year
    return np.asarray((full % 4 == 0) & ((full % 100 != 0) | (full % 400 == 0)), bool)
