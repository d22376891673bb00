"""A writer that is killed by kill -9 shows nothing half: F01 and F02 of the faults to survive."""

import os
import signal
import time
from multiprocessing.context import ForkServerContext
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import pytest

from data import sealed_folders
from data.database import Database, open_database
from data.sealed_folders import new_folder, remove_orphans
from data.snapshots import find_current_run, open_snapshot, publish_run
from data.store import frames as store_frames
from data.store.imports import list_imports, save_import
from data.store.incidents import read_incidents
from tests.data.test_snapshots import FIRST, SECOND, TOWN, flows, row, write
from tests.data.test_store import NO_FAULTS, incidents, record


def wait_to_be_killed(reached: Any) -> None:
    reached.set()
    time.sleep(60)


def killed_at(processes: ForkServerContext, target: Any, *arguments: Any) -> BaseProcess:
    """Start a process, let it come to the point it signals, and kill it there."""
    reached = processes.Event()
    process = processes.Process(target=target, args=(*arguments, reached))
    process.start()
    assert reached.wait(60)
    os.kill(process.pid, signal.SIGKILL)
    process.join(10)
    assert process.exitcode == -signal.SIGKILL
    return process


def publish_until(point: str, url: str, folder: Path, reached: Any) -> None:
    database = open_database(url)
    if point == "folder half written":
        sealed_folders.write_manifest = lambda *_: wait_to_be_killed(reached)  # type: ignore
        import data.snapshots

        data.snapshots.write_manifest = sealed_folders.write_manifest
    if point == "folder flushed, not renamed":
        real = Path.rename
        Path.rename = lambda path, target: (  # type: ignore
            wait_to_be_killed(reached) if Path(target).name == SECOND else real(path, target)
        )
    manifest = write(folder, SECOND, TOWN, flows())
    if point == "folder complete, pointer not moved":
        wait_to_be_killed(reached)
    if point == "pointer moved, not committed":
        import data.snapshots

        move = data.snapshots.move_current_run
        data.snapshots.move_current_run = lambda connection, run_id: (  # type: ignore
            move(connection, run_id),
            wait_to_be_killed(reached),
        )
    publish_run(database, row(SECOND, manifest))
    wait_to_be_killed(reached)


@pytest.mark.parametrize(
    ("point", "current"),
    [
        ("folder half written", FIRST),
        ("folder flushed, not renamed", FIRST),
        ("folder complete, pointer not moved", FIRST),
        ("pointer moved, not committed", FIRST),
        ("committed", SECOND),
    ],
)
def test_a_killed_publisher_leaves_the_old_run_or_the_new_one_whole(
    database: Database,
    database_url: str,
    processes: ForkServerContext,
    tmp_path: Path,
    point: str,
    current: str,
) -> None:
    folder = tmp_path / "snapshots"
    publish_run(database, row(FIRST, write(folder, FIRST, TOWN, flows())))

    killed_at(processes, publish_until, point, database_url, folder)

    run = find_current_run(database)
    assert run is not None
    assert run.run_id == current
    assert len(open_snapshot(folder, current).read_frame("sections")) == len(TOWN)

    # The next one cleans up, publishes, and nothing but whole snapshots is left.
    publish_run(database, row(SECOND, write(folder, SECOND, TOWN, flows())))
    run = find_current_run(database)
    assert run is not None
    assert run.run_id == SECOND
    assert sorted(path.name for path in folder.iterdir()) == [FIRST, SECOND]


def import_until(url: str, reached: Any) -> None:
    database = open_database(url)
    analyse = store_frames._analyse

    def analysing(*arguments: Any) -> None:
        wait_to_be_killed(reached)  # the rows are in, the ledger is not yet closed
        analyse(*arguments)

    store_frames._analyse = analysing
    with database.writing() as connection:
        save_import(connection, record(rows_read=50), incidents(50), NO_FAULTS)


def test_a_killed_import_stores_nothing_and_the_next_one_everything(
    database: Database, database_url: str, processes: ForkServerContext
) -> None:
    killed_at(processes, import_until, database_url)
    with database.reading() as connection:
        assert len(read_incidents(connection)) == len(list_imports(connection)) == 0
    with database.writing() as connection:
        saved = save_import(connection, record(rows_read=50), incidents(50), NO_FAULTS)
    assert saved.accepted == 50


def test_a_living_writer_keeps_its_folder_while_others_clean_up(tmp_path: Path) -> None:
    with new_folder(tmp_path) as mine:
        (mine / "tiles.zip").write_bytes(b"half")
        abandoned = tmp_path / f"{mine.name}0"
        abandoned.mkdir()
        assert remove_orphans(tmp_path) == 1
        assert (mine / "tiles.zip").exists()
        assert not abandoned.exists()
    assert list(tmp_path.iterdir()) == []
