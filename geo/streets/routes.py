"""Walk every home's pupils to their school and count them on each street section.

Homes and school gates stand at the nearest point of the nearest street; the steps from door to
street are not counted. A home belongs to the school that `geo.streets.assignment` names for it,
else to the one that is nearest on foot, and walks to that of its gates which is nearest. The trees
of all gates are grown together for the nearest; a school that is named has a tree of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo import columns as c
from geo.parameters import HazardParameters
from geo.schema import HOMES, SCHOOLS, check_frame
from geo.streets.assignment import assignment_facts
from geo.streets.network import StreetNetwork
from geo.streets.school_forest import (
    FirstSteps,
    Forest,
    first_steps,
    school_forest,
    single_school_forests,
)
from geo.streets.school_gates import GATE, SchoolGates, school_gates
from geo.streets.section_flows import join_flows, section_flows
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
        home_id, school (position in the schools, −1 where none is in reach), gate (position in
        the gates), distance_m (along the streets; NaN where none is in reach), pupils (the
        school's pupils shared over its homes by dwellings; 0 where none is in reach).
    flows
        section, school (positions), pupils (who set foot on the section on their way, one way),
        metres (mean metres that each of them walks on it); sorted by section and school.
        Σ pupils · metres over the rows is Σ pupils · distance over the homes.
    gates, doors
        Where the schools' gates and the homes meet the network.
    facts
        homes, unreachable_homes, schools, gates, unreachable_schools (ids: no gate on the
        network), gates_off_streets (ids: some gate is not, another is), schools_without_homes
        (ids), pupils_assigned, pupils_unassigned (of schools without a home), pupils_assumed
        (whether any school's number of pupils was worked out from its dwellings),
        schools_without_gate (ids whose gates nobody has named), assigned_by and unreachable_by
        (homes by how their school was found).
    """

    homes: pd.DataFrame
    flows: pd.DataFrame
    gates: SchoolGates
    doors: EdgePlaces
    facts: dict[str, Any]


def school_routes(
    network: StreetNetwork,
    sections: Sections,
    schools: pd.DataFrame,
    homes: pd.DataFrame,
    parameters: HazardParameters,
) -> SchoolRoutes:
    """Lead every home to its school on foot and count the pupils on each section.

    Only the largest connected part of the network is walked. A home or gate farther than
    300 m from it, or a home whose school is more than 3 000 m away, has no route and is
    counted in the facts; a home with a school of its own is never sent to another. A school
    without a known number of pupils is given 0.35 pupils for each dwelling of its homes, and
    the facts say so.

    Parameters
    ----------
    schools, homes
        Frames of the SCHOOLS and HOMES contracts. Where homes bear a ``school_id``
        (`geo.streets.assignment.assign_homes`), it decides; where that is missing, and for an id
        that no school has, the nearest does. What schools tell of their gates is read by
        `geo.streets.school_gates.school_gates`; the facts name those without.
    """
    check_frame(schools, SCHOOLS, name="schools")
    check_frame(homes, HOMES, name="homes")
    walked = np.flatnonzero(network.component[network.edge_u] == 0)
    gates = school_gates(schools, network, walked, parameters.route_snap_m)
    doors = snap_to_edges(
        homes[c.LAT], homes[c.LON], network, parameters.route_snap_m, edges=walked
    )

    chosen = _chosen_school(homes, schools)
    groups = list(_walks(network, sections, gates, doors, chosen, parameters.route_limit_m))
    school, gate = np.full(len(homes), -1), np.full(len(homes), -1)
    distance = np.full(len(homes), np.nan)
    for group in groups:
        school[group.homes], distance[group.homes] = group.steps.school, group.steps.distance
        gate[group.homes] = group.steps.gate
    pupils = _pupils_of_homes(school, schools, homes, parameters)
    flows = [section_flows(group.steps, group.forest, pupils[group.homes]) for group in groups]
    return SchoolRoutes(
        homes=pd.DataFrame(
            {
                "home_id": homes["home_id"].to_numpy(),
                "school": school,
                GATE: gate,
                "distance_m": distance,
                c.PUPILS: pupils,
            }
        ),
        flows=join_flows(flows),
        gates=gates,
        doors=doors,
        facts=_facts(schools, gates, school, pupils) | assignment_facts(homes, school < 0),
    )


# -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Group:
    """Homes (positions) that walk in one forest."""

    homes: IntArray
    forest: Forest
    steps: FirstSteps


def _chosen_school(homes: pd.DataFrame, schools: pd.DataFrame) -> IntArray:
    """Return the position of each home's own school, −1 where the nearest decides."""
    if c.SCHOOL_ID not in homes:
        return np.full(len(homes), -1)
    known = pd.Series(np.arange(len(schools)), index=schools[c.SCHOOL_ID].astype(object))
    found = homes[c.SCHOOL_ID].astype(object).map(known[~known.index.duplicated()])
    return found.fillna(-1).to_numpy(np.int64)


def _walks(
    network: StreetNetwork,
    sections: Sections,
    gates: SchoolGates,
    doors: EdgePlaces,
    chosen: IntArray,
    limit_m: float,
) -> Iterator[_Group]:
    """Yield the homes that seek the nearest school, then those of each named school."""
    nearest = np.flatnonzero(chosen < 0)
    forest = school_forest(network, sections, gates, limit_m)
    yield _Group(nearest, forest, first_steps(network, sections, forest, doors.at(nearest)))
    named = np.unique(chosen[chosen >= 0])
    forests = single_school_forests(network, sections, gates, limit_m, named)
    for school, own in zip(named, forests, strict=True):
        homes = np.flatnonzero(chosen == school)
        yield _Group(homes, own, first_steps(network, sections, own, doors.at(homes)))


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


def _facts(
    schools: pd.DataFrame, gates: SchoolGates, school: IntArray, pupils: FloatArray
) -> dict[str, Any]:
    ids = schools[c.SCHOOL_ID].to_numpy()
    homes = np.bincount(school[school >= 0], minlength=len(schools))
    known = schools[c.PUPILS].to_numpy(float)
    on_streets = gates.places.edge >= 0
    reachable = np.bincount(gates.school[on_streets], minlength=len(ids)) > 0
    some_off = np.bincount(gates.school[~on_streets], minlength=len(ids)) > 0
    named = np.bincount(gates.school[gates.known], minlength=len(ids)) > 0
    return {
        "homes": len(school),
        "unreachable_homes": int((school < 0).sum()),
        "schools": len(schools),
        "gates": len(gates.school),
        "unreachable_schools": ids[~reachable].tolist(),
        "gates_off_streets": ids[reachable & some_off].tolist(),
        "schools_without_homes": ids[reachable & (homes == 0)].tolist(),
        "schools_without_gate": ids[~named].tolist(),
        "pupils_assigned": float(pupils.sum()),
        "pupils_unassigned": float(np.nansum(known[homes == 0])),
        "pupils_assumed": bool(np.isnan(known[homes > 0]).any()),
    }
