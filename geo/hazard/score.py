"""The hazard of a place: expected harm in days of sanction per month. The formula on one screen.

A *part* is a street section inside one cell; a cell without a street is one part. In window τ::

    H_part,τ = 30.4375 · Σ_g  s_g · λ_g(cell) · W · π_gτ(cell) · exp(change_gτ)

    s_g     mean days of sanction of an offence of group g            severity.py
    λ_g     expected incidents a day in the part's cell               rate.py
    W       share of its cell that the part carries (0..1)            crosswalk of streets
    π_gτ    share of the group's incidents in the window, hereabouts  hours.py
    change  darkness, patrols, cameras now against the memory         modifiers.py

A cell's and a section's hazard are the sums over their parts, so what the sections and the
places off the streets hold is what the cells hold. The windows add up to the day.

The interval comes from the posterior of λ (posterior.py) and, where something has changed, from
the doubt about the assumed effects; score and class from the reference
(reference.py), the reason from a chain of values that ends at H (explain.py).

A worked example. A town of one cell with two streets that meet at a corner, A of 40 m and B of
130 m. One theft in the middle of A, without an hour and so counted at noon, 59.5 days before the
forecast, in 600 days of records; no article is known, so that it counts 1 incident::

    rate of the cell       λ   = 2^(−59.5/60) / 86.47717                 = 0.00581537 a day
    hazard of the cell     H   = 30.4375 · 1 · λ                         = 0.1770052 a month
    kernel along streets   k_A = 40,  k_B = 130 · exp(−85²/(2·200²))     = 118.7739
    share of A             W   = .9·40/158.7739 + .1·40/170              = 0.2502669
    hazard of A            H_A = H · W                                   = 0.0442985 a month
    score of A             B's 130 of 170 m are less hazardous a metre   = 76.5, class 2

`tests/trace` pushes the same incident from its row to the decoded tile. A larger example is that
of `geo.hazard.town.town_hazard`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import csr_matrix

from geo import columns as c
from geo.hazard.modifiers import ChangeSince
from geo.hazard.rate import TownRate
from geo.parameters import DAYS_PER_MONTH

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Pieces:
    """Harm by independent piece (a part, or a cell), before it is summed to places.

    Attributes
    ----------
    harm
        H, pieces × groups × windows.
    expected
        Λ, incidents a month, before any change since the history.
    shape
        Shape of each group's posterior, pieces × groups.
    common
        Part of its variance that the groups have in common, pieces × groups.
    chain
        A0 … A6 of the explanation and the steps inside A4 (`geo.hazard.explain.cell_chain`),
        pieces × 9.
    timed, lit, patrolled
        A7, A7 with the change of light alone, and with that of light and patrol, pieces × windows.
    by_effect
        Move of the harm by one standard deviation of each assumed effect (darkness, patrol,
        cameras), pieces × effects × windows.
    light_variance
        Variance from light that is unknown, pieces × (day, windows).
    """

    harm: FloatArray
    expected: FloatArray
    shape: FloatArray
    common: FloatArray
    chain: FloatArray
    timed: FloatArray
    lit: FloatArray
    patrolled: FloatArray
    by_effect: FloatArray
    light_variance: FloatArray


@dataclass(frozen=True)
class PlaceHarm:
    """Harm of places of one kind; column 0 of `mean` and `variance` is the day.

    Attributes
    ----------
    mean, variance
        Places × (day, windows); `variance` holds that of the level and of the assumed effects,
        which are common to the town, `own_variance` (day) does not.
    by_group
        Harm of the day, places × groups.
    expected, chain, timed, lit, patrolled
        As in `Pieces`.
    """

    mean: FloatArray
    variance: FloatArray
    own_variance: FloatArray
    by_group: FloatArray
    expected: FloatArray
    chain: FloatArray
    timed: FloatArray
    lit: FloatArray
    patrolled: FloatArray


def part_pieces(
    parts: pd.DataFrame,
    rate: TownRate,
    weighing: tuple[FloatArray, FloatArray],
    change: ChangeSince,
    chain: FloatArray,
) -> Pieces:
    """Compute the harm of every part: the formula above.

    Parameters
    ----------
    parts
        Position ``cell`` and ``weight`` W of each part.
    weighing
        Severity s (groups) and hour shares π (groups × windows × cells).
    chain
        Of the cells.
    """
    severity, hours = weighing
    cell = parts["cell"].to_numpy(np.int64)
    weight = parts[c.WEIGHT].to_numpy(float)

    expected = DAYS_PER_MONTH * rate.expected.T[cell] * weight[:, None]
    # The array is large: from here on it is multiplied in place, step by step to the harm.
    harm = (severity * expected)[:, :, None] * np.moveaxis(hours, 2, 0)[cell]
    timed = harm.sum(axis=1)
    harm *= change.light
    lit = harm.sum(axis=1)
    harm *= change.patrol[:, None, :]
    patrolled = harm.sum(axis=1)
    harm *= change.camera[:, None, None]

    return Pieces(
        harm=harm,
        expected=expected.sum(axis=1),
        shape=rate.shape.T[cell],
        common=rate.common.T[cell],
        chain=chain[cell] * weight[:, None],
        timed=timed,
        lit=lit,
        patrolled=patrolled,
        by_effect=np.stack([doubt.of(harm) for doubt in change.effects], axis=1),
        light_variance=_with_day(change.unknown_light.of(harm)) ** 2,
    )


def cell_pieces(pieces: Pieces, parts: pd.DataFrame, rate: TownRate) -> Pieces:
    """Sum parts to their cells; a cell's parts share one posterior, so they are one piece."""
    cells = _Sums(parts["cell"].to_numpy(np.int64), rate.expected.shape[1])
    return Pieces(
        harm=cells.of(pieces.harm),
        expected=cells.of(pieces.expected),
        shape=rate.shape.T,
        common=rate.common.T,
        chain=cells.of(pieces.chain),
        timed=cells.of(pieces.timed),
        lit=cells.of(pieces.lit),
        patrolled=cells.of(pieces.patrolled),
        by_effect=cells.of(pieces.by_effect),
        light_variance=cells.of(pieces.light_variance),
    )


