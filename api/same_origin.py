"""Changes are asked for by our own pages or by a program, never by another site's page.

Three checks, each of them enough against today's browsers: the browser's own word on where the
request comes from (``Sec-Fetch-Site``, ``Origin``), a cookie that is not sent along from elsewhere
(``SameSite=Strict``), and a value in the form that must equal the cookie's. A program sends
a header instead that no foreign page can send without asking first, which is never allowed.
"""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Mapping
from urllib.parse import urlsplit

from fastapi import Header, Request, Response

from api.errors import RequestRefusedError

COOKIE = "sr-form"
FIELD = "form_token"
HEADER = "Safe-Region-Request"
_TOKEN = re.compile(r"[0-9a-f]{32}")


def check_origin(request: Request) -> None:
    """Refuse a request that the browser says comes from another page than ours.

    Raises
    ------
    RequestRefusedError
        ``origin_foreign``, 403.
    """
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    # A page that sends no referrer gives the origin "null"; then the other header must vouch.
    unnamed = origin in (None, "null")
    if site not in (None, "same-origin", "none"):
        raise _foreign()
    if not unnamed and urlsplit(str(origin)).netloc != request.headers.get("host"):
        raise _foreign()
    if origin == "null" and site is None:
        raise _foreign()


def check_form(request: Request, fields: Mapping[str, str]) -> None:
    """Refuse a form that no page of ours gave to this browser.

    Raises
    ------
    RequestRefusedError
        ``form_expired``, 403.
    """
    kept, given = request.cookies.get(COOKIE, ""), fields.get(FIELD, "")
    if not _TOKEN.fullmatch(kept) or not hmac.compare_digest(kept.encode(), given.encode()):
        raise RequestRefusedError(
            403, "This form is not known here any more; open the page again.", code="form_expired"
        )


async def check_program(
    request: Request,
    _sent: str | None = Header(
        None, alias=HEADER, description="Any value; foreign pages cannot send it.", examples=["1"]
    ),
) -> None:
    """Refuse a change that is neither asked for by a program nor by a script of our pages.

    Raises
    ------
    RequestRefusedError
        ``origin_foreign`` or ``header_missing``, 403.
    """
    check_origin(request)
    if HEADER.lower() not in request.headers:
        raise RequestRefusedError(
            403, f"Send the header {HEADER} with every change.", code="header_missing"
        )


def form_token(request: Request) -> str:
    """Return the value that this browser's forms carry: the one it has, else a new one."""
    kept = request.cookies.get(COOKIE, "")
    if not _TOKEN.fullmatch(kept):
        kept = getattr(request.state, "form_token", "") or secrets.token_hex(16)
        request.state.form_token = kept
    return kept


def keep_token(request: Request, response: Response) -> None:
    """Let the browser keep the value for this session, out of the reach of scripts."""
    secure = request.url.scheme == "https"
    response.set_cookie(
        COOKIE, form_token(request), httponly=True, samesite="strict", secure=secure
    )


# -------------------------------------------------------------------------------------------


def _foreign() -> RequestRefusedError:
    return RequestRefusedError(
        403, "A change can be asked for by this service's own pages only.", code="origin_foreign"
    )
