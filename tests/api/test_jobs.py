"""Jobs: the queue on both databases, the runner with processes of its own, the nightly slots."""

import datetime as dt
import json
import os
import shutil
import signal
import subprocess
import threading
import time
import urllib.request
from pathlib import Path

import pytest
import shapely

from api.job_loop import JobLoop
from api.opening import opened_workspace
from data.jobs import JobCancelled, run_job
from data.schedule import Schedule, due_jobs
from data.store import jobs as store
from data.uploads import IncomingUpload, clean_label, find_beside, get_upload, remove_old_uploads
from data.workspace import create_workspace, propose_region
from geo.errors import InputRefusedError, NotFoundError, UsageError
from tests.demo_town import COMMAND, run_command, serving

NOW = dt.datetime(2026, 11, 22, 8, 0)
LATER = NOW + dt.timedelta(seconds=90)


def enqueued(database, kind="build", request=None, now=NOW):
    with database.writing() as connection:
        return store.enqueue_job(connection, kind, request or {}, now)


def taken(database, now=NOW):
    with database.writing() as connection:
        return store.take_next_job(connection, now)


def state_of(database, job):
    with database.reading() as connection:
        return store.get_job(connection, job.job_id).state


def test_jobs_are_taken_in_their_order_and_previews_first(database):
    first = enqueued(database, "import")
    second = enqueued(database, "build", now=NOW + dt.timedelta(seconds=1))
    look = enqueued(database, "preview", now=NOW + dt.timedelta(seconds=2))
    with database.reading() as connection:
        assert store.jobs_ahead(connection, second) == 2
        assert store.jobs_ahead(connection, look) == 0
        assert [job.job_id for job in store.list_jobs(connection)] == [
            look.job_id, second.job_id, first.job_id,
        ]  # fmt: skip

    order = [taken(database).job_id for _ in range(3)]
    assert order == [look.job_id, first.job_id, second.job_id]
    assert taken(database) is None


def test_taken_job_runs_ends_and_keeps_its_words(database):
    job = enqueued(database, request={"noun": "incidents", "options": {"crs": "EPSG:4326"}})
    running = taken(database)
    assert (running.state, running.attempts, running.request) == ("running", 1, job.request)
    with database.writing() as connection:
        store.note_progress(connection, job.job_id, 1.5, "жарық" * 100, NOW)
        noted = store.get_job(connection, job.job_id)
        store.finish_job(connection, job.job_id, {"rows_read": 3}, LATER)
        done = store.get_job(connection, job.job_id)
        store.fail_job(connection, job.job_id, {"code": "late", "message": ""}, LATER)
        assert store.get_job(connection, job.job_id) == done
    assert (noted.progress, len(noted.stage)) == (1.0, 200)
    assert (done.state, done.result, done.ended_at) == ("done", {"rows_read": 3}, LATER)


def test_lost_job_is_begun_once_more_and_then_fails(database):
    job = enqueued(database)
    taken(database)
    with database.writing() as connection:
        assert store.requeue_lost_jobs(connection, NOW + dt.timedelta(seconds=59)) == 0
        assert store.requeue_lost_jobs(connection, LATER) == 1
    assert state_of(database, job) == "queued"
    assert taken(database, LATER).attempts == 2
    with database.writing() as connection:
        store.requeue_lost_jobs(connection, LATER + dt.timedelta(seconds=90))
        failed = store.get_job(connection, job.job_id)
    assert (failed.state, failed.error["code"]) == ("failed", store.JOB_LOST)


def test_waiting_job_is_cancelled_at_once_and_a_running_one_is_asked_to_end(database):
    waiting, running = enqueued(database), None
    with database.writing() as connection:
        assert store.request_cancel(connection, waiting.job_id, NOW).state == "cancelled"
    running = enqueued(database)
    taken(database)
    with database.writing() as connection:
        asked = store.request_cancel(connection, running.job_id, NOW)
        assert (asked.state, asked.cancel_requested) == ("running", True)
        assert not store.is_wanted(connection, running.job_id)
        store.cancel_job(connection, running.job_id, NOW)
    assert state_of(database, running) == "cancelled"
    with database.writing() as connection, pytest.raises(NotFoundError) as unknown:
        store.request_cancel(connection, "0" * 32, NOW)
    assert unknown.value.code == "job_unknown"


