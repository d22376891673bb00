"""Files brought in: send, list, look up, take back; and rows that wait for a place."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.concurrency import run_in_threadpool

from api.clerk_desk import ClerkDesk, Desk, declared_options
from api.errors import RequestRefusedError
from api.multipart import FORM_LIMIT, read_body, read_files
from api.preferred_language import preferred_language
from api.routers.jobs import told_job
from api.same_origin import check_program
from api.schemas import Lang
from data.jobs import DECLARED, known_noun
from data.uploads import IncomingUpload, Upload
from maps.reports.import_report import render_import_report

MIB = 1 << 20
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_REFUSED_ROWS = 1000

router = APIRouter(tags=["imports"])
Program = Depends(check_program)


class PinRequest(BaseModel):
    """A waiting row and the place it gets, in degrees."""

    model_config = ConfigDict(extra="forbid", strict=True)

    identity: str = Field(pattern=r"^[0-9a-f]{32}$")
    lat: float = Field(ge=-90, le=90)
    lon: float = Field(ge=-180, le=180)


_FORM = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["noun", "file"],
                    "properties": {
                        "noun": {"type": "string", "example": "incidents"},
                        "look": {
                            "type": "string",
                            "description": "1: only look at the file; stand before the file.",
                        },
                        **{name: {"type": "string"} for name in DECLARED},
                        "file": {"type": "string", "format": "binary"},
                    },
                }
            }
        },
    }
}
_PIN = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": PinRequest.model_json_schema()}},
    }
}


@router.post(
    "/imports",
    status_code=202,
    summary="Send a file to be brought in",
    dependencies=[Program],
    openapi_extra=_FORM,
)
async def post_import(request: Request, desk: ClerkDesk) -> JSONResponse:
    """Keep the file and ask for its import, or with ``look`` for a look at it; name the job.

    The fields stand before the file in the form.
    """
    upload, fields, options = await taken_upload(request, desk)
    ask = desk.look_at if fields.get("look") else desk.bring_in
    job = await run_in_threadpool(ask, upload, options)
    headers = {"Location": f"/jobs/{job.job_id}"}
    return JSONResponse(told_job(job), status_code=202, headers=headers)


@router.get("/imports", response_model=None, summary="Imports, newest first")
def get_imports(request: Request, desk: ClerkDesk) -> dict[str, Any] | RedirectResponse:
    """List what was read from which file; a browser is led to the clerk's page."""
    if wants_page(request):
        return RedirectResponse(f"/{preferred_language(request)}/clerk", status_code=307)
    return {"imports": desk.imports()}


@router.get("/imports/unplaced", response_model=None, summary="Rows that wait for a place")
def get_unplaced(request: Request, desk: ClerkDesk) -> dict[str, Any] | RedirectResponse:
    """List the rows that lack nothing but a place; a browser is led to the page with the map."""
    if wants_page(request):
        return RedirectResponse(f"/{preferred_language(request)}/clerk/unplaced", status_code=307)
    return {"rows": desk.unplaced()}


@router.post(
    "/imports/unplaced",
    status_code=204,
    summary="Give a waiting row a place",
    dependencies=[Program],
    openapi_extra=_PIN,
)
async def post_pin(request: Request, desk: ClerkDesk) -> Response:
    """Turn the row into an incident at the place; the next build counts it."""
    if request.headers.get("content-type", "").partition(";")[0] != "application/json":
        raise RequestRefusedError(415, "Send JSON.", code="content_type_unknown")
    try:
        pin = PinRequest.model_validate_json(await read_body(request, FORM_LIMIT))
    except ValidationError as error:
        raise RequestRefusedError(
            422, "Send identity, lat and lon in degrees.", code="request_invalid"
        ) from error
    await run_in_threadpool(desk.pin, pin.identity, pin.lat, pin.lon)
    return Response(status_code=204)


@router.get("/imports/{import_id}", summary="One import with its refused rows")
def get_import(import_id: str, desk: ClerkDesk) -> dict[str, Any]:
    """Return the counts, what was understood, the findings and the first refused rows."""
    found = desk.import_(import_id)
    left_out = len(found["refused_rows"]) - MOST_REFUSED_ROWS
    return {
        **found,
        "refused_rows": found["refused_rows"][:MOST_REFUSED_ROWS],
        "refused_rows_left_out": max(left_out, 0),
    }


@router.get("/imports/{import_id}/report.json", summary="Report of an import, as a file")
def get_report(import_id: str, desk: ClerkDesk, response: Response) -> dict[str, Any]:
    """Return the import with every refused row."""
    response.headers["Content-Disposition"] = 'attachment; filename="import-report.json"'
    return desk.import_(import_id)


@router.get(
    "/imports/{import_id}/report.xlsx", response_class=Response, summary="Report as a workbook"
)
def get_workbook(import_id: str, desk: ClerkDesk, lang: Lang = "kk") -> Response:
    """Return the report of an import as an XLSX file in a language."""
    return workbook(desk.import_(import_id), lang)


@router.post("/imports/{import_id}/withdraw", summary="Take an import back", dependencies=[Program])
def post_withdraw(import_id: str, desk: ClerkDesk) -> dict[str, int]:
    """Take back the rows that no other standing import has brought; say how many."""
    return desk.withdraw(import_id)


# -------------------------------------------------------------------------------------------


async def taken_upload(
    request: Request, desk: Desk, check: Any = lambda fields: None
) -> tuple[Upload, dict[str, str], dict[str, Any]]:
    """Read an upload's form to the disk; return the upload, the form's fields and its options."""
    incoming = IncomingUpload(desk.workspace)

    def check_fields(fields: dict[str, str]) -> None:
        check(fields)
        known_noun(fields.get("noun", ""))

    limit = request.app.state.upload_limit_mib * MIB
    try:
        fields = await read_files(
            request, limit=limit, new_file=incoming.new_file, check=check_fields
        )
        check_fields(fields)
        noun, options = declared_options(fields)
        return incoming.complete(noun), fields, options
    except BaseException:
        incoming.discard()
        raise


def workbook(report: dict[str, Any], lang: str) -> Response:
    """Return a report as a file whose name nobody outside has chosen."""
    headers = {
        "Content-Disposition": 'attachment; filename="import-report.xlsx"',
        "Cache-Control": "no-store",
    }
    return Response(render_import_report(report, lang), media_type=XLSX, headers=headers)


def wants_page(request: Request) -> bool:
    """Tell whether a person's browser asks, not a program."""
    return "text/html" in request.headers.get("accept", "")
