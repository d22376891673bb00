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


def lit_by_group(light: pd.DataFrame, column: str, weight: FloatArray) -> FloatArray:
    """Return the lit share of each row as groups meet it, each in its own dark hours.

    Parameters
    ----------
    light
        As in `lit_by_window`.
    weight
        What each window counts for each group, groups × windows.

    Returns
    -------
    Groups × rows; one row for all groups where no window has a share of its own.

    Examples
    --------
    A group that is met half in the night, of which a tenth of the light is left, and half at noon.

    >>> light = pd.DataFrame({"lit_share": [1.0], "lit_share_night": [0.1]})
    >>> weight = np.array([[0, 0.3, 0, 0, 0.3, 0]])
    >>> lit_by_group(light, "lit_share", weight).round(3).tolist()
    [[0.55]]
    """
    usual = light[column].to_numpy(np.float64)
    if not any(of_window(column, window) in light for window in WINDOWS):
        return usual[None]
    total = weight.sum(axis=1, keepdims=True)
    share = np.divide(weight, total, out=np.zeros_like(weight), where=total > 0)
    return np.asarray(usual + share @ (lit_by_window(light, column) - usual[:, None]).T, np.float64)


def light_as_then(light: pd.DataFrame) -> pd.DataFrame:
    """Return the light as if that of now, in every window, were that of the memory.

    Examples
    --------
    >>> light = pd.DataFrame({"lit_share": [1.0], "lit_share_history": [0.4]})
    >>> light_as_then(light)["lit_share"].tolist()
    [0.4]
    """
    return light.assign(**{now: light[then] for now, then in _now_and_then(light).items()})


def light_from_nothing(light: pd.DataFrame) -> pd.DataFrame:
    """Return the light as if none had been in the memory and had changed by as much as it has.

    Examples
    --------
    >>> light = pd.DataFrame({"lit_share": [1.0], "lit_share_history": [0.4]})
    >>> light_from_nothing(light).to_dict("records")
    [{'lit_share': 0.6, 'lit_share_history': 0.0}]
    """
    pairs = _now_and_then(light).items()
    return light.assign(
        **{now: light[now] - light[then] for now, then in pairs},
        **{then: 0.0 for _, then in pairs},
    )


# -------------------------------------------------------------------------------------------


def _now_and_then(light: pd.DataFrame) -> dict[str, str]:
    """Return the columns of the light now and those of the memory that they are compared with."""
    names = {c.LIT_SHARE: c.LIT_SHARE_HISTORY} | {
        of_window(c.LIT_SHARE, w): of_window(c.LIT_SHARE_HISTORY, w) for w in WINDOWS
    }
    return {now: then for now, then in names.items() if now in light}
