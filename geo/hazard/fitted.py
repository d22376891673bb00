"""Quantities that are estimated from past windows and then held, with their few-data defaults."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from geo.errors import UsageError
from geo.parameters import HazardParameters

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Dispersion:
    """How much wider than the plain posterior a rate has proved, by how much is expected there.

    Attributes
    ----------
    breaks
        Rising shares of the town's expected incidents in one cell.
    factors
        φ ≥ 1 below the first break, between breaks, and above the last.
    """

    breaks: tuple[float, ...] = ()
    factors: tuple[float, ...] = (1.0,)

    def of(self, expected: FloatArray) -> FloatArray:
        """Return φ of each cell, from the expected incidents of all cells."""
        total = expected.sum()
        share = expected / total if total > 0 else expected
        return np.maximum(np.array(self.factors)[np.searchsorted(self.breaks, share)], 1.0)


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
        Offence group → φ, by which the posterior's shape and rate are both divided.
    season
        Offence group → index of each calendar month, mean 1; only where it forecast better.
    severity_days
        Offence group → mean days of sanction, fixed at the reference quarter.
    severity_source
        Offence group → what that mean was taken from.
    windows
        How many past windows the numbers rest on.
    standing_left_out
        Standing conditions (``patrol``, ``camera``) without which past windows were forecast
        better: they stand where offences are, and tell of that and not of what they prevent.
    school_day_ratios
        Kind of day → window → incidents over the mean of all days; empty where not known.
    """

    weights: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    effect_shape: Mapping[str, float] = field(default_factory=dict)
    effect_other_groups: Mapping[str, float] = field(default_factory=dict)
    dispersion: Mapping[str, Dispersion] = field(default_factory=dict)
    season: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    severity_days: Mapping[str, float] = field(default_factory=dict)
    severity_source: Mapping[str, str] = field(default_factory=dict)
    windows: int = 0
    standing_left_out: tuple[str, ...] = ()
    school_day_ratios: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return plain values that `from_json` reads back to the last bit."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> FittedQuantities:
        """Read what `as_json` wrote, also after a way through a JSON file."""
        return cls(
            weights={group: tuple(row) for group, row in values["weights"].items()},
            effect_shape=values["effect_shape"],
            effect_other_groups=values["effect_other_groups"],
            dispersion={
                group: Dispersion(tuple(one["breaks"]), tuple(one["factors"]))
                for group, one in values["dispersion"].items()
            },
            season={group: tuple(row) for group, row in values["season"].items()},
            severity_days=values["severity_days"],
            severity_source=values["severity_source"],
            windows=values["windows"],
            standing_left_out=tuple(values.get("standing_left_out", ())),
            school_day_ratios=values.get("school_day_ratios", {}),
        )


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

    def dispersion(self, group: str) -> Dispersion:
        """Return φ of a group."""
        return self.fitted.dispersion.get(group, Dispersion())

    def season(self, group: str) -> FloatArray:
        """Return a group's index of the calendar months (12), 1 where none stands out."""
        return np.array(self.fitted.season.get(group, (1.0,) * 12))
