"""The ledger of imports: what was read from which file, and what came of each row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
from sqlalchemy import Connection, insert, select, update

from data.store.assets import save_cameras, save_homes, save_lamps, save_schools, save_visits
from data.store.incidents import save_incidents
from data.tables import Import, RefusedRow, table_of
from geo.errors import FrameError

Save = Callable[[Connection, pd.DataFrame, int], int]

SAVE: dict[str, Save] = {
    "incidents": save_incidents,
    "kpssu": save_incidents,
    "schools": save_schools,
    "homes": save_homes,
    "lighting": save_lamps,
    "patrols": save_visits,
    "cameras": save_cameras,
}
"""Where the rows of each noun of ``safe-region import`` go."""


@dataclass(frozen=True)
class ImportRecord:
    """What is known of an import before its rows are stored.

    Attributes
    ----------
    noun
        Word of the ``import`` command: a key of `SAVE`, or ``osm``.
    source
        Name of the register or office the file comes from.
    file_name, file_sha256
        The file, its name without folders.
    imported_at
        Moment of the import, naive UTC.
    rows_read
        Rows that the file holds.
    covers_from, covers_to
        First and last day that the file covers; None where it has no days.
    inferred
        What was understood of the file, such as ``{"encoding": "kz1048"}``.
    """

    noun: str
    source: str
    file_name: str
    file_sha256: str
    imported_at: dt.datetime
    rows_read: int
    covers_from: dt.date | None = None
    covers_to: dt.date | None = None
    inferred: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class SavedImport:
    """What came of an import; the three counts add up to the rows read."""

    import_id: int
    accepted: int
    quarantined: int
    duplicate: int


def save_import(
    connection: Connection,
    record: ImportRecord,
    frame: pd.DataFrame | None,
    refused: pd.DataFrame | None,
) -> SavedImport:
    """Store an import with its refused rows and its new records, all in the open transaction.

    Each call is a line of the ledger, also where a file comes again and adds nothing.

    Parameters
    ----------
    connection
        An open transaction that writes.
    record
        The file and how it was read.
    frame
        The rows taken, as the noun's ``save_`` function wants them; None for a street map.
    refused
        ``row, column, code`` (and ``raw_sha256`` where known) of every fault; a row may have
        several.

    Raises
    ------
    FrameError
        The frame does not keep its contract, or the rows do not add up.
    """
    faults = refused if refused is not None else pd.DataFrame({"row": [], "code": []})
    quarantined = int(faults["row"].nunique())
    taken = 0 if frame is None else len(frame)
    if taken + quarantined > record.rows_read:
        raise FrameError(
            f"{record.file_name}: {taken} rows taken and {quarantined} refused are more than the "
            f"{record.rows_read} read."
        )

    import_id = _insert_record(connection, record, faults)
    _insert_refused(connection, faults, import_id)
    accepted = 0 if frame is None else SAVE[record.noun](connection, frame, import_id)
    if frame is None:
        accepted = record.rows_read - quarantined
    duplicate = record.rows_read - quarantined - accepted
    table = table_of(Import)
    connection.execute(
        update(table)
        .where(table.c.import_id == import_id)
        .values(accepted=accepted, quarantined=quarantined, duplicate=duplicate)
    )
    return SavedImport(import_id, accepted, quarantined, duplicate)


def list_imports(connection: Connection) -> pd.DataFrame:
    """List the imports, newest first, with their counts; a day that is not known is None."""
    table = table_of(Import)
    rows = connection.execute(select(table).order_by(table.c.import_id.desc())).all()
    return pd.DataFrame(
        [tuple(row) for row in rows], columns=[column.name for column in table.c], dtype=object
    ).astype({"import_id": int, **dict.fromkeys(_COUNTS, int)})


def list_refused_rows(connection: Connection, import_id: int) -> pd.DataFrame:
    """List ``row, column, code`` of an import's faults in the order of the file."""
    table = table_of(RefusedRow)
    wanted = (
        select(table.c.row_number, table.c.column_name, table.c.code)
        .where(table.c.import_id == import_id)
        .order_by(table.c.row_number, table.c.refused_id)
    )
    rows = [tuple(row) for row in connection.execute(wanted)]
    return pd.DataFrame(rows, columns=["row", "column", "code"], dtype=object).astype({"row": int})


# -------------------------------------------------------------------------------------------

_COUNTS = ("rows_read", "accepted", "quarantined", "duplicate")


def _insert_record(connection: Connection, record: ImportRecord, faults: pd.DataFrame) -> int:
    """Write the ledger's line, every row still counted as a duplicate."""
    reasons = faults["code"].value_counts().sort_index()
    values = {
        **vars(record),
        "accepted": 0,
        "quarantined": 0,
        "duplicate": record.rows_read,
        "reasons": {str(code): int(count) for code, count in reasons.items()},
    }
    result = connection.execute(insert(table_of(Import)).values(values))
    assert result.inserted_primary_key is not None
    return int(result.inserted_primary_key[0])


def _insert_refused(connection: Connection, faults: pd.DataFrame, import_id: int) -> None:
    names = {"row": "row_number", "column": "column_name", "code": "code"}
    kept = faults[[name for name in (*names, "raw_sha256") if name in faults]].rename(columns=names)
    kept = kept.astype(object).where(kept.notna(), None).assign(import_id=import_id)
    if len(kept):
        rows = [dict(zip(kept.columns, row, strict=True)) for row in kept.itertuples(index=False)]
        connection.execute(insert(table_of(RefusedRow)), rows)