def test_two_runners_never_take_the_same_job(database):
    made = {enqueued(database).job_id for _ in range(12)}
    found, lock = [], threading.Lock()

    def run():
        while (job := taken(database)) is not None:
            with lock:
                found.append(job.job_id)

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == sorted(made)


# -------------------------------------------------------------------------------------------


def test_failure_is_told_by_its_code_and_never_by_a_row():
    def refuse(*_):
        raise InputRefusedError("row 3: no day.", code="time_missing", facts={"rows_read": 3})

    def burst(*_):
        raise ValueError("Иванов Иван, 900101300000")

    def cancel(*_):
        raise JobCancelled

    def run(doer):
        return run_job("import", "0" * 32, {}, {"import": doer}, lambda share, stage: None)

    assert run(refuse).error["code"] == "time_missing"
    assert run(refuse).error["facts"] == {"rows_read": 3}
    assert "Иванов" not in json.dumps(run(burst).error, ensure_ascii=False)
    assert "ValueError" in run(burst).error["message"]
    assert run(cancel).error is None
    assert run(cancel).result is None
    assert run_job("x", "", {}, {}, print).error["code"] == "kind_unknown"


# -------------------------------------------------------------------------------------------

NIGHTLY = Schedule(build="03:00", layer=True, imports={"incidents": "drop/*.csv"})


def due_at(text, schedule=NIGHTLY):
    return due_jobs(schedule, "Asia/Oral", dt.datetime.fromisoformat(text))


def test_slot_belongs_to_the_local_day_and_missed_slots_run_once():
    before = due_at("2026-11-21T21:59:00+00:00")  # 02:59 in Oral
    after = due_at("2026-11-21T22:00:00+00:00")
    next_noon = due_at("2026-11-22T07:00:00+00:00")
    days_off = due_at("2026-11-25T07:00:00+00:00")

    assert [one.kind for one in after] == ["import", "layer", "build"]
    assert before[0].request["slot"] == "2026-11-21T03:00"
    assert after[0].request["slot"] == "2026-11-22T03:00"
    assert after == next_noon
    assert {one.job_id for one in after}.isdisjoint({one.job_id for one in before})
    assert len(days_off) == 3
    assert due_at("2026-11-22T07:00:00+00:00", Schedule()) == []


def test_slot_is_queued_once_for_two_runners_and_after_a_restart(sqlite_database, tmp_path):
    workspace = type("Workspace", (), {"path": tmp_path, "region": None})()
    workspace.region = type("Region", (), {"schedule": NIGHTLY, "time_zone": "Asia/Oral"})()
    for _ in range(2):
        JobLoop(workspace, sqlite_database)._tidy()
    with sqlite_database.reading() as connection:
        listed = store.list_jobs(connection)
    assert sorted(job.kind for job in listed) == ["build", "import", "layer"]
    assert [taken(sqlite_database).kind for _ in range(3)] == ["import", "layer", "build"]


@pytest.mark.parametrize("pattern", ["/etc/*", "../*.csv", "drop/../../x", "**/*.csv", "a\\b"])
def test_schedule_stays_inside_the_workspace(pattern):
    with pytest.raises(ValueError, match="name files in the workspace"):
        Schedule(build="03:00", imports={"incidents": pattern})


@pytest.mark.parametrize("clock", ["3:00", "24:00", "03:60", "03:00:00"])
def test_time_of_the_schedule_is_hours_and_minutes(clock):
    with pytest.raises(ValueError, match="pattern"):
        Schedule(build=clock)


# -------------------------------------------------------------------------------------------


def made_town(folder):
    """Make a workspace without any data; return it with its database."""
    boundary = shapely.box(51.33, 51.19, 51.45, 51.27)
    create_workspace(folder, propose_region("Қала", boundary), boundary)
    return opened_workspace(folder)


@pytest.fixture
def town(tmp_path):
    """A workspace without any data, and its database."""
    workspace, database = made_town(tmp_path / "town")
    yield workspace, database
    database.close()


CSV = "күні;ендік;бойлық;бап\n{rows}"


