"""What stands and moves for safety in a run: light, cameras and patrols of the streets."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pandas as pd

from data.inputs import Inputs
from geo import columns as c
from geo.cells import CellGrid
from geo.coverage.asset_states import asset_states
from geo.coverage.camera_outlines import camera_outlines
from geo.coverage.cameras import camera_cover, camera_times, odd_cameras
from geo.coverage.lamp_times import lamp_times
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
    records = light_records(inputs)
    light = street_light(sections, network, records, as_of, area, parameters)
    cameras = None
    if len(inputs.cameras):
        length_m = sections.frame[c.LENGTH_M]
        cameras = camera_cover(length_m, pieces, inputs.cameras, as_of, area, parameters)
    nowhere = inputs.street_outages["line"].isna()
    odd = {
        "stray_lamps": stray_lamps(inputs.lamps, network, parameters),
        "unplaced_streets": unplaced_streets(inputs.lit_streets, pieces, area, parameters),
        "unplaced_outages": inputs.street_outages.loc[nowhere, "street"].drop_duplicates().tolist(),
        **odd_cameras(inputs.cameras, pieces, area, parameters),
    }
    told = {name: {"count": len(ids), "first": ids[:5]} for name, ids in odd.items()}
    return light, cameras, told


def asset_frames(
    inputs: Inputs, as_of: date, parameters: HazardParameters
) -> dict[str, pd.DataFrame]:
    """Return the lamps and cameras with their state on a day, and what each camera may see."""
    lamps, cameras = inputs.lamps, inputs.cameras
    of_lamps = lamp_times(lamps, as_of, parameters.long_half_life_days)
    of_cameras = camera_times(cameras, as_of, parameters)
    return {
        "lamps": lamps.assign(**asset_states(lamps, of_lamps, as_of)),
        "cameras": cameras.assign(**asset_states(cameras, of_cameras, as_of)),
        "camera_views": camera_outlines(cameras, inputs.area, parameters),
    }


def light_records(inputs: Inputs) -> LightRecords:
    """Return what is recorded of street light."""
    return LightRecords(
        lamps=inputs.lamps,
        lit_streets=inputs.lit_streets,
        street_outages=inputs.street_outages,
        lamp_outages=inputs.lamp_outages,
    )


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
