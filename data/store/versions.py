"""Versions of records: which rows are known, which are new, and what a withdrawal leaves.

An identity has at most one current version. A changed record closes it and opens the next. The
rows of an import that is withdrawn are closed, too, unless another import that stands has seen
them: then they become that import's.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import pandas as pd
from sqlalchemy import Connection, DateTime, Table, TextClause, bindparam, func, select, text

_IMPORT_LOCK = 0x5AFE0002
_ROWS_AT_ONCE = 20_000


@dataclass(frozen=True)
class Stamp:
    """The import that brings rows, and when it does (naive UTC)."""

    import_id: int
    moment: dt.datetime


@dataclass(frozen=True)
class Added:
    """What came of rows that were offered to a table.

    Attributes
    ----------
    new
        Records that had no current version.
    versions
        Changed records, whose former version was closed.
    known_identities, known_contents
        Rows that were known, 16 bytes each, in one order.
    """

    new: int = 0
    versions: int = 0
    known_identities: bytes = b""
    known_contents: bytes = b""

    def __add__(self, other: Added) -> Added:
        """Sum what came of two tables."""
        return Added(
            self.new + other.new,
            self.versions + other.versions,
            self.known_identities + other.known_identities,
            self.known_contents + other.known_contents,
        )


def lock_imports(connection: Connection) -> None:
    """Let one import write at a time, as SQLite has it anyway; two could also deadlock."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_IMPORT_LOCK)))


def wait_as_long_as_it_takes(connection: Connection) -> None:
    """Let statements of this transaction take as long as there are rows."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL statement_timeout = 0"))


def mark_known_rows(connection: Connection, table: Table, stamp: Stamp) -> None:
    """Mark the rows of ``incoming`` that say what the current version says.

    Where the very same file stands already, what it said before a later correction is known, too:
    an old file that comes again must not undo a newer one.
    """
    known = "stored.valid_to IS NULL"
    if _came_before(connection, stamp.import_id):
        known = (
            "(stored.valid_to IS NULL OR stored.import_id IN "
            "(SELECT import_id FROM imports WHERE withdrawn_at IS NULL))"
        )
    connection.execute(
        text(
            f"UPDATE incoming SET known = 1 WHERE EXISTS (SELECT 1 FROM {table.name} AS stored"
            " WHERE stored.identity = incoming.identity AND stored.content = incoming.content"
            f" AND {known})"
        )
    )


def mark_known_identities(connection: Connection, table: Table) -> None:
    """Mark the rows of ``incoming`` whose identity is current in a table, and take its content."""
    stored = (
        f"FROM {table.name} AS stored WHERE stored.identity = incoming.identity"
        " AND stored.valid_to IS NULL"
    )
    connection.execute(
        text(
            f"UPDATE incoming SET known = 1, content = (SELECT stored.content {stored})"
            f" WHERE known = 0 AND EXISTS (SELECT 1 {stored})"
        )
    )


def merge_incoming(connection: Connection, table: Table, stamp: Stamp) -> Added:
    """Close the versions that ``incoming`` changes and add its unknown rows as the next ones."""
    identities, contents = _known(connection)
    closed = connection.execute(
        at_moment(
            f"UPDATE {table.name} SET valid_to = {LATER} WHERE valid_to IS NULL"
            " AND identity IN (SELECT identity FROM incoming WHERE known = 0)",
            stamp.moment,
        )
    ).rowcount
    added = connection.execute(
        at_moment(_insert(connection, table), stamp.moment), {"import_id": stamp.import_id}
    ).rowcount
    return Added(
        new=added - closed,
        versions=closed,
        known_identities=identities,
        known_contents=contents,
    )


def at_moment(statement: str, moment: dt.datetime) -> TextClause:
    """Return a statement with its ``:moment`` bound as the database writes moments."""
    return text(statement).bindparams(bindparam("moment", moment, DateTime()))


def read_history(connection: Connection, table: Table, identity: str) -> pd.DataFrame:
    """Read every version of one record, oldest first, with the columns of its table."""
    wanted = select(table).where(table.c.identity == identity).order_by(table.c.version)
    rows = [tuple(row) for row in connection.execute(wanted)]
    return pd.DataFrame(rows, columns=[column.name for column in table.c], dtype=object)


LATER = "CASE WHEN valid_from > :moment THEN valid_from ELSE :moment END"
"""A clock that was set back must not end a version before its start."""

# -------------------------------------------------------------------------------------------


def _known(connection: Connection) -> tuple[bytes, bytes]:
    """Return identities and contents of the marked rows, 16 bytes each; a million are no text."""
    listed = text("SELECT identity, content FROM incoming WHERE known = 1 ORDER BY identity")
    identities, contents = bytearray(), bytearray()
    found = connection.execute(listed.execution_options(yield_per=_ROWS_AT_ONCE))
    for rows in found.partitions():
        identities += bytes.fromhex("".join(row.identity for row in rows))
        contents += bytes.fromhex("".join(row.content for row in rows))
    return bytes(identities), bytes(contents)


def _insert(connection: Connection, table: Table) -> str:
    made_here = {"version", "import_id", "valid_from", "valid_to"}
    names = [column.name for column in table.columns if column.name not in made_here]
    return (
        f"INSERT INTO {table.name} ({', '.join(names)}, version, import_id, valid_from)"
        f" SELECT {', '.join(f'incoming.{name}' for name in names)},"
        " COALESCE(former.version, 0) + 1, :import_id, :moment"
        " FROM incoming LEFT JOIN (SELECT identity, max(version) AS version"
        f" FROM {table.name} WHERE identity IN (SELECT identity FROM incoming WHERE known = 0)"
        " GROUP BY identity) AS former ON former.identity = incoming.identity"
        " WHERE incoming.known = 0"
    )


def _came_before(connection: Connection, import_id: int) -> bool:
    found = connection.execute(
        text(
            "SELECT count(*) FROM imports AS one JOIN imports AS other"
            " ON other.file_sha256 = one.file_sha256 AND other.noun = one.noun"
            " AND other.source = one.source AND other.import_id < one.import_id"
            " AND other.withdrawn_at IS NULL WHERE one.import_id = :import_id"
        ),
        {"import_id": import_id},
    )
    return bool(found.scalar_one())
