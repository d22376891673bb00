"""What every table shares: named constraints, rules for values, and the columns of a record.

The CHECKs are the last line: importers refuse such rows with a word for the person, these keep
out whatever slips past.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Date,
    DateTime,
    ForeignKey,
    Index,
    MetaData,
    String,
    Table,
    Text,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column
from sqlalchemy.schema import SchemaItem

from data.geometry import Geo

NAMES = {
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ix": "ix_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
}


class Model(DeclarativeBase):
    """Root of the tables; constraints are named so that SQLite migrations can find them."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        str: Text,
        dt.datetime: DateTime,
        dt.date: Date,
        dict[str, Any]: JSON,
        list[str]: JSON,
    }


IDENTITY = String(32).with_variant(String(32, collation="C"), "postgresql")
"""Compared by its bytes, as SQLite does anyway: the order of a language is slower to sort by."""


class Recorded:
    """Columns of every imported record; each change of its content is a version of its own.

    Attributes
    ----------
    identity
        The same whenever the same record comes again, so that importing twice stores once.
    version
        1, 2, … within an identity; at most one of them is current.
    content
        Digest of what the row says (`data.store.versions`): equal digests mean nothing changed.
    valid_from, valid_to
        Moments (UTC) from which and until which the version stood; the current one has no end.
    import_id, source_row
        The import that brought the version first, and the row of its file.
    """

    __tablename__: str

    identity: Mapped[str] = mapped_column(IDENTITY, primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    content: Mapped[str] = mapped_column(String(32))
    source_row: Mapped[int | None]
    valid_from: Mapped[dt.datetime]
    valid_to: Mapped[dt.datetime | None]

    @declared_attr
    @classmethod
    def import_id(cls) -> Mapped[int]:
        """Name the import that brought the version first."""
        return mapped_column(ForeignKey("imports.import_id"), index=True)


class Placed(Recorded):
    """Columns of every imported record that has a place."""

    lat: Mapped[float]
    lon: Mapped[float]
    geom: Mapped[Any] = mapped_column(Geo("POINT"))


def between(column: str, low: float, high: float) -> CheckConstraint:
    """Refuse numbers outside [low, high]; NaN and ±infinity lie outside on both databases."""
    return CheckConstraint(f"{column} BETWEEN {low:g} AND {high:g}", name=f"{column}_range")


def one_of(column: str, *words: str) -> CheckConstraint:
    """Refuse words outside a closed list."""
    listed = ", ".join(f"'{word}'" for word in words)
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_word")


def in_order(name: str, first: str, last: str) -> CheckConstraint:
    """Refuse an end before its start."""
    return CheckConstraint(f"{first} <= {last}", name=f"{name}_order")


def record_rules(table: str) -> tuple[SchemaItem, ...]:
    """Keep identities and versions sound, and one current version an identity."""
    current = text("valid_to IS NULL")
    return (
        CheckConstraint("length(identity) = 32", name="identity_length"),
        CheckConstraint("length(content) = 32", name="content_length"),
        CheckConstraint("version >= 1", name="version_positive"),
        in_order("valid", "valid_from", "valid_to"),
        Index(
            f"ix_{table}_current",
            "identity",
            unique=True,
            sqlite_where=current,
            postgresql_where=current,
        ),
    )


def place_rules(table: str) -> tuple[SchemaItem, ...]:
    """Keep a point's columns and geometry finite, in range, present and equal to each other.

    In little-endian WKB of a point, bytes 12–13 and 20–21 hold the exponents of the two numbers:
    all bits set mean NaN or infinity, which is also how an empty point is written.
    """
    return (
        *record_rules(table),
        between("lat", -90, 90),
        between("lon", -180, 180),
        CheckConstraint(
            "NOT ST_IsEmpty(geom) AND ST_SRID(geom) = 4326"
            " AND ST_X(geom) = lon AND ST_Y(geom) = lat",
            name="geom_point",
        ).ddl_if(dialect="postgresql"),
        CheckConstraint(
            "length(geom) = 21 AND hex(substr(geom, 1, 5)) = '0101000000'"
            " AND hex(substr(geom, 12, 2)) NOT GLOB 'F?[7F]F'"
            " AND hex(substr(geom, 20, 2)) NOT GLOB 'F?[7F]F'",
            name="geom_point",
        ).ddl_if(dialect="sqlite"),
        Index(f"gix_{table}_geom", "geom", postgresql_using="gist").ddl_if(dialect="postgresql"),
    )


def line_rules(table: str) -> tuple[SchemaItem, ...]:
    """Keep a line in WGS 84 with at least two points, its ends finite and on the globe.

    PostGIS looks at every point. A CHECK of SQLite cannot walk along the bytes; there the two
    ends are looked at (exponents as in `place_rules`), the points between them by the importer.
    """
    ends = " AND ".join(
        f"hex(substr(line, {start}, 2)) NOT GLOB 'F?[7F]F'" for start in (16, 24, -10, -2)
    )
    return (
        CheckConstraint(
            "NOT ST_IsEmpty(line) AND ST_SRID(line) = 4326 AND ST_IsValid(line)"
            " AND ST_XMin(line) >= -180 AND ST_XMax(line) <= 180"
            " AND ST_YMin(line) >= -90 AND ST_YMax(line) <= 90",
            name="line_sound",
        ).ddl_if(dialect="postgresql"),
        CheckConstraint(
            "line IS NULL OR hex(substr(line, 1, 5)) = '0102000000'"  # hex(NULL) is ''
            f" AND length(line) >= 41 AND length(line) % 16 = 9 AND {ends}",
            name="line_sound",
        ).ddl_if(dialect="sqlite"),
        Index(f"gix_{table}_line", "line", postgresql_using="gist").ddl_if(dialect="postgresql"),
    )


def table_of(model: type[Model]) -> Table:
    """Return a model's table."""
    table = model.__table__
    assert isinstance(table, Table)
    return table
