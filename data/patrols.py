"""What a run says of its patrols: the gap of each cell, and what of the plans was delivered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from data.equipment import RECENT_DAYS
from data.inputs import Inputs
from geo import columns as c
from geo.coverage.patrol_gap import SPANS, ClassEdges, last_visits, main_sections, patrol_gap
from geo.coverage.patrol_plans import planned_and_delivered, without_delivery
from geo.hazard.inputs import Town
from geo.hazard.reference import STREET_BASIS, yardsticks_of
from geo.hazard.scored_town import ScoredTown
from geo.parameters import SCORED_RESOLUTION, WINDOWS, HazardParameters
from geo.streets.crosswalk import snap_to_sections
from geo.streets.school_walks import WalkedStreets

LABEL_REACH_M = 500.0
"""A plan farther from every street is named by none."""

_PLAN = ("plan_id", "number", "kind", "shift", "starts_at", "ends_at", "weekdays", "staff")

_COMPARED = (
    "planned_shifts",
    "planned_minutes",
    "visited_shifts",
    "delivered_minutes",
    "visits",
    "compared_by",
)


@dataclass(frozen=True)
class PatrolDays:
    """The days over which plans and visits of a run are compared.

    Attributes
    ----------
    first, last
        The last 28 days before the run, fewer where visits are recorded for fewer.
    first_visit, last_visit
        Days of the first and the last recorded visit; None where none is recorded.
    visits
        How many are recorded before the run.
    """

    first: date
    last: date
    first_visit: date | None
    last_visit: date | None
    visits: int

    def as_json(self) -> dict[str, Any]:
        """Return the days for the run card."""
        told = {name: None if day is None else day.isoformat() for name, day in {
            "first_visit": self.first_visit, "last_visit": self.last_visit}.items()}  # fmt: skip
        days = {"first_day": self.first.isoformat(), "last_day": self.last.isoformat()}
        return {**days, **told, "visits": self.visits}


def patrol_days(visits: pd.DataFrame, as_of: date) -> PatrolDays:
    """Return the days over which a run compares plans with visits."""
    arrived = visits.loc[visits["arrived_at"] < pd.Timestamp(as_of), "arrived_at"]
    first, last = as_of - timedelta(days=RECENT_DAYS), as_of - timedelta(days=1)
    if arrived.empty:
        return PatrolDays(first, last, None, None, 0)
    seen, latest = arrived.min().date(), arrived.max().date()
    return PatrolDays(max(first, seen), last, seen, latest, len(arrived))


def patrol_frames(
    inputs: Inputs,
    town: Town,
    streets: WalkedStreets,
    scored: ScoredTown,
    parameters: HazardParameters,
) -> dict[str, pd.DataFrame]:
    """Return what a snapshot keeps of patrols: the gap of the cells, and the plans."""
    days = patrol_days(inputs.visits, town.as_of)
    return {
        "patrol_cells": gap_frame(inputs, town, scored, parameters),
        "patrol_plans": plan_frame(inputs, streets, days),
    }


def plan_frame(inputs: Inputs, streets: WalkedStreets, days: PatrolDays) -> pd.DataFrame:
    """Return the plans with what of them was delivered, and the section each lies on.

    Where no visit is recorded nothing is known of delivery; it is missing, not 0.
    """
    plans = inputs.plans
    compared = planned_and_delivered(plans, inputs.visits, days.first, days.last, inputs.area)
    if not days.visits:
        compared = without_delivery(compared)
    spots = snap_to_sections(
        plans[c.LAT], plans[c.LON], streets.sections, streets.network, LABEL_REACH_M
    )
    ids = np.array([*streets.sections.frame[c.SECTION_ID], None], dtype=object)
    placed = plans[[*_PLAN, c.LAT, c.LON]].assign(
        section_id=ids[spots["section"].to_numpy(np.int64)]
    )
    return pd.concat([placed, compared[list(_COMPARED)]], axis=1)


def gap_frame(
    inputs: Inputs, town: Town, scored: ScoredTown, parameters: HazardParameters
) -> pd.DataFrame:
    """Return the patrol gap of every cell with streets; no rows where no visit is recorded."""
    cells, dose = scored.cells, town.patrol_now
    nothing = dose is None
    if dose is None:
        dose = pd.DataFrame(0.0, cells.index, list(WINDOWS))
    last = last_visits(inputs.visits, town.grid, town.as_of)
    frame = patrol_gap(cells, dose, last, town.as_of, _edges(scored, parameters))
    sections = main_sections(scored.parts).reindex(frame[c.H3_CELL]).to_numpy(object)
    frame.insert(1, c.SECTION_ID, sections)
    return frame.iloc[:0] if nothing else frame


# -------------------------------------------------------------------------------------------


def _edges(scored: ScoredTown, parameters: HazardParameters) -> ClassEdges:
    """Return what the run's hazard classes of cells are cut by."""
    sticks = yardsticks_of(scored.reference)
    keys = {span: (f"cell_{SCORED_RESOLUTION}", "harm", span) for span in SPANS}
    above = {
        span: np.array([sticks[key].intensity_at(score) for score in parameters.breaks])
        for span, key in keys.items()
        if key in sticks
    }
    if scored.facts["reference_basis"] == STREET_BASIS:
        metres = scored.cells[c.STREET_LENGTH_M].to_numpy(float)
        return ClassEdges(np.maximum(metres, parameters.length_floor_m), above)
    return ClassEdges(scored.cells[c.AREA_M2].to_numpy(float), above)
