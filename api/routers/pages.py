"""Pages for people: choice of role, and each role's map."""

from __future__ import annotations

import math
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from api.dependencies import OpenedSnapshot, Published, PublishedRuns
from api.preferred_language import preferred_language
from api.schemas import Lang, Role
from data.store.forecast_checks import find_latest_forecast_check
from geo.errors import NoDataError
from geo.evaluation.verdict import DO_NOT_USE
from maps.offline import content_security_policy
from maps.pages.context import PageContext
from maps.pages.hazard_map import build_hazard_map, render_page
from maps.pages.landing import render_error, render_landing

STATIC_PATH = "/static"
SHOWN_PIXELS = 900
"""Width of the first view: the study area should fill it on an office screen."""

router = APIRouter(include_in_schema=False)


@router.get("/")
async def get_root(request: Request) -> RedirectResponse:
    """Lead to the landing page in the browser's language, Kazakh where it names none of ours."""
    return RedirectResponse(f"/{preferred_language(request)}", status_code=307)


@router.get("/{lang}")
def get_landing(lang: Lang, published: PublishedRuns) -> HTMLResponse:
    """Show the choice of role."""
    synthetic = published.workspace.region.synthetic
    return _page(*render_landing(lang, synthetic=synthetic))


@router.get("/{lang}/{role}")
def get_map(lang: Lang, role: Role, published: PublishedRuns) -> HTMLResponse:
    """Show a role's map; a page that says so where nothing is published yet."""
    opened = _find_current(published)
    if opened is None:
        return _page(*render_error(lang, 503), status=503)
    card = opened.snapshot.run_card
    context = PageContext(
        lang=lang,
        role=role,
        snapshot=card["run_id"],
        centre=tuple(card["centre"]),
        zoom=_first_zoom(card["bounds"]),
        bounds=tuple(card["bounds"]),
        synthetic=card["synthetic"],
        forecast_lost=forecast_lost(published),
        months_without_school=_months_without_school(card),
    )
    return _page(*render_page(build_hazard_map(context)))


def forecast_lost(published: Published) -> bool:
    """Tell whether the last check of the forecast said not to use it."""
    with published.database.reading() as connection:
        found = find_latest_forecast_check(connection)
    return found is not None and found.result["pooled"]["verdict"]["word"] == DO_NOT_USE


# -------------------------------------------------------------------------------------------


def _find_current(published: Published) -> OpenedSnapshot | None:
    try:
        return published.current()
    except NoDataError:
        return None


def _months_without_school(card: dict[str, Any]) -> tuple[int, ...]:
    days = card["model"].get("school_days_ahead", {})
    return tuple(sorted(int(month) for month, count in days.items() if count == 0))


def _first_zoom(bounds: list[float]) -> int:
    west, south, east, north = bounds
    squeeze = math.cos(math.radians((south + north) / 2))
    degrees = max(east - west, (north - south) / squeeze)
    return min(max(round(math.log2(360 / degrees * SHOWN_PIXELS / 256)), 9), 16)


def _page(html: str, script_hashes: list[str], *, status: int = 200) -> HTMLResponse:
    headers = {
        "Content-Security-Policy": content_security_policy(script_hashes),
        "Cache-Control": "private, max-age=0, must-revalidate",
    }
    return HTMLResponse(html, status_code=status, headers=headers)
