"""How much wider than its posterior the past has proved the rate, by how much is expected.

The rate is made once more as of the first past window, and what all windows brought together is
held against it. In a cell where M incidents were expected, with a posterior of shape s, their
number has the negative binomial distribution of mean M and shape s/φ. φ is the likeliest factor
in each of five groups of cells, by how much was expected in them.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln

from geo.cells import Grid
from geo.hazard.counted import CountedIncidents, earlier, spread_classes
from geo.hazard.evidence import rate_evidence
from geo.hazard.fitted import Dispersion, Model
from geo.hazard.rate import town_rate

FloatArray = npt.NDArray[np.float64]

CELLS_BELOW = (0.5, 0.8, 0.95, 0.99)
"""Shares of the cells that lie below the breaks between the five groups."""

FACTORS = np.geomspace(1, 10, 47)
SPREAD = 0.35
"""Standard deviation of ln φ about 0, as long as the past says nothing."""


def past_dispersion(
    counted: CountedIncidents,
    grid: Grid,
    standing: tuple[FloatArray, FloatArray],
    model: Model,
    days: int,
) -> dict[str, Dispersion]:
    """Return φ of the groups of which the last days hold an incident in a known cell.

    Sensitive incidents and such as are known to some distance only are left out: which cell they
    lie in is not asked.

    Parameters
    ----------
    standing
        Share of each cell in the base, and factor of standing conditions, groups × cells.
    model
        Without a dispersion.
    days
        How many days before the forecast the rate is made once more.
    """
    base, contrast = standing
    known = rate_evidence(earlier(counted, days), grid, base, model.parameters)
    rate = town_rate(known, contrast, model)
    asked = (spread_classes(counted, model.parameters) == 0) & (counted.age_days <= days)
    found = {}
    for number, group in enumerate(counted.groups):
        here = counted.cell[asked & (counted.group == number)]
        expected = rate.expected[number]
        if len(here) and expected.sum() > 0:
            happened = np.bincount(here, minlength=len(expected)).astype(float)
            found[group] = dispersion_of(happened, expected, rate.shape[number])
    return found


def dispersion_of(happened: FloatArray, expected: FloatArray, shape: FloatArray) -> Dispersion:
    """Return φ by groups of cells: the likeliest from 1 on, near 1 as long as little happened.

    Parameters
    ----------
    happened
        Incidents in each cell.
    expected
        In proportion to those expected.
    shape
        Shape of the posterior of each cell.
    """
    share = expected / expected.sum()
    breaks = np.quantile(share, CELLS_BELOW)
    place = np.searchsorted(breaks, share)
    mean = share * happened.sum()
    score = np.stack(
        [
            np.bincount(place, _log_likelihood(happened, mean, shape / factor), len(breaks) + 1)
            - (np.log(factor) / SPREAD) ** 2 / 2
            for factor in FACTORS.tolist()
        ]
    )
    return Dispersion(tuple(breaks.tolist()), tuple(FACTORS[score.argmax(axis=0)].tolist()))


# -------------------------------------------------------------------------------------------


def _log_likelihood(happened: FloatArray, mean: FloatArray, shape: FloatArray) -> FloatArray:
    """Return the log probability of negative binomial counts, less what only counts decide."""
    none = shape * np.log1p(mean / shape)
    some = happened > 0
    y, m, s = happened[some], mean[some], shape[some]
    likely = -none
    likely[some] += gammaln(y + s) - gammaln(s) + y * np.log(m / (s + m))
    return likely
