"""The dark gap: child-minutes that are walked in the dark without working light.

On a section, in a window of a month, children spend E minutes, of which the darkness of the window
is the part in the dark. They fall to lit, unlit and unknown street as its length does. Nothing is
lost on the way: the three add up to E times the darkness, and light of which nobody knows is
never counted as dark.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo import columns as c
from geo.columns import of_window
from geo.coverage.lit_windows import lit_by_window
from geo.parameters import WINDOWS

FloatArray = npt.NDArray[np.float64]

LENGTHS = (c.LIT_M, c.UNLIT_M, c.UNKNOWN_LIGHT_M)
DARK_PARTS = (c.LIT_DARK_MINUTES, c.UNLIT_DARK_MINUTES, c.UNKNOWN_DARK_MINUTES)


@dataclass(frozen=True)
class DarkMonth:
    """One month of the gap.

    Attributes
    ----------
    month
        Such as ``2026-12``.
    darkness
        Of each window, 0 … 1, the mean over the month's days.
    walks
        School days of the month over those of the mean month that child-minutes are given for; 0
        in a month without school, in which nobody knows where children walk.
    """

    month: str
    darkness: Mapping[str, float]
    walks: float = 1.0


def dark_gap(
    sections: pd.DataFrame, months: Iterable[DarkMonth], windows: Sequence[str] = tuple(WINDOWS)
) -> pd.DataFrame:
    """Return the child-minutes of each section and how many of them are walked in the dark.

    Parameters
    ----------
    sections
        lit_m, unlit_m, unknown_light_m, child_minutes_<window> (of a mean month) and, where lamps
        are dimmed, lit_share and lit_share_<window>.
    months
        Those that are added up; a month without school adds nothing.
    windows
        Those that are added up.

    Returns
    -------
    DataFrame
        On the sections' index: child_minutes, lit_dark_minutes, unlit_dark_minutes and
        unknown_dark_minutes (child-minutes of all months and windows given); NaN where no month
        has school, or where child-minutes are not known.

    Examples
    --------
    >>> street = {"lit_m": [30.0], "unlit_m": [60.0], "unknown_light_m": [10.0],
    ...           "child_minutes_school_am": [1000.0]}
    >>> month = DarkMonth("2026-12", {"school_am": 0.8})
    >>> dark_gap(pd.DataFrame(street), [month], ["school_am"]).round(6).iloc[0].tolist()
    [1000.0, 240.0, 480.0, 80.0]
    """
    held = [month for month in months if month.walks > 0]
    walks = np.array([month.walks for month in held])
    dark = np.array([[month.darkness[w] for w in windows] for month in held]).reshape(
        -1, len(windows)
    )
    minutes = _minutes(sections, windows)
    spent = minutes.sum(axis=1) * walks.sum()
    shares = light_shares(sections, windows)
    parts = np.einsum("sw,skw,w->sk", minutes, shares, walks @ dark)
    result = pd.DataFrame(parts, columns=list(DARK_PARTS), index=sections.index)
    result.insert(0, c.CHILD_MINUTES, spent)
    return result if held else result * np.nan


def town_dark_gap(
    sections: pd.DataFrame, months: Iterable[DarkMonth], windows: Sequence[str] = tuple(WINDOWS)
) -> pd.DataFrame:
    """Return the sums over all sections, one row a month and window.

    Returns
    -------
    DataFrame
        month, window, darkness (0 … 1), child_minutes and the three of `dark_gap`; NaN in a month
        without school.
    """
    minutes = _minutes(sections, windows)
    shares = light_shares(sections, windows)
    spent = minutes.sum(axis=0)
    parts = np.einsum("sw,skw->kw", minutes, shares)
    rows = [
        (month.month, window, month.darkness[window], walks * spent[n], *(
            walks * month.darkness[window] * parts[:, n]
        ))
        for month in months
        for walks in [month.walks if month.walks > 0 else np.nan]
        for n, window in enumerate(windows)
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["month", c.WINDOW, "darkness", c.CHILD_MINUTES, *DARK_PARTS])


def full_dark_minutes(
    sections: pd.DataFrame, windows: Sequence[str] = tuple(WINDOWS)
) -> pd.DataFrame:
    """Return the child-minutes of a mean month on unlit street, were the window dark throughout.

    Times the darkness of a month they are its unlit minutes, so that a map can show any month.

    Returns
    -------
    DataFrame
        On the sections' index: dark_minutes_<window>.
    """
    unlit = light_shares(sections, windows)[:, 1]
    names = [of_window(c.DARK_MINUTES, window) for window in windows]
    return pd.DataFrame(_minutes(sections, windows) * unlit, sections.index, names)


def light_shares(
    sections: pd.DataFrame, windows: Sequence[str] = tuple(WINDOWS)
) -> npt.NDArray[np.float64]:
    """Return the shares of each section that are lit, unlit and unknown, by window.

    They are those of its length, save in windows in which its lamps are dimmed: what the expected
    lit share loses there goes from lit to unlit, so that a lamp at half its light counts as half
    the length. What is not known stays so. A section without any recorded length is unknown.

    Returns
    -------
    [sections, (lit, unlit, unknown), windows]; the three sum to 1.
    """
    lengths = sections[list(LENGTHS)].to_numpy(np.float64)
    whole = lengths.sum(axis=1, keepdims=True)
    nothing = np.broadcast_to([0.0, 0.0, 1.0], lengths.shape)
    of_length = np.divide(lengths, whole, out=nothing.copy(), where=whole > 0)
    shares = np.repeat(of_length[:, :, None], len(windows), axis=2)
    dimmed = np.minimum(_dimmed(sections, windows), shares[:, 0])
    shares[:, 0] -= dimmed
    shares[:, 1] += dimmed
    return shares


def cumulative_share(minutes: pd.Series, whole: float) -> pd.Series:
    """Return which share of the town's minutes the rows up to each one hold; NaN of nothing.

    Examples
    --------
    >>> cumulative_share(pd.Series([50.0, 30.0]), 100.0).tolist()
    [0.5, 0.8]
    """
    return minutes.cumsum() / (whole if whole > 0 else np.nan)


# -------------------------------------------------------------------------------------------


def _minutes(sections: pd.DataFrame, windows: Sequence[str]) -> FloatArray:
    return sections[[of_window(c.CHILD_MINUTES, w) for w in windows]].to_numpy(np.float64)


def _dimmed(sections: pd.DataFrame, windows: Sequence[str]) -> FloatArray:
    """Return what the lit share loses in each window; nothing where no lamp is dimmed."""
    own = [window for window in windows if of_window(c.LIT_SHARE, window) in sections]
    lost = np.zeros((len(sections), len(windows)))
    if own:
        by_window = dict(zip(WINDOWS, lit_by_window(sections).T, strict=True))
        usual = sections[c.LIT_SHARE].to_numpy(np.float64)
        for place, window in enumerate(windows):
            lost[:, place] = np.nan_to_num(usual - by_window[window]).clip(min=0)
    return lost
