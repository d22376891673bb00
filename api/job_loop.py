"""Run jobs one after another, each in a process of its own, and do the nightly schedule."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from data.database import Database, Patience, open_database
from data.schedule import due_jobs
from data.settings import StoreSettings
from data.store.jobs import (
    Job,
    cancel_job,
    enqueue_job,
    fail_job,
    find_waiting_job,
    finish_job,
    is_wanted,
    lose_job,
    note_progress,
    put_back_job,
    requeue_lost_jobs,
    take_next_job,
)
from data.uploads import remove_old_uploads
from data.workspace import Workspace
from geo.errors import DatabaseUnreachableError

LOOK_EVERY = 0.5
"""Seconds between two looks into the queue, and at a running job."""

NEWS_EVERY, HEARTBEAT_EVERY = 1.0, 5.0
"""Seconds between two notes of a running job: where it told something, and where it did not."""

SETTLE_WITHIN = 120.0
"""Seconds for which the end of a job is tried to be written down while others hold the store."""

END_WITHIN = 10.0
"""Seconds that a job has to stop by itself before it is killed."""

TIDY_EVERY = 30.0
PATIENCE = Patience(lock=1)
"""A runner that waits for the store hears nobody; it comes again instead."""

_START = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from api.worker import main; main()"
)


@dataclass
class _Course:
    """How a job goes, as far as its process has told."""

    progress: float = 0.0
    stage: str = ""
    outcome: dict[str, Any] | None = None
    ended: bool = False
    wished_away: bool = False
    told: queue.Queue[dict[str, Any] | None] = field(default_factory=queue.Queue)


class JobLoop:
    """The runner of one workspace's jobs.

    Parameters
    ----------
    workspace, database
        Whose jobs.
    """

    def __init__(self, workspace: Workspace, database: Database) -> None:
        self._workspace, self._database = workspace, database
        self._tidied = -TIDY_EVERY

    def run(self, stop: threading.Event, *, once: bool = False) -> int:
        """Do jobs until told to stop, or with ``once`` until none waits; return how many.

        A job that runs when it is told to stop waits again for the next runner.
        """
        done = 0
        while not stop.is_set():
            try:
                self._tidy()
                job = self._take()
            except DatabaseUnreachableError:
                stop.wait(LOOK_EVERY)
                continue
            if job is not None:
                self._do(job, stop)
                done += 1
            elif once:
                break
            else:
                stop.wait(LOOK_EVERY)
        return done

    def _take(self) -> Job | None:
        with self._database.reading() as connection:
            if not find_waiting_job(connection):
                return None
        with self._database.writing() as connection:
            return take_next_job(connection, _now())

    def _tidy(self) -> None:
        if monotonic() - self._tidied < TIDY_EVERY:
            return
        now, region = _now(), self._workspace.region
        due = due_jobs(region.schedule, region.time_zone, now.replace(tzinfo=UTC))
        with self._database.writing() as connection:
            requeue_lost_jobs(connection, now)
            for place, one in enumerate(due):
                waits_from = now + timedelta(microseconds=place)
                enqueue_job(connection, one.kind, one.request, waits_from, job_id=one.job_id)
        remove_old_uploads(self._workspace, now)
        self._tidied = monotonic()

    def _do(self, job: Job, stop: threading.Event) -> None:
        with _process(job, self._workspace.path) as process:
            course = _Course()
            listener = threading.Thread(target=_listen, args=(process, course), daemon=True)
            listener.start()
            self._accompany(process, job, course, stop)
            process.wait()
            listener.join()
            _hear(course)
        self._settle(job, course, stopping=stop.is_set())

    def _accompany(
        self,
        process: subprocess.Popen[str],
        job: Job,
        course: _Course,
        stop: threading.Event,
    ) -> None:
        """Write down how the job goes until its process ends; end it where nobody wants it."""
        noted_at = ended_at = 0.0
        news = True
        while not course.ended:
            news = _hear(course, LOOK_EVERY) or news
            if monotonic() - noted_at > (NEWS_EVERY if news else HEARTBEAT_EVERY):
                self._note(job, course)
                noted_at, news = monotonic(), False
            course.wished_away = course.wished_away or not self._is_wanted(job)
            if not ended_at and (course.wished_away or stop.is_set()):
                process.terminate()
                ended_at = monotonic()
            if ended_at and monotonic() - ended_at > END_WITHIN:
                _kill(process)

    def _is_wanted(self, job: Job) -> bool:
        try:
            with self._database.reading() as connection:
                return is_wanted(connection, job.job_id)
        except DatabaseUnreachableError:
            return True

    def _note(self, job: Job, course: _Course) -> None:
        """Write down progress and life; a store that is held by another lets the job go on."""
        with suppress(DatabaseUnreachableError), self._database.writing() as connection:
            note_progress(connection, job.job_id, course.progress, course.stage, _now())

    def _settle(self, job: Job, course: _Course, *, stopping: bool) -> None:
        until = monotonic() + SETTLE_WITHIN
        while True:
            try:
                with self._database.writing() as connection:
                    _write_end(connection, job.job_id, course, stopping=stopping)
                return
            except DatabaseUnreachableError:
                if monotonic() > until:
                    raise
                sleep(LOOK_EVERY)


@contextmanager
def job_loop(workspace: Workspace) -> Iterator[JobLoop]:
    """Open a runner with connections of its own."""
    database = open_database(workspace.database_url(StoreSettings()), PATIENCE)
    try:
        yield JobLoop(workspace, database)
    finally:
        database.close()


@contextmanager
def jobs_beside(workspace: Workspace) -> Iterator[None]:
    """Run jobs in a thread of this process while the block lasts."""
    stop = threading.Event()
    with job_loop(workspace) as loop:
        thread = threading.Thread(target=loop.run, args=(stop,), name="jobs")
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()


# -------------------------------------------------------------------------------------------


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)


@contextmanager
def _process(job: Job, directory: Path) -> Iterator[subprocess.Popen[str]]:
    path = [entry or str(Path.cwd()) for entry in sys.path]
    process = subprocess.Popen(
        [sys.executable, "-c", _START, json.dumps(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        start_new_session=True,  # an interrupt from the keyboard is the runner's to handle
    )
    assert process.stdin is not None
    asked = {"kind": job.kind, "job_id": job.job_id, "request": job.request, "dir": str(directory)}
    try:
        process.stdin.write(json.dumps(asked) + "\n")
        process.stdin.flush()
        yield process
    finally:
        _kill(process)
        process.wait()
        process.stdin.close()


def _listen(process: subprocess.Popen[str], course: _Course) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        course.told.put(json.loads(line, parse_constant=_no_number))
    process.stdout.close()
    course.told.put(None)


def _no_number(_name: str) -> None:
    """Take NaN and infinity for nothing: the database has no JSON for them."""


def _hear(course: _Course, patience: float = 0.0) -> bool:
    """Take in what the process has told since; say whether there was anything new."""
    news = False
    while True:
        try:
            told = course.told.get(timeout=patience) if patience else course.told.get_nowait()
        except queue.Empty:
            return news
        patience, news = 0.0, True
        if told is None:
            course.ended = True
        elif "stage" in told:
            course.stage = told["stage"]
            course.progress = told["progress"] or 0.0
        else:
            course.outcome = told


def _write_end(connection: Any, job_id: str, course: _Course, *, stopping: bool) -> None:
    outcome = course.outcome or {}
    if outcome.get("result") is not None:
        finish_job(connection, job_id, outcome["result"], _now())
    elif outcome.get("error") is not None:
        fail_job(connection, job_id, outcome["error"], _now())
    elif course.wished_away:
        cancel_job(connection, job_id, _now())
    elif stopping:
        put_back_job(connection, job_id)
    else:
        lose_job(connection, job_id, _now())


def _kill(process: subprocess.Popen[str]) -> None:
    """End the process and whatever it started; its children stand in its own group."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
