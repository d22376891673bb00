"""The tile layer of patrols: where hazard is left without presence, cell by cell."""

from __future__ import annotations

import numpy as np
import pandas as pd

from geo import columns as c
from geo.cells import cell_boundaries, format_cells
from geo.columns import of_window
from geo.parameters import WINDOWS
from maps.tiles import TileLayer

PATROL_ZOOMS = (12, 15)

PAINTED_GAP = 2
"""A gap of class 1 is not painted: an empty part of the map is information."""

_SPANS = ("", *(of_window("", window) for window in WINDOWS))
GAPS = tuple(c.GAP + span for span in _SPANS)
DOSES = tuple(c.DOSE + span for span in _SPANS)


def patrol_layer(cells: pd.DataFrame) -> TileLayer:
    """Return the cells with a gap to paint in any window, and those that patrols are felt in.

    Parameters
    ----------
    cells
        As disclosed: ``h3_cell``, ``gap`` (class 1–5) and ``dose`` (in quarters) of the day and of
        each window, ``last_visit_days``.

    Returns
    -------
    TileLayer
        ``patrols``; the id is the cell's text. ``last_visit_days`` is missing where no visit was
        ever recorded.
    """
    gap = (cells[list(GAPS)].astype("Float64") >= PAINTED_GAP).fillna(False).any(axis=1)
    felt = (cells[list(DOSES)] > 0).any(axis=1)
    shown = cells[(gap | felt).to_numpy(bool)].sort_values(c.H3_CELL)
    ids = shown[c.H3_CELL].to_numpy(np.int64)
    whole = [*GAPS, c.LAST_VISIT_DAYS]
    properties = shown[[*whole, *DOSES]].reset_index(drop=True)
    properties[whole] = properties[whole].astype("Int64")
    properties.insert(0, "id", format_cells(ids))
    return TileLayer("patrols", cell_boundaries(ids), properties, *PATROL_ZOOMS)
