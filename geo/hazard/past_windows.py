"""What was known at past origins, and what happened next: what the fit of a town rests on."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geo.cells import Grid
from geo.hazard.components import component_keys, of_others, wanted_kernels
from geo.hazard.counted import CountedIncidents, earlier, first_at_address
from geo.hazard.evidence import exposure_days, town_level
from geo.hazard.sparse_kernels import (
    Ground,
    Places,
    lay_ground,
    mass_of,
    seen_incidents,
    spread_mass,
)
from geo.parameters import HazardParameters

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
Key = tuple[str, float, float]

HISTORY_DAYS = 400
"""Days of records that a window needs before it."""


@dataclass(frozen=True)
class PastWindows:
    """Evidence at past origins, and the incidents of the days after each.

    Arrays are windows × groups × places unless said; the names are those of `Evidence`.

    Attributes
    ----------
    starts, days
        Days before the forecast at which each window began, and how long each is.
    base
        Places.
    shares
        Components × windows × groups × places; the base where a component has no incident.
    happened
        Incidents in each window; a sensitive one is shared out over its coarse cell.
    exposure_days, level
        Windows, and windows × groups.
    """

    places: Places
    starts: IntArray
    days: int
    base: FloatArray
    shares: FloatArray
    record: FloatArray
    others: FloatArray
    expected_others: FloatArray
    happened: FloatArray
    exposure_days: FloatArray
    level: FloatArray

    def mixed(self, group: int, weights: FloatArray) -> FloatArray:
        """Return the share of a group's incidents that weights (base last) expect in each place.

        Windows × places.
        """
        share = weights[-1] * np.broadcast_to(self.base, self.record[:, group].shape)
        for weight, component in zip(weights[:-1], self.shares[:, :, group], strict=True):
            share = share + weight * component
        return share

    def stands_for(self, share: FloatArray) -> FloatArray:
        """Return how much of the town each place stands for, windows × places.

        1 for a listed cell. The sampled ones together stand for what the shares of the listed
        cells leave of 1, each in proportion to the number of its cells.

        Parameters
        ----------
        share
            Windows × places, share of the town's incidents expected in each place.
        """
        listed = self.places.listed
        left = np.maximum(1 - share[:, listed].sum(axis=1), 0)
        sampled = (share * self.places.stands_for)[:, ~listed].sum(axis=1)
        scale = np.divide(left, sampled, out=np.ones_like(left), where=sampled > 0)
        return np.where(listed, 1.0, self.places.stands_for * scale[:, None])


def window_starts(counted: CountedIncidents, days: int, most: int) -> IntArray:
    """Return how many days before the forecast past windows began, the latest first.

    Windows lie end to end, from the last recorded day backwards. Kept are the latest that were
    recorded throughout and have 400 recorded days before them.
    """
    starts: list[int] = []
    if counted.covered:
        start, first = math.ceil(counted.covered[0][0]) + days, counted.covered[-1][1]
        while len(starts) < most and start < first:
            whole = any(near <= start - days and start <= far for near, far in counted.covered)
            history = sum(max(far - max(near, start), 0) for near, far in counted.covered)
            if whole and history >= HISTORY_DAYS:
                starts.append(start)
            start += days
    return np.array(starts, np.int64)


def past_windows(
    counted: CountedIncidents,
    grid: Grid,
    base: FloatArray,
    parameters: HazardParameters,
    windows: tuple[IntArray, int],
) -> PastWindows:
    """Gather what was known at the start of each window, and what happened in it.

    Parameters
    ----------
    base
        Share of each cell of the grid in the base.
    windows
        Starts in days before the forecast, and the length in days.
    """
    starts, days = windows
    ground = lay_ground(counted, grid, parameters)
    here = base[ground.places.cell]
    life = parameters.effect_half_life_days
    kernels, totals = _kernels(counted, ground, starts)
    record = _cube(spread_mass(ground, _masses(counted, ground, starts, ("own", life)), 0), counted)
    near = _nearby(kernels, totals, here, parameters)
    known = [earlier(counted, start) for start in starts.tolist()]
    return PastWindows(
        places=ground.places,
        starts=starts,
        days=days,
        base=here,
        shares=np.stack(
            [_share(kernels[key], totals[key], here) for key in component_keys(parameters)]
        ),
        record=record,
        others=_of_others(record),
        expected_others=_of_others(_totals(counted, starts, ("own", life)))[:, :, None] * near,
        happened=_happened(counted, ground, starts, days),
        exposure_days=np.array([exposure_days(one.covered, life) for one in known]),
        level=np.stack([town_level(one, parameters.level_half_life_days)[0] for one in known]),
    )


# -------------------------------------------------------------------------------------------


def _kernels(
    counted: CountedIncidents, ground: Ground, starts: IntArray
) -> tuple[dict[Key, FloatArray], dict[Key, FloatArray]]:
    """Return kernels of incidents and their sums over the whole town, by component.

    Windows × groups × places, and windows × groups.
    """
    wanted = wanted_kernels(ground.parameters)
    memories = sorted({(kind, life) for kind, _, life in wanted})
    masses = {one: _masses(counted, ground, starts, one) for one in memories}
    sums = {one: _totals(counted, starts, one) for one in memories}
    kernels: dict[Key, FloatArray] = {}
    # The widest first: its pairs are the most, and little else is in memory yet.
    for width in sorted({width for _, width, _ in wanted}, reverse=True):
        keys = [key for key in wanted if key[1] == width]
        side_by_side = [
            np.concatenate(source, axis=1)
            for source in zip(*(masses[kind, life] for kind, _, life in keys), strict=True)
        ]
        spread = np.split(spread_mass(ground, side_by_side, width), len(keys), axis=1)
        kernels.update(zip(keys, (_cube(mass, counted) for mass in spread), strict=True))
    return kernels, {key: sums[key[0], key[2]] for key in kernels}


def _masses(
    counted: CountedIncidents, ground: Ground, starts: IntArray, memory: tuple[str, float]
) -> list[FloatArray]:
    """Return the mass of each kind of source, cells × (groups · windows)."""
    by_group = [mass_of(ground, weights) for weights in _weights(counted, starts, memory)]
    return [np.concatenate(source, axis=1) for source in zip(*by_group, strict=True)]


def _totals(counted: CountedIncidents, starts: IntArray, memory: tuple[str, float]) -> FloatArray:
    sums = [weights.sum(axis=0) for weights in _weights(counted, starts, memory)]
    return np.stack(sums, axis=1)


def _weights(
    counted: CountedIncidents, starts: IntArray, memory: tuple[str, float]
) -> Iterator[FloatArray]:
    """Yield, group by group, what each incident counts at each origin: incidents × windows."""
    kind, life = memory
    age = counted.age_days[:, None] - starts
    remembered = np.where(age > 0, np.exp2(-np.maximum(age, 0) / life), 0.0)
    for group in range(len(counted.groups)):
        chosen = counted.group == group if kind == "own" else first_at_address(counted, group)
        yield remembered * chosen[:, None]


def _happened(counted: CountedIncidents, ground: Ground, starts: IntArray, days: int) -> FloatArray:
    age = counted.age_days[:, None]
    inside = (age <= starts) & (age > starts - days)
    seen = seen_incidents(counted, ground)
    groups = range(len(counted.groups))
    columns = [seen @ (inside * (counted.group == group)[:, None]) for group in groups]
    return _cube(np.concatenate(columns, axis=1).astype(float), counted)


def _cube(columns: FloatArray, counted: CountedIncidents) -> FloatArray:
    """Turn places × (groups · windows) into windows × groups × places."""
    return np.moveaxis(columns.reshape(len(columns), len(counted.groups), -1), 0, 2).swapaxes(0, 1)


def _nearby(
    kernels: dict[Key, FloatArray],
    totals: dict[Key, FloatArray],
    base: FloatArray,
    parameters: HazardParameters,
) -> FloatArray:
    """Return `geo.hazard.components.nearby_share` at each origin."""
    life = parameters.long_half_life_days
    near = parameters.effect_base * base
    for width, weight in parameters.effect_nearby:
        key = ("own", float(width), float(life))
        near = near + weight * _share(_of_others(kernels[key]), _of_others(totals[key]), base)
    for width, weight in parameters.effect_own:
        key = ("own", float(width), float(life))
        near = near + weight * _share(kernels[key], totals[key], base)
    return near


def _share(mass: FloatArray, total: FloatArray, base: FloatArray) -> FloatArray:
    """Return the share of the town's mass in each place, the base's where there is no mass."""
    whole = total[:, :, None]
    mixed = mass / np.where(whole > 0, whole, 1.0)
    return np.where(whole > 0, mixed, base)


def _of_others(values: FloatArray) -> FloatArray:
    """Sum what the other groups have: windows × groups (× places)."""
    return np.moveaxis(of_others(np.moveaxis(values, 1, 0)), 0, 1)
