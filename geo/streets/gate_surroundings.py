"""The streets of the last metres before a school's gate: what a walk card shows of a walk.

Farther out a way belongs to few children and leads to their doors; near the gate it is everyone's.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geo import columns as c
from geo.streets.alternatives import LIGHT_M, light_shares
from geo.study_area import StudyArea

FloatArray = npt.NDArray[np.float64]
Lines = npt.NDArray[np.object_]

LAST_M = 600.0
"""How far from the gate streets are shown, in a straight line."""

BIG_STREETS = frozenset({"trunk", "primary", "secondary", "tertiary"})
"""Kinds of streets (``highway``) with much traffic."""


@dataclass(frozen=True)
class GateSurroundings:
    """Streets around a gate, in metres east and north of it.

    Attributes
    ----------
    streets
        The columns of the sections that reach into the circle, and ``line`` (what of them lies
        inside, x east and y north of the gate), ``inside_m``, the same in lit_m, unlit_m and
        unknown_light_m, ``walked`` and ``big``.
    meetings
        Where a walked street that is not big meets a big one: ``street`` (position of the big
        one in ``streets``), ``x_m``, ``y_m``; one row a big section and place.
    """

    streets: pd.DataFrame
    meetings: pd.DataFrame


def gate_surroundings(
    sections: pd.DataFrame,
    walked: pd.Series,
    gate: tuple[float, float],
    area: StudyArea,
    radius_m: float = LAST_M,
) -> GateSurroundings:
    """Cut out the streets around a gate.

    Parameters
    ----------
    sections
        geometry (longitude, latitude), highway, lit_m, unlit_m, unknown_light_m, and what a
        reader is told of a street.
    walked
        Whether the way leads over each section, in their order.
    gate
        Latitude and longitude.
    """
    x, y = (float(value[0]) for value in area.to_metric([gate[0]], [gate[1]]))
    lines = _metres_from_gate(sections[c.GEOMETRY].to_numpy(object), (x, y), area)
    circle = shapely.Point(0, 0).buffer(radius_m, quad_segs=32)
    inside = np.flatnonzero(shapely.intersects(lines, circle))
    cut = shapely.intersection(lines[inside], circle)
    metres = np.asarray(shapely.length(cut))
    long_enough = metres > 0
    inside, cut, metres = inside[long_enough], cut[long_enough], metres[long_enough]
    streets = pd.DataFrame(sections).iloc[inside].reset_index(drop=True)
    streets[list(LIGHT_M)] = metres[:, None] * light_shares(streets)
    streets = streets.assign(
        line=cut,
        inside_m=metres,
        walked=walked.to_numpy(bool)[inside],
        big=streets["highway"].isin(BIG_STREETS).to_numpy(bool),
    )
    return GateSurroundings(streets, _meetings(streets, lines[inside], radius_m))


# -------------------------------------------------------------------------------------------


def _metres_from_gate(lines: Lines, gate: tuple[float, float], area: StudyArea) -> Lines:
    def project(corners: FloatArray) -> FloatArray:
        x, y = area.to_metric(corners[:, 1], corners[:, 0])
        return np.column_stack([x - gate[0], y - gate[1]])

    return np.asarray(shapely.transform(lines, project), object)


def _meetings(streets: pd.DataFrame, lines: Lines, radius_m: float) -> pd.DataFrame:
    big, walked = streets["big"].to_numpy(bool), streets["walked"].to_numpy(bool)
    at, ends = _ends(lines)
    own = {tuple(end) for end in ends[(walked & ~big)[at]]}
    rows = [
        (int(street), x, y)
        for street, (x, y) in zip(at[big[at]], ends[big[at]].tolist(), strict=True)
        if (x, y) in own and np.hypot(x, y) <= radius_m
    ]
    rows = sorted(set(rows))
    return pd.DataFrame(rows, columns=["street", "x_m", "y_m"])


def _ends(lines: Lines) -> tuple[npt.NDArray[np.int64], FloatArray]:
    """Return the first and the last point of each line, to the decimetre, and whose they are."""
    points = np.concatenate([shapely.get_point(lines, 0), shapely.get_point(lines, -1)])
    xy = np.column_stack([shapely.get_x(points), shapely.get_y(points)]).round(1)
    return np.tile(np.arange(len(lines)), 2), xy + 0.0
