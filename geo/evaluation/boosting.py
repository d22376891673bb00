"""Gradient boosting on the same evidence: an extra rival, for those who ask about trees.

It needs scikit-learn, which the project itself does without.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from geo.cells import Grid
from geo.errors import NoDataError, UsageError
from geo.evaluation.baselines import BASELINES
from geo.evaluation.origins import Origin, observed_counts
from geo.hazard.counted import CountedIncidents, earlier
from geo.hazard.evidence import Evidence, rate_evidence
from geo.hazard.past_windows import window_starts
from geo.parameters import HazardParameters

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
Ground = tuple[Grid, FloatArray, HazardParameters]

MOST_WINDOWS = 12
"""Past windows that the trees are grown on, the latest."""

EMPTY_KEPT = 4
"""One in this many cells without an incident is learnt from, and stands for the others."""

FEATURES_OF_RIVALS = ("count_365", "count_all", "kde_400_365", "kde_400_all")

SETTINGS: dict[str, Any] = {
    "loss": "poisson",
    "learning_rate": 0.06,
    "max_iter": 100,
    "max_leaf_nodes": 15,
    "min_samples_leaf": 100,
    "l2_regularization": 1.0,
    "early_stopping": False,
    "random_state": 0,
}


@dataclass(frozen=True)
class Boosting:
    """Boosted trees, one set a group.

    Attributes
    ----------
    trees
        Position of the group → its fitted regression; a group without incidents has none.
    ground
        Grid, base and parameters.
    horizon_days
        Days that a prediction covers.
    """

    trees: Mapping[int, Any]
    ground: Ground
    horizon_days: int

    def rates(self, known: CountedIncidents, evidence: Evidence) -> FloatArray:
        """Return incidents per day, groups × cells."""
        features = _features(known, self.ground, evidence)
        rates = np.zeros(evidence.record.shape)
        with _one_thread():
            for group, trees in self.trees.items():
                rates[group] = trees.predict(features[group]) / self.horizon_days
        return rates


def fit_boosting(
    known: CountedIncidents, ground: Ground, groups: tuple[int, ...], horizon_days: int
) -> Boosting:
    """Grow trees on the past windows before an origin.

    Parameters
    ----------
    known
        Incidents before the origin.
    ground
        Grid, base and parameters.
    groups
        Positions of the groups to forecast.

    Raises
    ------
    UsageError
        ``scikit_learn_missing``.
    NoDataError
        ``history_short`` where no window lies in the past.
    """
    _regressor()
    grid, base, parameters = ground
    starts = window_starts(known, horizon_days, MOST_WINDOWS)
    if not len(starts):
        raise NoDataError("No past window to grow trees on.", code="history_short")
    chance = np.random.default_rng(SETTINGS["random_state"])
    rows: dict[int, list[tuple[FloatArray, IntArray]]] = {group: [] for group in groups}
    for start in starts.tolist():
        then = earlier(known, start)
        features = _features(then, ground, rate_evidence(then, grid, base, parameters))
        happened = observed_counts(known, Origin(start, horizon_days), len(grid.cells))
        drawn = chance.random(len(grid.cells)) < 1 / EMPTY_KEPT
        for group in groups:
            kept = drawn | (happened[group] > 0)
            rows[group].append((features[group, kept], happened[group, kept]))
    return Boosting({group: trees for group in groups if (trees := _grown(rows[group]))},
                    ground, horizon_days)  # fmt: skip


# -------------------------------------------------------------------------------------------


def _regressor() -> Any:
    try:
        from sklearn.ensemble import HistGradientBoostingRegressor  # noqa: PLC0415
    except ImportError as error:
        raise UsageError(
            "Gradient boosting needs scikit-learn; install safe-region[boosting].",
            code="scikit_learn_missing",
        ) from error
    return HistGradientBoostingRegressor


def _grown(rows: list[tuple[FloatArray, IntArray]]) -> Any:
    """Grow the trees of one group; None where no window has an incident of it."""
    outcome = np.concatenate([happened for _, happened in rows])
    if not outcome.any():
        return None
    table = np.concatenate([features for features, _ in rows])
    weight = np.where(outcome > 0, 1, EMPTY_KEPT)
    with _one_thread():
        return _regressor()(**SETTINGS).fit(table, outcome, sample_weight=weight)


def _one_thread() -> AbstractContextManager[Any]:
    """Keep to one thread: several wait for each other longer than they work on so few rows."""
    from threadpoolctl import threadpool_limits  # noqa: PLC0415

    return threadpool_limits(1, "openmp")


def _features(known: CountedIncidents, ground: Ground, evidence: Evidence) -> FloatArray:
    """Return what the trees see of each cell: groups × cells × features."""
    grid, _, parameters = ground
    base = np.broadcast_to(evidence.base, evidence.record.shape)
    counts = [BASELINES[name](known, grid, parameters) for name in FEATURES_OF_RIVALS]
    columns = [
        *evidence.shares, base, evidence.record, evidence.others, evidence.expected_others, *counts
    ]  # fmt: skip
    return np.stack(columns, axis=-1)