def incident_file(workspace, rows=40):
    middle = workspace.study_area.boundary.centroid
    lines = [
        f"{1 + day % 28:02d}.0{1 + day % 9}.2026;{middle.y + day * 1e-5:.6f};{middle.x:.6f};188"
        for day in range(rows)
    ]
    return CSV.format(rows="\n".join(lines)).encode()


def uploaded(workspace, content, name="оқиғалар.csv", noun="incidents"):
    incoming = IncomingUpload(workspace)
    with incoming.new_file(name) as file:
        file.write(content)
    return incoming.complete(noun)


def ran(town, kind, request):
    workspace, database = town
    job = enqueued(database, kind, request)
    assert JobLoop(workspace, database).run(threading.Event(), once=True) == 1
    with database.reading() as connection:
        return store.get_job(connection, job.job_id)


def test_preview_stores_nothing_and_keeps_rows_out_of_the_database(town):
    workspace, database = town
    upload = uploaded(workspace, incident_file(workspace))
    job = ran(town, "preview", {"upload": upload.upload_id})
    assert job.error is None
    assert job.state == "done"
    assert job.result["rows_read"] == 40
    assert job.result["accepted"] == 40
    assert "preview" not in job.result
    assert "refused_rows" not in job.result
    with database.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM imports").scalar() == 0


def test_import_stores_and_a_refused_file_tells_its_reasons(town):
    workspace, _ = town
    upload = uploaded(workspace, incident_file(workspace))
    assert ran(town, "import", {"upload": upload.upload_id}).result["accepted"] == 40
    again = ran(town, "import", {"upload": upload.upload_id})
    assert (again.result["accepted"], again.result["duplicate"]) == (0, 40)

    broken = uploaded(workspace, CSV.format(rows="жоқ;x;y;188\n" * 5).encode())
    refused = ran(town, "import", {"upload": broken.upload_id})
    assert refused.state == "failed"
    assert refused.error["code"] in {"no_valid_rows", "too_many_bad_rows"}
    assert refused.error["facts"]["rows_read"] == 5


def test_folder_of_the_schedule_brings_in_each_file_once(town):
    workspace, _ = town
    drop = workspace.path / "drop"
    drop.mkdir()
    (drop / "one.csv").write_bytes(incident_file(workspace))
    (drop / "outside.csv").symlink_to("/etc/hostname")
    request = {"noun": "incidents", "drop": "drop/*.csv"}
    first, second = ran(town, "import", request), ran(town, "import", request)
    assert (first.result["files"], first.result["files_new"]) == (1, 1)
    assert first.result["accepted"] == 40
    assert second.result == {"files": 1, "files_new": 0}


def test_cancelled_job_ends_and_the_next_one_runs(town):
    workspace, database = town
    upload = uploaded(workspace, incident_file(workspace, rows=20000))
    job = enqueued(database, "import", {"upload": upload.upload_id})
    after = enqueued(database, "preview", {"upload": "0" * 32})
    with database.writing() as connection:  # the preview goes first unless it comes later
        store.request_cancel(connection, after.job_id, NOW)
    stop = threading.Event()
    thread = threading.Thread(target=JobLoop(workspace, database).run, args=(stop,))
    thread.start()
    try:
        wait_for(lambda: state_of(database, job) == "running")
        with database.writing() as connection:
            store.request_cancel(connection, job.job_id, NOW)
        wait_for(lambda: state_of(database, job) == "cancelled")
        assert lines_of(database) == 0
    finally:
        stop.set()
        thread.join()


def test_work_that_is_ended_lets_its_job_wait_again(town):
    workspace, database = town
    upload = uploaded(workspace, incident_file(workspace, rows=20000))
    job = enqueued(database, "import", {"upload": upload.upload_id})
    process = subprocess.Popen(
        [*COMMAND, "work", "--dir", str(workspace.path)], stderr=subprocess.DEVNULL
    )
    try:
        wait_for(lambda: state_of(database, job) == "running")
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0
    finally:
        process.kill()
        process.wait()
    assert state_of(database, job) == "queued"
    told = json.loads(run_command("work", "--once", "--json", directory=workspace.path).stdout)
    assert told == {"jobs": 1}
    assert state_of(database, job) == "done"


