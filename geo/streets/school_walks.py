"""What the walk to each school meets, by the shortest and by the lit and calm way.

Both are worked out for daylight and for full darkness; which of the two holds at a moment, the
sun decides (`geo.coverage.daylight`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo import columns as c
from geo.parameters import WINDOWS, HazardParameters
from geo.streets.alternatives import CalmChoice, StreetConditions, calm_walks, light_shares
from geo.streets.exposure import walks_by_window
from geo.streets.network import StreetNetwork
from geo.streets.routes import SchoolRoutes
from geo.streets.school_gates import GATE
from geo.streets.school_reach import SchoolReach, school_reach
from geo.streets.sections import Sections

FloatArray = npt.NDArray[np.float64]

DARK = "dark"
GATE_PUPILS = "gate_pupils"
GATHERED = ("metres", c.LIT_M, c.UNLIT_M, c.UNKNOWN_LIGHT_M, c.HAZARD)


@dataclass(frozen=True)
class WalkedStreets:
    """The streets of a town with what a walk meets on them.

    Attributes
    ----------
    light
        Frame of `geo.coverage.lighting.street_light`, in the sections' order.
    hazard
        [sections, windows] hazard of each section in each window; NaN where it is not scored.
        None where nothing is scored yet: the calm way is then the lit one.
    """

    network: StreetNetwork
    sections: Sections
    light: pd.DataFrame
    hazard: FloatArray | None = None


def hazard_by_window(sections: Sections, scored: pd.DataFrame) -> FloatArray:
    """Return the hazard of each section in each window, NaN where it was not scored.

    Parameters
    ----------
    scored
        section_id and ``hazard_<window>``.
    """
    columns = [c.of_window(c.HAZARD, window) for window in WINDOWS]
    by_id = scored.set_index(c.SECTION_ID)[columns]
    return by_id.reindex(sections.frame[c.SECTION_ID]).to_numpy(float)


def school_walks(
    streets: WalkedStreets,
    schools: pd.DataFrame,
    routes: SchoolRoutes,
    parameters: HazardParameters,
    choice: CalmChoice,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the lit and calm ways to every school, and how they compare with the shortest.

    Parameters
    ----------
    schools
        Frame of the SCHOOLS contract, of the same order as in the routes.

    Returns
    -------
    calm_routes
        section_id, school_id, dark (bool), pupils, metres: as the routes, for the calm ways.
    walks
        One row a school and state of darkness: school_id, dark, homes and pupils with a way,
        and means a pupil of the calm way's metres, lit_m, unlit_m, unknown_light_m and hazard,
        with ``shortest_`` those of the shortest; detoured_pupils walk farther than the shortest
        by half a metre or more; gate_pupils, the pupils who go in by each of the school's gates
        on the calm ways ("120.0;80.0", by the gates' numbers). No rows for a school without homes.
    """
    shares = light_shares(streets.light)
    walks_at = walks_by_window(schools, parameters)
    ids = schools[c.SCHOOL_ID].to_numpy(object)
    flows, means = [], []
    for school in np.unique(routes.flows["school"].to_numpy(np.int64)):
        reach = reach_of_school(streets, routes, int(school), parameters, choice)
        hazard, mean = hazard_a_metre(streets, walks_at[school], parameters)
        homes = np.flatnonzero(routes.homes["school"].to_numpy() == school)
        pupils = routes.homes[c.PUPILS].to_numpy(float)[homes]
        for dark in (False, True):
            now = StreetConditions(shares, float(dark), hazard, mean)
            walked, calm = calm_walks(reach, routes.doors.at(homes), pupils, now, choice)
            flows.append(calm.assign(**{c.SCHOOL_ID: ids[school], DARK: dark}))
            means.append(
                {
                    c.SCHOOL_ID: ids[school],
                    DARK: dark,
                    **_means(walked, pupils),
                    GATE_PUPILS: _gate_pupils(walked, pupils, len(reach.gates.edge)),
                }
            )
    return _calm_routes(flows, streets.sections), pd.DataFrame(means, columns=_WALK_COLUMNS)


def reach_of_school(
    streets: WalkedStreets,
    routes: SchoolRoutes,
    school: int,
    parameters: HazardParameters,
    choice: CalmChoice,
) -> SchoolReach:
    """Return the streets that a walk to a school, or its longest detour, can lead over."""
    reach_m = parameters.route_limit_m * (1 + choice.detour_limit)
    return school_reach(streets.network, streets.sections, routes.gates.of(school), reach_m)


def hazard_a_metre(
    streets: WalkedStreets, walks: FloatArray, parameters: HazardParameters
) -> tuple[FloatArray, float]:
    """Return each section's hazard a metre in the windows of a school's walks, and the mean.

    Parameters
    ----------
    walks
        [windows] walks a pupil makes, of `geo.streets.exposure.walks_by_window`.
    """
    length = streets.sections.frame[c.LENGTH_M].to_numpy(float)
    if streets.hazard is None:
        return np.full(len(length), np.nan), 0.0
    hazard = streets.hazard @ (walks / max(float(walks.sum()), 1.0))
    known = ~np.isnan(hazard)
    mean = float(hazard[known].sum() / length[known].sum()) if known.any() else 0.0
    return hazard / np.maximum(length, parameters.length_floor_m), mean


# -------------------------------------------------------------------------------------------

_WALK_COLUMNS = [
    *(c.SCHOOL_ID, DARK, "homes", c.PUPILS, "detoured_pupils"),
    *GATHERED,
    *(f"shortest_{name}" for name in GATHERED),
    GATE_PUPILS,
]
_ROUTE_COLUMNS = [c.SECTION_ID, c.SCHOOL_ID, DARK, c.PUPILS, "metres"]


def _means(walked: pd.DataFrame, pupils: FloatArray) -> dict[str, float]:
    columns = [*GATHERED, *(f"shortest_{name}" for name in GATHERED)]
    there = walked["metres"].notna().to_numpy() & (pupils > 0)
    weight = pupils[there]
    values = walked.loc[there, columns].to_numpy(float)
    total = float(weight.sum())
    means = weight @ values / total if total > 0 else np.full(len(columns), np.nan)
    return {
        "homes": int(there.sum()),
        c.PUPILS: total,
        "detoured_pupils": float(weight[values[:, 0] > values[:, len(GATHERED)] + 0.5].sum()),
        **dict(zip(columns, means.tolist(), strict=True)),
    }


def _gate_pupils(walked: pd.DataFrame, pupils: FloatArray, gates: int) -> str:
    gate = walked[GATE].to_numpy(np.int64)
    inside = gate >= 0
    return ";".join(f"{n:.1f}" for n in np.bincount(gate[inside], pupils[inside], gates))


def _calm_routes(flows: list[pd.DataFrame], sections: Sections) -> pd.DataFrame:
    if not flows:
        return pd.DataFrame(columns=_ROUTE_COLUMNS)
    rows = pd.concat(flows, ignore_index=True)
    ids = sections.frame[c.SECTION_ID].to_numpy(object)
    rows[c.SECTION_ID] = ids[rows["section"].to_numpy(np.int64)]
    return rows.sort_values([c.SCHOOL_ID, DARK, c.SECTION_ID], ignore_index=True)[_ROUTE_COLUMNS]
