"""The canonical tile address, answered before the rest of the application is asked.

A map view asks for sixty tiles at once. A tile is a look into a dictionary and a memory map, so
the way through routing, dependencies and response objects would cost more than the answer.
"""

from __future__ import annotations

import gzip
import re

from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Receive, Scope, Send

from api.dependencies import Published
from api.errors import error_response, problem
from api.month_maps import in_month
from geo.disclosure import ROLES
from geo.errors import SafeRegionError
from maps.layers import LAYERS

ZOOM_LIMIT = 22
NUMBER = "(0|[1-9][0-9]{0,6})"
MONTH = "([0-9]{2}-(?:school|off))"
PLACE_LAYERS = ("cells", "sections")
"""Layers that have a variant for each month and kind of day."""

TILE_TYPE = b"application/vnd.mapbox-vector-tile"
BASEMAP = "basemap"

Headers = list[tuple[bytes, bytes]]
Answer = tuple[int, Headers, bytes]


class TileDoor:
    """ASGI layer for ``/tiles/{snapshot}/{layer}/{z}/{x}/{y}.mvt``; 204 where a tile is empty.

    Parameters
    ----------
    app
        The application behind it, asked for everything else.
    published
        The runs that are served.
    """

    def __init__(self, app: ASGIApp, published: Published) -> None:
        self._app = app
        self._published = published

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a tile, or pass the request on."""
        found = None
        if scope["type"] == "http" and scope["method"] in {"GET", "HEAD"}:
            found = _ADDRESS.fullmatch(scope["path"])
        if found is None:
            await self._app(scope, receive, send)
            return
        try:
            answer = await self._answer(found, scope)
        except SafeRegionError as error:  # the application's own table is behind this door
            await error_response(error)(scope, receive, send)
            return
        if answer is None:
            unknown = problem(404, "tile_unknown", "There is no tile at this address.")
            await unknown(scope, receive, send)
            return
        status, headers, body = answer
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _answer(self, found: re.Match[str], scope: Scope) -> Answer | None:
        run_id, layer, month = found.group(1, 2, 3)
        z, x, y = map(int, found.group(4, 5, 6))
        role = _ROLE_OF_QUERY.get(scope["query_string"])
        if role is None or not is_layer(layer, month) or not is_tile(z, x, y):
            return None
        opened = self._published.opened(run_id)
        if opened is None:
            opened = await run_in_threadpool(self._published.get, run_id)
        if month is not None:
            run = in_month(opened, month, role)
            stored = await run_in_threadpool(run.tile, role, layer, z, x, y)
        else:
            stored = opened.archive(BASEMAP if layer == BASEMAP else role).get(layer, z, x, y)
        headers: Headers = [(b"cache-control", _cache_control(layer, role)), _VARY]
        if stored is None:
            return 204, headers, b""
        body, mark = stored
        tag = f'"{role}-{mark}"'.encode()
        headers.append((b"etag", tag))
        asked = dict(scope["headers"])
        if tag in asked.get(b"if-none-match", b""):
            return 304, headers, b""
        if b"gzip" in asked.get(b"accept-encoding", b""):
            headers.append((b"content-encoding", b"gzip"))
        else:
            body = gzip.decompress(body)
        headers += [(b"content-type", TILE_TYPE), (b"content-length", b"%d" % len(body))]
        return 200, headers, body


def is_layer(layer: str, month: str | None) -> bool:
    """Tell whether a layer is ours; cells and sections have one for each month, too."""
    return layer in LAYERS if month is None else layer in PLACE_LAYERS


def is_tile(z: int, x: int, y: int) -> bool:
    """Tell whether the numbers name a tile of web Mercator."""
    return z <= ZOOM_LIMIT and x < 1 << z and y < 1 << z


# -------------------------------------------------------------------------------------------

_ADDRESS = re.compile(
    rf"/tiles/([0-9a-f]{{16}})/([a-z]+)(?:-{MONTH})?/{NUMBER}/{NUMBER}/{NUMBER}\.mvt"
)
_ROLE_OF_QUERY = {b"": "prosecutor"} | {f"role={role}".encode(): role for role in ROLES}
_VARY = (b"vary", b"Accept-Encoding, Cookie, Authorization")


def _cache_control(layer: str, role: str) -> bytes:
    if layer == BASEMAP or role == "public":
        return b"public, max-age=31536000, immutable"
    return b"private, max-age=0, must-revalidate"
