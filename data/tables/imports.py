"""The ledger of imports, the rows that were refused, and the records that came once more."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from data.tables.model import Model, in_order


class Import(Model):
    """One file that was read: what came of each of its rows."""

    __tablename__ = "imports"
    __table_args__ = (
        CheckConstraint("rows_read = accepted + quarantined + duplicate", name="rows_add_up"),
        CheckConstraint("accepted >= 0 AND quarantined >= 0 AND duplicate >= 0", name="counts"),
        in_order("coverage", "covers_from", "covers_to"),
    )

    import_id: Mapped[int] = mapped_column(primary_key=True)
    noun: Mapped[str]
    source: Mapped[str]
    file_name: Mapped[str]
    file_sha256: Mapped[str] = mapped_column(String(64))
    imported_at: Mapped[dt.datetime]
    rows_read: Mapped[int]
    accepted: Mapped[int]
    quarantined: Mapped[int]
    duplicate: Mapped[int]
    covers_from: Mapped[dt.date | None]
    covers_to: Mapped[dt.date | None]
    inferred: Mapped[dict[str, Any]]
    reasons: Mapped[dict[str, Any]]
    withdrawn_at: Mapped[dt.datetime | None]
    findings: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    warnings: Mapped[list[str]] = mapped_column(server_default="[]")
    mapping: Mapped[dict[str, Any]] = mapped_column(server_default="{}")


class RefusedRow(Model):
    """One fault of one row that was not taken: where it stands and why, never its content."""

    __tablename__ = "refused_rows"

    refused_id: Mapped[int] = mapped_column(primary_key=True)
    import_id: Mapped[int] = mapped_column(ForeignKey("imports.import_id"), index=True)
    sheet: Mapped[str | None]
    row_number: Mapped[int]
    column_name: Mapped[str | None]
    code: Mapped[str]
    raw_sha256: Mapped[str | None] = mapped_column(String(64))


class Sighting(Model):
    """The records of an import that were known already, 16 bytes each of identity and content.

    They keep a record in the store when the import that brought it first is withdrawn.
    """

    __tablename__ = "sightings"
    __table_args__ = (
        CheckConstraint("length(identities) = length(contents)", name="pairs"),
        CheckConstraint("length(identities) % 16 = 0", name="whole"),
    )

    import_id: Mapped[int] = mapped_column(
        ForeignKey("imports.import_id"), primary_key=True, autoincrement=False
    )
    identities: Mapped[bytes] = mapped_column(LargeBinary)
    contents: Mapped[bytes] = mapped_column(LargeBinary)
