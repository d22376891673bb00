"""Scores and classes: how a place compares with the streets of the reference.

A score of 93 reads "worse than 93 % of the town's streets". The reference is a table made by the
first run of a quarter and kept, so that months compare.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geo import columns as c
from geo.parameters import HazardParameters
from geo.study_area import StudyArea

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
Key = tuple[str, str, str]
"""Kind of place, view, window: one yardstick each."""

STREET_BASIS, AREA_BASIS = "street", "area"
NO_CLASS = 0


@dataclass(frozen=True)
class Yardstick:
    """The town's intensities in rising order, with the size that lies up to each.

    Attributes
    ----------
    intensity
        Harm (incidents, burden) per metre of street or per square metre, rising.
    cumulative
        Metres of street (square metres) with this intensity or less.
    """

    intensity: FloatArray
    cumulative: FloatArray

    def score(self, intensity: FloatArray) -> FloatArray:
        """Return 100 × the share of the town with a lower intensity; NaN where it is missing.

        Examples
        --------
        >>> stick = build_yardstick(np.array([5.0, 1.0, 2.0]), np.array([100.0, 300.0, 600.0]))
        >>> stick.score(np.array([0.5, 1.0, 2.0, 5.0, 9.0])).tolist()
        [0.0, 0.0, 30.0, 90.0, 100.0]
        """
        if not len(self.intensity):
            return np.full(len(intensity), np.nan)
        below = np.r_[0, self.cumulative][np.searchsorted(self.intensity, intensity, "left")]
        return np.where(np.isnan(intensity), np.nan, 100 * below / self.cumulative[-1])

    def intensity_at(self, score: float) -> float:
        """Return the intensity above which the score is at least this high."""
        if not len(self.intensity):
            return float("inf")
        reached = 100 * self.cumulative / self.cumulative[-1] >= score
        return float(self.intensity[np.argmax(reached)])


def build_yardstick(intensity: FloatArray, size: FloatArray) -> Yardstick:
    """Order intensities; places without size or intensity do not count."""
    counts = (size > 0) & ~np.isnan(intensity)
    order = np.argsort(intensity[counts], kind="stable")
    return Yardstick(intensity[counts][order], np.cumsum(size[counts][order]))


def complete_reference(
    given: pd.DataFrame | None, measured: Mapping[Key, tuple[FloatArray, FloatArray]]
) -> tuple[dict[Key, Yardstick], list[Key]]:
    """Take the yardsticks of a kept reference and make those it does not hold.

    Parameters
    ----------
    given
        Table of `reference_table`; None for the first run of a quarter.
    measured
        Key → intensity and size of each place of this run.

    Returns
    -------
    All yardsticks, and the keys of those made now.
    """
    kept = yardsticks_of(given) if given is not None else {}
    made = {key: build_yardstick(*series) for key, series in measured.items() if key not in kept}
    return kept | made, sorted(made)


def reference_table(yardsticks: Mapping[Key, Yardstick]) -> pd.DataFrame:
    """Lay yardsticks out as one table: place, view, window, intensity, cumulative size."""
    rows = sorted(yardsticks.items())
    repeats = [len(stick.intensity) for _, stick in rows]
    frame = pd.DataFrame(
        {
            column: pd.Categorical(np.repeat([key[level] for key, _ in rows], repeats))
            for level, column in enumerate((c.PLACE, c.VIEW, c.WINDOW))
        }
    )
    for column, field in ((c.INTENSITY, "intensity"), (c.CUMULATIVE_SIZE, "cumulative")):
        frame[column] = np.concatenate([np.empty(0), *(getattr(stick, field) for _, stick in rows)])
    return frame


def yardsticks_of(table: pd.DataFrame) -> dict[Key, Yardstick]:
    """Read a table of `reference_table`."""
    groups = table.groupby([c.PLACE, c.VIEW, c.WINDOW], observed=True, sort=True)
    return {
        (str(place), str(view), str(window)): Yardstick(
            rows[c.INTENSITY].to_numpy(float), rows[c.CUMULATIVE_SIZE].to_numpy(float)
        )
        for (place, view, window), rows in groups
    }


def score_classes(score: FloatArray, breaks: tuple[float, ...]) -> IntArray:
    """Return the class of each score, 1 (lowest) … 5; 0 where there is no score."""
    classes = 1 + np.searchsorted(np.array(breaks), score, side="right")
    return np.where(np.isnan(score), NO_CLASS, classes).astype(np.int64)


def held_classes(
    raw: IntArray, previous: IntArray, above: FloatArray, probability: float
) -> IntArray:
    """Let a class change only as far as the posterior is sure of the crossing.

    Parameters
    ----------
    raw
        Class by the score of now; 0 without a score.
    previous
        Class of the run before; 0 where the place is new.
    above
        Places × breaks: probability of lying above each break.
    probability
        How sure a crossing must be, such as .8.

    Examples
    --------
    From class 1 to a raw 3: the first break is crossed surely, the second is not.

    >>> held_classes(np.array([3]), np.array([1]), np.array([[0.9, 0.6, 0.1, 0.0]]), 0.8)
    array([2])
    """
    surely_up = 1 + (above >= probability).sum(axis=1)
    surely_down = 1 + (1 - above < probability).sum(axis=1)
    up = np.minimum(raw, np.maximum(previous, surely_up))
    down = np.maximum(raw, np.minimum(previous, surely_down))
    held = np.where(raw > previous, up, down)
    return np.where((raw == NO_CLASS) | (previous == NO_CLASS), raw, held)


def street_hull_share(area: StudyArea, sections: pd.DataFrame) -> float:
    """Return the share of the study area that lies within the hull of its streets, 0..1."""
    if not len(sections):
        return 0.0
    degrees = shapely.get_coordinates(sections[c.GEOMETRY].to_numpy())
    x, y = area.to_metric(degrees[:, 1], degrees[:, 0])
    hull = shapely.convex_hull(shapely.multipoints(np.column_stack([x, y])))
    inside = shapely.intersection(hull, _metric_boundary(area))
    return float(shapely.area(inside) / area.area_m2)


def reference_basis(hull_share: float, parameters: HazardParameters) -> str:
    """Say what scores are measured against: ``street`` length, or ``area`` with few streets."""
    return STREET_BASIS if hull_share >= parameters.area_basis_below else AREA_BASIS


# -------------------------------------------------------------------------------------------


def _metric_boundary(area: StudyArea) -> shapely.Geometry:
    def project(lon_lat: FloatArray) -> FloatArray:
        return np.column_stack(area.to_metric(lon_lat[:, 1], lon_lat[:, 0]))

    return shapely.transform(area.boundary, project)
