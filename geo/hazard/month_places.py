"""The hazard of one month, on school days or on other days: what a map of that month shows.

A run scores the mean of the year. In a month it is darker or brighter than that, and on a school
day other things happen than on a Sunday::

    H'_part,gτ = H_part,gτ · exp(β_g (D_τ(month) − D̄_τ) (1 − relief · lit)) · ratio_τ(kind of day)

Scores and classes compare with the run's own reference, whose windows stand for the mean darkness
of the year and school days, so that a January morning and a June one can be told apart. Records
are not split by month: where, and how much by group, is the year's. Expected counts and their
score stay those of the year; ranks under the uncertainty are not made anew and are left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo import columns as c
from geo.cells import cell_parents
from geo.columns import of_window
from geo.coverage.light_belief import prior_light
from geo.coverage.lit_windows import lit_by_window
from geo.errors import UsageError
from geo.hazard.burden import route_burden
from geo.hazard.kinds import SECTION
from geo.hazard.modifiers import dark_effect
from geo.hazard.month_variants import MonthVariant, YearOfRun
from geo.hazard.parts import PARENT_RESOLUTIONS, part_minutes
from geo.hazard.places import DAY, HARM, SPANS, WALK, intensity, window_words
from geo.hazard.posterior import confidence_words
from geo.hazard.reference import (
    NO_CLASS,
    STREET_BASIS,
    Key,
    Yardstick,
    score_classes,
    yardsticks_of,
)
from geo.hazard.scenario_place import kept_harm
from geo.hazard.school_days import SCHOOL_DAY
from geo.hazard.score import sum_by
from geo.parameters import GROUPS, SCHOOL_WINDOWS, SCORED_RESOLUTION, WINDOWS, HazardParameters

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
Frames = Mapping[str, pd.DataFrame]

MONTH_PART = "month"
"""The part of the explanation by which a month differs from the year."""

_RANKS = (c.P_TOP, c.RANK_LOW, c.RANK_HIGH, c.BURDEN_RANK_LOW, c.BURDEN_RANK_HIGH)
_Z = 1.6448536269514722  # of the ends of a 90 % interval
_NO_YARDSTICK = Yardstick(np.empty(0), np.empty(0))


def month_frames(
    frames: Frames, year: YearOfRun, variant: MonthVariant, parameters: HazardParameters
) -> dict[str, pd.DataFrame]:
    """Return the frames of places of a run as they are in one month and on one kind of day.

    Parameters
    ----------
    frames
        The run's ``parts``, ``reference``, ``sections``, ``cells``, ``cells_r9`` … ``cells_r7``.

    Returns
    -------
    ``sections`` and the frames of cells with the same columns, less the ranks, and with
    ``part_month`` (day and windows), by which ln hazard differs from the year. On other than
    school days the school windows and the route burden are missing: hidden, not zero.

    Raises
    ------
    UsageError
        ``month_without_school``: school days are asked of a month that has none.
    """
    if variant.school_day and year.school_days.get(str(variant.month)) == 0:
        raise UsageError(
            f"Month {variant.month} has no school day; ask for its other days.",
            code="month_without_school",
        )
    parts = frames["parts"]
    moved = _moved_harm(parts, year, variant, parameters)
    sticks = yardsticks_of(frames["reference"])
    minutes = _minutes(frames, parts) if variant.school_day else None
    made = {}
    for name, kind, place in _kinds(frames, parts):
        places = _MonthPlaces(
            frame=frames[name],
            kind=kind,
            size=_sizes(frames[name], kind, (parts, place), year.basis),
            size_floor=_floor(kind, year.basis, parameters),
            sums=_Sums(*(sum_by(place, one, len(frames[name])) for one in moved)),
            minutes=None if minutes is None else sum_by(place, minutes, len(frames[name])),
        )
        made[name] = _month_frame(places, year, variant, sticks, parameters)
    return made


# -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Sums:
    """Harm of the year, of the month, and how far one sd of β moves it; rows × (day, windows)."""

    year: FloatArray
    month: FloatArray
    doubt: FloatArray


@dataclass(frozen=True)
class _MonthPlaces:
    """Places of one kind with what they are measured against; ``minutes`` None: no walk."""

    frame: pd.DataFrame
    kind: str
    size: FloatArray
    size_floor: float
    sums: _Sums
    minutes: FloatArray | None


def _moved_harm(
    parts: pd.DataFrame, year: YearOfRun, variant: MonthVariant, parameters: HazardParameters
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return harm of the year, of the month and its doubt, each parts × (day, windows)."""
    harm = kept_harm(parts)
    lit = np.nan_to_num(lit_by_window(parts), nan=prior_light(parameters)[0])
    darker = year.darkness[variant.month - 1] - year.mean_darkness
    felt = darker * (1 - parameters.lit_relief * lit)
    beta = dark_effect(parameters)[:, None]
    moved = harm * np.exp(beta * felt[:, None, :]) * year.ratio(variant.kind)
    shares = np.array([parameters.dark_share_by_group[group] for group in GROUPS])
    doubt = (moved * shares[:, None]).sum(axis=1) * felt * parameters.dark_sd
    whole, month, doubtful = (_with_day(one) for one in (harm.sum(1), moved.sum(1), doubt))
    return whole, month, doubtful


