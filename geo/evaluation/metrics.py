"""How well a forecast met what then happened.

A forecast gives every cell an expected number of incidents; its window then brings the observed
ones. The most hazardous cells are flagged until a budget of area (or of street length) is spent:

=========  =========================================================================
hit1 …     share of all incidents in the flagged 1, 5 or 10 % of the size
PAI        share of the incidents in the flagged part over its share of the size
PEI        flagged incidents over the most that any cells of that size could hold
gain       mean over incidents of ln(forecast share of their cell / its share of area)
level_oe   observed / expected incidents of the whole town
ece10      Σ|observed − expected| / Σ expected over ten groups of equal expected number
top_oe     observed / expected in the first of these groups, the hottest
jaccard    overlap of the flagged 1 % of one window with that of the next
=========  =========================================================================

Gain, ece10 and top_oe judge where, not how many: the forecast is first scaled to the observed
total, and level_oe tells by how much. So a density that says nothing of the level is not blamed
for it. Counts of several windows are added before anything is divided. PEI depends on the size
of the cells: compare it on one grid only.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from geo.errors import UsageError

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

SQUARE_MILE_M2 = 1609.344**2
SHARES = {"1": 0.01, "5": 0.05, "10": 0.10}
SQUARE_MILES = {"025": 0.25, "072": 0.72}
"""Budgets by the ending of their measures' names: ``hit5`` and ``pai_025``."""

UNIFORM_SHARE = 0.01
"""Part of every forecast that is spread evenly over the area, so that no share is 0."""

GROUPS_OF_MASS = 10


@dataclass(frozen=True)
class Yardstick:
    """What the forecasts of one grid are judged by.

    Attributes
    ----------
    area_m2
        Area of each cell; the even forecast of `gain` follows it.
    size
        What a flagged cell costs: its area, or the length of its streets.
    budgets
        Name → size that is flagged.
    ties
        Distinct random numbers, one a cell: the lower goes first among equals.
    """

    area_m2: FloatArray
    size: FloatArray
    budgets: Mapping[str, float]
    ties: IntArray


@dataclass(frozen=True)
class WindowScore:
    """What one window adds to the measures; everything here may be summed over windows.

    Attributes
    ----------
    incidents
        How many the window brought.
    hits, flagged
        Budget → incidents in the flagged cells, and their size.
    most
        Budget in square miles → the most incidents that any cells of that size hold.
    log_gain
        Sum over incidents of the log of forecast share to even share.
    expected, observed
        Incidents in each of ten groups of equal expected number, hottest first.
    top
        Positions of the flagged 1 %.
    """

    incidents: int
    hits: Mapping[str, int]
    flagged: Mapping[str, float]
    most: Mapping[str, int]
    log_gain: float
    expected: FloatArray
    observed: FloatArray
    top: IntArray


def yardstick(
    area_m2: FloatArray, street_length_m: FloatArray | None = None, seed: int = 0
) -> Yardstick:
    """Fix budgets and the order among equals for one grid.

    Parameters
    ----------
    street_length_m
        Flags cells by the length of their streets instead of their area: shares of all streets,
        and no budget in square miles.
    seed
        Of the order among equals.

    Raises
    ------
    UsageError
        ``no_streets`` where street length is asked for and there is none.
    """
    size = area_m2 if street_length_m is None else street_length_m
    if not size.sum() > 0:
        raise UsageError("The area has no street to flag; judge it by area.", code="no_streets")
    budgets = {name: share * float(size.sum()) for name, share in SHARES.items()}
    if street_length_m is None:
        budgets |= {name: miles * SQUARE_MILE_M2 for name, miles in SQUARE_MILES.items()}
    ties = np.random.default_rng(seed).permutation(len(size)).astype(np.int64)
    return Yardstick(area_m2, size, budgets, ties)


def score_window(expected: FloatArray, observed: IntArray, stick: Yardstick) -> WindowScore:
    """Judge the forecast of one window.

    Parameters
    ----------
    expected, observed
        Incidents in each cell.
    """
    order = ranking(expected, stick)
    spent = np.cumsum(stick.size[order])
    caught = np.cumsum(observed[order])
    count = {name: _cells_of_budget(spent, budget) for name, budget in stick.budgets.items()}
    flagged = {name: float(spent[cells - 1]) for name, cells in count.items()}
    hits = {name: int(caught[cells - 1]) for name, cells in count.items()}
    mass, seen = _groups_of_mass(expected[order], observed[order])
    return WindowScore(
        incidents=int(observed.sum()),
        hits=hits,
        flagged=flagged,
        most={
            name: max(hits[name], most_incidents(observed, stick.size, flagged[name]))
            for name in SQUARE_MILES
            if name in flagged
        },
        log_gain=_log_gain(expected, observed, stick.area_m2),
        expected=mass,
        observed=seen,
        top=np.sort(order[: count["1"]]),
    )


def ranking(expected: FloatArray, stick: Yardstick) -> IntArray:
    """Return the cells by falling incidents per size; equals in the yardstick's order.

    A cell without size comes last: nothing in it can be flagged.
    """
    held = stick.size > 0
    density = np.divide(expected, stick.size, out=np.full(len(expected), -np.inf), where=held)
    return np.lexsort((stick.ties, -density))


