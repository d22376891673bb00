"""Every table once, for SQLite and PostGIS alike.

Each noun's row bears an ``identity`` that is the same whenever the same record comes again, so
that importing twice stores once. The CHECKs are the last line: importers refuse such rows with a
word for the person, these keep out whatever slips past. Times are naive local wall time, but for
``imported_at`` and ``published_at``, which are UTC.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
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
    type_annotation_map: ClassVar[dict[Any, Any]] = {str: Text, dict[str, Any]: JSON}


def between(column: str, low: float, high: float) -> CheckConstraint:
    """Refuse numbers outside [low, high]; NaN and ±infinity lie outside on both databases."""
    return CheckConstraint(f"{column} BETWEEN {low:g} AND {high:g}", name=f"{column}_range")


def one_of(column: str, *words: str) -> CheckConstraint:
    """Refuse words outside a closed list."""
    listed = ", ".join(f"'{word}'" for word in words)
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_word")


def place_rules(table: str) -> tuple[SchemaItem, ...]:
    """Keep a point's columns and geometry finite, in range, present and equal to each other.

    In little-endian WKB of a point, bytes 12–13 and 20–21 hold the exponents of the two numbers:
    all bits set mean NaN or infinity, which is also how an empty point is written.
    """
    return (
        between("lat", -90, 90),
        between("lon", -180, 180),
        CheckConstraint("length(identity) = 32", name="identity_length"),
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


class Placed:
    """Columns of every imported record that has a place."""

    __tablename__: str

    identity: Mapped[str] = mapped_column(String(32), primary_key=True)
    source_row: Mapped[int | None]
    lat: Mapped[float]
    lon: Mapped[float]
    geom: Mapped[Any] = mapped_column(Geo("POINT"))

    @declared_attr
    @classmethod
    def import_id(cls) -> Mapped[int]:
        """Name the import that brought the record first."""
        return mapped_column(ForeignKey("imports.import_id"), index=True)


class Import(Model):
    """One file that was read: what came of each of its rows."""

    __tablename__ = "imports"
    __table_args__ = (
        CheckConstraint("rows_read = accepted + quarantined + duplicate", name="rows_add_up"),
        CheckConstraint("accepted >= 0 AND quarantined >= 0 AND duplicate >= 0", name="counts"),
        CheckConstraint("covers_from <= covers_to", name="coverage_order"),
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


class RefusedRow(Model):
    """One fault of one row that was not taken: where it stands and why, never its content."""

    __tablename__ = "refused_rows"

    refused_id: Mapped[int] = mapped_column(primary_key=True)
    import_id: Mapped[int] = mapped_column(ForeignKey("imports.import_id"), index=True)
    row_number: Mapped[int]
    column_name: Mapped[str | None]
    code: Mapped[str]
    raw_sha256: Mapped[str | None] = mapped_column(String(64))


class Incident(Placed, Model):
    """One offence or call, without a word about any person."""

    __tablename__ = "incidents"
    __table_args__ = (
        *place_rules("incidents"),
        one_of("offence_group", "child", "theft_robbery", "violence", "disorder", "drugs"),
        one_of("occurred_precision", "minute", "hour", "day", "interval"),
        one_of("discovery", "reported", "discovered", "unknown"),
        one_of("status", "active", "discontinued", "reclassified"),
        one_of("geo_method", "given", "geocoded", "street-only", "district"),
        between("gravity", 0, 4),
        between("severity_days", 0, 100_000),
        between("geo_accuracy_m", 0, 1_000_000),
        CheckConstraint("occurred_at <= occurred_to", name="occurred_order"),
    )

    source: Mapped[str]
    ext_id_hash: Mapped[str | None] = mapped_column(String(64))
    h3_cell: Mapped[int] = mapped_column(BigInteger, index=True)
    article: Mapped[str | None]
    part: Mapped[str | None]
    paragraph: Mapped[str | None]
    offence_group: Mapped[str | None]  # missing: the article is not in the table of groups
    gravity: Mapped[int | None] = mapped_column(SmallInteger)
    severity_days: Mapped[float | None]
    is_misdemeanour: Mapped[bool | None]
    occurred_at: Mapped[dt.datetime]
    occurred_precision: Mapped[str]
    occurred_to: Mapped[dt.datetime | None]
    registered_at: Mapped[dt.datetime | None]
    place_type: Mapped[str]
    victim_minor: Mapped[bool | None]
    sensitive: Mapped[bool]
    discovery: Mapped[str]
    discretionary: Mapped[bool | None]  # the article's: decides where discovery is unknown
    status: Mapped[str] = mapped_column(default="active")
    geo_method: Mapped[str | None]
    geo_accuracy_m: Mapped[float | None]
    address_raw: Mapped[str | None]
    address_key: Mapped[str]


class School(Placed, Model):
    """One school building with its shifts."""

    __tablename__ = "schools"
    __table_args__ = (*place_rules("schools"), between("pupils", 0, 100_000))

    name: Mapped[str | None]
    name_kk: Mapped[str | None]
    name_ru: Mapped[str | None]
    kind: Mapped[str | None]
    shift_times: Mapped[str]
    shift_times_assumed: Mapped[bool]
    pupils: Mapped[float | None]


class Home(Placed, Model):
    """One dwelling house: where children set out from."""

    __tablename__ = "homes"
    __table_args__ = (*place_rules("homes"), between("dwellings", 0, 100_000))

    kind: Mapped[str | None]
    dwellings: Mapped[float]


class Lamp(Placed, Model):
    """One street lamp and what is known of its state."""

    __tablename__ = "lamps"
    __table_args__ = (*place_rules("lamps"), between("mount_height_m", 0, 60))

    kind: Mapped[str | None]
    mount_height_m: Mapped[float | None]
    working: Mapped[bool | None]
    commissioned_at: Mapped[dt.datetime | None]
    broken_from: Mapped[dt.datetime | None]
    broken_to: Mapped[dt.datetime | None]


class PatrolVisit(Placed, Model):
    """One stay of a patrol at one place."""

    __tablename__ = "patrol_visits"
    __table_args__ = (*place_rules("patrol_visits"), between("minutes", 0, 24 * 60))

    kind: Mapped[str | None]
    arrived_at: Mapped[dt.datetime]
    minutes: Mapped[float]


class Camera(Placed, Model):
    """One camera and what it sees."""

    __tablename__ = "cameras"
    __table_args__ = (
        *place_rules("cameras"),
        between("azimuth_deg", 0, 360),
        between("range_m", 0, 500),
    )

    kind: Mapped[str | None]
    working: Mapped[bool | None]
    broken_from: Mapped[dt.datetime | None]
    azimuth_deg: Mapped[float | None]
    range_m: Mapped[float | None]


class Extract(Model):
    """One reading of a street map; its tables lie in ``extracts/<address>/``."""

    __tablename__ = "extracts"

    extract_id: Mapped[int] = mapped_column(primary_key=True)
    import_id: Mapped[int] = mapped_column(ForeignKey("imports.import_id"), index=True)
    address: Mapped[str] = mapped_column(String(16))
    facts: Mapped[dict[str, Any]]


class Run(Model):
    """One scoring; its snapshot lies in ``snapshots/<run_id>/``."""

    __tablename__ = "runs"
    __table_args__ = (CheckConstraint("length(run_id) = 16", name="run_id_length"),)

    sequence: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[str] = mapped_column(String(16), unique=True)
    as_of: Mapped[dt.date]
    parameters_version: Mapped[str]
    parameters_hash: Mapped[str] = mapped_column(String(64))
    code_version: Mapped[str]
    manifest_sha256: Mapped[str] = mapped_column(String(64))
    published_at: Mapped[dt.datetime]
    seconds: Mapped[float]
    peak_memory_mb: Mapped[float]
    facts: Mapped[dict[str, Any]]


class CurrentRun(Model):
    """The pointer: one row that names the run everybody reads; ``moves`` counts its moves."""

    __tablename__ = "current_run"
    __table_args__ = (CheckConstraint("pointer = 1", name="one_row"),)

    pointer: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    run_id: Mapped[str | None] = mapped_column(ForeignKey("runs.run_id"))
    moves: Mapped[int]


def table_of(model: type[Model]) -> Table:
    """Return a model's table."""
    table = model.__table__
    assert isinstance(table, Table)
    return table
