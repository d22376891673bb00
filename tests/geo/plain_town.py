"""A town as plain lists and tuples, read from its frames: what the slow judge works on."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import pandas as pd
import shapely

from geo.cells import cell_parents
from geo.hazard.fitted import FittedQuantities
from geo.hazard.town import Town
from geo.parameters import WINDOWS
from tests.geo.slow_incidents import Record
from tests.geo.slow_rate import Cell

IN_CELL_M = 50
"""A point this near to a cell's centre lies in it; the drawn towns hold no point between."""


class Part(NamedTuple):
    """A section's share of a cell; section None off the streets."""

    section: int | None
    cell: int
    length: float
    weight: float


@dataclass(frozen=True)
class PlainTown:
    """What the model knows; patrols are rows by cell.

    `light` is (now, before, spread where unknown) by section, `cameras` (now, before).
    """

    cells: tuple[Cell, ...]
    cell_ids: list[int]
    parents: dict[int, list[int]]
    section_ids: list[str]
    parts: list[Part]
    records: list[Record]
    coverage: tuple[tuple[date, date], ...]
    as_of: date
    darkness: Mapping[str, float]
    light: list[tuple[float, float, float]]
    cameras: list[tuple[float, float]]
    patrol_now: list[dict[str, float]]
    patrol_before: list[dict[str, float]]
    severity_table: Mapping[str, float] | None
    fitted: FittedQuantities
    street_points: list[tuple[float, float]]
    outline: list[list[tuple[float, float]]]


def read_town(town: Town) -> PlainTown:
    """Read a town's frames."""
    grid = town.grid
    parents = {res: cell_parents(grid.cells, res).tolist() for res in (10, 9, 8, 7)}
    columns = (grid.x.tolist(), grid.y.tolist(), grid.area_m2.tolist(), parents[8])
    cells = tuple(Cell(*values) for values in zip(*columns, strict=True))
    light = town.section_light
    patrol = town.patrol_now is not None and town.patrol_history is not None
    return PlainTown(
        cells=cells,
        cell_ids=grid.cells.tolist(),
        parents=parents,
        section_ids=town.sections["section_id"].tolist(),
        parts=_parts(town),
        records=_records(town, cells),
        coverage=town.coverage,
        as_of=town.as_of,
        darkness=town.darkness,
        light=[] if light is None else _light(light),
        cameras=[] if town.section_cameras is None else list(zip(
            *(town.section_cameras[name].tolist()
              for name in ("camera_share", "camera_share_history")), strict=True)),
        patrol_now=town.patrol_now[list(WINDOWS)].to_dict("records") if patrol else [],
        patrol_before=town.patrol_history[list(WINDOWS)].to_dict("records") if patrol else [],
        severity_table=town.severity_table,
        fitted=town.fitted,
        street_points=_metric(town, shapely.get_coordinates(town.sections.geometry.to_numpy())),
        outline=[_metric(town, shapely.get_coordinates(part.exterior)[:-1])
                 for part in shapely.get_parts(town.area.boundary)],
    )  # fmt: skip


# -------------------------------------------------------------------------------------------


def _light(light: pd.DataFrame) -> list[tuple[float, float, float]]:
    unknown = light["light"] == "unknown" if "light" in light else [False] * len(light)
    spread = light["lit_share_sd"] if "lit_share_sd" in light else [0.0] * len(light)
    return [
        (now, before, sd if blank else 0.0)
        for now, before, sd, blank in zip(
            light["lit_share"], light["lit_share_history"], spread, unknown, strict=True
        )
    ]


def _metric(town: Town, degrees) -> list[tuple[float, float]]:
    if not len(degrees):
        return []
    x, y = town.area.to_metric(degrees[:, 1], degrees[:, 0])
    return list(zip(x.tolist(), y.tolist(), strict=True))


def _parts(town: Town) -> list[Part]:
    names = ("section", "cell", "length_m", "weight")
    columns = (town.parts[name].tolist() for name in names)
    parts = [Part(*values) for values in zip(*columns, strict=True)]
    bare = set(range(len(town.grid.cells))) - {part.cell for part in parts}
    return sorted(parts + [Part(None, cell, 0.0, 1.0) for cell in bare], key=lambda p: p.cell)


def _records(town: Town, cells: tuple[Cell, ...]) -> list[Record]:
    rows = town.incidents
    if not len(rows):
        return []
    x, y = town.area.to_metric(rows["lat"], rows["lon"])
    spots = [_nearest(cells, *point) for point in zip(x.tolist(), y.tolist(), strict=True)]
    names = (
        "offence_group", "severity_days", "occurred_at", "occurred_to", "occurred_precision",
        "place_type", "discovery", "sensitive", "address_key", "geo_accuracy_m",
    )  # fmt: skip
    columns = [
        [None if pd.isna(value) else value for value in rows[name].tolist()] for name in names
    ]
    return [
        Record(*values)
        for values in zip(rows["incident_id"].tolist(), spots, *columns, strict=True)
    ]


def _nearest(cells: tuple[Cell, ...], x: float, y: float) -> int | None:
    far = [(cell.x - x) ** 2 + (cell.y - y) ** 2 for cell in cells]
    nearest = min(range(len(cells)), key=far.__getitem__)
    return nearest if far[nearest] <= IN_CELL_M**2 else None
