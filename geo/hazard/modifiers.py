"""Darkness and patrols: what stands for long, and what has changed since the history was made.

The history of incidents already contains the lamps and patrols of its time. So conditions enter
twice, never the same way: a *prior contrast* says where conditions were worse than nearby over
the memory and is then held; the *change since* compares today with that memory, acts on the
place itself only, and with a protective sign: a lamp never raises, and an outage undone leaves
no trace.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo import columns as c
from geo.cells import Grid
from geo.hazard.kernels import kernel_sum
from geo.parameters import GROUPS, WINDOWS, HazardParameters

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

LIT_SHARE_HISTORY = "lit_share_history"


@dataclass(frozen=True)
class ChangeSince:
    """Factors on the harm of each part, groups × windows, split by cause.

    Attributes
    ----------
    light
        exp(β (x now − x in the memory)) of darkness, parts × groups × windows.
    patrol
        The same of the patrol dose, parts × windows: alike for all groups.
    """

    light: FloatArray
    patrol: FloatArray


def darkness_of(dark: npt.ArrayLike, lit_share: npt.ArrayLike, relief: float) -> FloatArray:
    """Return x, the darkness felt on a street: that of the sky, less what lamps relieve.

    Parameters
    ----------
    dark
        Share of the window in which the sun is down, 0..1.
    lit_share
        Share of the street's length in lamplight, 0..1.
    relief
        Share of darkness that full light takes away.

    Examples
    --------
    >>> darkness_of(0.8, [0.0, 0.5, 1.0], 0.75)
    array([0.8, 0.5, 0.2])
    """
    return np.asarray(dark, float) * (1 - relief * np.asarray(lit_share, float))


def dark_effect(parameters: HazardParameters) -> FloatArray:
    """Return β of darkness by group, never below 0 (darkness never protects)."""
    shares = np.array([parameters.dark_share_by_group[group] for group in GROUPS])
    return np.maximum(parameters.dark_log_irr * shares, 0)


def prior_contrast(
    grid: Grid,
    parts: pd.DataFrame,
    lit_share_history: FloatArray,
    dark_by_group: FloatArray,
    parameters: HazardParameters,
) -> FloatArray:
    """Return the factor of a cell that was darker or lighter than its surroundings.

    exp(β (x − x̄)), with x the darkness of the cell's streets (weighted by length) over the
    memory and x̄ that of the streets around it (kernel of 400 m, weighted by length too). A cell
    without a street has the factor 1.

    Parameters
    ----------
    parts
        Positions ``section`` and ``cell`` with ``length_m``; parts off the streets have section
        −1 and no length.
    lit_share_history
        Lit share of each section, mean over the memory.
    dark_by_group
        Mean darkness of the year in the hours of each group, 0..1.

    Returns
    -------
    Groups × cells.
    """
    on_street = parts[parts["section"] >= 0]
    cell = on_street["cell"].to_numpy(np.int64)
    length = on_street[c.LENGTH_M].to_numpy(float)
    lit = lit_share_history[on_street["section"].to_numpy(np.int64)]
    metres, lit_metres = (
        np.bincount(cell, weights=weight, minlength=len(grid.cells))
        for weight in (length, length * lit)
    )
    around = kernel_sum(
        grid, np.stack([metres, lit_metres]), parameters.neighbourhood_bandwidth_m, parameters
    )
    street = metres > 0
    own_share = np.divide(lit_metres, metres, out=np.zeros_like(metres), where=street)
    near_share = np.divide(around[1], around[0], out=own_share.copy(), where=around[0] > 0)
    relief = parameters.lit_relief
    felt = darkness_of(dark_by_group[:, None], own_share, relief)
    felt_near = darkness_of(dark_by_group[:, None], near_share, relief)
    beta = dark_effect(parameters)[:, None]
    return np.exp(np.where(street, beta * (felt - felt_near), 0))


def change_since(
    parts: pd.DataFrame,
    section_light: pd.DataFrame | None,
    darkness: Mapping[str, float],
    patrol: tuple[FloatArray, FloatArray] | None,
    parameters: HazardParameters,
) -> ChangeSince:
    """Return what has changed between the memory and now, part by part.

    Parameters
    ----------
    section_light
        ``lit_share`` now and ``lit_share_history`` of each section; None where light is unknown
        everywhere. A section of unknown light has the same share in both and does not move.
    darkness
        Window → share of it in the dark, mean of the year.
    patrol
        Patrol dose now and in the memory, each cells × windows; None where nothing is recorded.
    """
    section = parts["section"].to_numpy(np.int64)
    cell = parts["cell"].to_numpy(np.int64)
    windows = len(WINDOWS)
    light = np.ones((len(parts), len(GROUPS), windows))
    if section_light is not None and len(section_light):
        dark = np.array([darkness[window] for window in WINDOWS])
        now, before = (
            darkness_of(dark, section_light[column].to_numpy(float)[:, None], parameters.lit_relief)
            for column in (c.LIT_SHARE, LIT_SHARE_HISTORY)
        )
        change = np.where(section[:, None] >= 0, (now - before)[section], 0)
        light = np.exp(dark_effect(parameters)[None, :, None] * change[:, None, :])
    visits = np.ones((len(parts), windows))
    if patrol is not None:
        beta = min(parameters.patrol_log_irr, 0)
        visits = np.exp(beta * (patrol[0] - patrol[1])[cell])
    return ChangeSince(light=light, patrol=visits)
