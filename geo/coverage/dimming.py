"""How much light is left by the hour, where lamps are dimmed or go out for part of the night.

A register says between which hours, and what share of the light is left. A lamp whose hour of
switching off alone is known comes on again with the next evening, and so is dark until noon; where
hours are known and the share is not, the mean of the light's prior stands for it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.parameters import WINDOWS, HazardParameters, window_hours

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
Spans = Sequence[tuple[float, float]]

DIMMED_FROM, DIMMED_TO, DIMMED_SHARE = "dimmed_from", "dimmed_to", "dimmed_share"

_UNTIL = "12:00"


def light_left(assets: pd.DataFrame, parameters: HazardParameters) -> FloatArray:
    """Return the share of its light that each lamp or listed street gives in each window.

    The mean over the window's hours of the share left in the dimmed ones and 1 in the others;
    1 for whoever is not dimmed.

    Parameters
    ----------
    assets
        ``dimmed_from``, ``dimmed_to`` (HH:MM) and ``dimmed_share`` (0 … 1), all may be missing; a
        frame without the columns knows of no dimming.

    Returns
    -------
    Rows × windows, 0 … 1.

    Examples
    --------
    Half the light from 01 to 05 leaves (4 · 1 + 4 · 0.5) / 8 of the night.

    >>> lamp = {"dimmed_from": ["01:00"], "dimmed_to": ["05:00"], "dimmed_share": [0.5]}
    >>> left = light_left(pd.DataFrame(lamp), HazardParameters())
    >>> dict(zip(WINDOWS, left[0].tolist()))
    {'school_am': 1.0, 'midday': 1.0, 'school_pm': 1.0, 'evening': 1.0, 'night': 0.75, 'other': 1.0}
    """
    left = np.ones((len(assets), len(WINDOWS)))
    if DIMMED_FROM not in assets:
        return left
    dimmed = np.flatnonzero(assets[DIMMED_FROM].notna().to_numpy(bool))
    if not len(dimmed):
        return left
    a, b = parameters.light_prior
    said = assets.iloc[dimmed][[DIMMED_FROM, DIMMED_TO, DIMMED_SHARE]]
    said = said.fillna({DIMMED_TO: _UNTIL, DIMMED_SHARE: a / (a + b)})
    kinds = said.drop_duplicates()  # few: a town dims by a handful of rules
    rules = pd.DataFrame([_left_by_window(*kind) for kind in kinds.itertuples(index=False)])
    rule = said.merge(kinds.assign(rule=range(len(kinds))), how="left")["rule"]
    left[dimmed] = rules.to_numpy(float)[rule]
    return left


def dimmed_windows(*left: FloatArray) -> list[str]:
    """Return the windows in which anybody of those handed over gives less than all light."""
    return [w for n, w in enumerate(WINDOWS) if any((one[:, n] < 1).any() for one in left)]


def brightest_share(
    place: IntArray, lamp: IntArray, light: tuple[FloatArray, FloatArray], spans: pd.DataFrame
) -> tuple[IntArray, FloatArray]:
    """Return what share of its light each place kept over the time in which lamps burned there.

    At every time the brightest lamp counts; undimmed lamps would have kept 1.

    Parameters
    ----------
    place, lamp
        Pairs of a place and a lamp (positions) that reaches it.
    light
        Belief in the record of each pair's lamp, and that belief times the light it is left.
    spans
        lamp, start, end (of `geo.coverage.lamp_times.LampTimes`), when it burned.

    Returns
    -------
    The places in which any lamp burned, and their shares.
    """
    pairs = pd.DataFrame({"place": place, "lamp": lamp, "whole": light[0], "dimmed": light[1]})
    burning = pairs.merge(spans[["lamp", "start", "end"]], on="lamp")
    ends = [burning[["place", name]].set_axis(["place", "at"], axis=1) for name in ("start", "end")]
    cuts = pd.concat(ends).drop_duplicates().sort_values(["place", "at"], ignore_index=True)
    cuts["until"] = cuts.groupby("place")["at"].shift(-1)
    pieces = cuts.dropna().merge(burning, on="place")
    pieces = pieces[(pieces["start"] <= pieces["at"]) & (pieces["end"] >= pieces["until"])]
    best = pieces.groupby(["place", "at", "until"], as_index=False)[["whole", "dimmed"]].max()
    time = best["until"] - best["at"]
    sums = best[["whole", "dimmed"]].mul(time, axis=0).groupby(best["place"]).sum()
    sums = sums[sums["whole"] > 0]
    return sums.index.to_numpy(np.int64), (sums["dimmed"] / sums["whole"]).to_numpy(float)


# -------------------------------------------------------------------------------------------


def _left_by_window(start: str, end: str, share: float) -> dict[str, float]:
    first, last = _hour(start), _hour(end)
    spans = [(first, last)] if first <= last else [(first, 24.0), (0.0, last)]
    return {
        window: 1 - (1 - share) * _shared_hours(spans, hours) / window_hours(window)
        for window, hours in WINDOWS.items()
    }


def _shared_hours(
    spans: list[tuple[float, float]], hours: tuple[tuple[float, float], ...]
) -> float:
    return sum(max(min(b, d) - max(a, c), 0.0) for a, b in spans for c, d in hours)


def _hour(clock: str) -> float:
    hours, minutes = clock.split(":")
    return int(hours) + int(minutes) / 60
