"""The first tables: imports, incidents, assets, street map extracts and runs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from data.geometry import Geo

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

PLACED = ("incidents", "schools", "homes", "lamps", "patrol_visits", "cameras")


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("CREATE EXTENSION IF NOT EXISTS postgis")
    create_imports()
    create_incidents()
    create_assets()
    create_extracts_and_runs()


def downgrade() -> None:
    for table in ("current_run", "runs", "extracts", *reversed(PLACED), "refused_rows", "imports"):
        op.drop_table(table)


def create_imports() -> None:
    op.create_table(
        "imports",
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("noun", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("file_sha256", sa.String(64), nullable=False),
        sa.Column("imported_at", sa.DateTime(), nullable=False),
        sa.Column("rows_read", sa.Integer(), nullable=False),
        sa.Column("accepted", sa.Integer(), nullable=False),
        sa.Column("quarantined", sa.Integer(), nullable=False),
        sa.Column("duplicate", sa.Integer(), nullable=False),
        sa.Column("covers_from", sa.Date()),
        sa.Column("covers_to", sa.Date()),
        sa.Column("inferred", sa.JSON(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("import_id", name=op.f("pk_imports")),
        check("imports", "rows_add_up", "rows_read = accepted + quarantined + duplicate"),
        check("imports", "counts", "accepted >= 0 AND quarantined >= 0 AND duplicate >= 0"),
        check("imports", "coverage_order", "covers_from <= covers_to"),
    )
    op.create_table(
        "refused_rows",
        sa.Column("refused_id", sa.Integer(), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("row_number", sa.Integer(), nullable=False),
        sa.Column("column_name", sa.Text()),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("raw_sha256", sa.String(64)),
        sa.PrimaryKeyConstraint("refused_id", name=op.f("pk_refused_rows")),
        of_import("refused_rows"),
    )
    index("refused_rows", "import_id")


def create_incidents() -> None:
    create_placed(
        "incidents",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("ext_id_hash", sa.String(64)),
        sa.Column("h3_cell", sa.BigInteger(), nullable=False),
        sa.Column("article", sa.Text()),
        sa.Column("part", sa.Text()),
        sa.Column("paragraph", sa.Text()),
        sa.Column("offence_group", sa.Text()),
        sa.Column("gravity", sa.SmallInteger()),
        sa.Column("severity_days", sa.Double()),
        sa.Column("is_misdemeanour", sa.Boolean()),
        sa.Column("occurred_at", sa.DateTime(), nullable=False),
        sa.Column("occurred_precision", sa.Text(), nullable=False),
        sa.Column("occurred_to", sa.DateTime()),
        sa.Column("registered_at", sa.DateTime()),
        sa.Column("place_type", sa.Text(), nullable=False),
        sa.Column("victim_minor", sa.Boolean()),
        sa.Column("sensitive", sa.Boolean(), nullable=False),
        sa.Column("discovery", sa.Text(), nullable=False),
        sa.Column("discretionary", sa.Boolean()),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("geo_method", sa.Text()),
        sa.Column("geo_accuracy_m", sa.Double()),
        sa.Column("address_raw", sa.Text()),
        sa.Column("address_key", sa.Text(), nullable=False),
        words("incidents", "offence_group", "child theft_robbery violence disorder drugs"),
        words("incidents", "occurred_precision", "minute hour day interval"),
        words("incidents", "discovery", "reported discovered unknown"),
        words("incidents", "status", "active discontinued reclassified"),
        words("incidents", "geo_method", "given geocoded street-only district"),
        limits("incidents", "gravity", 0, 4),
        limits("incidents", "severity_days", 0, 100000),
        limits("incidents", "geo_accuracy_m", 0, 1000000),
        check("incidents", "occurred_order", "occurred_at <= occurred_to"),
    )
    index("incidents", "h3_cell")


def create_assets() -> None:
    create_placed(
        "schools",
        sa.Column("name", sa.Text()),
        sa.Column("name_kk", sa.Text()),
        sa.Column("name_ru", sa.Text()),
        sa.Column("kind", sa.Text()),
        sa.Column("shift_times", sa.Text(), nullable=False),
        sa.Column("shift_times_assumed", sa.Boolean(), nullable=False),
        sa.Column("pupils", sa.Double()),
        limits("schools", "pupils", 0, 100000),
    )
    create_placed(
        "homes",
        sa.Column("kind", sa.Text()),
        sa.Column("dwellings", sa.Double(), nullable=False),
        limits("homes", "dwellings", 0, 100000),
    )
    create_placed(
        "lamps",
        sa.Column("kind", sa.Text()),
        sa.Column("mount_height_m", sa.Double()),
        sa.Column("working", sa.Boolean()),
        sa.Column("commissioned_at", sa.DateTime()),
        sa.Column("broken_from", sa.DateTime()),
        sa.Column("broken_to", sa.DateTime()),
        limits("lamps", "mount_height_m", 0, 60),
    )
    create_placed(
        "patrol_visits",
        sa.Column("kind", sa.Text()),
        sa.Column("arrived_at", sa.DateTime(), nullable=False),
        sa.Column("minutes", sa.Double(), nullable=False),
        limits("patrol_visits", "minutes", 0, 1440),
    )
    create_placed(
        "cameras",
        sa.Column("kind", sa.Text()),
        sa.Column("working", sa.Boolean()),
        sa.Column("broken_from", sa.DateTime()),
        sa.Column("azimuth_deg", sa.Double()),
        sa.Column("range_m", sa.Double()),
        limits("cameras", "azimuth_deg", 0, 360),
        limits("cameras", "range_m", 0, 500),
    )


def create_extracts_and_runs() -> None:
    op.create_table(
        "extracts",
        sa.Column("extract_id", sa.Integer(), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(16), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("extract_id", name=op.f("pk_extracts")),
        of_import("extracts"),
    )
    index("extracts", "import_id")
    op.create_table(
        "runs",
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.String(16), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("parameters_version", sa.Text(), nullable=False),
        sa.Column("parameters_hash", sa.String(64), nullable=False),
        sa.Column("code_version", sa.Text(), nullable=False),
        sa.Column("manifest_sha256", sa.String(64), nullable=False),
        sa.Column("published_at", sa.DateTime(), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("peak_memory_mb", sa.Double(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_runs")),
        sa.UniqueConstraint("run_id", name=op.f("uq_runs_run_id")),
        check("runs", "run_id_length", "length(run_id) = 16"),
    )
    pointer = op.create_table(
        "current_run",
        sa.Column("pointer", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("run_id", sa.String(16)),
        sa.Column("moves", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("pointer", name=op.f("pk_current_run")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.run_id"], name=op.f("fk_current_run_run_id")),
        check("current_run", "one_row", "pointer = 1"),
    )
    # The row is there from the start, so that moving it always finds something to lock.
    op.bulk_insert(pointer, [{"pointer": 1, "run_id": None, "moves": 0}])


def create_placed(table: str, *items: sa.Column | sa.Constraint) -> None:
    postgresql = op.get_bind().dialect.name == "postgresql"
    point = (
        "NOT ST_IsEmpty(geom) AND ST_SRID(geom) = 4326 AND ST_X(geom) = lon AND ST_Y(geom) = lat"
        if postgresql
        else "length(geom) = 21 AND hex(substr(geom, 1, 5)) = '0101000000'"
        " AND hex(substr(geom, 12, 2)) NOT GLOB 'F?[7F]F'"
        " AND hex(substr(geom, 20, 2)) NOT GLOB 'F?[7F]F'"
    )
    op.create_table(
        table,
        sa.Column("identity", sa.String(32), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("source_row", sa.Integer()),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("geom", Geo("POINT", srid=4326), nullable=False),
        *items,
        sa.PrimaryKeyConstraint("identity", name=op.f(f"pk_{table}")),
        of_import(table),
        limits(table, "lat", -90, 90),
        limits(table, "lon", -180, 180),
        check(table, "identity_length", "length(identity) = 32"),
        check(table, "geom_point", point),
    )
    index(table, "import_id")
    if postgresql:
        op.create_index(f"gix_{table}_geom", table, ["geom"], postgresql_using="gist")


def index(table: str, column: str) -> None:
    op.create_index(op.f(f"ix_{table}_{column}"), table, [column])


def of_import(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_import_id")
    return sa.ForeignKeyConstraint(["import_id"], ["imports.import_id"], name=name)


def check(table: str, name: str, rule: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(rule, name=op.f(f"ck_{table}_{name}"))


def limits(table: str, column: str, low: int, high: int) -> sa.CheckConstraint:
    return check(table, f"{column}_range", f"{column} BETWEEN {low} AND {high}")


def words(table: str, column: str, listed: str) -> sa.CheckConstraint:
    quoted = ", ".join(f"'{word}'" for word in listed.split())
    return check(table, f"{column}_word", f"{column} IN ({quoted})")
