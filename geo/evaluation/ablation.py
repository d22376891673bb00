"""What each condition of the model is worth: its forecast once without it, judged by what followed.

The change of a log score is small where little has changed or an effect is weak, and negative where
the forecast would have been better without it. It is told as it is, with its error.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from geo import columns as c
from geo.errors import NoDataError
from geo.hazard.counted import CountedIncidents, count_incidents
from geo.hazard.fitted import Model
from geo.hazard.inputs import Town
from geo.hazard.modifiers import LIT_SHARE_HISTORY
from geo.hazard.score import sum_by
from geo.hazard.steps import town_steps
from geo.parameters import HazardParameters

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

MODIFIERS = ("standing_darkness", "light_since", "patrol_since", "camera_since")


@dataclass(frozen=True)
class Worth:
    """What a forecast loses without one condition.

    Attributes
    ----------
    incidents
        How many were judged, over all windows.
    by_cell, by_section
        Mean over them of ln(share expected at the place) with the condition less that without, in
        nats an incident; by section those that are known to one.
    by_cell_error, by_section_error
        Standard errors, from the differences of single incidents.
    changed
        Incidents on sections that the condition has made safer by 2 % or more, observed and as
        expected with and without it, each as share of all; None for a standing condition.
    """

    incidents: int
    by_cell: float
    by_cell_error: float
    by_section: float
    by_section_error: float
    changed: tuple[float, float, float] | None


def ablation(
    towns: Sequence[Town], recorded: Town, horizon_days: int, parameters: HazardParameters
) -> dict[str, Worth]:
    """Forecast windows with all conditions and with each left out; compare what followed.

    Parameters
    ----------
    towns
        The town as it was known at the start of each window, with quantities fitted before the
        first of them.
    recorded
        The town with all incidents, of a later day than the last window's.

    Raises
    ------
    NoDataError
        ``no_events``: no window has an incident.
    """
    counted = count_incidents(
        recorded.incidents, recorded.grid, recorded.coverage, recorded.as_of, parameters
    )
    position = {name: n for n, name in enumerate(recorded.sections[c.SECTION_ID])}
    found: dict[str, list[_Window]] = {modifier: [] for modifier in MODIFIERS}
    for town in towns:
        happened = _followed(counted, town, horizon_days, position)
        whole = _expected(town, parameters)
        for modifier, windows in found.items():
            bare = _expected(without(town, modifier), parameters)
            moved = _safer_sections(whole[1], bare[1]) if modifier != MODIFIERS[0] else None
            windows.append(_Window(happened, whole, bare, moved))
    if not any(len(window.happened[0]) for window in found[MODIFIERS[0]]):
        raise NoDataError("No incident follows in any window: nothing to judge.", code="no_events")
    return {modifier: _worth(windows) for modifier, windows in found.items()}


def without(town: Town, modifier: str) -> Town:
    """Return the town as if one condition had not been noticed.

    Without *standing darkness* all streets were lit alike over the memory and what has changed
    since has changed by as much; without *light*, *patrol* or *cameras since* now is as then.
    """
    light = town.section_light
    if modifier == "patrol_since":
        return replace(town, patrol_now=town.patrol_history)
    if modifier == "camera_since":
        return replace(town, section_cameras=None)
    if light is None or not len(light):
        return town
    if modifier == "light_since":
        return replace(town, section_light=light.assign(lit_share=light[LIT_SHARE_HISTORY]))
    even = light.copy()
    even[c.LIT_SHARE] = light[c.LIT_SHARE] - light[LIT_SHARE_HISTORY]
    even[LIT_SHARE_HISTORY] = 0.0
    return replace(town, section_light=even)


# -------------------------------------------------------------------------------------------

Expected = tuple[FloatArray, FloatArray]


@dataclass(frozen=True)
class _Window:
    """Cells and sections of what followed, and what was expected there with and without."""

    happened: tuple[IntArray, IntArray]
    whole: Expected
    bare: Expected
    moved: npt.NDArray[np.bool_] | None


def _expected(town: Town, parameters: HazardParameters) -> Expected:
    """Return the incidents expected a month in each cell and on each section."""
    steps = town_steps(town, Model(parameters, town.fitted))
    weight = steps.severity.weight
    each = np.divide(1, weight, out=np.zeros_like(weight), where=weight > 0)
    by_part = (steps.part_pieces.harm.sum(axis=2) * each).sum(axis=1)
    cell, section = (steps.parts[name].to_numpy(np.int64) for name in ("cell", "section"))
    return (
        sum_by(cell, by_part, len(town.grid.cells)),
        sum_by(section, by_part, len(town.sections)),
    )


def _followed(
    counted: CountedIncidents, town: Town, horizon_days: int, position: Mapping[str, int]
) -> tuple[IntArray, IntArray]:
    """Return cell of each incident of the window, and section of each that is known to one."""
    before = (counted.as_of - town.as_of).days
    inside = (counted.age_days <= before) & (counted.age_days > before - horizon_days)
    cell = counted.cell[inside].astype(np.int64)
    if c.SECTION_ID not in counted.frame:
        return cell, np.zeros(0, np.int64)
    names = counted.frame[c.SECTION_ID][inside & ~counted.sensitive].dropna()
    return cell, np.array([position[name] for name in names], np.int64)


def _safer_sections(whole: FloatArray, bare: FloatArray) -> npt.NDArray[np.bool_]:
    return whole < 0.98 * bare


def _worth(windows: Sequence[_Window]) -> Worth:
    cells, sections = (
        np.concatenate([_gain(window, kind) for window in windows]) for kind in (0, 1)
    )
    cell, section = ((_mean(gains), _error(gains)) for gains in (cells, sections))
    return Worth(len(cells), *cell, *section, _changed(windows))


def _gain(window: _Window, kind: int) -> FloatArray:
    """Return ln(share with) − ln(share without) of the place of each incident."""
    place = window.happened[kind]
    shares = [one[kind] / one[kind].sum() for one in (window.whole, window.bare)]
    known = (shares[0][place] > 0) & (shares[1][place] > 0)
    return np.log(shares[0][place[known]]) - np.log(shares[1][place[known]])


def _changed(windows: Sequence[_Window]) -> tuple[float, float, float] | None:
    total, sums = 0, np.zeros(3)
    for window in windows:
        if window.moved is None:
            return None
        section, moved = window.happened[1], window.moved
        shares = [one[1][moved].sum() / one[1].sum() for one in (window.whole, window.bare)]
        sums += [moved[section].sum(), *(len(section) * share for share in shares)]
        total += len(section)
    observed, with_it, without_it = (sums / max(total, 1)).tolist()
    return observed, with_it, without_it


def _mean(values: FloatArray) -> float:
    return float(values.mean()) if len(values) else float("nan")


def _error(values: FloatArray) -> float:
    return float(values.std(ddof=1) / np.sqrt(len(values))) if len(values) > 1 else float("nan")
