"""H3 ids of many lattice cells: a few from H3, the rest by the pattern that they form.

All cells three resolutions below one cell lie about it in the same pattern, and their ids follow
the id of the one in the middle at the same distances, as long as the coarse cells belong to one
of H3's 122 base cells and lie on one face. One call of H3 then gives 343 ids.
"""

from __future__ import annotations

import h3.api.basic_int as h3
import numpy as np

from geo.cells.calibration import COARSEST_LATTICE, lattice_of_points
from geo.lattice import NEIGHBOUR_OFFSETS, FloatArray, IntArray, Lattice, number_places

SAMPLE = 32
"""Cells or points of each call that are also asked of H3."""

GENERATIONS = 3
FAMILY = 7**GENERATIONS
"""Cells of a family: a cell's descendants three resolutions below."""

FEWEST_CELLS = 5000
"""Below this many cells the pattern costs more than it saves."""


def lattice_ids(lattice: Lattice, i: IntArray, j: IntArray) -> IntArray:
    """Return the H3 ids of distinct cells known by i and j."""
    lat, lng = lattice.centres(i, j)
    ids = _ids_by_family(lattice, (i, j), (lat, lng))
    if ids is not None:
        unknown = np.flatnonzero(ids == 0)
        ids[unknown] = ask_h3(lat[unknown], lng[unknown], lattice.resolution)
        sample = sample_rows(len(ids))
        if np.array_equal(ids[sample], ask_h3(lat[sample], lng[sample], lattice.resolution)):
            return ids
    return ask_h3(lat, lng, lattice.resolution)


def ask_h3(lat: FloatArray, lng: FloatArray, resolution: int) -> IntArray:
    """Return the cell of each point, asked of H3 one by one."""
    points = zip(lat.tolist(), lng.tolist(), strict=True)
    return np.array([h3.latlng_to_cell(*point, resolution) for point in points], np.int64)


def sample_rows(count: int) -> IntArray:
    """Return up to 32 rows, evenly spaced from the first to the last."""
    return np.unique(np.linspace(0, count - 1, min(SAMPLE, count)).astype(np.int64))


# -------------------------------------------------------------------------------------------


def _ids_by_family(
    lattice: Lattice, places: tuple[IntArray, IntArray], centres: tuple[FloatArray, FloatArray]
) -> IntArray | None:
    """Return the ids, 0 where no family holds the cell; None where cells are few or far apart."""
    count = len(places[0])
    coarse_resolution = lattice.resolution - GENERATIONS
    if count < FEWEST_CELLS or coarse_resolution < COARSEST_LATTICE:
        return None
    first, last = np.min(places, axis=1), np.max(places, axis=1)
    shape = last - first + 1
    coarse = lattice_of_points(*centres, coarse_resolution)
    if coarse is None or shape.prod() > 16 * count:
        return None
    heads = _families(coarse, *coarse.locate(*centres))
    if len(heads) * FAMILY > 8 * count:
        return None
    window = np.zeros(shape, np.int64)
    base_cells = np.array([h3.get_base_cell_number(head) for head in heads.tolist()])
    for base_cell in np.unique(base_cells).tolist():
        i, j, ids = _members(lattice, heads[base_cells == base_cell])
        i, j = i - first[0], j - first[1]
        inside = (i >= 0) & (j >= 0) & (i < shape[0]) & (j < shape[1])
        window[i[inside], j[inside]] = ids[inside]
    return window[places[0] - first[0], places[1] - first[1]]


def _families(coarse: Lattice, a: IntArray, b: IntArray) -> IntArray:
    """Return the coarse cells whose families may hold the cells that lie in (a, b).

    A cell may lie in a coarse cell next to its ancestor: the neighbours belong to them.
    """
    _, a, b = number_places(a, b)
    steps = np.vstack([[(0, 0)], NEIGHBOUR_OFFSETS])
    _, a, b = number_places((a[:, None] + steps[:, 0]).ravel(), (b[:, None] + steps[:, 1]).ravel())
    return ask_h3(*coarse.centres(a, b), coarse.resolution)


def _members(lattice: Lattice, heads: IntArray) -> tuple[IntArray, IntArray, IntArray]:
    """Return i, j and ids of the families of coarse cells that share a base cell.

    Nothing for a base cell that is a pentagon: its families are turned against each other.
    """
    if h3.is_pentagon(h3.cell_to_parent(int(heads[0]), 0)):
        return (np.empty(0, np.int64),) * 3
    known = heads.tolist()
    middles = np.array([h3.cell_to_center_child(head, lattice.resolution) for head in known])
    centre = np.array([h3.cell_to_latlng(head) for head in known])
    i, j = lattice.locate(centre[:, 0], centre[:, 1])
    family = np.array(h3.cell_to_children(known[0], lattice.resolution))
    place = np.array([h3.cell_to_latlng(cell) for cell in family.tolist()])
    family_i, family_j = lattice.locate(place[:, 0], place[:, 1])
    return (
        (i[:, None] + family_i - i[0]).ravel(),
        (j[:, None] + family_j - j[0]).ravel(),
        (middles[:, None] + family - middles[0]).ravel(),
    )
