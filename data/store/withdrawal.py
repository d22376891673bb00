"""Take an import back: its rows leave, unless another import that stands has seen them too."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import numpy as np
import pyarrow as pa
from sqlalchemy import (
    Column,
    Connection,
    Integer,
    MetaData,
    String,
    Table,
    select,
    text,
    update,
)

from data.store.frames import write_rows
from data.store.imports import SAVE
from data.store.versions import LATER, at_moment, lock_imports, wait_as_long_as_it_takes
from data.tables import (
    DwellingIncident,
    Import,
    Incident,
    Model,
    Sighting,
    UnplacedIncident,
    table_of,
)
from geo.errors import NotFoundError, UsageError

ROWS_AT_ONCE = 20_000
_OFFENCES = tuple(table_of(model) for model in (Incident, DwellingIncident, UnplacedIncident))
"""An offence stands in one of these at a time."""


def withdraw_import(connection: Connection, import_id: int, moment: dt.datetime) -> dict[str, int]:
    """Take an import back; the ledger keeps its line with the moment, the tables their history.

    Parameters
    ----------
    connection
        An open transaction that writes.
    import_id
        The import.
    moment
        When it is withdrawn, naive UTC.

    Returns
    -------
    dict
        ``withdrawn`` rows that no longer stand; ``kept`` rows that the earliest other import
        that has seen them keeps; ``restored`` former versions that stand again.

    Raises
    ------
    NotFoundError
        ``import_unknown``.
    UsageError
        ``import_withdrawn`` already, or ``import_is_map``: a street map is replaced by the next.
    """
    lock_imports(connection)
    wait_as_long_as_it_takes(connection)
    in_a_file = _close_ledger(connection, import_id, moment)
    _make_beside(connection, "leaving", "identity, valid_from AS began")
    result = {"withdrawn": in_a_file, "kept": 0, "restored": 0}
    for tables in _families():
        connection.execute(text("DELETE FROM leaving"))
        for table in tables:
            result["kept"] += _hand_on(connection, table, import_id)
            result["withdrawn"] += _close_rows(connection, table, import_id, moment)
        for prompt in (True, False):
            for table in tables:
                result["restored"] += _restore(connection, table, tables, prompt=prompt)
    connection.execute(text("DROP TABLE leaving"))
    return result


# -------------------------------------------------------------------------------------------

_HEIRS = Table(
    "heirs",
    MetaData(),
    Column("identity", String),
    Column("version", Integer),
    Column("heir", Integer),
)


def _make_beside(connection: Connection, name: str, columns: str) -> None:
    """Make an empty temporary table of columns that are compared as the records' own."""
    empty = f"SELECT {columns} FROM {table_of(Incident).name} LIMIT 0"
    connection.execute(text(f"CREATE TEMPORARY TABLE {name} AS {empty}"))


def _families() -> list[tuple[Table, ...]]:
    """List the tables of records; those between which a record may move stand together."""
    records = [table for table in Model.metadata.sorted_tables if "valid_to" in table.c]
    return [_OFFENCES, *((table,) for table in records if table not in _OFFENCES)]


def _close_ledger(connection: Connection, import_id: int, moment: dt.datetime) -> int:
    """Mark the import as withdrawn; return its rows where they lie in a file of their own."""
    table = table_of(Import)
    wanted = select(table.c.noun, table.c.withdrawn_at, table.c.accepted)
    wanted = wanted.where(table.c.import_id == import_id)
    found = connection.execute(wanted.with_for_update()).first()
    if found is None:
        raise NotFoundError(
            f"There is no import {import_id}; 'safe-region import list' names them.",
            code="import_unknown",
        )
    if found.withdrawn_at is not None:
        raise UsageError(
            f"Import {import_id} was withdrawn on {found.withdrawn_at:%Y-%m-%d %H:%M} UTC.",
            code="import_withdrawn",
        )
    if found.noun == "osm":
        raise UsageError(
            f"Import {import_id} is a street map; import the map to use instead, it replaces it.",
            code="import_is_map",
        )
    connection.execute(
        update(table).where(table.c.import_id == import_id).values(withdrawn_at=moment)
    )
    return int(found.accepted) if found.noun not in SAVE else 0


def _hand_on(connection: Connection, table: Table, import_id: int) -> int:
    """Give rows that another standing import has seen to the earliest such import."""
    pairs, versions = _brought(connection, table, import_id)
    heirs = np.zeros(len(pairs), np.int32)
    if len(pairs):
        for heir, seen in _sightings(connection, import_id):
            heirs[(heirs == 0) & np.isin(pairs, seen)] = heir
    if not heirs.any():
        return 0
    _lay_heirs(connection, pairs, versions, heirs)
    match = f"heirs.identity = {table.name}.identity AND heirs.version = {table.name}.version"
    kept = connection.execute(
        text(
            f"UPDATE {table.name} SET source_row = NULL,"
            f" import_id = (SELECT heir FROM heirs WHERE {match})"
            f" WHERE import_id = :import_id AND EXISTS (SELECT 1 FROM heirs WHERE {match})"
        ),
        {"import_id": import_id},
    ).rowcount
    connection.execute(text("DROP TABLE heirs"))
    return kept


