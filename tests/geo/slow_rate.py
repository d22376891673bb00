"""The rate once more, in plain loops over cells and incidents: the judge of the fast one."""

import math
from collections.abc import Callable

GROUPS = ("child", "theft_robbery", "violence", "disorder")
OWN = ((100, 1095, 0.12), (200, 1095, 0.05), (400, 1095, 0.13), (800, 1095, 0.25),
       (200, 365, 0.04), (800, 60, 0.05), (200, 30, 0.01))  # fmt: skip
OTHER = ((100, 0.07), (200, 0.08), (400, 0.16))
BASE = 0.04


class SlowTown:
    """Cells as (x, y, area, coarse cell), incidents as (cell, group, age, sensitive, address)."""

    def __init__(self, cells, incidents, base, days):
        self.cells, self.incidents, self.base, self.days = cells, incidents, base, days
        self.all = range(len(cells))

    def kernel(self, source: int, width: float) -> list[float]:
        side = math.sqrt(max(area for _, _, area, _ in self.cells))
        cut = max(3 * width, 1.02 * side, 120)
        x0, y0, _, _ = self.cells[source]
        raw = []
        for x, y, area, _ in self.cells:
            d = math.hypot(x - x0, y - y0)
            raw.append(area * math.exp(-d * d / (2 * width * width)) if d <= cut else 0.0)
        return [value / sum(raw) for value in raw]

    def laid(self, weight: Callable) -> list[float]:
        """Mass of each cell: a sensitive incident is spread over its coarse cell by area."""
        mass = [0.0 for _ in self.all]
        for incident in self.incidents:
            value = weight(incident)
            cell, sensitive = incident[0], incident[3]
            if not sensitive:
                mass[cell] += value
                continue
            fellows = [c for c in self.all if self.cells[c][3] == self.cells[cell][3]]
            whole = sum(self.cells[c][2] for c in fellows)
            for fellow in fellows:
                mass[fellow] += value * self.cells[fellow][2] / whole
        return mass

    def spread(self, mass: list[float], width: float) -> list[float] | None:
        total = sum(mass)
        if total == 0:
            return None
        out = [0.0 for _ in self.all]
        for source in self.all:
            if mass[source]:
                for cell, share in enumerate(self.kernel(source, width)):
                    out[cell] += mass[source] * share / total
        return out

    def first_elsewhere(self, group: str) -> set:
        """Positions of the first incident of the other groups at each address."""
        seen, first = set(), set()
        for number in sorted(range(len(self.incidents)), key=lambda n: -self.incidents[n][2]):
            _, own, _, sensitive, address = self.incidents[number]
            if own == group or sensitive or address in seen:
                continue
            seen.add(address)
            first.add(id(self.incidents[number]))
        return first

    def exposure(self, life: float) -> float:
        return (1 - 2 ** (-self.days / life)) * life / math.log(2)

    def rate(self, group: str) -> list[float]:
        """λ of each cell; default weights, a = 2, ρ = .3."""
        present = {incident[1] for incident in self.incidents}
        alone = len(present) <= 1
        own = [i for i in self.incidents if i[1] == group]
        level = sum(2 ** (-i[2] / 60) for i in own) / self.exposure(60)
        if not own:
            return [0.0 for _ in self.all]

        def of_group(life):
            return lambda i: 2 ** (-i[2] / life) if i[1] == group else 0.0

        def of_others(life):
            return lambda i: 2 ** (-i[2] / life) if i[1] != group else 0.0

        pieces = [(w, self.spread(self.laid(of_group(life)), h)) for h, life, w in OWN]
        if not alone:
            first = self.first_elsewhere(group)
            mass = self.laid(lambda i: 2 ** (-i[2] / 3650) if id(i) in first else 0.0)
            pieces += [(w, self.spread(mass, h)) for h, w in OTHER]
        pieces.append((BASE, self.base))
        total = sum(w for w, _ in pieces)
        background = [
            level * sum(w / total * (f or self.base)[c] for w, f in pieces) for c in self.all
        ]

        y, x = self.laid(of_group(3650)), self.laid(of_others(3650))
        near = [(w, self.spread(self.laid(of_others(1095)), h))
                for h, w in ((200, 0.45), (400, 0.25), (800, 0.10))]  # fmt: skip
        near += [(0.15, self.spread(self.laid(of_group(1095)), 200)), (0.05, self.base)]
        rho = 0.0 if alone else 0.3
        pull = []
        for c in self.all:
            b = sum(x) * sum(w * (f or self.base)[c] for w, f in near)
            pull.append((2 + y[c] + rho * x[c])
                        / (2 + background[c] * self.exposure(3650) + rho * b))  # fmt: skip
        kappa = level / sum(m * u for m, u in zip(background, pull, strict=True))
        return [kappa * m * u for m, u in zip(background, pull, strict=True)]
