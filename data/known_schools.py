"""The schools of a town: those registered, those that only the map knows, and their grounds."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from data.importers.street_map.osm_extract import OsmExtract
from data.importers.values.shift_times import ASSUMED_SHIFTS
from geo import columns as c
from geo.streets.school_gates import GATE_KNOWN, GATES
from geo.study_area import StudyArea

REGISTERED_SCHOOL_REACH_M = 150
"""A school of the map nearer than this to a registered one, or its gate, is the same school."""

WELL_INSIDE_M = 15.0
"""A place so far inside drawn grounds is the building's; nearer to the fence it may be a gate."""


def known_schools(extract: OsmExtract, registered: pd.DataFrame, area: StudyArea) -> pd.DataFrame:
    """Join registered schools with those that only the map knows (shifts assumed).

    Nobody has said that a point of the map is a gate.
    """
    points = extract.points
    mapped = points[points["kind"] == "school"]
    mapped = mapped[area.contains(mapped[c.LAT], mapped[c.LON])]
    if len(registered) and len(mapped):
        x, y = area.to_metric(mapped[c.LAT], mapped[c.LON])
        school_x, school_y = area.to_metric(*_places_of(registered).T)
        gap = np.hypot(x[:, None] - school_x, y[:, None] - school_y).min(axis=1)
        mapped = mapped[gap > REGISTERED_SCHOOL_REACH_M]
    found = pd.DataFrame(
        {
            c.SCHOOL_ID: mapped["osm_id"],
            c.NAME: mapped[c.NAME],
            c.NAME_KK: mapped[c.NAME_KK],
            c.NAME_RU: mapped[c.NAME_RU],
            c.LAT: mapped[c.LAT],
            c.LON: mapped[c.LON],
            "shift_times": ASSUMED_SHIFTS,
            "shift_times_assumed": True,
            c.PUPILS: np.nan,
            "number": None,
            GATES: None,
            GATE_KNOWN: False,
        }
    )
    registered = registered.assign(**{GATE_KNOWN: True})
    columns = list(found.columns)
    joined = (
        pd.concat([registered[columns], found], ignore_index=True)
        if len(found)
        else (registered[columns])
    )
    return joined.sort_values(c.SCHOOL_ID, kind="stable").reset_index(drop=True)


def school_grounds(
    schools: pd.DataFrame, extract: OsmExtract, area: StudyArea
) -> npt.NDArray[np.object_]:
    """Return the polygon of each school's grounds in WGS84; None where none is known or needed.

    A school of the map has the grounds that it is drawn with. A registered school has those in
    which its own place lies, if it lies well inside them: it was placed by its building then, not
    by its gate. Where a register lists the gates, no outline is asked for.
    """
    found = np.full(len(schools), None, object)
    points = extract.points
    ids = points.loc[points["kind"] == "school", "osm_id"]
    drawn = extract.areas[extract.areas["osm_id"].isin(ids)].drop_duplicates("osm_id")
    if drawn.empty:
        return found
    shapes = shapely.from_wkb(drawn[c.GEOMETRY].to_numpy())
    by_id = dict(zip(drawn["osm_id"], shapes, strict=True))
    around = _well_inside(schools, shapes, area)
    for row, (school, listed) in enumerate(zip(schools[c.SCHOOL_ID], schools[GATES], strict=True)):
        if not isinstance(listed, str):
            found[row] = by_id.get(school, around[row])
    return found


# -------------------------------------------------------------------------------------------


def _places_of(registered: pd.DataFrame) -> npt.NDArray[np.float64]:
    """Return latitude and longitude of every school, and of all of its gates."""
    own = registered[[c.LAT, c.LON]].to_numpy(float)
    listed = [
        [float(number) for number in gate.split(",")]
        for gates in registered[GATES]
        if isinstance(gates, str)
        for gate in gates.split(";")
    ]
    return np.concatenate([own, np.array(listed, float).reshape(-1, 2)])


def _well_inside(
    schools: pd.DataFrame, shapes: npt.NDArray[Any], area: StudyArea
) -> npt.NDArray[np.object_]:
    """Return for each school the grounds in which it stands, None where it stands in none."""

    def metric(at: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return np.column_stack(area.to_metric(at[:, 1], at[:, 0]))

    places = shapely.points(np.column_stack(area.to_metric(schools[c.LAT], schools[c.LON])))
    inner = shapely.buffer(shapely.transform(shapes, metric), -WELL_INSIDE_M)
    school, ground = shapely.STRtree(inner).query(places, predicate="within")
    found = np.full(len(schools), None, object)
    found[school] = shapes[ground]
    return found
