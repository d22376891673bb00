"""What a records clerk can do, for the pages and for programs alike: files, jobs, the ledger."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

import pandas as pd
from fastapi import Depends
from sqlalchemy import Connection

from api.dependencies import PublishedRuns
from data.database import Database
from data.importers.header_words import header_words
from data.jobs import DECLARED, known_noun
from data.store.imports import list_imports, list_refused_rows
from data.store.jobs import (
    Job,
    enqueue_job,
    find_unfinished_job,
    get_job,
    jobs_ahead,
    list_jobs,
    request_cancel,
)
from data.uploads import Upload, find_beside, get_upload
from data.workspace import Workspace
from geo.errors import NotFoundError

LONGEST_OPTION = 200
_JOB_ID = re.compile(r"[0-9a-f]{32}")
_IMPORT_ID = re.compile(r"[1-9][0-9]{0,8}")
_COLUMN = "column."
_Found = TypeVar("_Found")


@dataclass(frozen=True)
class Desk:
    """The clerk's desk of one workspace."""

    workspace: Workspace
    database: Database

    def look_at(self, upload: Upload, options: dict[str, Any]) -> Job:
        """Ask for a look at an upload; nothing is stored by it."""
        return self._ask("preview", _of_upload(upload, options))

    def bring_in(
        self, upload: Upload, options: dict[str, Any], *, keep_mapping: bool = False
    ) -> Job:
        """Ask for the import of an upload, and for its mapping to be kept for the next files."""
        return self._ask("import", _of_upload(upload, options) | {"keep_mapping": keep_mapping})

    def build(self) -> Job:
        """Ask for a new map from all that is stored."""
        return self._ask("build", {})

    def check_forecast(self) -> Job:
        """Ask for a check of the forecast; one that waits or runs already is named instead."""
        with self.database.writing() as connection:
            asked = find_unfinished_job(connection, "forecast")
            return asked or enqueue_job(connection, "forecast", {}, _now())

    def forecast_check_under_way(self) -> Job | None:
        """Return the check of the forecast that waits or runs, if any does."""
        return self._read(lambda connection: find_unfinished_job(connection, "forecast"))

    def job(self, job_id: str) -> Job:
        """Return a job.

        Raises
        ------
        NotFoundError
            ``job_unknown``.
        """
        return self._read(lambda connection: get_job(connection, _job_id(job_id)))

    def jobs(self, limit: int = 50) -> list[Job]:
        """List the jobs, newest first."""
        return self._read(lambda connection: list_jobs(connection, limit))

    def ahead(self, job: Job) -> int:
        """Count the jobs that are run before a waiting one."""
        return self._read(lambda connection: jobs_ahead(connection, job))

    def cancel(self, job_id: str) -> Job:
        """Stop a job that has not ended.

        Raises
        ------
        NotFoundError
            ``job_unknown``.
        """
        with self.database.writing() as connection:
            return request_cancel(connection, _job_id(job_id), _now())

    def upload_of(self, job: Job) -> Upload:
        """Return the files of a job.

        Raises
        ------
        NotFoundError
            ``upload_unknown``: the job has none, or they were removed because they were old.
        """
        return get_upload(self.workspace, str(job.request.get("upload", "")))

    def rows_of(self, job: Job, what: str) -> list[dict[str, Any]]:
        """Return the ``preview`` or the ``refused_rows`` that a job kept beside its files."""
        try:
            return find_beside(self.upload_of(job), job.job_id, what) or []
        except NotFoundError:
            return []

    def imports(self) -> list[dict[str, Any]]:
        """List the imports, newest first."""
        return _as_rows(self._read(list_imports))

    def import_(self, import_id: str) -> dict[str, Any]:
        """Return an import with its ``refused_rows``.

        Raises
        ------
        NotFoundError
            ``import_unknown``.
        """
        wanted = _import_id(import_id)
        found = next((row for row in self.imports() if row["import_id"] == wanted), None)
        if found is None:
            raise _unknown_import()
        refused = self._read(lambda connection: list_refused_rows(connection, wanted))
        return {**found, "refused_rows": _as_rows(refused)}

    def withdraw(self, import_id: str) -> dict[str, int]:
        """Take an import back; rows that another standing import has brought too stay.

        Raises
        ------
        NotFoundError
            ``import_unknown``.
        """
        from data.store.withdrawal import withdraw_import  # noqa: PLC0415

        known = self.import_(import_id)
        with self.database.writing() as connection:
            return dict(withdraw_import(connection, known["import_id"], _now()))

    def unplaced(self) -> list[dict[str, Any]]:
        """List the rows that lack nothing but a place."""
        from data.store.unplaced import list_unplaced  # noqa: PLC0415

        rows = self._read(list_unplaced)
        return [
            {str(name): value for name, value in row.items()} for row in rows.to_dict("records")
        ]

    def pin(self, identity: str, lat: float, lon: float) -> None:
        """Give a waiting row a place.

        Raises
        ------
        NotFoundError
            ``row_not_waiting``.
        UsageError
            ``outside_region``.
        """
        from data.intake import pin_row  # noqa: PLC0415
        from data.store.unplaced import Pin  # noqa: PLC0415

        if not _JOB_ID.fullmatch(identity):
            raise NotFoundError("There is no such row.", code="row_not_waiting")
        pin_row(Pin(identity, lat, lon), workspace=self.workspace, database=self.database)

    def _ask(self, kind: str, request: dict[str, Any]) -> Job:
        with self.database.writing() as connection:
            return enqueue_job(connection, kind, request, _now())

    def _read(self, read: Callable[[Connection], _Found]) -> _Found:
        with self.database.reading() as connection:
            return read(connection)


