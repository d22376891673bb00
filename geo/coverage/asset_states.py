"""The state of each lamp and camera on a day, in one word, and since when it is down."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd

from geo.coverage.lamp_times import LampTimes

WORKS, BROKEN, UNKNOWN, PLANNED = "working", "broken", "unknown", "planned"


def asset_states(assets: pd.DataFrame, times: LampTimes, as_of: date) -> pd.DataFrame:
    """Return the state of each lamp or camera at the end of a day.

    Parameters
    ----------
    assets
        With ``broken_from``.
    times
        Of the same assets on that day, by `geo.coverage.lamp_times.lamp_times`.

    Returns
    -------
    DataFrame
        On the assets' index: state (working | broken | unknown | planned: not commissioned by then)
        and down_since (missing where it is not broken, and where nobody recorded the day).
    """
    state = np.select(
        [~times.standing, times.working_now, times.unknown_now], [PLANNED, WORKS, UNKNOWN], BROKEN
    )
    since = pd.to_datetime(assets["broken_from"])
    told = (state == BROKEN) & (since < pd.Timestamp(as_of + timedelta(days=1))).to_numpy(bool)
    return pd.DataFrame(
        {"state": state.astype(object), "down_since": since.where(told)}, index=assets.index
    )
