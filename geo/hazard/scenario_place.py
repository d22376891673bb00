"""What a run keeps of the parts of a place, so that scenarios can be asked of it later."""

from __future__ import annotations

import calendar
import math
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geo import columns as c
from geo.coverage.daylight import darkness_by_window
from geo.coverage.lit_windows import lit_by_window
from geo.hazard.hours import HOURS_SHARE
from geo.hazard.modifiers import Conditions
from geo.hazard.posterior import gamma_shape
from geo.parameters import GROUPS, WINDOWS, HazardParameters
from geo.study_area import StudyArea

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class ScenarioPlace:
    """One place as it is now.

    Attributes
    ----------
    harm
        H, parts × groups × windows.
    lit_share, camera_share
        Of each part, 0 off the streets; the lit share of parts × windows where lamps are dimmed.
    patrol
        Patrol dose, parts × windows.
    shape
        Of the Gamma posterior of the place's harm; infinite where it is taken as known.
    """

    harm: FloatArray
    lit_share: FloatArray
    camera_share: FloatArray
    patrol: FloatArray
    shape: float = math.inf


def darkness_by_month(area: StudyArea, as_of: date) -> list[dict[str, Any]]:
    """Return the twelve months from that of the forecast on: name, days, darkness by window."""
    middle = shapely.centroid(area.boundary)
    months = []
    for ahead in range(12):
        year, month = as_of.year + (as_of.month - 1 + ahead) // 12, (as_of.month - 1 + ahead) % 12
        days = calendar.monthrange(year, month + 1)[1]
        first, last = date(year, month + 1, 1), date(year, month + 1, days)
        dark = darkness_by_window(middle.y, middle.x, area.time_zone, first, last)
        months.append({"month": f"{first:%Y-%m}", "days": days, "darkness": dark})
    return months


def scenario_columns(
    parts: pd.DataFrame, harm: FloatArray, conditions: Conditions
) -> dict[str, FloatArray]:
    """Return what a part has to keep so that scenarios can be asked of it later.

    Light (by window too, where lamps are dimmed), camera cover and patrol dose now (missing where
    they are not recorded or the part is off the streets), and each group's share of the harm of
    each window.
    """
    section, cell = (parts[name].to_numpy(np.int64) for name in ("section", "cell"))
    dose = np.full((len(parts), len(WINDOWS)), np.nan)
    if conditions.patrol is not None:
        dose = conditions.patrol[0][cell]
    whole = harm.sum(axis=1, keepdims=True)
    shares = np.divide(harm, whole, out=np.zeros_like(harm), where=whole > 0)
    return {
        **_lit_columns(conditions.section_light, section),
        c.CAMERA_SHARE: _of_sections(conditions.section_cameras, c.CAMERA_SHARE, section),
        **{c.of_window(c.PATROL_DOSE, w): dose[:, n] for n, w in enumerate(WINDOWS)},
        **{
            c.of_window(c.share_column(group), w): shares[:, number, n]
            for number, group in enumerate(GROUPS)
            for n, w in enumerate(WINDOWS)
        },
    }


def kept_place(
    rows: pd.DataFrame, interval: tuple[float, float], parameters: HazardParameters
) -> ScenarioPlace:
    """Return a place from the parts that a run kept of it.

    Parameters
    ----------
    rows
        Its rows of `geo.hazard.parts.part_table` with the columns of `scenario_columns`.
    interval
        Published 90 % interval of its harm of the day. Parts are taken to move together.
    """
    doses = rows[[c.of_window(c.PATROL_DOSE, w) for w in WINDOWS]]
    return ScenarioPlace(
        harm=kept_harm(rows),
        lit_share=kept_light(rows),
        camera_share=rows[c.CAMERA_SHARE].fillna(0).to_numpy(float),
        patrol=doses.fillna(0).to_numpy(float),
        shape=gamma_shape(interval, parameters.interval),
    )


def kept_harm(rows: pd.DataFrame) -> FloatArray:
    """Return H of the parts that a run kept, parts × groups × windows.

    Where no hour is known the day lies evenly over its hours.
    """
    windows = rows[[c.of_window(c.HAZARD, w) for w in WINDOWS]].to_numpy(float)
    if np.isnan(windows).all():
        windows = rows[[c.HAZARD]].to_numpy(float) * HOURS_SHARE
    names = [c.of_window(c.share_column(group), w) for group in GROUPS for w in WINDOWS]
    shares = rows[names].to_numpy(float).reshape(len(rows), len(GROUPS), len(WINDOWS))
    return np.asarray(windows[:, None, :] * shares, np.float64)


def kept_light(rows: pd.DataFrame) -> FloatArray:
    """Return the lit share of the parts that a run kept; parts × windows where lamps are dimmed."""
    if any(c.of_window(c.LIT_SHARE, w) in rows for w in WINDOWS):
        return np.nan_to_num(lit_by_window(rows))
    return rows[c.LIT_SHARE].fillna(0).to_numpy(float)


# -------------------------------------------------------------------------------------------


def _lit_columns(
    light: pd.DataFrame | None, section: npt.NDArray[np.int64]
) -> dict[str, FloatArray]:
    own = [c.of_window(c.LIT_SHARE, w) for w in WINDOWS]
    names = [c.LIT_SHARE, *(name for name in own if light is not None and name in light)]
    return {name: _of_sections(light, name, section) for name in names}


def _of_sections(
    frame: pd.DataFrame | None, column: str, section: npt.NDArray[np.int64]
) -> FloatArray:
    if frame is None or not len(frame):
        return np.full(len(section), np.nan)
    return np.append(frame[column].to_numpy(float), np.nan)[section]  # −1 takes the last: none
