"""Pairs of bars as shapes for an SVG inside a page: numbers only, no text and no style."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

WIDTH, HEIGHT = 360, 150
BAR, GAP = 12, 2
FOOT = 18
"""Room under the bars for the number of each pair."""


def bar_chart(pairs: Sequence[tuple[float, float]]) -> dict[str, Any]:
    """Lay out pairs of bars side by side.

    Parameters
    ----------
    pairs
        Two numbers of zero or more each.

    Returns
    -------
    ``view_box`` and ``base`` (y of the ground line); ``bars``, in each ``first`` and ``second``
    with x, y, width and height, and ``middle`` (x of the pair's number); ``top``, the number at
    the upper edge.

    Examples
    --------
    >>> chart = bar_chart([(10, 5)])
    >>> chart["top"], [chart["bars"][0][name]["height"] for name in ("first", "second")]
    (10, [132.0, 66.0])
    """
    top = _round_up(max((max(pair) for pair in pairs), default=0))
    base = HEIGHT - FOOT
    step = WIDTH / max(len(pairs), 1)
    bars = []
    for number, pair in enumerate(pairs):
        middle = (number + 0.5) * step
        starts = (middle - BAR - GAP / 2, middle + GAP / 2)
        first, second = (
            _bar(x, value / top * base if top else 0.0, base)
            for x, value in zip(starts, pair, strict=True)
        )
        bars.append({"first": first, "second": second, "middle": round(middle, 1)})
    return {"view_box": f"0 0 {WIDTH} {HEIGHT}", "base": base, "bars": bars, "top": top}


# -------------------------------------------------------------------------------------------


def _bar(x: float, height: float, base: float) -> dict[str, float]:
    height = round(height, 1)
    return {"x": round(x, 1), "y": round(base - height, 1), "width": BAR, "height": height}


def _round_up(value: float) -> int:
    """Return a round number at or a little above a number; 0 for 0."""
    if value <= 0:
        return 0
    unit = 10 ** math.floor(math.log10(value))
    steps = (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10)
    return math.ceil(unit * next(step for step in steps if step * unit >= value - 1e-9))
