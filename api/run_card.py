"""The run card: what a run was made from and what came out, beside its frames."""

from __future__ import annotations

from typing import Any

import shapely

from api.run_identity import RunIdentity, quarter
from api.school_notes import school_notes
from data.inputs import Inputs
from data.pipeline import Streets
from data.workspace import Workspace
from geo.hazard.town import TownHazard
from geo.parameters import HazardParameters

_EQUIPMENT = {
    "stray_lamps": "lamps stand far from every street",
    "unplaced_streets": "rows of the list of lit streets lie on no street",
    "unplaced_outages": "outages name a street that the map has not",
    "see_no_street": "cameras see no street",
    "range_zero": "cameras have no range",
}


def build_notes(card: dict[str, Any]) -> list[str]:
    """Return what a person should look at: things that were left out, and assumptions."""
    model, linked = card["model"], card["counts"]["linked_records"]
    found = {
        **{
            f"{odd['count']} {_EQUIPMENT[name]}: {', '.join(odd['first'])}": odd["count"]
            for name, odd in card["streets"]["equipment"].items()
        },
        f"{linked} records tell of events that another register tells of and count once": linked,
        "no hour is known: there are no scores by window": not model["hours_known"],
        "no gravity is known: harm counts incidents": not model["harm_view"],
        "streets cover little of the area: scores compare areas": model["reference_basis"]
        == "area",
    }
    told = [note for note, holds in found.items() if holds]
    return [*school_notes(card["streets"]["routes"]), *told]


def run_card(
    workspace: Workspace,
    inputs: Inputs,
    streets: Streets,
    hazard: TownHazard,
    identity: RunIdentity,
) -> dict[str, Any]:
    """Return the card as JSON values; a pure function of the run's inputs.

    The period runs from the first covered day to the last before ``as_of``.
    """
    region = workspace.region
    west, south, east, north = inputs.area.boundary.bounds
    centre = shapely.centroid(inputs.area.boundary)
    days = [day for period in inputs.periods for day in period]
    return {
        "run_id": identity.run_id,
        "basis": identity.basis,
        "as_of": identity.as_of.isoformat(),
        "name": region.name,
        "region_code": region.region_code,
        "synthetic": region.synthetic,
        "period": [min(days).isoformat(), max(days).isoformat()] if days else None,
        "osm_date": inputs.extract.facts["osm_date"],
        "bounds": [west, south, east, north],
        "centre": [centre.y, centre.x],
        "inputs": inputs.hashes,
        "parameters": {"version": HazardParameters().version, "sha256": identity.parameters},
        "code": identity.code,
        "reference": {"quarter": quarter(identity.as_of), "sha256": identity.handed_on.reference},
        "previous_classes": identity.handed_on.classes,
        "unit": hazard.facts["unit"],
        "reference_basis": hazard.facts["reference_basis"],
        "counts": {
            "incidents": len(inputs.incidents),
            "layer_incidents": len(inputs.layer_incidents),
            "linked_records": inputs.linked,
            "cells": len(hazard.cells),
            "sections": len(hazard.sections),
            "schools": len(inputs.schools),
            "lamps": len(inputs.lamps),
            "visits": len(inputs.visits),
            "cameras": len(inputs.cameras),
        },
        "streets": streets.facts,
        "model": hazard.facts,
    }
