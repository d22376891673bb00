"""Where harm is expected and patrols are hardly felt: the patrol gap of each cell, by window.

The gap is the harm of a cell in a window × (1 − patrol dose). Its class is the cell's hazard class
lowered by as many breaks as the patrols' presence takes the harm below: without a patrol it is the
hazard class, under full presence it is 1. This weighs presence against need; it is no forecast of
what a patrol would prevent (`geo.hazard.scenario` says that, and it is far less).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo import columns as c
from geo.cells import CellGrid
from geo.columns import of_window
from geo.parameters import WINDOWS, window_hours
from geo.schema import VISITS, check_frame

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

DAY = "day"
SPANS = (DAY, *WINDOWS)
"""Columns of the day bear no window's name, such as ``gap`` beside ``gap_evening``."""


@dataclass(frozen=True)
class ClassEdges:
    """What a run's hazard classes are cut by.

    Attributes
    ----------
    size
        What the harm of each cell is divided by: metres of street, or square metres.
    above
        By window and ``day``: harm per size above which a cell has the classes 2 … 5, rising.
    """

    size: FloatArray
    above: Mapping[str, FloatArray]


def patrol_gap(
    cells: pd.DataFrame, dose: pd.DataFrame, last_visit: pd.Series, as_of: date, edges: ClassEdges
) -> pd.DataFrame:
    """Return dose, last visit and patrol gap of every cell with streets.

    Parameters
    ----------
    cells
        ``h3_cell``, ``street_length_m``, hazard and hazard class of the day and of each window.
    dose
        Patrol dose, cells × windows, in the cells' order (`geo.coverage.patrols`). Where no visit
        is recorded there is no dose and no gap: do not call this function.
    last_visit
        Day of each cell's last visit, missing where none was recorded (`last_visits`).
    as_of
        The day that days are counted to: a visit of the day before was 1 day ago.
    edges
        What the classes are cut by.

    Returns
    -------
    DataFrame
        h3_cell; last_visit (day) and last_visit_days, both missing where no visit was ever
        recorded; and for the day and each window ``patrol_dose`` (0 … 1), ``gap_harm`` (days of
        sanction a month for one hour of the window) and ``gap`` (class 1 … 5, missing where the
        cell has no class or no hour is known).
    """
    on_street = (cells[c.STREET_LENGTH_M] > 0).to_numpy(bool)
    days = (pd.Timestamp(as_of) - last_visit).dt.days.astype("Int64")
    visited = [None if pd.isna(day) else day.date() for day in last_visit]
    columns: dict[str, object] = {
        c.H3_CELL: cells[c.H3_CELL].to_numpy(np.int64),
        c.LAST_VISIT: np.array(visited, object),
        c.LAST_VISIT_DAYS: days.array,
    }
    harm, left = _harm_and_left(cells, dose)
    hours = np.array([24.0, *(window_hours(window) for window in WINDOWS)])
    for number, span in enumerate(SPANS):
        whole, rest = harm[:, number], left[:, number]
        felt = _day_dose(dose) if span == DAY else dose[span].to_numpy(float)
        columns[_named(c.PATROL_DOSE, span)] = felt
        columns[_named(c.GAP_HARM, span)] = rest / hours[number]
        above = edges.above.get(span, np.zeros(0))
        hazard_class = cells[_named(c.HAZARD_CLASS, span)]
        columns[_named(c.GAP, span)] = _lowered_class(
            hazard_class, whole / edges.size, rest / edges.size, above
        )
    return pd.DataFrame(columns)[on_street].reset_index(drop=True)


def last_visits(visits: pd.DataFrame, grid: CellGrid, as_of: date) -> pd.Series:
    """Return the day of the last recorded visit to each cell of a grid before ``as_of``.

    Returns
    -------
    Series
        In the grid's order, midnight of the day; NaT where no visit was ever recorded. A visit to
        a neighbouring cell is felt here, and yet is none of this cell's.
    """
    check_frame(visits, VISITS, name="visits")
    before = visits[visits["arrived_at"] < pd.Timestamp(as_of)]
    spots = (before[c.LAT].to_numpy(float), before[c.LON].to_numpy(float))
    cell = np.asarray(grid.locate(*spots), np.int64)
    days = before["arrived_at"].dt.normalize().to_numpy("datetime64[s]")
    latest = pd.Series(days[cell >= 0]).groupby(cell[cell >= 0]).max()
    return latest.reindex(range(len(grid.cells))).astype("datetime64[s]")


def main_sections(parts: pd.DataFrame) -> pd.Series:
    """Return the section with most street in each cell, by cell; so that a person finds it.

    Parameters
    ----------
    parts
        ``section_id`` (missing off the streets), ``h3_cell``, ``length_m``.
    """
    streets = parts[parts[c.SECTION_ID].notna()]
    longest = streets.sort_values(
        [c.H3_CELL, c.LENGTH_M, c.SECTION_ID], ascending=[True, False, True]
    ).drop_duplicates(c.H3_CELL)
    return longest.set_index(c.H3_CELL)[c.SECTION_ID]


# -------------------------------------------------------------------------------------------


def _named(column: str, span: str) -> str:
    return column if span == DAY else of_window(column, span)


def _day_dose(dose: pd.DataFrame) -> FloatArray:
    """Return the mean dose over the hours of the day."""
    hours = np.array([window_hours(window) for window in WINDOWS])
    return np.asarray(dose[list(WINDOWS)].to_numpy(float) @ hours / hours.sum(), np.float64)


def _harm_and_left(cells: pd.DataFrame, dose: pd.DataFrame) -> tuple[FloatArray, FloatArray]:
    """Return the harm of the day and of each window, and what of it patrols leave.

    The day is the sum of its windows; where no hour is known, its harm lies evenly over the hours.
    """
    names = [of_window(c.HAZARD, window) for window in WINDOWS]
    windows = cells[names].to_numpy(float)
    left = windows * (1 - dose[list(WINDOWS)].to_numpy(float))
    day = cells[c.HAZARD].to_numpy(float)
    total, rest = windows.sum(axis=1), left.sum(axis=1)
    share = np.divide(rest, total, out=1 - _day_dose(dose), where=total > 0)  # NaN is not > 0
    return np.column_stack([day, windows]), np.column_stack([day * share, left])


def _lowered_class(
    hazard_class: pd.Series, whole: FloatArray, rest: FloatArray, above: FloatArray
) -> pd.arrays.IntegerArray:
    """Lower a class by the breaks between two intensities; missing where either is."""
    held = hazard_class.astype("Int64")
    lowered = _breaks_below(whole, above) - _breaks_below(rest, above)
    gap = np.maximum(held.fillna(1).to_numpy(np.int64) - lowered, 1)
    missing = held.isna().to_numpy(bool) | np.isnan(rest)
    return pd.arrays.IntegerArray(gap.astype(np.int64), missing)


def _breaks_below(intensity: FloatArray, above: FloatArray) -> IntArray:
    """Return how many breaks lie below each intensity."""
    return np.asarray((intensity[:, None] > above[None, :]).sum(axis=1), np.int64)
