"""Whether the map of a town would have forecast its own last year, quarter by quarter."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from geo.disclosure import AGAINST_PERSONS, FOLDED_GROUPS
from geo.errors import NoDataError
from geo.evaluation.backtest import Judgement, judge, result
from geo.evaluation.forecasts import TownPast
from geo.evaluation.metrics import pooled_measures
from geo.evaluation.origins import (
    Origin,
    Protocol,
    check_history,
    covered_origins,
    known_days,
    needed_days,
)
from geo.evaluation.verdict import OURS, verdict
from geo.hazard.counted import CountedIncidents

QUARTERS = 4
LEAST_INCIDENTS_OF_GROUP = 20
"""A group with fewer incidents in the year is not told of on its own."""

ALL = "all"
SHOWN = ("hit1", "hit5", "hit10", "gain", "pai_025", "pai_072", "ece10", "level_oe")


def forecast_check(
    past: TownPast,
    protocol: Protocol | None = None,
    progress: Callable[[str], None] | None = None,
) -> dict[str, Any]:
    """Forecast the last four complete calendar quarters, each from what was known before it.

    A quarter that was not recorded throughout, or has too little history before it, is left out.

    Parameters
    ----------
    protocol
        Name of the grid, seed and clock; targets and windows are those of the check.
    progress
        Is told, in a few words, which quarter is being forecast.

    Returns
    -------
    Plain values: ``as_of``, ``target``, ``period`` (first and last day), ``quarters``,
    ``pooled`` (as of `backtest`) and ``groups``: the groups with 20 incidents and more, those
    against persons as one. ``stability`` is None here.

    Raises
    ------
    NoDataError
        ``history_short`` or ``no_events``.
    """
    protocol = protocol or Protocol()
    origins = quarter_origins(past.counted)
    targets = _targets(past.counted)
    judgement = judge(past, origins, targets, protocol, progress)
    pooled = result(judgement, ALL, protocol)
    return {
        "as_of": past.counted.as_of.isoformat(),
        "target": ALL,
        "period": [pooled["protocol"]["test_from"], pooled["protocol"]["test_to"]],
        "quarters": [_quarter(judgement, number) for number in range(len(origins))],
        "pooled": pooled,
        "groups": _by_group(judgement),
        "stability": None,
    }


def quarter_origins(counted: CountedIncidents) -> tuple[Origin, ...]:
    """Return the first days of the last four complete quarters that can be judged.

    Raises
    ------
    NoDataError
        ``history_short`` where no quarter has enough history, ``no_events`` where none was
        recorded throughout.
    """
    following = _quarter_start(counted.as_of)
    origins = []
    for _ in range(QUARTERS):
        start = _quarter_start(following - timedelta(days=1))
        origins.append(Origin((counted.as_of - start).days, (following - start).days))
        following = start
    recorded = covered_origins(counted, tuple(reversed(origins)))
    if not recorded:
        raise NoDataError("None of the last four quarters was recorded in full.", code="no_events")
    check_history(counted, recorded[-1])
    return tuple(
        origin for origin in recorded if known_days(counted, origin) >= needed_days(origin)
    )


# -------------------------------------------------------------------------------------------


def _quarter_start(day: date) -> date:
    return date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)


def _targets(counted: CountedIncidents) -> dict[str, tuple[int, ...]]:
    """Return what is judged: everything, persons as one, and every other group."""
    groups = counted.groups
    persons = tuple(code for code, group in enumerate(groups) if group in FOLDED_GROUPS)
    targets = {ALL: tuple(range(len(groups)))}
    if persons:
        targets[AGAINST_PERSONS] = persons
    return targets | {
        group: (code,) for code, group in enumerate(groups) if group not in FOLDED_GROUPS
    }


def _quarter(judgement: Judgement, number: int) -> dict[str, Any]:
    counted, origin = judgement.past.counted, judgement.origins[number]
    first = counted.as_of - timedelta(days=origin.days_before)
    last = first + timedelta(days=origin.horizon_days - 1)
    scores = judgement.scores[ALL]
    measures = {
        model: pooled_measures([windows[number]], judgement.stick)
        for model, windows in scores.items()
    }
    return {
        "quarter": f"{first.year}Q{(first.month + 2) // 3}",
        "from": first.isoformat(),
        "to": last.isoformat(),
        "n": measures[OURS]["n"],
        "models": {
            model: {name: known[name] for name in SHOWN} for model, known in measures.items()
        },
    }


def _by_group(judgement: Judgement) -> dict[str, Any]:
    told = {}
    for name, scores in judgement.scores.items():
        models = {
            model: pooled_measures(windows, judgement.stick) for model, windows in scores.items()
        }
        ours = models[OURS]
        if name != ALL and (ours["n"] or 0) >= LEAST_INCIDENTS_OF_GROUP:
            judged = verdict(models)["word"]
            told[name] = {"n": ours["n"], "hit5": ours["hit5"], "gain": ours["gain"],
                          "verdict": judged}  # fmt: skip
    return told
