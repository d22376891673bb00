"""The dark gap: where children walk in the dark without light."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Query
from pydantic import Field

from api.dark_gap import section_dark_gap
from api.dependencies import PublishedRuns
from api.schemas import DAY, SectionQuery, Window

router = APIRouter(tags=["places"])


class DarkGapQuery(SectionQuery):
    """Which month and window of the day, and how many sections."""

    month: int | None = Field(
        None, ge=1, le=12, strict=False, description="1 to 12; the twelve added up if not given."
    )
    window: Window = DAY
    limit: int = Field(20, ge=1, le=1000, strict=False)


@router.get("/dark-gap", summary="Where children walk in the dark without light")
def get_dark_gap(published: PublishedRuns, query: DarkGapQuery = Query()) -> dict[str, Any]:
    """Return the sections with the most child-minutes in unlit dark, and the town's sums."""
    return section_dark_gap(published, **query.model_dump())
