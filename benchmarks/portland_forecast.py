"""Forecast the last year of Portland's calls from the years before, beside simple rivals and bars.

``python -m benchmarks.portland_forecast [--quick] [--processes N]``: the months at resolution 10
alone, or everything that the model must reach (five minutes on two cores). Prints every model of
every case, then each bar beside what was measured, then one JSON line; the whole is kept in
``results/portland_forecast.json``, from which ``benchmarks.model_card`` writes the model card.

Windows follow each other and end with the last day of the data; what is fitted, is fitted once on
windows that end before the first of them. A case with two kinds of call is one pass: both are
forecast from the same evidence. Figures do not depend on the number of processes.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from api.run_identity import code_version
from benchmarks.forecast_bars import (
    BARS,
    Cases,
    behind,
    expected_losses,
    judged_bars,
)
from benchmarks.forecast_tables import bars_table, losses_table, models_table, others_table
from benchmarks.other_bars import PLANS, fit_cost, interval_coverage, other_bars
from benchmarks.portland import (
    BURGLARY,
    COVERAGE,
    FIRST_DAY,
    GROUPS,
    LAST_DAY,
    VEHICLE_THEFT,
    portland_area,
    portland_incidents,
)
from geo.cells import build_grid, parse_grid
from geo.evaluation.backtest import judge, result
from geo.evaluation.forecasts import TownPast
from geo.evaluation.origins import Protocol, covered_origins, rolling_origins, thinned
from geo.hazard.counted import count_incidents
from geo.hazard.evidence import base_share
from geo.parameters import HazardParameters, parameters_hash

KEPT = Path(__file__).parent / "results" / "portland_forecast.json"

VARIANTS_TRIED = 1
"""Forms of the model whose figures on the last year were looked at before this one was chosen.

