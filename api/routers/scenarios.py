"""What light, a patrol stop or a camera would take away at a section."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Query

from api.dependencies import PublishedRuns
from api.scenarios import section_scenario
from api.schemas import ScenarioQuery, SectionPath
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
