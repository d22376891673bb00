"""Published runs: sealed folders of frames and tiles, and the pointer that says which one counts.

A folder is a pure function of what the run was made from; clock, seconds and memory stand in the
database's run row. The folder is complete on disk before one transaction inserts the row and
moves the pointer, so a reader sees the old run whole or the new one whole.
"""

from __future__ import annotations

import datetime as dt
import importlib.metadata
import json
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from data.database import Database
from data.frame_files import read_frame, write_frame
from data.sealed_folders import (
    MANIFEST,
    canonical_json,
    file_sha256,
    is_intact,
    new_folder,
    read_manifest,
    remove_orphans,
    seal,
    write_manifest,
)
from data.store.runs import (
    RunRow,
    find_run,
    lock_current_run,
    move_current_run,
    read_current_run,
    read_runs,
    save_run,
)
from data.tile_archive import TileArchive, open_tiles
from geo import columns as c
from geo.errors import NotFoundError, SafeRegionError, UsageError

RUN_CARD = "run_card.json"
Writer = Callable[[Path], object]


@dataclass(frozen=True)
class Snapshot:
    """An opened snapshot; frames and archives are read when asked for.

    Attributes
    ----------
    path
        Its folder.
    run_id
        The run it holds.
    manifest
        Hash, size and rows of each file.
    run_card
        What the run was made from and what came out, as written.
    """

    path: Path
    run_id: str
    manifest: dict[str, Any]
    run_card: dict[str, Any]

    def read_frame(self, name: str) -> pd.DataFrame:
        """Read a frame as it was written (a GeoDataFrame where it has a geometry).

        Raises
        ------
        NotFoundError
            ``frame_missing``.
        SafeRegionError
            ``folder_damaged``.
        """
        return read_frame(self._intact(f"{name}.parquet"))

    def tile_archive(self, name: str) -> TileArchive:
        """Open the tile archive of a role grain, or ``basemap``; its marks begin with the run."""
        return open_tiles(self.path / tiles_file(name), stamp=self.run_id)

    def _intact(self, file: str) -> Path:
        listed = self.manifest["files"].get(file)
        if listed is None:
            raise NotFoundError(f"Run {self.run_id} holds no {file}.", code="frame_missing")
        if not is_intact(self.path / file, listed):
            raise SafeRegionError(
                f"{self.path / file} is damaged; run 'safe-region build' to write it again.",
                code="folder_damaged",
            )
        return self.path / file


def tiles_file(name: str) -> str:
    """Name the file of a tile archive, such as ``public.tiles.zip``."""
    return f"{name}.tiles.zip"


def write_snapshot(
    folder: Path,
    run_id: str,
    frames: dict[str, pd.DataFrame],
    writers: dict[str, Writer],
    run_card: dict[str, Any],
) -> str:
    """Write a run's folder whole; return the SHA-256 of its manifest.

    The bytes do not depend on the order of the frames' rows: they are sorted by the leading
    columns. A sound folder of the same run is kept, a damaged one replaced.

    Parameters
    ----------
    folder
        The workspace's folder of snapshots.
    run_id
        16 hex characters.
    frames
        By name; a GeoDataFrame becomes GeoParquet with a covering box.
    writers
        Further files by name, such as ``public.tiles.zip``; each is called with its path.
    run_card
        As JSON holds it; NaN is refused.

    Raises
    ------
    SafeRegionError
        ``disk_full``, or ``folder_differs`` where the same run gave other bytes before.
    """
    _check_run_id(run_id)
    remove_orphans(folder)
    with new_folder(folder) as draft:
        # Frames are packed by compiled code that leaves the interpreter to the tiles meanwhile.
        with ThreadPoolExecutor(1) as beside:
            packed = beside.submit(_write_frames, draft, frames)
            for name, write in sorted(writers.items()):
                write(draft / name)
            packed.result()
        (draft / RUN_CARD).write_bytes(canonical_json(run_card))
        rows = {f"{name}.parquet": len(frame) for name, frame in frames.items()}
        facts = {"run_id": run_id, "libraries": _library_versions()}
        manifest_sha256 = write_manifest(draft, facts, rows)
        seal(draft, folder / run_id)
    return manifest_sha256


def open_snapshot(folder: Path, run_id: str) -> Snapshot:
    """Open a run's folder.

    Raises
    ------
    NotFoundError
        ``snapshot_missing``.
    SafeRegionError
        ``folder_damaged``.
    """
    _check_run_id(run_id)
    path = folder / run_id
    if not (path / MANIFEST).is_file():
        raise NotFoundError(
            f"The snapshot of run {run_id} is not in {folder}; run 'safe-region build' or go back "
            "to a kept run with 'safe-region snapshots rollback'.",
            code="snapshot_missing",
        )
    manifest = read_manifest(path)
    card = path / RUN_CARD
    if not is_intact(card, manifest["files"].get(RUN_CARD, {"bytes": -1})):
        raise SafeRegionError(f"{card} is damaged.", code="folder_damaged")
    return Snapshot(path, run_id, manifest, json.loads(card.read_bytes()))


