"""Open what an entry point works on: the workspace folder and its database."""

from __future__ import annotations

from pathlib import Path

from data.database import Database, open_database
from data.schema_version import upgrade_database
from data.settings import StoreSettings
from data.workspace import Workspace, open_workspace


def opened_workspace(directory: Path | None) -> tuple[Workspace, Database]:
    """Open a workspace and its database, the schema brought up to date.

    Parameters
    ----------
    directory
        The folder; None takes it from the settings.
    """
    settings = StoreSettings()
    workspace = open_workspace(directory or settings.dir)
    return workspace, opened_database(workspace)


def opened_database(workspace: Workspace) -> Database:
    """Open the database of a workspace, the schema brought up to date."""
    database = open_database(workspace.database_url(StoreSettings()))
    upgrade_database(database)
    return database
