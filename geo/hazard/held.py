"""What a rate rests on, kept with the run: enough to say what one incident does to a place.

Two frames and a few numbers go into the snapshot. The frame of incidents holds for each its cell
(that of resolution 8 for a sensitive one), its day, group and article, whether its place is vague,
and a number that is equal for incidents at one address. It holds no id, no hour, no point and no
address, and leaves the service in sums, or a row at a time for whom `geo.disclosure` allows it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo import columns as c
from geo.cells import Grid, cell_parents
from geo.hazard.counted import CountedIncidents
from geo.hazard.evidence import exposure_days
from geo.hazard.fitted import Model
from geo.hazard.kernels import kernel_cut_m, kernel_places, kernel_sum
from geo.hazard.rate import TownRate
from geo.parameters import HazardParameters

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]
Made = TypeVar("Made")

OWN, OTHERS, FIRST = "own", "others", "first"
"""Whose incidents a component holds: the group's, all others', the others' first at an address."""

HIDDEN, EXACT = -1, 0
"""Where an incident lies: over its coarse cell, in its cell, or (1, 2, …) in an accuracy class."""


@dataclass(frozen=True)
class HeldRate:
    """A rate taken apart, with what stays as it is while single incidents are left out.

    Attributes
    ----------
    incidents
        Columns of `incident_rows`.
    cells
        Columns of `cell_rows`, sorted by cell.
    numbers
        As `held_numbers` wrote them.
    as_of
        First day of the forecast.
    """

    incidents: pd.DataFrame
    cells: pd.DataFrame
    numbers: Mapping[str, Any]
    as_of: date
    parameters: HazardParameters

    @property
    def groups(self) -> tuple[str, ...]:
        """Return the names of the offence groups."""
        return tuple(self.numbers["level"])

    def number(self, name: str) -> FloatArray:
        """Return one number (or row of numbers) a group."""
        return np.array([self.numbers[name][group] for group in self.groups], np.float64)

    @cached_property
    def group(self) -> IntArray:
        """Position of each incident's group."""
        codes = {group: code for code, group in enumerate(self.groups)}
        return np.asarray(self.incidents[c.OFFENCE_GROUP].map(codes), np.int64)

    @cached_property
    def age_days(self) -> FloatArray:
        """Days from each incident's noon to the forecast."""
        days = pd.Timestamp(self.as_of) - self.incidents[c.OCCURRED_ON]
        return days.dt.days.to_numpy(float) - 0.5

    @cached_property
    def spread(self) -> IntArray:
        """Where each incident lies: `HIDDEN`, `EXACT` or its accuracy class."""
        widths = self.parameters.accuracy_classes_m
        class_of = {float(width): place for place, width in enumerate(widths, start=1)}
        vague = self.incidents[c.GEO_ACCURACY_M].map(class_of).fillna(EXACT).to_numpy(np.int64)
        return np.where(self.incidents[c.SENSITIVE].to_numpy(bool), HIDDEN, vague)

    @cached_property
    def coarse(self) -> IntArray:
        """Number of the coarse cell over which a sensitive incident is spread, for each cell."""
        return np.unique(self._parents, return_inverse=True)[1]

    @cached_property
    def position(self) -> IntArray:
        """Position of each incident's cell; of any cell of its coarse one where it is hidden."""
        ids, first = np.unique(self._parents, return_index=True)
        wanted = self.incidents[c.H3_CELL].to_numpy(np.int64)
        hidden = self.spread == HIDDEN
        place = np.searchsorted(self.cells[c.H3_CELL].to_numpy(np.int64), wanted)
        place[hidden] = first[np.searchsorted(ids, wanted[hidden])]
        return place

    @cached_property
    def heirs(self) -> list[tuple[BoolArray, IntArray]]:
        """For each group: who is the first of the others at an address, and who comes next.

        The second array holds the position of the next one at the address for the first, and −1
        for everyone else.
        """
        address = self.incidents[c.ADDRESS_NUMBER].to_numpy(np.int64)
        return [
            _first_and_next(address, (self.group != code) & (address >= 0))
            for code in range(len(self.groups))
        ]

    def of_cells(self, column: str) -> FloatArray:
        """Return a column of the cells."""
        return self._kept(column, lambda: self.cells[column].to_numpy(np.float64))

    def memory(self, half_life_days: float) -> FloatArray:
        """Return how much each incident still counts."""
        life = half_life_days
        return self._kept(("memory", life), lambda: np.exp2(-self.age_days / life))

    def total(self, half_life_days: float, group: int, members: str) -> float:
        """Return the memory of a group's incidents, or of the others' (all, or first ones)."""

        def summed() -> float:
            return float(self.memory(half_life_days)[self.members(group, members)].sum())

        return self._kept(("total", half_life_days, group, members), summed)

    def members(self, group: int, members: str) -> BoolArray:
        """Tell who belongs to a group (``own``), who to the ``others``, and who is ``first``."""
        if members == FIRST:
            return self.heirs[group][0]
        own = members == OWN
        return self._kept(("members", group, own), lambda: (self.group == group) == own)

    def _kept(self, key: Hashable, make: Callable[[], Made]) -> Made:
        if key not in self._made:
            self._made[key] = make()
        made: Made = self._made[key]
        return made

    @cached_property
    def _made(self) -> dict[Hashable, Any]:
        return {}

    @cached_property
    def _parents(self) -> IntArray:
        cells = self.cells[c.H3_CELL].to_numpy(np.int64)
        return cell_parents(cells, self.parameters.sensitive_resolution)


