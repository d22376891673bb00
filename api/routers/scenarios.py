"""What light, a patrol stop or a camera would take away at a section, and lamps at a point."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse

from api.dependencies import PublishedRuns
from api.lamp_scenarios import LampQuestion, lamp_scenario
from api.scenarios import section_scenario
from api.schemas import LampBody, LampQuery, LampSpot, ScenarioQuery, SectionPath
from geo.hazard.scenario import Scenario

router = APIRouter(tags=["places"])


@router.get("/sections/{section_id}/scenario", summary="What would be with light, patrol, camera")
def get_section_scenario(
    section_id: SectionPath, published: PublishedRuns, query: ScenarioQuery = Query()
) -> dict[str, Any]:
    """Return what a change would take away: assumed effects, each with its 90 % interval."""
    return section_scenario(
        published.current(),
        section_id,
        Scenario(
            lit_share=1.0 if query.light else None,
            camera_share=1.0 if query.camera else None,
            patrol_stop=query.patrol_stop,
        ),
        preset=query.preset,
        role=query.role,
        lang=query.lang,
    )


@router.post("/scenarios/lamp", summary="What would be with a lamp at a point")
def post_lamp_scenario(
    body: LampBody, published: PublishedRuns, query: LampQuery = Query()
) -> JSONResponse:
    """Return what a lamp would light and take away; others are taken together with it."""
    lamps = [lamp.model_dump(include={*LampSpot.model_fields}) for lamp in (body, *body.others)]
    question = LampQuestion(lamps, body.window, query.preset)
    answer = lamp_scenario(published, question, role=query.role, lang=query.lang)
    return JSONResponse(answer, headers={"Cache-Control": "no-store"})
