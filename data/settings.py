"""What the environment may say to the store; the only reader of the environment in this room."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class StoreSettings(BaseSettings):
    """Where the workspace and the database are (``SAFE_REGION_DIR``, ``SAFE_REGION_DATABASE_URL``).

    The entry points read it once and pass it down.
    """

    model_config = SettingsConfigDict(env_prefix="SAFE_REGION_", extra="ignore", frozen=True)

    dir: Path = Field(
        default=Path("./safe-region-data"),
        description="Folder of the workspace: region.toml, boundary, snapshots and exports.",
    )
    database_url: str | None = Field(
        default=None,
        repr=False,  # it may hold a password
        description="Address of the database, such as postgresql+psycopg://user@host/name; "
        "unset means the SQLite file of the workspace.",
    )
