"""What every answer carries and every request must keep, before any route is asked."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import parse_qsl

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import problem

STRICT_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Robots-Tag": "noindex",
}


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
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers[name] = value
                headers.setdefault("Content-Security-Policy", STRICT_POLICY)
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
        if query:
            keys = [key for key, _ in parse_qsl(query.decode("latin-1"), keep_blank_values=True)]
            if len(keys) != len(set(keys)):
                return 422, "parameter_repeated", "A query parameter is given twice."
        return None
