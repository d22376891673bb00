"""Darkness, patrols, cameras: what stands for long, and what has changed since the history.

The history of incidents already contains the lamps, patrols and cameras of its time. So conditions
enter twice, never the same way: a *prior contrast* says where it was darker than nearby over the
memory and is then held; the *change since* compares today with that memory, acts on the place
itself only, and with a protective sign: a lamp or camera never raises, and an outage undone leaves
no trace.

The effects are assumed from elsewhere, so each has a standard deviation of its own. It is one
number for the whole town: the doubt about it adds up over the parts of a place before it is
squared, and is nothing where nothing has changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo import columns as c
from geo.cells import Grid
from geo.coverage.lit_windows import lit_by_window
from geo.hazard.kernels import kernel_sum
from geo.parameters import GROUPS, WINDOWS, HazardParameters

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

LIT_SHARE_HISTORY, LIT_SHARE_SD = c.LIT_SHARE_HISTORY, "lit_share_sd"
UNKNOWN_LIGHT = "unknown"


@dataclass(frozen=True)
class Conditions:
    """What is known of light, patrols and cameras, now and in the memory.

    Attributes
    ----------
    darkness
        Window → share of it in the dark, mean of the year.
    section_light
        ``lit_share`` now and ``lit_share_history`` of each section, and of windows in which lamps
        are dimmed (`geo.coverage.lit_windows`); None where light is unknown everywhere. A section
        of unknown light has the same share in both and does not move; with the columns ``light``
        and ``lit_share_sd`` it is so much the less sure.
    patrol
        Patrol dose now and in the memory, each cells × windows; None where nothing is recorded.
    section_cameras
        ``camera_share`` now and ``camera_share_history`` of each section, weighted for how they
        are known and watched; None where no camera is recorded.
    """

    darkness: Mapping[str, float]
    section_light: pd.DataFrame | None = None
    patrol: tuple[FloatArray, FloatArray] | None = None
    section_cameras: pd.DataFrame | None = None


@dataclass(frozen=True)
class Doubt:
    """How far the harm moves with one unsure number, by one standard deviation of it.

    Attributes
    ----------
    by_group
        Share of the harm that moves, by group.
    by_part
        The same by part and window; the product of both is meant.
    """

    by_group: FloatArray
    by_part: FloatArray

    def of(self, harm: FloatArray) -> FloatArray:
        """Return the move of a harm (parts × groups × windows), all groups, parts × windows."""
        return np.asarray((harm * self.by_group[:, None]).sum(axis=1) * self.by_part, np.float64)


@dataclass(frozen=True)
class ChangeSince:
    """Factors on the harm of each part, split by cause, and how sure they are.

    Attributes
    ----------
    light
        exp(β (x now − x in the memory)) of darkness, parts × groups × windows.
    patrol
        The same of the patrol dose, parts × windows: alike for all groups.
    camera
        The same of the camera cover, one a part: alike for all groups and windows.
    effects
        Doubt about β of darkness, patrol and cameras; each is common to the town.
    unknown_light
        Doubt about the light of each part, where it is unknown; each part has its own.
    """

    light: FloatArray
    patrol: FloatArray
    camera: FloatArray
    effects: tuple[Doubt, Doubt, Doubt]
    unknown_light: Doubt


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
    return np.maximum(parameters.dark_log_irr * _dark_shares(parameters), 0)


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
        Lit share of each section, mean over the memory; groups × sections, or one row for all.
    dark_by_group
        Mean darkness of the year in the hours of each group, 0..1.

    Returns
    -------
    Groups × cells.
    """
    on_street = parts[parts["section"] >= 0]
    cell = on_street["cell"].to_numpy(np.int64)
    length = on_street[c.LENGTH_M].to_numpy(float)
    lit = np.atleast_2d(lit_share_history)[:, on_street["section"].to_numpy(np.int64)]
    metres, *lit_metres = (
        np.bincount(cell, weights=weight, minlength=len(grid.cells))
        for weight in (length, *(length * lit))
    )
    masses = np.stack([metres, *lit_metres])
    around = kernel_sum(grid, masses, parameters.neighbourhood_bandwidth_m, parameters)
    street = metres > 0
    own_share = np.divide(masses[1:], metres, out=np.zeros_like(masses[1:]), where=street)
    near_share = np.divide(around[1:], around[0], out=own_share.copy(), where=around[0] > 0)
    relief = parameters.lit_relief
    felt = darkness_of(dark_by_group[:, None], own_share, relief)
    felt_near = darkness_of(dark_by_group[:, None], near_share, relief)
    beta = dark_effect(parameters)[:, None]
    return np.exp(np.where(street, beta * (felt - felt_near), 0))


