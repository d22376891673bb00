"""What stands and moves for safety in a run: light, cameras and patrols of the streets."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pandas as pd

from data.inputs import Inputs
from geo import columns as c
from geo.cells import CellGrid
from geo.coverage.cameras import camera_cover, odd_cameras
from geo.coverage.lighting import LightRecords, stray_lamps, street_light
from geo.coverage.lit_streets import unplaced_streets
from geo.coverage.patrols import patrol_dose
from geo.coverage.street_pieces import pieces_of_network
from geo.parameters import HazardParameters
from geo.streets.network import StreetNetwork
from geo.streets.sections import Sections

RECENT_DAYS = 28
"""Visits of these last days are the patrol of now; earlier ones are its history."""


def describe_equipment(
    inputs: Inputs,
    network: StreetNetwork,
    sections: Sections,
    as_of: date,
    parameters: HazardParameters,
) -> tuple[pd.DataFrame, pd.DataFrame | None, dict[str, Any]]:
    """Return light and camera cover of the sections, and the records that say nothing of any."""
    area = inputs.area
    pieces = pieces_of_network(network, sections)
    records = LightRecords(inputs.lamps, inputs.lit_streets, inputs.street_outages)
    light = street_light(sections, network, records, as_of, area, parameters)
    cameras = None
    if len(inputs.cameras):
        length_m = sections.frame[c.LENGTH_M]
        cameras = camera_cover(length_m, pieces, inputs.cameras, as_of, area, parameters)
    nowhere = inputs.street_outages["line"].isna()
    odd = {
        "stray_lamps": stray_lamps(inputs.lamps, network, parameters),
        "unplaced_streets": unplaced_streets(inputs.lit_streets, pieces, area, parameters),
        "unplaced_outages": inputs.street_outages.loc[nowhere, "street"].tolist(),
        **odd_cameras(inputs.cameras, pieces, area, parameters),
    }
    told = {name: {"count": len(ids), "first": ids[:5]} for name, ids in odd.items()}
    return light, cameras, told


def patrol_doses(
    visits: pd.DataFrame, grid: CellGrid, as_of: date, parameters: HazardParameters
) -> tuple[pd.DataFrame | None, pd.DataFrame | None]:
    """Return the dose of the last 28 days and of the time before, None without visits."""
    before = visits[visits["arrived_at"] < pd.Timestamp(as_of)]
    if before.empty:
        return None, None
    first = before["arrived_at"].min().date()
    recent = max(first, as_of - timedelta(days=RECENT_DAYS))
    last = as_of - timedelta(days=1)
    now = patrol_dose(before, grid, recent, last, parameters)
    if first >= recent:
        return now, now
    return now, patrol_dose(before, grid, first, recent - timedelta(days=1), parameters)
