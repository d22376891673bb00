"""The jobs: work that takes longer than a person waits for a page, one line each.

Every change is one short transaction. A job is taken by one runner only: on SQLite the transaction
holds the whole file, on PostgreSQL it holds the job's row and others skip it. All times are naive
UTC and come from the caller.
"""

from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Connection, case, insert, select, update

from data.tables import Job as JobTable
from data.tables import table_of
from geo.errors import NotFoundError

KINDS = ("preview", "import", "build", "layer", "forecast")
QUEUED, RUNNING, DONE, FAILED, CANCELLED = "queued", "running", "done", "failed", "cancelled"
STATES = (QUEUED, RUNNING, DONE, FAILED, CANCELLED)
ENDED = frozenset({DONE, FAILED, CANCELLED})

LOST_AFTER = dt.timedelta(seconds=60)
"""A running job that nobody has spoken for this long has lost its runner."""

MOST_ATTEMPTS = 2
JOB_LOST = "job_lost"
_LOST = {
    "code": JOB_LOST,
    "message": "The job was begun twice and ended both times without a word; its computer may have "
    "too little memory for it.",
}


@dataclass(frozen=True)
class Job:
    """One job as the database lists it.

    Attributes
    ----------
    job_id
        32 hex characters.
    kind, state
        One of `KINDS`, one of `STATES`.
    created_at, started_at, ended_at, heartbeat_at
        Naive UTC; None for what has not happened.
    progress, stage
        Share done (0–1) and the name of what is being done.
    attempts
        How often it was begun.
    cancel_requested
        Somebody wants it stopped.
    request, result, error
        What is to be done; what came of it; ``code`` and ``message`` of what went wrong.
    """

    job_id: str
    kind: str
    state: str
    created_at: dt.datetime
    started_at: dt.datetime | None = None
    ended_at: dt.datetime | None = None
    heartbeat_at: dt.datetime | None = None
    progress: float = 0.0
    stage: str = ""
    attempts: int = 0
    cancel_requested: bool = False
    request: dict[str, Any] = field(default_factory=dict)
    result: dict[str, Any] | None = None
    error: dict[str, Any] | None = None


def enqueue_job(
    connection: Connection,
    kind: str,
    request: dict[str, Any],
    now: dt.datetime,
    *,
    job_id: str | None = None,
) -> Job:
    """Put a job at the end of the queue; one whose id is there already stays as it is."""
    job = Job(job_id or secrets.token_hex(16), kind, QUEUED, now, request=request)
    known = _find(connection, job.job_id)
    if known is not None:
        return known
    connection.execute(insert(_jobs()).values(**vars(job)))
    return job


