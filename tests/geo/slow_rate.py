"""The rate once more, in plain loops over cells and incidents: the judge of the fast one."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

GROUPS = ("child", "theft_robbery", "violence", "disorder")
OWN = ((100, 1095), (200, 1095), (400, 1095), (800, 1095), (200, 365), (800, 60), (200, 30))
OTHER = (100, 200, 400)
WEIGHTS = (0.12, 0.05, 0.13, 0.25, 0.04, 0.05, 0.01, 0.07, 0.08, 0.16, 0.04)
NEAR = ((200, 0.45), (400, 0.25), (800, 0.10))
OWN_NEAR, BASE_NEAR = 0.15, 0.05
BACKGROUND_ERROR = 2.5


class Cell(NamedTuple):
    """A cell's centre in metres, its area inside the study area, and its coarse cell."""

    x: float
    y: float
    area: float
    coarse: int


class Incident(NamedTuple):
    """What the rate knows of an incident; width 0 means that it lies in its cell."""

    cell: int
    group: str
    age: float
    sensitive: bool
    address: str
    width: float = 0


@dataclass(frozen=True)
class Numbers:
    """Quantities of one group that past windows say; season is (memory, days ahead)."""

    weights: Sequence[float] = WEIGHTS
    a: float = 2.0
    rho: float = 0.3
    breaks: Sequence[float] = ()
    factors: Sequence[float] = (1.0,)
    season: tuple[float, float] = (1.0, 1.0)


@dataclass(frozen=True)
class GroupRate:
    """The steps to one group's rate; lists hold one value a cell."""

    level: float
    level_of_year: float
    level_variance: float
    long: list[float]
    with_others: list[float]
    full: list[float]
    background: list[float]
    pulled: list[float]
    kappa: float
    expected: list[float]
    shape: list[float]
    common: list[float]


@lru_cache(maxsize=256)
def nearness(cells: tuple[Cell, ...], width: float) -> list[list[float]]:
    """exp(−d² / 2h²) of every pair of cells, 0 beyond the cut."""
    side = math.sqrt(max(cell.area for cell in cells))
    cut = max(3 * width, 1.02 * side, 120)
    rows = []
    for one in cells:
        far = [math.hypot(one.x - other.x, one.y - other.y) for other in cells]
        rows.append([math.exp(-d * d / (2 * width * width)) if d <= cut else 0.0 for d in far])
    return rows


@lru_cache(maxsize=256)
def kernel(cells: tuple[Cell, ...], width: float) -> list[list[float]]:
    """How each cell's mass is shared out over all cells; each row sums to 1."""
    rows = []
    for row in nearness(cells, width):
        raw = [cell.area * near for cell, near in zip(cells, row, strict=True)]
        whole = math.fsum(raw)
        rows.append([value / whole for value in raw])
    return rows


def exposure(covered, life: float) -> float:
    """Days of full weight that a memory has seen in the spans (near, far) of days."""
    seen = math.fsum(2 ** (-near / life) - 2 ** (-far / life) for near, far in covered)
    return seen * life / math.log(2)


def laid(cells: tuple[Cell, ...], incidents, weights) -> list[float]:
    """Mass of each cell: in its cell, by its width, or over its coarse cell if sensitive."""
    parts: list[list[float]] = [[] for _ in cells]
    for incident, value in zip(incidents, weights, strict=True):
        if incident.sensitive:
            coarse = cells[incident.cell].coarse
            whole = math.fsum(cell.area for cell in cells if cell.coarse == coarse)
            for number, cell in enumerate(cells):
                if cell.coarse == coarse:
                    parts[number].append(value * cell.area / whole)
        elif incident.width:
            for number, share in enumerate(kernel(cells, incident.width)[incident.cell]):
                parts[number].append(value * share)
        else:
            parts[incident.cell].append(value)
    return [math.fsum(part) for part in parts]


