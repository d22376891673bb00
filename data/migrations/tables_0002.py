"""The tables of schema 0002 as its migration makes them; never changed afterwards."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from data.migrations.parts_0002 import (
    check,
    create_placed,
    create_recorded,
    flags,
    index,
    index_geometry,
    limits,
    line,
    numbers,
    of_import,
    texts,
    times,
    words,
)

GROUPS = "child theft_robbery violence disorder drugs"


def create_sightings_and_jobs() -> None:
    """Make the tables of sightings and jobs."""
    op.create_table(
        "sightings",
        sa.Column("import_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("identities", sa.LargeBinary(), nullable=False),
        sa.Column("contents", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("import_id", name=op.f("pk_sightings")),
        of_import("sightings"),
        check("sightings", "pairs", "length(identities) = length(contents)"),
        check("sightings", "whole", "length(identities) % 16 = 0"),
    )
    op.create_table(
        "jobs",
        sa.Column("job_id", sa.String(32), nullable=False),
        *texts("kind", "state", nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        *times("started_at", "ended_at", "heartbeat_at"),
        sa.Column("progress", sa.Double(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("cancel_requested", sa.Boolean(), nullable=False),
        sa.Column("request", sa.JSON(), nullable=False),
        sa.Column("result", sa.JSON()),
        sa.Column("error", sa.JSON()),
        sa.PrimaryKeyConstraint("job_id", name=op.f("pk_jobs")),
        check("jobs", "job_id_length", "length(job_id) = 32"),
        words("jobs", "kind", "preview import build layer"),
        words("jobs", "state", "queued running done failed cancelled"),
        limits("jobs", "progress", 0, 1),
        check("jobs", "attempts_positive", "attempts >= 0"),
    )
    index("jobs", "state")


def create_incidents() -> None:
    """Make the three tables of offences."""
    create_placed(
        "incidents",
        *offence_columns("incidents"),
        sa.Column("h3_cell", sa.BigInteger(), nullable=False),
        *texts("geo_method", "address_raw"),
        *numbers("geo_accuracy_m", "geo_score"),
        *texts("address_key", nullable=False),
        words("incidents", "geo_method", "given pin geocoded street-only district"),
        limits("incidents", "geo_accuracy_m", 0, 1000000),
        limits("incidents", "geo_score", 0, 100),
    )
    index("incidents", "h3_cell")
    create_recorded(
        "unplaced_incidents",
        *offence_columns("unplaced_incidents"),
        *texts("address_raw"),
        *texts("reason", nullable=False),
        *times("pinned_at"),
    )
    create_recorded(
        "dwelling_incidents",
        *texts("district", nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        *texts("offence_group"),
        words("dwelling_incidents", "offence_group", GROUPS),
    )


def offence_columns(table: str) -> tuple[Any, ...]:
    """Return what is recorded of an offence besides its place."""
    return (
        *texts("source", nullable=False),
        sa.Column("register", sa.Text(), nullable=False, server_default="other"),
        sa.Column("ext_id_hash", sa.String(64)),
        sa.Column("reference_hash", sa.String(64)),
        *texts("district", "article", "part", "paragraph", "offence_group"),
        sa.Column("gravity", sa.SmallInteger()),
        *numbers("severity_days"),
        *flags("is_misdemeanour", "victim_minor", "discretionary"),
        sa.Column("occurred_at", sa.DateTime(), nullable=False),
        *times("occurred_to", "registered_at"),
        *texts("occurred_precision", "place_type", "discovery", "status", nullable=False),
        sa.Column("sensitive", sa.Boolean(), nullable=False),
        words(table, "register", "erdr kui call102 koap other"),
        words(table, "offence_group", GROUPS),
        words(table, "occurred_precision", "minute hour day interval"),
        words(table, "discovery", "reported discovered unknown"),
        words(table, "status", "active discontinued reclassified"),
        limits(table, "gravity", 0, 4),
        limits(table, "severity_days", 0, 100000),
        check(table, "occurred_order", "occurred_at <= occurred_to"),
    )


def create_assets() -> None:
    """Make the tables of what stands in the streets."""
    create_placed(
        "schools",
        *texts("name", "name_kk", "name_ru", "kind", "number", "language", "gates"),
        *texts("shift_times", nullable=False),
        sa.Column("shift_times_assumed", sa.Boolean(), nullable=False),
        *numbers("pupils"),
        *flags("guard", "turnstile", "inspector", "cameras_connected"),
        limits("schools", "pupils", 0, 100000),
    )
    create_placed(
        "homes",
        *texts("kind"),
        sa.Column("dwellings", sa.Double(), nullable=False),
        limits("homes", "dwellings", 0, 100000),
    )
    create_placed(
        "lamps",
        *texts("kind", "number", "feeder", "owner", "funding", "state"),
        *numbers("mount_height_m"),
        *flags("working"),
        *times("commissioned_at", "broken_from", "broken_to", "inspected_at"),
        limits("lamps", "mount_height_m", 0, 60),
        words("lamps", "state", "works dead planned unpaid dismantled unknown"),
    )
    create_placed(
        "lit_streets",
        *texts("street", nullable=False),
        *texts("house_from", "house_to", "lit", "owner", "funding"),
        *numbers("length_m", "year", "cost_kzt", "match_score"),
        *line("lit_streets"),
        words("lit_streets", "lit", "yes no partly"),
        limits("lit_streets", "length_m", 0, 1000000),
        limits("lit_streets", "year", 1900, 2200),
        limits("lit_streets", "cost_kzt", 0, 10**15),
        limits("lit_streets", "match_score", 0, 100),
    )
    index_geometry("lit_streets", "line")
    create_placed(
        "cameras",
        *texts("kind", "number", "owner", "funding"),
        *numbers("azimuth_deg", "range_m", "angle_deg", "retention_days"),
        *flags("working", "connected"),
        *times("broken_from", "broken_to", "inspected_at"),
        limits("cameras", "azimuth_deg", 0, 360),
        limits("cameras", "range_m", 0, 500),
        limits("cameras", "angle_deg", 0, 360),
        limits("cameras", "retention_days", 0, 36500),
    )
    create_recorded(
        "outages",
        *texts("asset", nullable=False),
        *texts("number", "feeder", "street"),
        sa.Column("broken_from", sa.DateTime(), nullable=False),
        *times("broken_to"),
        words("outages", "asset", "lamp camera"),
        check("outages", "broken_order", "broken_from <= broken_to"),
    )


def create_work() -> None:
    """Make the tables of patrols and measures."""
    create_placed(
        "patrol_visits",
        *texts("kind"),
        sa.Column("arrived_at", sa.DateTime(), nullable=False),
        sa.Column("minutes", sa.Double(), nullable=False),
        limits("patrol_visits", "minutes", 0, 1440),
    )
    create_placed(
        "patrol_plans",
        *texts("number", "kind", "shift", "starts_at", "ends_at", "description"),
        *numbers("staff", "match_score"),
        limits("patrol_plans", "staff", 0, 10000),
        limits("patrol_plans", "match_score", 0, 100),
    )
    create_placed(
        "measures",
        *texts("kind", nullable=False),
        *texts("number", "funding", "contract", "verified_by", "responsible", "document"),
        *numbers("funded_kzt"),
        *times("decided_at", "started_at", "commissioned_at", "broken_from", "broken_to"),
        *line("measures"),
        words("measures", "kind", "lamp camera clear fence pavement patrol guard help-point"),
        limits("measures", "funded_kzt", 0, 10**15),
        check("measures", "broken_order", "broken_from <= broken_to"),
    )
    index_geometry("measures", "line")