def take_next_job(connection: Connection, now: dt.datetime) -> Job | None:
    """Begin the job that has waited longest, previews first; None where nothing waits."""
    jobs = _jobs()
    first = case((jobs.c.kind == "preview", 0), else_=1)
    waiting = (
        select(jobs.c.job_id)
        .where(jobs.c.state == QUEUED)
        .order_by(first, jobs.c.created_at, jobs.c.job_id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    job_id = connection.execute(waiting).scalar()
    if job_id is None:
        return None
    begun = {
        "state": RUNNING,
        "started_at": now,
        "heartbeat_at": now,
        "attempts": jobs.c.attempts + 1,
        "progress": 0.0,
    }
    connection.execute(update(jobs).where(jobs.c.job_id == job_id).values(**begun))
    return get_job(connection, job_id)


def note_progress(
    connection: Connection, job_id: str, progress: float, stage: str, now: dt.datetime
) -> None:
    """Write down how far a running job is, and that its runner lives."""
    noted = {"progress": min(max(progress, 0.0), 1.0), "stage": stage[:200], "heartbeat_at": now}
    connection.execute(update(_jobs()).where(*_running(job_id)).values(**noted))


def is_wanted(connection: Connection, job_id: str) -> bool:
    """Tell whether a running job is to go on; unlike writing, asking holds nobody up."""
    jobs = _jobs()
    going_on = select(jobs.c.job_id).where(*_running(job_id), ~jobs.c.cancel_requested)
    return connection.execute(going_on).scalar() is not None


def finish_job(
    connection: Connection, job_id: str, result: dict[str, Any], now: dt.datetime
) -> None:
    """End a running job well."""
    _end(connection, job_id, now, {"state": DONE, "progress": 1.0, "result": result})


def fail_job(connection: Connection, job_id: str, error: dict[str, Any], now: dt.datetime) -> None:
    """End a running job with what went wrong: ``code``, ``message`` and counts, never a row."""
    _end(connection, job_id, now, {"state": FAILED, "error": error})


def cancel_job(connection: Connection, job_id: str, now: dt.datetime) -> None:
    """End a running job that was stopped on somebody's wish."""
    _end(connection, job_id, now, {"state": CANCELLED})


def put_back_job(connection: Connection, job_id: str) -> None:
    """Let a running job wait again, as if it had not been begun: its runner is ending."""
    jobs = _jobs()
    waiting = {"state": QUEUED, "attempts": jobs.c.attempts - 1, "progress": 0.0}
    connection.execute(update(jobs).where(*_running(job_id)).values(**waiting))


def request_cancel(connection: Connection, job_id: str, now: dt.datetime) -> Job:
    """Stop a job: one that waits at once, one that runs as soon as its runner looks.

    Raises
    ------
    NotFoundError
        ``job_unknown``.
    """
    jobs = _jobs()
    get_job(connection, job_id)
    waiting = [jobs.c.job_id == job_id, jobs.c.state == QUEUED]
    stopped = {"state": CANCELLED, "ended_at": now, "cancel_requested": True}
    connection.execute(update(jobs).where(*waiting).values(**stopped))
    connection.execute(update(jobs).where(*_running(job_id)).values(cancel_requested=True))
    return get_job(connection, job_id)


def get_job(connection: Connection, job_id: str) -> Job:
    """Return a job.

    Raises
    ------
    NotFoundError
        ``job_unknown``.
    """
    job = _find(connection, job_id)
    if job is None:
        raise NotFoundError("There is no such job.", code="job_unknown")
    return job


def list_jobs(connection: Connection, limit: int = 50) -> list[Job]:
    """List the jobs, newest first."""
    jobs = _jobs()
    wanted = select(*_columns()).order_by(jobs.c.created_at.desc(), jobs.c.job_id).limit(limit)
    return [_job(row) for row in connection.execute(wanted).mappings()]


def jobs_ahead(connection: Connection, job: Job) -> int:
    """Count the jobs that are run before a waiting one."""
    others = [one for one in _unfinished(connection) if one.job_id != job.job_id]
    mine = _turn(job)
    return sum(one.state == RUNNING or _turn(one) < mine for one in others)


def find_unfinished_job(connection: Connection, kind: str) -> Job | None:
    """Return the job of a kind that waits or runs and was asked for first; None where none does."""
    found = [job for job in _unfinished(connection) if job.kind == kind]
    return min(found, key=_turn, default=None)


def requeue_lost_jobs(connection: Connection, now: dt.datetime) -> int:
    """Let jobs without a runner wait again; one lost for the second time has failed.

    Returns
    -------
    int
        How many jobs had lost their runner.
    """
    jobs = _jobs()
    return _lose(connection, (jobs.c.state == RUNNING, jobs.c.heartbeat_at < now - LOST_AFTER), now)


def lose_job(connection: Connection, job_id: str, now: dt.datetime) -> None:
    """Do as `requeue_lost_jobs` for a job whose process has just ended without a word."""
    _lose(connection, _running(job_id), now)


def find_waiting_job(connection: Connection) -> bool:
    """Tell whether any job waits; unlike taking one, asking holds nobody up."""
    waiting = select(_jobs().c.job_id).where(_jobs().c.state == QUEUED).limit(1)
    return connection.execute(waiting).scalar() is not None


# -------------------------------------------------------------------------------------------


def _jobs() -> Any:
    return table_of(JobTable)


def _columns() -> list[Any]:
    return [_jobs().c[name] for name in Job.__dataclass_fields__]


def _job(row: Any) -> Job:
    return Job(**row)


def _find(connection: Connection, job_id: str) -> Job | None:
    wanted = select(*_columns()).where(_jobs().c.job_id == job_id)
    found = connection.execute(wanted).mappings().first()
    return None if found is None else _job(found)


def _unfinished(connection: Connection) -> list[Job]:
    wanted = select(*_columns()).where(_jobs().c.state.in_((QUEUED, RUNNING)))
    return [_job(row) for row in connection.execute(wanted).mappings()]


def _turn(job: Job) -> tuple[bool, dt.datetime, str]:
    return (job.kind != "preview", job.created_at, job.job_id)


def _running(job_id: str) -> tuple[ColumnElement[bool], ...]:
    jobs = _jobs()
    return (jobs.c.job_id == job_id, jobs.c.state == RUNNING)


def _end(connection: Connection, job_id: str, now: dt.datetime, values: dict[str, Any]) -> None:
    ended = {"ended_at": now, "heartbeat_at": now, **values}
    connection.execute(update(_jobs()).where(*_running(job_id)).values(**ended))


def _lose(connection: Connection, lost: tuple[ColumnElement[bool], ...], now: dt.datetime) -> int:
    jobs = _jobs()
    failed = {"state": FAILED, "ended_at": now, "error": _LOST}
    stopped = {"state": CANCELLED, "ended_at": now}
    changes = (
        (update(jobs).where(*lost, jobs.c.cancel_requested), stopped),
        (update(jobs).where(*lost, jobs.c.attempts >= MOST_ATTEMPTS), failed),
        (update(jobs).where(*lost), {"state": QUEUED}),
    )
    return sum(connection.execute(change.values(**values)).rowcount for change, values in changes)
