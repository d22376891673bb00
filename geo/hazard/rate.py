"""Expected incidents per day in each cell and offence group: where, how many, how sure.

The background m mixes kernels of the group's own incidents (different widths and memories),
kernels of where other groups' incidents are, and a base of streets and area. Each cell's own
record then pulls its background up or down (ū), and κ keeps the town's level::

    m = L · Σ ω_k F_k          ū = (a + y + ρ y^X) / (a + m E + ρ b)          λ = κ · m · ū
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geo.cells import CellGrid
from geo.hazard.components import (
    Mixtures,
    event_kernels,
    memory,
    mixtures,
    nearby_share,
    of_others,
)
from geo.hazard.counted import CountedIncidents, group_mass
from geo.hazard.fitted import Model
from geo.parameters import GROUPS, HazardParameters

FloatArray = npt.NDArray[np.float64]
Covered = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class TownRate:
    """The rate with every step that led to it; arrays are groups × cells unless said.

    Attributes
    ----------
    level
        L, incidents per day in the town, one a group.
    level_variance
        Variance of the level relative to its square, one a group (1/n for n equal incidents).
    base
        Share of the base in each cell (cells only), never 0, summing to 1.
    mixtures
        F, the share of the town's incidents in each cell, in three steps.
    background
        m, incidents per day, after the prior contrast of standing conditions.
    contrast
        Factor of that contrast.
    effect
        ū, the mean pull of the cell's own record.
    kappa
        κ, one a group.
    expected
        λ, incidents per day.
    shape
        Shape of the Gamma posterior of λ; its variance is λ²/shape, besides the level's.
    """

    level: FloatArray
    level_variance: FloatArray
    base: FloatArray
    mixtures: Mixtures
    background: FloatArray
    contrast: FloatArray
    effect: FloatArray
    kappa: FloatArray
    expected: FloatArray
    shape: FloatArray


def town_rate(
    counted: CountedIncidents,
    grid: CellGrid,
    base: FloatArray,
    contrast: FloatArray,
    model: Model,
) -> TownRate:
    """Estimate the rate of each group in each cell.

    Parameters
    ----------
    base
        Share of each cell in the base, from `base_share`.
    contrast
        Groups × cells, factor of standing conditions (1 where nothing is known).

    Notes
    -----
    Where one group alone has incidents, the other groups' components drop out, the remaining
    weights are scaled to 1 and ρ is 0. A component without incidents hands its weight to the
    base. A group without incidents has rate 0 everywhere.
    """
    parameters = model.parameters
    one_group = int((counted.count_by_group() > 0).sum()) <= 1
    kernels = event_kernels(counted, grid, parameters)
    mixed = mixtures(kernels, base, model, one_group=one_group)
    level, level_variance = _level(counted, parameters.level_half_life_days)
    background = level[:, None] * mixed.full * contrast

    record = group_mass(
        counted, grid, memory(counted, parameters.effect_half_life_days), parameters
    )
    others = of_others(record)
    expected_others = others.sum(axis=1, keepdims=True) * nearby_share(kernels, base, parameters)
    exposure = exposure_days(counted.covered, parameters.effect_half_life_days)
    a, rho, dispersion = _effect_numbers(model, one_group=one_group)
    shape = a + record + rho * others
    rate = a + background * exposure + rho * expected_others

    effect = shape / rate
    pulled = background * effect
    total = pulled.sum(axis=1)
    kappa = np.divide(level, total, out=np.ones_like(level), where=total > 0)
    return TownRate(
        level=level,
        level_variance=level_variance,
        base=base,
        mixtures=mixed,
        background=background,
        contrast=contrast,
        effect=effect,
        kappa=kappa,
        expected=kappa[:, None] * pulled,
        shape=shape / dispersion,
    )


def base_share(
    street_length_m: FloatArray, area_m2: FloatArray, parameters: HazardParameters
) -> FloatArray:
    """Share the base over cells: nine tenths by street length, the rest by area.

    Without any street, area alone decides.

    Examples
    --------
    >>> base_share(np.array([300.0, 100.0]), np.array([1.0, 1.0]), HazardParameters()).round(4)
    array([0.725, 0.275])
    """
    by_area = area_m2 / area_m2.sum()
    streets = street_length_m.sum()
    if not streets > 0:
        return by_area
    share = parameters.base_street_share
    return share * street_length_m / streets + (1 - share) * by_area


def exposure_days(covered: Covered, half_life_days: float) -> float:
    """Return the days of full weight that a memory has seen.

    Parameters
    ----------
    covered
        Disjoint spans (u, v) in days before the forecast, u < v.

    Examples
    --------
    One half-life covered without a gap: (1 − ½) · 60 / ln 2.

    >>> round(exposure_days(((0.0, 60.0),), 60), 4)
    43.2809
    """
    weight = sum(2 ** (-near / half_life_days) - 2 ** (-far / half_life_days)
                 for near, far in covered)  # fmt: skip
    return weight * half_life_days / math.log(2)


# -------------------------------------------------------------------------------------------


def _level(counted: CountedIncidents, half_life_days: float) -> tuple[FloatArray, FloatArray]:
    weight = memory(counted, half_life_days)
    total = np.bincount(counted.group, weights=weight, minlength=len(GROUPS))
    exposure = exposure_days(counted.covered, half_life_days)
    level = total / exposure if exposure > 0 else np.zeros(len(GROUPS))
    # Shares before squares: the square of a very old memory is 0 in floating point.
    own = total[counted.group]
    share = np.divide(weight, own, out=np.zeros_like(weight), where=own > 0)
    variance = np.bincount(counted.group, weights=share**2, minlength=len(GROUPS))
    return level, np.asarray(variance, np.float64)


def _effect_numbers(model: Model, *, one_group: bool) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return a, ρ and φ as columns, one row a group."""
    a = np.array([[model.effect_shape(group)] for group in GROUPS])
    rho = np.array([[model.effect_other_groups(group)] for group in GROUPS])
    phi = np.array([[model.dispersion(group)] for group in GROUPS])
    return a, rho * (not one_group), phi
