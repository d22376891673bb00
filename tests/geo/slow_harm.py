"""The harm of every part of a town, in plain loops: from incidents to the pieces of places."""

import math
from dataclasses import dataclass

from tests.geo.plain_town import Part, PlainTown
from tests.geo.slow_incidents import (
    HOURS,
    WINDOWS,
    counted,
    covered_spans,
    months_of,
    severities,
    town_hours,
)
from tests.geo.slow_rate import GROUPS, GroupRate, Numbers, SlowRate, laid, nearness

DARK = {"child": 0.315 / 2, "theft_robbery": 0.315, "violence": 0.315 / 2, "disorder": 0.315 / 2}
LIT_RELIEF = 0.75
PATROL, CAMERA = -0.174, -0.139
SPREAD = {"dark": 0.12, "patrol": 0.05, "camera": 0.06}
MONTH = 30.4375


@dataclass(frozen=True)
class Piece:
    """Harm by group and window that shares one posterior: of a part, or of a whole cell."""

    harm: dict[tuple[str, str], float]
    shape: dict[str, float]
    common: dict[str, float]
    expected: float
    chain: list[float]
    timed: dict[str, float]
    lit: dict[str, float]
    patrolled: dict[str, float]
    moved: dict[tuple[str, str], float]
    unsure: list[dict[str, float]]
    """`moved`: by one sd of an effect, by effect and window; `unsure`: by one sd of unknown light,
    by window, one row a part."""


