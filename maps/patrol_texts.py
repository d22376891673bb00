"""Words for patrols: what was planned and delivered, and where hazard is left without presence."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from babel.dates import get_day_names

from geo import columns as c
from geo.parameters import WINDOWS
from maps import patrol_words, words
from maps.formats import date_text, known_number, number_text, percent_text
from maps.labels import class_word, shown_text, window_text
from maps.translations import BABEL_LOCALES, catalogue

Row = Mapping[str, Any]

WEEK = "1234567"
QUARTERS = 4


def weekdays_text(weekdays: str | None, lang: str) -> str:
    """Write weekdays, ISO digits in order, as a person does.

    Examples
    --------
    >>> weekdays_text("12345", "en"), weekdays_text("1367", "ru"), weekdays_text(None, "en")
    ('Mon–Fri', 'пн, ср, сб, вс', 'every day')
    """
    say = catalogue(lang).gettext
    if not weekdays or weekdays == WEEK:
        return say("every day")
    names = get_day_names("abbreviated", "stand-alone", locale=BABEL_LOCALES[lang])
    named = {str(number): names[number - 1].rstrip(".") for number in range(1, 8)}
    told = []
    for run in _runs(weekdays):
        if len(run) > 2:
            told.append(f"{named[run[0]]}–{named[run[-1]]}")
        else:
            told += [named[day] for day in run]
    return ", ".join(told)


def dose_text(quarter: float | None, lang: str) -> str:
    """Say how far patrols are felt, from the dose in quarters; empty where it is not known."""
    known = known_number(quarter)
    if known is None:
        return ""
    return catalogue(lang).gettext(patrol_words.DOSES[round(known * QUARTERS)])


def last_visit_text(days: float | None, lang: str) -> str:
    """Say how long ago a patrol was last recorded; never is not a number of days."""
    say = catalogue(lang).gettext
    known = known_number(days)
    if known is None:
        return say("no visit was ever recorded")
    whole = int(known)
    message = catalogue(lang).ngettext(
        "last recorded visit {count} day ago", "last recorded visit {count} days ago", whole
    )
    return message.format(count=number_text(whole, lang))


def gap_sentence(row: Row, label: str, lang: str) -> str:
    """Say of one cell what hazard is left there without presence in some hours.

    Parameters
    ----------
    row
        ``gap`` and ``dose`` of these hours, ``last_visit_days``.
    label
        Name of the section with most street in the cell.
    """
    say = catalogue(lang).gettext
    message = say("{place}: patrol gap – {gap}; patrols are felt {dose}; {visit}.")
    return message.format(
        place=label,
        gap=class_word(_whole(row.get(c.GAP)), lang),
        dose=dose_text(row.get(c.DOSE), lang),
        visit=last_visit_text(known_number(row.get(c.LAST_VISIT_DAYS)), lang),
    )


def window_head(window: str, lang: str) -> str:
    """Name a window with its hours; the hours that belong to no named one, as such."""
    if window in words.WINDOWS:
        return window_text(window, lang)
    assert window in WINDOWS, window
    return catalogue(lang).gettext("Other hours")


def gap_note(visits: int, days: Sequence[dt.date], lang: str) -> str:
    """Say how the patrol gap is to be read.

    Parameters
    ----------
    visits
        How many visits are recorded before the run.
    days
        Days of the first and the last of them.
    """
    message = catalogue(lang).ngettext(
        "Recorded patrol visits only: {count}, {start} – {end}; about places, not about officers."
        " Where none is recorded, somebody may have been there all the same.",
        "Recorded patrol visits only: {count}, {start} – {end}; about places, not about officers."
        " Where none is recorded, somebody may have been there all the same.",
        visits,
    )
    first, last = (date_text(day, lang) for day in days)
    return message.format(count=number_text(visits, lang), start=first, end=last)


def delivered_note(days: Sequence[dt.date], lang: str, *, recorded: bool) -> str:
    """Say over which days plans and visits are compared, and what a visit is."""
    say = catalogue(lang).gettext
    first, last = (date_text(day, lang) for day in days)
    if not recorded:
        return say(
            "{start} – {end}: no patrol visit is recorded, so nothing is known of what was"
            " delivered."
        ).format(start=first, end=last)
    return say(
        "{start} – {end}. Delivered are minutes of recorded stays within 100 m of the post or the"
        " route’s line; walking between two stays is in no record."
    ).format(start=first, end=last)


def plan_name(row: Row, lang: str) -> str:
    """Name a plan by its number and kind, such as "Route 7, on foot"."""
    say = catalogue(lang).gettext
    post = row.get("kind") == "post"
    number = shown_text(str(row.get("number") or row["plan_id"]))
    name = say("Post {number}") if post else say("Route {number}")
    name = name.format(number=number)
    kind = row.get("kind")
    if post or not isinstance(kind, str):
        return name
    known = patrol_words.KINDS.get(kind)
    return f"{name}, {say(known) if known else shown_text(kind)}"


def plan_hours(row: Row, lang: str) -> str:
    """Write when a plan is on duty, such as "Mon–Fri 08:00–16:00"."""
    start, end = row.get("starts_at"), row.get("ends_at")
    days = weekdays_text(row.get("weekdays"), lang)
    return f"{days} {start}–{end}" if start and end else days


def plan_sentence(row: Row, label: str, lang: str) -> str:
    """Say what of a plan was delivered, or why that cannot be told.

    Parameters
    ----------
    row
        A disclosed row of the plans, None where nothing is known.
    label
        Name of the section where it lies, empty where there is none.
    """
    say = catalogue(lang).gettext
    head = f"{plan_name(row, lang)} ({plan_hours(row, lang)})"
    head = f"{head}, {label}" if label else head
    planned, delivered = (row.get(name) for name in ("planned_minutes", "delivered_minutes"))
    if planned is None:
        return say("{plan}: its hours are not written.").format(plan=head)
    if row.get("compared_by") is None:
        return say("{plan}: its line is not known, so it cannot be compared.").format(plan=head)
    if delivered is None:
        return say("{plan}: no visit is recorded.").format(plan=head)
    share = f" ({percent_text(delivered / planned, lang, digits=1)})" if planned > 0 else ""
    return say(
        "{plan}: {visited} of {shifts} shifts with a visit; {delivered} of {planned}"
        " minutes{share}."
    ).format(
        plan=head,
        visited=number_text(row["visited_shifts"], lang),
        shifts=number_text(row["planned_shifts"], lang),
        delivered=number_text(delivered, lang),
        planned=number_text(planned, lang),
        share=share,
    )


# -------------------------------------------------------------------------------------------


def _runs(weekdays: str) -> list[str]:
    """Part days in order into runs of days beside one another."""
    runs = [weekdays[0]]
    for day in weekdays[1:]:
        if int(day) == int(runs[-1][-1]) + 1:
            runs[-1] += day
        else:
            runs.append(day)
    return runs


def _whole(value: Any) -> int | None:
    known = known_number(value)
    return None if known is None else int(known)
