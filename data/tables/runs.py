"""Readings of street maps, published runs with the pointer to the current one, checks, jobs."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from data.tables.model import Model, between, one_of


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


class ForecastCheck(Model):
    """One comparison of what was forecast with what came; the last one written is the latest."""

    __tablename__ = "forecast_checks"
    __table_args__ = (CheckConstraint("length(check_id) = 16", name="check_id_length"),)

    sequence: Mapped[int] = mapped_column(primary_key=True)
    check_id: Mapped[str] = mapped_column(String(16), unique=True)
    made_at: Mapped[dt.datetime]
    as_of: Mapped[dt.date]
    result: Mapped[dict[str, Any]]


class Job(Model):
    """One piece of work that somebody waits for; its moments are UTC."""

    __tablename__ = "jobs"
    __table_args__ = (
        CheckConstraint("length(job_id) = 32", name="job_id_length"),
        one_of("kind", "preview", "import", "build", "layer", "forecast"),
        one_of("state", "queued", "running", "done", "failed", "cancelled"),
        between("progress", 0, 1),
        CheckConstraint("attempts >= 0", name="attempts_positive"),
    )

    job_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    kind: Mapped[str]
    state: Mapped[str] = mapped_column(index=True)
    created_at: Mapped[dt.datetime]
    started_at: Mapped[dt.datetime | None]
    ended_at: Mapped[dt.datetime | None]
    heartbeat_at: Mapped[dt.datetime | None]
    progress: Mapped[float]
    stage: Mapped[str]
    attempts: Mapped[int]
    cancel_requested: Mapped[bool]
    request: Mapped[dict[str, Any]]
    result: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    error: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
