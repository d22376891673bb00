"""The lit share of streets by window: lamps may be dimmed or switched off for part of the night."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo import columns as c
from geo.columns import of_window
from geo.parameters import WINDOWS

FloatArray = npt.NDArray[np.float64]


def lit_by_window(light: pd.DataFrame, column: str = c.LIT_SHARE) -> FloatArray:
    """Return the lit share of each row by window; the same in every window that has no own.

    Parameters
    ----------
    light
        ``column`` and, for windows in which lamps are dimmed, a column of that window.

    Examples
    --------
    >>> light = pd.DataFrame({"lit_share": [1.0, 0.5], "lit_share_night": [0.3, 0.5]})
    >>> dict(zip(WINDOWS, lit_by_window(light)[0].tolist()))["night"]
    0.3
    """
    own = {window: of_window(column, window) for window in WINDOWS}
    names = [own[window] if own[window] in light else column for window in WINDOWS]
    return light[names].to_numpy(np.float64)
