"""Settings of the service, read from the environment at the entry point and passed down."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from geo.errors import UsageError

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class ServiceSettings(BaseSettings):
    """Where and how the HTTP service listens; every name is prefixed ``SAFE_REGION_``."""

    model_config = SettingsConfigDict(env_prefix="SAFE_REGION_", extra="ignore")

    dir: Path = Field(
        Path("./safe-region-data"), description="Workspace folder whose map is served."
    )
    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8000, ge=0, le=65535, description="TCP port to listen on; 0: a free one.")
    workers: int = Field(1, ge=1, le=16, description="Number of server processes.")
    allow_remote: bool = Field(
        False,
        description="Allow an address other than loopback, where something in front of the "
        "service decides who may reach it (a container's published port, a proxy).",
    )
    allowed_hosts: str = Field(
        "localhost,127.0.0.1,[::1]",
        description="Host names, separated by commas, that a request may carry.",
    )
    upload_limit_mib: int = Field(
        200, ge=1, le=4096, description="Largest request with files that is taken, in MiB."
    )
    run_jobs: bool | None = Field(
        None,
        description="Whether the service runs imports and builds itself; unset: where the "
        "database is the workspace's SQLite file, else 'safe-region work' runs them.",
    )


def changed_settings(given: dict[str, Any]) -> ServiceSettings:
    """Return the settings of the environment with what a call gives instead; None gives nothing.

    Raises
    ------
    UsageError
        ``setting_invalid``, naming the setting.
    """
    try:
        return ServiceSettings(**{key: value for key, value in given.items() if value is not None})
    except ValidationError as error:
        fault = error.errors()[0]
        raise UsageError(
            f"Setting {str(fault['loc'][0])!r} cannot be meant: {fault['msg']}.",
            code="setting_invalid",
        ) from error


def check_listening(settings: ServiceSettings) -> None:
    """Refuse an address that others can reach while the service has no accounts.

    Raises
    ------
    UsageError
        ``host_not_loopback``.
    """
    if settings.host not in LOOPBACK and not settings.allow_remote:
        raise UsageError(
            f"The service has no accounts yet, so it listens on this computer only, not on "
            f"{settings.host}. Use 127.0.0.1, or set SAFE_REGION_ALLOW_REMOTE=true where a proxy "
            "or a container in front of it decides who may reach it.",
            code="host_not_loopback",
        )
