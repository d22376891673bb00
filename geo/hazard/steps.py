"""The steps of a run, from incidents to the harm of the parts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.hazard.counted import CountedIncidents, count_incidents, group_mass
from geo.hazard.evidence import base_share, rate_evidence
from geo.hazard.explain import cell_chain
from geo.hazard.fitted import Model
from geo.hazard.hours import HOURS_SHARE, cell_windows, town_windows
from geo.hazard.inputs import Town
from geo.hazard.modifiers import Conditions, change_since
from geo.hazard.parts import complete_parts, parent_cells, street_length
from geo.hazard.rate import TownRate, town_rate
from geo.hazard.score import Pieces, cell_pieces, part_pieces
from geo.hazard.severity import Severity, group_severity
from geo.hazard.standing import STANDING, standing_factors
from geo.parameters import GROUPS, WINDOWS, HazardParameters

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True)
class TownSteps:
    """The steps of a run that its frames are made from.

    Attributes
    ----------
    counted, severity, rate
        The incidents that enter, their weight, and their rate by group and cell.
    parts
        Street parts and, for cells without a street, the whole cell.
    part_pieces, cell_pieces
        Harm of the parts, and summed to cells.
    parents
        Resolution → its cells, and the position of each grid cell's parent among them; the
        grid's own resolution too.
    conditions
        Light, patrols and cameras, now and in the memory.
    hours_known
        Whether any incident has a known hour.
    """

    counted: CountedIncidents
    severity: Severity
    rate: TownRate
    parts: pd.DataFrame
    part_pieces: Pieces
    cell_pieces: Pieces
    parents: dict[int, tuple[IntArray, IntArray]]
    conditions: Conditions
    hours_known: bool


@dataclass(frozen=True)
class TownGround:
    """What a run and the fit of its quantities both stand on.

    Attributes
    ----------
    counted
        The incidents that enter.
    parts
        Street parts and, for cells without a street, the whole cell.
    base
        Share of each cell in the base.
    hours
        π_g, groups × windows, town-wide.
    conditions
        Light, patrols and cameras, now and in the memory.
    standing
        Factors of standing light, patrols and cameras, 3 × groups × cells; 1 where the fit of the
        town left a condition out.
    """

    counted: CountedIncidents
    parts: pd.DataFrame
    base: FloatArray
    hours: FloatArray
    conditions: Conditions
    standing: FloatArray

    @property
    def contrast(self) -> FloatArray:
        """Return the factor of all standing conditions, groups × cells."""
        light, patrol, camera = self.standing
        return np.asarray(light * patrol * camera, np.float64)


def town_ground(town: Town, parameters: HazardParameters) -> TownGround:
    """Count the incidents and lay out streets and standing conditions."""
    counted = count_incidents(town.incidents, town.grid, town.coverage, town.as_of, parameters)
    parts = complete_parts(town.parts, town.grid)
    hours = town_windows(
        counted.windows, counted.group, len(GROUPS), parameters.hour_town_prior_incidents
    )
    length = street_length(parts, "cell", len(town.grid.cells))
    conditions = Conditions(town.darkness, town.section_light, _patrol(town), town.section_cameras)
    return TownGround(
        counted=counted,
        parts=parts,
        base=base_share(length, town.grid.area_m2, parameters),
        hours=hours,
        conditions=conditions,
        standing=_standing(town, parts, conditions, hours, parameters),
    )


def town_steps(town: Town, model: Model) -> TownSteps:
    """Take the steps from incidents to the harm of the parts, in their order."""
    parameters = model.parameters
    ground = town_ground(town, parameters)
    counted, parts = ground.counted, ground.parts
    severity = group_severity(counted, model, town.severity_table)
    hours_known = bool((~np.isnan(counted.windows[:, 0])).any())

    evidence = rate_evidence(counted, town.grid, ground.base, parameters)
    rate = town_rate(evidence, ground.contrast, model)

    hours = _local_hours(town, counted, ground.hours, parameters, hours_known=hours_known)
    change = change_since(parts, ground.conditions, parameters)
    chain = cell_chain(rate, severity.weight, ground.standing)
    pieces = part_pieces(parts, rate, (severity.weight, hours), change, chain)
    return TownSteps(
        counted=counted,
        severity=severity,
        rate=rate,
        parts=parts,
        part_pieces=pieces,
        cell_pieces=cell_pieces(pieces, parts, rate),
        parents=parent_cells(town.grid),
        conditions=ground.conditions,
        hours_known=hours_known,
    )


# -------------------------------------------------------------------------------------------


def _standing(
    town: Town,
    parts: pd.DataFrame,
    conditions: Conditions,
    hours: FloatArray,
    parameters: HazardParameters,
) -> FloatArray:
    factors = standing_factors(town.grid, parts, conditions, hours, parameters)
    factors[[STANDING.index(name) for name in town.fitted.standing_left_out]] = 1.0
    return factors


def _local_hours(
    town: Town,
    counted: CountedIncidents,
    hours: FloatArray,
    parameters: HazardParameters,
    *,
    hours_known: bool,
) -> FloatArray:
    if not hours_known:
        shape = (len(GROUPS), len(WINDOWS), len(town.grid.cells))
        return np.broadcast_to(HOURS_SHARE[None, :, None], shape)
    known = np.nan_to_num(counted.windows).T
    mass = np.moveaxis(group_mass(counted, town.grid, known, parameters), 0, 1)
    return cell_windows(town.grid, mass, hours, parameters)


def _patrol(town: Town) -> tuple[FloatArray, FloatArray] | None:
    if town.patrol_now is None or town.patrol_history is None:
        return None
    now, history = (
        dose[list(WINDOWS)].to_numpy(float) for dose in (town.patrol_now, town.patrol_history)
    )
    return now, history
