"""Estimate a town's own numbers from past windows: weights, pull of the record, month, spread.

Every number is chosen by how well it would have forecast windows that lie before the forecast,
from what was known at the start of each.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from geo.cells import Grid
from geo.hazard.counted import CountedIncidents
from geo.hazard.dispersion import past_dispersion
from geo.hazard.fitted import FittedQuantities, Model
from geo.hazard.past_windows import PastWindows, past_windows, window_starts
from geo.hazard.season import seasons_that_help
from geo.hazard.standing import STANDING
from geo.parameters import HazardParameters

FloatArray = npt.NDArray[np.float64]

WINDOWS_BY_DAYS = {7: 26, 14: 24, 31: 20, 92: 10}
"""Length of the past windows in days → how many are looked at."""

ROUNDS = 200
PRIOR_INCIDENTS = 10.0
"""Incidents that the default weights are worth."""

EFFECT_SHAPES = np.geomspace(0.25, 16, 13)
OTHER_GROUPS = (0.0, 0.1, 0.2, 0.35, 0.5, 0.75, 1.0)
EFFECT_SPREAD = 0.7
"""Standard deviation of ln a about its default."""


class Effect(NamedTuple):
    """a and ρ of one group."""

    shape: float
    other_groups: float


def fit_rate(
    counted: CountedIncidents,
    grid: Grid,
    base: FloatArray,
    parameters: HazardParameters,
    horizon_days: int = 31,
    contrast: FloatArray | None = None,
) -> FittedQuantities:
    """Estimate what a town's past says about its rate.

    Parameters
    ----------
    counted
        The incidents known on the day of the forecast; earlier origins see less of them.
    base
        Share of each cell in the base.
    horizon_days
        How far the forecast looks ahead; past windows are 7, 14, 31 or 92 days long, whichever
        is nearest.
    contrast
        Groups × cells, factor of standing conditions; or, in the order of `STANDING`, conditions
        × groups × cells: those of patrols and cameras then count unless the past windows would
        have been forecast better without.

    Returns
    -------
    Numbers of the groups with an incident in the windows; no number at all where the history is
    too short for a window (the defaults of the parameters then hold).
    """
    days = min(WINDOWS_BY_DAYS, key=lambda one: abs(np.log(one / horizon_days)))
    starts = window_starts(counted, days, WINDOWS_BY_DAYS[days])
    if not len(starts):
        return FittedQuantities()
    if contrast is None:
        contrast = np.ones((len(counted.groups), len(grid.cells)))
    past = past_windows(counted, grid, base, parameters, (starts, days))
    fitted, contrast = _fitted_where(counted, past, contrast, parameters)
    fitted = replace(fitted, season=_season(counted, past, parameters), windows=len(starts))
    model, first = Model(parameters, fitted), int(starts.max())
    spread = past_dispersion(counted, grid, (base, contrast), model, first)
    return replace(fitted, dispersion=spread)


def component_weights(past: PastWindows, group: int, default: FloatArray) -> FloatArray:
    """Return the weights under which the past windows' incidents are likeliest.

    Each incident is shared out over the components in proportion to how likely each made it;
    the shares, with ten incidents shared out by the default, are the next weights.

    Parameters
    ----------
    default
        Weights of the components, the base last, summing to 1; one that is 0 stays 0.
    """
    window, place = np.nonzero(past.happened[:, group])
    happened = past.happened[window, group, place]
    likely = np.vstack([past.shares[:, window, group, place], past.base[place]])
    weights = default
    for _ in range(ROUNDS):
        made_by = weights[:, None] * likely
        made_by /= made_by.sum(axis=0)
        weights = (made_by * happened).sum(axis=1) + PRIOR_INCIDENTS * default
        weights /= weights.sum()
    return weights


def effect_of_record(
    past: PastWindows,
    group: int,
    expected: tuple[FloatArray, FloatArray],
    parameters: HazardParameters,
    *,
    alone: bool,
) -> Effect:
    """Return the a and ρ under which the past windows' incidents are likeliest.

    Parameters
    ----------
    expected
        Windows × places: share of the town's incidents that the mixture expects in each place,
        with the contrast of standing conditions, and how much of the town each stands for.
    alone
        Whether no other group has incidents; ρ is then 0.
    """
    share, stands_for = expected
    background = past.level[:, [group]] * share
    seen = background * past.exposure_days[:, None]
    whole = stands_for * share  # without the level: a window that knows no incident has none
    window, place = np.nonzero(past.happened[:, group])
    happened = past.happened[window, group, place]
    number = np.bincount(window, weights=happened, minlength=len(share))

    best, best_score = Effect(parameters.effect_shape, 0.0), -np.inf
    for rho in OTHER_GROUPS[:1] if alone else OTHER_GROUPS:
        found = past.record[:, group] + rho * past.others[:, group]
        awaited = seen + rho * past.expected_others[:, group]
        for a in EFFECT_SHAPES.tolist():
            pull = (a + found) / (a + awaited)
            town = (whole * pull).sum(axis=1)
            score = (happened * np.log(pull[window, place])).sum()
            score -= (number * np.log(town)).sum()
            score -= (np.log(a / parameters.effect_shape) / EFFECT_SPREAD) ** 2 / 2
            if score > best_score:
                best, best_score = Effect(a, rho), score
    return best


# -------------------------------------------------------------------------------------------


def _fitted_where(
    counted: CountedIncidents,
    past: PastWindows,
    contrast: FloatArray,
    parameters: HazardParameters,
) -> tuple[FittedQuantities, FloatArray]:
    """Fit weights, pull and standing conditions of the groups with an incident in the windows."""
    alone = int((counted.count_by_group() > 0).sum()) <= 1
    weights: dict[str, FloatArray] = {}
    expected: dict[int, tuple[FloatArray, FloatArray]] = {}
    for number, group in enumerate(counted.groups):
        if past.happened[:, number].sum() > 0:
            default = _default_weights(group, parameters, alone=alone)
            weights[group] = component_weights(past, number, default)
            share = past.mixed(number, weights[group])
            expected[number] = share, past.stands_for(share)
    tried = [
        (without, whole, *_effects_under(whole, past, expected, parameters, alone=alone))
        for without, whole in _contrasts(contrast)
    ]
    left_out, chosen, found, _ = max(tried, key=lambda one: one[-1])  # the first among equals
    effects = {counted.groups[number]: effect for number, effect in found.items()}
    fitted = FittedQuantities(
        weights={group: tuple(row.tolist()) for group, row in weights.items()},
        effect_shape={group: effect.shape for group, effect in effects.items()},
        effect_other_groups={group: effect.other_groups for group, effect in effects.items()},
        standing_left_out=left_out,
    )
    return fitted, chosen


def _contrasts(contrast: FloatArray) -> Iterator[tuple[tuple[str, ...], FloatArray]]:
    """Yield the contrasts to choose from, each with what it leaves out; the whole one first."""
    if contrast.ndim == 2:
        yield (), contrast
        return
    doubtful = [n for n in range(1, len(STANDING)) if (contrast[n] != 1).any()]
    for number in range(len(doubtful) + 1):
        for without in combinations(doubtful, number):
            kept = [row for n, row in enumerate(contrast) if n not in without]
            yield tuple(STANDING[n] for n in without), np.prod(kept, axis=0)


def _effects_under(
    contrast: FloatArray,
    past: PastWindows,
    expected: dict[int, tuple[FloatArray, FloatArray]],
    parameters: HazardParameters,
    *,
    alone: bool,
) -> tuple[dict[int, Effect], float]:
    """Return the pull of each group under a contrast, and the log score of the windows with it."""
    effects, total = {}, 0.0
    for number, (share, stands_for) in expected.items():
        weighed = share * contrast[number, past.places.cell]
        effect = effect_of_record(past, number, (weighed, stands_for), parameters, alone=alone)
        seen = past.level[:, [number]] * weighed * past.exposure_days[:, None]
        rho, a = effect.other_groups, effect.shape
        found = a + past.record[:, number] + rho * past.others[:, number]
        rate = weighed * found / (a + seen + rho * past.expected_others[:, number])
        window, place = np.nonzero(past.happened[:, number])
        share_of_town = rate[window, place] / (stands_for * rate).sum(axis=1)[window]
        total += float((past.happened[window, number, place] * np.log(share_of_town)).sum())
        effects[number] = effect
    return effects, total


def _season(
    counted: CountedIncidents, past: PastWindows, parameters: HazardParameters
) -> dict[str, tuple[float, ...]]:
    """Return the monthly index of the groups that it would have forecast better."""
    found = seasons_that_help(
        counted,
        past.happened.sum(axis=2),
        past.level,
        (past.starts, past.days),
        parameters.level_half_life_days,
    )
    return {group: tuple(index.tolist()) for group, index in found.items()}


def _default_weights(group: str, parameters: HazardParameters, *, alone: bool) -> FloatArray:
    weights = np.array(Model(parameters).weights(group))
    if alone:
        weights[len(parameters.own_components) : -1] = 0
    return weights / weights.sum()
