"""A job's own page: how far it is, a way to stop it, and what came of it."""

from __future__ import annotations

from typing import Any

from maps.job_texts import kind_text, moment_text, problem_text, stage_text, state_text
from maps.labels import shown_text
from maps.pages.clerk import ClerkPage, Page, Row, render_clerk
from maps.translations import catalogue

ENDED = frozenset({"done", "failed", "cancelled"})


def render_job(page: ClerkPage, job: Row, *, ahead: int) -> Page:
    """Render a job that waits or runs, one without a report, or one that was stopped.

    Parameters
    ----------
    job
        ``job_id, kind, state, created_at, progress, stage, label, cancel_requested, error``.
    ahead
        How many jobs are run before it.
    """
    say = catalogue(page.lang).gettext
    running = job["state"] not in ENDED
    error = job["error"] or {}
    values: dict[str, Any] = {
        "lead": _lead(page, job),
        "state": job["state"],
        "state_text": _state(page, job, ahead),
        "stage_text": stage_text(job["stage"], page.lang) if job["state"] == "running" else "",
        "running": running,
        "refresh": running,
        "progress": job["progress"],
        "problem": problem_text(error["code"], page.lang) if error else "",
        "detail": shown_text(str(error.get("message", ""))),
        "address": f"{page.base_path}/jobs/{job['job_id']}?lang={page.lang}",
        "here": f"{page.home}/jobs/{job['job_id']}",
        "map_links": _links(page, job),
    }
    own = {"cancel": say("Stop this work"), "progress": say("How far the work is")}
    return render_clerk(page, "clerk_job.html", kind_text(job["kind"], page.lang), own, values)


# -------------------------------------------------------------------------------------------


def _lead(page: ClerkPage, job: Row) -> str:
    when = moment_text(job["created_at"], page.time_zone, page.lang)
    return " · ".join(part for part in (shown_text(str(job["label"] or "")), when) if part)


def _state(page: ClerkPage, job: Row, ahead: int) -> str:
    say = catalogue(page.lang)
    if job["state"] == "running" and job["cancel_requested"]:
        return say.gettext("is being stopped")
    text = state_text(job["state"], page.lang)
    if job["state"] == "queued" and ahead:
        waits = say.ngettext("{count} job goes first", "{count} jobs go first", ahead)
        return f"{text} · {waits.format(count=ahead)}"
    return text


def _links(page: ClerkPage, job: Row) -> list[dict[str, str]]:
    if job["state"] != "done":
        return []
    address = f"{page.base_path}/{page.lang}/prosecutor"
    if job["kind"] == "build":
        return [{"href": address, "word": page.say("Open the map")}]
    if job["kind"] == "forecast":
        return [{"href": f"{address}/forecast", "word": page.say("Does the forecast hold?")}]
    return []
