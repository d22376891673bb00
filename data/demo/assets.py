"""Registers beside the records: lamps with their states, cameras, patrol visits, schools, homes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from data.demo.plane import Plane, draws
from data.demo.street_map import IntArray, StreetMap

SHIFTS = "08:00-13:00;14:00-19:00"

_STOPS = 42


def write_lamps(path: Path, lamps: pd.DataFrame, plane: Plane) -> None:
    """Write the lamps that `data.demo.equipment` drew."""
    _write(path, _in_degrees(lamps, plane), "lamp_id", "L")


def write_cameras(path: Path, cameras: pd.DataFrame, plane: Plane) -> None:
    """Write the cameras that `data.demo.equipment` drew."""
    _write(path, _in_degrees(cameras, plane), "camera_id", "C")


def write_patrols(path: Path, visits: pd.DataFrame, plane: Plane) -> None:
    """Write the visits of foot patrols that `data.demo.equipment` drew."""
    table = _in_degrees(visits.drop(columns="stop"), plane)
    table["arrived_at"] = table["arrived_at"].dt.strftime("%Y-%m-%d %H:%M")
    _write(path, table, "visit_id", "P")


def patrol_stops(streets: StreetMap, rng: np.random.Generator) -> IntArray:
    """Return the nodes where patrols stay, on busier streets; the first draw of their stream."""
    busy = streets.ways["highway"].isin({"primary", "secondary", "tertiary", "pedestrian"})
    nodes = np.unique(streets.refs[busy.to_numpy()[streets.way]])
    nodes = nodes if len(nodes) >= _STOPS else np.arange(len(streets.x))
    return np.asarray(rng.choice(nodes, size=min(_STOPS, len(nodes)), replace=False), np.int64)


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


def _in_degrees(frame: pd.DataFrame, plane: Plane) -> pd.DataFrame:
    """Return the frame with ``lat, lon`` before its other columns, instead of metres."""
    lat, lon = plane.to_degrees(frame["x"], frame["y"])
    table = frame.drop(columns=["x", "y"])
    table.insert(0, "lat", lat)
    table.insert(1, "lon", lon)
    return table


def _write(path: Path, frame: pd.DataFrame, id_column: str, letter: str) -> None:
    """Write a register with ids in the order of its rows, marked as synthetic."""
    frame = frame.reset_index(drop=True)
    ids = [f"{letter}{number:05d}" for number in range(1, len(frame) + 1)]
    frame.insert(0, id_column, ids)
    frame.assign(source="synthetic").to_csv(path, index=False, lineterminator="\n")