class SlowHarm:
    """The steps of a town in their order; `pieces` holds one a part."""

    def __init__(self, town: PlainTown):
        self.town = town
        self.incidents = counted(town.records, town.coverage, town.as_of)
        self.spans = covered_spans(town.coverage, town.as_of)
        self.severity = severities(self.incidents, town.fitted.severity_days, town.severity_table)
        self.town_hours = town_hours(self.incidents)
        self.hours_known = any(one.hours is not None for one in self.incidents)
        self.base = _base(town)
        places = [one.incident for one in self.incidents]
        slow = SlowRate(town.cells, places, self.base, self.spans)
        self.standing = {group: self._standing(group) for group in GROUPS}
        self.rates = {
            group: slow.group(
                group,
                self._numbers(group),
                [math.prod(row) for row in zip(*self.standing[group], strict=True)],
            )
            for group in GROUPS
        }
        self.local_hours = self._local_hours(places)
        self.pieces = [self._piece(part) for part in town.parts]

    def _numbers(self, group: str) -> Numbers:
        fitted, plain = self.town.fitted, Numbers()
        index = fitted.season.get(group, (1.0,) * 12)
        wide = fitted.dispersion.get(group)
        past, ahead = (
            math.fsum(i * share for i, share in zip(index, months, strict=True))
            for months in months_of(self.spans, self.town.as_of)
        )
        return Numbers(
            weights=fitted.weights.get(group, plain.weights),
            a=fitted.effect_shape.get(group, plain.a),
            rho=fitted.effect_other_groups.get(group, plain.rho),
            breaks=wide.breaks if wide else (),
            factors=wide.factors if wide else (1.0,),
            season=(past, ahead),
        )

    def _standing(self, group: str) -> list[list[float]]:
        """exp(β (x − x̄)) over the memory of darkness, of patrols and of cameras, by cell."""
        town, cells = self.town, range(len(self.town.cells))
        hours = self.town_hours[group]
        metres, lit, seen = ([0.0 for _ in cells] for _ in range(3))
        for part in town.parts:
            if part.section is not None:
                metres[part.cell] += part.length
                lit[part.cell] += part.length * (town.light[part.section][1] if town.light else 0)
                watched = town.cameras[part.section][1] if town.cameras else 0
                seen[part.cell] += part.length * watched
        dark = math.fsum(hours[w] * town.darkness[w] for w in WINDOWS)
        before = town.patrol_before or [dict.fromkeys(WINDOWS, 0.0) for _ in cells]
        dose = [math.fsum(hours[w] * before[one][w] for w in WINDOWS) for one in cells]
        felt, cover = ([0.0 for _ in cells] for _ in range(2))
        for one in cells:
            if metres[one] and town.light:
                felt[one] = dark * (1 - LIT_RELIEF * lit[one] / metres[one])
            if metres[one]:
                cover[one] = seen[one] / metres[one]
        betas = (DARK[group], PATROL, CAMERA)
        return [
            self._against_nearby(metres, x, beta)
            for x, beta in zip((felt, dose, cover), betas, strict=True)
        ]

    def _against_nearby(self, metres, x, beta: float) -> list[float]:
        """exp(β (x − x̄)), x̄ the mean by street length and nearness; 1 without a street."""
        factors = []
        for cell, near in enumerate(nearness(self.town.cells, 400)):
            if metres[cell] == 0:
                factors.append(1.0)
                continue
            weights = [k * m for k, m in zip(near, metres, strict=True)]
            around = math.fsum(w * one for w, one in zip(weights, x, strict=True))
            factors.append(math.exp(beta * (x[cell] - around / math.fsum(weights))))
        return factors

    def _local_hours(self, places) -> dict[tuple[str, str], list[float]]:
        """π_gτ(c): the town's share as 50 incidents, and those nearby, not normalised."""
        cells, found = self.town.cells, {}
        for group in GROUPS:
            raw = {}
            for w in WINDOWS:
                weights = [_hour_share(one, group, w) for one in self.incidents]
                held = [(n, m) for n, m in enumerate(laid(cells, places, weights)) if m]
                raw[w] = [
                    50 * self.town_hours[group][w] + math.fsum(near[n] * m for n, m in held)
                    for near in nearness(cells, 800)
                ]
            for w in WINDOWS:
                sums = (math.fsum(raw[one][c] for one in WINDOWS) for c in range(len(cells)))
                found[group, w] = [
                    value / whole if self.hours_known else HOURS[w] / 24
                    for value, whole in zip(raw[w], sums, strict=True)
                ]
        return found

    def _piece(self, part: Part) -> Piece:
        harm: dict[tuple[str, str], float] = {}
        timed, lit, patrolled = (dict.fromkeys(WINDOWS, 0.0) for _ in range(3))
        for group in GROUPS:
            monthly = MONTH * self.severity[group] * self.rates[group].expected[part.cell]
            for w in WINDOWS:
                value = monthly * part.weight * self.local_hours[group, w][part.cell]
                by_light = value * math.exp(DARK[group] * self._darker(part, w))
                timed[w] += value
                lit[w] += by_light
                visited = by_light * math.exp(PATROL * self._more_patrol(part, w))
                patrolled[w] += visited
                harm[group, w] = visited * math.exp(CAMERA * self._more_cover(part))
        rates = [self.rates[group] for group in GROUPS]
        return Piece(
            harm=harm,
            shape={group: self.rates[group].shape[part.cell] for group in GROUPS},
            common={group: self.rates[group].common[part.cell] for group in GROUPS},
            expected=MONTH * part.weight * math.fsum(rate.expected[part.cell] for rate in rates),
            chain=[part.weight * step for step in self._chain(part.cell)],
            timed=timed,
            lit=lit,
            patrolled=patrolled,
            moved=self._moved(part, harm),
            unsure=[self._unsure(part, harm)],
        )

    def _moved(self, part: Part, harm: dict) -> dict[tuple[str, str], float]:
        """What one standard deviation of each effect does to the harm of a window."""
        found = {}
        for w in WINDOWS:
            whole = math.fsum(harm[group, w] for group in GROUPS)
            darkened = math.fsum(harm[group, w] * DARK[group] / 0.315 for group in GROUPS)
            found["dark", w] = SPREAD["dark"] * darkened * self._darker(part, w)
            found["patrol", w] = SPREAD["patrol"] * whole * self._more_patrol(part, w)
            found["camera", w] = SPREAD["camera"] * whole * self._more_cover(part)
        return found

    def _unsure(self, part: Part, harm: dict) -> dict[str, float]:
        """What one standard deviation of an unknown lit share does to the harm of a window."""
        light = self.town.light
        spread = 0.0 if part.section is None or not light else light[part.section][2]
        return {
            w: spread * LIT_RELIEF * self.town.darkness[w]
            * math.fsum(DARK[group] * harm[group, w] for group in GROUPS)
            for w in WINDOWS
        }  # fmt: skip

    def _darker(self, part: Part, window: str) -> float:
        if part.section is None or not self.town.light:
            return 0.0
        now, before, _ = self.town.light[part.section]
        return self.town.darkness[window] * LIT_RELIEF * (before - now)

    def _more_patrol(self, part: Part, window: str) -> float:
        if not self.town.patrol_now:
            return 0.0
        now, before = self.town.patrol_now, self.town.patrol_before
        return now[part.cell][window] - before[part.cell][window]

    def _more_cover(self, part: Part) -> float:
        if part.section is None or not self.town.cameras:
            return 0.0
        now, before = self.town.cameras[part.section]
        return now - before

    def _chain(self, cell: int) -> list[float]:
        """A0 … A6 of a cell, then A3 with light and with light and patrols: groups summed."""
        steps = []
        for group in GROUPS:
            rate: GroupRate = self.rates[group]
            shares = (self.base, rate.long, rate.with_others, rate.full)
            values = [rate.level_of_year * share[cell] for share in shares]
            values += [rate.background[cell], rate.pulled[cell], rate.expected[cell]]
            light, patrol, _ = (factor[cell] for factor in self.standing[group])
            values += [values[3] * light, values[3] * light * patrol]
            steps.append([MONTH * self.severity[group] * value for value in values])
        return [math.fsum(values) for values in zip(*steps, strict=True)]


# -------------------------------------------------------------------------------------------


def _base(town: PlainTown) -> list[float]:
    area = math.fsum(cell.area for cell in town.cells)
    street = math.fsum(part.length for part in town.parts)
    if not street:
        return [cell.area / area for cell in town.cells]
    own = [0.0 for _ in town.cells]
    for part in town.parts:
        own[part.cell] += part.length
    return [
        0.9 * metres / street + 0.1 * cell.area / area
        for metres, cell in zip(own, town.cells, strict=True)
    ]


def _hour_share(one, group: str, window: str) -> float:
    if one.hours is None or one.incident.group != group:
        return 0.0
    return one.hours[window]
