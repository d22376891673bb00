"""The lit and calm way to school beside the shortest, and what a closed or newly lit street does.

A metre of a calm way costs 1 + λ (dark + calm): ``dark`` is the expected unlit share of its
section while the sun is down (unknown light counts half, as in the model), ``calm`` is
q / (q + q̄) of the section's hazard a metre q and the town's mean q̄. Of four λ the largest is
taken whose way is at most 30 % longer than the shortest; so dark and calm together
never cost more on it than on the shortest, and none is a long detour. The weights are advice, not
part of the score.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo import columns as c
from geo.streets.school_gates import GATE
from geo.streets.school_reach import SchoolReach, Walks, cheapest_walks
from geo.streets.section_flows import join_flows, section_flows
from geo.streets.snapping import EdgePlaces

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

LIGHT_M = (c.LIT_M, c.UNLIT_M, c.UNKNOWN_LIGHT_M)
_GATHERED = ("metres", *LIGHT_M, c.HAZARD)


@dataclass(frozen=True)
class CalmChoice:
    """What a way may cost for being lit and calm.

    Attributes
    ----------
    dark_weight, calm_weight
        What a metre costs more at full darkness without light, and where the hazard is far
        above the town's mean.
    strengths
        The λ that are tried, largest first.
    detour_limit
        Longest detour, as a share of the shortest way.
    """

    dark_weight: float = 1.0
    calm_weight: float = 1.0
    strengths: tuple[float, ...] = (1.0, 0.5, 0.25, 0.125)
    detour_limit: float = 0.3


@dataclass(frozen=True)
class StreetConditions:
    """What a walk meets on each section at some moment.

    Attributes
    ----------
    light
        [sections, 3] share of the length that is lit, unlit, of unknown light; sums to 1.
    darkness
        How dark it is, 0 … 1.
    hazard
        [sections] hazard a metre in the windows of the walk; NaN where it is not known, which
        counts as the mean.
    mean_hazard
        The same over all streets of the town.
    closed
        Sections (positions) that nobody can walk on.
    """

    light: FloatArray
    darkness: float
    hazard: FloatArray
    mean_hazard: float
    closed: tuple[int, ...] = ()

    def with_light(self, sections: IntArray) -> StreetConditions:
        """Return the same with some sections lit over their whole length."""
        light = self.light.copy()
        light[sections] = (1.0, 0.0, 0.0)
        return replace(self, light=light)

    def without(self, sections: IntArray) -> StreetConditions:
        """Return the same with some sections closed to walkers."""
        return replace(self, closed=(*self.closed, *map(int, sections)))


def light_shares(light: pd.DataFrame) -> FloatArray:
    """Return the shares of each section's length that are lit, unlit and unknown."""
    metres = light[list(LIGHT_M)].to_numpy(float)
    length = metres.sum(axis=1, keepdims=True)
    return np.where(length > 0, metres / np.where(length > 0, length, 1), (0.0, 0.0, 1.0))


def calm_walks(
    reach: SchoolReach,
    doors: EdgePlaces,
    pupils: FloatArray,
    streets: StreetConditions,
    choice: CalmChoice,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Compare each home's lit and calm way with its shortest.

    Parameters
    ----------
    pupils
        Pupils of each home, for the flows.

    Returns
    -------
    homes
        For each home: strength (λ of the way taken; 0 the shortest itself), gate (position in
        the reach's gates, −1 without a way), and metres, lit_m, unlit_m, unknown_light_m and
        hazard (gathered a metre, so Σ metres · q) of the calm way;
        the same with ``shortest_`` before. NaN for a home without a way.
    flows
        section, school (0), pupils and metres of the calm ways.
    """
    per_metre = np.column_stack([np.ones(len(streets.light)), streets.light, _hazard(streets)])
    shortest = cheapest_walks(reach, doors, _factor(streets, choice, 0.0), per_metre)
    chosen, strength = shortest.totals.copy(), np.zeros(len(doors.edge))
    gate = shortest.steps.gate.copy()
    limit = (1 + choice.detour_limit) * shortest.totals[:, 0] + 1e-6  # metres
    ways: dict[float, Walks] = {0.0: shortest}
    for tried in sorted(choice.strengths):
        ways[tried] = cheapest_walks(reach, doors, _factor(streets, choice, tried), per_metre)
        near = ways[tried].totals[:, 0] <= limit
        chosen[near], strength[near] = ways[tried].totals[near], tried
        gate[near] = ways[tried].steps.gate[near]

    flows = []
    for tried, way in ways.items():
        taking = np.where((strength == tried) & (way.steps.school >= 0), pupils, 0.0)
        if taking.any():
            flows.append(section_flows(way.steps, way.forest(), taking))
    gathered = dict(zip(_GATHERED, chosen.T, strict=True))
    before = {f"shortest_{n}": of for n, of in zip(_GATHERED, shortest.totals.T, strict=True)}
    homes = pd.DataFrame({"strength": strength, GATE: gate} | before | gathered)
    return homes, join_flows(flows) if flows else _no_flows()


def what_if(
    reach: SchoolReach,
    doors: EdgePlaces,
    before: pd.DataFrame,
    streets: StreetConditions,
    choice: CalmChoice,
) -> pd.DataFrame:
    """Return how the lit and calm ways of the homes change when streets are closed or lit.

    Parameters
    ----------
    before
        Homes as `calm_walks` returns them for the streets as they are.
    streets
        As they would be: `StreetConditions.with_light`, `StreetConditions.without`.

    Returns
    -------
    DataFrame
        For each home metres, lit_m, unlit_m, unknown_light_m and hazard, with ``before_`` and
        ``after_``; NaN for a home without a way.
    """
    after, _ = calm_walks(reach, doors, np.zeros(len(doors.edge)), streets, choice)
    columns = list(_GATHERED)
    return before[columns].add_prefix("before_").join(after[columns].add_prefix("after_"))


# -------------------------------------------------------------------------------------------


def _hazard(streets: StreetConditions) -> FloatArray:
    return np.where(np.isnan(streets.hazard), streets.mean_hazard, streets.hazard)


def _factor(streets: StreetConditions, choice: CalmChoice, strength: float) -> FloatArray:
    """Return the cost of a metre on each section."""
    _, unlit, unknown = streets.light.T
    dark = streets.darkness * (unlit + 0.5 * unknown)
    hazard = _hazard(streets)
    both = hazard + streets.mean_hazard
    calm = np.where(both > 0, hazard / np.where(both > 0, both, 1), 0.0)
    factor = 1 + strength * (choice.dark_weight * dark + choice.calm_weight * calm)
    factor[list(streets.closed)] = np.inf
    return factor


def _no_flows() -> pd.DataFrame:
    return pd.DataFrame({"section": np.empty(0, np.int64), "school": np.empty(0, np.int64),
                         c.PUPILS: np.empty(0), "metres": np.empty(0)})  # fmt: skip
