"""Patrols: what was delivered of the plans, and where hazard is left without presence."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Query, Response

from api.dependencies import PublishedRuns
from api.patrols import patrol_gap_list, patrols_delivered
from api.schemas import PatrolGapQuery, SectionQuery

router = APIRouter(tags=["patrols"])


@router.get("/patrols/gap", summary="Cells where hazard is left without patrols")
def get_patrol_gap(
    response: Response, published: PublishedRuns, query: PatrolGapQuery = Query()
) -> dict[str, Any]:
    """Return the cells with the greatest gap in a window; for prosecutor and dispatcher only."""
    response.headers["Cache-Control"] = "no-store"
    return patrol_gap_list(published, **query.model_dump())


@router.get("/patrols/delivered", summary="What of the route sheets was delivered")
def get_patrols_delivered(
    response: Response, published: PublishedRuns, query: SectionQuery = Query()
) -> dict[str, Any]:
    """Return plans and shifts of the last 28 days; for prosecutor and dispatcher only."""
    response.headers["Cache-Control"] = "no-store"
    return patrols_delivered(published, **query.model_dump())
