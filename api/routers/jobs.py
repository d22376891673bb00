"""Work that takes longer than a request: how far it is, and how to stop it."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse

from api.clerk_desk import ClerkDesk
from api.preferred_language import preferred_language
from api.same_origin import check_program
from api.schemas import Lang
from data.store.jobs import Job
from maps.job_texts import stage_text, state_text

router = APIRouter(tags=["jobs"])


@router.get("/jobs", response_model=None, summary="Jobs, newest first")
def get_jobs(
    request: Request, desk: ClerkDesk, lang: Lang = "kk"
) -> dict[str, Any] | RedirectResponse:
    """List the last fifty jobs; a browser is led to the clerk's page."""
    if "text/html" in request.headers.get("accept", ""):
        return RedirectResponse(f"/{preferred_language(request)}/clerk", status_code=307)
    return {"jobs": [told_job(job, lang) for job in desk.jobs()]}


@router.post(
    "/jobs/build",
    status_code=202,
    summary="Ask for a new map",
    dependencies=[Depends(check_program)],
)
def post_build(desk: ClerkDesk) -> dict[str, Any]:
    """Ask for a build from all that is stored; name the job."""
    return told_job(desk.build())


@router.post(
    "/jobs/forecast",
    status_code=202,
    summary="Ask for a check of the forecast",
    dependencies=[Depends(check_program)],
)
def post_forecast(desk: ClerkDesk) -> dict[str, Any]:
    """Ask for a comparison of the last quarters with what was forecast; name the job."""
    return told_job(desk.check_forecast())


@router.get("/jobs/{job_id}", summary="One job")
def get_job(job_id: str, desk: ClerkDesk, lang: Lang = "kk") -> dict[str, Any]:
    """Return how far a job is and what came of it."""
    return told_job(desk.job(job_id), lang)


@router.post("/jobs/{job_id}/cancel", summary="Stop a job", dependencies=[Depends(check_program)])
def post_cancel(job_id: str, desk: ClerkDesk) -> dict[str, Any]:
    """Stop a job that waits at once, one that runs within seconds; what it had begun is undone."""
    return told_job(desk.cancel(job_id))


# -------------------------------------------------------------------------------------------


def told_job(job: Job, lang: str = "kk") -> dict[str, Any]:
    """Return a job as JSON values, with its state and stage in words."""
    moments = ("created_at", "started_at", "ended_at")
    return {
        "job_id": job.job_id,
        "kind": job.kind,
        "state": job.state,
        "state_text": state_text(job.state, lang),
        "progress": job.progress,
        "stage": job.stage,
        "stage_text": stage_text(job.stage, lang),
        "cancel_requested": job.cancel_requested,
        "attempts": job.attempts,
        **{name: _utc(getattr(job, name)) for name in moments},
        "request": {
            name: job.request[name]
            for name in ("noun", "label", "drop", "slot")
            if name in job.request
        },
        "result": job.result,
        "error": job.error,
    }


def _utc(moment: Any) -> str | None:
    return None if moment is None else f"{moment.isoformat()}Z"
