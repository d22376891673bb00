"""How dark it is: a window of the day in a month."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Query
from pydantic import Field

from api.daylight import month_daylight
from api.dependencies import PublishedRuns
from api.schemas import DAY, SectionQuery, Window

router = APIRouter(tags=["places"])


class DaylightQuery(SectionQuery):
    """Which window of the day, in which month, in which language."""

    window: Window = DAY
    month: int | None = Field(
        None, ge=1, le=12, strict=False, description="1 to 12; the year's mean if not given."
    )


@router.get("/daylight", summary="How dark a window of the day is in a month")
def get_daylight(published: PublishedRuns, query: DaylightQuery = Query()) -> dict[str, Any]:
    """Return the dark share of a window, the sun's times on the month's 15th, and a sentence."""
    return month_daylight(
        published.current(),
        published.workspace.region.time_zone,
        month=query.month,
        window=query.window,
        lang=query.lang,
    )
