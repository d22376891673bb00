"""The page that says whether the forecast held: the verdict first, then what it rests on.

It holds data, which enters the template as values only and is escaped there; it works without
JavaScript. The chart is SVG inside the page: solid and hollow bars, told apart without colour.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from geo.disclosure import PUBLIC
from maps import forecast_texts as texts
from maps import words
from maps.forecast_words import HOW_TESTED
from maps.offline import Frame
from maps.pages import forecast_tables as tables
from maps.pages.context import (
    check_base_path,
    check_role,
    language_links,
    render_template,
    with_shared,
)
from maps.translations import catalogue, check_language

Row = Mapping[str, Any]
Page = tuple[str, list[str]]

HIT_HEADS = ("1 %", "5 %", "10 %")


@dataclass(frozen=True)
class ForecastPage:
    """What the page needs besides the check.

    Attributes
    ----------
    lang, role
        Language, and the role whose map the check is about.
    time_zone
        The region's.
    synthetic
        Whether the stored data are made up.
    token
        Value that the form carries; empty where this role may not ask for a check.
    job
        Id of a check that waits or runs; empty where none does.
    labels
        Section id → its label, for the sections whose place is not sure.
    base_path
        Prefix of every address; empty at the root.
    """

    lang: str
    role: str
    time_zone: str
    synthetic: bool
    token: str = ""
    job: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    base_path: str = ""

    def say(self, message: str) -> str:
        """Return a message in the language of the page."""
        return catalogue(self.lang).gettext(message)


def render_forecast(page: ForecastPage, check: Row | None) -> Page:
    """Render a check of the forecast as a role may see it, or that there is none yet.

    Parameters
    ----------
    check
        As `geo.disclosure_forecast.disclose_forecast` returns it; None before the first.

    Returns
    -------
    The HTML and the hashes of its inline scripts.
    """
    check_language(page.lang)
    check_role(page.role)
    check_base_path(page.base_path)
    path = f"/{page.role}/forecast"
    values: dict[str, Any] = {
        "words": with_shared(page.lang, _words(page)),
        "languages": language_links(page.base_path, page.lang, path),
        "synthetic": page.synthetic,
        "map_page": f"{page.base_path}/{page.lang}/{page.role}",
        "ask": f"{page.base_path}/{page.lang}/clerk/forecast",
        "job_page": page.job and f"{page.base_path}/{page.lang}/clerk/jobs/{page.job}",
        "token": page.token,
        "check": None,
    }
    if check is not None:
        values |= _values(page, check)
    title = f"{page.say('Does the forecast hold?')} · {page.say('Safe Region')}"
    return render_template(Frame(page.lang, title, "forecast.html", values, page.base_path))


# -------------------------------------------------------------------------------------------


def _words(page: ForecastPage) -> dict[str, str]:
    say = page.say
    return {
        "role": say(words.ROLES[page.role]),
        "skip": say("Skip to the content"),
        "title": say("Does the forecast hold?"),
        "to_map": say("To the map"),
        "not_checked": say("Not checked yet"),
        "not_checked_note": say(
            "Until the forecast has been checked, read the map as a summary of the records."
        ),
        "command": say("On the command line: {command}").format(command="safe-region backtest"),
        "check_now": say("Check the forecast now"),
        "check_again": say("Check again"),
        "check_note": say("The check takes some minutes and goes on when this page is closed."),
        "under_way": say("A check is under way"),
        "quarters": say("What was named in advance, and what came"),
        "method": say("Map"),
        "found": say("Found in the first"),
        "pai": say("PAI"),
        "calibration": say("Expected and recorded"),
        "expected": say("Expected"),
        "recorded": say("Recorded"),
        "part": say("Part"),
        "chart_numbers": say("Numbers of the chart"),
        "stability": say("Does the order of the streets hold?"),
        "groups": say("By kind of offence"),
        "group": say("Kind of offence"),
        "offences": say("Number"),
        "verdict": say("Verdict"),
        "how": say("How it was tested"),
        "methods": say("All maps compared"),
        "gain": say("Gain"),
        "error": say("Error"),
        "methods_note": say(
            "Gain: how much better a map tells likely from unlikely places, as the mean logarithm"
            " against an even spread; more is better. Error: how far expected and recorded numbers"
            " lie apart, as a share of the expected; less is better."
        ),
        "facts": say("What it rests on"),
    }


def _values(page: ForecastPage, check: Row) -> dict[str, Any]:
    pooled, lang = check["pooled"], page.lang
    verdict, staff = pooled["verdict"], "quarters" in check
    digits = 0 if page.role == PUBLIC else 1
    return {
        "check": check,
        "verdict": verdict["word"],
        "verdict_text": texts.verdict_text(verdict["word"], lang),
        "comparison": texts.comparison_text(pooled, lang, digits=digits),
        "reasons": texts.reasons_text(verdict, lang),
        "hit_heads": HIT_HEADS,
        "with_pai": staff,
        "blocks": tables.hit_blocks(check, lang, digits),
        "notes": tables.table_notes(pooled, lang),
        **(_staff_values(page, check) if staff else _EMPTY),
        "how": [page.say(sentence).format(size=texts.size_text(pooled, lang))
                for sentence in HOW_TESTED],
        "facts": tables.fact_rows(check, page.time_zone, lang),
    }  # fmt: skip


_EMPTY: Row = {"chart": None, "stability": None, "groups": [], "methods": []}


def _staff_values(page: ForecastPage, check: Row) -> dict[str, Any]:
    pooled = check["pooled"]
    return {
        "chart": tables.calibration_chart(pooled["calibration"], page.lang),
        "stability": tables.stability_part(check.get("stability"), page.labels, page.lang),
        "groups": tables.group_rows(check.get("groups") or {}, page.lang),
        "methods": tables.method_rows(pooled["models"], page.lang),
        "method_heads": [
            *HIT_HEADS,
            *(f"PAI {texts.budget_text(name, page.lang)}" for name in ("025", "072")),
        ],
    }
