"""How unsure the rate of a cell is: its own few incidents, and the background drawn from others'.

The posterior of a cell's pull is that of its record (rate.py). But the background m that it
pulls at is an estimate too: far from incidents it rests on the tail of one or two kernels. A
kernel of width h that is fed by incidents of equal weight has the variance::

    Var F = Σ_i k(i)² / n²  ≈  F · area / (4π h²) · Σ w² / (Σ w)²

because a Gaussian squared is again one, 4π h² wide. It is never taken for more than F², which is
one incident alone. All components rest on the same incidents, so their deviations add up. What a
kernel smooths away errs about as much again as chance does; `background_error` says how much is
counted in all. It was chosen on towns with planted rates (tests/geo/test_coverage_of_intervals.py).
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from geo.hazard.components import component_keys, memory
from geo.hazard.counted import CountedIncidents, first_at_address
from geo.parameters import HazardParameters

FloatArray = npt.NDArray[np.float64]


def memory_concentration(counted: CountedIncidents, parameters: HazardParameters) -> FloatArray:
    """Return Σ w² / (Σ w)² of each component, components × groups: 1/n for n equal incidents.

    0 where a component has no incident.
    """
    groups = range(len(counted.groups))
    own = [counted.group == group for group in groups]
    others = [first_at_address(counted, group) for group in groups]
    found: dict[tuple[str, float], list[float]] = {}
    for kind, _, life in component_keys(parameters):
        if (kind, life) not in found:
            weight = memory(counted, life)
            chosen = own if kind == "own" else others
            found[kind, life] = [_concentration(weight[mask]) for mask in chosen]
    return np.array([found[kind, life] for kind, _, life in component_keys(parameters)])


def bandwidths_m(parameters: HazardParameters) -> FloatArray:
    """Return the bandwidth of each component in metres."""
    return np.array([width for _, width, _ in component_keys(parameters)])


def background_variance(
    shares: FloatArray,
    mixed: FloatArray,
    weights: FloatArray,
    concentration: FloatArray,
    widths: tuple[FloatArray, FloatArray],
) -> FloatArray:
    """Return the variance of the mixture by chance, relative to its square, groups × cells.

    Parameters
    ----------
    shares
        Components × groups × cells.
    mixed
        Their mixture with the base, groups × cells.
    weights
        Groups × (components, base), each row summing to 1.
    concentration
        From `memory_concentration`.
    widths
        Bandwidth of each component in m, and area of each cell in m².
    """
    bandwidth_m, area_m2 = widths
    deviation = np.zeros_like(mixed)
    for share, weight, one, h in zip(
        shares, weights.T[:-1], concentration, bandwidth_m, strict=True
    ):
        by_chance = share * (one[:, None] * area_m2 / (4 * math.pi * h**2))
        deviation += weight[:, None] * np.sqrt(np.minimum(by_chance, share**2))
    return (deviation / mixed) ** 2


def common_share(a: FloatArray, rho: FloatArray, shape: FloatArray) -> FloatArray:
    """Return what part of a cell's error its groups have in common, 0–1, groups × cells.

    What makes a cell's pull and is in no record yet, a of a + y + ρ y^X, is the same for all
    groups as far as ρ says that one group's record speaks for another's.

    Parameters
    ----------
    a, rho
        Groups × 1.
    shape
        a + y + ρ y^X, groups × cells.
    """
    return np.minimum(rho, 1) * a / shape


# -------------------------------------------------------------------------------------------


def _concentration(weight: FloatArray) -> float:
    total = weight.sum()
    # Shares before squares: the square of a very old memory is 0 in floating point.
    return float(((weight / total) ** 2).sum()) if total > 0 else 0.0
