"""Draws of the assumed effects of darkness, patrols and cameras: one of each for the whole town."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from geo.parameters import HazardParameters

FloatArray = npt.NDArray[np.float64]


def effect_draws(random: np.random.Generator, parameters: HazardParameters) -> FloatArray:
    """Return β of darkness, patrols and cameras, 3 × draws, cut where they would harm.

    Darkness never protects, a patrol or a camera never raises.

    Examples
    --------
    >>> drawn = effect_draws(np.random.default_rng(1), HazardParameters())
    >>> drawn.mean(axis=1).round(3)
    array([ 0.315, -0.174, -0.139])
    """
    chosen = parameters
    standard = np.stack([ndtri(spread_evenly(random, chosen.draws)) for _ in range(3)])
    centre = np.array([chosen.dark_log_irr, chosen.patrol_log_irr, chosen.camera_log_irr])
    spread = np.array([chosen.dark_sd, chosen.patrol_sd, chosen.camera_sd])
    betas = centre[:, None] + spread[:, None] * standard
    betas[0], betas[1:] = np.maximum(betas[0], 0), np.minimum(betas[1:], 0)
    return betas


def effect_moves(random: np.random.Generator, parameters: HazardParameters) -> FloatArray:
    """Return how far each draw of β lies from the one in use, in its standard deviations.

    Shape 3 × draws; 0 where an effect is taken as known.
    """
    chosen = parameters
    used = np.array(
        [
            max(chosen.dark_log_irr, 0),
            min(chosen.patrol_log_irr, 0),
            min(chosen.camera_log_irr, 0),
        ]
    )
    spread = np.array([[chosen.dark_sd], [chosen.patrol_sd], [chosen.camera_sd]])
    off = effect_draws(random, parameters) - used[:, None]
    return np.divide(off, spread, out=np.zeros_like(off), where=spread > 0)


def spread_evenly(random: np.random.Generator, draws: int) -> FloatArray:
    """Draw once from each of as many equal strips of (0, 1): few draws give steady quantiles."""
    return np.asarray((random.permutation(draws) + 0.5) / draws, np.float64)