Each look at the last year is one draw more from which the best could be picked. Counted by hand:
1, the trial of the specification with its own numbers. Whoever looks again adds one.
"""

PROCESSES = 2
SINGLE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
"""A matrix product may differ in its last bit with the number of threads."""


@dataclass(frozen=True)
class Case:
    """One pass over the test year.

    Attributes
    ----------
    name
        Of the case; thinned ones share a name and differ by seed.
    targets
        Kinds of call that are forecast, each on its own.
    grid, horizon_days, origins, thin, seed
        As in `geo.evaluation.origins.Protocol`.
    """

    name: str
    targets: tuple[str, ...]
    grid: str
    horizon_days: int
    origins: int
    thin: float | None = None
    seed: int = 0


MONTH = Case("month", GROUPS, "h3:10", 31, 11)
FULL = (
    # The longest first, so that two processes end together.
    Case("fortnight", GROUPS, "h3:10", 14, 26),
    Case("week_squares", (BURGLARY,), "square:250ft", 7, 26),
    Case("fortnight_squares", (VEHICLE_THEFT,), "square:250ft", 14, 26),
    MONTH,
    *(replace(MONTH, name="thinned", thin=0.1, seed=seed) for seed in range(1, 6)),
    Case("quarter", GROUPS, "h3:10", 91, 4),
    Case("month_coarse", GROUPS, "h3:9", 31, 11),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--quick", action="store_true", help="the months at resolution 10 alone")
    parser.add_argument("--processes", type=int, default=PROCESSES)
    chosen = parser.parse_args()

    start = time.perf_counter()
    wanted = (MONTH,) if chosen.quick else FULL
    cases = run_cases(wanted, chosen.processes)
    card = summary(cases)
    if not chosen.quick:
        card["coverage"] = run_coverage(chosen.processes)
        card["cost"] = fit_cost()
        card["others"] = other_bars(card["cost"], card["coverage"])
        KEPT.parent.mkdir(exist_ok=True)
        KEPT.write_text(json.dumps(card, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    tables = [
        models_table(cases),
        bars_table(card["bars"]),
        others_table(card["others"]),
        f"expected losses\n{losses_table(expected_losses(cases))}",
        f"behind\n{losses_table(behind(cases))}",
    ]
    print("\n\n".join(table for table in tables if table), end="\n\n")
    judged = [*card["bars"], *card["others"]]
    line = {
        "benchmark": "portland_forecast",
        "quick": chosen.quick,
        "bars": len(judged),
        "missed": sum(not bar["reached"] for bar in judged),
        "seconds": round(time.perf_counter() - start, 1),
        "bounds": {"missed": "≤ 0", "seconds": "≤ 300"},
    }
    print(json.dumps(line, ensure_ascii=False))


def run_cases(wanted: tuple[Case, ...], processes: int) -> Cases:
    """Return case → target → results (one, or one a seed), in the order of the cases.

    Every case runs in a process of its own making, one or several at a time.
    """
    with own_processes(processes) as pool:
        told = pool.map(run_case, wanted)
        cases: Cases = {}
        for case, found in zip(wanted, told, strict=True):
            for target, one in found.items():
                cases.setdefault(case.name, {}).setdefault(target, []).append(one)
    return cases


def run_coverage(processes: int) -> list[dict[str, Any]]:
    """Return how well intervals cover the rate of every kind of planted town."""
    with own_processes(processes) as pool:
        return [line for lines in pool.map(interval_coverage, PLANS) for line in lines]


def own_processes(number: int) -> ProcessPoolExecutor:
    """Return processes in which no library runs threads of its own."""
    os.environ.update(dict.fromkeys(SINGLE_THREAD, "1"))
    return ProcessPoolExecutor(number, mp_context=multiprocessing.get_context("spawn"))


def run_case(case: Case) -> dict[str, dict[str, Any]]:
    """Return target → the result of its backtest."""
    start = time.perf_counter()
    protocol = Protocol(
        grid=case.grid, horizon_days=case.horizon_days, origins=case.origins, thin=case.thin,
        seed=case.seed,
    )  # fmt: skip
    past = portland_past(case.grid)
    if case.thin is not None:
        past = replace(past, counted=thinned(past.counted, case.thin, case.seed))
    origins = covered_origins(past.counted, rolling_origins(past.counted, protocol))
    groups = {target: (GROUPS.index(target),) for target in case.targets}
    judgement = judge(past, origins, groups, protocol)
    told = f"{case.name} {case.seed or ''}: {time.perf_counter() - start:.0f} s"
    print(told, file=sys.stderr, flush=True)
    return {
        target: result(judgement, target, replace(protocol, targets=(target,), category=target))
        for target in case.targets
    }


def kept_form(found: Any) -> Any:
    """Round to six decimals and leave out the seconds: a run again gives the same file."""
    if isinstance(found, dict):
        return {key: kept_form(value) for key, value in found.items() if key != "seconds"}
    if isinstance(found, list | tuple):
        return [kept_form(value) for value in found]
    return round(found, 6) if isinstance(found, float) else found


@lru_cache(maxsize=1)
def portland_past(grid_name: str) -> TownPast:
    """Return the calls on a grid, with the base by area alone."""
    parameters = HazardParameters()
    grid = build_grid(portland_area(), parse_grid(grid_name))
    as_of = LAST_DAY + timedelta(days=1)
    counted = count_incidents(
        portland_incidents(), grid, COVERAGE, as_of, parameters, groups=GROUPS
    )
    base = base_share(np.zeros(len(grid.cells)), grid.area_m2, parameters)
    return TownPast(counted, grid, base, parameters)


def summary(cases: Cases) -> dict[str, Any]:
    """Return everything that is kept of a run."""
    parameters = HazardParameters()
    return {
        "version": {
            "parameters": parameters.version,
            "parameters_sha256": parameters_hash(parameters),
            "code": code_version(),
        },
        "data": {"from": FIRST_DAY.isoformat(), "to": LAST_DAY.isoformat()},
        "variants_tried": VARIANTS_TRIED,
        "cases": kept_form(cases),
        "bars": kept_form([asdict(bar) for bar in judged_bars(BARS, cases)]),
        "behind": kept_form([asdict(one) for one in behind(cases)]),
        "expected_losses": kept_form([asdict(one) for one in expected_losses(cases)]),
        "coverage": [],
        "cost": None,
        "others": [],
    }


if __name__ == "__main__":
    main()
