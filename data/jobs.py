"""What jobs do, and what of their ends is written down.

The functions here are called in a process of their own (`api.worker`), which may be ended at any
moment: whatever they store, they store in one transaction.
"""

from __future__ import annotations

import glob
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from data.database import Database
from data.importers.mapping import read_mapping
from data.importers.mapping_files import mapping_to_keep, save_mapping
from data.importers.opening import TABLES, first_rows
from data.importers.parsing.isolation import run_isolated
from data.importers.parsing.table_parsers import parse_table
from data.importers.proposal import propose_mapping
from data.importers.tabular import ReadOptions
from data.intake import READERS, take_files
from data.sealed_folders import file_sha256, replace_file
from data.store.imports import list_imports
from data.uploads import Upload, get_upload, save_beside
from data.workspace import MAPPINGS_FOLDER, Workspace
from geo.errors import SafeRegionError, UsageError

Progress = Callable[[float | None, str], None]
"""Receives the share done (None: not known) and the name of the stage; may raise `JobCancelled`."""

Doer = Callable[[str, dict[str, Any], Progress], dict[str, Any]]
"""Does a job from its id and request; returns what came of it, as JSON values."""

DECLARED = ("source", "crs", "encoding", "date_order", "sheet")
"""What a person may declare of a file beside its columns; keys of ``request["options"]``."""

MOST_REFUSED_ROWS = 1000
_KEPT_BESIDE = ("preview", "refused_rows")


class JobCancelled(Exception):  # noqa: N818 - not an error: somebody wished it
    """The job is to stop here; what it has begun is undone."""


@dataclass(frozen=True)
class Outcome:
    """How a job ended: one of the two, neither where it was cancelled."""

    result: dict[str, Any] | None = None
    error: dict[str, Any] | None = None


def run_job(
    kind: str, job_id: str, request: dict[str, Any], doers: Mapping[str, Doer], progress: Progress
) -> Outcome:
    """Do a job and put its end into words that hold nothing of any row.

    Parameters
    ----------
    kind, job_id, request
        The job's.
    doers
        Kind → what does it.
    progress
        Receives how far it is.
    """
    try:
        if kind not in doers:
            raise UsageError(
                f"This version does no jobs of the kind {kind!r}.", code="kind_unknown"
            )
        return Outcome(result=doers[kind](job_id, request, progress))
    except JobCancelled:
        return Outcome()
    except SafeRegionError as error:
        return Outcome(error={"code": error.code, "message": str(error), "facts": error.facts})
    except Exception as error:  # its words may hold a row, its name does not
        return Outcome(
            error={
                "code": "failure",
                "message": f"Something failed inside ({type(error).__name__} at {_place(error)}).",
                "facts": {},
            }
        )


