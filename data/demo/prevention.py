"""Which of the drawn incidents happen: lamps, patrols and cameras prevent some of them.

The planted truth of every effect, in numbers of its own: nothing here looks at the model.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from data.demo.equipment import Equipment
from data.demo.plane import FloatArray

DARK_LOG_IRR = 0.315
"""ln of how many times as many thefts and robberies happen in full darkness; half for the rest."""

LIT_RELIEF = 0.75
PATROL_LOG_IRR = -0.174
CAMERA_LOG_IRR = -0.139
"""ln of the factor in sight of a camera that is watched; half for one that only records."""

OF_THEFT = frozenset({"theft", "robbery"})
_REACH_PER_HEIGHT = 3.5
_FULL_MINUTES, _RESIDUAL_MINUTES = 15.0, 120.0
_CELL_M, _RING_M = 69.0, 183.0
"""Radii of circles as large as a cell, and as a cell with the six around it."""

_VISITS_BACK = 4
_HALF_VIEW_DEG = 45.0


@dataclass(frozen=True)
class Clock:
    """Where the sun is seen from, and hours by which wall time is ahead of UTC."""

    lat: float
    lon: float
    ahead_h: float


def happening(
    drawn: pd.DataFrame, equipment: Equipment, clock: Clock, rng: np.random.Generator
) -> pd.DataFrame:
    """Leave out the incidents that lamps, patrols or cameras prevented.

    Parameters
    ----------
    drawn
        ``theme, x, y, at`` of incidents as they would happen in the dark and unwatched.
    """
    at = drawn["at"].to_numpy().astype("datetime64[m]")
    full = np.where(drawn["theme"].isin(OF_THEFT), 1.0, 0.5)
    relieved = LIT_RELIEF * darkness(at, clock) * _lit(drawn, at, equipment.lamps)
    log = -DARK_LOG_IRR * full * relieved
    log += PATROL_LOG_IRR * _patrolled(drawn, at, equipment.visits)
    log += CAMERA_LOG_IRR * _watched(drawn, at, equipment.cameras)
    return drawn[rng.random(len(drawn)) < np.exp(log)].reset_index(drop=True)


def darkness(at: np.ndarray, clock: Clock) -> FloatArray:
    """Return 0 while the sun is up, 1 beyond civil twilight, rising evenly in between.

    Declination and equation of time by their first harmonics: right to a degree.
    """
    hours = at.astype("datetime64[m]").astype(float) / 60 - clock.ahead_h
    day = (at.astype("datetime64[D]") - at.astype("datetime64[Y]")).astype(float)
    year = 2 * np.pi * (day - 81) / 365
    late_min = 9.87 * np.sin(2 * year) - 7.53 * np.cos(year) - 1.5 * np.sin(year)
    solar = hours + clock.lon / 15 + late_min / 60
    tilt = np.radians(23.44) * np.sin(year)
    lat, turn = np.radians(clock.lat), np.radians(15 * (solar % 24 - 12))
    height = np.sin(lat) * np.sin(tilt) + np.cos(lat) * np.cos(tilt) * np.cos(turn)
    altitude = np.degrees(np.arcsin(height))
    return np.asarray(np.clip((-0.833 - altitude) / (6 - 0.833), 0, 1), float)


# -------------------------------------------------------------------------------------------


def _lit(drawn: pd.DataFrame, at: np.ndarray, lamps: pd.DataFrame) -> FloatArray:
    """Return 1 where a lamp that burns at the time stands within its reach."""
    reach = _REACH_PER_HEIGHT * lamps["mount_height_m"].to_numpy(float)
    one, lamp, apart = _pairs(drawn, lamps, reach.max())
    broken = pd.to_datetime(lamps["broken_from"].replace("", None)).to_numpy("datetime64[m]")
    built = pd.to_datetime(lamps["commissioned_at"]).to_numpy("datetime64[m]")
    burns = (built[lamp] <= at[one]) & ~(broken[lamp] <= at[one]) & (apart <= reach[lamp])
    return np.asarray(np.bincount(one, burns, len(drawn)) > 0, float)


def _watched(drawn: pd.DataFrame, at: np.ndarray, cameras: pd.DataFrame) -> FloatArray:
    """Return 1 in sight of a working camera that is watched, ½ of one that only records."""
    one, camera, _ = _pairs(drawn, cameras, float(cameras["range_m"].max()))
    ends = [
        pd.to_datetime(cameras[name].replace("", None)).to_numpy("datetime64[m]")[camera]
        for name in ("broken_from", "broken_to")
    ]
    works = ~((ends[0] <= at[one]) & ~(ends[1] <= at[one]))
    away = drawn[["x", "y"]].to_numpy()[one] - cameras[["x", "y"]].to_numpy()[camera]
    bearing = np.degrees(np.arctan2(away[:, 0], away[:, 1]))
    azimuth = cameras["azimuth_deg"].to_numpy(float)[camera]
    seen = works & (np.abs((bearing - azimuth + 180) % 360 - 180) <= _HALF_VIEW_DEG)
    live = (cameras["connected"] == "yes").to_numpy()[camera]
    sight = np.zeros(len(drawn))
    np.maximum.at(sight, one, seen * np.where(live, 1.0, 0.5))
    return sight


def _patrolled(drawn: pd.DataFrame, at: np.ndarray, visits: pd.DataFrame) -> FloatArray:
    """Return how much of a patrol, or of what remains of it, is felt: 0 … 1."""
    left = np.ones(len(drawn))
    for _, own in visits.groupby("stop"):
        middle = own[["x", "y"]].mean().to_numpy()
        apart = np.hypot(*(drawn[["x", "y"]].to_numpy() - middle).T)
        near = np.flatnonzero(apart < _RING_M)
        weight = np.where(apart[near] < _CELL_M, 1.0, 0.5)
        left[near] *= 1 - _felt(own, at[near], weight)
    return 1 - left


def _felt(visits: pd.DataFrame, at: np.ndarray, weight: FloatArray) -> FloatArray:
    """Return what the last visits to one corner leave at each time."""
    start = visits["arrived_at"].to_numpy("datetime64[m]")
    stay = visits["minutes"].to_numpy(float)
    upto = np.searchsorted(start, at, side="right")
    left = np.ones(len(at))
    for back in range(1, _VISITS_BACK + 1):
        known = upto >= back
        last = np.where(known, upto - back, 0)
        gone = (at - start[last]).astype(float) - stay[last]
        felt = np.minimum(stay[last] / _FULL_MINUTES, 1) * np.exp(
            -np.maximum(gone, 0) / _RESIDUAL_MINUTES
        )
        left *= 1 - known * weight * felt
    return 1 - left


def _pairs(
    drawn: pd.DataFrame, places: pd.DataFrame, reach_m: float
) -> tuple[np.ndarray, np.ndarray, FloatArray]:
    """Return incident, place and metres between them of all pairs within reach."""
    trees = (cKDTree(frame[["x", "y"]]) for frame in (drawn, places))
    mine, theirs = trees
    pairs = mine.sparse_distance_matrix(theirs, reach_m, output_type="coo_matrix")
    order = np.lexsort((pairs.col, pairs.row))
    return pairs.row[order], pairs.col[order], pairs.data[order]
