"""Street map extracts: their tables as files named by content, the latest one in the database."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import Connection, insert, select

from data.sealed_folders import is_intact, new_folder, read_manifest, seal, write_manifest
from data.tables import Extract, table_of
from geo.errors import SafeRegionError


def save_extract(
    connection: Connection,
    folder: Path,
    tables: dict[str, pa.Table],
    facts: dict[str, Any],
    import_id: int,
) -> str:
    """Keep an extract and make it the latest; return its address (16 hex of its content).

    The folder ``<address>/`` is complete on disk before the row is written. Saving the latest
    extract again adds nothing.

    Parameters
    ----------
    connection
        An open transaction that writes.
    folder
        The workspace's folder of extracts.
    tables
        Arrow tables by name; the order of their rows is kept.
    facts
        Counts and dates of the extract, as JSON holds them.
    import_id
        The import that brings it.
    """
    with new_folder(folder) as draft:
        rows = {}
        for name, content in sorted(tables.items()):
            pq.write_table(content, draft / f"{name}.parquet", compression="zstd")
            rows[f"{name}.parquet"] = content.num_rows
        address = write_manifest(draft, {}, rows)[:16]
        seal(draft, folder / address)

    table = table_of(Extract)
    latest = connection.execute(
        select(table.c.address).order_by(table.c.extract_id.desc()).limit(1)
    ).scalar()
    if latest != address:
        connection.execute(insert(table).values(address=address, facts=facts, import_id=import_id))
    return address


def read_extract(connection: Connection, folder: Path) -> dict[str, pa.Table] | None:
    """Read the tables of the latest extract; None where none was saved.

    Raises
    ------
    NotFoundError
        ``folder_missing``.
    SafeRegionError
        ``folder_damaged``: a file is not what was written; import the extract again.
    """
    table = table_of(Extract)
    address = connection.execute(
        select(table.c.address).order_by(table.c.extract_id.desc()).limit(1)
    ).scalar()
    if address is None:
        return None
    manifest = read_manifest(folder / address)
    tables = {}
    for name, listed in manifest["files"].items():
        file = folder / address / name
        if not is_intact(file, listed):
            raise SafeRegionError(
                f"{file} is damaged; run 'safe-region import osm FILE' again.",
                code="folder_damaged",
            )
        tables[file.stem] = pq.read_table(file)
    return tables
