"""The interface description as a page, from local assets."""

from __future__ import annotations

import re

from fastapi import APIRouter
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse

from api.routers.pages import STATIC_PATH
from maps.offline import content_security_policy, script_hash

router = APIRouter(include_in_schema=False)


@router.get("/docs")
async def get_docs() -> HTMLResponse:
    """Show the OpenAPI description with Swagger UI from this server."""
    page = get_swagger_ui_html(
        openapi_url="/openapi.json",
        title="Safe Region · API",
        swagger_js_url=f"{STATIC_PATH}/swagger-ui/swagger-ui-bundle.js",
        swagger_css_url=f"{STATIC_PATH}/swagger-ui/swagger-ui.css",
        swagger_favicon_url=f"{STATIC_PATH}/safe-region.svg",
    )
    text = bytes(page.body).decode()
    scripts = re.findall(r"<script>(.*?)</script>", text, flags=re.DOTALL)
    policy = content_security_policy(script_hash(script) for script in scripts)
    return HTMLResponse(text, headers={"Content-Security-Policy": policy})
