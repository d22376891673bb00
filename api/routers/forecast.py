"""Whether the forecast held: the latest check, as JSON and as a page for each role."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from api.answers import as_rows
from api.clerk_desk import ClerkDesk
from api.dependencies import Published, PublishedRuns
from api.preferred_language import preferred_language
from api.same_origin import form_token, keep_token
from api.schemas import Lang, Role, RoleQuery
from data.store.forecast_checks import find_latest_forecast_check
from geo import columns as c
from geo.disclosure_forecast import disclose_forecast
from geo.errors import NoDataError
from maps.labels import section_label
from maps.offline import content_security_policy
from maps.pages.forecast import ForecastPage, render_forecast

ASKING_ROLES = ("prosecutor",)
"""Roles whose page bears the button that asks for a check."""

router = APIRouter(tags=["forecast"])


@router.get("/forecast", response_model=None, summary="Whether the forecast held")
def get_forecast(
    request: Request, published: PublishedRuns, query: RoleQuery = Query()
) -> dict[str, Any] | RedirectResponse:
    """Return the latest check as a role may see it; a browser is led to the page."""
    if "text/html" in request.headers.get("accept", ""):
        return RedirectResponse(f"/{preferred_language(request)}/forecast", status_code=307)
    told = _find_told(published, query.role)
    if told is None:
        raise NoDataError(
            "The forecast has not been checked yet: run 'safe-region backtest'.",
            code="not_checked",
        )
    return told


@router.get("/{lang}/forecast", include_in_schema=False)
def get_forecast_page(lang: Lang) -> RedirectResponse:
    """Lead to the page that anybody may see."""
    return RedirectResponse(f"/{lang}/public/forecast", status_code=307)


@router.get("/{lang}/{role}/forecast", include_in_schema=False)
def get_role_page(
    request: Request, lang: Lang, role: Role, published: PublishedRuns, desk: ClerkDesk
) -> Response:
    """Show the latest check as a role may see it."""
    told = _find_told(published, role)
    asks = role in ASKING_ROLES
    under_way = desk.forecast_check_under_way() if asks else None
    region = published.workspace.region
    page = ForecastPage(
        lang=lang,
        role=role,
        time_zone=region.time_zone,
        synthetic=region.synthetic,
        token=form_token(request) if asks else "",
        job=under_way.job_id if under_way else "",
        labels=_labels(published, told, lang),
    )
    html, script_hashes = render_forecast(page, told)
    answer = HTMLResponse(html)
    answer.headers["Content-Security-Policy"] = content_security_policy(script_hashes, forms=asks)
    answer.headers["Cache-Control"] = "no-store"
    if asks:
        keep_token(request, answer)
    return answer


# -------------------------------------------------------------------------------------------


def _find_told(published: Published, role: str) -> dict[str, Any] | None:
    with published.database.reading() as connection:
        found = find_latest_forecast_check(connection)
    if found is None:
        return None
    return disclose_forecast({**found.result, "check_id": found.check_id}, role)


def _labels(published: Published, told: dict[str, Any] | None, lang: str) -> dict[str, str]:
    """Name the sections whose place is not sure, as far as the map of today still has them."""
    wanted = ((told or {}).get("stability") or {}).get("unstable", ())
    if not wanted:
        return {}
    try:
        sections = published.current().disclosed_sections("prosecutor")
    except NoDataError:
        return {}
    rows = as_rows(sections.loc[sections.index.intersection(list(wanted))])
    return {row[c.SECTION_ID]: section_label(row, lang) for row in rows}
