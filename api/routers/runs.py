"""Published runs and what stands in the current one."""

from __future__ import annotations

import datetime as dt
from typing import Any

from fastapi import APIRouter, Query

from api.dependencies import PublishedRuns
from api.schemas import SectionQuery
from data.snapshots import list_runs
from maps.labels import basis_text, data_date_text, reading_note

router = APIRouter(tags=["runs"])


@router.get("/runs", summary="Published runs, newest first")
def get_runs(published: PublishedRuns) -> list[dict[str, str]]:
    """List run ids with the day each stands on and when it was published."""
    return [
        {
            "run_id": run.run_id,
            "as_of": run.as_of.isoformat(),
            "published_at": run.published_at.isoformat(),
        }
        for run in list_runs(published.database)
    ]


@router.get("/runs/current", summary="What the map on screen was made from")
def get_current_run(published: PublishedRuns, query: SectionQuery = Query()) -> dict[str, Any]:
    """Return dates, counts and the reading note of the current run."""
    card = published.current().snapshot.run_card
    incidents = card["counts"]["incidents"]
    as_of = dt.date.fromisoformat(card["as_of"])
    osm_date = card["osm_date"] and dt.date.fromisoformat(card["osm_date"])
    shown = (
        *("run_id", "as_of", "name", "synthetic", "period", "osm_date", "bounds", "centre"),
        *("unit", "reference_basis"),
    )
    return {
        **{key: card[key] for key in shown},
        "incidents": incidents,
        "data_date": data_date_text(as_of, osm_date, query.lang),
        "basis_note": basis_text(card["reference_basis"], query.lang),
        "reading_note": reading_note(incidents, _period(card), query.lang),
    }


# -------------------------------------------------------------------------------------------


def _period(card: dict[str, Any]) -> tuple[dt.date, dt.date]:
    first, last = card["period"]
    return dt.date.fromisoformat(first), dt.date.fromisoformat(last)
