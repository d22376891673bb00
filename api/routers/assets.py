"""Lamps and cameras: which are down, and what that costs the children's walk."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Query

from api.dependencies import PublishedRuns
from api.down_assets import down_assets
from api.schemas import DownQuery

router = APIRouter(tags=["assets"])


@router.get("/assets/down", summary="Lamps and cameras that are down, and what that costs")
def get_down_assets(published: PublishedRuns, query: DownQuery = Query()) -> dict[str, Any]:
    """Return what is down, each with its sentence; not for the public."""
    return down_assets(published, **query.model_dump())
