"""Words for the dark gap: minutes that children walk in the dark, with light and without."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from babel.dates import format_skeleton

from geo import columns as c
from maps.formats import date_text, number_text, percent_text
from maps.labels import pupils_text, window_text
from maps.translations import BABEL_LOCALES, catalogue

WHOLE_DAY = "day"


@dataclass(frozen=True)
class DarkGapFacts:
    """The town's sums that the sentences about the dark gap are made of.

    Attributes
    ----------
    months
        First days of the months that are added up.
    window
        A window of the day, or ``day``.
    lit, unlit, unknown
        Child-minutes in the dark; None where no month has school.
    listed
        Share of the unlit minutes that the listed sections hold; None where there are none.
    as_of
        The day whose light is meant.
    school_days_assumed
        Whether the calendar does not know some month's school days.
    least_pupils
        Streets with fewer are not listed.
    """

    months: tuple[dt.date, ...]
    window: str
    lit: float | None
    unlit: float | None
    unknown: float | None
    listed: float | None
    as_of: dt.date
    school_days_assumed: bool
    least_pupils: int


def dark_gap_sentence(facts: DarkGapFacts, lang: str) -> str:
    """Say how much is walked in the dark without light, with light, and where nobody knows.

    Examples
    --------
    >>> day = dt.date(2026, 12, 1)
    >>> facts = DarkGapFacts((day,), "school_am", 1200.0, 850.0, 40.0, 0.62, day, False, 5)
    >>> dark_gap_sentence(facts, "en")
    'December 2026, way to school, 07:00–09:00: children’s minutes in the dark – 850 without \
light, 1,200 with light, 40 where the light is not known.'
    """
    say = catalogue(lang).gettext
    if facts.unlit is None or facts.lit is None or facts.unknown is None:
        text = say("{when}: no school, so where children walk is not known.")
        return text.format(when=dark_gap_when(facts, lang))
    text = say(
        "{when}: children’s minutes in the dark – {unlit} without light, {lit} with light,"
        " {unknown} where the light is not known."
    )
    return text.format(
        when=dark_gap_when(facts, lang),
        unlit=number_text(round(facts.unlit), lang),
        lit=number_text(round(facts.lit), lang),
        unknown=number_text(round(facts.unknown), lang),
    )


def dark_gap_when(facts: DarkGapFacts, lang: str) -> str:
    """Name the months and the part of the day, such as "December 2026, evening, 19:30–22:00"."""
    first, last = min(facts.months), max(facts.months)
    months = _month(first, lang)
    if last != first:
        months = f"{months} – {_month(last, lang)}"
    if facts.window == WHOLE_DAY:
        return months
    part = part_of_day_text(facts.window, lang)
    return f"{months}, {part[:1].lower()}{part[1:]}"


def part_of_day_text(window: str, lang: str) -> str:
    """Name any window with its hours, the hours between the named ones too."""
    say = catalogue(lang).gettext
    return say("Other hours") if window == "other" else window_text(window, lang)


def dark_gap_notes(facts: DarkGapFacts, lang: str) -> list[str]:
    """Say what a reader must know of the list: what it holds, from what it is worked out."""
    say = catalogue(lang).gettext
    notes = []
    if facts.listed is not None:
        text = say("The sections listed hold {share} of the minutes without light.")
        notes.append(text.format(share=percent_text(facts.listed, lang)))
    text = say(
        "Light as recorded by {date}; a street whose light is not known never counts as dark."
    )
    notes.append(text.format(date=date_text(facts.as_of, lang)))
    notes.append(say("Walks are modelled on the shortest ways to school; twilight counts in part."))
    if facts.school_days_assumed:
        notes.append(
            say("The calendar does not know all of these months; school days are assumed.")
        )
    text = say("Streets that fewer than {count} pupils walk on are not listed.")
    notes.append(text.format(count=facts.least_pupils))
    return notes


def dark_section_texts(row: Mapping[str, Any], lang: str) -> dict[str, str]:
    """Say of a listed section how much of it is dark and for whom, and what it adds up to.

    Parameters
    ----------
    row
        ``unlit_m, lit_m, unknown_light_m, pupils, schools, unlit_dark_minutes,
        cumulative_share``.

    Examples
    --------
    >>> row = {"unlit_m": 122.0, "lit_m": 62.0, "unknown_light_m": 0.0, "pupils": 141,
    ...        "schools": ["School No. 10"], "unlit_dark_minutes": 24310, "cumulative_share": 0.12}
    >>> told = dark_section_texts(row, "en")
    >>> told["reason"]
    'without light: 122 of 184 m · 141 pupils a day · School No. 10'
    >>> told["minutes_text"], told["share_text"]
    ('24,310', 'with those above: 12 % of all minutes without light')
    """
    say = catalogue(lang).gettext
    whole = row[c.UNLIT_M] + row[c.LIT_M] + row[c.UNKNOWN_LIGHT_M]
    dark = say("without light: {dark} of {whole} m").format(
        dark=number_text(round(row[c.UNLIT_M]), lang), whole=number_text(round(whole), lang)
    )
    share = row["cumulative_share"]
    return {
        "reason": " · ".join([dark, pupils_text(row[c.PUPILS], lang), *row["schools"]]),
        "minutes_text": number_text(row[c.UNLIT_DARK_MINUTES], lang),
        "share_text": ""
        if share is None
        else say("with those above: {share} of all minutes without light").format(
            share=percent_text(share, lang)
        ),
    }


# -------------------------------------------------------------------------------------------


def _month(day: dt.date, lang: str) -> str:
    text = format_skeleton("yMMMM", day, locale=BABEL_LOCALES[lang])
    return text[:1].upper() + text[1:]