def change_since(
    parts: pd.DataFrame, conditions: Conditions, parameters: HazardParameters
) -> ChangeSince:
    """Return what has changed between the memory and now, part by part."""
    chosen = parameters
    darker, unsure = _darkening(parts, conditions, chosen.lit_relief)
    visits, cover = _more_patrol(parts, conditions), _more_cover(parts, conditions)
    by_group, alike = _dark_shares(chosen), np.ones(len(GROUPS))
    covered = np.repeat(cover[:, None], len(WINDOWS), axis=1)
    return ChangeSince(
        light=np.exp(dark_effect(chosen)[None, :, None] * darker[:, None, :]),
        patrol=np.exp(min(chosen.patrol_log_irr, 0) * visits),
        camera=np.exp(min(chosen.camera_log_irr, 0) * cover),
        effects=(
            Doubt(chosen.dark_sd * by_group, darker),
            Doubt(chosen.patrol_sd * alike, visits),
            Doubt(chosen.camera_sd * alike, covered),
        ),
        unknown_light=Doubt(dark_effect(chosen), unsure),
    )


# -------------------------------------------------------------------------------------------


def _dark_shares(parameters: HazardParameters) -> FloatArray:
    return np.array([parameters.dark_share_by_group[group] for group in GROUPS])


def _darkening(
    parts: pd.DataFrame, conditions: Conditions, relief: float
) -> tuple[FloatArray, FloatArray]:
    """Return how much darker each part has become, and the spread of x where light is unknown."""
    light = conditions.section_light
    nothing = np.zeros((len(parts), len(WINDOWS)))
    if light is None or not len(light):
        return nothing, nothing
    dark = np.array([conditions.darkness[window] for window in WINDOWS])
    now, before = (
        darkness_of(dark, lit_by_window(light, column), relief)
        for column in (c.LIT_SHARE, LIT_SHARE_HISTORY)
    )
    spread = np.zeros(len(light))
    if {c.LIGHT, LIT_SHARE_SD} <= set(light):
        unknown = (light[c.LIGHT] == UNKNOWN_LIGHT).to_numpy(bool)
        spread = np.where(unknown, light[LIT_SHARE_SD].to_numpy(float), 0.0)
    section = parts["section"].to_numpy(np.int64)
    street = (section >= 0)[:, None]
    unsure = spread[:, None] * (relief * dark)
    return np.where(street, (now - before)[section], 0), np.where(street, unsure[section], 0)


def _more_patrol(parts: pd.DataFrame, conditions: Conditions) -> FloatArray:
    if conditions.patrol is None:
        return np.zeros((len(parts), len(WINDOWS)))
    now, before = conditions.patrol
    return np.asarray((now - before)[parts["cell"].to_numpy(np.int64)], np.float64)


def _more_cover(parts: pd.DataFrame, conditions: Conditions) -> FloatArray:
    cameras = conditions.section_cameras
    if cameras is None or not len(cameras):
        return np.zeros(len(parts))
    now, before = (
        cameras[column].to_numpy(float) for column in (c.CAMERA_SHARE, c.CAMERA_SHARE_HISTORY)
    )
    section = parts["section"].to_numpy(np.int64)
    return np.where(section >= 0, (now - before)[section], 0)
