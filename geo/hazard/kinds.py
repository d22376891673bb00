"""The kinds of places of a town: sections, cells and the parents of cells."""

from __future__ import annotations

import numpy as np

from geo import columns as c
from geo.cells import format_cells
from geo.hazard.inputs import Town
from geo.hazard.parts import part_minutes, street_length
from geo.hazard.places import Places
from geo.hazard.reference import STREET_BASIS
from geo.hazard.score import place_harm, sum_by
from geo.hazard.steps import TownSteps
from geo.parameters import HazardParameters

SECTION = "section"


def town_places(
    town: Town, steps: TownSteps, basis: str, parameters: HazardParameters
) -> dict[str, Places]:
    """Return the places of each kind: sections, cells and their parents."""
    parts, spread = steps.parts, steps.rate.level_variance
    minutes = part_minutes(parts, town.child_minutes) if town.child_minutes is not None else None
    section, cell = (parts[name].to_numpy(np.int64) for name in ("section", "cell"))
    sections = len(town.sections)
    kinds = {
        SECTION: Places(
            kind=SECTION,
            ids=town.sections[c.SECTION_ID].to_numpy(object),
            harm=place_harm(steps.part_pieces, section, sections, spread),
            size=street_length(parts, "section", sections),
            size_floor=parameters.length_floor_m,
            child_minutes=None if minutes is None else sum_by(section, minutes, sections),
            hours_known=steps.hours_known,
        )
    }
    street = basis == STREET_BASIS
    size = street_length(parts, "cell", len(town.grid.cells)) if street else town.grid.area_m2
    for resolution, (cells, parent) in steps.parents.items():
        kind = f"cell_{resolution}"
        kinds[kind] = Places(
            kind=kind,
            ids=np.array(format_cells(cells), dtype=object),
            harm=place_harm(steps.cell_pieces, parent, len(cells), spread),
            size=sum_by(parent, size, len(cells)),
            size_floor=parameters.length_floor_m if street else 0.0,
            child_minutes=None if minutes is None else sum_by(parent[cell], minutes, len(cells)),
            hours_known=steps.hours_known,
        )
    return kinds
