"""Whether what followed a change of lamps, patrols or cameras is what their effect foretold.

Two forecasts of the same windows, one that has noticed the change and one that has not, differ by
β · Δx on each street. How many times that difference fits best what followed is found from the
counts alone: once is the effect that the forecast assumes, zero that nothing happened.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

MOVED = 0.02
"""A street has changed where noticing it moves the forecast by 2 % or more."""

_NORMAL_90 = 1.6449
_STEPS = 50


@dataclass(frozen=True)
class Noticed:
    """One window with the forecasts that have noticed a change and that have not.

    Attributes
    ----------
    observed
        Incidents on each street.
    noticed, unnoticed
        Expected there by both, in any unit: shares of the town are compared.
    """

    observed: IntArray
    noticed: FloatArray
    unnoticed: FloatArray

    def logs(self) -> FloatArray:
        """Return ln(noticed / unnoticed) of each street, 0 where nothing is expected."""
        known = (self.noticed > 0) & (self.unnoticed > 0)
        ratio = np.divide(self.noticed, self.unnoticed, out=np.ones(len(known)), where=known)
        return np.asarray(np.log(ratio), np.float64)


@dataclass(frozen=True)
class Counts:
    """Incidents on the streets that a change made safer, or worse; expected by both forecasts."""

    streets: int
    observed: int
    unnoticed: float
    noticed: float


@dataclass(frozen=True)
class Recovered:
    """How many times the assumed effect fits best, with a 90 % interval.

    Attributes
    ----------
    times, low, high
        1 is the assumed effect, 0 none; NaN where nothing changed or nothing followed.
    safer, worse
        Counts behind it.
    """

    times: float
    low: float
    high: float
    safer: Counts
    worse: Counts


def recovered_effect(windows: Sequence[Noticed]) -> Recovered:
    """Estimate from counts how large the effect of a change was, in units of the assumed one.

    With the expected shares p(t) ∝ unnoticed · exp(t · ln(noticed/unnoticed)), t is the one at
    which Σ ln(noticed/unnoticed) over the incidents is as expected: the best by likelihood. The
    level of the town cancels. Its error is that of the scatter of streets about the forecast
    (a sandwich), so that a forecast that misses single streets makes the interval wider.

    Examples
    --------
    Two streets were alike. One was lit and should have 20 % less, and 20 % less came:

    >>> window = Noticed(np.array([400, 500]), np.array([0.8, 1.0]), np.array([1.0, 1.0]))
    >>> found = recovered_effect([window])
    >>> round(found.times, 6), found.safer.observed, round(found.safer.unnoticed, 6)
    (1.0, 400, 450.0)
    """
    safer, worse = (_counts(windows, sign) for sign in (-1, 1))
    if not safer.streets + worse.streets or not any(one.observed.sum() for one in windows):
        return Recovered(np.nan, np.nan, np.nan, safer, worse)
    times = 0.0
    for _ in range(_STEPS):
        sums = np.sum([_moments(window, times) for window in windows], axis=0)
        step = sums[0] / sums[1]
        times += float(np.clip(step, -2, 2))
        if abs(step) < 1e-10:
            break
    _, curvature, scatter = np.sum([_moments(window, times) for window in windows], axis=0)
    error = float(np.sqrt(scatter) / curvature)
    return Recovered(times, times - _NORMAL_90 * error, times + _NORMAL_90 * error, safer, worse)


def beyond_before(after: Recovered, before: Recovered) -> tuple[float, float, float]:
    """Return times, low and high of an effect, less what the same streets showed before it.

    A forecast that shares out a neighbourhood's offences may miss the streets that changed before
    they changed; a year in which nothing had happened yet tells by how much.

    Examples
    --------
    >>> none = Counts(0, 0, 0.0, 0.0)
    >>> after = Recovered(1.3, 1.0, 1.6, none, none)
    >>> before = Recovered(0.2, -0.2, 0.6, none, none)
    >>> [round(value, 2) for value in beyond_before(after, before)]
    [1.1, 0.6, 1.6]
    """
    times = after.times - before.times
    half = float(np.hypot(after.high - after.times, before.high - before.times))
    return times, times - half, times + half


# -------------------------------------------------------------------------------------------


def _moments(window: Noticed, times: float) -> tuple[float, float, float]:
    """Return slope and curvature of the likelihood, and the variance of the slope."""
    logs, total = window.logs(), window.observed.sum()
    share = window.unnoticed * np.exp(times * logs)
    share = share / share.sum()
    middle = (share * logs).sum()
    off = logs - middle
    slope = (window.observed * off).sum()
    scatter = ((window.observed - total * share) ** 2 * off**2).sum()
    return float(slope), float(total * (share * off**2).sum()), float(scatter)


def _counts(windows: Sequence[Noticed], sign: int) -> Counts:
    moved: set[int] = set()
    sums = np.zeros(3)
    for window in windows:
        there = sign * window.logs() >= MOVED
        moved |= set(np.flatnonzero(there).tolist())
        total = window.observed.sum()
        sums += [
            window.observed[there].sum(),
            *(total * one[there].sum() / one.sum() for one in (window.unnoticed, window.noticed)),
        ]
    return Counts(len(moved), int(sums[0]), float(sums[1]), float(sums[2]))
