"""The walk to a school at a given hour."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field, NaiveDatetime

from api.dependencies import PublishedRuns
from api.schemas import SectionQuery
from api.school_walk import school_walk

router = APIRouter(tags=["schools"])

SchoolPath = Annotated[str, Field(min_length=1, max_length=120)]


class WalkQuery(SectionQuery):
    """Whose grain, in which language, at which local time."""

    at: NaiveDatetime | None = Field(
        None,
        strict=False,
        description="Local time such as 2026-12-21T07:40; the next way to school if not given.",
    )


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
