"""Files that were sent through the service, each set in a folder of its own until it is old.

A folder is named by 32 random hex characters and readable by the service's user alone. The files
in it are numbered; what a person called them is kept as a label only, never as a path.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import secrets
import shutil
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from data.sealed_folders import replace_file
from data.workspace import Workspace
from geo.errors import InputRefusedError, NotFoundError

SUFFIXES = (
    ".csv", ".tsv", ".txt", ".xlsx", ".xls", ".ods", ".geojson", ".json", ".gpkg", ".zip", ".gpx",
)  # fmt: skip
"""Kinds of files that may be sent; what a file holds is checked when it is read."""

KEPT_FOR = dt.timedelta(days=30)
LONGEST_LABEL = 80
_CARD = "upload.json"
_ID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class Upload:
    """Files of one noun that came together.

    Attributes
    ----------
    upload_id
        Name of the folder.
    folder
        The folder.
    noun
        What the rows of the files are.
    labels
        File in the folder → what a person called it.
    """

    upload_id: str
    folder: Path
    noun: str
    labels: dict[str, str]

    @property
    def files(self) -> list[Path]:
        """The files, in the order in which they came."""
        return [self.folder / name for name in sorted(self.labels)]

    @property
    def label(self) -> str:
        """What a person called the first file, and how many more there are."""
        first = self.labels[min(self.labels)]
        return first if len(self.labels) == 1 else f"{first} (+{len(self.labels) - 1})"


class IncomingUpload:
    """A folder that is being filled; it counts only once it is completed.

    Parameters
    ----------
    workspace
        Whose ``uploads`` folder it stands in.
    """

    def __init__(self, workspace: Workspace) -> None:
        self.upload_id = secrets.token_hex(16)
        self._folder = uploads_folder(workspace) / self.upload_id
        self._labels: dict[str, str] = {}

    def new_file(self, name: str) -> BinaryIO:
        """Open the next file for writing; ``name`` is what the sender calls it.

        Raises
        ------
        InputRefusedError
            ``file_type_unknown``.
        """
        label = clean_label(name)
        suffix = Path(label).suffix.lower()
        if suffix not in SUFFIXES:
            raise InputRefusedError(
                f"Files of this kind are not taken; send one of {', '.join(SUFFIXES)}.",
                code="file_type_unknown",
            )
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        target = f"{len(self._labels) + 1:04d}{suffix}"
        self._labels[target] = label
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
        return os.fdopen(os.open(self._folder / target, flags, 0o600), "wb")

    def complete(self, noun: str) -> Upload:
        """Write the card that makes the folder an upload.

        Raises
        ------
        InputRefusedError
            ``file_missing`` where no file came, ``file_empty`` where one holds nothing.
        """
        if not self._labels:
            raise InputRefusedError("No file was sent; choose one.", code="file_missing")
        if any((self._folder / name).stat().st_size == 0 for name in self._labels):
            raise InputRefusedError("The file is empty.", code="file_empty")
        _write(self._folder / _CARD, {"noun": noun, "labels": self._labels})
        return Upload(self.upload_id, self._folder, noun, dict(self._labels))

    def discard(self) -> None:
        """Remove what has come so far."""
        shutil.rmtree(self._folder, ignore_errors=True)


def uploads_folder(workspace: Workspace) -> Path:
    """Return the folder of the uploads, made on first use for this user alone."""
    folder = workspace.path / "uploads"
    folder.mkdir(exist_ok=True, mode=0o700)
    return folder


def get_upload(workspace: Workspace, upload_id: str) -> Upload:
    """Return an upload that is complete.

    Raises
    ------
    NotFoundError
        ``upload_unknown``: never there, or removed because it was old.
    """
    folder = uploads_folder(workspace) / upload_id
    if not _ID.fullmatch(upload_id) or not (folder / _CARD).is_file():
        raise NotFoundError("This file is not here any more; send it again.", code="upload_unknown")
    card = json.loads((folder / _CARD).read_text(encoding="utf-8"))
    return Upload(upload_id, folder, card["noun"], card["labels"])


def save_beside(upload: Upload, job_id: str, what: str, content: Any) -> Path:
    """Keep something of a job beside the files, such as rows to look at; it goes when they go."""
    file = upload.folder / f"{job_id}.{what}.json"
    _write(file, content)
    return file


def find_beside(upload: Upload, job_id: str, what: str) -> Any:
    """Return what `save_beside` kept, or None."""
    file = upload.folder / f"{job_id}.{what}.json"
    return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else None


def remove_old_uploads(workspace: Workspace, now: dt.datetime) -> int:
    """Remove uploads that were touched last more than `KEPT_FOR` ago; return how many.

    Parameters
    ----------
    now
        Naive UTC.
    """
    oldest = (now - KEPT_FOR).replace(tzinfo=dt.UTC).timestamp()
    old = [
        folder
        for folder in uploads_folder(workspace).iterdir()
        if _ID.fullmatch(folder.name) and folder.stat().st_mtime < oldest
    ]
    for folder in old:
        shutil.rmtree(folder, ignore_errors=True)
    return len(old)


def clean_label(name: str) -> str:
    r"""Return a file's name as it may be shown: no folders, no control or direction marks.

    Examples
    --------
    >>> clean_label("C:\\work\\оқиғалар 2025.csv")
    'оқиғалар 2025.csv'
    """
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    shown = "".join(letter if letter.isprintable() else " " for letter in last)
    shown = " ".join(shown.split()).strip(". ") if shown.strip(". ") else "file"
    if len(shown) <= LONGEST_LABEL:
        return shown
    stem, dot, suffix = shown.rpartition(".")
    return f"{stem[: LONGEST_LABEL - len(suffix) - 2]}…{dot}{suffix[:8]}"


# -------------------------------------------------------------------------------------------


def _write(file: Path, content: Any) -> None:
    replace_file(file, json.dumps(content, ensure_ascii=False, default=str).encode())
    file.chmod(0o600)
