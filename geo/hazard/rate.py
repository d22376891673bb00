"""Expected incidents per day in each cell and offence group: where, how many, how sure.

The background m mixes kernels of the group's own incidents (different widths and memories),
kernels of where other groups' incidents are, and a base of streets and area. Each cell's own
record then pulls its background up or down (ū), and κ keeps the town's level::

    m = L · Σ ω_k F_k          ū = (a + y + ρ y^X) / (a + m E + ρ b)          λ = κ · m · ū
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geo.hazard.components import Mixtures, mixtures
from geo.hazard.evidence import Evidence
from geo.hazard.fitted import Model
from geo.hazard.uncertainty import background_variance, bandwidths_m, common_share

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class TownRate:
    """The rate with every step that led to it; arrays are groups × cells unless said.

    Attributes
    ----------
    level
        L, incidents per day in the town in the days ahead, one a group.
    level_of_year
        L without the month's ups and downs; the same where no month stands out.
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
    common
        Part of that variance that the groups of a cell have in common, 0–1.
    """

    level: FloatArray
    level_of_year: FloatArray
    level_variance: FloatArray
    base: FloatArray
    mixtures: Mixtures
    background: FloatArray
    contrast: FloatArray
    effect: FloatArray
    kappa: FloatArray
    expected: FloatArray
    shape: FloatArray
    common: FloatArray


def town_rate(evidence: Evidence, contrast: FloatArray, model: Model) -> TownRate:
    """Estimate the rate of each group in each cell.

    Parameters
    ----------
    contrast
        Groups × cells, factor of standing conditions (1 where nothing is known).

    Notes
    -----
    Where one group alone has incidents, the other groups' components drop out, the remaining
    weights are scaled to 1 and ρ is 0. A component without incidents hands its weight to the
    base. A group without incidents has rate 0 everywhere. The month moves the level alone: the
    record of a place is compared with what the whole year leads to expect.

    The posterior is as wide as that of the pull and the background together::

        1 / shape = φ · (1 / (a + y + ρ y^X) + background_error · Var F / F²)

    so that shape and rate are both divided, and the mean stays.
    """
    weights = mixture_weights(evidence, model)
    mixed = mixtures(evidence.shares, evidence.base, weights, model.parameters)
    level_of_year, level = _levels(evidence, model)
    background = level_of_year[:, None] * mixed.full * contrast
    a, rho = _effect_numbers(evidence, model)
    shape, effect = pull_of_record(evidence, background, a, rho)
    pulled = background * effect
    total = pulled.sum(axis=1)
    kappa = np.divide(level, total, out=np.ones_like(level), where=total > 0)
    expected = kappa[:, None] * pulled
    return TownRate(
        level=level,
        level_of_year=level_of_year,
        level_variance=evidence.level_variance,
        base=evidence.base,
        mixtures=mixed,
        background=background,
        contrast=contrast,
        effect=effect,
        kappa=kappa,
        expected=expected,
        shape=_widened(shape, evidence, mixed.full, (weights, model))
        / _dispersion(evidence, expected, model),
        common=common_share(a, rho, shape),
    )


def mixture_weights(evidence: Evidence, model: Model) -> FloatArray:
    """Return the weights of the components, groups × (components, base).

    Those of other groups are 0 where one group alone has incidents.
    """
    weights = np.array([model.weights(group) for group in evidence.groups])
    if evidence.one_group:
        weights[:, len(model.parameters.own_components) : -1] = 0
    return weights


def pull_of_record(
    evidence: Evidence, background: FloatArray, a: FloatArray, rho: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return shape and mean of the pull of each cell's own record, groups × cells.

    Parameters
    ----------
    background
        m, incidents per day, groups × cells.
    a, rho
        Groups × 1.
    """
    shape = a + evidence.record + rho * evidence.others
    rate = a + background * evidence.exposure_days + rho * evidence.expected_others
    return shape, shape / rate


# -------------------------------------------------------------------------------------------


def _levels(evidence: Evidence, model: Model) -> tuple[FloatArray, FloatArray]:
    """Return the level of the whole year, and that of the days ahead."""
    season = np.array([model.season(group) for group in evidence.groups])
    past = (season * evidence.months_past).sum(axis=1)
    ahead = (season * evidence.months_ahead).sum(axis=1)
    return evidence.level / past, evidence.level * ahead / past


def _effect_numbers(evidence: Evidence, model: Model) -> tuple[FloatArray, FloatArray]:
    """Return a and ρ as columns, one row a group."""
    a = np.array([[model.effect_shape(group)] for group in evidence.groups])
    rho = np.array([[model.effect_other_groups(group)] for group in evidence.groups])
    return a, rho * (not evidence.one_group)


def _widened(
    shape: FloatArray, evidence: Evidence, mixed: FloatArray, chosen: tuple[FloatArray, Model]
) -> FloatArray:
    """Return the shape of pull and background together."""
    weights, model = chosen
    total = weights.sum(axis=1, keepdims=True)
    chance = background_variance(
        evidence.shares,
        mixed,
        weights / np.where(total > 0, total, 1.0),
        evidence.concentration,
        (bandwidths_m(model.parameters), evidence.area_m2),
    )
    return shape / (1 + shape * model.parameters.background_error * chance)


def _dispersion(evidence: Evidence, expected: FloatArray, model: Model) -> FloatArray:
    """Return φ ≥ 1 of each group and cell."""
    return np.stack(
        [
            model.dispersion(group).of(row)
            for group, row in zip(evidence.groups, expected, strict=True)
        ]
    )
