"""What the incidents known at one origin say, before any weight is chosen.

Weights, pull and dispersion are estimated on many past origins and applied at one. Both start
here, so that a fitted number always meets the quantity that it was fitted on.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geo.cells import Grid
from geo.hazard.components import (
    component_shares,
    event_kernels,
    memory,
    nearby_share,
    of_others,
)
from geo.hazard.counted import CountedIncidents, group_mass
from geo.hazard.season import months_ahead, months_remembered
from geo.hazard.uncertainty import memory_concentration
from geo.parameters import HazardParameters

FloatArray = npt.NDArray[np.float64]
Covered = tuple[tuple[float, float], ...]

MONTH_DAYS = 30
"""Days that a forecast looks ahead when it asks for the months it falls in."""


@dataclass(frozen=True)
class Evidence:
    """Records and kernels at one origin.

    Attributes
    ----------
    groups
        Names of the offence groups.
    shares
        Components × groups × cells; a row sums to 1, or is 0 where it has no incident.
    concentration
        Σ w² / (Σ w)² of the incidents behind each component, components × groups.
    area_m2
        Part of each cell inside the study area.
    base
        Share of the base in each cell, never 0, summing to 1.
    record, others
        y and y^X: weighted incidents of the group, and of all others, groups × cells.
    expected_others
        b, how many of the others' are expected there, groups × cells.
    exposure_days
        E, the days of full weight behind the record.
    level, level_variance
        L, incidents per day in the town, and its variance relative to its square, one a group.
    months_past, months_ahead
        Share of each calendar month in the memory of the level, and in the days ahead.
    """

    groups: tuple[str, ...]
    shares: FloatArray
    concentration: FloatArray
    area_m2: FloatArray
    base: FloatArray
    record: FloatArray
    others: FloatArray
    expected_others: FloatArray
    exposure_days: float
    level: FloatArray
    level_variance: FloatArray
    months_past: FloatArray
    months_ahead: FloatArray

    @property
    def one_group(self) -> bool:
        """Tell whether no more than one group has incidents: nobody else's can be asked."""
        return int((self.record.sum(axis=1) > 0).sum()) <= 1


def rate_evidence(
    counted: CountedIncidents, grid: Grid, base: FloatArray, parameters: HazardParameters
) -> Evidence:
    """Collect what the counted incidents say.

    Parameters
    ----------
    base
        Share of each cell in the base, from `base_share`.
    """
    kernels = event_kernels(counted, grid, parameters)
    life = parameters.effect_half_life_days
    record = group_mass(counted, grid, memory(counted, life), parameters)
    others = of_others(record)
    near = nearby_share(kernels, base, parameters)
    level, level_variance = town_level(counted, parameters.level_half_life_days)
    return Evidence(
        groups=counted.groups,
        shares=component_shares(kernels, parameters),
        concentration=memory_concentration(counted, parameters),
        area_m2=grid.area_m2,
        base=base,
        record=record,
        others=others,
        expected_others=others.sum(axis=1, keepdims=True) * near,
        exposure_days=exposure_days(counted.covered, life),
        level=level,
        level_variance=level_variance,
        months_past=months_remembered(counted, parameters.level_half_life_days),
        months_ahead=months_ahead(counted.as_of, MONTH_DAYS),
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


def town_level(counted: CountedIncidents, half_life_days: float) -> tuple[FloatArray, FloatArray]:
    """Return incidents per day of each group, and the variance relative to its square.

    The variance of n equal incidents is 1/n.
    """
    weight, groups = memory(counted, half_life_days), len(counted.groups)
    total = np.bincount(counted.group, weights=weight, minlength=groups)
    exposure = exposure_days(counted.covered, half_life_days)
    level = total / exposure if exposure > 0 else np.zeros(groups)
    # Shares before squares: the square of a very old memory is 0 in floating point.
    own = total[counted.group]
    share = np.divide(weight, own, out=np.zeros_like(weight), where=own > 0)
    variance = np.bincount(counted.group, weights=share**2, minlength=groups)
    return level, np.asarray(variance, np.float64)