@dataclass(frozen=True)
class Intake:
    """Looks at files and brings them in, for the jobs of one workspace."""

    workspace: Workspace
    database: Database

    def preview(self, job_id: str, request: dict[str, Any], progress: Progress) -> dict[str, Any]:
        """Read an upload and say what was understood; nothing is stored."""
        return self._upload(job_id, request, progress, dry_run=True)

    def bring_in(self, job_id: str, request: dict[str, Any], progress: Progress) -> dict[str, Any]:
        """Import an upload, or what is new in a folder of the workspace."""
        if "drop" in request:
            return self._drop(request, progress)
        return self._upload(job_id, request, progress, dry_run=False)

    def _upload(
        self, job_id: str, request: dict[str, Any], progress: Progress, *, dry_run: bool
    ) -> dict[str, Any]:
        upload = get_upload(self.workspace, request["upload"])
        options = _read_options(upload, job_id, request.get("options", {}))
        progress(None, "reading the file")
        heads = self._heads(upload, options) if dry_run else {}
        try:
            told = self._take(upload.noun, upload.files, options, progress, dry_run=dry_run)
        except SafeRegionError as error:
            facts = {**_kept_beside(upload, job_id, error.facts), **heads}
            raise type(error)(_labelled(str(error), upload), code=error.code, facts=facts) from None
        if request.get("keep_mapping") and not dry_run:
            mapping = mapping_to_keep(told["mapping"], told["inferred"])
            told["mapping_file"] = save_mapping(self.workspace.path / MAPPINGS_FOLDER, mapping).name
        return {**_kept_beside(upload, job_id, told), **heads}

    def _heads(self, upload: Upload, options: ReadOptions) -> dict[str, Any]:
        """Name every head of the first file, and what each could be, for a person to choose."""
        asked = {
            "accepted": list(TABLES),
            "encoding": options.encoding,
            "sheet": options.sheet,
        }
        try:
            declared = read_mapping(options.mapping)
            parsed = run_isolated(parse_table, upload.files[0], asked)
        except SafeRegionError:
            return {}  # reading it for the report says why
        frame = first_rows(parsed)
        found = propose_mapping(frame, upload.noun, declared, self.workspace.study_area)
        return {
            "heads": [str(head) for head in frame if not str(head).startswith("@")],
            "evidence": [one.to_json() for one in found.evidence],
            "proposed": found.mapping.columns,
        }

    def _drop(self, request: dict[str, Any], progress: Progress) -> dict[str, Any]:
        found = _dropped_files(self.workspace, request["drop"])
        with self.database.reading() as connection:
            known = set(list_imports(connection)["file_sha256"])
        new = [file for file in found if file_sha256(file) not in known]
        counts = {"files": len(found), "files_new": len(new)}
        if not new:
            return counts
        progress(None, "reading the file")
        told = self._take(request["noun"], new, ReadOptions(), progress, dry_run=False)
        return {**{key: told[key] for key in told if key not in _KEPT_BESIDE}, **counts}

    def _take(
        self,
        noun: str,
        files: list[Path],
        options: ReadOptions,
        progress: Progress,
        *,
        dry_run: bool,
    ) -> dict[str, Any]:
        options = replace(options, progress=lambda stage: progress(None, stage))
        report = take_files(
            noun,
            files,
            options,
            workspace=self.workspace,
            database=self.database,
            dry_run=dry_run,
        )
        return report.to_json(most_refused=MOST_REFUSED_ROWS)


def known_noun(noun: str) -> str:
    """Return the noun if files of it can be taken.

    Raises
    ------
    UsageError
        ``noun_unknown``.
    """
    if noun not in READERS:
        raise UsageError(f"Choose what the rows are: {', '.join(READERS)}.", code="noun_unknown")
    return noun


# -------------------------------------------------------------------------------------------


def _place(error: BaseException) -> str:
    """Name the line where an error arose; what it says of the data stays unsaid."""
    last = traceback.extract_tb(error.__traceback__)[-1:]
    return ", ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in last)


def _read_options(upload: Upload, job_id: str, given: dict[str, Any]) -> ReadOptions:
    declared = {name: given[name] for name in DECLARED if given.get(name)}
    mapping = given.get("mapping")
    if not mapping:
        return ReadOptions(**declared, labels=upload.labels)
    file = upload.folder / f"{job_id}.yaml"
    replace_file(file, yaml.safe_dump(mapping, allow_unicode=True, sort_keys=False).encode())
    file.chmod(0o600)
    return ReadOptions(mapping=file, **declared, labels=upload.labels)


def _labelled(message: str, upload: Upload) -> str:
    """Name the files in a message as the person does."""
    for name, label in upload.labels.items():
        message = message.replace(str(upload.folder / name), label).replace(name, label)
    return message


def _kept_beside(upload: Upload, job_id: str, told: dict[str, Any]) -> dict[str, Any]:
    """Keep rows beside the file they come from, and not in the database."""
    for name in _KEPT_BESIDE:
        if told.get(name):
            save_beside(upload, job_id, name, told[name])
    return {name: value for name, value in told.items() if name not in _KEPT_BESIDE}


def _dropped_files(workspace: Workspace, pattern: str) -> list[Path]:
    """Find the files of a pattern that lie inside the workspace, whatever links there are."""
    root = workspace.path.resolve()
    found = sorted(glob.glob(pattern, root_dir=root))
    files = [(root / name).resolve() for name in found]
    return [file for file in files if file.is_file() and file.is_relative_to(root)]
