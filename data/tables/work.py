"""What is done for safety: stays and plans of patrols, and measures taken in a place."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from data.geometry import Geo
from data.tables.model import Model, Placed, between, in_order, line_rules, one_of, place_rules

MEASURES = ("lamp", "camera", "clear", "fence", "pavement", "patrol", "guard", "help-point")


class PatrolVisit(Placed, Model):
    """One stay of a patrol at one place."""

    __tablename__ = "patrol_visits"
    __table_args__ = (*place_rules("patrol_visits"), between("minutes", 0, 24 * 60))

    kind: Mapped[str | None]
    arrived_at: Mapped[dt.datetime]
    minutes: Mapped[float]


class PatrolPlan(Placed, Model):
    """One post or route of a route sheet, as somebody wrote it and where it was found to lie."""

    __tablename__ = "patrol_plans"
    __table_args__ = (
        *place_rules("patrol_plans"),
        *line_rules("patrol_plans"),
        between("staff", 0, 10_000),
        between("match_score", 0, 100),
    )

    number: Mapped[str | None]
    kind: Mapped[str | None]
    shift: Mapped[str | None]
    starts_at: Mapped[str | None]  # HH:MM, local
    ends_at: Mapped[str | None]
    description: Mapped[str | None]
    staff: Mapped[float | None]
    match_score: Mapped[float | None]
    weekdays: Mapped[str | None]  # ISO numbers in order, such as "12345"; missing: every day
    line: Mapped[Any | None] = mapped_column(Geo("LINESTRING"))


class Measure(Placed, Model):
    """One measure with its dates, money and the offices that answer for it; never a person."""

    __tablename__ = "measures"
    __table_args__ = (
        *place_rules("measures"),
        *line_rules("measures"),
        one_of("kind", *MEASURES),
        between("funded_kzt", 0, 1e15),
        in_order("broken", "broken_from", "broken_to"),
    )

    number: Mapped[str | None]
    kind: Mapped[str]
    decided_at: Mapped[dt.datetime | None]
    funded_kzt: Mapped[float | None]
    funding: Mapped[str | None]
    contract: Mapped[str | None]
    started_at: Mapped[dt.datetime | None]
    commissioned_at: Mapped[dt.datetime | None]
    verified_by: Mapped[str | None]
    broken_from: Mapped[dt.datetime | None]
    broken_to: Mapped[dt.datetime | None]
    responsible: Mapped[str | None]
    document: Mapped[str | None]
    line: Mapped[Any | None] = mapped_column(Geo("LINESTRING"))
