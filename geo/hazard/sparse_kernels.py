"""Kernels of incidents at few places and many origins, by the pairs between them.

The fit asks for few places, the cells with an incident and a sample of the others, but at many
past origins. So each width is laid out once between these places and the cells that hold
incidents, and every origin and memory is a sum over the same pairs. The cost depends on the
incidents and hardly on the size of the town.

The numbers are those of `geo.hazard.counted.group_mass` and `geo.hazard.kernels.kernel_share`,
within the error stated there; an incident known to ±σ only is spread by one kernel of width
√(h² + σ²) instead of two, one after the other.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from geo.cells import Grid
from geo.hazard.counted import CountedIncidents, spread_classes
from geo.hazard.kernels import kernel_pairs
from geo.parameters import HazardParameters

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

SAMPLED = 2000
"""About how many cells stand for all those without an incident in them."""

SAMPLED_HIDDEN = 12
"""One of this many stands for the cells over which sensitive incidents are spread."""


@dataclass(frozen=True)
class Places:
    """The cells that are looked at.

    Attributes
    ----------
    cell
        Positions in the grid, sorted.
    listed
        Whether the cell is looked at for an incident in it, and so stands for itself alone.
    stands_for
        How many cells of the grid each stands for; their sum is the number of cells.
    """

    cell: IntArray
    listed: npt.NDArray[np.bool_]
    stands_for: FloatArray


@dataclass(frozen=True)
class Sources:
    """The cells that hold incidents, and which part of each incident lies in each.

    Attributes
    ----------
    width_m
        σ of the incidents that are known to ±σ only, 0 for all others.
    cell
        Positions in the grid, sorted.
    holds
        Cells × incidents; the column of an incident of another width is empty.
    """

    width_m: float
    cell: IntArray
    holds: csr_array


@dataclass(frozen=True)
class Ground:
    """Where incidents lie, and where their kernels are asked for."""

    grid: Grid
    places: Places
    sources: list[Sources]
    parameters: HazardParameters


def looked_at(counted: CountedIncidents, grid: Grid) -> Places:
    """Choose the cells with an incident, and every so many of the others, in their order.

    Where sensitive incidents are spread the sample is closer. Their own cells are not listed:
    which cell of a coarse one a sensitive incident lies in changes nothing.
    """
    cells = len(grid.cells)
    listed = np.zeros(cells, bool)
    listed[counted.cell[~counted.sensitive]] = True
    hides = np.bincount(counted.hiding[counted.cell[counted.sensitive]], minlength=cells) > 0
    hidden = hides[counted.hiding] & ~listed
    open_field = ~listed & ~hidden
    # The cells of a coarse cell lie together in the order of the ids.
    by_coarse = np.flatnonzero(hidden)[np.argsort(counted.hiding[hidden], kind="stable")]
    stands_for = listed.astype(float)
    for group, stride in (
        (by_coarse, SAMPLED_HIDDEN),
        (np.flatnonzero(open_field), max(int(open_field.sum()) // SAMPLED, 1)),
    ):
        chosen = group[stride // 2 :: stride] if len(group) > stride else group
        stands_for[chosen] = len(group) / max(len(chosen), 1)
    cell = np.flatnonzero(stands_for > 0)
    return Places(cell, listed[cell], stands_for[cell])


def sources_by_width(
    counted: CountedIncidents, grid: Grid, parameters: HazardParameters
) -> list[Sources]:
    """Return the cells that hold incidents, for each width to which incidents are known."""
    spread = spread_classes(counted, parameters)
    found = []
    exact, hidden = np.flatnonzero(spread == 0), np.flatnonzero(spread < 0)
    over, parts, rows = _spread_over(counted, grid, hidden)
    found.append(
        _sources(
            0.0,
            np.concatenate([counted.cell[exact], over]),
            np.concatenate([exact, rows]),
            np.concatenate([np.ones(len(exact)), parts]),
            len(spread),
        )
    )
    for number, width in enumerate(parameters.accuracy_classes_m, start=1):
        wide = np.flatnonzero(spread == number)
        if len(wide):
            held = counted.cell[wide], wide, np.ones(len(wide))
            found.append(_sources(float(width), *held, len(spread)))
    return found


def lay_ground(counted: CountedIncidents, grid: Grid, parameters: HazardParameters) -> Ground:
    """Choose the places, and find what holds the incidents."""
    places = looked_at(counted, grid)
    return Ground(grid, places, sources_by_width(counted, grid, parameters), parameters)


def mass_of(ground: Ground, weights: FloatArray) -> list[FloatArray]:
    """Lay weighted incidents (incidents × columns) on the cells of each kind of source."""
    return [held.holds @ weights for held in ground.sources]


def spread_mass(ground: Ground, masses: list[FloatArray], bandwidth_m: float) -> FloatArray:
    """Spread mass by a kernel and return what of it comes to the places.

    Parameters
    ----------
    masses
        For each kind of source, cells × columns.
    bandwidth_m
        h; 0 for the mass as it lies.

    Returns
    -------
    Places × columns.
    """
    here = ground.places.cell
    laid = np.zeros((len(here), masses[0].shape[1]))
    for held, mass in zip(ground.sources, masses, strict=True):
        width = math.hypot(bandwidth_m, held.width_m)
        if width > 0:
            laid += kernel_pairs(ground.grid, here, held.cell, width, ground.parameters) @ mass
        else:
            _, there, source = np.intersect1d(
                here, held.cell, assume_unique=True, return_indices=True
            )
            laid[there] += mass[source]
    return laid


def seen_incidents(counted: CountedIncidents, ground: Ground) -> csr_array:
    """Return at which places each incident is seen to happen, places × incidents.

    Each incident at its own cell, a sensitive one over the places that stand for its coarse
    cell; each column sums to 1.
    """
    places = ground.places
    own = np.flatnonzero(~counted.sensitive)
    at = np.searchsorted(places.cell, counted.cell[own])
    coarse = counted.hiding[places.cell]
    area = ground.grid.area_m2[places.cell] * places.stands_for
    hidden = np.flatnonzero(counted.sensitive)
    rows, incidents, parts = [at], [own], [np.ones(len(own))]
    for one, home in zip(hidden, counted.hiding[counted.cell[hidden]], strict=True):
        here = np.flatnonzero(coarse == home)
        drawn = here[~places.listed[here]]
        seen = drawn if len(drawn) else here
        rows.append(seen)
        incidents.append(np.full(len(seen), one))
        parts.append(area[seen] / area[seen].sum())
    held = np.concatenate(parts), (np.concatenate(rows), np.concatenate(incidents))
    return csr_array(held, shape=(len(places.cell), len(counted.group)))


# -------------------------------------------------------------------------------------------


def _sources(
    width_m: float, cell: IntArray, incident: IntArray, part: FloatArray, incidents: int
) -> Sources:
    cells, row = np.unique(cell, return_inverse=True)
    holds = csr_array((part, (row, incident)), shape=(len(cells), incidents))
    return Sources(width_m, cells, holds)


def _spread_over(
    counted: CountedIncidents, grid: Grid, hidden: IntArray
) -> tuple[IntArray, FloatArray, IntArray]:
    """Share each sensitive incident out over its coarse cell: cells, parts and incidents."""
    order = np.argsort(counted.hiding, kind="stable")
    size = np.bincount(counted.hiding)
    first = np.cumsum(size) - size
    area = np.bincount(counted.hiding, weights=grid.area_m2)
    coarse = counted.hiding[counted.cell[hidden]]
    many = size[coarse]
    within = np.arange(many.sum()) - np.repeat(np.cumsum(many) - many, many)
    cell = order[np.repeat(first[coarse], many) + within]
    part = grid.area_m2[cell] / np.repeat(area[coarse], many)
    return cell, part, np.repeat(hidden, many)