def _brought(connection: Connection, table: Table, import_id: int) -> tuple[np.ndarray, np.ndarray]:
    """Return identity with content (32 bytes) and version of each row of an import."""
    wanted = select(table.c.identity, table.c.content, table.c.version).where(
        table.c.import_id == import_id
    )
    pairs, versions = [np.empty(0, "S32")], [np.empty(0, np.int32)]
    streamed = {"stream_results": True, "yield_per": ROWS_AT_ONCE}
    for block in connection.execute(wanted, execution_options=streamed).partitions():
        identities, contents, numbers = zip(*block, strict=True)
        pairs.append(_pairs("".join(identities), "".join(contents)))
        versions.append(np.array(numbers, np.int32))
    return np.concatenate(pairs), np.concatenate(versions)


def _lay_heirs(
    connection: Connection, pairs: np.ndarray, versions: np.ndarray, heirs: np.ndarray
) -> None:
    _make_beside(connection, "heirs", "identity, version, import_id AS heir")
    taken = np.flatnonzero(heirs)
    halves = pairs.view("V16").reshape(-1, 2)
    blocks = (
        pa.table(
            {
                "identity": pa.array([half.tobytes().hex() for half in halves[block, 0]]),
                "version": pa.array(versions[block]),
                "heir": pa.array(heirs[block]),
            }
        )
        for block in np.array_split(taken, len(taken) // ROWS_AT_ONCE + 1)
    )
    write_rows(connection, _HEIRS, "heirs", blocks)
    connection.execute(text("CREATE INDEX ix_heirs ON heirs (identity, version)"))
    if connection.dialect.name == "postgresql":
        connection.execute(text("ANALYZE heirs"))


def _sightings(connection: Connection, import_id: int) -> Iterator[tuple[int, np.ndarray]]:
    """Yield what the other standing imports have seen, the earliest import first."""
    ledger, table = table_of(Import), table_of(Sighting)
    standing = connection.execute(
        select(table.c.import_id)
        .join(ledger, ledger.c.import_id == table.c.import_id)
        .where(ledger.c.withdrawn_at.is_(None), ledger.c.import_id != import_id)
        .order_by(table.c.import_id)
    ).scalars()
    for other in standing.all():
        found = connection.execute(select(table).where(table.c.import_id == other)).one()
        yield other, _pairs(found.identities.hex(), found.contents.hex())


def _pairs(identities: str, contents: str) -> np.ndarray:
    """Return identity and content of each row as one value of 32 bytes."""
    made = np.empty((len(identities) // 32, 2), "S16")
    made[:, 0] = np.frombuffer(bytes.fromhex(identities), "S16")
    made[:, 1] = np.frombuffer(bytes.fromhex(contents), "S16")
    return np.ascontiguousarray(made).view("S32").ravel()


def _close_rows(connection: Connection, table: Table, import_id: int, moment: dt.datetime) -> int:
    """End what still belongs to the import and note it as leaving; count all that belongs to it."""
    of_import = {"import_id": import_id}
    connection.execute(
        text(
            f"INSERT INTO leaving SELECT identity, valid_from FROM {table.name}"
            " WHERE import_id = :import_id AND valid_to IS NULL"
        ),
        of_import,
    )
    connection.execute(
        at_moment(
            f"UPDATE {table.name} SET valid_to = {LATER}"
            " WHERE import_id = :import_id AND valid_to IS NULL",
            moment,
        ),
        of_import,
    )
    counted = text(f"SELECT count(*) FROM {table.name} WHERE import_id = :import_id")
    return int(connection.execute(counted, of_import).scalar_one())


def _restore(
    connection: Connection, table: Table, family: tuple[Table, ...], *, prompt: bool
) -> int:
    """Reopen the last version of a standing import for records that stand nowhere now.

    With ``prompt`` only those that ended when the withdrawn row began: it had replaced them.
    """
    standing = (
        f"SELECT max(one.version) FROM {table.name} AS one JOIN imports"
        " ON imports.import_id = one.import_id"
        f" WHERE one.identity = {table.name}.identity AND imports.withdrawn_at IS NULL"
    )
    nowhere = " AND ".join(
        f"NOT EXISTS (SELECT 1 FROM {other.name} AS now"
        f" WHERE now.identity = {table.name}.identity AND now.valid_to IS NULL)"
        for other in family
    )
    pinned = ", pinned_at = NULL" if "pinned_at" in table.c else ""
    replaced = " AND leaving.began = valid_to" if prompt else ""
    return connection.execute(
        text(
            f"UPDATE {table.name} SET valid_to = NULL{pinned}"
            " WHERE EXISTS (SELECT 1 FROM leaving"
            f" WHERE leaving.identity = {table.name}.identity{replaced})"
            f" AND version = ({standing}) AND {nowhere}"
        )
    ).rowcount