class SlowRate:
    """Cells and incidents of a town; `group` gives the rate of one group.

    `incidents` are sorted by their id; `covered` are spans (near, far) of days before the
    forecast.
    """

    def __init__(self, cells, incidents, base, covered):
        self.cells = tuple(Cell(*cell) for cell in cells)
        self.incidents = [Incident(*incident) for incident in incidents]
        self.base, self.covered = base, covered
        self.known: dict[tuple, list[float]] = {}
        self.alone = len({incident.group for incident in self.incidents}) <= 1

    def group(self, name: str, numbers: Numbers | None = None, contrast=None) -> GroupRate:
        """Estimate one group's rate; `contrast` is the factor of standing conditions."""
        numbers = numbers or Numbers()
        contrast = contrast or [1.0 for _ in self.cells]
        level, variance = self.level(name)
        past, ahead = numbers.season
        of_year, level = level / past, level * ahead / past
        components = self.components(name)
        own_long = [n for n, (_, life) in enumerate(OWN) if life == 1095]
        others = list(range(len(OWN), len(components)))
        long = self.mixed(components, numbers, own_long)
        with_others = self.mixed(components, numbers, own_long + others)
        full = self.mixed(components, numbers, range(len(components)))
        background = [of_year * f * factor for f, factor in zip(full, contrast, strict=True)]
        own, effect = self.pull(name, numbers, background)
        pulled = [m * u for m, u in zip(background, effect, strict=True)]
        kappa = level / math.fsum(pulled) if level else 1.0
        expected = [kappa * value for value in pulled]
        phi = self.dispersion(expected, numbers)
        chance = self.chance(name, components, numbers, full)
        shape = [
            1 / (wide * (1 / one + BACKGROUND_ERROR * by_chance))
            for wide, one, by_chance in zip(phi, own, chance, strict=True)
        ]
        rho = 0.0 if self.alone else numbers.rho
        return GroupRate(
            level, of_year, variance, long, with_others, full, background, pulled, kappa,
            expected, shape, [min(rho, 1) * numbers.a / one for one in own],
        )  # fmt: skip

    def level(self, name: str) -> tuple[float, float]:
        """Incidents a day and their variance relative to its square."""
        weights = [2 ** (-i.age / 60) for i in self.incidents if i.group == name]
        if not weights:
            return 0.0, 0.0
        total = math.fsum(weights)
        variance = math.fsum((weight / total) ** 2 for weight in weights)
        return total / exposure(self.covered, 60), variance

    def components(self, name: str) -> list[list[float] | None]:
        """Own, then others', each a share of the town by cell; None without an incident."""
        found = [self.spread(self.mass(life, (name,)), width) for width, life in OWN]
        if not self.alone:
            first = self.first_elsewhere(name)
            weights = [2 ** (-i.age / 3650) * (n in first) for n, i in enumerate(self.incidents)]
            mass = laid(self.cells, self.incidents, weights)
            found += [self.spread(mass, width) for width in OTHER]
        return found

    def mass(self, life: float, groups: tuple[str, ...]) -> list[float]:
        """Incidents of these groups in a memory, laid on the cells; reckoned once."""
        if (life, groups) not in self.known:
            weights = [2 ** (-i.age / life) * (i.group in groups) for i in self.incidents]
            self.known[life, groups] = laid(self.cells, self.incidents, weights)
        return self.known[life, groups]

    def spread(self, mass: list[float], width: float) -> list[float] | None:
        """Share of each cell in a mass spread by a kernel."""
        total = math.fsum(mass)
        if total == 0:
            return None
        held = [(value, kernel(self.cells, width)[n]) for n, value in enumerate(mass) if value]
        return [
            math.fsum([value * row[cell] for value, row in held]) / total
            for cell in range(len(self.cells))
        ]

    def first_elsewhere(self, name: str) -> set[int]:
        """Positions of the first incident of the other groups at each address."""
        seen: set[str] = set()
        first: set[int] = set()
        for number in sorted(range(len(self.incidents)), key=lambda n: -self.incidents[n].age):
            one = self.incidents[number]
            if one.group == name or one.sensitive or one.address in seen:
                continue
            seen.add(one.address)
            first.add(number)
        return first

    def mixed(self, components, numbers: Numbers, chosen) -> list[float]:
        """Mix components and the base by their weights; an empty one's goes to the base."""
        weights, last = list(numbers.weights), numbers.weights[-1]
        total = math.fsum([weights[n] for n in chosen] + [last])
        if total == 0:
            return list(self.base)
        shares = [(weights[n] / total, components[n] or self.base) for n in chosen]
        shares.append((last / total, self.base))
        return [math.fsum(w * f[cell] for w, f in shares) for cell in range(len(self.cells))]

    def pull(self, name: str, numbers: Numbers, background) -> tuple[list[float], list[float]]:
        """Shape and mean of the pull of each cell's own record."""
        rest = tuple(group for group in GROUPS if group != name)
        y, x = self.mass(3650, (name,)), self.mass(3650, rest)
        near = [(w, self.spread(self.mass(1095, rest), width)) for width, w in NEAR]
        near.append((OWN_NEAR, self.spread(self.mass(1095, (name,)), 200)))
        near.append((BASE_NEAR, self.base))
        rho = 0.0 if self.alone else numbers.rho
        seen, others = exposure(self.covered, 3650), math.fsum(x)
        shape, effect = [], []
        for cell, m in enumerate(background):
            b = others * math.fsum(w * (f or self.base)[cell] for w, f in near)
            shape.append(numbers.a + y[cell] + rho * x[cell])
            effect.append(shape[-1] / (numbers.a + m * seen + rho * b))
        return shape, effect

    def chance(self, name: str, components, numbers: Numbers, full) -> list[float]:
        """Var F / F² of each cell by chance: the deviations of all components add up."""
        first = self.first_elsewhere(name)
        kinds = [(width, life, None) for width, life in OWN]
        kinds += [(width, 3650, first) for width in OTHER]
        whole = math.fsum(w for w, _ in zip(numbers.weights, components, strict=False))
        whole += numbers.weights[-1]
        errors = [0.0 for _ in self.cells]
        for share, weight, kind in zip(components, numbers.weights, kinds, strict=False):
            if share is None:
                continue
            width, life, chosen = kind
            memory = [
                2 ** (-one.age / life)
                for n, one in enumerate(self.incidents)
                if (one.group == name if chosen is None else n in chosen)
            ]
            total = math.fsum(memory)
            again = math.fsum((value / total) ** 2 for value in memory)
            for n, cell in enumerate(self.cells):
                spread = share[n] * cell.area / (4 * math.pi * width**2) * again
                errors[n] += weight / (whole or 1) * math.sqrt(min(spread, share[n] ** 2))
        return [(error / f) ** 2 for error, f in zip(errors, full, strict=True)]

    def dispersion(self, expected: list[float], numbers: Numbers) -> list[float]:
        """φ of each cell, by the share of the town that is expected in it."""
        total = math.fsum(expected)
        share = [value / total if total else value for value in expected]
        place = [sum(one > edge for edge in numbers.breaks) for one in share]
        return [max(1.0, numbers.factors[n]) for n in place]
