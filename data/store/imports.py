"""The ledger of imports: what was read from which file, and what came of each row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import pandas as pd
from sqlalchemy import Connection, insert, select, update

from data.store.assets import save_cameras, save_homes, save_lamps, save_schools, save_visits
from data.store.incidents import save_dwellings, save_incidents, save_unplaced
from data.store.outages import save_outages
from data.store.versions import Added, Stamp, lock_imports
from data.store.works import save_lit_streets, save_measures, save_plans
from data.tables import Import, RefusedRow, Sighting, table_of
from geo.errors import FrameError

Save = Callable[[Connection, Iterable[pd.DataFrame], Stamp], Added]
ROWS_AT_ONCE = 20_000

SAVE: dict[str, Save] = {
    "incidents": save_incidents,
    "kpssu": save_incidents,
    "schools": save_schools,
    "homes": save_homes,
    "lighting": save_lamps,
    "patrols": save_visits,
    "patrol_visits": save_visits,
    "lamps": save_lamps,
    "cameras": save_cameras,
    "lit_streets": save_lit_streets,
    "outages": save_outages,
    "patrol_plans": save_plans,
    "measures": save_measures,
}
"""Where the rows of each noun of ``safe-region import`` go."""

_NOTHING: Mapping[str, pd.DataFrame] = MappingProxyType({})


@dataclass(frozen=True)
class ImportRecord:
    """What is known of an import before its rows are stored.

    Attributes
    ----------
    noun
        Word of the ``import`` command, or ``osm``.
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
    findings, warnings, mapping
        What the report says besides the counts.
    rows_are
        Where the rows go, a key of `SAVE`; the noun itself where empty.
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
    findings: dict[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    mapping: dict[str, Any] = field(default_factory=dict)
    rows_are: str = ""


@dataclass(frozen=True)
class SavedImport:
    """What came of an import; the three counts add up to the rows read.

    Of the accepted rows, ``versions`` changed a record that was known.
    """

    import_id: int
    accepted: int
    quarantined: int
    duplicate: int
    versions: int = 0


def save_import(
    connection: Connection,
    record: ImportRecord,
    frames: Iterable[pd.DataFrame] | pd.DataFrame | None,
    refused: pd.DataFrame | None,
    *,
    aside: Mapping[str, Iterable[pd.DataFrame] | pd.DataFrame] = _NOTHING,
) -> SavedImport:
    """Store an import with its refused rows and what is new in it, all in the open transaction.

    Each call is a line of the ledger, also where a file comes again and adds nothing.

    Parameters
    ----------
    connection
        An open transaction that writes.
    record
        The file and how it was read.
    frames
        The rows taken, in one frame or in blocks, as the noun's ``save_`` function wants them;
        None for a street map.
    refused
        ``row, column, code`` (and ``sheet``, ``raw_sha256`` where known) of every fault; a row
        may have several.
    aside
        Rows of offences for another table: ``dwellings`` count like those of the frames,
        ``unplaced`` are among the refused rows and kept to be placed later.

    Raises
    ------
    FrameError
        A frame does not keep its contract, or the rows do not add up.
    """
    lock_imports(connection)
    faults = refused if refused is not None else pd.DataFrame({"row": [], "code": []})
    of_row = [name for name in ("sheet", "row") if name in faults]
    quarantined = len(faults[of_row].drop_duplicates())
    import_id = _insert_record(connection, record, faults)
    _insert_refused(connection, faults, import_id)
    stamp = Stamp(import_id, record.imported_at)

    counter = _Counter(() if frames is None else _blocks(frames))
    added = (
        Added()
        if frames is None
        else SAVE[record.rows_are or record.noun](connection, counter, stamp)
    )
    if "dwellings" in aside:
        dwellings = _Counter(_blocks(aside["dwellings"]))
        added += save_dwellings(connection, dwellings, stamp)
        counter.rows += dwellings.rows
    kept = Added()
    if "unplaced" in aside:
        kept = save_unplaced(connection, _blocks(aside["unplaced"]), stamp)
    _check_sum(record, counter.rows, quarantined)

    _insert_sightings(connection, added + kept, import_id)
    accepted = record.rows_read - quarantined if frames is None else counter.accepted(added)
    duplicate = record.rows_read - quarantined - accepted
    table = table_of(Import)
    connection.execute(
        update(table)
        .where(table.c.import_id == import_id)
        .values(accepted=accepted, quarantined=quarantined, duplicate=duplicate)
    )
    return SavedImport(import_id, accepted, quarantined, duplicate, added.versions)


def list_imports(connection: Connection) -> pd.DataFrame:
    """List the imports, newest first, with their counts; a day that is not known is None."""
    table = table_of(Import)
    rows = connection.execute(select(table).order_by(table.c.import_id.desc())).all()
    return pd.DataFrame(
        [tuple(row) for row in rows], columns=[column.name for column in table.c], dtype=object
    ).astype({"import_id": int, **dict.fromkeys(_COUNTS, int)})


def list_refused_rows(connection: Connection, import_id: int) -> pd.DataFrame:
    """List ``sheet, row, column, code`` of an import's faults in the order of the file."""
    table = table_of(RefusedRow)
    wanted = (
        select(table.c.sheet, table.c.row_number, table.c.column_name, table.c.code)
        .where(table.c.import_id == import_id)
        .order_by(table.c.row_number, table.c.refused_id)
    )
    rows = [tuple(row) for row in connection.execute(wanted)]
    names = ["sheet", "row", "column", "code"]
    return pd.DataFrame(rows, columns=names, dtype=object).astype({"row": int})


# -------------------------------------------------------------------------------------------

_COUNTS = ("rows_read", "accepted", "quarantined", "duplicate")


def _insert_record(connection: Connection, record: ImportRecord, faults: pd.DataFrame) -> int:
    """Write the ledger's line, every row still counted as a duplicate."""
    reasons = faults["code"].value_counts().sort_index()
    values = {
        **{name: value for name, value in vars(record).items() if name != "rows_are"},
        "warnings": list(record.warnings),
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
    found = [name for name in (*names, "sheet", "raw_sha256") if name in faults]
    for start in range(0, len(faults), ROWS_AT_ONCE):
        kept = faults[found].iloc[start : start + ROWS_AT_ONCE].rename(columns=names)
        kept = kept.astype(object).where(kept.notna(), None).assign(import_id=import_id)
        rows = [dict(zip(kept.columns, row, strict=True)) for row in kept.itertuples(index=False)]
        connection.execute(insert(table_of(RefusedRow)), rows)


def _insert_sightings(connection: Connection, added: Added, import_id: int) -> None:
    if added.known_identities:
        connection.execute(
            insert(table_of(Sighting)).values(
                import_id=import_id,
                identities=added.known_identities,
                contents=added.known_contents,
            )
        )


class _Counter:
    """Hands blocks on and counts the rows of the file that stand behind theirs.

    These are as many as a column ``rows`` says, and one where there is none.
    """

    def __init__(self, blocks: Iterable[pd.DataFrame]) -> None:
        self._blocks = blocks
        self.rows = 0
        self._behind: dict[bytes, int] = {}

    def __iter__(self) -> Iterator[pd.DataFrame]:
        for block in self._blocks:
            if "rows" in block:
                identities = map(bytes.fromhex, block["identity"])
                self._behind |= dict(zip(identities, block["rows"].tolist(), strict=True))
            self.rows += int(block["rows"].sum()) if "rows" in block else len(block)
            yield block

    def accepted(self, added: Added) -> int:
        """Return how many rows of the file stand behind what is new or changed."""
        if not self._behind:
            return added.new + added.versions
        known = added.known_identities
        return self.rows - sum(
            self._behind[known[start : start + 16]] for start in range(0, len(known), 16)
        )


def _blocks(frames: Iterable[pd.DataFrame] | pd.DataFrame) -> Iterable[pd.DataFrame]:
    return (frames,) if isinstance(frames, pd.DataFrame) else frames


def _check_sum(record: ImportRecord, taken: int, quarantined: int) -> None:
    if taken + quarantined > record.rows_read:
        raise FrameError(
            f"{record.file_name}: {taken} rows taken and {quarantined} refused are more than the "
            f"{record.rows_read} read."
        )
