"""Walk every home's pupils to their school and count them on each street section.

Homes and school gates stand at the nearest point of the nearest street; the steps from door to
street are not counted. A home belongs to the school that is nearest on foot. All schools' trees
of shortest ways are grown together, so that each home is reached by its own school's tree only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo import columns as c
from geo.parameters import HazardParameters
from geo.schema import HOMES, SCHOOLS, check_frame
from geo.streets.network import StreetNetwork
from geo.streets.school_forest import FirstSteps, Forest, first_steps, school_forest
from geo.streets.sections import Sections
from geo.streets.snapping import EdgePlaces, snap_to_edges

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True)
class SchoolRoutes:
    """Who walks to which school, and over which sections.

    Attributes
    ----------
    homes
        home_id, school (position in the schools, −1 where none is in reach), distance_m (along
        the streets; NaN where none is in reach), pupils (the school's pupils shared over its
        homes by dwellings; 0 where none is in reach).
    flows
        section, school (positions), pupils (who set foot on the section on their way, one way),
        metres (mean metres that each of them walks on it); sorted by section and school.
        Σ pupils · metres over the rows is Σ pupils · distance over the homes.
    facts
        homes, unreachable_homes, schools, unreachable_schools (ids outside the network),
        schools_without_homes (ids), pupils_assigned, pupils_unassigned (of schools without a
        home), pupils_assumed (whether any school's number of pupils was worked out from its
        dwellings).
    """

    homes: pd.DataFrame
    flows: pd.DataFrame
    facts: dict[str, Any]


def school_routes(
    network: StreetNetwork,
    sections: Sections,
    schools: pd.DataFrame,
    homes: pd.DataFrame,
    parameters: HazardParameters,
) -> SchoolRoutes:
    """Lead every home to its nearest school on foot and count the pupils on each section.

    Only the largest connected part of the network is walked. A home or gate farther than
    300 m from it, or a home whose nearest school is more than 3 000 m away, has no route and is
    counted in the facts. A school without a known number of pupils is given 0.35 pupils for
    each dwelling of its homes, and the facts say so.

    Parameters
    ----------
    schools, homes
        Frames of the SCHOOLS and HOMES contracts.
    """
    check_frame(schools, SCHOOLS, name="schools")
    check_frame(homes, HOMES, name="homes")
    walked = np.flatnonzero(network.component[network.edge_u] == 0)
    gates = snap_to_edges(
        schools[c.LAT], schools[c.LON], network, parameters.route_snap_m, edges=walked
    )
    doors = snap_to_edges(
        homes[c.LAT], homes[c.LON], network, parameters.route_snap_m, edges=walked
    )

    forest = school_forest(network, sections, gates, parameters.route_limit_m)
    first = first_steps(network, sections, forest, doors)
    pupils = _pupils_of_homes(first.school, schools, homes, parameters)
    flows = _flows(first, forest, pupils)
    return SchoolRoutes(
        homes=pd.DataFrame(
            {
                "home_id": homes["home_id"].to_numpy(),
                "school": first.school,
                "distance_m": first.distance,
                c.PUPILS: pupils,
            }
        ),
        flows=flows,
        facts=_facts(schools, gates, first.school, pupils),
    )


# -------------------------------------------------------------------------------------------


def _pupils_of_homes(
    school: IntArray, schools: pd.DataFrame, homes: pd.DataFrame, parameters: HazardParameters
) -> FloatArray:
    """Share each school's pupils over its homes by dwellings (evenly where all have none)."""
    reached = school >= 0
    pupils = np.zeros(len(school))
    if not reached.any():
        return pupils
    at = school[reached]
    dwellings = homes["dwellings"].to_numpy(float)[reached]
    total = np.bincount(at, dwellings, len(schools))
    weight = np.where(total[at] > 0, dwellings, 1.0)

    known = schools[c.PUPILS].to_numpy(float)
    attending = np.where(np.isnan(known), parameters.pupils_per_dwelling * total, known)
    pupils[reached] = attending[at] * weight / np.bincount(at, weight, len(schools))[at]
    return pupils


def _flows(steps: FirstSteps, forest: Forest, pupils: FloatArray) -> pd.DataFrame:
    """Add up heads and pupil-metres by section and school, door to street to gate."""
    through = _pupils_through(steps, forest, pupils)
    walked = np.flatnonzero(through > 0)
    door = np.flatnonzero(pupils > 0)
    stays = _stays(steps.node, steps.section, forest)[door]
    sets_foot = (steps.metres[door] > 0) | stays
    rows = pd.DataFrame(
        {
            "section": np.concatenate([forest.section[walked], steps.section[door]]),
            "school": np.concatenate([forest.school[walked], steps.school[door]]),
            c.PUPILS: np.concatenate(
                [_newcomers(steps, forest, pupils, through)[walked], pupils[door] * sets_foot]
            ),
            "pupil_metres": np.concatenate(
                [through[walked] * forest.metres[walked], pupils[door] * steps.metres[door]]
            ),
        }
    )
    flows = rows.groupby(["section", "school"], as_index=False).sum()
    flows = flows[flows["pupil_metres"] > 0].reset_index(drop=True)
    flows["metres"] = flows.pop("pupil_metres") / flows[c.PUPILS]
    return flows


def _stays(node: IntArray, section: IntArray, forest: Forest) -> npt.NDArray[np.bool_]:
    """Tell who reaches a node along the section on which the way goes on from there."""
    return (node >= 0) & (forest.section[node] == section)


def _newcomers(
    steps: FirstSteps, forest: Forest, pupils: FloatArray, through: FloatArray
) -> FloatArray:
    """Return the pupils who take each node's step and were not on its section before."""
    nodes = len(through)
    stepping = _stays(forest.parent, forest.section, forest)
    leaving_home = _stays(steps.node, steps.section, forest)
    old = np.bincount(forest.parent[stepping], through[stepping], nodes) + np.bincount(
        steps.node[leaving_home], pupils[leaving_home], nodes
    )
    # A gate at a crossing stands on one of its streets only in name: nobody walks there.
    at_gate = (forest.parent < 0) & (forest.metres <= 0)
    return np.where(at_gate, 0.0, np.maximum(through - old, 0))


def _pupils_through(steps: FirstSteps, forest: Forest, pupils: FloatArray) -> FloatArray:
    """Return the pupils who take each node's step: its own doors' and all that come to it."""
    begun = steps.node >= 0
    through = np.bincount(steps.node[begun], pupils[begun], len(forest.parent)).astype(float)
    below = np.flatnonzero(forest.depth > 0)
    order = below[np.argsort(-forest.depth[below], kind="stable")]
    for level in np.split(order, np.flatnonzero(np.diff(forest.depth[order])) + 1):
        np.add.at(through, forest.parent[level], through[level])
    return through


def _facts(
    schools: pd.DataFrame, gates: EdgePlaces, school: IntArray, pupils: FloatArray
) -> dict[str, Any]:
    ids = schools[c.SCHOOL_ID].to_numpy()
    homes = np.bincount(school[school >= 0], minlength=len(schools))
    known = schools[c.PUPILS].to_numpy(float)
    return {
        "homes": len(school),
        "unreachable_homes": int((school < 0).sum()),
        "schools": len(schools),
        "unreachable_schools": ids[gates.edge < 0].tolist(),
        "schools_without_homes": ids[(gates.edge >= 0) & (homes == 0)].tolist(),
        "pupils_assigned": float(pupils.sum()),
        "pupils_unassigned": float(np.nansum(known[homes == 0])),
        "pupils_assumed": bool(np.isnan(known[homes > 0]).any()),
    }
