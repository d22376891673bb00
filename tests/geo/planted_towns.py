"""Towns whose true rate is known: planted, simulated, and counted as any other."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from geo.hazard.counted import CountedIncidents, count_incidents
from geo.hazard.evidence import base_share
from geo.hazard.kernels import kernel_share
from tests.geo.hazard_towns import AS_OF, PARAMETERS, incident_rows, oral

NAMES = ("theft_robbery", "violence", "disorder", "child")


@dataclass(frozen=True)
class Plan:
    """What is planted: incidents of each group in `years`, and where they come from.

    Of a group's rate `base` follows the streets; the rest comes from `hot` places of widths
    between `widths`, most of them common to all groups. Each cell has an effect of mean 1 and
    shape `a`, common to the groups as far as `shared` says (1 wholly, 0 not at all).
    """

    events: tuple[int, ...] = (900, 400)
    width: float = 0.045
    years: float = 4
    hot: int = 12
    widths: tuple[float, float] = (80, 600)
    base: float = 0.3
    a: float = 2.0
    shared: float = 1.0


@dataclass(frozen=True)
class PlantedTown:
    grid: object
    base: np.ndarray
    counted: CountedIncidents
    truth: np.ndarray  # incidents a day, groups × cells


def planted_town(plan: Plan, seed: int) -> PlantedTown:
    rng = np.random.default_rng(seed)
    grid = oral(plan.width).grid
    cells = len(grid.cells)
    base = base_share(rng.gamma(2, 50, cells), grid.area_m2, PARAMETERS)
    common = _hot_places(grid, plan.hot, plan.widths, rng)
    shared = rng.gamma(plan.a, 1 / plan.a, cells)
    truth = []
    for events in plan.events:
        own = _hot_places(grid, max(plan.hot // 2, 1), plan.widths, rng)
        effect = shared**plan.shared * rng.gamma(plan.a, 1 / plan.a, cells) ** (1 - plan.shared)
        where = plan.base * base + (1 - plan.base) * (0.7 * common + 0.3 * own)
        where = where * effect
        truth.append(events * where / where.sum() / (plan.years * 365))
    truth = np.array(truth)
    return PlantedTown(grid, base, simulated(grid, truth, int(plan.years * 365), rng), truth)


def simulated(grid, truth, days: int, rng, as_of: date = AS_OF) -> CountedIncidents:
    """Incidents of the rate `truth` (a day, groups × cells) in the days before `as_of`."""
    number = rng.poisson(truth * days)
    group, cell = np.divmod(np.repeat(np.arange(number.size), number.ravel()), truth.shape[1])
    ages = rng.integers(1, days * 1440, len(cell))
    rows = incident_rows(
        grid,
        cell,
        offence_group=np.array(NAMES, object)[group],
        occurred_at=np.datetime64(as_of, "m") - ages,
        address_key=[f"{one}:{door}" for one, door in zip(cell, ages % 4, strict=True)],
    )
    coverage = ((as_of - timedelta(days=days), as_of - timedelta(days=1)),)
    names = NAMES[: len(truth)]
    return count_incidents(rows, grid, coverage, as_of, PARAMETERS, groups=names)


def _hot_places(grid, count: int, widths: tuple[float, float], rng) -> np.ndarray:
    spread = np.zeros(len(grid.cells))
    for _ in range(count):
        at = np.zeros(len(grid.cells))
        at[rng.integers(len(grid.cells))] = rng.gamma(1)
        width = np.exp(rng.uniform(*np.log(widths)))
        spread += np.maximum(kernel_share(grid, at, width, PARAMETERS), 0)
    return spread / spread.sum()
