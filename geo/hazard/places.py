"""From harm to frames: intervals, scores, classes and reasons of places of one kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo import columns as c
from geo.hazard.burden import risk_per_exposure, route_burden
from geo.hazard.explain import explanation_columns
from geo.hazard.posterior import TOO_FEW, confidence_words, gamma_interval, probability_above
from geo.hazard.reference import (
    NO_CLASS,
    Key,
    Yardstick,
    held_classes,
    score_classes,
)
from geo.hazard.score import PlaceHarm
from geo.parameters import GROUPS, WINDOWS, HazardParameters

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
Columns = Mapping[str, npt.NDArray | pd.arrays.IntegerArray]

DAY = "day"
HARM, COUNT, WALK = "harm", "count", "walk"
SPANS = (DAY, *WINDOWS)


@dataclass(frozen=True)
class Places:
    """Places of one kind with what their numbers are measured against.

    Attributes
    ----------
    kind
        ``section`` or ``cell_10`` … ``cell_7``: the yardstick they share.
    ids
        Their names as text, for the table of classes.
    harm
        Their harm.
    size
        Metres of street; square metres on the area basis. A place of size 0 has no score.
    size_floor
        Least size that harm is divided by.
    child_minutes
        Places × windows; None where no exposure is known.
    hours_known
        Whether any incident has a known hour; without one, no window is shown.
    """

    kind: str
    ids: npt.NDArray[np.object_]
    harm: PlaceHarm
    size: FloatArray
    size_floor: float
    child_minutes: FloatArray | None
    hours_known: bool

    def burden(self) -> FloatArray:
        """Return the route burden, NaN where exposure is unknown."""
        if self.child_minutes is None:
            return np.full(len(self.size), np.nan)
        return route_burden(self.harm.mean[:, 1:], self.child_minutes)

    def intensity(self, amount: FloatArray) -> FloatArray:
        """Divide an amount by the size of its place; NaN for a place without size."""
        return intensity(amount, self.size, self.size_floor)


def intensity(amount: FloatArray, size: FloatArray, size_floor: float) -> FloatArray:
    """Divide amounts by the sizes of their places, at least the floor; NaN without size."""
    return amount / np.where(size > 0, np.maximum(size, size_floor), np.nan)


def measured_series(places: Places) -> dict[Key, tuple[FloatArray, FloatArray]]:
    """Return intensity and size under each key that the places are scored by."""
    spans = SPANS if places.hours_known else (DAY,)
    amounts = {(HARM, span): places.harm.mean[:, SPANS.index(span)] for span in spans}
    amounts[COUNT, DAY] = places.harm.expected
    burden = places.burden()
    if not np.isnan(burden).all():
        amounts[WALK, DAY] = burden
    return {
        (places.kind, view, span): (places.intensity(amount), places.size)
        for (view, span), amount in amounts.items()
    }


def place_columns(
    places: Places,
    yardsticks: Mapping[Key, Yardstick],
    previous: pd.DataFrame | None,
    parameters: HazardParameters,
) -> dict[str, npt.NDArray | pd.arrays.IntegerArray]:
    """Return every column of the places' frame but their names and sizes.

    Parameters
    ----------
    previous
        Table of classes of the run before, all kinds; None for the first run.
    """
    harm = places.harm
    held = _previous_classes(previous, places)
    columns: dict[str, npt.NDArray | pd.arrays.IntegerArray] = {}
    low, high = gamma_interval(harm.mean, harm.variance, parameters.interval)
    words = confidence_words(low, high, parameters)
    columns[c.CONFIDENCE] = words[:, 0]
    for number, span in enumerate(SPANS):
        shown = span == DAY or places.hours_known
        columns |= _span_columns(places, span, (low[:, number], high[:, number]), shown=shown)
        columns |= _score_columns(places, span, yardsticks, held, parameters)
        if span != DAY:
            columns |= window_words(span, words[:, 0], words[:, number], shown=shown)
    columns |= _view_columns(places, yardsticks, parameters)
    columns |= _explained(places)
    columns |= {
        c.share_column(group): _ratio(harm.by_group[:, code], harm.mean[:, 0])
        for code, group in enumerate(GROUPS)
    }
    return columns


def class_table(places: Places, columns: Columns) -> pd.DataFrame:
    """Return the classes of the places by kind and name, to be handed to the next run."""
    names = [_named(c.HAZARD_CLASS, span) for span in SPANS]
    classes = {name: columns[name] for name in names}
    return pd.DataFrame({c.PLACE: places.kind, c.PLACE_ID: places.ids} | classes)


def window_words(
    window: str, day: npt.NDArray, own: npt.NDArray, *, shown: bool
) -> dict[str, npt.NDArray]:
    """Return a window's words: the day's, marked, where its own records are too few."""
    from_town = own == TOO_FEW
    words = np.where(from_town, day, own) if shown else np.full(len(day), None, dtype=object)
    return {
        c.of_window(c.CONFIDENCE, window): words,
        c.of_window(c.HOUR_FROM_TOWN, window): from_town & shown,
    }


# -------------------------------------------------------------------------------------------


def _named(column: str, span: str) -> str:
    return column if span == DAY else c.of_window(column, span)


def _ratio(part: FloatArray, whole: FloatArray) -> FloatArray:
    return np.divide(part, whole, out=np.full(whole.shape, np.nan), where=whole > 0)


def _span_columns(
    places: Places, span: str, interval: tuple[FloatArray, FloatArray], *, shown: bool
) -> dict[str, FloatArray]:
    mean = places.harm.mean[:, SPANS.index(span)]
    values = {c.HAZARD: mean, c.HAZARD_LOW: interval[0], c.HAZARD_HIGH: interval[1]}
    missing = np.full(len(mean), np.nan)
    return {_named(name, span): value if shown else missing for name, value in values.items()}


def _score_columns(
    places: Places,
    span: str,
    yardsticks: Mapping[Key, Yardstick],
    held: Mapping[str, IntArray],
    parameters: HazardParameters,
) -> dict[str, FloatArray | pd.arrays.IntegerArray]:
    number = SPANS.index(span)
    stick = yardsticks.get((places.kind, HARM, span))
    score = np.full(len(places.size), np.nan)
    classes = np.zeros(len(score), np.int64)
    if stick is not None and (span == DAY or places.hours_known):
        score = stick.score(places.intensity(places.harm.mean[:, number]))
        raw = score_classes(score, parameters.breaks)
        classes = _held(places, number, (raw, held[span]), stick, parameters)
    return {
        _named(c.HAZARD_SCORE, span): score,
        _named(c.HAZARD_CLASS, span): _nullable(classes),
    }


def _held(
    places: Places,
    number: int,
    classes: tuple[IntArray, IntArray],
    stick: Yardstick,
    parameters: HazardParameters,
) -> IntArray:
    raw, previous = classes
    moved = np.flatnonzero((raw != previous) & (raw != NO_CLASS) & (previous != NO_CLASS))
    above = np.zeros((len(raw), len(parameters.breaks)))
    size = np.maximum(places.size[moved], places.size_floor)
    mean, variance = places.harm.mean[moved, number], places.harm.variance[moved, number]
    for column, score in enumerate(parameters.breaks):
        threshold = stick.intensity_at(score) * size
        above[moved, column] = probability_above(mean, variance, threshold)
    return held_classes(raw, previous, above, parameters.class_change_probability)


def _nullable(classes: IntArray) -> pd.arrays.IntegerArray:
    return pd.arrays.IntegerArray(classes, classes == NO_CLASS)


def _previous_classes(previous: pd.DataFrame | None, places: Places) -> dict[str, IntArray]:
    none = np.zeros(len(places.ids), np.int64)
    if previous is None:
        return dict.fromkeys(SPANS, none)
    rows = previous[(previous[c.PLACE] == places.kind).to_numpy(bool)].set_index(c.PLACE_ID)
    found = rows.reindex(places.ids)
    return {
        span: found[_named(c.HAZARD_CLASS, span)].fillna(NO_CLASS).to_numpy(np.int64)
        for span in SPANS
    }


def _view_columns(
    places: Places, yardsticks: Mapping[Key, Yardstick], parameters: HazardParameters
) -> dict[str, FloatArray]:
    expected, burden = places.harm.expected, places.burden()
    missing = np.full(len(expected), np.nan)
    risk = missing
    if places.child_minutes is not None:
        risk = risk_per_exposure(expected, places.child_minutes.sum(axis=1), parameters)
    walk = yardsticks.get((places.kind, WALK, DAY))
    count = yardsticks[places.kind, COUNT, DAY]
    return {
        c.EXPECTED_INCIDENTS: expected,
        c.COUNT_SCORE: count.score(places.intensity(expected)),
        c.ROUTE_BURDEN: burden,
        c.BURDEN_SCORE: walk.score(places.intensity(burden)) if walk is not None else missing,
        c.RISK_PER_EXPOSURE: risk,
    }


def _explained(places: Places) -> dict[str, FloatArray]:
    harm = places.harm
    stages = (harm.timed, harm.lit, harm.patrolled)
    columns = explanation_columns(harm.chain, stages, harm.mean)
    if places.hours_known:
        return columns
    endings = tuple(f"_{window}" for window in WINDOWS)
    return {
        name: np.full(len(values), np.nan) if name.endswith(endings) else values
        for name, values in columns.items()
    }
