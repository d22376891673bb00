"""How sure a number is: intervals, words for them, and ranks under the uncertainty.

The harm of a place is a sum over cells and groups. Its interval is that of the Gamma
distribution with the same mean and variance.
"""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from scipy.special import gammaincc, gammaincinv

from geo.hazard.effect_draws import effect_moves
from geo.parameters import HazardParameters

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

STRONG, TENTATIVE, TOO_FEW = "strong", "tentative", "too_few"


@dataclass(frozen=True)
class SectionDraws:
    """What the draws need to know of the street parts, their cells and their sections.

    Attributes
    ----------
    cell_mean, cell_variance
        Harm of each cell, the variance without that of the level.
    cell_shares
        Share of each group in it, cells × groups.
    level_variance
        Relative variance of each group's level, common to all places.
    part_cell, part_section, part_harm
        Positions of the street parts, and their harm.
    part_moves
        By how much ln of it moves with one standard deviation of each assumed effect (darkness,
        patrols, cameras), parts × 3; 0 where nothing has changed.
    length_m
        Length of each section.
    burden_ratio
        Route burden over harm of each section; None where no exposure is known.
    """

    cell_mean: FloatArray
    cell_variance: FloatArray
    cell_shares: FloatArray
    level_variance: FloatArray
    part_cell: IntArray
    part_section: IntArray
    part_harm: FloatArray
    part_moves: FloatArray
    length_m: FloatArray
    burden_ratio: FloatArray | None


@dataclass(frozen=True)
class Standing:
    """Where each section stands among all, under the uncertainty.

    Attributes
    ----------
    p_top
        Probability of lying in the worst part of the town's streets by length.
    rank_low, rank_high
        Range of its rank by harm per metre; 1 is the worst.
    burden_rank_low, burden_rank_high
        The same by route burden per metre; None where no exposure is known.
    """

    p_top: FloatArray
    rank_low: IntArray
    rank_high: IntArray
    burden_rank_low: IntArray | None
    burden_rank_high: IntArray | None


def gamma_interval(
    mean: FloatArray, variance: FloatArray, quantiles: tuple[float, float]
) -> tuple[FloatArray, FloatArray]:
    """Return low and high end of the Gamma with this mean and variance; 0 where the mean is 0.

    Examples
    --------
    Mean 2, variance 4 is the exponential distribution: −2 ln .95 and −2 ln .05.

    >>> low, high = gamma_interval(np.array([2.0]), np.array([4.0]), (0.05, 0.95))
    >>> low.round(4).tolist(), high.round(4).tolist()
    ([0.1026], [5.9915])
    """
    shape, scale = _shape_scale(mean, variance)
    with ThreadPoolExecutor(len(quantiles)) as pool:  # SciPy lets both ends be found at once
        low, high = pool.map(lambda quantile: gammaincinv(shape, quantile) * scale, quantiles)
    return low, high


def gamma_shape(interval: tuple[float, float], quantiles: tuple[float, float]) -> float:
    """Return the shape of the Gamma whose quantiles stand in the ratio of these ends.

    Infinite where both ends are equal: nothing is unsure.

    Examples
    --------
    >>> round(gamma_shape((0.1026, 5.9915), (0.05, 0.95)), 3)
    1.0
    """
    low, high = interval
    if not low < high:
        return math.inf
    few, many = -12.0, 40.0  # logs of the shape: the ratio falls as it grows
    for _ in range(100):
        middle = (few + many) / 2
        ends = [gammaincinv(math.exp(middle), quantile) for quantile in quantiles]
        too_wide = ends[1] * low > high * ends[0]
        few, many = (middle, many) if too_wide else (few, middle)
    return math.exp(few)


def confidence_words(
    low: FloatArray, high: FloatArray, parameters: HazardParameters
) -> npt.NDArray[np.object_]:
    """Say how sure an interval is: strong (high/low ≤ 4), tentative (≤ 10) or too_few."""
    words = np.full(low.shape, TOO_FEW, dtype=object)
    known = low > 0
    words[known & (high <= parameters.tentative_ratio * low)] = TENTATIVE
    words[known & (high <= parameters.strong_ratio * low)] = STRONG
    return words


def probability_above(mean: FloatArray, variance: FloatArray, threshold: FloatArray) -> FloatArray:
    """Return the posterior probability that the harm lies above a threshold; 0 for mean 0."""
    shape, scale = _shape_scale(mean, variance)
    ratio = np.divide(threshold, scale, out=np.full_like(mean, np.inf), where=scale > 0)
    return np.where(mean > 0, gammaincc(shape, ratio), 0.0)


