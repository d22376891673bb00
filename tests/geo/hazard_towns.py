"""Small towns for the tests of the hazard: a box of cells in Oral with made-up streets."""

from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely import LineString
from shapely.geometry import box

from geo.cells import CellGrid, build_cell_grid
from geo.hazard.town import Town
from geo.parameters import GROUPS, WINDOWS, HazardParameters
from geo.study_area import StudyArea, build_study_area

AS_OF = date(2025, 1, 1)
COVERAGE = ((date(2022, 1, 1), date(2024, 12, 31)),)
DARKNESS = dict(zip(WINDOWS, (0.4, 0.0, 0.3, 0.6, 0.95, 0.1), strict=True))
PARAMETERS = HazardParameters()


@dataclass(frozen=True)
class Place:
    area: StudyArea
    grid: CellGrid


@lru_cache
def oral(width: float = 0.012) -> Place:
    """A box of `width` degrees of latitude, about 60 cells by default."""
    lat, lon = 51.23, 51.37
    area = build_study_area("Oral", box(lon, lat, lon + 1.5 * width, lat + width),
                            time_zone="Asia/Oral")  # fmt: skip
    return Place(area, build_cell_grid(area, 10))


def incident_rows(grid: CellGrid, cells, **columns) -> pd.DataFrame:
    """Incidents at the centres of cells (positions); columns override the defaults."""
    cells = np.asarray(cells, dtype=int)
    n = len(cells)
    values = {
        "incident_id": [f"i{k:05d}" for k in range(n)],
        "lat": grid.lat[cells],
        "lon": grid.lng[cells],
        "h3_cell": grid.cells[cells],
        "offence_group": "theft_robbery",
        "severity_days": 456.0,
        "occurred_at": pd.Timestamp("2024-06-01 08:00"),
        "occurred_to": pd.NaT,
        "occurred_precision": "minute",
        "place_type": "street",
        "discovery": "reported",
        "sensitive": False,
        "address_key": [f"a{k}" for k in cells],
        "geo_accuracy_m": np.nan,
    } | columns
    frame = pd.DataFrame(values, index=range(n))
    for column in ("occurred_at", "occurred_to"):
        frame[column] = pd.to_datetime(frame[column])
    return frame.astype({"severity_days": float, "geo_accuracy_m": float, "sensitive": bool})


def random_incidents(grid: CellGrid, n: int, seed: int, *, hours: bool = True) -> pd.DataFrame:
    """Incidents of three groups; those of ``child`` are sensitive."""
    rng = np.random.default_rng(seed)
    cells = rng.integers(0, len(grid.cells), n) // 2
    groups = rng.choice(["child", "theft_robbery", "violence"], n, p=[0.2, 0.5, 0.3])
    at = pd.Timestamp(AS_OF) - pd.to_timedelta(rng.integers(60, 1090 * 1440, n), unit="min")
    return incident_rows(
        grid,
        cells,
        offence_group=groups,
        sensitive=groups == "child",
        severity_days=rng.choice([30.0, 456.0, 1004.0], n),
        occurred_at=at,
        occurred_precision="minute" if hours else "day",
    )


def streets(place: Place, seed: int = 3) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Sections that start in two thirds of the cells and run into one neighbour."""
    rng = np.random.default_rng(seed)
    grid = place.grid
    starts = np.sort(rng.choice(len(grid.cells), 2 * len(grid.cells) // 3, replace=False))
    rows, lines = [], []
    for section, start in enumerate(starts):
        near = grid.neighbours[start]
        near = near[near >= 0]
        end = int(near[rng.integers(len(near))])
        rows += [(section, int(start), rng.uniform(10, 90)), (section, end, rng.uniform(1, 60))]
        lines.append(LineString(zip(grid.lng[[start, end]], grid.lat[[start, end]], strict=True)))
    parts = pd.DataFrame(rows, columns=["section", "cell", "length_m"])
    parts = parts.sort_values(["cell", "section"], ignore_index=True)
    raw = parts["length_m"] * rng.uniform(0.2, 3, len(parts))
    parts["weight"] = raw / raw.groupby(parts["cell"]).transform("sum")
    ids = [f"s{number:012x}" for number in range(len(starts))]
    length = parts.groupby("section")["length_m"].sum().to_numpy()
    frame = gpd.GeoDataFrame({"section_id": ids, "length_m": length}, geometry=lines, crs=4326)
    return frame, parts


def plain_town(place: Place, incidents: pd.DataFrame, **fields) -> Town:
    """A town of these incidents, without light, patrols or children unless given."""
    sections, parts = streets(place)
    return replace(
        Town(
            area=place.area,
            grid=place.grid,
            sections=sections,
            parts=parts,
            incidents=incidents,
            coverage=COVERAGE,
            as_of=AS_OF,
            darkness=DARKNESS,
        ),
        **fields,
    )


def rich_town(seed: int = 1, n: int = 120) -> Town:
    """A town with light, patrols, cameras and children that have changed since the history."""
    place = oral()
    town = plain_town(place, random_incidents(place.grid, n, seed))
    rng = np.random.default_rng(seed)
    sections, cells, windows = len(town.sections), len(place.grid.cells), list(WINDOWS)
    return replace(
        town,
        section_light=pd.DataFrame(rng.random((sections, 2)),
                                   columns=["lit_share", "lit_share_history"]),
        patrol_now=pd.DataFrame(rng.random((cells, 6)) / 2, columns=windows),
        patrol_history=pd.DataFrame(rng.random((cells, 6)) / 2, columns=windows),
        child_minutes=pd.DataFrame(rng.uniform(0, 90, (sections, 6)), columns=windows),
        section_cameras=pd.DataFrame(rng.random((sections, 2)),
                                     columns=["camera_share", "camera_share_history"]),
    )  # fmt: skip


def group_code(group: str) -> int:
    return GROUPS.index(group)
