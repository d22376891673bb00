"""What a page needs to know before it is drawn, and the words all pages share."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from geo.errors import UsageError
from maps import words
from maps.offline import Frame, OfflineFigure
from maps.translations import catalogue, check_language

LANGUAGE_NAMES = (("kk", "ҚАЗ", "Қазақша"), ("ru", "РУС", "Русский"), ("en", "ENG", "English"))
"""Code, short and full name of each language, in that language."""


@dataclass(frozen=True)
class PageContext:
    """Where a map page opens and for whom.

    Attributes
    ----------
    lang, role
        Language (kk, ru, en) and role (prosecutor, planner, dispatcher, public).
    snapshot
        Run id of the published snapshot whose tiles are shown.
    centre
        (lat, lon) degrees of the first view; ``zoom`` its zoom.
    bounds
        (west, south, east, north) degrees of the study area.
    synthetic
        Whether the data are made up; the page then says so.
    base_path
        Prefix of every address, such as ``/region`` behind a proxy; empty at the root.
    forecast_lost
        Whether the last check of the forecast said not to use it; the page then says so too.
    months_without_school
        Months (1–12) that have no school day by the school calendar.
    """

    lang: str
    role: str
    snapshot: str
    centre: tuple[float, float]
    zoom: int
    bounds: tuple[float, float, float, float]
    synthetic: bool
    base_path: str = ""
    forecast_lost: bool = False
    months_without_school: tuple[int, ...] = ()


def check_context(context: PageContext) -> None:
    """Raise a `UsageError` where the language, the role or the prefix cannot be meant."""
    check_language(context.lang)
    check_role(context.role)
    check_base_path(context.base_path)


def check_role(role: str) -> None:
    """Raise a `UsageError` unless there is a page for the role."""
    if role not in words.ROLES:
        raise UsageError(
            f"there is no page for the role {role[:32]!r}; use one of {', '.join(words.ROLES)}.",
            code="role_unknown",
        )


def check_base_path(base_path: str) -> None:
    """Raise a `UsageError` unless the prefix is empty or a plain path such as ``/region``."""
    if not re.fullmatch(r"(/[A-Za-z0-9._~-]+)*", base_path):
        raise UsageError("the base path is not a plain path.", code="base_path_invalid")


def language_links(base_path: str, lang: str, rest: str) -> list[dict[str, str]]:
    """Return the links to the same page in every language; ``rest`` follows the language."""
    check_language(lang)
    return [
        {"code": code, "short": short, "name": name, "href": f"{base_path}/{code}{rest}"}
        for code, short, name in LANGUAGE_NAMES
    ]


def shared_words(lang: str) -> dict[str, str]:
    """Return the words that stand on every page."""
    say = catalogue(lang).gettext
    return {
        "brand": say("Safe Region"),
        "languages": say("Language"),
        "night": say("Night view"),
        "synthetic": say("Synthetic data: the incidents, lamps and patrols shown are made up."),
        "note": say("Recorded offences only; about places, not about people."),
    }


def render_template(frame: Frame) -> tuple[str, list[str]]:
    """Render a page without a map; return the HTML and the hashes of its inline scripts."""
    figure = OfflineFigure(frame)
    html = figure.render()
    return html, figure.script_hashes


def with_shared(lang: str, own: Mapping[str, Any]) -> dict[str, Any]:
    """Return the shared words of a language with a page's own beside them."""
    return {**shared_words(lang), **own}