def _with_day(windows: FloatArray) -> FloatArray:
    return np.column_stack([windows.sum(axis=1), windows])


def _kinds(frames: Frames, parts: pd.DataFrame) -> list[tuple[str, str, IntArray]]:
    """List each frame with its yardstick's kind and the position of each part's place in it."""
    ids = pd.Index(frames["sections"][c.SECTION_ID])
    kinds = [("sections", SECTION, ids.get_indexer(parts[c.SECTION_ID]).astype(np.int64))]
    cells = parts[c.H3_CELL].to_numpy(np.int64)
    for resolution in (SCORED_RESOLUTION, *PARENT_RESOLUTIONS):
        scored = resolution == SCORED_RESOLUTION
        name = "cells" if scored else f"cells_r{resolution}"
        own = cells if scored else cell_parents(cells, resolution)
        place = pd.Index(frames[name][c.H3_CELL]).get_indexer(own)
        kinds.append((name, f"cell_{resolution}", place.astype(np.int64)))
    return kinds


def _minutes(frames: Frames, parts: pd.DataFrame) -> FloatArray | None:
    """Return the child-minutes of each part by window; None where no walk is known."""
    sections = frames["sections"]
    names = {of_window(c.CHILD_MINUTES, window): window for window in WINDOWS}
    if not set(names) <= set(sections) or sections[list(names)].isna().all(axis=None):
        return None
    section = pd.Index(sections[c.SECTION_ID]).get_indexer(parts[c.SECTION_ID])
    walked = sections[list(names)].rename(columns=names).fillna(0.0)
    return part_minutes(parts.assign(section=section), walked)


