"""Hazard, score, class and reason of the places of a town: all that a map shows of them.

Ranks under the uncertainty and what a rate rests on are made from this next (`geo.hazard.town`);
they take time, and whoever draws the map need not wait for them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo import columns as c
from geo.hazard.fitted import Model
from geo.hazard.frames import cell_frame, section_frame
from geo.hazard.hotspots import hotspots
from geo.hazard.inputs import Town
from geo.hazard.kinds import SECTION, town_places
from geo.hazard.parts import part_table
from geo.hazard.places import Places, class_table, measured_series, place_columns
from geo.hazard.reference import (
    Key,
    complete_reference,
    reference_basis,
    reference_table,
    street_hull_share,
)
from geo.hazard.scenario_place import darkness_by_month, scenario_columns
from geo.hazard.school_days import school_days_ahead
from geo.hazard.severity import DAYS
from geo.hazard.steps import TownSteps, town_steps
from geo.parameters import GROUPS, HazardParameters

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class ScoredTown:
    """Scored places; frames have a RangeIndex and are sorted by their id.

    Attributes
    ----------
    cells, sections
        One row a cell of the grid, one row a section, without ranks.
    parents
        Resolution (9, 8, 7) → frame of the parent cells: hazards summed, each resolution
        scored against a reference of its own.
    parts
        Hazard of every part: section (missing off the streets), cell, day and windows, and the
        share of each group; light, patrol and cameras now, for scenarios.
    reference
        Sorted intensities with the size up to each, by kind of place, view and window.
    classes
        Class of every place, for the next run.
    facts
        Counts and quantities for the run card; plain numbers and words.
    steps, kinds
        What the scores were made from.
    """

    cells: pd.DataFrame
    sections: pd.DataFrame
    parents: dict[int, pd.DataFrame]
    parts: pd.DataFrame
    reference: pd.DataFrame
    classes: pd.DataFrame
    facts: dict[str, Any]
    steps: TownSteps
    kinds: dict[str, Places]


def score_town(
    town: Town,
    parameters: HazardParameters,
    reference: pd.DataFrame | None = None,
    previous_classes: pd.DataFrame | None = None,
) -> ScoredTown:
    """Compute hazard, score, class and reason of every section and cell of a town.

    Parameters
    ----------
    reference
        Table of an earlier run of the quarter; None makes it from this run.
    previous_classes
        Table of classes of the run before; None for the first run.

    Raises
    ------
    FrameError
        The incidents do not keep their contract.
    UsageError
        The weights of the components cannot be meant.
    """
    steps = town_steps(town, Model(parameters, town.fitted))
    hull_share = street_hull_share(town.area, town.sections)
    kinds = town_places(town, steps, reference_basis(hull_share, parameters), parameters)
    measured: dict[Key, tuple[FloatArray, FloatArray]] = {}
    for places in kinds.values():
        measured |= measured_series(places)
    yardsticks, made = complete_reference(reference, measured)
    columns = {
        kind: place_columns(places, yardsticks, previous_classes, parameters)
        for kind, places in kinds.items()
    }
    spots = hotspots(steps.counted, town.grid, parameters)
    columns[f"cell_{town.grid.resolution}"][c.HOTSPOT] = spots.badge
    classes = [class_table(places, columns[kind]) for kind, places in kinds.items()]
    # A frame copies its columns: for a city's cells these are a hundred megabytes, let go at once.
    cells = {
        resolution: cell_frame(
            town, steps, resolution, columns.pop(f"cell_{resolution}"), parameters
        )
        for resolution in steps.parents
    }
    return ScoredTown(
        cells=cells.pop(town.grid.resolution),
        sections=section_frame(town, steps, kinds[SECTION], columns[SECTION], parameters),
        parents=cells,
        parts=_kept_parts(town, steps),
        reference=reference_table(yardsticks),
        classes=pd.concat(classes, ignore_index=True),
        facts=_town_facts(town, steps)
        | _score_facts(kinds, steps, (hull_share, made), parameters)
        | {
            "hotspots": spots.facts,
            "darkness_by_month": darkness_by_month(town.area, town.as_of),
            "school_days_ahead": (
                school_days_ahead(town.calendar, town.as_of) if town.calendar else {}
            ),
        },
        steps=steps,
        kinds=kinds,
    )


# -------------------------------------------------------------------------------------------


def _kept_parts(town: Town, steps: TownSteps) -> pd.DataFrame:
    harm = steps.part_pieces.harm
    table = part_table(
        steps.parts,
        harm,
        town.sections[c.SECTION_ID].to_numpy(object),
        town.grid.cells,
        hours_known=steps.hours_known,
    )
    return table.assign(**scenario_columns(steps.parts, harm, steps.conditions))


def _town_facts(town: Town, steps: TownSteps) -> dict[str, Any]:
    counts, rate = steps.counted.count_by_group(), steps.rate
    return {
        "as_of": town.as_of.isoformat(),
        "incidents_read": len(town.incidents),
        "incidents_counted": int(counts.sum()),
        "incidents_left_out": steps.counted.left_out,
        "days_covered": sum(far - near for near, far in steps.counted.covered),
        "unit": steps.severity.unit,
        "harm_view": steps.severity.unit == DAYS,
        "hours_known": steps.hours_known,
        "one_group": int((counts > 0).sum()) <= 1,
        "groups": {
            group: {
                "incidents": int(counts[code]),
                "incidents_a_day": float(rate.level[code]),
                "kappa": float(rate.kappa[code]),
                "severity": float(steps.severity.weight[code]),
                "severity_source": steps.severity.source[group],
            }
            for code, group in enumerate(GROUPS)
        },
    }


def _score_facts(
    kinds: dict[str, Places],
    steps: TownSteps,
    reference: tuple[float, list[Key]],
    parameters: HazardParameters,
) -> dict[str, Any]:
    """Say what scores rest on, and that nothing was lost between cells and sections."""
    hull_share, made = reference
    section = steps.parts["section"].to_numpy(np.int64)
    harm = steps.part_pieces.harm.sum(axis=(1, 2))
    off_street = float(harm[section < 0].sum())
    in_cells = float(steps.cell_pieces.harm.sum())
    in_sections = float(kinds[SECTION].harm.mean[:, 0].sum())
    return {
        "street_hull_share": hull_share,
        "reference_basis": reference_basis(hull_share, parameters),
        "reference_made": [" ".join(key) for key in made],
        "hazard_total": in_cells,
        "off_street": off_street,
        "conservation_gap": in_sections + off_street - in_cells,
    }
