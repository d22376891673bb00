"""The map's own tile layers: disclosed frames in, layers ready to be encoded out."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geo import columns as c
from geo.cells import cell_boundaries, format_cells
from geo.columns import of_window
from geo.parameters import WINDOWS
from maps.tiles import TileLayer

CELL_ZOOMS = {7: (7, 9), 8: (10, 11), 9: (12, 12), 10: (13, 15)}
"""First and last zoom at which the cells of a resolution are drawn."""

PUBLIC_CELL_ZOOMS = {8: (7, 13)}
"""The public sees one resolution, whatever the zoom."""

PAINTED_SCORE = 75.0
"""Below it a cell is class 1 and not painted in any view."""

SCORES = (
    c.HAZARD_SCORE,
    c.COUNT_SCORE,
    c.BURDEN_SCORE,
    *(of_window(c.HAZARD_SCORE, window) for window in WINDOWS),
)
CLASSES = (c.HAZARD_CLASS, *(of_window(c.HAZARD_CLASS, window) for window in WINDOWS))
WORDS = (c.CONFIDENCE, *(of_window(c.CONFIDENCE, window) for window in WINDOWS))


def cell_layer(cells: pd.DataFrame, zooms: tuple[int, int]) -> TileLayer:
    """Return the hexagons that any view paints; the id is the cell's text."""
    painted = cells[_is_painted(cells)].sort_values(c.H3_CELL)
    ids = painted[c.H3_CELL].to_numpy(np.int64)
    properties = _place_properties(painted)
    properties.insert(0, "id", format_cells(ids))
    return TileLayer("cells", cell_boundaries(ids), properties, *zooms)


def section_layer(sections: pd.DataFrame) -> TileLayer:
    """Return every section, painted or not, so that each can be asked for its reasons."""
    ordered = sections.sort_values(c.SECTION_ID)
    properties = _place_properties(ordered)
    properties.insert(0, "id", ordered[c.SECTION_ID].to_numpy(object))
    return TileLayer("sections", ordered[c.GEOMETRY].to_numpy(), properties, 13, 15)


def route_layer(routes: pd.DataFrame, sections: pd.DataFrame) -> TileLayer:
    """Return the sections that pupils walk, with how many and to which schools."""
    ordered = routes.sort_values([c.SECTION_ID, c.PUPILS, c.SCHOOL_ID])
    pupils = ordered.groupby(c.SECTION_ID, sort=True)[c.PUPILS].sum()
    # A plain loop: pandas would make a table of each section's rows to join their schools.
    schools: dict[str, list[str]] = {section: [] for section in pupils.index}
    for section, school in zip(ordered[c.SECTION_ID], ordered[c.SCHOOL_ID], strict=True):
        schools[section].append(school)
    lines = sections.set_index(c.SECTION_ID)[c.GEOMETRY].reindex(pupils.index)
    properties = pd.DataFrame(
        {
            "id": pupils.index.to_numpy(object),
            c.PUPILS: pupils.round().astype(int).to_numpy(),
            "schools": [";".join(ids) for ids in schools.values()],
        }
    )
    return TileLayer("routes", lines.to_numpy(), properties, 12, 15)


def school_layer(schools: pd.DataFrame) -> TileLayer:
    """Return the schools with their names in every language that is known."""
    ordered = schools.sort_values(c.SCHOOL_ID)
    properties = ordered[[c.NAME, c.NAME_KK, c.NAME_RU]].reset_index(drop=True)
    properties.insert(0, "id", ordered[c.SCHOOL_ID].to_numpy(object))
    return TileLayer("schools", _points(ordered), properties, 11, 15)


# -------------------------------------------------------------------------------------------


def _is_painted(cells: pd.DataFrame) -> npt.NDArray[np.bool_]:
    scores = cells[[name for name in SCORES if name in cells]]
    classes = cells[[name for name in CLASSES if name in cells]].astype("Float64")
    by_score = (scores >= PAINTED_SCORE).any(axis=1)
    return np.asarray(by_score | (classes >= 2).fillna(False).any(axis=1), np.bool_)


def _place_properties(places: pd.DataFrame) -> pd.DataFrame:
    kept = [name for name in (*SCORES, *CLASSES, *WORDS) if name in places]
    properties = places[kept].reset_index(drop=True)
    rounded = [name for name in SCORES if name in properties]
    properties[rounded] = properties[rounded].astype(float).round(1)
    return properties


def _points(frame: pd.DataFrame) -> npt.NDArray[np.object_]:
    return np.asarray(shapely.points(frame[c.LON].to_numpy(), frame[c.LAT].to_numpy()))
