"""Fetch the official offence layer page by page from its map service (ArcGIS REST).

The service answers at most some thousand records at a time and says so only in a flag, so pages
are asked for until none is left, and their sum is held against the count that the service gives.
Entries come late: `since` reaches two days back behind the newest registration that is known.
Nothing is understood here but what paging needs, and that in a confined child; the pages are
saved as they came and imported like files.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry

from data.importers.parsing.isolation import run_isolated
from data.importers.parsing.layer_pages import page_facts
from geo.errors import SafeRegionError, UsageError

ROWS_A_PAGE = 5000
LATE_ENTRY_DAYS = 2
REGISTERED = "dat_vozb"
ORDER = "objectid"

LARGEST_PAGE_BYTES = 64 << 20
MOST_PAGES = 2000
_BLOCK = 1 << 16


@dataclass(frozen=True)
class LayerService:
    """Where a layer is served; named by the operator in a mapping file, never by a visitor.

    Attributes
    ----------
    url
        Address of the layer, such as ``https://host/arcgis/rest/services/X/FeatureServer/1``.
    where
        Condition on every record in the service's SQL, such as ``city_code='1927'``.
    rows_a_page
        Asked for at once; the service may give fewer.
    timeout_seconds
        For each answer to begin.
    """

    url: str
    where: str = "1=1"
    rows_a_page: int = ROWS_A_PAGE
    timeout_seconds: float = 60


def layer_service(declared: dict[str, str]) -> LayerService:
    """Return the service that a mapping file declares under ``layer``.

    Raises
    ------
    UsageError
        ``layer_unknown``: no address, or one that is not of the web.
    """
    url = str(declared.get("url") or "").rstrip("/").removesuffix("/query")
    if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
        raise UsageError(
            "No layer is named: write 'layer: {url: https://HOST/…/FeatureServer/1}' in the "
            "mapping file of the source.",
            code="layer_unknown",
        )
    return LayerService(url, str(declared.get("where") or "1=1"))


def first_day_to_read(newest_registration: datetime | None) -> date | None:
    """Return the day from which to read again; None where nothing was read yet."""
    if newest_registration is None:
        return None
    return newest_registration.date() - timedelta(days=LATE_ENTRY_DAYS)


def fetch_pages(
    service: LayerService,
    folder: Path,
    *,
    since: date | None,
    progress: Callable[[str], None],
) -> list[Path]:
    """Save every page of the layer in a folder; return the files in the order of the service.

    Parameters
    ----------
    service
        The layer.
    folder
        Takes ``page-0001.json`` and so on.
    since
        First day of registration; None reads everything.
    progress
        Receives "5000 of 12000 records".

    Raises
    ------
    SafeRegionError
        ``layer_unreachable``: no answer, a redirect or an error; ``layer_incomplete``: fewer
        records came than the service counts, or a page is larger than a page may be.
    """
    where = service.where
    if since is not None:
        where = f"({where}) AND {REGISTERED} >= DATE '{since.isoformat()}'"
    with _session() as session:
        counted = _count(session, service, where, folder)
        pages: list[Path] = []
        taken = 0
        while taken < counted and len(pages) < MOST_PAGES:
            page = folder / f"page-{len(pages) + 1:04d}.json"
            query = _query(where) | {
                "outFields": "*",
                "orderByFields": ORDER,
                "outSR": "4326",
                "resultOffset": str(taken),
                "resultRecordCount": str(service.rows_a_page),
            }
            facts = _ask(session, service, query, page)
            if not facts["rows"]:
                break
            pages.append(page)
            taken += int(facts["rows"])
            progress(f"{taken} of {counted} records")
    if taken < counted:
        raise SafeRegionError(
            f"The layer counts {counted} records but gave {taken}; nothing was stored. Try again.",
            code="layer_incomplete",
        )
    return pages


# -------------------------------------------------------------------------------------------


def _session() -> requests.Session:
    session = requests.Session()
    retry = Retry(total=3, backoff_factor=0.5, status_forcelist=(429, 500, 502, 503, 504))
    for scheme in ("http://", "https://"):
        session.mount(scheme, HTTPAdapter(max_retries=retry))
    return session


def _query(where: str) -> dict[str, str]:
    return {"where": where, "f": "json"}


def _count(session: requests.Session, service: LayerService, where: str, folder: Path) -> int:
    answer = folder / "count.json"
    facts = _ask(session, service, _query(where) | {"returnCountOnly": "true"}, answer)
    answer.unlink()
    if facts["count"] is None:
        raise _unreachable(service, "it gives no count of its records")
    return int(facts["count"])


def _ask(
    session: requests.Session, service: LayerService, query: dict[str, str], file: Path
) -> dict[str, Any]:
    try:
        with session.get(
            f"{service.url}/query",
            params=query,
            timeout=service.timeout_seconds,
            allow_redirects=False,
            stream=True,
        ) as answer:
            if answer.status_code != requests.codes.ok:
                raise _unreachable(service, f"status {answer.status_code}")
            _save(answer, file)
    except requests.RequestException as error:
        raise _unreachable(service, type(error).__name__) from error
    facts = run_isolated(page_facts, file, {}).facts
    if facts["error"]:
        raise _unreachable(service, f"it answers with error {facts['error']}")
    return facts


def _save(answer: requests.Response, file: Path) -> None:
    written = 0
    with file.open("wb") as sink:
        for block in answer.iter_content(_BLOCK):
            written += len(block)
            if written > LARGEST_PAGE_BYTES:
                raise SafeRegionError(
                    f"A page of the layer is larger than {LARGEST_PAGE_BYTES >> 20} MB; nothing "
                    "was stored.",
                    code="layer_incomplete",
                )
            sink.write(block)


def _unreachable(service: LayerService, why: str) -> SafeRegionError:
    host = re.sub(r"[^\w.:\[\]-]", "", urlsplit(service.url).netloc.rpartition("@")[2])
    return SafeRegionError(
        f"The layer at {host} did not answer as it should ({why}); bring its pages as files, or "
        "try again later.",
        code="layer_unreachable",
    )
