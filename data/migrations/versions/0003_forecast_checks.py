"""The checks of the forecast, and jobs that make them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from data.migrations.parts_0002 import check, index, limits, texts, times, words

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

OLD_KINDS = "preview import build layer"


def upgrade() -> None:
    op.create_table(
        "forecast_checks",
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("check_id", sa.String(16), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("result", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_forecast_checks")),
        sa.UniqueConstraint("check_id", name=op.f("uq_forecast_checks_check_id")),
        check("forecast_checks", "check_id_length", "length(check_id) = 16"),
    )
    remake_jobs(f"{OLD_KINDS} forecast")


def downgrade() -> None:
    op.execute("DELETE FROM jobs WHERE kind = 'forecast'")
    remake_jobs(OLD_KINDS)
    op.drop_table("forecast_checks")


# A closed list is part of the table on SQLite, so the table is made anew; on both databases alike.


def remake_jobs(kinds: str) -> None:
    op.execute("CREATE TEMPORARY TABLE old_jobs AS SELECT * FROM jobs")
    op.drop_table("jobs")
    create_jobs(kinds)
    op.execute("INSERT INTO jobs SELECT * FROM old_jobs")
    op.execute("DROP TABLE old_jobs")


def create_jobs(kinds: str) -> None:
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
        words("jobs", "kind", kinds),
        words("jobs", "state", "queued running done failed cancelled"),
        limits("jobs", "progress", 0, 1),
        check("jobs", "attempts_positive", "attempts >= 0"),
    )
    index("jobs", "state")
