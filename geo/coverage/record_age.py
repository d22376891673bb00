"""How far a record of light is still believed, by the time since anybody looked.

A record is believed in full for a year; from then on the belief halves every five years (assumed:
no study of how fast registers age was found). What is not believed falls back to the next best
evidence. A record that says nothing of when it was made is taken as it is.
"""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.parameters import HazardParameters

FloatArray = npt.NDArray[np.float64]


def record_belief(seen_at: pd.Series, as_of: date, parameters: HazardParameters) -> FloatArray:
    """Return the belief in records last confirmed at these times, 0 … 1.

    Parameters
    ----------
    seen_at
        Local times; a missing one gives 1, and so does one after ``as_of``.

    Examples
    --------
    >>> seen = pd.Series(pd.to_datetime(["2024-09-01", "2019-09-03", None]))
    >>> record_belief(seen, date(2025, 8, 31), HazardParameters()).round(3).tolist()
    [1.0, 0.5, 1.0]
    """
    end = pd.Timestamp(as_of + timedelta(days=1))
    age = ((end - pd.to_datetime(seen_at)) / pd.Timedelta(days=1)).to_numpy(float)
    stale = np.maximum(np.nan_to_num(age) - parameters.light_record_fresh_days, 0.0)
    return np.exp2(-stale / parameters.light_record_half_life_days)