def get_desk(published: PublishedRuns) -> Desk:
    """Return the desk of the workspace that is served."""
    return Desk(published.workspace, published.database)


ClerkDesk = Annotated[Desk, Depends(get_desk)]


def told_of(job: Job) -> dict[str, Any]:
    """Return the report that a job ended with, also where its file was refused; else nothing."""
    return job.result or (job.error or {}).get("facts") or {}


def shown_options(job: Job) -> dict[str, Any]:
    """Return the options as the form shows them first: declared, else understood, else proposed."""
    told, given = told_of(job), job.request.get("options", {})
    understood = {**given.get("mapping", {}), **told.get("mapping", {})}
    options = {name: given.get(name) or _plain(understood.get(name)) for name in DECLARED}
    columns = {**told.get("proposed", {}), **understood.get("columns", {})}
    return _options(understood, options, columns)


def chosen_options(job: Job, fields: Mapping[str, str]) -> dict[str, Any]:
    """Return the options that a form chose, on top of what was understood before."""
    told, given = told_of(job), job.request.get("options", {})
    understood = {**given.get("mapping", {}), **told.get("mapping", {})}
    options = {name: fields.get(name, "").strip()[:LONGEST_OPTION] for name in DECLARED}
    heads = offered_heads(job)
    columns = {}
    for name in fields_of(job.request["noun"]):
        place = fields.get(_COLUMN + name, "")  # a number: browsers change the blanks of a text
        if place.isdecimal() and int(place[:6]) < len(heads):
            columns[name] = heads[int(place[:6])]
    return _options(understood, options, columns)


def offered_heads(job: Job) -> list[str]:
    """Return the heads of a looked-at file that a field may be given, in the file's order."""
    shown = shown_options(job)["mapping"]["columns"]
    return list(dict.fromkeys([*told_of(job).get("heads", ()), *shown.values()]))


def fields_of(noun: str) -> list[str]:
    """Name the fields that a column of a noun's file can be."""
    return list(header_words(noun))


def declared_options(fields: Mapping[str, str]) -> tuple[str, dict[str, Any]]:
    """Return noun and options of an upload's form.

    Raises
    ------
    UsageError
        ``noun_unknown``.
    """
    noun = known_noun(fields.get("noun", ""))
    given = {name: fields.get(name, "").strip()[:LONGEST_OPTION] for name in DECLARED}
    return noun, {name: value for name, value in given.items() if value}


# -------------------------------------------------------------------------------------------


def _as_rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)


def _job_id(text: str) -> str:
    if not _JOB_ID.fullmatch(text):
        raise NotFoundError("There is no such job.", code="job_unknown")
    return text


def _import_id(text: str) -> int:
    if not _IMPORT_ID.fullmatch(text):
        raise _unknown_import()
    return int(text)


def _unknown_import() -> NotFoundError:
    return NotFoundError("There is no such import.", code="import_unknown")


def _of_upload(upload: Upload, options: dict[str, Any]) -> dict[str, Any]:
    return {
        "noun": upload.noun,
        "upload": upload.upload_id,
        "label": upload.label,
        "options": options,
    }


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _options(
    understood: Mapping[str, Any], options: Mapping[str, str], columns: Mapping[str, str]
) -> dict[str, Any]:
    kept = {name: value for name, value in understood.items() if name not in (*DECLARED, "columns")}
    chosen = {name: value for name, value in options.items() if value}
    return {**chosen, "mapping": {**kept, "columns": dict(sorted(columns.items()))}}
