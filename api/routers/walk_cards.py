"""The walk card of each school as a page, and the list of all schools."""

from __future__ import annotations

import datetime as dt
from typing import Annotated
from zoneinfo import ZoneInfo

import pandas as pd
from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, ConfigDict, Field

from api.dependencies import OpenedSnapshot, Published, PublishedRuns
from api.routers.routes import SchoolPath
from api.schemas import Lang
from api.school_walk import find_school
from api.walk_card import card_day, school_rows, walk_card
from geo.errors import NoDataError, NotFoundError, UsageError
from maps.offline import content_security_policy
from maps.pages.landing import render_error
from maps.pages.walk_card import CardPage, render_school_list, render_walk_card

FIRST_DAY, LAST_DAY = dt.date(1970, 1, 1), dt.date(2100, 12, 31)

router = APIRouter(include_in_schema=False)


class CardQuery(BaseModel):
    """Which day a card is for."""

    model_config = ConfigDict(extra="forbid")

    date: dt.date | None = Field(None, ge=FIRST_DAY, le=LAST_DAY, strict=False)


@router.get("/{lang}/school")
def get_school_list(lang: Lang, published: PublishedRuns) -> HTMLResponse:
    """Show all schools of the run."""
    opened = _find_current(published)
    if opened is None:
        return _page(*render_error(lang, 503), status=503)
    page = CardPage(lang, opened.snapshot.run_card["synthetic"])
    return _page(*render_school_list(page, school_rows(opened, lang), opened.snapshot.run_id))


@router.get("/{lang}/school/{school}")
def get_walk_card(
    lang: Lang,
    school: SchoolPath,
    published: PublishedRuns,
    query: Annotated[CardQuery, Query()],
) -> HTMLResponse:
    """Show the walk card of a school for a day; of the next school day where none is named."""
    opened = _find_current(published)
    if opened is None:
        return _page(*render_error(lang, 503), status=503)
    row = _find_school(opened, school)
    if row is None:
        return _page(*render_error(lang, 404), status=404)
    today = dt.datetime.now(ZoneInfo(published.workspace.region.time_zone)).date()
    day = query.date or card_day(published, today)
    page = CardPage(lang, opened.snapshot.run_card["synthetic"])
    return _page(*render_walk_card(page, walk_card(published, opened, row, day, lang)))


# -------------------------------------------------------------------------------------------


def _find_current(published: Published) -> OpenedSnapshot | None:
    try:
        return published.current()
    except NoDataError:
        return None


def _find_school(opened: OpenedSnapshot, text: str) -> pd.DataFrame | None:
    try:
        return find_school(opened, text)
    except (NotFoundError, UsageError):
        return None


def _page(html: str, script_hashes: list[str], *, status: int = 200) -> HTMLResponse:
    headers = {
        "Content-Security-Policy": content_security_policy(script_hashes, forms=True),
        "Cache-Control": "private, max-age=0, must-revalidate",
    }
    return HTMLResponse(html, status_code=status, headers=headers)
