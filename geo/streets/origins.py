"""Where pupils set out from, when nobody has brought a list of homes."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from geo import columns as c
from geo.schema import Column, check_frame
from geo.streets.sections import Sections

BUILDINGS = "buildings"
STREETS = "streets"
POPULATION = "population"

PEOPLE_A_DWELLING = 3.0
"""Assumed, to turn people into dwellings; between homes only the proportion counts."""

_DWELLINGS = {
    "apartments": 40.0,
    "residential": 20.0,
    "dormitory": 20.0,
    "terrace": 6.0,
    "semidetached_house": 2.0,
    "house": 1.0,
    "detached": 1.0,
    "bungalow": 1.0,
    "yes": 1.0,
}
"""Assumed dwellings of a building by its tag where no flats are given; other tags: nobody lives."""

_HOME_STREETS = ("residential", "living_street")
_SPACING_M = 50.0
_BUILDING_REACH_M = 60.0
_STREET_REACH_M = 300.0
_COVERED_SHARE = 0.5
_METRES_PER_DEGREE = 111_195.0


def walk_origins(buildings: pd.DataFrame, sections: Sections) -> tuple[pd.DataFrame, str]:
    """Assume homes from the map: its residential buildings, else points along home streets.

    Buildings are taken only where the map shows them on at least half of the residential
    streets (one within 60 m): a half-drawn town would otherwise have pupils in the drawn half
    alone. Else residential and living streets carry a point about every 50 m, together one
    dwelling for 50 m of street. Both are assumptions, to be said wherever numbers of children
    are shown.

    Parameters
    ----------
    buildings
        Columns osm_id, building (tag value), flats (missing where not given), geometry (WKB in
        WGS84). May be empty.

    Returns
    -------
    tuple
        The homes (HOMES contract, sorted by home_id) and the basis: ``buildings`` or
        ``streets``.
    """
    along = _street_points(sections)
    lived_in = _lived_in(buildings)
    if len(lived_in) and _covered_share(along, lived_in) >= _COVERED_SHARE:
        return lived_in, BUILDINGS
    return along, STREETS


def homes_of_population(
    cells: gpd.GeoDataFrame, sections: Sections
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Spread the people of population cells over the home streets within them.

    A polygon's people live evenly on the points, 50 m apart, of its residential and living
    streets; a point's people on the nearest such point. Where a polygon has no home street or a
    point none within 300 m, its people live in its middle.

    Parameters
    ----------
    cells
        ``people`` and geometry: points or polygons in WGS84.

    Returns
    -------
    homes
        HOMES contract, one dwelling for three people.
    facts
        population_cells, people, cells_without_street (whose people live in its middle).
    """
    check_frame(cells, POPULATION_CELLS, name="population cells")
    along = _street_points(sections)
    peopled = cells[(cells["people"] > 0).to_numpy(bool)]
    cell, point = _points_of_cells(peopled.geometry.to_numpy(), along)
    people = peopled["people"].to_numpy(float)
    share = people / np.bincount(cell, minlength=len(people)).clip(1)
    on_street = np.bincount(point, share[cell], len(along))
    homes = along.assign(dwellings=on_street / PEOPLE_A_DWELLING)[on_street > 0]

    bare = np.setdiff1d(np.arange(len(peopled)), cell)
    middle = shapely.centroid(peopled.geometry.to_numpy()[bare])
    alone = pd.DataFrame(
        {
            "home_id": [f"cell-{at:06d}" for at in bare],
            c.LAT: shapely.get_y(middle),
            c.LON: shapely.get_x(middle),
            "dwellings": people[bare] / PEOPLE_A_DWELLING,
        }
    )
    both = pd.concat([part for part in (homes, alone) if len(part)] or [homes], ignore_index=True)
    facts = {
        "population_cells": len(cells),
        "people": float(people.sum()),
        "cells_without_street": len(bare),
    }
    return both.sort_values("home_id", ignore_index=True), facts


POPULATION_CELLS = {"people": Column("float", low=0), c.GEOMETRY: Column("geometry")}


# -------------------------------------------------------------------------------------------


def _lived_in(buildings: pd.DataFrame) -> pd.DataFrame:
    kept = buildings[buildings["building"].isin(list(_DWELLINGS))]
    middle = shapely.centroid(shapely.from_wkb(kept[c.GEOMETRY].to_numpy()))
    flats = kept["flats"].to_numpy(float)
    assumed = kept["building"].map(_DWELLINGS).to_numpy(float)
    homes = pd.DataFrame(
        {
            "home_id": kept["osm_id"].to_numpy(object),
            c.LAT: shapely.get_y(middle),
            c.LON: shapely.get_x(middle),
            "dwellings": np.where(flats > 0, flats, assumed),
        }
    )
    return homes.sort_values("home_id", ignore_index=True)


def _street_points(sections: Sections) -> pd.DataFrame:
    frame = sections.frame[sections.frame[c.HIGHWAY].isin(_HOME_STREETS)]
    length = frame[c.LENGTH_M].to_numpy(float)
    count = np.maximum(np.round(length / _SPACING_M).astype(np.int64), 1)
    row = np.repeat(np.arange(len(frame)), count)
    number = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
    lines = frame[c.GEOMETRY].to_numpy()[row]
    points = shapely.line_interpolate_point(lines, (number + 0.5) / count[row], normalized=True)
    ids = frame[c.SECTION_ID].to_numpy(object)[row]
    return pd.DataFrame(
        {
            "home_id": [f"{section}-{at:04d}" for section, at in zip(ids, number, strict=True)],
            c.LAT: shapely.get_y(points),
            c.LON: shapely.get_x(points),
            "dwellings": length[row] / count[row] / _SPACING_M,
        }
    )


def _points_of_cells(
    shapes: npt.NDArray[np.object_], along: pd.DataFrame
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return pairs of cell and street point: all points in a polygon, the nearest of a point."""
    none = np.empty(0, np.int64)
    if along.empty or not len(shapes):
        return none, none
    places = np.asarray(shapely.points(along[c.LON], along[c.LAT]), object)
    areal = np.flatnonzero(shapely.get_dimensions(shapes) == 2)
    inside, point = shapely.STRtree(places).query(shapes[areal], predicate="intersects")
    spots = np.flatnonzero(shapely.get_dimensions(shapes) == 0)
    narrow = np.cos(np.radians(along[c.LAT].mean()))
    middle = shapely.centroid(shapes[spots])
    at = pd.DataFrame({c.LAT: shapely.get_y(middle), c.LON: shapely.get_x(middle)})
    distance, near = cKDTree(_flat(along, narrow)).query(
        _flat(at, narrow), distance_upper_bound=_STREET_REACH_M
    )
    found = np.isfinite(distance)
    return (
        np.concatenate([areal[inside], spots[found]]).astype(np.int64),
        np.concatenate([point, np.asarray(near)[found]]).astype(np.int64),
    )


def _covered_share(along: pd.DataFrame, lived_in: pd.DataFrame) -> float:
    """Return the share of points along home streets that have a home within reach."""
    if along.empty:
        return 1.0
    narrow = np.cos(np.radians(along[c.LAT].mean()))
    tree = cKDTree(_flat(lived_in, narrow))
    distance, _ = tree.query(_flat(along, narrow), distance_upper_bound=_BUILDING_REACH_M)
    return float(np.isfinite(distance).mean())


def _flat(places: pd.DataFrame, narrow: float) -> npt.NDArray[np.float64]:
    return _METRES_PER_DEGREE * np.column_stack([places[c.LON] * narrow, places[c.LAT]])
