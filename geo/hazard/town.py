"""The outer door of the model: a town in, its hazard out.

Every number of a run is made in one order: incidents → severity and hours → rate → harm of the
parts → sections, cells and their parents → reference, scores, classes and reasons → ranks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from geo.hazard.fitted import Model
from geo.hazard.frames import with_ranks
from geo.hazard.held import cell_rows, held_numbers, incident_rows
from geo.hazard.inputs import Town
from geo.hazard.scored_town import ScoredTown, score_town
from geo.parameters import HazardParameters

__all__ = ["Town", "TownHazard", "complete_hazard", "score_town", "town_hazard"]


@dataclass(frozen=True)
class TownHazard:
    """What a run says about a town: its `ScoredTown` with ranks, and what the scores rest on.

    Attributes
    ----------
    cells, parents, parts, reference, classes
        As of `ScoredTown`.
    sections
        Also with their ranks under the uncertainty.
    incidents, cell_kernels
        What the rate rests on, for saying which incidents weigh most (`geo.hazard.held`).
    facts
        Also the numbers that go with these.
    """

    cells: pd.DataFrame
    sections: pd.DataFrame
    parents: dict[int, pd.DataFrame]
    parts: pd.DataFrame
    incidents: pd.DataFrame
    cell_kernels: pd.DataFrame
    reference: pd.DataFrame
    classes: pd.DataFrame
    facts: dict[str, Any]


def town_hazard(
    town: Town,
    parameters: HazardParameters,
    reference: pd.DataFrame | None = None,
    previous_classes: pd.DataFrame | None = None,
    seed: int = 0,
) -> TownHazard:
    """Score a town (`score_town`: parameters, errors) and complete it (`complete_hazard`).

    Parameters
    ----------
    seed
        Seed of the draws that rank sections under the uncertainty.

    Examples
    --------
    The worked example of `geo.hazard.score`: two cells, a street, one robbery.

    >>> import geopandas as gpd
    >>> from datetime import date
    >>> from shapely import LineString
    >>> from geo.cells import build_cell_grid
    >>> from geo.parameters import WINDOWS
    >>> from geo.study_area import build_study_area
    >>> a, b = (51.36674347, 51.23334347), (51.36854766, 51.23384822)
    >>> middle = ((a[0] + b[0]) / 2, (a[1] + b[1]) / 2)
    >>> strip = LineString([a, b]).buffer(0.0002, cap_style="flat")
    >>> area = build_study_area("Row", strip, time_zone="Asia/Oral")
    >>> grid = build_cell_grid(area, 10)
    >>> in_a, in_b = grid.locate([a[1], b[1]], [a[0], b[0]]).tolist()
    >>> streets = [LineString([a, middle]), LineString([middle, b])]
    >>> sections = gpd.GeoDataFrame(
    ...     {"section_id": ["s00000000000a", "s00000000000b"], "length_m": 68.95},
    ...     geometry=streets, crs="EPSG:4326")
    >>> parts = pd.DataFrame(
    ...     {"section": [0, 1], "cell": [in_a, in_b], "length_m": 68.95, "weight": 1.0})
    >>> robbery = {
    ...     "incident_id": "1", "lat": a[1], "lon": a[0], "h3_cell": grid.cells[in_a],
    ...     "offence_group": "theft_robbery", "severity_days": 1004.0,
    ...     "occurred_at": pd.Timestamp("2024-11-02 08:00"), "occurred_to": pd.NaT,
    ...     "occurred_precision": "minute", "place_type": "street", "discovery": "reported",
    ...     "sensitive": False, "address_key": "1", "geo_accuracy_m": 0.0}
    >>> town = Town(
    ...     area=area, grid=grid, sections=sections, parts=parts,
    ...     incidents=pd.DataFrame([robbery]), as_of=date(2025, 1, 1),
    ...     coverage=((date(2022, 1, 1), date(2024, 12, 31)),),
    ...     darkness=dict.fromkeys(WINDOWS, 0.5))
    >>> shown = ["section_id", "hazard", "hazard_score", "confidence"]
    >>> town_hazard(town, HazardParameters()).sections[shown].round(1)
          section_id  hazard  hazard_score confidence
    0  s00000000000a   109.8          50.0    too_few
    1  s00000000000b    67.4           0.0    too_few
    """
    scored = score_town(town, parameters, reference, previous_classes)
    return complete_hazard(town, scored, parameters, seed)


def complete_hazard(
    town: Town, scored: ScoredTown, parameters: HazardParameters, seed: int = 0
) -> TownHazard:
    """Rank the sections of a scored town, and keep what its scores rest on.

    Parameters
    ----------
    seed
        Seed of the draws that rank sections under the uncertainty.
    """
    steps = scored.steps
    held = held_numbers(steps.counted, town.grid, steps.rate, Model(parameters, town.fitted))
    return TownHazard(
        cells=scored.cells,
        sections=with_ranks(scored.sections, town, steps, scored.kinds, (parameters, seed)),
        parents=scored.parents,
        parts=scored.parts,
        incidents=incident_rows(steps.counted, town.grid, parameters),
        cell_kernels=cell_rows(town.grid, steps.rate, steps.counted.groups, parameters),
        reference=scored.reference,
        classes=scored.classes,
        facts=scored.facts | {"held": held, "seed": seed, "draws": parameters.draws},
    )
