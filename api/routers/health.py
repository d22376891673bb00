"""Is the process alive, and can it answer."""

from __future__ import annotations

from fastapi import APIRouter

from api.dependencies import PublishedRuns

router = APIRouter(tags=["health"])


@router.get("/healthz", summary="The process is alive")
async def healthz() -> dict[str, str]:
    """Answer without asking anything else."""
    return {"status": "alive"}


@router.get("/readyz", summary="The database answers and a run is published")
def readyz(published: PublishedRuns) -> dict[str, str]:
    """Name the current run; 503 without a database, 404 without a run."""
    return {"status": "ready", "run_id": published.current().snapshot.run_id}
