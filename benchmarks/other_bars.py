"""What the rate must keep besides its forecast: sums that close, cost, intervals that cover."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import numpy as np

from geo.hazard.evidence import rate_evidence
from geo.hazard.fitted import Model
from geo.hazard.fitting import fit_rate
from geo.hazard.rate import town_rate
from geo.hazard.town import town_hazard
from geo.parameters import PARTS
from tests.geo.hazard_towns import PARAMETERS, rich_town
from tests.geo.planted_towns import planted_town
from tests.geo.test_coverage_of_intervals import PLANS, SEEDS, covered, harm_of

COVERED = ("all_cells", "predicted_top", "truly_top")
Line = dict[str, Any]


def other_bars(cost: Line, coverage: list[Line]) -> list[Line]:
    """Return each bar with what was measured: ``what``, ``sign``, ``bound``, ``measured``."""
    asked = [
        ("parts of a score to ln hazard, largest gap", "≤", 1e-9, parts_gap()),
        ("sections and off-street to cells, relative gap", "≤", 1e-9, sections_gap()),
        ("fit and forecast, seconds on one core", "≤", 10.0, cost["seconds"]),
        ("fit and forecast, MB of the process", "≤", 1000.0, cost["peak_mb"]),
    ]
    for name, key in (("all cells", "all_cells"), ("predicted hottest 5 %", "predicted_top")):
        shares = [one[key] for one in coverage]
        asked += [
            (f"90 % intervals, {name}, least covered kind", "≥", 0.85, min(shares)),
            (f"90 % intervals, {name}, most covered kind", "≤", 0.95, max(shares)),
        ]
    return [
        {
            "what": what, "sign": sign, "bound": bound, "measured": measured,
            "reached": bool(measured >= bound if sign == "≥" else measured <= bound),
        }
        for what, sign, bound, measured in asked
    ]  # fmt: skip


def parts_gap() -> float:
    """Return the largest |start + parts − ln hazard| over cells and sections of a made-up town."""
    found = town_hazard(rich_town(), PARAMETERS)
    gap = 0.0
    for frame in (found.cells, found.sections, *found.parents.values()):
        told = frame["ln_area_mean"] + frame[[f"part_{part}" for part in PARTS]].sum(axis=1)
        gap = max(gap, float(np.abs(told - np.log(frame["hazard"])).max()))
    return gap


def sections_gap() -> float:
    """Return by how much a town's sections and off-street rest miss the sum of its cells."""
    found = town_hazard(rich_town(), PARAMETERS)
    return abs(found.facts["conservation_gap"]) / float(found.cells["hazard"].sum())


def interval_coverage(plan: str) -> list[Line]:
    """Return the shares of intervals that hold the planted rate of a kind of town, mean of seeds.

    Once for the rate of each group, once for all groups together.
    """
    by_group, together = [], []
    for seed in SEEDS:
        town = planted_town(PLANS[plan], seed)
        fitted = fit_rate(town.counted, town.grid, town.base, PARAMETERS)
        evidence = rate_evidence(town.counted, town.grid, town.base, PARAMETERS)
        rate = town_rate(evidence, np.ones(town.truth.shape), Model(PARAMETERS, fitted))
        variance = rate.expected**2 * (1 / rate.shape + rate.level_variance[:, None])
        groups = zip(rate.expected, variance, town.truth, strict=True)
        by_group.append(np.mean([covered(*one) for one in groups], axis=0))
        together.append(covered(*harm_of(rate), town.truth.sum(axis=0)))
    return [
        {"plan": plan, "of": of, "towns": len(SEEDS)}
        | dict(zip(COVERED, np.mean(found, axis=0).round(4).tolist(), strict=True))
        for of, found in (("one group's rate", by_group), ("all groups together", together))
    ]


def fit_cost() -> Line:
    """Return the line of ``benchmarks.hazard_rate`` on fit and forecast."""
    ended = subprocess.run(
        [sys.executable, "-m", "benchmarks.hazard_rate", "fit_and_predict"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    line: Line = json.loads(ended.stdout)
    return line
