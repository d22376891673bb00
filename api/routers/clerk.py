"""Pages of the records clerk: forms that work in any browser, answered by a redirect."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool

from api.clerk_desk import (
    ClerkDesk,
    Desk,
    chosen_options,
    fields_of,
    offered_heads,
    shown_options,
    told_of,
)
from api.dependencies import Published, PublishedRuns
from api.errors import status_of
from api.multipart import read_form
from api.routers.imports import taken_upload, workbook
from api.same_origin import check_form, check_origin, form_token, keep_token
from api.schemas import Lang
from data.intake import READERS
from data.store.jobs import ENDED, FAILED, Job
from geo.errors import NoDataError, NotFoundError, SafeRegionError, UsageError
from maps.layers import TileSource
from maps.offline import content_security_policy
from maps.pages.clerk import ClerkPage, Page, render_desk, render_problem, render_withdrawal
from maps.pages.imports import render_import, render_job_report
from maps.pages.jobs import render_job
from maps.pages.look import Look, render_look
from maps.pages.unplaced import render_unplaced

SHOWN_JOBS = 10


class _PageRoute(APIRoute):
    """A route whose refusals are pages, too: a person is reading."""

    def get_route_handler(self) -> Callable[[Request], Any]:
        handle = super().get_route_handler()

        async def handle_or_tell(request: Request) -> Response:
            try:
                return await handle(request)
            except SafeRegionError as error:
                page = render_problem(_page_of(request), error.code, str(error))
                return _answer(request, page, status=status_of(error))

        return handle_or_tell


router = APIRouter(include_in_schema=False, route_class=_PageRoute)


@router.get("/{lang}/clerk")
def get_desk_page(request: Request, lang: Lang, desk: ClerkDesk) -> Response:
    """Show the desk."""
    jobs = [_job_row(job) for job in desk.jobs(SHOWN_JOBS)]
    page = render_desk(_page_of(request), nouns=list(READERS), jobs=jobs, imports=desk.imports())
    return _answer(request, page)


@router.post("/{lang}/clerk/files")
async def post_files(request: Request, lang: Lang, desk: ClerkDesk) -> Response:
    """Keep a file and ask for a look at it."""
    check_origin(request)
    upload, _, options = await taken_upload(
        request, desk, lambda fields: check_form(request, fields)
    )
    job = await run_in_threadpool(desk.look_at, upload, options)
    return _led(f"/{lang}/clerk/jobs/{job.job_id}")


@router.post("/{lang}/clerk/build")
async def post_build(request: Request, lang: Lang, desk: ClerkDesk) -> Response:
    """Ask for a new map."""
    await _form(request)
    job = await run_in_threadpool(desk.build)
    return _led(f"/{lang}/clerk/jobs/{job.job_id}")


@router.post("/{lang}/clerk/forecast")
async def post_forecast(request: Request, lang: Lang, desk: ClerkDesk) -> Response:
    """Ask for a check of the forecast."""
    await _form(request)
    job = await run_in_threadpool(desk.check_forecast)
    return _led(f"/{lang}/clerk/jobs/{job.job_id}")


@router.get("/{lang}/clerk/jobs/{job_id}")
def get_job_page(
    request: Request, lang: Lang, job_id: str, desk: ClerkDesk, changed: bool = False
) -> Response:
    """Show a job: how far it is, what it understood, or what came of it."""
    job = desk.job(job_id)
    page = _page_of(request)
    if job.kind == "preview" and job.state in {"done", FAILED} and _has_files(desk, job):
        return _answer(request, render_look(page, _look(desk, job, changed=changed)))
    if job.kind == "import" and job.state in {"done", FAILED}:
        imports = told_of(job).get("import_ids", [])
        if job.state == "done" and len(imports) == 1:
            return _led(f"/{lang}/clerk/imports/{imports[0]}")
        refused = desk.rows_of(job, "refused_rows")
        return _answer(request, render_job_report(page, _job_row(job), refused))
    ahead = desk.ahead(job) if job.state not in ENDED else 0
    return _answer(request, render_job(page, _job_row(job), ahead=ahead))


@router.get("/{lang}/clerk/jobs/{job_id}/report.xlsx")
def get_job_workbook(lang: Lang, job_id: str, desk: ClerkDesk) -> Response:
    """Return the report of a job, also of a refused file, as a workbook."""
    job = desk.job(job_id)
    told = {**told_of(job), "refused_rows": desk.rows_of(job, "refused_rows")}
    files = [str(job.request.get("label", ""))]
    return workbook({**told, "files": files, "error": job.error}, lang)


@router.post("/{lang}/clerk/jobs/{job_id}/next")
async def post_next(request: Request, lang: Lang, job_id: str, desk: ClerkDesk) -> Response:
    """Look again with other options, or import the file exactly as it was looked at."""
    fields = await _form(request)

    def ask() -> str:
        job = desk.job(job_id)
        if job.kind != "preview" or job.state not in {"done", FAILED}:
            raise NotFoundError("There is no such job.", code="job_unknown")
        upload, options = desk.upload_of(job), chosen_options(job, fields)
        seen = options == shown_options(job) and job.state == "done"
        if fields.get("do") == "import" and seen:
            kept = fields.get("keep_mapping") == "1"
            asked = desk.bring_in(upload, options, keep_mapping=kept)
            return f"/{lang}/clerk/jobs/{asked.job_id}"
        told = "?changed=1" if fields.get("do") == "import" else ""
        return f"/{lang}/clerk/jobs/{desk.look_at(upload, options).job_id}{told}"

    return _led(await run_in_threadpool(ask))


@router.post("/{lang}/clerk/jobs/{job_id}/cancel")
async def post_cancel(request: Request, lang: Lang, job_id: str, desk: ClerkDesk) -> Response:
    """Stop a job."""
    await _form(request)
    job = await run_in_threadpool(desk.cancel, job_id)
    return _led(f"/{lang}/clerk/jobs/{job.job_id}")


@router.get("/{lang}/clerk/imports/{import_id}")
def get_import_page(request: Request, lang: Lang, import_id: str, desk: ClerkDesk) -> Response:
    """Show what came of an import."""
    return _answer(request, render_import(_page_of(request), desk.import_(import_id)))


@router.get("/{lang}/clerk/imports/{import_id}/withdraw")
def get_withdrawal(request: Request, lang: Lang, import_id: str, desk: ClerkDesk) -> Response:
    """Ask whether an import is to be taken back."""
    return _answer(request, render_withdrawal(_page_of(request), desk.import_(import_id)))


@router.post("/{lang}/clerk/imports/{import_id}/withdraw")
async def post_withdrawal(
    request: Request, lang: Lang, import_id: str, desk: ClerkDesk
) -> Response:
    """Take an import back."""
    await _form(request)
    await run_in_threadpool(desk.withdraw, import_id)
    return _led(f"/{lang}/clerk/imports/{import_id}")


@router.get("/{lang}/clerk/unplaced")
def get_unplaced_page(
    request: Request, lang: Lang, desk: ClerkDesk, published: PublishedRuns
) -> Response:
    """Show the rows that wait for a place."""
    page = render_unplaced(_page_of(request), desk.unplaced(), _find_tiles(published))
    return _answer(request, page)


@router.post("/{lang}/clerk/unplaced")
async def post_pin(request: Request, lang: Lang, desk: ClerkDesk) -> Response:
    """Give a row a place."""
    fields = await _form(request)
    lat, lon = (_degrees(fields.get(name, "")) for name in ("lat", "lon"))
    await run_in_threadpool(desk.pin, fields.get("identity", ""), lat, lon)
    return _led(f"/{lang}/clerk/unplaced")


# -------------------------------------------------------------------------------------------


async def _form(request: Request) -> dict[str, str]:
    check_origin(request)
    fields = await read_form(request)
    check_form(request, fields)
    return fields


def _page_of(request: Request) -> ClerkPage:
    published: Published = request.app.state.published
    region = published.workspace.region
    lang, path = request.url.path[1:3], request.url.path[3:]
    if request.method != "GET":  # its address answers no GET; the desk does
        path = "/clerk"
    return ClerkPage(
        lang=lang,
        token=form_token(request),
        path=path,
        time_zone=region.time_zone,
        synthetic=region.synthetic,
    )


def _answer(request: Request, page: Page, *, status: int = 200) -> Response:
    html, script_hashes = page
    answer = HTMLResponse(html, status_code=status)
    answer.headers["Content-Security-Policy"] = content_security_policy(script_hashes, forms=True)
    answer.headers["Cache-Control"] = "no-store"
    keep_token(request, answer)
    return answer


def _led(address: str) -> RedirectResponse:
    return RedirectResponse(address, status_code=303)


def _job_row(job: Job) -> dict[str, Any]:
    label = job.request.get("label") or job.request.get("drop") or ""
    return {**vars(job), "label": label}


def _has_files(desk: Desk, job: Job) -> bool:
    try:
        desk.upload_of(job)
    except NotFoundError:
        return False
    return True


def _look(desk: Desk, job: Job, *, changed: bool) -> Look:
    return Look(
        job_id=job.job_id,
        noun=job.request["noun"],
        label=job.request["label"],
        told=told_of(job),
        error=job.error,
        fields=fields_of(job.request["noun"]),
        heads=offered_heads(job),
        options=shown_options(job),
        preview=desk.rows_of(job, "preview"),
        refused=desk.rows_of(job, "refused_rows"),
        changed=changed,
    )


def _find_tiles(published: Published) -> TileSource | None:
    try:
        card = published.current().snapshot.run_card
    except NoDataError:
        return None
    west, south, east, north = card["bounds"]
    return TileSource("", card["run_id"], "prosecutor", (west, south, east, north))


def _degrees(text: str) -> float:
    """Read a number as people write it, with a point or a comma."""
    plain = text.strip().replace(",", ".")
    if not re.fullmatch(r"-?[0-9]{1,3}(\.[0-9]{1,15})?", plain):
        raise UsageError("Latitude and longitude are numbers.", code="position_unclear")
    return float(plain)