def most_incidents(observed: IntArray, size: FloatArray, limit: float) -> int:
    """Return how many incidents cells of no more than this size hold at most.

    Found greedily: cells by falling count, smaller ones first among equals, each taken where it
    still fits.
    """
    held = np.flatnonzero((observed > 0) & (size > 0))
    order = held[np.lexsort((size[held], -observed[held]))]
    room, caught = limit * (1 + 1e-12), 0
    for cell_size, count in zip(size[order].tolist(), observed[order].tolist(), strict=True):
        if cell_size <= room:
            room -= cell_size
            caught += count
    return caught


def pooled_measures(scores: Sequence[WindowScore], stick: Yardstick) -> dict[str, float | None]:
    """Return every measure over several windows of one forecast, by name.

    None where a measure has nothing to stand on: no incident, one window, no square miles.

    Examples
    --------
    Two cells of equal area, three incidents, all in the cell that was forecast to have more.

    >>> stick = yardstick(np.array([5e6, 5e6]))
    >>> one = score_window(np.array([2.0, 1.0]), np.array([3, 0]), stick)
    >>> measures = pooled_measures([one], stick)
    >>> measures["n"], measures["hit1"], measures["pai_025"], measures["jaccard"]
    (3, 1.0, 2.0, None)
    """
    n = sum(score.incidents for score in scores)
    measures: dict[str, float | None] = {"n": n}
    for name in SHARES:
        measures[f"hit{name}"] = _ratio(sum(score.hits[name] for score in scores), n)
    for name in SQUARE_MILES:
        measures[f"pai_{name}"] = _accuracy_index(scores, stick, name)
    largest = list(SQUARE_MILES)[-1]
    if largest in stick.budgets:
        hits = sum(score.hits[largest] for score in scores)
        measures[f"pei_{largest}"] = _ratio(hits, sum(score.most[largest] for score in scores))
        measures[f"hits_{largest}"] = hits
    else:
        measures |= {f"pei_{largest}": None, f"hits_{largest}": None}
    expected, observed = calibration(scores)
    level = _ratio(n, float(expected.sum()))
    scaled = expected * (level or 0.0)
    return measures | {
        "gain": _ratio(sum(score.log_gain for score in scores), n),
        "level_oe": level,
        "ece10": _ratio(float(np.abs(observed - scaled).sum()), float(scaled.sum())),
        "top_oe": _ratio(float(observed[0]), float(scaled[0])),
        "jaccard": _stability([score.top for score in scores]),
    }


def calibration(scores: Sequence[WindowScore]) -> tuple[FloatArray, FloatArray]:
    """Return expected and observed incidents in ten groups of equal expected number."""
    expected = np.sum([score.expected for score in scores], axis=0)
    observed = np.sum([score.observed for score in scores], axis=0)
    return np.asarray(expected, np.float64), np.asarray(observed, np.float64)


def binomial_error(share: float | None, n: int) -> float | None:
    """Return the standard error of a share of n incidents.

    >>> round(binomial_error(0.5, 100), 3)
    0.05
    """
    return None if share is None or not n else math.sqrt(share * (1 - share) / n)


# -------------------------------------------------------------------------------------------


def _cells_of_budget(spent: FloatArray, budget: float) -> int:
    """Return how many cells are flagged: whole ones, until the budget is reached."""
    return min(int(np.searchsorted(spent, budget * (1 - 1e-12))) + 1, len(spent))


def _groups_of_mass(expected: FloatArray, observed: IntArray) -> tuple[FloatArray, FloatArray]:
    """Sum ranked cells in ten groups of equal expected number, by the middle of each cell."""
    total = expected.sum()
    middle = (np.cumsum(expected) - expected / 2) / total if total > 0 else np.zeros(len(expected))
    group = np.minimum((middle * GROUPS_OF_MASS).astype(np.int64), GROUPS_OF_MASS - 1)
    mass, seen = (
        np.bincount(group, weights=values, minlength=GROUPS_OF_MASS).astype(np.float64)
        for values in (expected, observed)
    )
    return mass, seen


def _log_gain(expected: FloatArray, observed: IntArray, area_m2: FloatArray) -> float:
    even = area_m2 / area_m2.sum()
    total = expected.sum()
    share = expected / total if total > 0 else even
    mixed = (1 - UNIFORM_SHARE) * share + UNIFORM_SHARE * even
    held = observed > 0
    return float((observed[held] * np.log(mixed[held] / even[held])).sum())


def _accuracy_index(scores: Sequence[WindowScore], stick: Yardstick, name: str) -> float | None:
    if name not in stick.budgets:
        return None
    caught = _ratio(
        sum(score.hits[name] for score in scores), sum(score.incidents for score in scores)
    )
    share = sum(score.flagged[name] for score in scores) / (len(scores) * float(stick.size.sum()))
    return None if caught is None else caught / share


def _stability(tops: Sequence[IntArray]) -> float | None:
    pairs = [
        len(np.intersect1d(one, other)) / len(np.union1d(one, other))
        for one, other in pairwise(tops)
    ]
    return sum(pairs) / len(pairs) if pairs else None


def _ratio(part: float, whole: float) -> float | None:
    return part / whole if whole > 0 else None
