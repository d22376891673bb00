"""Versions of records, withdrawn imports, and the tables of what else an office keeps."""

from __future__ import annotations

import importlib

import sqlalchemy as sa
from alembic import op

from data.migrations.tables_0002 import (
    create_assets,
    create_incidents,
    create_sightings_and_jobs,
    create_work,
)
from data.store.contents import digest_stored_rows

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

first = importlib.import_module("data.migrations.versions.0001_first_tables")
NEW = (
    "unplaced_incidents",
    "dwelling_incidents",
    "patrol_plans",
    "lit_streets",
    "outages",
    "measures",
)
IMPORT_COLUMNS = {"findings": "{}", "warnings": "[]", "mapping": "{}"}


def upgrade() -> None:
    op.add_column("imports", sa.Column("withdrawn_at", sa.DateTime()))
    for name, default in IMPORT_COLUMNS.items():
        op.add_column("imports", sa.Column(name, sa.JSON(), nullable=False, server_default=default))
    op.add_column("refused_rows", sa.Column("sheet", sa.Text()))
    create_sightings_and_jobs()
    for table in first.PLACED:
        stash(table)
    create_incidents()
    create_assets()
    create_work()
    for table in first.PLACED:
        bring_back_as_first_versions(table)


def downgrade() -> None:
    for table in ("jobs", "sightings", *reversed(NEW)):
        op.drop_table(table)
    for table in first.PLACED:
        stash(table)
    first.create_incidents()
    first.create_assets()
    for table in first.PLACED:
        bring_back_current(table)
    op.drop_column("refused_rows", "sheet")
    for name in ("withdrawn_at", *IMPORT_COLUMNS):
        op.drop_column("imports", name)


# Rows: a table that gets another primary key is made anew, on both databases alike.


def stash(table: str) -> None:
    op.execute(f"CREATE TEMPORARY TABLE old_{table} AS SELECT * FROM {table}")
    op.drop_table(table)


def bring_back_as_first_versions(table: str) -> None:
    """Number the rows 1, valid since their import, each with the digest of what it says."""
    connection = op.get_bind()
    names = columns_of(connection, f"old_{table}")
    digest_stored_rows(connection, f"old_{table}", types_of(connection, table, names), "digests")
    listed = ", ".join(f"old.{name}" for name in names)
    op.execute(
        f"INSERT INTO {table} ({', '.join(names)}, version, content, valid_from)"
        f" SELECT {listed}, 1, digests.content, imports.imported_at FROM old_{table} AS old"
        " JOIN digests ON digests.identity = old.identity"
        " JOIN imports ON imports.import_id = old.import_id"
    )
    op.execute("DROP TABLE digests")
    op.execute(f"DROP TABLE old_{table}")


def bring_back_current(table: str) -> None:
    """Keep the current version of each record; the schema below knows no other, and no pins."""
    names = columns_of(op.get_bind(), table)
    listed = ", ".join(names)
    if table == "incidents":
        pinned = "CASE geo_method WHEN 'pin' THEN 'given' ELSE geo_method END"
        listed = ", ".join(pinned if name == "geo_method" else name for name in names)
    op.execute(
        f"INSERT INTO {table} ({', '.join(names)}) SELECT {listed} FROM old_{table}"
        " WHERE valid_to IS NULL"
    )
    op.execute(f"DROP TABLE old_{table}")


def columns_of(connection: sa.Connection, table: str) -> list[str]:
    return list(connection.execute(sa.text(f"SELECT * FROM {table} LIMIT 0")).keys())


def types_of(connection: sa.Connection, table: str, names: list[str]) -> dict[str, sa.Column]:
    """Return columns by name with their types; a table made by SELECT has lost them on SQLite."""
    found = {column["name"]: column["type"] for column in sa.inspect(connection).get_columns(table)}
    return {name: sa.Column(name, found[name]) for name in names}
