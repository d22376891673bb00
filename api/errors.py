"""One table from what went wrong to an HTTP answer: RFC 9457 problem details, input not echoed."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from geo.errors import (
    DatabaseUnreachableError,
    InputRefusedError,
    NotFoundError,
    SafeRegionError,
    UsageError,
)


class RequestRefusedError(UsageError):
    """A request that is refused for its form, whatever it asks for."""

    def __init__(self, status: int, message: str, *, code: str) -> None:
        super().__init__(message, code=code)
        self.status = status


STATUS: tuple[tuple[type[SafeRegionError], int], ...] = (
    (DatabaseUnreachableError, 503),
    (NotFoundError, 404),
    (UsageError, 422),
    (InputRefusedError, 422),
    (SafeRegionError, 500),
)
"""Most specific first; the exit codes of the same classes stand in ``geo/errors.py``."""

_CODES = {400: "bad_request", 404: "not_found", 405: "method_not_allowed"}
_TOLD_FACTS = ("moved_to",)
_log = logging.getLogger("safe_region.api")


def problem(
    status: int, code: str, detail: str, more: Mapping[str, Any] | None = None
) -> JSONResponse:
    """Return a problem document; ``code`` is stable, ``detail`` is for a person."""
    said = {"type": f"/problems/{code}", "title": code, "status": status, "detail": detail[:1024]}
    return JSONResponse(
        {**said, **(more or {})},
        status_code=status,
        media_type="application/problem+json",
        headers={"Retry-After": "2"} if status == 503 else None,
    )


def error_response(error: SafeRegionError) -> JSONResponse:
    """Return the problem document of an error of ours."""
    moved = {name: error.facts[name] for name in _TOLD_FACTS if name in error.facts}
    return problem(status_of(error), error.code, str(error), moved)


def status_of(error: SafeRegionError) -> int:
    """Return the HTTP status of an error of ours."""
    if isinstance(error, RequestRefusedError):
        return error.status
    return next(status for kind, status in STATUS if isinstance(error, kind))


def add_error_handlers(app: FastAPI) -> None:
    """Let every error of the tree, of validation and of routing end as a problem document."""
    app.add_exception_handler(SafeRegionError, _own_error)
    app.add_exception_handler(RequestValidationError, _invalid_request)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(Exception, _unexpected)


# -------------------------------------------------------------------------------------------


async def _own_error(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, SafeRegionError)
    return error_response(error)


async def _invalid_request(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    faults = sorted({f"{'.'.join(map(str, e['loc']))[:64]}: {e['type']}" for e in error.errors()})
    return problem(422, "request_invalid", "; ".join(faults[:10]))


async def _http_error(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    code = _CODES.get(error.status_code, f"http_{error.status_code}")
    return problem(error.status_code, code, str(error.detail))


async def _unexpected(request: Request, error: Exception) -> JSONResponse:
    _log.error("%s %s failed: %s", request.method, request.url.path, type(error).__name__)
    return problem(500, "failure", "Something failed inside; the log names the kind of error.")
