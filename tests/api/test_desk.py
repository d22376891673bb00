"""Files that a copy of the process writes: they arrive, fail aloud, and nothing stays behind."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from api.desk import Desk


def left_in(folder):
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith(".lock"))


def test_file_is_written_by_another_process_and_handed_over(tmp_path):
    target = tmp_path / "target"
    with Desk(tmp_path / "runs") as desk:
        writers = desk.begin({"pid": lambda path: path.write_text(str(os.getpid()))})
        writers["pid"](target)

    assert int(target.read_text()) != os.getpid()
    assert not [name for name in left_in(tmp_path / "runs") if "unfinished" in name]


def test_what_was_made_before_is_seen_and_what_the_copy_changes_is_not(tmp_path):
    made = {"rows": 3}

    def write(path):
        path.write_text(str(made["rows"]))
        made["rows"] = 4

    with Desk(tmp_path) as desk:
        desk.begin({"rows": write})["rows"](tmp_path / "rows")

    assert (tmp_path / "rows").read_text() == "3"
    assert made == {"rows": 3}


def test_error_of_a_writer_is_raised_where_the_file_is_waited_for(tmp_path):
    def fails(path):
        raise OSError(28, "No space left on device")

    with Desk(tmp_path) as desk:
        writers = desk.begin({"tiles": fails})
        with pytest.raises(OSError, match="No space left"):
            writers["tiles"](tmp_path / "tiles")


def test_file_of_a_copy_that_was_killed_is_written_here(tmp_path):
    here = os.getpid()

    def write(path):
        if os.getpid() != here:
            os.kill(os.getpid(), signal.SIGKILL)
        path.write_text("whole")

    with Desk(tmp_path) as desk:
        desk.begin({"tiles": write})["tiles"](tmp_path / "tiles")

    assert (tmp_path / "tiles").read_text() == "whole"


def test_leaving_early_ends_the_copy(tmp_path):
    mark = tmp_path / "mark"

    def slow(path):
        mark.write_text(str(os.getpid()))
        time.sleep(60)

    with Desk(tmp_path / "runs") as desk:
        desk.begin({"slow": slow})
        wait_for(mark)

    assert not lives(int(mark.read_text()))
    assert not [name for name in left_in(tmp_path / "runs") if "unfinished" in name]


@pytest.mark.skipif(sys.platform != "linux", reason="a copy ends with its parent on Linux alone")
def test_copy_ends_with_a_killed_run(tmp_path):
    mark = tmp_path / "mark"
    program = (
        "import os, sys, time; from pathlib import Path; from api.desk import Desk\n"
        f"mark = Path({str(mark)!r})\n"
        "def slow(path):\n    mark.write_text(str(os.getpid()))\n    time.sleep(60)\n"
        f"with Desk(Path({str(tmp_path / 'runs')!r})) as desk:\n"
        "    desk.begin({'slow': slow})\n    time.sleep(60)\n"
    )
    root = Path(__file__).parents[2]
    with subprocess.Popen([sys.executable, "-c", program], cwd=root) as run:
        wait_for(mark)
        run.kill()
    deadline = time.monotonic() + 10
    while lives(int(mark.read_text())) and time.monotonic() < deadline:
        time.sleep(0.05)

    assert not lives(int(mark.read_text()))


def wait_for(mark):
    deadline = time.monotonic() + 20
    while not (mark.exists() and mark.read_text()):
        assert time.monotonic() < deadline, "the copy did not begin"
        time.sleep(0.02)


def lives(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"