def publish_run(database: Database, row: RunRow, *, force: bool = False) -> None:
    """Insert the run and make it the current one, in one transaction.

    A run that was published before only becomes current again.

    Raises
    ------
    UsageError
        ``run_older``: the current run stands on a later day, and ``force`` is not set.
    """
    with database.writing() as connection:
        current = lock_current_run(connection)
        check_not_older(current, row.as_of, force=force)
        save_run(connection, row)
        move_current_run(connection, row.run_id)


def check_not_older(current: RunRow | None, as_of: dt.date, *, force: bool) -> None:
    """Refuse a day before the current run's, unless it is forced.

    A build asks before it begins; publishing asks again while it holds the pointer.

    Raises
    ------
    UsageError
        ``run_older``.
    """
    if current is not None and as_of < current.as_of and not force:
        raise UsageError(
            f"The current run {current.run_id} stands on {current.as_of}, later than {as_of}; add "
            "--force to publish the older day.",
            code="run_older",
        )


def rollback_to(database: Database, folder: Path, run_id: str) -> None:
    """Make an earlier run the current one; nothing is deleted.

    Raises
    ------
    NotFoundError
        ``run_unknown`` or ``snapshot_missing``.
    SafeRegionError
        ``folder_damaged``.
    """
    _check_run_id(run_id)
    with database.writing() as connection:
        lock_current_run(connection)
        row = find_run(connection, run_id)
        if row is None:
            raise NotFoundError(
                f"There is no published run {run_id}; 'safe-region snapshots list' names them.",
                code="run_unknown",
            )
        snapshot = open_snapshot(folder, run_id)
        if file_sha256(snapshot.path / MANIFEST) != row.manifest_sha256:
            raise SafeRegionError(f"{snapshot.path} is damaged.", code="folder_damaged")
        move_current_run(connection, run_id)


def find_current_run(database: Database) -> RunRow | None:
    """Return the run that everybody reads; None before the first publication."""
    with database.reading() as connection:
        return read_current_run(connection)


def list_runs(database: Database) -> list[RunRow]:
    """List the published runs, newest first (by the database's order, not by a clock)."""
    with database.reading() as connection:
        return read_runs(connection)


def diff_runs(folder: Path, before: str, after: str) -> pd.DataFrame:
    """List the sections whose class or rank differs between two runs, by their later rank.

    Returns ``section_id``, ``hazard_class_before``, ``hazard_class_after``, ``rank_before`` and
    ``rank_after`` (1 = the most harm expected); None where a run does not have the section.
    """
    earlier = _ranked(folder, before).add_suffix("_before")
    both = earlier.join(_ranked(folder, after).add_suffix("_after"), how="outer")
    same = pd.Series(True, both.index)
    for column in (c.HAZARD_CLASS, "rank"):
        same &= both[f"{column}_before"].eq(both[f"{column}_after"])
    order = [f"{c.HAZARD_CLASS}_before", f"{c.HAZARD_CLASS}_after", "rank_before", "rank_after"]
    changed = both.loc[~same, order].reset_index().sort_values(["rank_after", c.SECTION_ID])
    changed = changed.astype(object).where(changed.notna(), None)
    return changed.reset_index(drop=True)


# -------------------------------------------------------------------------------------------

_LIBRARIES = ("geopandas", "h3", "numpy", "pandas", "pyarrow", "pyproj", "scipy", "shapely")


def _write_frames(folder: Path, frames: dict[str, pd.DataFrame]) -> None:
    for name, frame in sorted(frames.items()):
        write_frame(folder / f"{name}.parquet", frame)


def _check_run_id(run_id: str) -> None:
    if not re.fullmatch(r"[0-9a-f]{16}", run_id):
        raise UsageError(f"{run_id[:32]!r} is no run id; it has 16 hex characters.")


def _library_versions() -> dict[str, str]:
    return {name: importlib.metadata.version(name) for name in _LIBRARIES}


def _ranked(folder: Path, run_id: str) -> pd.DataFrame:
    sections = open_snapshot(folder, run_id).read_frame("sections")
    sections = sections.sort_values([c.HAZARD, c.SECTION_ID], ascending=[False, True])
    sections = sections.assign(rank=range(1, len(sections) + 1))
    return pd.DataFrame(sections[[c.SECTION_ID, c.HAZARD_CLASS, "rank"]]).set_index(c.SECTION_ID)
