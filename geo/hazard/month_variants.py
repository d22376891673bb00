"""The months of a run, each on school days and on the others: names, darkness, ratios of days."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from geo.errors import NotFoundError, UsageError
from geo.hazard.school_days import OTHER_DAY, SCHOOL_DAY, Ratios
from geo.parameters import WINDOWS

FloatArray = npt.NDArray[np.float64]

_NAME = re.compile(r"(0[1-9]|1[0-2])-(school|off)")


@dataclass(frozen=True)
class MonthVariant:
    """A calendar month (1–12) on school days or on the others."""

    month: int
    school_day: bool

    @property
    def name(self) -> str:
        """Name it as tile layers do.

        Examples
        --------
        >>> MonthVariant(7, school_day=False).name
        '07-off'
        """
        return f"{self.month:02d}-{self.kind}"

    @property
    def kind(self) -> str:
        """Kind of day: ``school`` or ``off``."""
        return SCHOOL_DAY if self.school_day else OTHER_DAY


@dataclass(frozen=True)
class YearOfRun:
    """What a run says of its twelve months.

    Attributes
    ----------
    darkness
        Share of each window in the dark, 12 months from January × windows.
    days
        Days of each month.
    ratios
        Kind of day → window → incidents over the mean of all days; empty where not known.
    school_days
        Month ("1" … "12") → school days, None where the calendar does not know.
    basis
        What scores compare: ``street`` or ``area``.
    """

    darkness: FloatArray
    days: FloatArray
    ratios: Ratios
    school_days: Mapping[str, int | None]
    basis: str

    @property
    def mean_darkness(self) -> FloatArray:
        """Mean of the year, by window."""
        return np.average(self.darkness, axis=0, weights=self.days)

    def ratio(self, kind: str) -> FloatArray:
        """Return the ratios of a kind of day by window, 1 where they are not known."""
        known = self.ratios.get(kind, {})
        return np.array([known.get(window, 1.0) for window in WINDOWS])


def parse_variant(name: str) -> MonthVariant:
    """Read a name such as ``01-school``.

    Raises
    ------
    UsageError
        ``variant_invalid``.

    Examples
    --------
    >>> parse_variant("01-school")
    MonthVariant(month=1, school_day=True)
    """
    found = _NAME.fullmatch(name)
    if found is None:
        raise UsageError(
            f"{name[:16]!r} is no month and kind of day; write 01-school or 07-off.",
            code="variant_invalid",
        )
    return MonthVariant(int(found.group(1)), found.group(2) == SCHOOL_DAY)


def year_of_run(card: Mapping[str, Any]) -> YearOfRun:
    """Read the months of a run from its card.

    Raises
    ------
    NotFoundError
        ``months_not_kept``: the run was made by an earlier version.
    """
    model = card["model"]
    if "school_days_ahead" not in model:
        raise NotFoundError(
            "This run was made by an earlier version, which kept no months; run 'safe-region "
            "build' to make it anew.",
            code="months_not_kept",
        )
    months = sorted(model["darkness_by_month"], key=lambda one: int(one["month"][5:]))
    return YearOfRun(
        darkness=np.array([[one["darkness"][window] for window in WINDOWS] for one in months]),
        days=np.array([one["days"] for one in months], np.float64),
        ratios=card["fitted"].get("school_day_ratios", {}),
        school_days=model["school_days_ahead"],
        basis=model["reference_basis"],
    )
