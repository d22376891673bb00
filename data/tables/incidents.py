"""Offences and calls: those with a place, those without one yet, and those inside dwellings."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import BigInteger, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.schema import SchemaItem

from data.registers import REGISTERS
from data.tables.model import (
    Model,
    Placed,
    Recorded,
    between,
    in_order,
    one_of,
    place_rules,
    record_rules,
)

GEO_METHODS = ("given", "pin", "geocoded", "street-only", "district")
OFFENCE_GROUPS = ("child", "theft_robbery", "violence", "disorder", "drugs")


class Offence:
    """What is recorded of an offence besides its place, without a word about any person."""

    source: Mapped[str]
    register: Mapped[str] = mapped_column(default="other", server_default="other")
    ext_id_hash: Mapped[str | None] = mapped_column(String(64))
    reference_hash: Mapped[str | None] = mapped_column(String(64))  # its number in another register
    district: Mapped[str | None]
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


def offence_rules() -> tuple[SchemaItem, ...]:
    """Keep the words, numbers and times of an offence in their limits."""
    return (
        one_of("register", *REGISTERS),
        one_of("offence_group", *OFFENCE_GROUPS),
        one_of("occurred_precision", "minute", "hour", "day", "interval"),
        one_of("discovery", "reported", "discovered", "unknown"),
        one_of("status", "active", "discontinued", "reclassified"),
        between("gravity", 0, 4),
        between("severity_days", 0, 100_000),
        in_order("occurred", "occurred_at", "occurred_to"),
    )


class Incident(Offence, Placed, Model):
    """One offence or call with its place."""

    __tablename__ = "incidents"
    __table_args__ = (
        *place_rules("incidents"),
        *offence_rules(),
        one_of("geo_method", *GEO_METHODS),
        between("geo_accuracy_m", 0, 1_000_000),
        between("geo_score", 0, 100),
    )

    h3_cell: Mapped[int] = mapped_column(BigInteger, index=True)
    geo_method: Mapped[str | None]
    geo_accuracy_m: Mapped[float | None]
    geo_score: Mapped[float | None]
    address_raw: Mapped[str | None]
    address_key: Mapped[str]


class UnplacedIncident(Offence, Recorded, Model):
    """One offence whose place nobody found yet; a pin turns it into an incident."""

    __tablename__ = "unplaced_incidents"
    __table_args__ = (*record_rules("unplaced_incidents"), *offence_rules())

    address_raw: Mapped[str | None]
    reason: Mapped[str]
    pinned_at: Mapped[dt.datetime | None]


class DwellingIncident(Recorded, Model):
    """One offence inside a dwelling: its district, month and group, and nothing else."""

    __tablename__ = "dwelling_incidents"
    __table_args__ = (
        *record_rules("dwelling_incidents"),
        one_of("offence_group", *OFFENCE_GROUPS),
    )

    district: Mapped[str]  # empty where it is not known
    month: Mapped[dt.date]  # its first day
    offence_group: Mapped[str | None]
