"""Quantities that are estimated from past windows and then held, with their few-data defaults."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from geo.errors import UsageError
from geo.parameters import HazardParameters


@dataclass(frozen=True)
class FittedQuantities:
    """What past windows say about one town; empty means the defaults of the parameters.

    Attributes
    ----------
    weights
        Offence group → weights of the components: own, other groups', base, in that order.
    effect_shape
        Offence group → a, how many incidents a cell's own record has to outweigh.
    effect_other_groups
        Offence group → ρ, how much an incident of another group counts for the own record.
    dispersion
        Offence group → φ ≥ 1, by which the posterior's shape and rate are both divided.
    severity_days
        Offence group → mean days of sanction, fixed at the reference quarter.
    """

    weights: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    effect_shape: Mapping[str, float] = field(default_factory=dict)
    effect_other_groups: Mapping[str, float] = field(default_factory=dict)
    dispersion: Mapping[str, float] = field(default_factory=dict)
    severity_days: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Model:
    """The chosen numbers and the estimated ones, as one argument."""

    parameters: HazardParameters
    fitted: FittedQuantities = field(default_factory=FittedQuantities)

    def weights(self, group: str) -> tuple[float, ...]:
        """Return a group's component weights (own, other, base), summing to 1.

        Raises
        ------
        UsageError
            ``weights_invalid``: a weight is negative or not finite, their sum is not above 0,
            or their number is not that of the components.
        """
        chosen = self.parameters
        components = (*chosen.own_components, *chosen.other_components)
        default = (*(one.weight for one in components), chosen.base_weight)
        weights = tuple(self.fitted.weights.get(group, default))
        total = math.fsum(weights)
        sound = all(math.isfinite(weight) and weight >= 0 for weight in weights)
        if not sound or not total > 0 or len(weights) != len(default):
            raise UsageError(
                f"The component weights of {group!r} must be {len(default)} numbers ≥ 0 with a "
                f"sum above 0; correct the parameter set.",
                code="weights_invalid",
            )
        return tuple(weight / total for weight in weights)

    def effect_shape(self, group: str) -> float:
        """Return a of a group."""
        return self.fitted.effect_shape.get(group, self.parameters.effect_shape)

    def effect_other_groups(self, group: str) -> float:
        """Return ρ of a group, before it is known whether other groups have incidents."""
        return self.fitted.effect_other_groups.get(group, self.parameters.effect_other_groups)

    def dispersion(self, group: str) -> float:
        """Return φ of a group, never below 1."""
        return max(1.0, self.fitted.dispersion.get(group, 1.0))
