"""A town whose cells bear each other's ids: the places stay, the labels are dealt anew."""

from dataclasses import dataclass, fields, replace

import numpy as np

from geo.cells import CellGrid
from geo.hazard.town import Town


@dataclass(frozen=True)
class ShuffledGrid(CellGrid):
    """Position p holds the place that the real grid has at ``order[p]``; ids stay sorted."""

    real: CellGrid
    order: np.ndarray

    def locate(self, lat, lng):
        found = self.real.locate(lat, lng)
        return np.where(found < 0, -1, np.argsort(self.order)[found])

    def coarser(self, resolution):
        return self.real.coarser(resolution)[self.order]


def shuffled_town(town: Town, order: np.ndarray) -> Town:
    """The same town on a grid whose cells are numbered in another order."""
    real = town.grid
    values = {field.name: getattr(real, field.name) for field in fields(real)}
    for name in ("lat", "lng", "x", "y", "area_m2", "row", "col"):
        values[name] = values[name][order]
    patrols = {
        name: getattr(town, name).iloc[order].reset_index(drop=True)
        for name in ("patrol_now", "patrol_history")
        if getattr(town, name) is not None
    }
    parts = town.parts.assign(cell=np.argsort(order)[town.parts["cell"].to_numpy(int)])
    grid = ShuffledGrid(**values, real=real, order=order)
    return replace(town, grid=grid, parts=parts, **patrols)
