"""What new lamps would take away on the sections that they light, one by one and together.

As in `geo.hazard.scenario`, where a section's light rises from what it is to what it would be; a
section that gets no darker light moves not at all. Every draw takes one β for all sections.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from geo.hazard.scenario import LIGHT, Estimate, ScenarioEffect, harm_draws
from geo.parameters import DAYS_PER_MONTH, GROUPS, WINDOWS, HazardParameters

FloatArray = npt.NDArray[np.float64]

_SPANS = ("day", *WINDOWS)


@dataclass(frozen=True)
class LitPlaces:
    """Sections as they are now and as they would be lit.

    Attributes
    ----------
    harm
        H, places × groups × windows.
    shape
        Of the Gamma posterior of each place's harm; infinite where it is taken as known.
    now, then
        Lit share, places × windows.
    """

    harm: FloatArray
    shape: Sequence[float]
    now: FloatArray
    then: FloatArray


def lamp_effect(
    places: LitPlaces,
    months: Sequence[Mapping[str, Any]],
    parameters: HazardParameters,
    seed: int,
) -> tuple[ScenarioEffect, list[ScenarioEffect]]:
    """Return what more light would take away on all places together, and on each of them.

    The harm of all places is taken to be high or low together, so that the interval of the whole
    is not narrower than it may be.

    Parameters
    ----------
    months
        Rows of `geo.hazard.scenario_place.darkness_by_month`.
    seed
        Of the draws, as in `geo.hazard.scenario.scenario_effect`.
    """
    harm, now, then = places.harm, places.now, places.then
    betas = harm_draws(math.inf, parameters, seed)[0][0]
    levels = np.array([harm_draws(shape, parameters, seed)[1] for shape in places.shape])
    dark = np.array([[month["darkness"][window] for window in WINDOWS] for month in months])
    avoided = _avoided(harm, np.maximum(then - now, 0), dark, betas, parameters)
    raised = avoided * levels.reshape(len(harm), parameters.draws).T[:, None, None, :]

    def told(chosen: Sequence[int]) -> ScenarioEffect:
        own = list(chosen)
        change = _means(harm[own].sum(axis=1), now[own], then[own])
        sums = (avoided[..., own].sum(axis=-1), raised[..., own].sum(axis=-1))
        return _effect(change, sums, harm[own].sum(axis=(0, 1)), months, parameters)

    each = [told([number]) for number in range(len(harm))]
    return each[0] if len(each) == 1 else told(range(len(harm))), each


# -------------------------------------------------------------------------------------------


def _avoided(
    harm: FloatArray,
    rise: FloatArray,
    dark: FloatArray,
    betas: FloatArray,
    parameters: HazardParameters,
) -> FloatArray:
    """Return the harm avoided, draws × months × windows × places, a month of mean length."""
    relieved = (parameters.lit_relief * rise.T) * dark[:, :, None]  # months × windows × places
    avoided = np.zeros((len(betas), *relieved.shape))
    for number, group in enumerate(GROUPS):
        share = parameters.dark_share_by_group[group]
        logs = betas[:, None, None, None] * (share * relieved)
        avoided -= harm[:, number].T * np.expm1(-logs)
    return avoided


def _means(harm: FloatArray, now: FloatArray, then: FloatArray) -> tuple[float, float]:
    """Return the lit share now and then, mean by harm (places × windows)."""
    if not harm.size:
        return 0.0, 0.0
    weight = harm if harm.sum() > 0 else np.ones_like(harm)
    before, after = (
        float(np.average(share, weights=weight)) for share in (now, np.maximum(now, then))
    )
    return before, after


def _effect(
    change: tuple[float, float],
    sums: tuple[FloatArray, FloatArray],
    expected: FloatArray,
    months: Sequence[Mapping[str, Any]],
    parameters: HazardParameters,
) -> ScenarioEffect:
    """Gather draws × months × windows; of the share as it is, of the harm with its level."""
    days = np.array([month["days"] for month in months], float)
    plain, raised = (_spans(np.tensordot(one, days / days.sum(), ([1], [0]))) for one in sums)
    whole = np.maximum(_spans(expected[None]), 1e-300)
    by_month = sums[1].sum(axis=2) * (days / DAYS_PER_MONTH)
    drawn = np.column_stack([raised, plain / whole, by_month, by_month.sum(axis=1)])
    low, high = np.quantile(drawn, parameters.interval, axis=0, method="hazen")
    told = [Estimate(*one) for one in zip(*(x.tolist() for x in (drawn.mean(axis=0), low, high)),
                                          strict=True)]  # fmt: skip
    count = len(_SPANS)
    return ScenarioEffect(
        changes={LIGHT: change},
        avoided=dict(zip(_SPANS, told[:count], strict=True)),
        share=dict(zip(_SPANS, told[count : 2 * count], strict=True)),
        by_month=tuple(told[2 * count : -1]),
        a_year=told[-1],
    )


def _spans(windows: FloatArray) -> FloatArray:
    """Return draws × (day, windows) from draws × windows."""
    return np.column_stack([windows.sum(axis=1), windows])
