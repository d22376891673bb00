"""Forecast parts of the past and say how well that went.

Everything fitted is fitted once, on what was known at the first origin. At each origin the
evidence is collected once for all groups and models, judged, and dropped.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

from geo.cells import Grid
from geo.errors import NoDataError, UsageError
from geo.evaluation.forecasts import (
    Forecasters,
    TownPast,
    fit_forecasters,
    forecast_all,
)
from geo.evaluation.metrics import (
    SHARES,
    SQUARE_MILE_M2,
    WindowScore,
    Yardstick,
    binomial_error,
    calibration,
    pooled_measures,
    score_window,
    yardstick,
)
from geo.evaluation.origins import (
    Origin,
    Protocol,
    covered_origins,
    observed_counts,
    rolling_origins,
    thinned,
)
from geo.evaluation.verdict import OURS, verdict
from geo.hazard.counted import CountedIncidents, earlier
from geo.hazard.fitted import FittedQuantities
from geo.parameters import HazardParameters

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
Progress = Callable[[str], None]
Scores = dict[str, list[WindowScore]]


@dataclass(frozen=True)
class Judgement:
    """What several windows say about every model, for each set of target groups.

    Attributes
    ----------
    past, origins
        The town, and the windows that were judged.
    stick
        Budgets and the order among equals.
    scores
        Name of a target → model → its score in each window.
    forecasters
        What was fitted before the first of them.
    seconds
        Model → seconds over all windows, its fit included.
    """

    past: TownPast
    origins: tuple[Origin, ...]
    stick: Yardstick
    scores: dict[str, Scores]
    forecasters: Forecasters
    seconds: dict[str, float]


def backtest(
    counted: CountedIncidents,
    grid: Grid,
    base: FloatArray,
    protocol: Protocol,
    parameters: HazardParameters,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Judge the forecasts of one set of offence groups over past windows.

    Parameters
    ----------
    counted
        All incidents, counted for the day after the last day of the data or later.
    base
        Share of each cell in the base of the rate.
    progress
        Is told, in a few words, which window is being forecast.

    Returns
    -------
    Plain values, ready for JSON: ``protocol``, ``fitted``, ``models``, ``standard_error``,
    ``verdict`` and ``calibration``.

    Raises
    ------
    UsageError
        ``horizon_invalid``, ``origins_invalid``, ``test_from_invalid``, ``thin_invalid``,
        ``group_unknown`` or ``scikit_learn_missing``.
    NoDataError
        ``history_short`` or ``no_events``.
    """
    past = TownPast(counted, grid, base, parameters)
    return backtest_town(past, protocol, progress)


def backtest_town(
    past: TownPast, protocol: Protocol, progress: Progress | None = None
) -> dict[str, Any]:
    """Do as `backtest`, for a town with standing conditions or budgets by street length."""
    counted = past.counted
    if protocol.thin is not None:
        counted = thinned(counted, protocol.thin, protocol.seed)
        past = TownPast(counted, past.grid, past.base, past.parameters, past.contrast,
                        past.street_length_m)  # fmt: skip
    groups = target_groups(counted, protocol.targets)
    planned = rolling_origins(counted, protocol)
    origins = covered_origins(counted, planned)
    found = result(judge(past, origins, {"": groups}, protocol, progress), "", protocol)
    found["protocol"]["windows_left_out"] = len(planned) - len(origins)
    return found


def judge(
    past: TownPast,
    origins: tuple[Origin, ...],
    targets: Mapping[str, tuple[int, ...]],
    protocol: Protocol,
    progress: Progress | None = None,
) -> Judgement:
    """Forecast every window with every model and score it for every target.

    Parameters
    ----------
    origins
        Earliest first.
    targets
        Name → positions of the offence groups whose incidents are added up.

    Raises
    ------
    NoDataError
        ``no_events`` where no window was recorded, or the targets have no incident before the
        first window or none in all windows.
    """
    counted, cells = past.counted, len(past.grid.cells)
    _check_incidents(counted, origins, targets)
    tell = progress or (lambda _: None)
    stick = yardstick(past.grid.area_m2, past.street_length_m, protocol.seed)
    tell("fit")
    known = earlier(counted, origins[0].days_before)
    groups = tuple(sorted({group for chosen in targets.values() for group in chosen}))
    forecasters = fit_forecasters(
        past, known, groups, origins[0].horizon_days, (protocol.boosting, protocol.clock)
    )
    seconds = dict(forecasters.seconds)
    scores: dict[str, Scores] = {name: {} for name in targets}
    for number, origin in enumerate(origins, start=1):
        tell(f"{number}/{len(origins)} {_day(counted, origin.days_before)}")
        rates, took = forecast_all(forecasters, earlier(counted, origin.days_before))
        happened = observed_counts(counted, origin, cells)
        for name, chosen in targets.items():
            for model, rate in rates.items():
                expected = rate[list(chosen)].sum(axis=0) * origin.horizon_days
                score = score_window(expected, happened[list(chosen)].sum(axis=0), stick)
                scores[name].setdefault(model, []).append(score)
        seconds = {model: seconds.get(model, 0.0) + took[model] for model in took}
    return Judgement(past, origins, stick, scores, forecasters, seconds)


