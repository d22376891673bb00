"""Columns, rules and indexes of which the tables of schema 0002 are put together."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from data.geometry import Geo


def create_recorded(table: str, *items: Any) -> None:
    """Make a table of records with its rules and indexes."""
    op.create_table(
        table,
        sa.Column("identity", sa.String(32), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("content", sa.String(32), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("source_row", sa.Integer()),
        sa.Column("valid_from", sa.DateTime(), nullable=False),
        sa.Column("valid_to", sa.DateTime()),
        *items,
        sa.PrimaryKeyConstraint("identity", "version", name=op.f(f"pk_{table}")),
        of_import(table),
        check(table, "identity_length", "length(identity) = 32"),
        check(table, "content_length", "length(content) = 32"),
        check(table, "version_positive", "version >= 1"),
        check(table, "valid_order", "valid_from <= valid_to"),
    )
    index(table, "import_id")
    current = sa.text("valid_to IS NULL")
    op.create_index(
        f"ix_{table}_current",
        table,
        ["identity"],
        unique=True,
        sqlite_where=current,
        postgresql_where=current,
    )


def create_placed(table: str, *items: Any) -> None:
    """Make a table of records that have a place."""
    create_recorded(
        table,
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("geom", Geo("POINT", srid=4326), nullable=False),
        *items,
        limits(table, "lat", -90, 90),
        limits(table, "lon", -180, 180),
        check(table, "geom_point", point_rule()),
    )
    index_geometry(table, "geom")


def point_rule() -> str:
    """Return the rule of a point's geometry on this database."""
    if op.get_bind().dialect.name == "postgresql":
        return (
            "NOT ST_IsEmpty(geom) AND ST_SRID(geom) = 4326 AND ST_X(geom) = lon"
            " AND ST_Y(geom) = lat"
        )
    return (
        "length(geom) = 21 AND hex(substr(geom, 1, 5)) = '0101000000'"
        " AND hex(substr(geom, 12, 2)) NOT GLOB 'F?[7F]F'"
        " AND hex(substr(geom, 20, 2)) NOT GLOB 'F?[7F]F'"
    )


def line(table: str) -> tuple[Any, ...]:
    """Return the column of a line and its rule on this database."""
    ends = [f"hex(substr(line, {at}, 2)) NOT GLOB 'F?[7F]F'" for at in (16, 24, -10, -2)]
    rule = (
        "NOT ST_IsEmpty(line) AND ST_SRID(line) = 4326 AND ST_IsValid(line)"
        " AND ST_XMin(line) >= -180 AND ST_XMax(line) <= 180"
        " AND ST_YMin(line) >= -90 AND ST_YMax(line) <= 90"
        if op.get_bind().dialect.name == "postgresql"
        else "line IS NULL OR hex(substr(line, 1, 5)) = '0102000000' AND length(line) >= 41"
        f" AND length(line) % 16 = 9 AND {' AND '.join(ends)}"
    )
    return sa.Column("line", Geo("LINESTRING", srid=4326)), check(table, "line_sound", rule)


def index_geometry(table: str, column: str) -> None:
    """Index a geometry where the database can."""
    if op.get_bind().dialect.name == "postgresql":
        op.create_index(f"gix_{table}_{column}", table, [column], postgresql_using="gist")


def texts(*names: str, nullable: bool = True) -> list[sa.Column[Any]]:
    """Return columns of text."""
    return [sa.Column(name, sa.Text(), nullable=nullable) for name in names]


def numbers(*names: str) -> list[sa.Column[Any]]:
    """Return columns of numbers that may be missing."""
    return [sa.Column(name, sa.Double()) for name in names]


def flags(*names: str) -> list[sa.Column[Any]]:
    """Return columns of truth values that may be missing."""
    return [sa.Column(name, sa.Boolean()) for name in names]


def times(*names: str) -> list[sa.Column[Any]]:
    """Return columns of moments that may be missing."""
    return [sa.Column(name, sa.DateTime()) for name in names]


def index(table: str, column: str) -> None:
    """Index one column."""
    op.create_index(op.f(f"ix_{table}_{column}"), table, [column])


def of_import(table: str) -> sa.ForeignKeyConstraint:
    """Point to the import."""
    name = op.f(f"fk_{table}_import_id")
    return sa.ForeignKeyConstraint(["import_id"], ["imports.import_id"], name=name)


def check(table: str, name: str, rule: str) -> sa.CheckConstraint:
    """Name a rule as the models name it."""
    return sa.CheckConstraint(rule, name=op.f(f"ck_{table}_{name}"))


def limits(table: str, column: str, low: int, high: int) -> sa.CheckConstraint:
    """Keep numbers within limits."""
    return check(table, f"{column}_range", f"{column} BETWEEN {low} AND {high}")


def words(table: str, column: str, listed: str) -> sa.CheckConstraint:
    """Keep to a closed list."""
    quoted = ", ".join(f"'{word}'" for word in listed.split())
    return check(table, f"{column}_word", f"{column} IN ({quoted})")
