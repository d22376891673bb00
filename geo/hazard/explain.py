"""Why the hazard of a place is what it is: a chain of values that telescopes to it.

::

    A0  the town's harm, laid on the place by streets and area alone
    A1  + own long memory of where it happens             part "area"
    A2  + where other groups' incidents are               part "people_and_places"
    A3  + the short memories                              part "recent_nearby"
    A4  · light, patrols, cameras against those around    part "standing_conditions"
    A5  · pull of the cells' own record                   part "own_record"
    A6  · κ, which keeps the town's level                 part "level"
    A7  · when it happens here (a window only)            part "hour"
    A8  · what has changed since the history              part "change_since"   = hazard

Each part is ln A_k − ln A_{k−1}, so ``ln_area_mean`` + parts = ln(hazard).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from geo import columns as c
from geo.hazard.hours import HOURS_SHARE
from geo.hazard.rate import TownRate
from geo.parameters import DAYS_PER_MONTH, PARTS, WINDOWS

FloatArray = npt.NDArray[np.float64]

LIGHT_SINCE, PATROL_SINCE, CAMERA_SINCE = "light_since", "patrol_since", "camera_since"
CAUSES = (LIGHT_SINCE, PATROL_SINCE, CAMERA_SINCE)
"""The causes of ``change_since``, in the fixed order in which it is split."""

STANDING_CAUSES = ("standing_light", "standing_patrol", "standing_camera")
"""The same of ``standing_conditions``."""


def cell_chain(rate: TownRate, severity: FloatArray, standing: FloatArray) -> FloatArray:
    """Return A0 … A6 of each cell, in the unit of the hazard, groups summed.

    Parameters
    ----------
    standing
        Factors of light, patrols and cameras, 3 × groups × cells; their product is the rate's
        contrast.

    Returns
    -------
    Cells × 9: A0 … A6, and A3 with the factor of light alone and with those of light and patrols.
    """
    mixed = rate.mixtures
    level = rate.level_of_year[:, None]
    steps = (
        level * rate.base,
        level * mixed.long,
        level * mixed.with_others,
        level * mixed.full,
        rate.background,
        rate.background * rate.effect,
        rate.expected,
        level * mixed.full * standing[0],
        level * mixed.full * standing[0] * standing[1],
    )
    return np.column_stack([DAYS_PER_MONTH * _over_groups(severity, step) for step in steps])


def explanation_columns(
    chain: FloatArray, stages: tuple[FloatArray, FloatArray, FloatArray], hazard: FloatArray
) -> dict[str, FloatArray]:
    """Return ``ln_area_mean`` and the parts, for the whole day and for each window.

    Parameters
    ----------
    chain
        Of `cell_chain`, summed to places.
    stages
        A7 of each window, A7 with the change of light alone, and with that of light and patrol,
        each places × windows.
    hazard
        A8, places × (day, windows).

    Returns
    -------
    Columns; all missing where the hazard is 0, for there is nothing to explain. A window's
    chain starts at its own mean, ``ln_area_mean`` + ln(hours/24), and shares the first six parts
    of the day.
    """
    timed, *changed = stages
    logs = _log(chain)
    columns = {c.LN_AREA_MEAN: logs[:, 0]}
    for number, part in enumerate(PARTS[:6], start=1):
        columns[c.part_column(part)] = logs[:, number] - logs[:, number - 1]
    within = (logs[:, 3], logs[:, 7], logs[:, 8], logs[:, 4])
    for number, cause in enumerate(STANDING_CAUSES):
        columns[c.part_column(cause)] = within[number + 1] - within[number]
    last = logs[:, 6]
    columns[c.part_column("hour")] = last - last
    whole_day = [_log(stage.sum(axis=1)) for stage in changed]
    columns |= _changes("", [last, *whole_day, _log(hazard[:, 0])])
    for number, window in enumerate(WINDOWS):
        here = _log(timed[:, number])
        hours = np.log(HOURS_SHARE[number])
        columns[c.of_window(c.LN_AREA_MEAN, window)] = logs[:, 0] + hours
        columns[c.of_window(c.part_column("hour"), window)] = here - (last + hours)
        steps = [_log(stage[:, number]) for stage in changed]
        columns |= _changes(window, [here, *steps, _log(hazard[:, number + 1])])
    return columns


# -------------------------------------------------------------------------------------------


def _over_groups(severity: FloatArray, values: FloatArray) -> FloatArray:
    total = np.zeros(values.shape[1])
    for weight, row in zip(severity, values, strict=True):
        total += weight * row
    return total


def _log(values: FloatArray) -> FloatArray:
    return np.log(values, out=np.full(values.shape, np.nan), where=values > 0)


def _changes(window: str, logs: list[FloatArray]) -> dict[str, FloatArray]:
    """Split what has changed by cause; ``logs`` run from before any change to after them all."""
    steps = {PARTS[7]: logs[-1] - logs[0]} | {
        cause: logs[number + 1] - logs[number] for number, cause in enumerate(CAUSES)
    }
    return {
        c.of_window(c.part_column(part), window) if window else c.part_column(part): log
        for part, log in steps.items()
    }
