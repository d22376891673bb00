"""A build that is killed by kill -9 at any moment shows nothing half, and the next one heals it.

F02 with the real process: whoever reads meanwhile opens the old run whole or the new run whole.
"""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from data.database import open_database
from data.sealed_folders import find_damage
from data.snapshots import find_current_run, open_snapshot
from tests.api.test_build import LINES, Town
from tests.demo_town import COMMAND
from tests.hand_made_town import degrees

UNFINISHED = ".unfinished-*"
DRAWS = random.Random(20)
RANDOM_KILLS = [
    pytest.param(share, id=f"{n}, after {share:.0%}", marks=pytest.mark.full)
    for n, share in enumerate(DRAWS.uniform(0.3, 0.98) for _ in range(15))
]
"""With the five named points these are twenty kills, two of them in the ordinary tier."""

POINTS = {
    "first frame written": f"{UNFINISHED}/*.parquet",
    "tiles being written": f"{UNFINISHED}/*.tiles.zip",
    "last tiles being written": f"{UNFINISHED}/public.tiles.zip",
    "manifest written": f"{UNFINISHED}/manifest.json",
}


class Reader(threading.Thread):
    """Opens the current run again and again and keeps what it met."""

    def __init__(self, town: Town):
        super().__init__(daemon=True)
        self.folder = town.workspace.snapshots
        self.database = open_database(str(town.database.engine.url))
        self.met: list[str] = []
        self.torn: list[str] = []
        self.ended = threading.Event()

    def run(self):
        last = False
        while not last:
            last = self.ended.wait(0.02)  # one more look when all is over
            self._look()

    def _look(self):
        try:
            run_id = find_current_run(self.database).run_id
            opened = open_snapshot(self.folder, run_id)
            opened.read_frame("sections")
            opened.tile_archive("prosecutor")
            damage = find_damage(opened.path)
        except Exception as error:  # whatever a reader could meet is what must not happen
            self.torn.append(repr(error))
        else:
            self.met.append(run_id)
            self.torn += damage

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.join(30)
        self.database.close()


@dataclass(frozen=True)
class Waiting:
    """A town whose published run is older than its rows, and what the next build gives.

    ``seconds`` is what a build takes from the start of its process to its end.
    """

    town: Town
    before: str
    after: str
    hashes: dict[str, str]
    seconds: float

    def copy(self, folder: Path) -> Town:
        shutil.copytree(self.town.workspace.path, folder)
        return Town(folder)


@pytest.fixture(scope="module")
def waiting(tmp_path_factory):
    folder = tmp_path_factory.mktemp("killed")
    town = Town(folder / "town")
    town.take_map()
    for noun, lines in LINES.items():
        town.take(noun, lines)
    before = town.build()["run_id"]
    lat, lon = degrees(450, 450)
    town.take(
        "incidents",
        [f"2025-03-{day:02} 08:{day:02},violence,street,reported,{lat},{lon}" for day in (3, 4, 5)],
    )
    town.database.close()
    shutil.copytree(town.workspace.path, folder / "undisturbed")
    undisturbed = Town(folder / "undisturbed")
    started = time.monotonic()
    assert start_build(undisturbed).wait(120) == 0
    seconds = time.monotonic() - started
    after = find_current_run(undisturbed.database).run_id
    assert after != before
    return Waiting(town, before, after, undisturbed.hashes(after), seconds)


@pytest.mark.parametrize("share", RANDOM_KILLS)
def test_build_killed_at_any_moment(waiting, tmp_path, share):
    kill_and_heal(waiting, tmp_path, lambda town: time.sleep(share * waiting.seconds))


@pytest.mark.parametrize(
    "point",
    [pytest.param(point, marks=pytest.mark.full) for point in POINTS],
)
def test_build_killed_while_it_writes(waiting, tmp_path, point):
    met = kill_and_heal(waiting, tmp_path, lambda town: wait_for(town, POINTS[point]))
    assert met == waiting.before


def test_build_killed_between_folder_and_pointer(waiting, tmp_path):
    def folder_whole_and_pointer_held(town):
        wait_for(town, UNFINISHED)
        # While somebody else writes in the database, the pointer cannot be moved.
        writing = town.database.writing()
        held.enter_context(writing)
        wait_for(town, waiting.after)

    with ExitStack() as held:
        met = kill_and_heal(waiting, tmp_path, folder_whole_and_pointer_held, held)
    assert met == waiting.before


# -------------------------------------------------------------------------------------------


def start_build(town: Town) -> subprocess.Popen:
    town.database.close()
    return subprocess.Popen(
        [*COMMAND, "build", "--dir", str(town.workspace.path)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def wait_for(town: Town, pattern: str) -> None:
    until = time.monotonic() + 120
    while not any(town.workspace.snapshots.glob(pattern)):
        assert time.monotonic() < until, f"no {pattern} appeared"
        time.sleep(0.0005)


def kill_and_heal(
    waiting: Waiting,
    folder: Path,
    reach: Callable[[Town], object],
    held: ExitStack | None = None,
) -> str:
    """Kill a build where ``reach`` returns, build again; return the run met after the kill."""
    town = waiting.copy(folder / "town")
    with Reader(town) as reader:
        process = start_build(town)
        reach(town)
        process.send_signal(signal.SIGKILL)
        process.wait(30)
        if held is not None:
            held.close()
        met = find_current_run(town.database).run_id
        assert met in {waiting.before, waiting.after}
        assert find_damage(town.workspace.snapshots / met) == []

        healed = town.build()
    assert healed["run_id"] == find_current_run(town.database).run_id == waiting.after
    assert town.hashes(waiting.after) == waiting.hashes
    left = {path.name for path in town.workspace.snapshots.iterdir()}
    assert left == {waiting.before, waiting.after}
    assert reader.torn == []
    assert len(reader.met) > 10
    assert reader.met[-1] == waiting.after
    assert reader.met == sorted(reader.met, key=[waiting.before, waiting.after].index)
    return met
