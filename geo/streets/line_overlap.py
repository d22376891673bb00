"""How many metres of one line run beside another, near it and the same way."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

BoolArray = npt.NDArray[np.bool_]
FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
Lines = npt.NDArray[np.object_]
Spans = tuple[FloatArray, FloatArray]

_SAME_WAY = np.cos(np.radians(30.0))
_LEAST_M = 1e-6


def stretches_beside(lines: Lines, others: Lines, reach_m: float) -> pd.DataFrame:
    """Find every stretch of a line that runs within reach of another, at most 30° apart.

    Past the end of the other line nothing counts, unless the two lines end there side by side:
    the halves of a line that was cut in two share nothing, a line that was moved a few metres
    lengthwise loses nothing.

    Parameters
    ----------
    lines, others
        Arrays of LineStrings in metres. Which way round a line is drawn does not matter.
    reach_m
        How far apart two lines may be, in metres.

    Returns
    -------
    DataFrame
        line, other (positions), segment (number, of all lines), from_m, to_m (metres along the
        segment), distance_m (metres to the other line at the stretch's middle). Stretches of one
        segment may overlap, beside the same line too, where that bends.
    """
    one, two = _Segments.of(lines), _Segments.of(others)
    tree = shapely.STRtree(np.asarray(shapely.linestrings(two.corners), object))
    low, high = one.corners.min(axis=1) - reach_m, one.corners.max(axis=1) + reach_m
    mine, theirs = tree.query(shapely.box(low[:, 0], low[:, 1], high[:, 0], high[:, 1]))
    along = np.einsum("ij,ij->i", one.towards[mine], two.towards[theirs])
    same_way = np.abs(along) >= _SAME_WAY
    pair = _Pairs.of(one, two, mine[same_way], theirs[same_way])

    start, end = pair.within(reach_m, *pair.open_ends(reach_m))
    found = np.flatnonzero(end - start > _LEAST_M)
    start, end, pair = start[found], end[found], pair.only(found)
    return pd.DataFrame(
        {
            "line": one.line[pair.mine],
            "other": two.line[pair.theirs],
            "segment": pair.mine,
            "from_m": start,
            "to_m": end,
            "distance_m": pair.distance_at((start + end) / 2),
        }
    )


def shared_metres(stretches: pd.DataFrame) -> pd.DataFrame:
    """Add up for each pair of lines the metres of the first that run beside the second.

    Returns
    -------
    DataFrame
        line, other, metres (no metre twice), distance_m (mean); sorted by line and other.
    """
    rows = stretches.sort_values(["line", "other", "segment", "from_m", "to_m"], kind="stable")
    run = rows.groupby(["line", "other", "segment"], sort=False)["to_m"]
    reached = run.cummax().groupby([rows["line"], rows["other"], rows["segment"]]).shift()
    length = rows["to_m"] - rows["from_m"]
    new = rows["to_m"] - np.fmax(rows["from_m"], reached)
    weighed = rows.assign(
        metres=new.clip(lower=0), length=length, far=length * rows["distance_m"]
    ).groupby(["line", "other"], as_index=False)[["metres", "length", "far"]]
    sums = weighed.sum()
    return sums[["line", "other", "metres"]].assign(distance_m=sums["far"] / sums["length"])


def nearest_metres(stretches: pd.DataFrame) -> pd.DataFrame:
    """Give each metre of a line to the nearest of the lines that it runs beside.

    Returns
    -------
    DataFrame
        line, other, metres; sorted by line and other. A line's metres add up to its length
        beside any other line at most.
    """
    ends = pd.concat([stretches["from_m"], stretches["to_m"]])
    cuts = pd.DataFrame({"segment": pd.concat([stretches["segment"]] * 2), "at_m": ends})
    cuts = cuts.drop_duplicates().sort_values(["segment", "at_m"])
    cuts["next_m"] = cuts.groupby("segment")["at_m"].shift(-1)

    pieces = stretches.merge(cuts.dropna(), on="segment")
    inside = (pieces["from_m"] <= pieces["at_m"]) & (pieces["next_m"] <= pieces["to_m"])
    pieces = pieces[inside].sort_values(["segment", "at_m", "distance_m", "other"])
    nearest = pieces.drop_duplicates(["segment", "at_m"])
    metres = (nearest["next_m"] - nearest["at_m"]).rename("metres")
    return metres.groupby([nearest["line"], nearest["other"]]).sum().reset_index()


# -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Segments:
    """The straight pieces of lines: corners (S, 2, 2), unit vector, length, line.

    ``line_ends`` holds the first and last corner of every piece's line; ``is_end`` tells which
    of the piece's own corners these are. A ring has no end.
    """

    corners: FloatArray
    towards: FloatArray
    length: FloatArray
    line: IntArray
    line_ends: FloatArray
    is_end: BoolArray

    @classmethod
    def of(cls, lines: Lines) -> _Segments:
        xy, line = shapely.get_coordinates(lines, return_index=True)
        size = np.hypot(*(xy[1:] - xy[:-1]).T)
        piece = np.flatnonzero((line[1:] == line[:-1]) & (size > 0))
        corners = np.stack([xy[piece], xy[piece + 1]], axis=1)
        length, line = size[piece], line[piece].astype(np.int64)

        new = np.diff(line, prepend=-1, append=-1) != 0
        first, last = np.flatnonzero(new[:-1]), np.flatnonzero(new[1:])
        ends = np.stack([corners[first, 0], corners[last, 1]], axis=1)
        line_ends = np.repeat(ends, last - first + 1, axis=0)
        open_line = (line_ends[:, 0] != line_ends[:, 1]).any(axis=1)
        is_end = np.stack([new[:-1], new[1:]], axis=1) & open_line[:, None]
        towards = (corners[:, 1] - corners[:, 0]) / length[:, None]
        return cls(corners, towards, length, line, line_ends, is_end)


@dataclass(frozen=True)
class _Pairs:
    """Pairs of segments, mine seen from theirs: along it from its start, and aside to its left.

    A point t metres along mine lies at ``along + t · along_per_m`` and
    ``aside + t · aside_per_m``.
    """

    one: _Segments
    two: _Segments
    mine: IntArray
    theirs: IntArray
    along: FloatArray
    aside: FloatArray
    along_per_m: FloatArray
    aside_per_m: FloatArray

    @classmethod
    def of(cls, one: _Segments, two: _Segments, mine: IntArray, theirs: IntArray) -> _Pairs:
        x, y = (one.corners[mine, 0] - two.corners[theirs, 0]).T
        (dx, dy), (ex, ey) = one.towards[mine].T, two.towards[theirs].T
        return cls(
            one=one,
            two=two,
            mine=mine,
            theirs=theirs,
            along=x * ex + y * ey,
            aside=ex * y - ey * x,
            along_per_m=dx * ex + dy * ey,
            aside_per_m=ex * dy - ey * dx,
        )

    def only(self, kept: IntArray) -> _Pairs:
        """Return some of the pairs."""
        return _Pairs.of(self.one, self.two, self.mine[kept], self.theirs[kept])

    def open_ends(self, reach_m: float) -> tuple[BoolArray, BoolArray]:
        """Tell whether what lies past their start, and past their end, may count."""
        forth = self.along_per_m > 0
        ends = self.one.line_ends[self.mine]
        behind = np.where(forth[:, None], ends[:, 0], ends[:, 1])
        ahead = np.where(forth[:, None], ends[:, 1], ends[:, 0])
        corners, is_end = self.two.corners[self.theirs], self.two.is_end[self.theirs]
        return (
            ~is_end[:, 0] | (np.hypot(*(behind - corners[:, 0]).T) <= reach_m),
            ~is_end[:, 1] | (np.hypot(*(ahead - corners[:, 1]).T) <= reach_m),
        )

    def within(self, reach_m: float, before: BoolArray, after: BoolArray) -> Spans:
        """Return from and to in metres along mine; from ≥ to where nothing is within reach.

        The ground within reach of a straight piece is convex, so mine crosses it once.
        """
        length = self.two.length[self.theirs]
        sides = self._between(self.along, self.along_per_m, np.zeros_like(length), length)
        depth = np.full_like(length, reach_m)
        strip = self._between(self.aside, self.aside_per_m, -depth, depth)
        low, high = np.maximum(sides[0], strip[0]), np.minimum(sides[1], strip[1])
        low, high = np.where(low <= high, low, np.inf), np.where(low <= high, high, -np.inf)
        for corner, counts in ((0.0 * length, before), (length, after)):
            near, far = self._around(corner, reach_m)
            low = np.where(counts, np.minimum(low, near), low)
            high = np.where(counts, np.maximum(high, far), high)
        return np.maximum(low, 0.0), np.minimum(high, self.one.length[self.mine])

    def distance_at(self, metres: FloatArray) -> FloatArray:
        """Return metres from a point on mine to their segment."""
        along = self.along + metres * self.along_per_m
        past = np.maximum(np.maximum(-along, along - self.two.length[self.theirs]), 0.0)
        return np.asarray(np.hypot(past, self.aside + metres * self.aside_per_m), float)

    @staticmethod
    def _between(start: FloatArray, per_m: FloatArray, low: FloatArray, high: FloatArray) -> Spans:
        """Return between which metres start + t · per_m lies in low … high."""
        level = np.abs(per_m) < 1e-12
        slope = np.where(level, 1.0, per_m)
        one, two = (low - start) / slope, (high - start) / slope
        inside = (low <= start) & (start <= high)
        first = np.where(level, np.where(inside, -np.inf, np.inf), np.minimum(one, two))
        last = np.where(level, np.where(inside, np.inf, -np.inf), np.maximum(one, two))
        return first, last

    def _around(self, corner: FloatArray, reach_m: float) -> Spans:
        """Return between which metres mine is within reach of a point on their axis."""
        along = self.along - corner
        middle = -(along * self.along_per_m + self.aside * self.aside_per_m)
        missed = along**2 + self.aside**2 - middle**2
        half = np.sqrt(np.maximum(reach_m**2 - missed, 0.0))
        hit = missed <= reach_m**2
        return np.where(hit, middle - half, np.inf), np.where(hit, middle + half, -np.inf)
