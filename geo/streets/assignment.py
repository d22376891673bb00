"""Say which school the pupils of a home attend: by table, text, catchment, else the nearest.

A table (home or address → school) goes before a decree's text of streets and houses, a text before
a catchment polygon, and all before the walk to the nearest gate. What cannot be followed is named
in the facts and falls to the next rule: a table's row for a school or home that is not there, a
catchment of an unknown school, a home that texts or catchments give to several schools.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geo import columns as c
from geo.schema import HOMES, Column, check_frame

BoolArray = npt.NDArray[np.bool_]

TABLE, TEXT, CATCHMENT, NEAREST = "table", "text", "catchment", "nearest"
RULES = (TABLE, TEXT, CATCHMENT, NEAREST)
ASSIGNED_BY = "assigned_by"

ASSIGNMENTS = {"home_id": Column("text"), c.SCHOOL_ID: Column("text")}
CATCHMENTS = {c.SCHOOL_ID: Column("text"), c.GEOMETRY: Column("geometry")}


@dataclass(frozen=True)
class AssignedHomes:
    """Homes with their schools, and what could not be followed.

    Attributes
    ----------
    homes
        The homes with ``school_id`` (missing: the nearest decides) and ``assigned_by`` (table,
        text, catchment or nearest).
    facts
        assigned_by (homes by rule), unknown_homes (rows of the table), unknown_schools (ids in
        table, text or catchments), contradicted_homes (named for several schools by one table),
        doubtful_homes (listed for several schools by a text) and contested_homes (in the
        catchments of several schools).
    """

    homes: pd.DataFrame
    facts: dict[str, Any]


def assign_homes(
    homes: pd.DataFrame,
    schools: pd.DataFrame,
    *,
    table: pd.DataFrame | None = None,
    texts: pd.DataFrame | None = None,
    catchments: gpd.GeoDataFrame | None = None,
) -> AssignedHomes:
    """Name the school of each home that a table, a text or a catchment decides.

    Parameters
    ----------
    homes, schools
        Frames of the HOMES contract, and with ``school_id``.
    table
        ``home_id, school_id``; further rows of one home must name the same school.
    texts
        The same, for the homes that a text of streets and houses lists.
    catchments
        ``school_id`` and polygons in WGS84; a school may have several.
    """
    check_frame(homes, HOMES, name="homes")
    known = set(schools[c.SCHOOL_ID])
    by_table, table_facts = _by_table(homes, known, table)
    by_text, text_facts = _by_table(homes, known, texts)
    by_catchment, catchment_facts = _by_catchment(homes, known, catchments)

    school, rule = by_table, np.where(by_table.notna(), TABLE, NEAREST)
    for name, further in ((TEXT, by_text), (CATCHMENT, by_catchment)):
        rule = np.where(school.isna() & further.notna(), name, rule)
        school = school.where(school.notna(), further).astype(object)
    assigned = homes.copy()
    assigned[c.SCHOOL_ID], assigned[ASSIGNED_BY] = school.where(school.notna(), None), rule
    told = (table_facts, text_facts, catchment_facts)
    unknown = set().union(*(facts.pop("unknown_schools") for facts in told))
    return AssignedHomes(
        homes=assigned,
        facts={
            ASSIGNED_BY: _counts(rule),
            **table_facts,
            "doubtful_homes": text_facts["contradicted_homes"],
            **catchment_facts,
            "unknown_schools": sorted(unknown),
        },
    )


def assignment_facts(homes: pd.DataFrame, unreachable: BoolArray) -> dict[str, Any]:
    """Count homes by the rule that chose their school, all of them and those without a route."""
    if ASSIGNED_BY in homes:
        rule = homes[ASSIGNED_BY].to_numpy(object)
    else:
        rule = np.full(len(homes), NEAREST, object)
    return {ASSIGNED_BY: _counts(rule), "unreachable_by": _counts(rule[unreachable])}


# -------------------------------------------------------------------------------------------


def _counts(rule: npt.NDArray[Any]) -> dict[str, int]:
    return {name: int((rule == name).sum()) for name in RULES}


def _by_table(
    homes: pd.DataFrame, known: set[str], table: pd.DataFrame | None
) -> tuple[pd.Series, dict[str, Any]]:
    none = pd.Series(None, index=homes.index, dtype=object)
    if table is None:
        return none, {"unknown_homes": 0, "contradicted_homes": 0, "unknown_schools": set()}
    check_frame(table, ASSIGNMENTS, name="assignments")
    there = table[table["home_id"].isin(homes["home_id"])]
    rows = there[there[c.SCHOOL_ID].isin(known)].drop_duplicates(["home_id", c.SCHOOL_ID])
    twice = rows["home_id"].duplicated(keep=False)
    named = rows[~twice].set_index("home_id")[c.SCHOOL_ID].astype(object)
    facts = {
        "unknown_homes": len(table) - len(there),
        "contradicted_homes": int(rows.loc[twice, "home_id"].nunique()),
        "unknown_schools": set(table[c.SCHOOL_ID]) - known,
    }
    found = homes["home_id"].astype(object).map(named).astype(object)
    return found.where(found.notna(), None), facts


def _by_catchment(
    homes: pd.DataFrame, known: set[str], catchments: gpd.GeoDataFrame | None
) -> tuple[pd.Series, dict[str, Any]]:
    found = pd.Series(None, index=homes.index, dtype=object)
    if catchments is None:
        return found, {"contested_homes": 0, "unknown_schools": set()}
    check_frame(catchments, CATCHMENTS, name="catchments")
    usable = catchments[catchments[c.SCHOOL_ID].isin(known)]
    tree = shapely.STRtree(shapely.make_valid(usable.geometry.to_numpy()))
    doors = shapely.points(homes[c.LON], homes[c.LAT])
    home, polygon = tree.query(doors, predicate="intersects")
    inside = pd.DataFrame(
        {"home": home, c.SCHOOL_ID: usable[c.SCHOOL_ID].to_numpy(object)[polygon]}
    ).drop_duplicates()
    contested = inside["home"].duplicated(keep=False)
    sure = inside[~contested]
    found.iloc[sure["home"].to_numpy()] = sure[c.SCHOOL_ID].to_numpy()
    return found, {
        "contested_homes": int(inside.loc[contested, "home"].nunique()),
        "unknown_schools": set(catchments[c.SCHOOL_ID]) - known,
    }
