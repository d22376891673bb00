"""What every answer carries and every request must keep, before any route is asked."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import parse_qsl

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import problem

STRICT_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

# Encoded once, in the form that the server takes: they go out with every tile.
_HEADERS = {
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
    b"x-robots-tag": b"noindex",
}
_POLICY = b"content-security-policy"
_STRICT = STRICT_POLICY.encode()


class Guard:
    """ASGI layer: refuse foreign hosts and repeated query keys, add the security headers.

    Parameters
    ----------
    app
        The application behind it.
    allowed_hosts
        Host names without port that a request may carry.
    """

    def __init__(self, app: ASGIApp, allowed_hosts: Iterable[str]) -> None:
        self._app = app
        self._allowed_hosts = frozenset(allowed_hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer it with a problem document."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = _secured(message["headers"])
            await send(message)

        fault = self._fault(scope)
        if fault is not None:
            status, code, detail = fault
            await problem(status, code, detail)(scope, receive, send_with_headers)
            return
        await self._app(scope, receive, send_with_headers)

    def _fault(self, scope: Scope) -> tuple[int, str, str] | None:
        host = next((v.decode("latin-1") for k, v in scope["headers"] if k == b"host"), "")
        name = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host
        if name not in self._allowed_hosts:
            return 400, "host_unknown", "The Host header names no host of this service."
        query = scope["query_string"]
        if b"&" in query:
            keys = [key for key, _ in parse_qsl(query.decode("latin-1"), keep_blank_values=True)]
            if len(keys) != len(set(keys)):
                return 422, "parameter_repeated", "A query parameter is given twice."
        return None


# -------------------------------------------------------------------------------------------


def _secured(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    # Header names are in lower case in this form.
    kept = [pair for pair in headers if pair[0] not in _HEADERS]
    kept += _HEADERS.items()
    if _POLICY not in dict(kept):
        kept.append((_POLICY, _STRICT))
    return kept
