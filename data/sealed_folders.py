"""Folders that appear whole or not at all, each with a manifest that tells damage later.

A folder is filled under a hidden temporary name, its files and itself are flushed to disk, and
one rename makes it visible. A process that dies leaves only the temporary folder, which the next
one removes.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from geo.errors import NotFoundError, SafeRegionError

MANIFEST = "manifest.json"
_UNFINISHED = ".unfinished-"


@contextmanager
def new_folder(parent: Path) -> Iterator[Path]:
    """Yield an empty temporary folder in ``parent``; what was not sealed at the end is removed.

    Raises
    ------
    SafeRegionError
        ``disk_full``; nothing is left behind.
    """
    parent.mkdir(parents=True, exist_ok=True)
    folder = parent / f"{_UNFINISHED}{secrets.token_hex(8)}"
    with _locked(parent):
        folder.mkdir()
        mark = os.open(folder, os.O_RDONLY)
        fcntl.flock(mark, fcntl.LOCK_EX)
    try:
        yield folder
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        raise SafeRegionError(
            f"The disk of {parent} is full; free some space and run the command again. "
            "Nothing was changed.",
            code="disk_full",
        ) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(mark)


def seal(folder: Path, target: Path) -> None:
    """Flush a complete folder to disk and rename it to ``target``.

    An undamaged ``target`` with the same manifest stays as it is; a damaged one is replaced.

    Raises
    ------
    SafeRegionError
        ``folder_differs`` where the target is sound and holds something else.
    """
    for path in sorted(folder.rglob("*")):
        _flush(path)
    _flush(folder)

    if target.exists():
        if not find_damage(target):
            if (target / MANIFEST).read_bytes() == (folder / MANIFEST).read_bytes():
                return
            raise SafeRegionError(
                f"{target} exists with other content; the same inputs must give the same bytes.",
                code="folder_differs",
            )
        target.rename(target.parent / f"{_UNFINISHED}{secrets.token_hex(8)}")
    folder.rename(target)
    _flush(target.parent)
    remove_orphans(target.parent)


def remove_orphans(parent: Path) -> int:
    """Remove temporary folders whose writer is gone; return how many there were."""
    if not parent.is_dir():
        return 0
    removed = 0
    with _locked(parent):
        for folder in sorted(parent.glob(f"{_UNFINISHED}*/")):
            mark = os.open(folder, os.O_RDONLY)
            try:
                fcntl.flock(mark, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue  # its writer lives
            else:
                shutil.rmtree(folder)
                removed += 1
            finally:
                os.close(mark)
    return removed


def write_manifest(folder: Path, facts: dict[str, Any], rows: dict[str, int]) -> str:
    """List every file with its hash, size and (where known) rows; return the manifest's SHA-256.

    Parameters
    ----------
    folder
        The complete folder.
    facts
        Further keys of the manifest.
    rows
        Number of rows by file name.
    """
    files: dict[str, dict[str, Any]] = {}
    for path in sorted(folder.iterdir()):
        files[path.name] = {"bytes": path.stat().st_size, "sha256": file_sha256(path)}
        if path.name in rows:
            files[path.name]["rows"] = rows[path.name]
    content = canonical_json({**facts, "files": files})
    (folder / MANIFEST).write_bytes(content)
    return hashlib.sha256(content).hexdigest()


def read_manifest(folder: Path) -> dict[str, Any]:
    """Read a sealed folder's manifest.

    Raises
    ------
    NotFoundError
        ``folder_missing``.
    SafeRegionError
        ``folder_damaged``.
    """
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_bytes())
    except (FileNotFoundError, NotADirectoryError) as error:
        raise NotFoundError(
            f"{folder} is missing or was never completed.", code="folder_missing"
        ) from error
    except ValueError as error:
        raise SafeRegionError(f"{folder / MANIFEST} is damaged.", code="folder_damaged") from error
    return manifest


def find_damage(folder: Path) -> list[str]:
    """Name the files that are missing, of another size or of other content than listed."""
    try:
        listed = read_manifest(folder)["files"]
    except (SafeRegionError, KeyError):
        return [MANIFEST]
    return [name for name, facts in listed.items() if not is_intact(folder / name, facts)]


def is_intact(path: Path, facts: dict[str, Any]) -> bool:
    """Tell whether a file still has the size and the hash that its manifest lists."""
    return (
        path.is_file()
        and path.stat().st_size == facts["bytes"]
        and file_sha256(path) == facts["sha256"]
    )


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file in hex."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def canonical_json(content: dict[str, Any]) -> bytes:
    """Render JSON whose bytes depend on the content alone: keys sorted, NaN refused."""
    return json.dumps(
        content, ensure_ascii=False, sort_keys=True, indent=1, allow_nan=False
    ).encode() + (b"\n")


def replace_file(path: Path, content: bytes) -> None:
    """Write a file so that a reader sees the old bytes or the new, never a part."""
    draft = path.parent / f"{_UNFINISHED}{secrets.token_hex(8)}"
    try:
        draft.write_bytes(content)
        _flush(draft)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    _flush(path.parent)


# -------------------------------------------------------------------------------------------


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Keep making and removing of temporary folders apart, over processes."""
    mark = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(mark, fcntl.LOCK_EX)
        yield
    finally:
        os.close(mark)


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
