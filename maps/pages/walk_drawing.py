"""The streets around a school's gate as shapes for an SVG inside a page: numbers and plain names.

One unit is one metre; the gate stands in the middle and north is up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import shapely
import shapely.affinity

from maps.labels import local_name

RADIUS = 600
"""Metres from the middle to the edge."""

LIGHTS = ("lit", "unlit", "unknown")
NAMES_SHOWN, NAMES_TRIED = 8, 24
SHORTEST_NAMED = 70
"""A street shows its name where this many metres of it lie in one piece."""

_LETTER, _LINE = 19, 40
_ABOVE = 27
"""A name stands beside its line: upon it, it would hide how the way is lit."""

_TOLERANCE = 2.0
_EDGE = shapely.Point(RADIUS, RADIUS).buffer(RADIUS)


def draw_streets(
    streets: pd.DataFrame, points: Mapping[str, Sequence[tuple[float, float]]], lang: str
) -> dict[str, Any]:
    """Lay out the streets around a gate.

    Parameters
    ----------
    streets
        ``line`` (metres east and north of the gate), ``light``, ``walked``, ``big``, and name
        with its ``_kk`` and ``_ru`` forms.
    points
        By kind (``gates``, ``meetings``, ``help``) metres east and north of the gate; those
        outside the circle are left out, a meeting keeps its number.

    Returns
    -------
    ``view_box``; the paths ``small`` and ``big`` of streets that are not walked and ``lit``,
    ``unlit`` and ``unknown`` of those that are; ``names`` with x, y, angle, text and ``above``
    (y of the text before it is turned); and by kind of point x, y and number.
    """
    walked, big = streets["walked"].to_numpy(bool), streets["big"].to_numpy(bool)
    lines = streets["line"].to_numpy(object)
    light = streets["light"].where(streets["light"].isin(LIGHTS), "unknown").to_numpy(object)
    shapes = {
        "small": _path(lines[~walked & ~big]),
        "big": _path(lines[~walked & big]),
        **{name: _path(lines[walked & (light == name)]) for name in LIGHTS},
    }
    return {
        "view_box": f"0 0 {2 * RADIUS} {2 * RADIUS}",
        **shapes,
        "names": _names(streets, lang),
        **{kind: _spots(spots) for kind, spots in points.items()},
    }


# -------------------------------------------------------------------------------------------


def _path(lines: Iterable[Any]) -> str:
    """Return the lines as one path, to whole metres."""
    parts = []
    for line in shapely.get_parts(shapely.simplify(np.asarray(list(lines), object), _TOLERANCE)):
        corners = [_place(x, y) for x, y in shapely.get_coordinates(line).tolist()]
        rest = "L".join(f"{x} {y}" for x, y in corners[1:])
        parts.append(f"M{corners[0][0]} {corners[0][1]}L{rest}")
    return "".join(parts)


def _place(x: float, y: float) -> tuple[int, int]:
    return round(RADIUS + x), round(RADIUS - y)


def _spots(spots: Sequence[tuple[float, float]]) -> list[dict[str, int]]:
    return [
        {"number": number, **dict(zip("xy", _place(x, y), strict=True))}
        for number, (x, y) in enumerate(spots, start=1)
        if np.hypot(x, y) <= RADIUS
    ]


def _names(streets: pd.DataFrame, lang: str) -> list[dict[str, Any]]:
    """Place the names of walked and big streets along their longest pieces, none over another."""
    shown = streets[(streets["walked"] | streets["big"]).to_numpy(bool)]
    longest: dict[str, tuple[bool, float, Any]] = {}
    # A loop: each street has a name of its own language, and few streets are named.
    for row in shown.to_dict("records"):
        name = local_name({str(key): value for key, value in row.items()}, "name", lang)
        for piece in shapely.get_parts(row["line"]) if name else ():
            found = (bool(row["walked"]), float(piece.length), piece)
            if piece.length >= SHORTEST_NAMED and found[:2] > longest.get(name, (False, 0.0))[:2]:
                longest[name] = found
    order = sorted(longest, key=lambda name: (longest[name][:2], name), reverse=True)
    placed: list[dict[str, Any]] = []
    boxes: list[Any] = []
    for name in order[:NAMES_TRIED]:
        for share in (0.5, 0.3, 0.7):
            label, box = _label(name, longest[name][2], share)
            free = _EDGE.contains(box) and not any(box.intersects(other) for other in boxes)
            if free and len(placed) < NAMES_SHOWN:
                placed.append(label)
                boxes.append(box)
                break
    return placed


def _label(name: str, line: Any, share: float) -> tuple[dict[str, Any], Any]:
    """Return a name at a share of a line, along it and never upside down, and its box."""
    half = len(name) * _LETTER / 2
    along = line.length * share
    middle = line.interpolate(along)
    ahead, behind = (
        line.interpolate(np.clip(along + way * min(half, 60), 0, line.length)) for way in (1, -1)
    )
    x, y = _place(middle.x, middle.y)
    angle = -np.degrees(np.arctan2(ahead.y - behind.y, ahead.x - behind.x))
    angle = (angle + 90) % 180 - 90
    above = y - _ABOVE
    box = shapely.box(x - half, above - _LINE / 2, x + half, above + _LINE / 2)
    turned = shapely.affinity.rotate(box, angle, origin=(x, y))
    return {"x": x, "y": y, "above": above, "angle": round(float(angle)), "text": name}, turned
