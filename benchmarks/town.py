"""The demo town that several comparisons look at, and its newest snapshot."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from data.snapshots import Snapshot, open_snapshot
from tests.demo_town import run_command


@contextmanager
def demo_town() -> Iterator[Path]:
    """Yield the workspace named on the command line, or a new demo town for a while."""
    if len(sys.argv) > 1:
        yield Path(sys.argv[1])
        return
    with tempfile.TemporaryDirectory() as folder:
        yield make_demo_town(Path(folder))


def make_demo_town(folder: Path) -> Path:
    directory = folder / "town"
    run_command("demo", "--no-serve", directory=directory)
    return directory


def current_snapshot(directory: Path, run_id: str) -> Snapshot:
    return open_snapshot(directory / "snapshots", run_id)
