"""Where tiles are and how they are drawn: TileJSON, style, and the short address.

The tiles themselves are answered by `api.tile_door`.
"""

from __future__ import annotations

import re

from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from api.dependencies import Published, PublishedRuns
from api.errors import problem
from api.month_maps import in_month
from api.schemas import RoleQuery
from api.tile_door import MONTH, NUMBER, is_layer, is_tile
from maps.layers import LAYERS
from maps.style import style_document, tile_document

router = APIRouter(tags=["tiles"])


async def get_current_tile(request: Request) -> Response:
    """Answer the short address with 307 to the current snapshot's."""
    found = _SHORT_ADDRESS.fullmatch(request.url.path)
    if found is None or not (
        is_layer(*found.group(1, 2)) and is_tile(*map(int, found.group(3, 4, 5)))
    ):
        return problem(404, "tile_unknown", "There is no tile at this address.")
    published: Published = request.app.state.published
    run_id = (await run_in_threadpool(published.current)).snapshot.run_id
    query = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(
        request.url.path.replace("/tiles/", f"/tiles/{run_id}/", 1) + query,
        status_code=307,
        headers={"Cache-Control": "no-store"},
    )


SHORT_TILE_ROUTE = Route(
    "/tiles/{layer}/{z}/{x}/{y}.mvt", get_current_tile, methods=["GET", "HEAD"]
)


@router.get("/tiles/{layer}/tilejson.json", summary="TileJSON 3.0.0 of one layer")
def get_tilejson(
    request: Request, layer: str, published: PublishedRuns, query: RoleQuery = Query()
) -> JSONResponse:
    """Describe a layer: address, zooms, bounds and fields; of a month too (``cells-01-school``)."""
    found = _LAYER.fullmatch(layer)
    if found is None or not is_layer(*found.groups()):
        return problem(404, "layer_unknown", f"Layers are: {', '.join(LAYERS)}.")
    opened = published.current()
    base = str(request.base_url).rstrip("/")
    url = f"{base}/tiles/{opened.snapshot.run_id}/{layer}/{{z}}/{{x}}/{{y}}.mvt?role={query.role}"
    card = opened.snapshot.run_card
    if found.group(2):
        in_month(opened, found.group(2), query.role)
    return JSONResponse(
        tile_document(found.group(1), url, bounds=card["bounds"], run_id=card["run_id"])
    )


@router.get("/style.json", summary="MapLibre style of all layers, for QGIS and others")
def get_style(
    request: Request, published: PublishedRuns, query: RoleQuery = Query()
) -> JSONResponse:
    """Describe how the layers are drawn, with absolute addresses."""
    base = str(request.base_url).rstrip("/")
    card = published.current().snapshot.run_card
    return JSONResponse(style_document(base, role=query.role, card=card))


# -------------------------------------------------------------------------------------------

_LAYER = re.compile(rf"([a-z]+)(?:-{MONTH})?")
_SHORT_ADDRESS = re.compile(rf"/tiles/([a-z]+)(?:-{MONTH})?/{NUMBER}/{NUMBER}/{NUMBER}\.mvt")
