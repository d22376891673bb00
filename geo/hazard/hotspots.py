"""Cells where records gather more than chance would have it: a badge, never the score.

The test is Getis and Ord's Gi*: the incidents of a cell and of the cells around it, against what
the town's mean would put there. Many cells are tested at once, so p is judged by Benjamini and
Hochberg's rule, which bounds the expected share of false badges among all badges.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from geo.cells import Grid
from geo.hazard.counted import CountedIncidents, group_mass
from geo.parameters import HazardParameters

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

FEW_INCIDENTS, FEW_DAYS = "few_incidents", "few_days"
"""Why a run gives no badge at all."""


@dataclass(frozen=True)
class Hotspots:
    """What the test says of each cell of the grid.

    Attributes
    ----------
    z
        Standard score of the cell and its neighbours; 0 where nothing can be told.
    p
        Probability of at least this score by chance, one-sided.
    badge
        Whether the cell is marked.
    facts
        Plain numbers and words for the run card: ``badges``, ``incidents`` and ``days`` that
        were judged, and ``withheld``, the reason why no cell is marked (None where they were
        judged).
    """

    z: FloatArray
    p: FloatArray
    badge: BoolArray
    facts: dict[str, Any]


def hotspots(counted: CountedIncidents, grid: Grid, parameters: HazardParameters) -> Hotspots:
    """Mark the cells where the incidents of all groups gather.

    All days on record count alike. Sensitive incidents are left out, for a badge must not point
    to one; an incident of vague place is spread as it is in the rate. A mark needs five incidents
    in the cell and its neighbours: below that, z of rare events promises more than it holds, and
    a mark would give single cases away.

    Without a year on record, or with fewer than five incidents in town, no cell is marked.
    """
    shown = (~counted.sensitive).astype(float)
    counts = group_mass(counted, grid, shown, parameters).sum(axis=0)
    around = _with_neighbours(counts, grid.neighbours)
    z = getis_ord(counts, grid.neighbours)
    p = ndtr(-z)
    least = parameters.hotspot_least_incidents
    found = benjamini_hochberg(p, parameters.hotspot_false_share) & (around >= least)

    days = sum(far - near for near, far in counted.covered)
    withheld = None
    if shown.sum() < least:
        withheld = FEW_INCIDENTS
    elif days < parameters.hotspot_least_days:
        withheld = FEW_DAYS
    badge = found if withheld is None else np.zeros(len(z), bool)
    facts = {
        "badges": int(badge.sum()),
        "incidents": int(shown.sum()),
        "days": days,
        "withheld": withheld,
    }
    return Hotspots(z, p, badge, facts)


def getis_ord(counts: FloatArray, neighbours: npt.NDArray[np.int64]) -> FloatArray:
    """Return z of Gi* with equal weights on each cell and its neighbours.

    ::

        z = (Σw x − x̄ Σw) / (S √((n Σw² − (Σw)²) / (n − 1))),   S² = Σx²/n − x̄²

    Parameters
    ----------
    counts
        x of each cell.
    neighbours
        Positions (cells, n) of the cells around it, −1 where there is none.

    Returns
    -------
    z; 0 where it is not defined: all counts alike, or every cell a neighbour.

    Examples
    --------
    A row of four cells, 3 incidents in the first: x̄ = ¾, S² = 9/4 − 9/16 = 27/16; for the first
    two cells Σw = 2 and 3.

    >>> row = np.array([[-1, 1], [0, 2], [1, 3], [2, -1]])
    >>> getis_ord(np.array([3.0, 0, 0, 0]), row).round(4).tolist()
    [1.0, 0.5774, -1.7321, -1.0]
    """
    cells = len(counts)
    if not cells:
        return np.zeros(0)
    mean = counts.mean()
    deviation = np.sqrt(((counts - mean) ** 2).mean())
    weights = 1.0 + (neighbours >= 0).sum(axis=1)
    spread = np.sqrt(weights * (cells - weights) / max(cells - 1, 1)) * deviation
    # Equal counts that are no whole numbers may leave a deviation of one rounding.
    judged = spread > 1e-12 * max(abs(mean), 1e-300)
    excess = _with_neighbours(counts, neighbours) - mean * weights
    return np.divide(excess, spread, out=np.zeros(cells), where=judged)


def benjamini_hochberg(p: FloatArray, false_share: float) -> BoolArray:
    """Tell which tests hold, so that at most this share of them is expected to be false.

    Examples
    --------
    .03 passes although it is above .05 · 2/4, because .036 passes at .05 · 3/4.

    >>> benjamini_hochberg(np.array([0.03, 0.9, 0.01, 0.036]), 0.05).tolist()
    [True, False, True, True]
    """
    rising = np.sort(p)
    passed = np.flatnonzero(rising <= false_share * np.arange(1, len(p) + 1) / max(len(p), 1))
    return p <= rising[passed[-1]] if len(passed) else np.zeros(len(p), bool)


# -------------------------------------------------------------------------------------------


def _with_neighbours(counts: FloatArray, neighbours: npt.NDArray[np.int64]) -> FloatArray:
    """Add to each cell what lies in the cells around it."""
    beside = np.append(counts, 0.0)  # −1 takes the last: nothing
    return np.asarray(counts + beside[neighbours].sum(axis=1), np.float64)
