"""How grave a group's offences are: mean days of sanction, or one each where none is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geo import columns as c
from geo.hazard.counted import CountedIncidents
from geo.hazard.fitted import Model
from geo.parameters import GROUPS

FloatArray = npt.NDArray[np.float64]
DAYS = "days"
INCIDENTS_UNIT = "incidents"


@dataclass(frozen=True)
class Severity:
    """The weight of one incident of each group.

    Attributes
    ----------
    weight
        s_g, one a group: days of sanction, or 1 where the unit is incidents.
    source
        Group → ``incidents`` (mean of the group's own), ``table`` (mean of its articles),
        ``town`` (mean of all groups), ``none``; ``fixed`` where it was given without a source.
    unit
        ``days`` or ``incidents``; with ``incidents`` there is no harm view.
    """

    weight: FloatArray
    source: dict[str, str]
    unit: str


def group_severity(
    counted: CountedIncidents, model: Model, table: Mapping[str, float] | None = None
) -> Severity:
    """Weigh each group by the mean severity of its incidents of the last three years.

    A group with fewer than twenty such incidents takes the mean of its articles from `table`;
    without a table its own few, and without any of its own the mean of all groups. Where no
    incident of the town has a severity, each counts 1 and the unit is incidents.

    Examples
    --------
    Nineteen thefts of 456 days each and a table that says 500 give 500; a twentieth gives 456.
    """
    days = counted.frame[c.SEVERITY_DAYS].to_numpy(float)
    recent = counted.age_days <= model.parameters.severity_years * 365.25
    known = ~np.isnan(days)
    fixed = model.fitted.severity_days
    if not known.any() and not fixed:
        ones = np.ones(len(GROUPS))
        return Severity(weight=ones, source=dict.fromkeys(GROUPS, "none"), unit=INCIDENTS_UNIT)

    weight, source = np.zeros(len(GROUPS)), {}
    for code, group in enumerate(GROUPS):
        own = days[known & recent & (counted.group == code)]
        enough = len(own) >= model.parameters.severity_minimum_incidents
        if group in fixed:
            weight[code] = fixed[group]
            source[group] = model.fitted.severity_source.get(group, "fixed")
        elif table is not None and group in table and not enough:
            weight[code], source[group] = table[group], "table"
        elif len(own):
            weight[code], source[group] = own.mean(), "incidents"
        else:
            weight[code], source[group] = _mean(days[known], fixed), "town"
    return Severity(weight=weight, source=source, unit=DAYS)


# -------------------------------------------------------------------------------------------


def _mean(days: FloatArray, fixed: Mapping[str, float]) -> float:
    values = days if len(days) else np.array([fixed[group] for group in sorted(fixed)])
    return float(values.mean())
