"""An office's own files about who attends which school, in the folder ``schools`` of a workspace.

``assignments.csv`` (home_id, school_id), ``catchments.geojson`` (polygons with school_id) and
``population.csv`` (lat, lon, people) or ``population.geojson`` (points or polygons with people).
Each may be missing. They tell of places and numbers, never of a pupil.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import geopandas as gpd
import pandas as pd
import shapely

from geo import columns as c
from geo.errors import InputRefusedError
from geo.study_area import WGS84

SCHOOLS_FOLDER = "schools"
LARGEST_FILE_BYTES = 50_000_000

Frame = TypeVar("Frame")


@dataclass(frozen=True)
class SchoolFiles:
    """What an office has brought; None where it has no such file.

    Attributes
    ----------
    assignments, catchments
        As `geo.streets.assignment.assign_homes` takes them.
    population
        As `geo.streets.origins.homes_of_population` takes it.
    digest
        SHA-256 of the files, by which a run can name them.
    """

    assignments: pd.DataFrame | None
    catchments: gpd.GeoDataFrame | None
    population: gpd.GeoDataFrame | None
    digest: str


def read_school_files(folder: Path) -> SchoolFiles:
    """Read what there is.

    Raises
    ------
    InputRefusedError
        ``school_file_invalid`` or ``too_complex``; names the file and what it lacks.
    """
    people = "population.geojson"
    if not (folder / people).is_file():
        people = "population.csv"
    names = ("assignments.csv", "catchments.geojson", people)
    digest = hashlib.sha256()
    for name in names:
        path = folder / name
        digest.update(name.encode() + b"\0" + (path.read_bytes() if path.is_file() else b""))
    return SchoolFiles(
        assignments=_read(folder / names[0], _read_assignments),
        catchments=_read(folder / names[1], _read_catchments),
        population=_read(folder / names[2], _read_population),
        digest=digest.hexdigest(),
    )


# -------------------------------------------------------------------------------------------


def _read(path: Path, read: Callable[[Path], Frame]) -> Frame | None:
    if not path.is_file():
        return None
    if path.stat().st_size > LARGEST_FILE_BYTES:
        raise InputRefusedError(f"{path.name} is larger than 50 MB.", code="too_complex")
    try:
        return read(path)
    except (ValueError, KeyError, TypeError, AttributeError, shapely.GEOSException) as error:
        raise _invalid(path, "it cannot be read") from error


def _invalid(path: Path, why: str) -> InputRefusedError:
    return InputRefusedError(
        f"{SCHOOLS_FOLDER}/{path.name}: {why}; see docs/school-walk.md for its form.",
        code="school_file_invalid",
    )


def _read_assignments(path: Path) -> pd.DataFrame:
    table = _read_csv(path, ("home_id", c.SCHOOL_ID))
    return table.astype(object).map(str.strip)


def _read_catchments(path: Path) -> gpd.GeoDataFrame:
    items = _features(path)
    ids = [str(item["properties"][c.SCHOOL_ID]).strip() for item in items]
    frame = gpd.GeoDataFrame({c.SCHOOL_ID: ids}, geometry=_shapes(items), crs=WGS84)
    if (shapely.get_dimensions(frame.geometry.to_numpy()) != 2).any():
        raise _invalid(path, "a catchment must be a polygon")
    return frame


def _read_population(path: Path) -> gpd.GeoDataFrame:
    if path.suffix == ".csv":
        table = _read_csv(path, (c.LAT, c.LON, "people")).astype(float)
        shapes: Any = shapely.points(table[c.LON], table[c.LAT])
        people = table["people"].to_list()
    else:
        items = _features(path)
        shapes = _shapes(items)
        people = [float(item["properties"]["people"]) for item in items]
    frame = gpd.GeoDataFrame({"people": people}, geometry=shapes, crs=WGS84)
    if not (frame["people"] >= 0).all():
        raise _invalid(path, "people must be a number of 0 or more in each row")
    bounds = frame.total_bounds
    if len(frame) and (abs(bounds[[0, 2]]).max() > 180 or abs(bounds[[1, 3]]).max() > 90):
        raise _invalid(path, "a place lies outside longitude −180 … 180 or latitude −90 … 90")
    return frame


def _read_csv(path: Path, heads: tuple[str, ...]) -> pd.DataFrame:
    table = pd.read_csv(path, dtype=str, sep=None, engine="python", encoding="utf-8-sig")
    missing = [head for head in heads if head not in table]
    if missing:
        raise _invalid(path, f"column {', '.join(missing)} is missing")
    kept = table[list(heads)]
    if kept.isna().to_numpy().any():
        row = int(kept.isna().any(axis=1).to_numpy().argmax()) + 2
        raise _invalid(path, f"row {row} has an empty cell")
    return kept


def _features(path: Path) -> list[dict[str, Any]]:
    content = json.loads(path.read_text(encoding="utf-8-sig"))
    features: list[dict[str, Any]] = content["features"]
    return features


def _shapes(items: list[dict[str, Any]]) -> list[Any]:
    return [shapely.from_geojson(json.dumps(item["geometry"])) for item in items]
