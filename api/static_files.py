"""The browser's files, sent packed; their addresses carry their digest, so they may be kept."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.middleware.gzip import GZipMiddleware
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from maps.web.assets import STATIC_FOLDER

KEPT_FOR_GOOD = "public, max-age=31536000, immutable"


def built_files() -> ASGIApp:
    """Return the application that serves what ``maps.web.build`` built."""
    return GZipMiddleware(_KeptForGood(StaticFiles(directory=STATIC_FOLDER)))


# -------------------------------------------------------------------------------------------


class _KeptForGood:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_kept(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == 200:
                asked_by_digest = bool(scope.get("query_string"))
                if asked_by_digest:
                    MutableHeaders(scope=message)["Cache-Control"] = KEPT_FOR_GOOD
            await send(message)

        await self._app(scope, receive, send_kept)
