"""What stands in the streets: schools, homes, lamps, lit streets, cameras, and their outages."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from data.geometry import Geo
from data.tables.model import (
    Model,
    Placed,
    Recorded,
    between,
    in_order,
    line_rules,
    one_of,
    place_rules,
    record_rules,
)


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
    number: Mapped[str | None]
    language: Mapped[str | None]
    guard: Mapped[bool | None]
    turnstile: Mapped[bool | None]
    inspector: Mapped[bool | None]
    cameras_connected: Mapped[bool | None]
    gates: Mapped[str | None]  # "lat,lon;lat,lon"


class Home(Placed, Model):
    """One dwelling house: where children set out from."""

    __tablename__ = "homes"
    __table_args__ = (*place_rules("homes"), between("dwellings", 0, 100_000))

    kind: Mapped[str | None]
    dwellings: Mapped[float]


class Lamp(Placed, Model):
    """One street lamp and what is known of its state."""

    __tablename__ = "lamps"
    __table_args__ = (
        *place_rules("lamps"),
        between("mount_height_m", 0, 60),
        one_of("state", "works", "dead", "planned", "unpaid", "dismantled", "unknown"),
        between("dimmed_share", 0, 1),
    )

    kind: Mapped[str | None]
    mount_height_m: Mapped[float | None]
    working: Mapped[bool | None]
    commissioned_at: Mapped[dt.datetime | None]
    broken_from: Mapped[dt.datetime | None]
    broken_to: Mapped[dt.datetime | None]
    number: Mapped[str | None]
    feeder: Mapped[str | None]
    owner: Mapped[str | None]
    funding: Mapped[str | None]
    state: Mapped[str | None]
    inspected_at: Mapped[dt.datetime | None]
    dimmed_from: Mapped[str | None]  # HH:MM, local
    dimmed_to: Mapped[str | None]
    dimmed_share: Mapped[float | None]  # of the light that is left; 0 is switched off


class LitStreet(Placed, Model):
    """One stretch of a street that a list calls lit or not; its point is the middle."""

    __tablename__ = "lit_streets"
    __table_args__ = (
        *place_rules("lit_streets"),
        *line_rules("lit_streets"),
        one_of("lit", "yes", "no", "partly"),
        between("length_m", 0, 1_000_000),
        between("year", 1900, 2200),
        between("cost_kzt", 0, 1e15),
        between("match_score", 0, 100),
        between("dimmed_share", 0, 1),
    )

    street: Mapped[str]
    house_from: Mapped[str | None]
    house_to: Mapped[str | None]
    lit: Mapped[str | None]
    length_m: Mapped[float | None]
    year: Mapped[float | None]
    owner: Mapped[str | None]
    funding: Mapped[str | None]
    cost_kzt: Mapped[float | None]
    line: Mapped[Any | None] = mapped_column(Geo("LINESTRING"))
    match_score: Mapped[float | None]
    dimmed_from: Mapped[str | None]
    dimmed_to: Mapped[str | None]
    dimmed_share: Mapped[float | None]


class Camera(Placed, Model):
    """One camera and what it sees."""

    __tablename__ = "cameras"
    __table_args__ = (
        *place_rules("cameras"),
        between("azimuth_deg", 0, 360),
        between("range_m", 0, 500),
        between("angle_deg", 0, 360),
        between("retention_days", 0, 36_500),
    )

    kind: Mapped[str | None]
    working: Mapped[bool | None]
    broken_from: Mapped[dt.datetime | None]
    azimuth_deg: Mapped[float | None]
    range_m: Mapped[float | None]
    number: Mapped[str | None]
    owner: Mapped[str | None]
    funding: Mapped[str | None]
    connected: Mapped[bool | None]
    angle_deg: Mapped[float | None]
    inspected_at: Mapped[dt.datetime | None]
    broken_to: Mapped[dt.datetime | None]
    retention_days: Mapped[float | None]


class Outage(Recorded, Model):
    """One time in which a lamp or camera, a feeder or a street of them did not work."""

    __tablename__ = "outages"
    __table_args__ = (
        *record_rules("outages"),
        one_of("asset", "lamp", "camera"),
        in_order("broken", "broken_from", "broken_to"),
    )

    asset: Mapped[str]
    number: Mapped[str | None]
    feeder: Mapped[str | None]
    street: Mapped[str | None]
    broken_from: Mapped[dt.datetime]
    broken_to: Mapped[dt.datetime | None]  # missing: still broken
