"""The parts of a check of the forecast as the page shows them: tables, chart, sentences, facts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from geo.evaluation.verdict import OURS
from maps import forecast_texts as texts
from maps.formats import date_text, number_text
from maps.job_texts import moment_text
from maps.labels import shown_text
from maps.pages.bar_chart import bar_chart
from maps.translations import catalogue

Row = Mapping[str, Any]

HITS = ("hit1", "hit5", "hit10")
TOP_SECTIONS = 20


def hit_blocks(check: Row, lang: str, digits: int) -> list[Row]:
    """Return the quarters and the whole year, each with our row and the best simple map's.

    Parameters
    ----------
    digits
        Decimals of the per cents.
    """
    say, pooled = catalogue(lang).gettext, check["pooled"]
    best = pooled["verdict"]["best_baseline"]
    blocks: list[Row] = [
        {
            "title": texts.quarter_text(quarter["quarter"], lang),
            "offences": texts.offences_text(quarter["n"], lang),
            "rows": _two_rows(quarter["models"], best, lang, digits),
        }
        for quarter in check.get("quarters", ())
    ]
    rows = _two_rows(pooled["models"], best, lang, digits)
    if not rows:
        return blocks
    errors = pooled.get("standard_error") or {}
    for cell, name in zip(rows[0]["hits"], HITS, strict=True):
        cell["error"] = texts.points_text(errors.get(name), lang)
    whole = {
        "title": say("All quarters together"),
        "offences": texts.offences_text(pooled["protocol"]["events_test"], lang),
        "rows": rows,
    }
    return [*blocks, whole]


def table_notes(pooled: Row, lang: str) -> list[str]:
    """Say how the numbers of the table are to be read."""
    say, protocol = catalogue(lang).gettext, pooled["protocol"]
    notes = []
    if pooled.get("standard_error"):
        notes.append(
            say(
                "± is the standard error in points of a hundred: chance alone moves the share by"
                " less than this in about two of three years."
            )
        )
    if "calibration" in pooled and pooled["models"][OURS].get("pai_025") is not None:
        notes.append(
            say(
                "PAI: how many times more offences lay in the first {area} than in as much of the"
                " town on average. It depends on the cells ({cells}) and on the area ({whole})."
            ).format(
                area=texts.budget_text("025", lang),
                cells=texts.grid_text(protocol["grid"], lang),
                whole=texts.area_text(protocol["area_km2"], lang),
            )
        )
    return notes


def calibration_chart(calibration: list[Row], lang: str) -> Row:
    """Return the bars of expected and recorded offences, with their numbers and what they say."""
    say = catalogue(lang).gettext
    pairs = [(one["expected"] or 0.0, one["observed"] or 0.0) for one in calibration]
    sums = [number_text(round(sum(column)), lang) for column in zip(*pairs, strict=True)]
    return {
        **bar_chart(pairs),
        "lead": say(
            "The town is divided into ten parts with equally many expected offences, the most"
            " hazardous places first. The closer the two bars are, the more the numbers can be"
            " trusted. In all, {expected} were expected and {recorded} recorded."
        ).format(expected=sums[0], recorded=sums[1]),
        "label": say("Expected and recorded offences in ten parts of the town"),
        "rows": [
            {
                "part": number,
                "expected": number_text(expected, lang, digits=1, fixed=True),
                "recorded": number_text(observed, lang),
            }
            for number, (expected, observed) in enumerate(pairs, start=1)
        ],
    }


def stability_part(stability: Row | None, labels: Mapping[str, str], lang: str) -> Row | None:
    """Say how far the order of the sections holds, and name those whose place is not sure."""
    if not stability or stability.get("kendall_tau_min") is None:
        return None
    say = catalogue(lang).gettext
    kept = round(stability["top20_overlap_min"] * TOP_SECTIONS)
    unstable = [
        {"id": one, "label": labels.get(one) or shown_text(one)}
        for one in stability.get("unstable", ())
    ]
    return {
        "lead": say(
            "The order was made again {count} times with other weights, radii and months. It agrees"
            " with the map’s order by at least {tau} of 1 (Kendall’s τ), and at least {kept} of the"
            " first {first} sections stay among them."
        ).format(
            count=len(stability["variants"]),
            tau=number_text(stability["kendall_tau_min"], lang, digits=2, fixed=True),
            kept=kept,
            first=TOP_SECTIONS,
        ),
        "unstable_lead": say(
            "These sections are among the first {first} in fewer than 80 of 100 trials; check them"
            " on the spot before you rely on their place:"
        ).format(first=TOP_SECTIONS),
        "unstable": unstable,
    }


def group_rows(groups: Row, lang: str) -> list[Row]:
    """Return a row for each kind of offence."""
    return [
        {
            "group": texts.group_text(name, lang),
            "n": number_text(told["n"], lang),
            "hit5": texts.share_text(told, "hit5", lang, digits=1),
            "verdict": told["verdict"],
            "verdict_text": texts.short_verdict_text(told["verdict"], lang),
        }
        for name, told in groups.items()
    ]


def method_rows(models: Row, lang: str) -> list[Row]:
    """Return a row for each map that was compared."""
    return [
        {
            "ours": name == OURS,
            "method": texts.method_text(name, lang),
            "cells": [
                *(texts.share_text(one, hit, lang, digits=1) for hit in HITS),
                *(texts.measure_text(one, pai, lang, digits=1) for pai in ("pai_025", "pai_072")),
                texts.measure_text(one, "gain", lang, digits=3),
                texts.measure_text(one, "ece10", lang, digits=3),
            ],
        }
        for name, one in models.items()
    ]


def fact_rows(check: Row, time_zone: str, lang: str) -> list[Row]:
    """Return what the check rests on, a fact a row; what is not told is left out."""
    say = catalogue(lang).gettext
    first, last = (date_text(dt.date.fromisoformat(day), lang) for day in check["period"])
    made_at = dt.datetime.fromisoformat(check["made_at"]).replace(tzinfo=None)
    parameters = check.get("parameters") or {}
    facts = {
        say("Tested time"): f"{first} – {last}",
        say("Data to"): date_text(dt.date.fromisoformat(check["as_of"]), lang),
        say("Checked on"): moment_text(made_at, time_zone, lang),
        say("Number of the check"): check["check_id"],
        say("Number of the map"): check.get("run_id"),
        say("Version of the model"): parameters.get("version"),
        say("Digest of the offences"): (check.get("incidents_sha256") or "")[:16],
    }
    return [{"word": word, "value": shown_text(str(told))} for word, told in facts.items() if told]


# -------------------------------------------------------------------------------------------


def _two_rows(models: Row, best: str | None, lang: str, digits: int) -> list[dict[str, Any]]:
    return [
        {
            "ours": name == OURS,
            "method": texts.method_text(name, lang),
            "hits": [
                {"share": texts.share_text(models[name], hit, lang, digits=digits), "error": ""}
                for hit in HITS
            ],
            "pai": texts.measure_text(models[name], "pai_025", lang, digits=1),
        }
        for name in (OURS, best)
        if name is not None and name in models
    ]
