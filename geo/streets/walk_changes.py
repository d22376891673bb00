"""How the walks of one school change when streets are closed or lit: before and after.

Everyone keeps to the own school. Who lives or learns on a closed street, or whom closed streets
cut off, is left without a way. Light changes the way that is chosen and what of it is dark, not
the hazard: what light does to that is a scenario (`geo.hazard.scenario`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo import columns as c
from geo.parameters import HazardParameters
from geo.streets.alternatives import CalmChoice, StreetConditions, calm_walks, light_shares
from geo.streets.exposure import walks_by_window
from geo.streets.routes import SchoolRoutes
from geo.streets.school_reach import SchoolReach
from geo.streets.school_walks import (
    GATHERED,
    WalkedStreets,
    hazard_a_metre,
    reach_of_school,
)
from geo.streets.snapping import EdgePlaces

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]
Means = dict[str, dict[str, float]]

DARK_M = "dark_m"
WAYS = ("shortest", "calm")
SAME_M = 0.05
"""Ways whose metres differ by less are the same: sums in another order differ so far."""


@dataclass(frozen=True)
class WalkedTown:
    """The streets of a town and who walks on them.

    Attributes
    ----------
    streets
        With light and hazard.
    schools
        Frame of the SCHOOLS contract, of the same order as in the routes.
    routes
        Homes, doors and gates.
    """

    streets: WalkedStreets
    schools: pd.DataFrame
    routes: SchoolRoutes


@dataclass(frozen=True)
class SchoolWays:
    """The ways to one school as they are, kept so that a change is worked out in milliseconds.

    Attributes
    ----------
    reach
        The streets around its gate.
    doors, pupils
        Where its homes meet the network, and how many pupils live in each.
    streets
        What a walk meets, by daylight or in full darkness.
    homes, flows
        Of `geo.streets.alternatives.calm_walks`.
    """

    reach: SchoolReach
    doors: EdgePlaces
    pupils: FloatArray
    streets: StreetConditions
    homes: pd.DataFrame
    flows: pd.DataFrame


@dataclass(frozen=True)
class WalkChange:
    """What a change does to the ways to a school.

    Attributes
    ----------
    pupils
        Who have a way before.
    affected_pupils
        Of these, whose shortest or calm way becomes another or meets other light, or is lost.
    unreachable_pupils
        Of these, who have no way after.
    before, after
        By way (``shortest``, ``calm``) the means a pupil of metres, lit_m, unlit_m,
        unknown_light_m, dark_m (the unlit while the sun is down; unknown light is never dark)
        and hazard (gathered a metre), over those who have a way both before and after; NaN for
        nobody.
    sections
        section (position), pupils_before, pupils_after: who walk there on the calm way; one row
        for each section on which anyone does, before or after.
    """

    pupils: float
    affected_pupils: float
    unreachable_pupils: float
    before: Means
    after: Means
    sections: pd.DataFrame


def ways_to_school(
    town: WalkedTown,
    school: int,
    parameters: HazardParameters,
    choice: CalmChoice,
    *,
    dark: bool,
) -> SchoolWays:
    """Find the ways of all homes of a school on the streets as they are.

    Parameters
    ----------
    school
        Position in the schools. One without homes has no ways, and every change leaves it so.
    """
    routes, own = town.routes, town.schools.iloc[[school]]
    reach = reach_of_school(town.streets, routes, school, parameters, choice)
    walks = walks_by_window(own, parameters)[0]
    hazard, mean = hazard_a_metre(town.streets, walks, parameters)
    shares = light_shares(town.streets.light)
    streets = StreetConditions(shares, float(dark), hazard, mean)
    homes = np.flatnonzero(routes.homes["school"].to_numpy() == school)
    pupils = routes.homes[c.PUPILS].to_numpy(float)[homes]
    doors = routes.doors.at(homes)
    walked, flows = calm_walks(reach, doors, pupils, streets, choice)
    return SchoolWays(reach, doors, pupils, streets, walked, flows)


def walk_change(
    ways: SchoolWays, closed: IntArray, lit: IntArray, choice: CalmChoice
) -> WalkChange:
    """Work out the ways to a school once some sections are closed and others lit.

    Parameters
    ----------
    closed, lit
        Positions of sections; one in both is closed.
    """
    streets = ways.streets.with_light(lit).without(closed)
    homes, flows = calm_walks(ways.reach, ways.doors, ways.pupils, streets, choice)
    before, after = _gathered(ways.homes), _gathered(homes)
    had = ~np.isnan(before["calm"][:, 0])
    has = had & ~np.isnan(after["calm"][:, 0])
    other = ~has | _differ(before, after)
    weight = np.where(has, ways.pupils, 0.0)
    dark = ways.streets.darkness
    return WalkChange(
        pupils=float(ways.pupils[had].sum()),
        affected_pupils=float(ways.pupils[had & other].sum()),
        unreachable_pupils=float(ways.pupils[had & ~has].sum()),
        before=_means(before, weight, dark),
        after=_means(after, weight, dark),
        sections=_both(ways.flows, flows),
    )


# -------------------------------------------------------------------------------------------

_METRES = slice(0, len(GATHERED) - 1)
"""Columns of metres of what a way gathers; the last is the hazard."""


def _gathered(homes: pd.DataFrame) -> dict[str, FloatArray]:
    """Return by way what each home's walk gathers, [homes, quantities]."""
    # One table and positions in it: picking columns by their names takes as long as a tree.
    at, values = {name: number for number, name in enumerate(homes)}, homes.to_numpy(float)
    prefix = {"calm": "", "shortest": "shortest_"}
    return {way: values[:, [at[prefix[way] + name] for name in GATHERED]] for way in WAYS}


def _differ(before: dict[str, FloatArray], after: dict[str, FloatArray]) -> BoolArray:
    apart = [np.abs(before[way] - after[way])[:, _METRES] > SAME_M for way in WAYS]
    return np.asarray(np.concatenate(apart, axis=1).any(axis=1), bool)


def _means(ways: dict[str, FloatArray], weight: FloatArray, dark: float) -> Means:
    walking, total = weight > 0, float(weight.sum())
    told = {}
    for way, values in ways.items():
        unknown = np.full(len(GATHERED), np.nan)
        means = weight[walking] @ values[walking] / total if total > 0 else unknown
        named = dict(zip(GATHERED, means.tolist(), strict=True))
        told[way] = {**named, DARK_M: dark * named[c.UNLIT_M]}
    return told


def _both(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Return who walks on each section before and after; a section is in each frame once."""
    section = np.union1d(before["section"], after["section"])
    both = np.zeros((2, len(section)))
    for row, flows in zip(both, (before, after), strict=True):
        row[np.searchsorted(section, flows["section"])] = flows[c.PUPILS]
    return pd.DataFrame({"section": section, "pupils_before": both[0], "pupils_after": both[1]})
