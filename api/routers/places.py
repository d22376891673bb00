"""Sections, cells and schools of the current run."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Query, Response

from api.answers import (
    as_rows,
    cell_answer,
    cell_explanation,
    listed_features,
    section_explanation,
    section_feature,
)
from api.dependencies import PublishedRuns
from api.month_maps import asked_run
from api.near import cell_incidents, section_incidents
from api.schemas import (
    CellQuery,
    Feature,
    FeatureCollection,
    ListQuery,
    PlaceQuery,
    SectionMonthQuery,
    SectionPath,
    SectionQuery,
)
from geo import columns as c
from geo.cells import parse_cell
from geo.disclosure import disclose_points
from geo.parameters import SCORED_RESOLUTION
from maps.labels import local_name, school_label

router = APIRouter(tags=["places"])

MONTH = {"month", "day"}
"""Parameters that choose the run's month, and are settled before a place is looked at."""


@router.get("/sections", summary="Ranked list of sections", response_model=FeatureCollection)
def get_sections(published: PublishedRuns, query: ListQuery = Query()) -> FeatureCollection:
    """Return the sections that a view and window rank highest, each with its reason."""
    opened = asked_run(published.current(), query)
    features = listed_features(opened, **query.model_dump(exclude=MONTH))
    return FeatureCollection(
        features=features,
        number_returned=len(features),
        run_id=opened.snapshot.run_id,
        month=query.variant,
    )


@router.get("/sections/{section_id}", summary="One section")
def get_section(
    section_id: SectionPath, published: PublishedRuns, query: SectionMonthQuery = Query()
) -> Feature:
    """Return what this role may see of one section."""
    opened = asked_run(published.current(), query)
    return section_feature(opened, section_id, role=query.role, lang=query.lang)


@router.get("/sections/{section_id}/explain", summary="Why a section stands where it stands")
def explain_section(
    section_id: SectionPath, published: PublishedRuns, query: PlaceQuery = Query()
) -> dict[str, Any]:
    """Return sentence and factors; the factors multiply to hazard ÷ the town's mean."""
    opened = asked_run(published.current(), query)
    return section_explanation(opened, section_id, **query.model_dump(exclude=MONTH))


@router.get("/sections/{section_id}/incidents", summary="Incidents around a section")
def get_section_incidents(
    section_id: SectionPath,
    response: Response,
    published: PublishedRuns,
    query: SectionQuery = Query(),
) -> dict[str, Any]:
    """Return counts by quarter and distance; to the prosecutor what weighs most, nowhere kept."""
    response.headers["Cache-Control"] = "no-store"
    return section_incidents(published.current(), section_id, role=query.role, lang=query.lang)


@router.get("/cells/{h3_cell}", summary="One cell")
def get_cell(h3_cell: str, published: PublishedRuns, query: CellQuery = Query()) -> dict[str, Any]:
    """Return what this role may see of one cell of resolution 10."""
    cell = parse_cell(h3_cell, resolution=SCORED_RESOLUTION)
    return cell_answer(asked_run(published.current(), query), cell, role=query.role)


@router.get("/cells/{h3_cell}/explain", summary="Why a cell stands where it stands")
def explain_cell(
    h3_cell: str, published: PublishedRuns, query: PlaceQuery = Query()
) -> dict[str, Any]:
    """Return sentence and factors; the factors multiply to hazard ÷ the area's mean."""
    cell = parse_cell(h3_cell, resolution=SCORED_RESOLUTION)
    opened = asked_run(published.current(), query)
    return cell_explanation(opened, cell, **query.model_dump(exclude=MONTH))


@router.get("/cells/{h3_cell}/incidents", summary="Incidents around a cell")
def get_cell_incidents(
    h3_cell: str, response: Response, published: PublishedRuns, query: SectionQuery = Query()
) -> dict[str, Any]:
    """Return counts by quarter and distance; to the prosecutor what weighs most, nowhere kept."""
    cell = parse_cell(h3_cell, resolution=SCORED_RESOLUTION)
    response.headers["Cache-Control"] = "no-store"
    return cell_incidents(published.current(), cell, role=query.role, lang=query.lang)


@router.get("/schools", summary="Schools with their gates and shifts")
def get_schools(published: PublishedRuns, query: SectionQuery = Query()) -> FeatureCollection:
    """Return the schools of the run; the number of pupils is a count, never a list."""
    opened = published.current()
    schools = disclose_points(opened.frame("schools"), "schools", query.role)
    features = [
        Feature(
            geometry={"type": "Point", "coordinates": [row[c.LON], row[c.LAT]]},
            properties={
                c.SCHOOL_ID: row[c.SCHOOL_ID],
                c.NAME: local_name(row, c.NAME, query.lang),
                "label": school_label(local_name(row, c.NAME, query.lang), query.lang),
                "shift_times": row["shift_times"],
                "shift_times_assumed": bool(row["shift_times_assumed"]),
            },
        )
        for row in as_rows(schools)
    ]
    return FeatureCollection(
        features=features, number_returned=len(features), run_id=opened.snapshot.run_id
    )
