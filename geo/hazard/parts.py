"""Street parts: made complete, given their children, and laid out as a table."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo import columns as c
from geo.cells import CellGrid, cell_parents
from geo.hazard.score import sum_by
from geo.parameters import GROUPS, WINDOWS

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

OFF_STREET = -1
PARENT_RESOLUTIONS = (9, 8, 7)


def complete_parts(parts: pd.DataFrame, grid: CellGrid) -> pd.DataFrame:
    """Add one part for each cell without a street, so that every cell is whole.

    Returns
    -------
    DataFrame
        section (−1 off the streets), cell, length_m, weight; sorted by cell and section.
    """
    kept = parts[["section", "cell", c.LENGTH_M, c.WEIGHT]]
    without = np.ones(len(grid.cells), bool)
    without[parts["cell"].to_numpy(np.int64)] = False
    bare = np.flatnonzero(without)
    added = pd.DataFrame({"section": OFF_STREET, "cell": bare, c.LENGTH_M: 0.0, c.WEIGHT: 1.0})
    whole = pd.concat([kept, added], ignore_index=True) if len(kept) else added
    return whole.sort_values(["cell", "section"], ignore_index=True)


def street_length(parts: pd.DataFrame, by: str, places: int) -> FloatArray:
    """Return the metres of street of each section or cell, inside the grid."""
    return sum_by(parts[by].to_numpy(np.int64), parts[c.LENGTH_M].to_numpy(float), places)


def part_minutes(parts: pd.DataFrame, child_minutes: pd.DataFrame) -> FloatArray:
    """Share a section's child-minutes over its parts by length, parts × windows.

    Off the streets no child is modelled: 0. A section whose minutes are unknown stays NaN.
    """
    section = parts["section"].to_numpy(np.int64)
    length = parts[c.LENGTH_M].to_numpy(float)
    whole = street_length(parts, "section", len(child_minutes))
    on_street = section >= 0
    share = np.zeros(len(parts))
    share[on_street] = length[on_street] / whole[section[on_street]]
    minutes = np.zeros((len(parts), len(WINDOWS)))
    walked = child_minutes.reindex(columns=list(WINDOWS), fill_value=0.0).to_numpy(float)
    minutes[on_street] = walked[section[on_street]] * share[on_street, None]
    return minutes


def part_table(
    parts: pd.DataFrame,
    harm: FloatArray,
    section_id: npt.NDArray[np.object_],
    cells: npt.NDArray[np.int64],
    *,
    hours_known: bool,
) -> pd.DataFrame:
    """Lay out the hazard of every part, of the day and of each window, and whose it is.

    Parameters
    ----------
    harm
        Parts × groups × windows.
    """
    section = parts["section"].to_numpy(np.int64)
    names = np.array([*section_id, None], dtype=object)[section]  # −1 takes the last: none
    by_group, by_window = harm.sum(axis=2), harm.sum(axis=1)
    whole = by_group.sum(axis=1, keepdims=True)
    shares = np.divide(by_group, whole, out=np.full(by_group.shape, np.nan), where=whole > 0)
    windows = by_window if hours_known else np.full(by_window.shape, np.nan)
    return pd.DataFrame(
        {
            c.SECTION_ID: names,
            c.H3_CELL: cells[parts["cell"].to_numpy(np.int64)],
            c.LENGTH_M: parts[c.LENGTH_M].to_numpy(float),
            c.WEIGHT: parts[c.WEIGHT].to_numpy(float),
            c.HAZARD: by_window.sum(axis=1),
            **{c.share_column(group): shares[:, n] for n, group in enumerate(GROUPS)},
            **{c.of_window(c.HAZARD, w): windows[:, n] for n, w in enumerate(WINDOWS)},
        }
    )


def parent_cells(grid: CellGrid) -> dict[int, tuple[IntArray, IntArray]]:
    """Return the cells of each resolution, and the position of each grid cell's parent there."""
    own = {grid.resolution: (grid.cells, np.arange(len(grid.cells)))}
    coarser = (resolution for resolution in PARENT_RESOLUTIONS if resolution < grid.resolution)
    for resolution in coarser:
        cells, parent = np.unique(cell_parents(grid.cells, resolution), return_inverse=True)
        own[resolution] = (cells, parent)
    return own
