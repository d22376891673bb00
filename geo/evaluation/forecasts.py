"""Every forecast of one origin: the hazard rate, its one-group form, and the simple rivals."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from geo.cells import Grid
from geo.evaluation.baselines import BASELINES
from geo.evaluation.boosting import Boosting, fit_boosting
from geo.evaluation.origins import of_rows
from geo.evaluation.verdict import OURS
from geo.hazard.counted import CountedIncidents
from geo.hazard.evidence import Evidence, rate_evidence
from geo.hazard.fitted import FittedQuantities, Model
from geo.hazard.fitting import fit_rate
from geo.hazard.rate import town_rate
from geo.parameters import HazardParameters

FloatArray = npt.NDArray[np.float64]
T = TypeVar("T")

STEB = "steb"
"""The rate of each group on its own record alone: a space-time kernel mixture and an empirical
Bayes effect of the cell."""

BOOSTING = "gradient_boosting"


@dataclass(frozen=True)
class TownPast:
    """What is known of a town, to forecast parts of its past.

    Attributes
    ----------
    counted
        All incidents up to the last day of the data.
    grid
        The cells that are ranked.
    base
        Share of each cell in the base of the rate.
    parameters
        The chosen numbers of the rate.
    contrast
        Groups × cells, factor of standing conditions; None where nothing is known.
    street_length_m
        Metres of street in each cell, where the budgets are lengths; None where they are areas.
    """

    counted: CountedIncidents
    grid: Grid
    base: FloatArray
    parameters: HazardParameters
    contrast: FloatArray | None = None
    street_length_m: FloatArray | None = None

    def conditions(self) -> FloatArray:
        """Return the contrast, 1 where none is known."""
        if self.contrast is not None:
            return self.contrast
        return np.ones((len(self.counted.groups), len(self.grid.cells)))


@dataclass(frozen=True)
class Forecasters:
    """What is fitted once, before the first origin, and then held.

    Attributes
    ----------
    past
        The town.
    groups
        Positions of the offence groups that are judged.
    fitted, fitted_alone
        Quantities of the rate, and of each group on its own record.
    boosting
        The boosted trees, where they are one of the rivals.
    clock
        Seconds from some moment on.
    seconds
        Model → seconds that its fit took.
    """

    past: TownPast
    groups: tuple[int, ...]
    fitted: FittedQuantities
    fitted_alone: FittedQuantities
    boosting: Boosting | None
    clock: Callable[[], float]
    seconds: dict[str, float]


def fit_forecasters(
    past: TownPast,
    known: CountedIncidents,
    groups: tuple[int, ...],
    horizon_days: int,
    settings: tuple[bool, Callable[[], float]],
) -> Forecasters:
    """Fit everything that is fitted, on what was known at the first origin.

    Parameters
    ----------
    known
        Incidents before the first origin.
    groups
        Positions of the offence groups that are judged.
    horizon_days
        Length of the windows.
    settings
        Whether boosted trees are one of the rivals, and the clock.
    """
    boosted, clock = settings
    parameters, grid, base = past.parameters, past.grid, past.base
    started = clock()
    fitted = fit_rate(known, grid, base, parameters, horizon_days, past.contrast)
    seconds = {OURS: clock() - started}
    started = clock()
    alone = [
        fit_rate(alone_incidents(known, group), grid, base, parameters, horizon_days,
                 past.conditions()[[group]])
        for group in groups
    ]  # fmt: skip
    seconds[STEB] = clock() - started
    trees = None
    if boosted:
        started = clock()
        trees = fit_boosting(known, (grid, base, parameters), groups, horizon_days)
        seconds[BOOSTING] = clock() - started
    return Forecasters(past, groups, fitted, _joined(alone), trees, clock, seconds)


def forecast_all(
    forecasters: Forecasters, known: CountedIncidents
) -> tuple[dict[str, FloatArray], dict[str, float]]:
    """Return each model's incidents per day, groups × cells, and the seconds it took.

    Groups that are not judged are 0 in the one-group form and in the boosted trees.

    Parameters
    ----------
    known
        Incidents before the origin; nothing else is looked at.
    """
    past, clock = forecasters.past, forecasters.clock
    rates: dict[str, FloatArray] = {}
    seconds: dict[str, float] = {}

    def timed(name: str, forecast: Callable[[], FloatArray]) -> None:
        started = clock()
        rates[name] = forecast()
        seconds[name] = clock() - started

    started = clock()
    evidence = rate_evidence(known, past.grid, past.base, past.parameters)
    model = Model(past.parameters, forecasters.fitted)
    rates[OURS] = town_rate(evidence, past.conditions(), model).expected
    seconds[OURS] = clock() - started
    timed(STEB, lambda: _alone_rates(forecasters, evidence))
    for name, baseline in BASELINES.items():
        timed(name, partial(baseline, known, past.grid, past.parameters))
    if (trees := forecasters.boosting) is not None:
        timed(BOOSTING, lambda: trees.rates(known, evidence))
    return rates, seconds


def alone_incidents(counted: CountedIncidents, group: int) -> CountedIncidents:
    """Return one group's incidents as if there were no other group."""
    own = of_rows(counted, counted.group == group)
    return replace(own, groups=(counted.groups[group],), group=np.zeros(len(own.group), np.int64))


def alone_evidence(evidence: Evidence, group: int) -> Evidence:
    """Return what one group's incidents say alone, without collecting it anew."""
    nothing = np.zeros((1, len(evidence.base)))
    return replace(
        evidence,
        groups=(evidence.groups[group],),
        shares=evidence.shares[:, [group]],
        concentration=evidence.concentration[:, [group]],
        record=evidence.record[[group]],
        others=nothing,
        expected_others=nothing,
        level=evidence.level[[group]],
        level_variance=evidence.level_variance[[group]],
    )


# -------------------------------------------------------------------------------------------


def _alone_rates(forecasters: Forecasters, evidence: Evidence) -> FloatArray:
    past = forecasters.past
    model = Model(past.parameters, forecasters.fitted_alone)
    rates = np.zeros(evidence.record.shape)
    for group in forecasters.groups:
        contrast = past.conditions()[[group]]
        rates[group] = town_rate(alone_evidence(evidence, group), contrast, model).expected[0]
    return rates


def _joined(fits: list[FittedQuantities]) -> FittedQuantities:
    """Put the quantities of several groups, each fitted alone, into one."""
    return FittedQuantities(
        weights=_merged(fit.weights for fit in fits),
        effect_shape=_merged(fit.effect_shape for fit in fits),
        effect_other_groups=_merged(fit.effect_other_groups for fit in fits),
        dispersion=_merged(fit.dispersion for fit in fits),
        season=_merged(fit.season for fit in fits),
        windows=fits[0].windows,
    )


def _merged(parts: Iterable[Mapping[str, T]]) -> dict[str, T]:
    return {group: value for part in parts for group, value in part.items()}