def place_harm(
    pieces: Pieces, place: IntArray, places: int, level_variance: FloatArray
) -> PlaceHarm:
    """Sum pieces to places: means add, and so do variances of independent pieces.

    The groups of one piece are not independent: what they have in common adds up before it is
    squared. The error of a group's level is common to all pieces, so its variance grows with the
    square of the place's harm; so is that of an assumed effect.

    Parameters
    ----------
    place
        Position of each piece's place; −1 for pieces that belong to none.
    level_variance
        Relative variance of each group's level.
    """
    harm = [pieces.harm.sum(axis=2), *np.moveaxis(pieces.harm, 2, 0)]
    sums = _Sums(place, places)
    by_group = [sums.of(one) for one in harm]
    own = np.column_stack([sums.of(_own_variance(one, pieces)) for one in harm])
    own = own + sums.of(pieces.light_variance)
    common = [(one**2 * level_variance).sum(axis=1) for one in by_group]
    by_effect = _with_day(sums.of(pieces.by_effect))
    return PlaceHarm(
        mean=np.column_stack([one.sum(axis=1) for one in by_group]),
        variance=own + np.column_stack(common) + (by_effect**2).sum(axis=1),
        own_variance=own[:, 0],
        by_group=by_group[0],
        expected=sums.of(pieces.expected),
        chain=sums.of(pieces.chain),
        timed=sums.of(pieces.timed),
        lit=sums.of(pieces.lit),
        patrolled=sums.of(pieces.patrolled),
    )


def _own_variance(harm: FloatArray, pieces: Pieces) -> FloatArray:
    """Return the variance of the harm of each piece, all groups together."""
    variance = harm**2 / pieces.shape
    together = np.sqrt(variance * pieces.common).sum(axis=1) ** 2
    return np.asarray((variance * (1 - pieces.common)).sum(axis=1) + together, np.float64)


def _with_day(by_window: FloatArray) -> FloatArray:
    """Put the sum over the windows before them."""
    return np.concatenate([by_window.sum(axis=-1, keepdims=True), by_window], axis=-1)


def sum_by(place: IntArray, values: FloatArray, places: int) -> FloatArray:
    """Sum rows of values by place, in the order of the rows; place −1 is left out."""
    return _Sums(place, places).of(values)


class _Sums:
    """Sums of many values by the same places, as `sum_by` makes them."""

    def __init__(self, place: IntArray, places: int) -> None:
        there = np.flatnonzero(place >= 0)
        ones = np.ones(len(there))
        self._rows = csr_matrix((ones, (place[there], there)), shape=(places, len(place)))

    def of(self, values: FloatArray) -> FloatArray:
        """Return the sums of values whose first axis is that of the places."""
        flat = values.reshape(len(values), -1) if values.ndim > 2 else values
        sums = np.asarray(self._rows @ flat, np.float64)
        return sums.reshape(len(sums), *values.shape[1:])
