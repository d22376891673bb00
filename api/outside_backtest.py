"""Test the rate on the events of any town's file: nothing is stored and nothing is published."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np

from data.outside_events import OTHERS, OutsideEvents
from geo import columns as c
from geo.cells import build_grid, parse_grid
from geo.evaluation.backtest import backtest
from geo.evaluation.origins import Protocol
from geo.hazard.counted import CountedIncidents, count_incidents
from geo.hazard.evidence import base_share
from geo.parameters import WINDOWS, HazardParameters, window_hours

MOST_GROUPS = 12
"""More kinds of events than this share one group: each costs memory and time of its own."""


@dataclass(frozen=True)
class OutsideTest:
    """How a file's events are tested; as in `geo.evaluation.origins.Protocol`."""

    grid: str = "h3:10"
    horizon_days: int = 31
    origins: int | None = None
    test_from: date | None = None
    thin: float | None = None
    seed: int = 0
    boosting: bool = False


def backtest_events(
    events: OutsideEvents,
    test: OutsideTest,
    *,
    category: str | None,
    progress: Callable[[str], None],
) -> dict[str, Any]:
    """Forecast the last part of the events from what came before, beside simple maps.

    Parameters
    ----------
    category
        The target group; None where all events are one group.

    Returns
    -------
    dict
        JSON values of `geo.evaluation.backtest.backtest`, with ``input`` (what was read) and,
        where any event has an hour, ``hours`` (window → share of the target's events) and
        ``peak_window``, the window with the most events an hour.

    Raises
    ------
    UsageError
        ``grid_invalid``, ``horizon_invalid``, ``origins_invalid``, ``test_from_invalid``,
        ``thin_invalid`` or ``too_complex``.
    NoDataError
        ``history_short`` or ``no_events``.
    """
    parameters = HazardParameters()
    grid = build_grid(events.area, parse_grid(test.grid))
    groups, frame = _few_groups(events)
    counted = count_incidents(
        frame, grid, (events.covered,), events.covered[1] + timedelta(days=1), parameters,
        groups=groups,
    )  # fmt: skip
    base = base_share(np.zeros(len(grid.cells)), grid.area_m2, parameters)
    protocol = Protocol(
        targets=() if category is None else (category,),
        category=category,
        grid=test.grid,
        horizon_days=test.horizon_days,
        origins=test.origins,
        test_from=test.test_from,
        thin=test.thin,
        seed=test.seed,
        boosting=test.boosting,
    )
    found = backtest(counted, grid, base, protocol, parameters, progress)
    told = {**events.told, "outside_grid": counted.left_out.get("outside_area", 0)}
    return {**found, **_hours(counted, protocol.targets), "input": told}


# -------------------------------------------------------------------------------------------


def _few_groups(events: OutsideEvents) -> tuple[tuple[str, ...], Any]:
    """Let the rarest kinds share one group where there are too many."""
    if len(events.groups) <= MOST_GROUPS:
        return events.groups, events.frame
    kept = events.groups[: MOST_GROUPS - 1]
    words = events.frame[c.OFFENCE_GROUP]
    return (*kept, OTHERS), events.frame.assign(
        **{c.OFFENCE_GROUP: words.where(words.isin(kept), OTHERS)}
    )


def _hours(counted: CountedIncidents, targets: tuple[str, ...]) -> dict[str, Any]:
    wanted = [counted.groups.index(name) for name in targets] or range(len(counted.groups))
    windows = counted.windows[np.isin(counted.group, list(wanted))]
    known = windows[~np.isnan(windows[:, 0])]
    if not len(known):
        return {}
    shares = dict(zip(WINDOWS, known.mean(axis=0).tolist(), strict=True))
    peak = max(shares, key=lambda window: shares[window] / window_hours(window))
    return {"hours": shares, "peak_window": peak, "hours_known": len(known)}
