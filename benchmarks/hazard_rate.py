"""Fit and predict the rate on one core; its kernels against scikit-learn and the sum over pairs.

``python -m benchmarks.hazard_rate [fit_and_predict]``: all lines, or the first alone. On the first
10 000 police calls of Portland, seen from the day after the last of them, and its H3 cells of
resolution 10.

- ``fit_and_predict``: the two groups' quantities from past windows, then the rate of every cell;
  seconds and the whole process's memory against their bounds. No peer fits the same model.
- ``kernel``: one component against ``sklearn.neighbors.KernelDensity`` with the same bandwidth
  and weights, the calls at their cells' centres, density × area at every centre (metric plane,
  ball tree, relative tolerance 1e-4: exact takes ten times as long). Equal: half the sum of
  absolute differences within 1.5 % of the mass. A density has no end, ours is cut at three
  bandwidths (1.1 % lie beyond) and loses nothing across the city's limit.
- ``pairs``: every bandwidth of the model, both groups, against the exact sum over pairs of cells.
  Equal: within the errors that `geo.hazard.kernels` states.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import numpy as np

from benchmarks.portland import FIRST_DAY, GROUPS, portland_area, portland_incidents
from data.process_memory import peak_memory_mb
from geo import columns as c
from geo.cells import Grid, build_cell_grid
from geo.hazard.components import memory
from geo.hazard.counted import CountedIncidents, count_incidents, group_mass
from geo.hazard.evidence import base_share, rate_evidence
from geo.hazard.fitted import Model
from geo.hazard.fitting import fit_rate
from geo.hazard.kernels import kernel_share, kernel_share_pairwise
from geo.hazard.rate import town_rate
from geo.parameters import HazardParameters

CALLS = 10_000
BANDWIDTH_M = 200.0
MOST_DIFFERENT_FROM_DENSITY = 0.015
MOST_DIFFERENT_FROM_PAIRS = 0.0005
MOST_DIFFERENT_CELL = 0.006
DENSITY_GOAL = 40
PARAMETERS = HazardParameters()


def main() -> None:
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    grid, counted = first_calls()
    print(json.dumps(fit_and_predict(grid, counted), ensure_ascii=False), flush=True)
    if sys.argv[1:] == ["fit_and_predict"]:
        return
    mass = group_mass(
        counted, grid, memory(counted, PARAMETERS.long_half_life_days), PARAMETERS
    )  # fmt: skip
    print(json.dumps(against_density(grid, counted, mass)), flush=True)
    print(json.dumps(against_pairs(grid, mass)), flush=True)


def first_calls() -> tuple[Grid, CountedIncidents]:
    """Return the grid and the first calls of the file, seen from the day after the last of them."""
    grid = build_cell_grid(portland_area(), 10)
    calls = portland_incidents().sort_values(c.OCCURRED_AT, kind="stable").head(CALLS)
    last = calls[c.OCCURRED_AT].max().date()
    coverage = ((FIRST_DAY, last),)
    as_of = last + timedelta(days=1)
    return grid, count_incidents(calls, grid, coverage, as_of, PARAMETERS, groups=GROUPS)


def fit_and_predict(grid: Grid, counted: CountedIncidents) -> dict[str, Any]:
    base = base_share(np.zeros(len(grid.cells)), grid.area_m2, PARAMETERS)
    start = time.perf_counter()
    fitted = fit_rate(counted, grid, base, PARAMETERS)
    fitted_s = time.perf_counter() - start
    evidence = rate_evidence(counted, grid, base, PARAMETERS)
    rate = town_rate(
        evidence, np.ones((len(GROUPS), len(grid.cells))), Model(PARAMETERS, fitted)
    )  # fmt: skip
    seconds = time.perf_counter() - start
    return {
        "benchmark": "hazard_rate/fit_and_predict",
        "events": len(counted.group),
        "cells": len(grid.cells),
        "windows": fitted.windows,
        "fit_s": round(fitted_s, 2),
        "seconds": round(seconds, 2),
        "peak_mb": round(peak_memory_mb()),
        "equal": bool(np.allclose(rate.expected.sum(axis=1), rate.level, rtol=1e-9)),
        "bounds": {"seconds": "≤ 10", "peak_mb": "≤ 1000"},
    }


def against_density(grid: Grid, counted: CountedIncidents, mass: np.ndarray) -> dict[str, Any]:
    import sklearn
    from sklearn.neighbors import KernelDensity

    mass = mass[1]
    centres = np.column_stack([grid.x, grid.y])

    def density(places: np.ndarray, weights: np.ndarray) -> np.ndarray:
        model = KernelDensity(bandwidth=BANDWIDTH_M, kernel="gaussian", rtol=1e-4)
        model.fit(places, sample_weight=weights)
        return np.exp(model.score_samples(centres)) * grid.area_m2

    ours_s, ours = best(lambda: kernel_share(grid, mass, BANDWIDTH_M, PARAMETERS), rounds=5)
    held = mass > 0
    peer_s, peer = best(lambda: density(centres[held], mass[held]), rounds=1)
    difference = apart(ours, peer)
    return {
        "benchmark": "hazard_rate/kernel",
        "calls": int((counted.group == 1).sum()),
        "cells": len(grid.cells),
        "bandwidth_m": BANDWIDTH_M,
        "ours_s": round(ours_s, 5),
        "peer": f"scikit-learn {sklearn.__version__} KernelDensity(rtol=1e-4)",
        "peer_s": round(peer_s, 3),
        "ratio": round(peer_s / ours_s, 1),
        "goal": DENSITY_GOAL,
        "difference": round(difference, 5),
        "equal": difference <= MOST_DIFFERENT_FROM_DENSITY,
    }


def against_pairs(grid: Grid, mass: np.ndarray) -> dict[str, Any]:
    widths = sorted({one.bandwidth_m for one in PARAMETERS.own_components})

    def spread(kernel: Callable[..., np.ndarray]) -> list[np.ndarray]:
        return [kernel(grid, mass, width, PARAMETERS) for width in widths]

    ours_s, ours = best(lambda: spread(kernel_share), rounds=5)
    pairs_s, pairs = best(lambda: spread(kernel_share_pairwise), rounds=2)
    layers = list(zip(np.concatenate(ours), np.concatenate(pairs), strict=True))
    difference = max(apart(one, other) for one, other in layers)
    largest = max(float(np.abs(one - other).max() / other.max()) for one, other in layers)
    return {
        "benchmark": "hazard_rate/pairs",
        "cells": len(grid.cells),
        "bandwidths_m": widths,
        "ours_s": round(ours_s, 4),
        "peer": "sum over pairs of cells (SciPy k-d tree and sparse matrix)",
        "peer_s": round(pairs_s, 3),
        "ratio": round(pairs_s / ours_s, 1),
        "difference": round(difference, 6),
        "largest_difference": round(largest, 5),
        "equal": difference <= MOST_DIFFERENT_FROM_PAIRS and largest <= MOST_DIFFERENT_CELL,
    }


def apart(one: np.ndarray, other: np.ndarray) -> float:
    """Return half the sum of absolute differences of two distributions, 0 to 1."""
    return float(np.abs(one / one.sum() - other / other.sum()).sum() / 2)


def best(work: Callable[[], Any], *, rounds: int) -> tuple[float, Any]:
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        result = work()
        times.append(time.perf_counter() - start)
    return min(times), result


if __name__ == "__main__":
    main()
