"""Keep the database's schema at this version.

Alembic is loaded only where there is something to upgrade: it costs every command a second.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from data.database import Database
from geo.errors import NotFoundError, SafeRegionError

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"


def known_revisions() -> list[str]:
    """List the revisions this version knows, oldest first: the numbers of the version files."""
    files = (MIGRATIONS / "versions").glob("[0-9]*.py")
    return sorted(path.name.partition("_")[0] for path in files)


def check_schema(database: Database) -> str:
    """Return the schema's revision; raise unless it is exactly the one of this version.

    Raises
    ------
    DatabaseUnreachableError
        It does not answer.
    NotFoundError
        ``schema_missing``: nothing was set up in it.
    SafeRegionError
        ``schema_old`` or ``schema_newer``.
    """
    with database.reading() as connection:
        found = _find_revision(connection)
    if found is None:
        raise NotFoundError(
            f"The database at {database.place} is not set up; run 'safe-region db upgrade'.",
            code="schema_missing",
        )
    known = known_revisions()
    if found not in known:
        raise _newer(database, found)
    if found != known[-1]:
        raise SafeRegionError(
            f"The database at {database.place} has the older schema {found}; run 'safe-region db "
            "upgrade'.",
            code="schema_old",
        )
    return found


def upgrade_database(database: Database) -> None:
    """Bring the schema to this version in one transaction; a newer schema is refused.

    Two at once do it one after the other.

    Raises
    ------
    SafeRegionError
        ``schema_newer``.
    """
    known = known_revisions()
    with database.reading() as connection:
        if _find_revision(connection) == known[-1]:
            return
    with database.writing() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _UPGRADE_LOCK})
            connection.execute(text("SET LOCAL statement_timeout = 0"))
        found = _find_revision(connection)
        if found is not None and found not in known:
            raise _newer(database, found)

        from alembic import command  # noqa: PLC0415 - see the top

        command.upgrade(migration_config(connection), "head")


def migration_config(connection: Connection | None = None) -> Config:
    """Make Alembic's configuration for the packaged migrations on one open connection.

    ``alembic.command.revision(migration_config(connection), autogenerate=True)`` drafts the next
    version.
    """
    from alembic.config import Config  # noqa: PLC0415 - see the top

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


# -------------------------------------------------------------------------------------------

_UPGRADE_LOCK = 0x5AFE0001


def _find_revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _newer(database: Database, found: str) -> SafeRegionError:
    return SafeRegionError(
        f"The database at {database.place} has schema {found}, which this version does not know; "
        "install the version of safe-region that made it.",
        code="schema_newer",
    )