def test_killed_runner_takes_its_job_with_it_and_nothing_is_half_stored(town):
    workspace, database = town
    upload = uploaded(workspace, incident_file(workspace, rows=20000))
    job = enqueued(database, "import", {"upload": upload.upload_id})
    process = subprocess.Popen(
        [*COMMAND, "work", "--dir", str(workspace.path)], stderr=subprocess.DEVNULL
    )
    wait_for(lambda: children_of(process.pid))
    children = children_of(process.pid)
    process.kill()
    process.wait()
    wait_for(lambda: not any(os.path.exists(f"/proc/{pid}") for pid in children))
    assert state_of(database, job) == "running"
    with database.writing() as connection:
        long_ago = dt.datetime.now(dt.UTC).replace(tzinfo=None) + dt.timedelta(seconds=61)
        assert store.requeue_lost_jobs(connection, long_ago) == 1
    assert JobLoop(workspace, database).run(threading.Event(), once=True) == 1
    assert state_of(database, job) == "done"
    assert lines_of(database) == 1


def test_service_runs_jobs_itself_on_the_embedded_database(demo_workspace, tmp_path):
    shutil.copytree(demo_workspace, tmp_path / "town")
    workspace, database = opened_workspace(tmp_path / "town")
    with serving(workspace.path) as address:
        upload = uploaded(workspace, incident_file(workspace))
        job = enqueued(database, "preview", {"upload": upload.upload_id})
        wait_for(lambda: state_of(database, job) == "done", seconds=30)
        with urllib.request.urlopen(f"{address}/healthz") as answer:
            assert answer.status == 200


def lines_of(database):
    with database.reading() as connection:
        return connection.exec_driver_sql("SELECT count(*) FROM imports").scalar()


def children_of(pid):
    listed = [file.read_text() for file in Path(f"/proc/{pid}/task").glob("*/children")]
    return [int(child) for child in " ".join(listed).split()]


def wait_for(happened, seconds=20):
    until = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < until
        time.sleep(0.05)


# -------------------------------------------------------------------------------------------


def test_upload_is_private_numbered_and_goes_after_thirty_days(town):
    workspace, _ = town
    upload = uploaded(workspace, b"a;b\n1;2\n", name="..\\..\\тізім\u202e 1.csv")
    assert get_upload(workspace, upload.upload_id) == upload
    assert [file.name for file in upload.files] == ["0001.csv"]
    assert upload.label == "тізім 1.csv"
    assert upload.folder.stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in upload.folder.iterdir()} == {0o600}

    now = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    assert remove_old_uploads(workspace, now + dt.timedelta(days=29)) == 0
    assert remove_old_uploads(workspace, now + dt.timedelta(days=31)) == 1
    with pytest.raises(NotFoundError):
        get_upload(workspace, upload.upload_id)
    assert find_beside(upload, "0" * 32, "preview") is None


@pytest.mark.parametrize("upload_id", ["", "..", "0" * 31, "../../etc", "A" * 32, "0" * 32])
def test_upload_of_another_name_is_unknown(town, upload_id):
    with pytest.raises(NotFoundError):
        get_upload(town[0], upload_id)


@pytest.mark.parametrize("name", ["run.exe", "page.html", "noname", "a.csv.sh", ""])
def test_other_kinds_of_files_are_not_taken(town, name):
    with pytest.raises(InputRefusedError) as refused:
        IncomingUpload(town[0]).new_file(name)
    assert refused.value.code == "file_type_unknown"


@pytest.mark.bad_input("B50")
@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("/etc/passwd\r\nSet-Cookie: x.csv", "passwd Set-Cookie: x.csv"),
        ("C:\\desk\\1.csv", "1.csv"),
        ("...", "file"),
        ("a" * 300 + ".csv", "a" * 75 + "….csv"),
    ],
)
def test_label_of_a_file_has_no_folder_and_no_control_mark(name, label):
    assert clean_label(name) == label
    assert len(clean_label(name)) <= 80


def test_usage_of_a_schedule_stands_in_the_region(town):
    text = (town[0].path / "region.toml").read_text(encoding="utf-8")
    (town[0].path / "region.toml").write_text(text + '\n[schedule]\nbuild = "25:00"\n')
    with pytest.raises(UsageError, match=r"schedule\.build"):
        opened_workspace(town[0].path)
