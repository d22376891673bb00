"""Registers beside the records: lamps with their states, cameras, patrol visits, schools, homes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from data.demo.plane import Plane, draws
from data.demo.street_map import StreetMap, points_along
from data.demo.truth import LAST_DAY, LIT_ON

SHIFTS = "08:00-13:00;14:00-19:00"

_LAMP_STEP_M = 34.0
_LAMP_ASIDE_M = 5.5
_BROKEN_SHARE = 0.05
_CORRIDOR_BROKEN_SHARE = 0.88
_CORRIDOR_GONE_SHARE = 0.25
_TALL = frozenset({"primary", "secondary", "tertiary"})
_CAMERAS = 64
_STOPS = 42
_VISITS_A_DAY = 10


def write_lamps(
    path: Path, streets: StreetMap, plane: Plane, seed: int, *, step_m: float = _LAMP_STEP_M
) -> None:
    """Write lamps along the ways that have them, on alternate sides.

    Most lamps of the corridor (key ``ravine_path`` or ``corridor``) are broken or gone; those of
    the measure (``lit_street`` or ``measure``) were commissioned on one day.
    """
    rng = draws(seed, 5)
    points = points_along(streets, step_m)
    ways = streets.ways.iloc[points["way"]].reset_index(drop=True)
    points = points[["x", "y", "left_x", "left_y"]].reset_index(drop=True)
    dark = ways["key"].isin({"ravine_path", "corridor"}).to_numpy()
    new = ways["key"].isin({"lit_street", "measure"}).to_numpy()
    here = ways["lamps"].to_numpy(bool) & (rng.random(len(ways)) > dark * _CORRIDOR_GONE_SHARE)
    side = np.where(np.arange(len(ways)) % 2, 1, -1) * _LAMP_ASIDE_M
    broken = rng.random(len(ways)) < np.where(dark, _CORRIDOR_BROKEN_SHARE, _BROKEN_SHARE)
    broken &= ~new
    failed = np.datetime64("2024-10-01") + rng.integers(0, 700, len(ways))
    failed = np.where(dark, np.datetime64("2023-06-15"), failed)
    built = np.datetime64("2011-09-01") + rng.integers(0, 3600, len(ways))
    lat, lon = plane.to_degrees(
        points["x"] + side * points["left_x"], points["y"] + side * points["left_y"]
    )
    lamps = pd.DataFrame(
        {
            "lat": lat,
            "lon": lon,
            "mount_height_m": np.where(ways["highway"].isin(_TALL), 9.0, 7.0),
            "working": np.where(broken, "no", "yes"),
            "commissioned_at": np.where(new, np.datetime64(LIT_ON), built).astype(str),
            "broken_from": np.where(broken, failed.astype(str), ""),
            "broken_to": "",
        }
    )[here]
    _write(path, lamps, "lamp_id", "L")


def write_cameras(path: Path, streets: StreetMap, plane: Plane, seed: int) -> None:
    """Write cameras at crossings, mostly of busier streets; some are dead."""
    rng = draws(seed, 6)
    rank = streets.ways["highway"].map({"primary": 8.0, "secondary": 5.0, "tertiary": 2.0})
    weight = np.zeros(len(streets.x))
    np.maximum.at(weight, streets.refs, rank.fillna(0.1).to_numpy()[streets.way])
    weight *= streets.degree() >= 3
    count = min(_CAMERAS, int((weight > 0).sum()))
    node = np.sort(rng.choice(len(weight), size=count, replace=False, p=weight / weight.sum()))
    lat, lon = plane.to_degrees(streets.x[node] + 4, streets.y[node] + 4)
    dead = rng.random(count) < 0.12
    cameras = pd.DataFrame(
        {
            "lat": lat,
            "lon": lon,
            "kind": rng.choice(["overview", "analytic"], size=count, p=[0.8, 0.2]),
            "working": np.where(dead, "no", "yes"),
            "broken_from": np.where(dead, "2026-03-01", ""),
            "azimuth_deg": rng.integers(0, 360, count),
            "range_m": 40,
        }
    )
    _write(path, cameras, "camera_id", "C")


def write_patrols(path: Path, streets: StreetMap, plane: Plane, seed: int) -> None:
    """Write the visits of foot patrols during the last year at some forty stops."""
    rng = draws(seed, 7)
    busy = streets.ways["highway"].isin({"primary", "secondary", "tertiary", "pedestrian"})
    nodes = np.unique(streets.refs[busy.to_numpy()[streets.way]])
    nodes = nodes if len(nodes) >= _STOPS else np.arange(len(streets.x))
    stops = rng.choice(nodes, size=min(_STOPS, len(nodes)), replace=False)
    count = 365 * _VISITS_A_DAY
    day = np.repeat(np.arange(365), _VISITS_A_DAY)
    hours = np.array([1.0] * 8 + [2.0] * 8 + [3.0] * 8)
    hour = rng.choice(24, size=count, p=np.roll(hours, 2) / hours.sum())
    first = np.datetime64(LAST_DAY) - 364
    at = (first + day).astype("datetime64[m]") + hour * 60 + rng.integers(0, 60, count)
    node = stops[rng.integers(0, len(stops), count)]
    lat, lon = plane.to_degrees(
        streets.x[node] + rng.uniform(-15, 15, count), streets.y[node] + rng.uniform(-15, 15, count)
    )
    visits = pd.DataFrame({"lat": lat, "lon": lon, "arrived_at": at})
    visits["minutes"] = rng.integers(5, 19, count)
    visits = visits.sort_values(["arrived_at", "lat", "lon"], ignore_index=True)
    visits["arrived_at"] = visits["arrived_at"].dt.strftime("%Y-%m-%d %H:%M")
    _write(path, visits, "visit_id", "P")


def write_schools(path: Path, schools: pd.DataFrame, plane: Plane, seed: int) -> None:
    """Write the register of schools in two shifts.

    Parameters
    ----------
    schools
        ``school_id, name, name_kk, name_ru, x, y`` (the gate, metres).
    """
    pupils = draws(seed, 8).integers(300, 720, size=len(schools))
    lat, lon = plane.to_degrees(schools["x"], schools["y"])
    register = schools[["school_id", "name", "name_kk", "name_ru"]].assign(
        lat=lat, lon=lon, shift_times=SHIFTS, pupils=pupils, source="synthetic"
    )
    register.to_csv(path, index=False, lineterminator="\n")


def write_homes(path: Path, homes: pd.DataFrame, plane: Plane) -> None:
    """Write invented homes where the map has no buildings."""
    lat, lon = plane.to_degrees(homes["x"], homes["y"])
    frame = pd.DataFrame({"lat": lat, "lon": lon, "dwellings": homes["dwellings"].astype(int)})
    _write(path, frame, "home_id", "H")


# -------------------------------------------------------------------------------------------


def _write(path: Path, frame: pd.DataFrame, id_column: str, letter: str) -> None:
    """Write a register with ids in the order of its rows, marked as synthetic."""
    frame = frame.reset_index(drop=True)
    ids = [f"{letter}{number:05d}" for number in range(1, len(frame) + 1)]
    frame.insert(0, id_column, ids)
    frame.assign(source="synthetic").to_csv(path, index=False, lineterminator="\n")
