"""Vector tiles: bytes from the archive of the role's grain, and the documents that describe them.

The tile route is a bare asynchronous endpoint: it reads a dictionary and a memory map, so the
work of dependency injection and of a thread would cost more than the answer.
"""

from __future__ import annotations

import gzip
import re

from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from api.dependencies import Published, PublishedRuns
from api.errors import problem
from api.schemas import RoleQuery
from geo.disclosure import ROLES
from maps.layers import LAYERS
from maps.style import style_document, tile_document

_NUMBER = re.compile(r"0|[1-9][0-9]{0,6}")
_RUN = re.compile(r"[0-9a-f]{16}")
_ZOOM_LIMIT = 22
_TYPE = b"application/vnd.mapbox-vector-tile"
_VARY = (b"vary", b"Accept-Encoding, Cookie, Authorization")

router = APIRouter(tags=["tiles"])


class EncodedResponse(Response):
    """An answer whose headers are in the server's form already.

    Parameters
    ----------
    body
        The content as it is sent.
    status_code
        The HTTP status.
    raw_headers
        Names in lower case and values, with the content's length where it has any.
    """

    def __init__(
        self, body: bytes, status_code: int, raw_headers: list[tuple[bytes, bytes]]
    ) -> None:
        self.body = body
        self.status_code = status_code
        self.raw_headers = raw_headers
        self.background = None


async def get_tile(request: Request) -> Response:
    """Answer ``/tiles/{snapshot}/{layer}/{z}/{x}/{y}.mvt``; 204 where the tile is empty."""
    path = request.path_params
    role = request.query_params.get("role", "prosecutor")
    address = _address(path)
    if address is None or role not in ROLES or not _RUN.fullmatch(path["snapshot"]):
        return problem(404, "tile_unknown", "There is no tile at this address.")
    published: Published = request.app.state.published
    opened = published.opened(path["snapshot"])
    if opened is None:
        opened = await run_in_threadpool(published.get, path["snapshot"])
    archive = opened.archive("basemap" if path["layer"] == "basemap" else role)
    headers = [(b"cache-control", _cache_control(path["layer"], role)), _VARY]
    found = archive.get(path["layer"], *address)
    if found is None:
        return EncodedResponse(b"", 204, headers)
    body, mark = found
    tag = f'"{role}-{mark}"'.encode()
    headers.append((b"etag", tag))
    asked = dict(request.scope["headers"])
    if tag in asked.get(b"if-none-match", b""):
        return EncodedResponse(b"", 304, headers)
    if b"gzip" in asked.get(b"accept-encoding", b""):
        headers.append((b"content-encoding", b"gzip"))
    else:
        body = gzip.decompress(body)
    headers += [(b"content-type", _TYPE), (b"content-length", b"%d" % len(body))]
    return EncodedResponse(body, 200, headers)


async def get_current_tile(request: Request) -> Response:
    """Answer the short address with 307 to the current snapshot's."""
    path = request.path_params
    if _address(path) is None:
        return problem(404, "tile_unknown", "There is no tile at this address.")
    published: Published = request.app.state.published
    run_id = (await run_in_threadpool(published.current)).snapshot.run_id
    query = f"?{request.url.query}" if request.url.query else ""
    rest = f"{path['layer']}/{path['z']}/{path['x']}/{path['y']}.mvt"
    return RedirectResponse(
        f"/tiles/{run_id}/{rest}{query}", status_code=307, headers={"Cache-Control": "no-store"}
    )


TILE_ROUTES = [
    Route("/tiles/{snapshot}/{layer}/{z}/{x}/{y}.mvt", get_tile, methods=["GET", "HEAD"]),
    Route("/tiles/{layer}/{z}/{x}/{y}.mvt", get_current_tile, methods=["GET", "HEAD"]),
]


@router.get("/tiles/{layer}/tilejson.json", summary="TileJSON 3.0.0 of one layer")
def get_tilejson(
    request: Request, layer: str, published: PublishedRuns, query: RoleQuery = Query()
) -> JSONResponse:
    """Describe a layer: address, zooms, bounds and fields."""
    if layer not in LAYERS:
        return problem(404, "layer_unknown", f"Layers are: {', '.join(LAYERS)}.")
    opened = published.current()
    base = str(request.base_url).rstrip("/")
    url = f"{base}/tiles/{opened.snapshot.run_id}/{layer}/{{z}}/{{x}}/{{y}}.mvt?role={query.role}"
    card = opened.snapshot.run_card
    return JSONResponse(tile_document(layer, url, bounds=card["bounds"], run_id=card["run_id"]))


@router.get("/style.json", summary="MapLibre style of all layers, for QGIS and others")
def get_style(
    request: Request, published: PublishedRuns, query: RoleQuery = Query()
) -> JSONResponse:
    """Describe how the layers are drawn, with absolute addresses."""
    base = str(request.base_url).rstrip("/")
    card = published.current().snapshot.run_card
    return JSONResponse(style_document(base, role=query.role, card=card))


# -------------------------------------------------------------------------------------------


def _address(path: dict[str, str]) -> tuple[int, int, int] | None:
    parts = (path["z"], path["x"], path["y"])
    if path["layer"] not in LAYERS or not all(_NUMBER.fullmatch(part) for part in parts):
        return None
    z, x, y = map(int, parts)
    if z > _ZOOM_LIMIT or x >= 1 << z or y >= 1 << z:
        return None
    return z, x, y


def _cache_control(layer: str, role: str) -> bytes:
    if layer == "basemap" or role == "public":
        return b"public, max-age=31536000, immutable"
    return b"private, max-age=0, must-revalidate"
