"""Where and for how long a vehicle or an officer stayed: from single fixes to visits.

A stay is a time of at least three minutes within 60 m of its first fix (the stay points of Li et
al., 2008, with the anchor moved in one pass). The base is where a unit stands for more than an
hour, by day or overnight, its receiver on or off; a stay there is no visit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.int64]

STAY_RADIUS_M = 60
SHORTEST_STAY_S = 3 * 60
LONGEST_STAY_S = 60 * 60
LONGEST_GAP_S = 10 * 60
"""Without a fix for so long nobody knows where the unit was: a stay ends there."""

BASE_RADIUS_M = 100
FASTEST_M_S = 150 / 3.6
STEADY_FIXES = 3
"""So many fixes that follow each other at a possible speed are a track, fewer are a jump."""


@dataclass(frozen=True)
class Track:
    """Fixes of one file, sorted by unit and time, one fix a unit and moment.

    Attributes
    ----------
    unit
        Number of the unit, for this file only.
    seconds
        Local time in seconds.
    x, y
        Metres in the area's plane.
    """

    unit: IntArray
    seconds: FloatArray
    x: FloatArray
    y: FloatArray

    def take(self, rows: npt.NDArray[np.int64] | BoolArray) -> Track:
        """Return the track of some fixes."""
        return Track(self.unit[rows], self.seconds[rows], self.x[rows], self.y[rows])


def mark_jumps(track: Track) -> BoolArray:
    """Tell which fixes lie where the unit cannot have been: off its track at over 150 km/h.

    A track that goes on elsewhere for three fixes or more is a track of its own (a unit id that
    was given to another vehicle), no jump.
    """
    count = len(track.unit)
    if not count:
        return np.zeros(0, bool)
    too_fast = _steps_m(track) > FASTEST_M_S * np.diff(track.seconds)
    new_unit = np.diff(track.unit) != 0
    run = np.concatenate([[0], np.cumsum(too_fast | new_unit)])
    length = np.bincount(run)[run]
    alone = length == np.bincount(track.unit)[track.unit]  # nothing to compare it with
    return np.asarray((length < STEADY_FIXES) & ~alone)


def find_stays(track: Track) -> pd.DataFrame:
    """Return the stays of a track without jumps, in the track's order.

    Returns
    -------
    DataFrame
        ``first, last`` (positions of fixes, both included), ``unit``, ``start_s``, ``end_s``,
        ``x``, ``y`` (mean of the fixes).
    """
    spans = _joined(_spans(track, STAY_RADIUS_M, SHORTEST_STAY_S, LONGEST_GAP_S), track)
    first, last = np.array(spans, np.int64).reshape(-1, 2).T
    count = last - first + 1
    sums = [np.concatenate([[0.0], np.cumsum(values)]) for values in (track.x, track.y)]
    x, y = ((total[last + 1] - total[first]) / count for total in sums)
    return pd.DataFrame(
        {
            "first": first,
            "last": last,
            "unit": track.unit[first],
            "start_s": track.seconds[first],
            "end_s": track.seconds[last],
            "x": x,
            "y": y,
        }
    )


def mark_bases(track: Track, stays: pd.DataFrame) -> BoolArray:
    """Tell which stays are at a base: where a unit stood for over an hour, gaps included.

    A base of one unit is a base of all of them: the yard of a police station is no visit for the
    car that only changes its crew there.
    """
    near = np.zeros(len(stays), bool)
    x, y = stays["x"].to_numpy(float), stays["y"].to_numpy(float)
    for first, last in _spans(track, BASE_RADIUS_M, LONGEST_STAY_S, np.inf):  # a town has few
        site_x, site_y = (_middle(values, first, last) for values in (track.x, track.y))
        near |= np.hypot(x - site_x, y - site_y) <= BASE_RADIUS_M
    return near


def nearest_stay(track: Track, stays: pd.DataFrame) -> IntArray:
    """Return for each fix the stay of its unit that is nearest in time, −1 where it has none."""
    nearest = np.full(len(track.unit), -1, np.int64)
    if not len(stays):
        return nearest
    unit, start, end = (stays[name].to_numpy() for name in ("unit", "start_s", "end_s"))
    # Units are set apart by more than the file's whole time, so that one search serves all.
    apart = float(np.ptp(track.seconds)) + 1.0
    origin = track.seconds.min()
    key = track.unit * apart + (track.seconds - origin)
    after = np.searchsorted(unit * apart + (start - origin), key, side="right")
    best = np.full(len(key), np.inf)
    for candidate in (after - 1, after):
        known = (candidate >= 0) & (candidate < len(stays))
        place = np.where(known, candidate, 0)
        known &= unit[place] == track.unit
        gap = np.maximum(start[place] - track.seconds, track.seconds - end[place])
        better = known & (gap < best)
        best[better], nearest[better] = gap[better], place[better]
    return nearest


# -------------------------------------------------------------------------------------------


def _steps_m(track: Track) -> FloatArray:
    return np.hypot(np.diff(track.x), np.diff(track.y))


def _spans(
    track: Track, radius_m: float, shortest_s: float, longest_gap_s: float
) -> list[tuple[int, int]]:
    """Return the first and the last fix of each time within the radius of its first fix.

    A plain loop: whether a fix belongs to a stay depends on the anchor before it.
    """
    if not len(track.unit):
        return []
    breaks = (np.diff(track.unit) != 0) | (np.diff(track.seconds) > longest_gap_s)
    is_break = [True, *breaks.tolist(), True]
    x, y, seconds = track.x.tolist(), track.y.tolist(), track.seconds.tolist()
    spans: list[tuple[int, int]] = []
    anchor, reach = 0, radius_m**2
    for row in range(1, len(x) + 1):
        if not is_break[row] and (x[row] - x[anchor]) ** 2 + (y[row] - y[anchor]) ** 2 <= reach:
            continue
        if seconds[row - 1] - seconds[anchor] >= shortest_s:
            spans.append((anchor, row - 1))
        anchor = row
    return spans


def _joined(spans: list[tuple[int, int]], track: Track) -> list[tuple[int, int]]:
    """Join neighbouring stays that the drift of a standing receiver has split."""
    joined: list[tuple[int, int]] = []
    for first, last in spans:
        begun, ended = joined[-1] if joined else (-1, -1)
        if joined and _is_drift(track, begun, ended, first, last):
            joined[-1] = (begun, last)
        else:
            joined.append((first, last))
    return joined


def _is_drift(track: Track, begun: int, ended: int, first: int, last: int) -> bool:
    if first != ended + 1 or track.unit[first] != track.unit[ended]:
        return False
    if track.seconds[first] - track.seconds[ended] > LONGEST_GAP_S:
        return False
    east, north = (
        _middle(values, first, last) - _middle(values, begun, ended)
        for values in (track.x, track.y)
    )
    return bool(np.hypot(east, north) <= STAY_RADIUS_M)


def _middle(values: FloatArray, first: int, last: int) -> float:
    return float(values[first : last + 1].mean())