def result(judgement: Judgement, target: str, protocol: Protocol) -> dict[str, Any]:
    """Return what a judgement says about one target as plain values."""
    scores = judgement.scores[target]
    models = {
        model: pooled_measures(windows, judgement.stick)
        | {"seconds": round(judgement.seconds[model], 3)}
        for model, windows in scores.items()
    }
    ours = models[OURS]
    n = int(ours["n"] or 0)
    expected, observed = calibration(scores[OURS])
    return {
        "protocol": _protocol_facts(judgement, protocol, n),
        "fitted": _fitted_facts(judgement.forecasters.fitted),
        "models": models,
        "standard_error": {
            f"hit{name}": binomial_error(ours[f"hit{name}"], n) for name in SHARES
        },
        "verdict": verdict(models),
        "calibration": [
            {"expected": float(one), "observed": float(other)}
            for one, other in zip(expected, observed, strict=True)
        ],
    }  # fmt: skip


def target_groups(counted: CountedIncidents, names: tuple[str, ...]) -> tuple[int, ...]:
    """Return the positions of named offence groups; of all where none is named.

    Raises
    ------
    UsageError
        ``group_unknown``.
    """
    unknown = sorted(set(names) - set(counted.groups))
    if unknown:
        raise UsageError(
            f"Unknown groups {', '.join(unknown)}; known are {', '.join(counted.groups)}.",
            code="group_unknown",
        )
    return tuple(counted.groups.index(name) for name in dict.fromkeys(names or counted.groups))


# -------------------------------------------------------------------------------------------


def _check_incidents(
    counted: CountedIncidents, origins: tuple[Origin, ...], targets: Mapping[str, tuple[int, ...]]
) -> None:
    if not origins:
        raise NoDataError("No window of the test was recorded in full.", code="no_events")
    chosen = sorted({group for groups in targets.values() for group in groups})
    ages = counted.age_days[np.isin(counted.group, chosen)]
    before = int((ages > origins[0].days_before).sum())
    tested = sum(
        int(((ages <= one.days_before) & (ages > one.days_before - one.horizon_days)).sum())
        for one in origins
    )
    if not before or not tested:
        raise NoDataError(
            f"{before} incidents before the test and {tested} in it: nothing to judge.",
            code="no_events",
        )


def _protocol_facts(judgement: Judgement, protocol: Protocol, n: int) -> dict[str, Any]:
    counted, origins = judgement.past.counted, judgement.origins
    area_m2 = float(judgement.past.grid.area_m2.sum())
    chosen = {group for groups in (protocol.targets or counted.groups,) for group in groups}
    last = origins[-1]
    return {
        "category": protocol.category,
        "groups": [group for group in counted.groups if group in chosen],
        "grid": protocol.grid,
        "horizon_days": origins[0].horizon_days,
        "origins": [_day(counted, origin.days_before) for origin in origins],
        "test_from": _day(counted, origins[0].days_before),
        "test_to": _day(counted, last.days_before - last.horizon_days + 1),
        "history_from": _day(counted, int(counted.covered[-1][1])),
        "budget": "area" if judgement.past.street_length_m is None else "street_length",
        "cells": len(judgement.past.grid.cells),
        "area_km2": area_m2 / 1e6,
        "area_sq_mi": area_m2 / SQUARE_MILE_M2,
        "events_test": n,
        "thin": protocol.thin,
        "seed": protocol.seed,
        "fitted_windows": judgement.forecasters.fitted.windows,
    }


def _fitted_facts(fitted: FittedQuantities) -> dict[str, Any]:
    known = fitted.as_json()
    names = ("weights", "effect_shape", "effect_other_groups", "dispersion")
    return {name: known[name] for name in names} | {"season_used": bool(fitted.season)}


def _day(counted: CountedIncidents, days_before: int) -> str:
    day: date = counted.as_of - timedelta(days=days_before)
    return day.isoformat()