def incident_rows(
    counted: CountedIncidents, grid: Grid, parameters: HazardParameters
) -> pd.DataFrame:
    """Lay out the incidents that entered the rate, oldest first, without what names a case."""
    order = np.argsort(-counted.age_days, kind="stable")  # ties: by incident_id
    frame = counted.frame.iloc[order].reset_index(drop=True)
    cell, sensitive = counted.cell[order], counted.sensitive[order]
    coarse = grid.coarser(parameters.sensitive_resolution)
    days = pd.to_timedelta(np.ceil(counted.age_days[order]), unit="D")
    article = frame[c.ARTICLE] if c.ARTICLE in frame else pd.Series(None, frame.index, dtype=object)
    return pd.DataFrame(
        {
            c.NUMBER: np.arange(len(frame)),
            c.H3_CELL: np.where(sensitive, coarse[cell], grid.cells[cell]),
            c.OFFENCE_GROUP: frame[c.OFFENCE_GROUP],
            c.ARTICLE: article,
            c.OCCURRED_ON: (pd.Timestamp(counted.as_of) - days).as_unit("s"),
            c.SENSITIVE: sensitive,
            c.ADDRESS_NUMBER: counted.address[order],
            c.GEO_ACCURACY_M: _accuracy_class(frame[c.GEO_ACCURACY_M], parameters),
        }
    )


def cell_rows(
    grid: Grid, rate: TownRate, groups: tuple[str, ...], parameters: HazardParameters
) -> pd.DataFrame:
    """Lay out what the rate of a cell rests on beside incidents."""
    x, y = kernel_places(grid)
    reach = {
        c.reach_column(width): kernel_sum(grid, grid.area_m2, width, parameters)
        for width in _widths(parameters)
    }
    contrast = {
        c.contrast_column(group): row for group, row in zip(groups, rate.contrast, strict=True)
    }
    return pd.DataFrame(
        {
            c.H3_CELL: grid.cells,
            c.X_M: x,
            c.Y_M: y,
            c.AREA_M2: grid.area_m2,
            c.BASE_SHARE: rate.base,
            **reach,
            **contrast,
        }
    )


def held_numbers(
    counted: CountedIncidents, grid: Grid, rate: TownRate, model: Model
) -> dict[str, Any]:
    """Return the numbers of a rate that are alike for the whole town, as JSON holds them."""
    parameters, groups = model.parameters, counted.groups
    alone = int((counted.count_by_group() > 0).sum()) <= 1
    own = len(parameters.own_components)
    weights = {group: list(model.weights(group)) for group in groups}
    if alone:
        weights = {
            g: [*row[:own], *[0.0] * len(row[own:-1]), row[-1]] for g, row in weights.items()
        }
    return {
        "level": dict(zip(groups, rate.level_of_year.tolist(), strict=True)),
        "weights": weights,
        "effect_shape": {group: model.effect_shape(group) for group in groups},
        "effect_other_groups": {
            group: 0.0 if alone else model.effect_other_groups(group) for group in groups
        },
        "exposure_days": exposure_days(counted.covered, parameters.effect_half_life_days),
        "kernel_cut_m": {
            f"{width:g}": kernel_cut_m(grid, width, parameters) for width in _widths(parameters)
        },
    }


# -------------------------------------------------------------------------------------------


def _widths(parameters: HazardParameters) -> list[float]:
    """Return every width by which incidents are spread."""
    components = (*parameters.own_components, *parameters.other_components)
    nearby = (*parameters.effect_nearby, *parameters.effect_own)
    return sorted(
        {float(one.bandwidth_m) for one in components}
        | {float(width) for width, _ in nearby}
        | {float(width) for width in parameters.accuracy_classes_m}
    )


def _accuracy_class(accuracy_m: pd.Series, parameters: HazardParameters) -> FloatArray:
    """Round ± metres to the class by which the place is spread; 0 where it counts as exact."""
    known = accuracy_m.to_numpy(float)
    widths = np.array(parameters.accuracy_classes_m, float)
    nearest = widths[np.argmin(np.abs(np.nan_to_num(known)[:, None] - widths), axis=1)]
    return np.where(known > parameters.accuracy_exact_m, nearest, 0.0)


def _first_and_next(address: IntArray, eligible: BoolArray) -> tuple[BoolArray, IntArray]:
    """Find the first at each address and who follows; rows come oldest first."""
    chosen = np.flatnonzero(eligible)
    chosen = chosen[np.argsort(address[chosen], kind="stable")]
    first, following = np.zeros(len(address), bool), np.full(len(address), -1)
    starts = np.flatnonzero(np.diff(address[chosen], prepend=-1))
    first[chosen[starts]] = True
    paired = starts[np.append(np.diff(starts), len(chosen) - starts[-1:]) > 1]
    following[chosen[paired]] = chosen[paired + 1]
    return first, following
