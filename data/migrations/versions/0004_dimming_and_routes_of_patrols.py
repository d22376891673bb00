"""Hours in which lamps are dimmed; lines and weekdays of patrol plans."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.schema import CreateColumn

from data.migrations.parts_0002 import index_geometry, line

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

LIT = ("lamps", "lit_streets")
PLANS = "patrol_plans"


def upgrade() -> None:
    for table in LIT:
        add(table, sa.Column("dimmed_from", sa.Text()))
        add(table, sa.Column("dimmed_to", sa.Text()))
        add(table, sa.Column("dimmed_share", sa.Double()), "dimmed_share BETWEEN 0 AND 1", "range")
    add(PLANS, sa.Column("weekdays", sa.Text()))
    column, rule = line(PLANS)
    add(PLANS, column, str(rule.sqltext), "sound")
    index_geometry(PLANS, "line")


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.drop_index(f"gix_{PLANS}_line", PLANS)
    for name in ("line", "weekdays"):
        op.drop_column(PLANS, name)
    for table in LIT:
        for name in ("dimmed_share", "dimmed_to", "dimmed_from"):
            op.drop_column(table, name)


def add(table: str, column: sa.Column, rule: str = "", kind: str = "") -> None:
    """Add a column with its own rule; SQLite takes a rule no other way than beside its column."""
    name = column.name
    sa.Table(table, sa.MetaData(), column)
    made = CreateColumn(column).compile(dialect=op.get_bind().dialect)
    check = f" CONSTRAINT ck_{table}_{name}_{kind} CHECK ({rule})" if rule else ""
    op.execute(f"ALTER TABLE {table} ADD COLUMN {made}{check}")