def section_standing(draws: SectionDraws, parameters: HazardParameters, seed: int) -> Standing:
    """Rank the sections in draws of the posterior.

    Each draw gives every cell its own harm, every group its own level, and every assumed effect
    one value for the whole town; a part moves with its cell, and with the effects as far as
    something has changed there. 400 draws by default; the same seed gives the same ranks. Without
    any harm no section stands out: all share the whole range of ranks.
    """
    sections = len(draws.length_m)
    if not draws.part_harm.sum() > 0:
        return _nothing_known(sections, burden=draws.burden_ratio is not None)
    cells, part_cell = np.unique(draws.part_cell, return_inverse=True)
    carried = _Carried(draws, part_cell, len(cells), effect_moves(_of_effects(seed), parameters))
    shares = np.ascontiguousarray(draws.cell_shares[cells].T)
    shape, _ = _shape_scale(draws.cell_mean[cells], draws.cell_variance[cells])
    random = np.random.default_rng(seed)
    levels = _level_factors(random, draws.level_variance, parameters.draws)
    floor = np.maximum(draws.length_m, parameters.length_floor_m)
    top = np.zeros(sections)
    ranks: list[npt.NDArray[np.int32]] = []
    burden_ranks: list[npt.NDArray[np.int32]] = []
    for number, level in enumerate(levels):
        factor = random.standard_gamma(shape) / shape * _weighted(shares, level)
        intensity = carried.by_section(factor, number) / floor
        order = rising_order(intensity)
        top[order] += _is_top(draws.length_m[order], parameters.top_share)
        ranks.append(_ranks(order))
        if draws.burden_ratio is not None:
            by_burden = rising_order(intensity * draws.burden_ratio)
            burden_ranks.append(_ranks(by_burden))
    low, high = _rank_range(ranks, parameters)
    burden = _rank_range(burden_ranks, parameters) if burden_ranks else (None, None)
    return Standing(top / len(levels), low, high, *burden)


def rising_order(values: FloatArray) -> IntArray:
    """Return the order of rising values, equal ones as they stand.

    What a stable sort gives, at a fraction of its time: few values are equal but zeros.

    Examples
    --------
    >>> rising_order(np.array([0.5, 0.0, 0.25, 0.0])).tolist()
    [1, 3, 2, 0]
    """
    order = np.argsort(values)
    rising = values[order]
    ends = np.flatnonzero(np.diff(rising[1:] == rising[:-1], prepend=False, append=False))
    for first, last in ends.reshape(-1, 2).tolist():
        order[first : last + 1].sort()
    return order


# -------------------------------------------------------------------------------------------


class _Carried:
    """The harm of the parts, carried to sections under each draw."""

    def __init__(
        self, draws: SectionDraws, part_cell: IntArray, cells: int, moves: FloatArray
    ) -> None:
        order = np.lexsort((part_cell, draws.part_section))
        starts = np.searchsorted(draws.part_section[order], np.arange(len(draws.length_m) + 1))
        self._harm = draws.part_harm[order]
        self._matrix = csr_matrix(
            (self._harm.copy(), part_cell[order], starts), shape=(len(draws.length_m), cells)
        )
        by_effect = draws.part_moves[order]
        self._changed = np.flatnonzero(by_effect.any(axis=1))
        self._by_effect = by_effect[self._changed]
        self._moves = moves

    def by_section(self, cell_factor: FloatArray, draw: int) -> FloatArray:
        """Return the harm of each section where each cell's is multiplied by its factor."""
        # The effect of an unsure β is taken in the logarithm, as if the mix of groups and hours
        # of a part stayed: within half a percent even two standard deviations away.
        if len(self._changed):
            logs = (self._by_effect * self._moves[:, draw]).sum(axis=1)
            self._matrix.data[self._changed] = self._harm[self._changed] * np.exp(logs)
        return np.asarray(self._matrix @ cell_factor, np.float64)


def _of_effects(seed: int) -> np.random.Generator:
    """Return a stream apart from that of cells and levels, which draw as they ever did."""
    return np.random.default_rng((seed, 1))


def _nothing_known(sections: int, *, burden: bool) -> Standing:
    low, high = np.ones(sections, np.int64), np.full(sections, sections, np.int64)
    return Standing(np.zeros(sections), low, high, *((low, high) if burden else (None, None)))


def _shape_scale(mean: FloatArray, variance: FloatArray) -> tuple[FloatArray, FloatArray]:
    there = (mean > 0) & (variance > 0)
    shape = np.divide(mean**2, variance, out=np.ones_like(mean), where=there)
    scale = np.divide(variance, mean, out=np.zeros_like(mean), where=there)
    return shape, scale


def _level_factors(random: np.random.Generator, variance: FloatArray, draws: int) -> FloatArray:
    """Draw each group's level relative to its mean, draws × groups."""
    known = variance > 0
    shape = np.divide(1, variance, out=np.ones_like(variance), where=known)
    return np.where(known, random.standard_gamma(shape, size=(draws, len(shape))) / shape, 1.0)


def _weighted(shares: FloatArray, level: FloatArray) -> FloatArray:
    # Summed in order: a matrix product may differ in the last bit with the number of threads.
    total = np.zeros(shares.shape[1])
    for row, factor in zip(shares, level, strict=True):
        total += row * factor
    return total


def _is_top(length_m: FloatArray, share: float) -> FloatArray:
    """Mark, in rising order, the sections with at least 1 − share of the length below them."""
    below = np.cumsum(length_m) - length_m
    return (below >= (1 - share) * length_m.sum()).astype(float)


def _ranks(rising: IntArray) -> npt.NDArray[np.int32]:
    ranks = np.empty(len(rising), np.int32)
    ranks[rising] = np.arange(len(rising), 0, -1, dtype=np.int32)
    return ranks


def _rank_range(
    ranks: list[npt.NDArray[np.int32]], parameters: HazardParameters
) -> tuple[IntArray, IntArray]:
    rising = np.sort(np.column_stack(ranks), axis=1)
    low, high = (
        rising[:, math.ceil(quantile * len(ranks)) - 1].astype(np.int64)
        for quantile in parameters.interval
    )
    return low, high
