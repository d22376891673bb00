"""A build as a job: in its own process, whose copies write tiles beside it and end with it."""

import os
import shutil
import threading
from pathlib import Path

import pytest

from api.job_loop import JobLoop
from api.opening import opened_workspace
from data.store import jobs as store
from tests.api.test_jobs import (
    NOW,
    children_of,
    enqueued,
    incident_file,
    ran,
    state_of,
    uploaded,
    wait_for,
)


@pytest.fixture
def town(demo_workspace, tmp_path):
    """A copy of the demo town with an import that its map does not know, and its database."""
    shutil.copytree(demo_workspace, tmp_path / "town")
    workspace, database = opened_workspace(tmp_path / "town")
    upload = uploaded(workspace, incident_file(workspace))
    assert ran((workspace, database), "import", {"upload": upload.upload_id}).state == "done"
    yield workspace, database
    database.close()


def test_cancelled_build_ends_with_its_copies_and_the_next_one_publishes_every_archive(town):
    workspace, database = town
    stop, cancelled = threading.Event(), enqueued(database, "build")
    runner = threading.Thread(target=JobLoop(workspace, database).run, args=(stop,))
    runner.start()
    try:
        wait_for(copies_of_workers)
        copies = copies_of_workers()
        with database.writing() as connection:
            store.request_cancel(connection, cancelled.job_id, NOW)
        wait_for(lambda: state_of(database, cancelled) == "cancelled")
        assert not any(command_of(pid) for pid in copies)
        assert not list(workspace.snapshots.glob(".unfinished-*"))

        made = enqueued(database, "build")
        wait_for(lambda: state_of(database, made) == "done", seconds=60)
    finally:
        stop.set()
        runner.join()

    with database.reading() as connection:
        result = store.get_job(connection, made.job_id).result
    assert result["published"]
    assert len(list((workspace.snapshots / result["run_id"]).glob("*.tiles.zip"))) == 5


def copies_of_workers():
    """Processes that run the same command as their parent, a job's process that we started."""
    workers = [pid for pid in children_of(os.getpid()) if b"api.worker" in command_of(pid)]
    return [
        pid for worker in workers for pid in children_of(worker) if b"api.worker" in command_of(pid)
    ]


def command_of(pid):
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""