def _month_frame(
    places: _MonthPlaces,
    year: YearOfRun,
    variant: MonthVariant,
    sticks: Mapping[Key, Yardstick],
    parameters: HazardParameters,
) -> pd.DataFrame:
    frame, low, high = places.frame, *_intervals(places)
    words = confidence_words(low, high, parameters)
    columns: dict[str, Any] = {c.CONFIDENCE: words[:, 0]}
    for number, span in enumerate(SPANS):
        hidden = span in SCHOOL_WINDOWS and not variant.school_day
        shown = frame[_named(c.HAZARD, span)].notna().to_numpy(bool) & (not hidden)
        # The reference of a window stands for school days, and so does what is laid against it.
        usual = 1.0 if span == DAY else year.ratio(SCHOOL_DAY)[number - 1]
        stick = sticks.get((places.kind, HARM, span), _NO_YARDSTICK)
        harm = np.where(shown, places.sums.month[:, number], np.nan)
        like = _like_the_year(places, number, usual)
        score = stick.score(
            intensity(np.where(shown, like, np.nan), places.size, places.size_floor)
        )
        classes = score_classes(score, parameters.breaks)
        values = {
            c.HAZARD: harm,
            c.HAZARD_LOW: np.where(shown, low[:, number], np.nan),
            c.HAZARD_HIGH: np.where(shown, high[:, number], np.nan),
            c.HAZARD_SCORE: score,
            c.HAZARD_CLASS: pd.arrays.IntegerArray(classes, classes == NO_CLASS),
            c.part_column(MONTH_PART): _log(harm) - _log(places.sums.year[:, number]),
        }
        columns |= {_named(name, span): value for name, value in values.items()}
        if span != DAY:
            columns |= window_words(span, words[:, 0], words[:, number], shown=not hidden)
    columns |= _burden_columns(places, sticks)
    return frame.drop(columns=[name for name in _RANKS if name in frame]).assign(**columns)


def _like_the_year(places: _MonthPlaces, number: int, usual: float) -> FloatArray:
    """Return harm to be laid against the reference; where nothing moved, to the last bit the run's.

    A score counts what lies strictly below, so a sum in another order would pass its own place.
    """
    own = places.frame[_named(c.HAZARD, SPANS[number])].to_numpy(float)
    year, month = places.sums.year[:, number], places.sums.month[:, number]
    moved = np.divide(month, year * usual, out=np.ones_like(year), where=year > 0)
    return own * np.round(moved, 12)


def _named(column: str, span: str) -> str:
    return column if span == DAY else of_window(column, span)


def _sizes(
    frame: pd.DataFrame, kind: str, lying: tuple[pd.DataFrame, IntArray], basis: str
) -> FloatArray:
    """Return what harm is divided by, as the run did: metres of street inside the grid, or m²."""
    if kind != SECTION and basis != STREET_BASIS:
        return frame[c.AREA_M2].to_numpy(float)
    parts, place = lying
    return sum_by(place, parts[c.LENGTH_M].to_numpy(float), len(frame))


def _floor(kind: str, basis: str, parameters: HazardParameters) -> float:
    return parameters.length_floor_m if kind == SECTION or basis == STREET_BASIS else 0.0


def _intervals(places: _MonthPlaces) -> tuple[FloatArray, FloatArray]:
    """Move the run's intervals with their means; the doubt about β widens both arms."""
    sums = places.sums
    doubt = _Z * np.divide(
        sums.doubt, sums.month, out=np.zeros_like(sums.month), where=sums.month > 0
    )
    ends = []
    for name in (c.HAZARD_LOW, c.HAZARD_HIGH):
        columns = [_named(name, span) for span in SPANS]
        arm = _log(places.frame[columns].to_numpy(float)) - _log(sums.year)
        wide = np.sign(arm) * np.hypot(arm, doubt)
        ends.append(np.nan_to_num(sums.month * np.exp(wide)))
    return ends[0], ends[1]


def _burden_columns(places: _MonthPlaces, sticks: Mapping[Key, Yardstick]) -> dict[str, FloatArray]:
    burden = np.full(len(places.frame), np.nan)
    if places.minutes is not None:
        walked = route_burden(places.sums.month[:, 1:], places.minutes)
        burden = np.where(places.frame[c.ROUTE_BURDEN].notna(), walked, np.nan)
    stick = sticks.get((places.kind, WALK, DAY), _NO_YARDSTICK)
    score = stick.score(intensity(burden, places.size, places.size_floor))
    return {c.ROUTE_BURDEN: burden, c.BURDEN_SCORE: score}


def _log(values: FloatArray) -> FloatArray:
    return np.log(values, out=np.full(values.shape, np.nan), where=values > 0)
