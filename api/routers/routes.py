"""The walk to a school at a given hour, and what closed or lit streets would do to it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, NaiveDatetime

from api.dependencies import PublishedRuns
from api.schemas import SectionPath, SectionQuery
from api.school_walk import school_walk
from api.walk_changes import StreetChange, walk_what_if

router = APIRouter(tags=["schools"])

SchoolPath = Annotated[str, Field(min_length=1, max_length=120)]


class WalkQuery(SectionQuery):
    """Whose grain, in which language, at which local time."""

    at: NaiveDatetime | None = Field(
        None,
        strict=False,
        description="Local time such as 2026-12-21T07:40; the next way to school if not given.",
    )


class WhatIf(BaseModel):
    """Which sections would be closed to walkers, and which lit over their whole length."""

    model_config = ConfigDict(extra="forbid")

    close: list[SectionPath] = Field([], max_length=50_000)
    light: list[SectionPath] = Field([], max_length=50_000)


@router.get("/schools/{school}/routes", summary="The walk to a school at a given hour")
def get_school_routes(
    school: SchoolPath, published: PublishedRuns, query: WalkQuery = Query()
) -> dict[str, Any]:
    """Return the streets of a school's walk, whether it is dark there, and the calm way."""
    return school_walk(
        published.workspace,
        published.current(),
        school,
        at=query.at,
        role=query.role,
        lang=query.lang,
    )


@router.post("/schools/{school}/what-if", summary="The walks if streets were closed or lit")
def post_what_if(
    school: SchoolPath, change: WhatIf, published: PublishedRuns, query: WalkQuery = Query()
) -> JSONResponse:
    """Return the walks of a school before and after; nothing is stored."""
    answer = walk_what_if(
        published,
        school,
        StreetChange(change.close, change.light),
        at=query.at,
        role=query.role,
        lang=query.lang,
    )
    # Written as it is: an encoder that walks through every coordinate takes longer than the walks.
    return JSONResponse(answer, headers={"Cache-Control": "no-store"})
