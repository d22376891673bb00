"""The quantities of a town that are estimated once a quarter and then held."""

from __future__ import annotations

from dataclasses import replace

from geo.hazard.fitted import FittedQuantities, Model
from geo.hazard.fitting import WINDOWS_BY_DAYS, fit_rate
from geo.hazard.inputs import Town
from geo.hazard.school_days import school_day_ratios
from geo.hazard.severity import DAYS, group_severity
from geo.hazard.steps import town_ground
from geo.parameters import HazardParameters

MONTH_DAYS = 31
"""Length of the past windows: hazards are told a month."""


def fit_town(
    town: Town, parameters: HazardParameters, held: FittedQuantities | None = None
) -> FittedQuantities:
    """Estimate what past windows say about a town, unless the quarter's estimate still holds.

    An estimate holds until the quarter ends, so that ranks move with the records and not with
    the weights. It is made anew when it rests on fewer than the full number of windows, or lacks
    a group that has incidents by now: then the town had not handed over its history yet.

    Parameters
    ----------
    held
        The estimate of the quarter's first run.
    """
    ground = town_ground(replace(town, fitted=FittedQuantities()), parameters)
    counts = ground.counted.count_by_group()
    present = {group for group, count in zip(ground.counted.groups, counts, strict=True) if count}
    if (
        held is not None
        and held.windows >= WINDOWS_BY_DAYS[MONTH_DAYS]
        and present <= set(held.weights)
    ):
        return held
    rate = fit_rate(ground.counted, town.grid, ground.base, parameters, MONTH_DAYS, ground.standing)
    if town.calendar is not None:
        ratios = school_day_ratios(ground.counted, town.calendar, parameters)
        rate = replace(rate, school_day_ratios=ratios)
    severity = group_severity(ground.counted, Model(parameters), town.severity_table)
    if severity.unit != DAYS:
        return rate
    days = zip(ground.counted.groups, severity.weight.tolist(), strict=True)
    return replace(rate, severity_days=dict(days), severity_source=severity.source)
