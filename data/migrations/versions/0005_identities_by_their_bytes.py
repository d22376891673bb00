"""Identities are compared byte by byte, not by the rules of the server's language.

An index of them is built in about half the time, and one that stands stays right when an update
of the system brings other rules of language. SQLite compares bytes anyway.
"""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

RECORDS = (
    "incidents",
    "unplaced_incidents",
    "dwelling_incidents",
    "schools",
    "homes",
    "lamps",
    "lit_streets",
    "cameras",
    "outages",
    "patrol_visits",
    "patrol_plans",
    "measures",
)


def upgrade() -> None:
    compare_by("C")


def downgrade() -> None:
    compare_by("default")


def compare_by(collation: str) -> None:
    """Say it of each table; PostgreSQL makes the indexes anew and leaves the rows."""
    if op.get_bind().dialect.name == "postgresql":
        for table in RECORDS:
            column = f'identity TYPE VARCHAR(32) COLLATE "{collation}"'
            op.execute(f"ALTER TABLE {table} ALTER COLUMN {column}")
