"""Rows of the published runs and the pointer to the current one."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, insert, select, update

from data.tables import CurrentRun, Run, table_of


@dataclass(frozen=True)
class RunRow:
    """A run as the database lists it.

    Attributes
    ----------
    run_id
        Name of its snapshot folder, 16 hex characters.
    as_of
        Day the map stands on.
    manifest_sha256
        Hash of the folder's manifest, which lists the hash of every file.
    published_at
        Naive UTC.
    seconds, peak_memory_mb
        What the run took.
    facts
        Input hashes and counts.
    """

    run_id: str
    as_of: dt.date
    parameters_version: str
    parameters_hash: str
    code_version: str
    manifest_sha256: str
    published_at: dt.datetime
    seconds: float
    peak_memory_mb: float
    facts: dict[str, Any] = field(default_factory=dict)


def save_run(connection: Connection, row: RunRow) -> None:
    """Insert a run unless its id is there already."""
    if find_run(connection, row.run_id) is None:
        connection.execute(insert(table_of(Run)).values(vars(row)))


def find_run(connection: Connection, run_id: str) -> RunRow | None:
    """Return a published run; None where there is none of this id."""
    wanted = select(*_columns()).where(table_of(Run).c.run_id == run_id)
    found = connection.execute(wanted).mappings().first()
    return None if found is None else RunRow(**found)


def read_runs(connection: Connection) -> list[RunRow]:
    """Read every published run, newest first."""
    wanted = select(*_columns()).order_by(table_of(Run).c.sequence.desc())
    return [RunRow(**row) for row in connection.execute(wanted).mappings()]


def read_current_run(connection: Connection) -> RunRow | None:
    """Read the run that the pointer names; None before the first publication."""
    runs, pointer = table_of(Run), table_of(CurrentRun)
    wanted = select(*_columns()).join(pointer, pointer.c.run_id == runs.c.run_id)
    found = connection.execute(wanted).mappings().first()
    return None if found is None else RunRow(**found)


def lock_current_run(connection: Connection) -> RunRow | None:
    """Hold the pointer until the transaction ends; return the run it names.

    FOR UPDATE does so on PostgreSQL; on SQLite the transaction holds the whole file already.
    """
    pointer = table_of(CurrentRun)
    run_id = connection.execute(select(pointer.c.run_id).with_for_update()).scalar_one()
    return None if run_id is None else find_run(connection, run_id)


def move_current_run(connection: Connection, run_id: str) -> None:
    """Point to a run; call it with the pointer locked in the same transaction."""
    pointer = table_of(CurrentRun)
    moves = connection.execute(select(pointer.c.moves)).scalar_one()
    connection.execute(update(pointer).values(run_id=run_id, moves=moves + 1))


# -------------------------------------------------------------------------------------------


def _columns() -> list[Any]:
    runs = table_of(Run)
    return [runs.c[name] for name in RunRow.__dataclass_fields__]
