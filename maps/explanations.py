"""The explanation of one place in words: a sentence to read out, factors, shares, facts."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from maps import words
from maps.formats import date_text, distance_text, number_text, percent_text
from maps.labels import (
    class_word,
    confidence_word,
    incidents_text,
    month_kind_text,
    pupils_text,
    window_text,
)
from maps.translations import catalogue

SMALLEST_SHOWN_LOG = math.log(1.02)
"""A part that moves the hazard by less than 2 % is listed but never named as the main reason."""


@dataclass(frozen=True)
class Explained:
    """The numbers of one place that its explanation puts in words.

    Attributes
    ----------
    hazard, hazard_low, hazard_high, ln_area_mean
        Expected harm a month, its 90 % interval (in ``unit``) and the start of its chain; None
        for a reader who sees classes only, or where the hour is not known.
    unit
        ``days`` of sanction, or ``incidents`` where the gravity of offences is unknown.
    parts
        ln factor by the part's code, in the order of the chain; they sum to
        ln hazard − ``ln_area_mean``.
    causes
        What ``change_since`` is the sum of, by cause, in order.
    hazard_class
        Class of the window; said where the hazard itself is not.
    group_shares
        Share of the harm by offence group, already folded for the reader's role.
    lit_m, unlit_m, unknown_light_m, pupils, incidents_observed
        None where unknown or not for this reader.
    window
        ``day`` or a window's code.
    month
        Month and kind of day, such as ``01-school``; None for the mean of the year.
    hotspot
        Whether the cell bears the badge; None for a section, or where it is not for this reader.
    """

    hazard: float | None
    hazard_low: float | None
    hazard_high: float | None
    unit: str
    ln_area_mean: float | None
    parts: Mapping[str, float]
    group_shares: Mapping[str, float]
    confidence: str | None
    period: tuple[dt.date, dt.date]
    window: str = "day"
    month: str | None = None
    hazard_class: int | None = None
    lit_m: float | None = None
    unlit_m: float | None = None
    unknown_light_m: float | None = None
    pupils: float | None = None
    incidents_observed: float | None = None
    hotspot: bool | None = None
    causes: Mapping[str, float] = field(default_factory=dict)


def explanation(place: Explained, lang: str) -> dict[str, object]:
    """Put one place's numbers in words, ready for JSON.

    Returns
    -------
    dict
        ``sentence``; ``parts`` (part, word, factor such as "×1.8", log); ``causes`` of standing
        conditions and of the changes since (cause, word, factor, log); ``groups`` (group, word,
        share, text); ``light`` (state, metres, text; only known ones); ``facts`` (lines of text);
        ``badges`` (badge, word, note); ``confidence_word``; ``unit_word``.
    """
    say = catalogue(lang).gettext
    return {
        "sentence": explanation_sentence(place, lang),
        "parts": _factors("part", place.parts, words.PARTS, lang),
        "causes": _factors("cause", place.causes, words.CAUSES, lang),
        "groups": _groups(place, lang),
        "light": _light(place, lang),
        "facts": _facts(place, lang),
        "badges": _badges(place, lang),
        "confidence_word": confidence_word(place.confidence, lang),
        "unit_word": say(words.UNITS[place.unit]),
    }


def explanation_sentence(place: Explained, lang: str) -> str:
    """Say in sentences that can be read out what is expected and what makes it so.

    Every number comes from ``place``: the comparison is exp(ln hazard − ``ln_area_mean``), which
    is the product of the factors shown.
    """
    say = catalogue(lang).gettext
    sentences = [_first_sentence(place, lang)]
    raising = [(log, part) for part, log in place.parts.items() if log >= SMALLEST_SHOWN_LOG]
    if raising:
        log, part = max(raising)
        sentences.append(
            say("Main reason: {reason} ({factor}).").format(
                reason=_lower_first(say(words.PARTS[part])), factor=factor_text(log, lang)
            )
        )
    if place.confidence == "too_few":
        sentences.append(say("There are too few records here to tell this place from others."))
    return " ".join(sentences)


def factor_text(log: float, lang: str) -> str:
    """Write a part of ln hazard as a factor: ln 1.8 is "×1.8".

    Examples
    --------
    >>> factor_text(0.5877867, "ru")
    '×1,8'
    """
    factor = math.exp(log)
    return "×" + number_text(factor, lang, digits=2 if factor < 1.095 else 1)


# -------------------------------------------------------------------------------------------


def _factors(
    noun: str, logs: Mapping[str, float], named: Mapping[str, str], lang: str
) -> list[dict[str, object]]:
    say = catalogue(lang).gettext
    return [
        {noun: code, "word": say(named[code]), "factor": factor_text(log, lang), "log": log}
        for code, log in logs.items()
    ]


def _first_sentence(place: Explained, lang: str) -> str:
    say, window = catalogue(lang).gettext, window_text(place.window, lang)
    if place.month is not None:
        window = f"{window}; {month_kind_text(place.month, lang)}"
    low, high, start = place.hazard_low, place.hazard_high, place.ln_area_mean
    if place.hazard is None or low is None or high is None or start is None:
        word = class_word(place.hazard_class, lang)
        return say("{window}: hazard class – {word}.").format(window=window, word=word)
    return say(
        "{window}: expected harm a month {value} {unit} (90 % interval {low}–{high}),"
        " {times} times the usual level for a place of this size."
    ).format(
        window=window,
        value=_measured(place.hazard, lang),
        unit=say(words.UNITS[place.unit]),
        low=_measured(low, lang),
        high=_measured(high, lang),
        times=_measured(place.hazard / math.exp(start), lang),
    )


def _measured(value: float, lang: str) -> str:
    """Write two significant digits: more would promise what the interval denies."""
    if value <= 0 or not math.isfinite(value):
        return number_text(0, lang)
    digits = 1 - math.floor(math.log10(value))
    return number_text(round(value, digits), lang, digits=max(0, digits))


def _groups(place: Explained, lang: str) -> list[dict[str, object]]:
    say = catalogue(lang).gettext
    ordered = sorted(place.group_shares.items(), key=lambda item: (-item[1], item[0]))
    return [
        {
            "group": group,
            "word": say(words.GROUPS[group]),
            "share": share,
            "text": percent_text(share, lang),
        }
        for group, share in ordered
        if share > 0
    ]


def _light(place: Explained, lang: str) -> list[dict[str, object]]:
    say = catalogue(lang).gettext
    states = (
        ("lit", place.lit_m, say("lit: {distance}")),
        ("unlit", place.unlit_m, say("unlit: {distance}")),
        ("unknown", place.unknown_light_m, say("not known: {distance}")),
    )
    return [
        {
            "state": state,
            "metres": metres,
            "text": text.format(distance=distance_text(metres, lang)),
        }
        for state, metres, text in states
        if metres is not None and metres >= 1
    ]


def _facts(place: Explained, lang: str) -> list[str]:
    say = catalogue(lang).gettext
    facts = [
        incidents_text(place.incidents_observed, lang),
        pupils_text(place.pupils, lang),
        say("Confidence: {word}").format(word=confidence_word(place.confidence, lang)),
        say("Records from {start} to {end}").format(
            start=date_text(place.period[0], lang), end=date_text(place.period[1], lang)
        ),
    ]
    return [fact for fact in facts if fact]


def _badges(place: Explained, lang: str) -> list[dict[str, str]]:
    say = catalogue(lang).gettext
    held = {"hotspot": place.hotspot}
    return [
        {"badge": badge, "word": say(word), "note": say(words.BADGE_NOTES[badge])}
        for badge, word in words.BADGES.items()
        if held[badge]
    ]


def _lower_first(text: str) -> str:
    return text[:1].lower() + text[1:]
