"""Build the HTTP application; nothing happens when this module is imported."""

from __future__ import annotations

from fastapi import FastAPI

from api.dependencies import Published
from api.errors import add_error_handlers
from api.opening import opened_workspace
from api.routers import (
    assets,
    clerk,
    dark_gap,
    daylight,
    docs,
    forecast,
    health,
    imports,
    jobs,
    pages,
    patrols,
    places,
    routes,
    runs,
    scenarios,
    tiles,
    walk_cards,
)
from api.security import Guard
from api.settings import ServiceSettings, changed_settings, check_listening
from api.static_files import built_files
from api.tile_door import TileDoor
from maps.web.assets import check_assets


def create_app(settings: ServiceSettings | None = None) -> FastAPI:
    """Return the service for the workspace that the settings name.

    Parameters
    ----------
    settings
        Which workspace, where it listens, for which hosts it answers; read from the
        environment if None.

    Raises
    ------
    UsageError
        ``host_not_loopback``: others could reach it and it has no accounts.
    """
    settings = settings or changed_settings({})
    check_listening(settings)
    workspace, database = opened_workspace(settings.dir)

    app = FastAPI(
        title="Safe Region",
        description="Hazard of street sections and cells; places are scored, never people.",
        docs_url=None,
        redoc_url=None,
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    app.state.published = Published(workspace, database)
    app.state.upload_limit_mib = settings.upload_limit_mib
    add_error_handlers(app)
    check_assets()
    app.mount(pages.STATIC_PATH, built_files(), name="static")
    app.router.routes.append(tiles.SHORT_TILE_ROUTE)
    for subject in (
        health,
        tiles,
        places,
        scenarios,
        daylight,
        dark_gap,
        routes,
        assets,
        patrols,
        runs,
        imports,
        jobs,
        walk_cards,
        forecast,
        docs,
        clerk,
        pages,
    ):
        app.include_router(subject.router)
    app.add_middleware(TileDoor, published=app.state.published)
    app.add_middleware(Guard, allowed_hosts=settings.allowed_hosts.split(","))
    return app
