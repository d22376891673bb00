"""Every word a person reads about a place, from the numbers and codes of its row.

The functions return plain text: nothing here is HTML, and what comes from outside (street and
school names) is shown as text by whoever receives it.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

from geo import columns as c
from geo.parameters import WINDOWS as WINDOW_HOURS
from maps import words
from maps.formats import date_text, distance_text, known_number, month_text, number_text
from maps.translations import catalogue

Row = Mapping[str, Any]

LONGEST_NAME = 120
MIDNIGHT = 24.0
TOO_FEW = "too_few"


def section_label(row: Row, lang: str) -> str:
    """Name a street section in words, from the columns ``label_*``.

    Parameters
    ----------
    row
        ``label_kind`` and what that kind needs: names with their ``_kk`` and ``_ru`` forms,
        ``label_bearing``, ``label_distance_m``, ``label_ordinal``.
    lang
        ``kk``, ``ru`` or ``en``.

    Examples
    --------
    >>> row = {"label_kind": "branch", "label_name": "Абай көшесі", "label_bearing": "n"}
    >>> section_label(row, "ru")
    'Абай көшесі: ответвление на север'
    """
    say = catalogue(lang).gettext
    values = {
        "name": local_name(row, "label_name", lang),
        "start": local_name(row, "label_from", lang),
        "end": local_name(row, "label_to", lang),
        "direction": _bearing(row.get("label_bearing"), lang),
        "distance": distance_text(known_number(row.get("label_distance_m")), lang),
    }
    if row.get(c.LABEL_KIND) == "near_school":
        values["name"] = school_label(values["name"], lang)
    text = _label_pattern(str(row.get(c.LABEL_KIND)), values, lang).format(**values)
    ordinal = known_number(row.get("label_ordinal"))
    if ordinal is not None and ordinal > 1:
        text = say("{label}, part {ordinal}").format(label=text, ordinal=int(ordinal))
    return text


def local_name(row: Row, column: str, lang: str) -> str:
    """Return a name in the reader's language if the map has it, else as it is written there.

    Control characters and runs of blanks become one blank; a missing name is an empty text.
    """
    for candidate in (f"{column}_{lang}", column):
        value = row.get(candidate)
        if isinstance(value, str) and value.strip():
            return shown_text(value)
    return ""


def school_label(name: str | None, lang: str) -> str:
    """Name a school; "СШ 18", "№18" and "Школа №18" all read as school no. 18.

    Examples
    --------
    >>> school_label("СШ 18", "kk")
    '№ 18 мектеп'
    """
    say = catalogue(lang).gettext
    name = shown_text(name or "")
    if not name:
        return say("school without a name")
    number = _SCHOOL_NUMBER.fullmatch(name)
    if number:
        return say("School No. {number}").format(number=number["number"])
    return name


def class_word(hazard_class: int | None, lang: str) -> str:
    """Say a hazard class (1–5) in words; a place without a class says so."""
    say = catalogue(lang).gettext
    if hazard_class not in words.CLASSES:
        return say("no class")
    return say(words.CLASSES[hazard_class])


def confidence_word(confidence: str | None, lang: str) -> str:
    """Say how far a number can be trusted: strong, tentative, too few."""
    say = catalogue(lang).gettext
    known = confidence if confidence in words.CONFIDENCE else TOO_FEW
    return say(words.CONFIDENCE[known])


def rank_text(low: float | None, high: float | None, lang: str) -> str:
    """Say a rank as the range it lies in; an empty text where no rank was computed."""
    first, last = known_number(low), known_number(high)
    if first is None or last is None:
        return ""
    say = catalogue(lang).gettext
    if int(first) == int(last):
        return say("rank {rank}").format(rank=number_text(first, lang))
    return say("rank {low}–{high}").format(
        low=number_text(first, lang), high=number_text(last, lang)
    )


def reason_line(row: Row, lang: str) -> str:
    """Give the reasons for a section's place in the list, in one line.

    What is missing in the row (unknown, or not for this reader) is left out, never shown as 0.

    Parameters
    ----------
    row
        Any of ``incidents_observed`` (last 12 months), ``share_<group>``, ``unlit_m``,
        ``unknown_light_m``, ``pupils`` (a day).
    """
    reasons = [
        incidents_text(known_number(row.get(c.INCIDENTS_OBSERVED)), lang),
        _main_group(row, lang),
        _light_reason(row, lang),
        pupils_text(known_number(row.get(c.PUPILS)), lang),
    ]
    return " · ".join(reason for reason in reasons if reason)


def incidents_text(count: float | None, lang: str) -> str:
    """Say how many incidents were recorded in the last 12 months; empty where unknown."""
    if count is None:
        return ""
    whole = round(count)
    message = catalogue(lang).ngettext(
        "{count} incident in 12 months", "{count} incidents in 12 months", whole
    )
    return message.format(count=number_text(whole, lang))


def pupils_text(count: float | None, lang: str) -> str:
    """Say how many pupils walk there on a school day; empty where unknown or none."""
    if count is None or round(count) < 1:
        return ""
    whole = round(count)
    message = catalogue(lang).ngettext("{count} pupil a day", "{count} pupils a day", whole)
    return message.format(count=number_text(whole, lang))


def window_text(window: str, lang: str) -> str:
    """Name a window of the day with its hours, such as "Way to school, 07:00–09:00"."""
    name = catalogue(lang).gettext(words.WINDOWS[window])
    return name if window == "day" else f"{name}, {hours_text(window)}"


def month_kind_text(variant: str, lang: str) -> str:
    """Name a month and kind of day such as ``01-school``: "January, school day"."""
    month, _, kind = variant.partition("-")
    word = catalogue(lang).gettext(words.DAY_KINDS[kind])
    return f"{month_text(int(month), lang)}, {word[:1].lower()}{word[1:]}"


def hours_text(window: str) -> str:
    """Write a window's hours, one span after the other; a night is one span.

    Examples
    --------
    >>> hours_text("night")
    '22:00–06:00'
    """
    spans = WINDOW_HOURS[window]
    if spans[0][1] == MIDNIGHT and spans[-1][0] == 0:
        spans = ((spans[0][0], spans[-1][1]),)
    return ", ".join(f"{_clock(start)}–{_clock(end)}" for start, end in spans)


def reading_note(incidents: int, period: tuple[dt.date, dt.date], lang: str) -> str:
    """Say how every map and list must be read: what is counted, how much, from when to when."""
    message = catalogue(lang).ngettext(
        "Recorded offences only; about places, not about people."
        " {count} incident, {start} – {end}. Where records are few, the map says so.",
        "Recorded offences only; about places, not about people."
        " {count} incidents, {start} – {end}. Where records are few, the map says so.",
        incidents,
    )
    return message.format(
        count=number_text(incidents, lang),
        start=date_text(period[0], lang),
        end=date_text(period[1], lang),
    )


def data_date_text(as_of: dt.date, osm_date: dt.date | None, lang: str) -> str:
    """Say how old the data and the street map are."""
    say = catalogue(lang).gettext
    text = say("Data to {date}").format(date=date_text(as_of, lang))
    if osm_date is not None:
        text += " · " + say("street map {date}").format(date=date_text(osm_date, lang))
    return text


def basis_text(reference_basis: str, lang: str) -> str:
    """Say what a score compares with: the town's streets, or its area where streets are few."""
    say = catalogue(lang).gettext
    if reference_basis == "area":
        return say("A score of 93 means: worse than 93 % of the town’s area.")
    return say("A score of 93 means: worse than 93 % of the town’s streets.")


def shown_text(text: str) -> str:
    """Return text from outside as it may be shown: one line, no control or direction marks."""
    shown = "".join(letter if letter.isprintable() else " " for letter in text)
    shown = " ".join(shown.split())
    return shown if len(shown) <= LONGEST_NAME else shown[: LONGEST_NAME - 1] + "…"


# -------------------------------------------------------------------------------------------

_SCHOOL_WORDS = (
    r"(?:средняя|общеобразовательная|орта|жалпы|білім|беретін|secondary|школа|мекте(?:п|бі)|school"
    r"|сш|сош|no\.?|№|n)"
)
_SCHOOL_NUMBER = re.compile(
    rf"(?:{_SCHOOL_WORDS}[\s\-.,]*)*(?P<number>\d{{1,4}})(?:[\s\-.,]*{_SCHOOL_WORDS})*",
    re.IGNORECASE,
)


def _clock(hour: float) -> str:
    minutes = round(hour * 60) % (24 * 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _bearing(code: Any, lang: str) -> str:
    if code not in words.BEARINGS:
        return ""
    return catalogue(lang).gettext(words.BEARINGS[code])


def _label_pattern(kind: str, values: Mapping[str, str], lang: str) -> str:
    say = catalogue(lang).gettext
    if not values["name"]:
        return say("unnamed street")
    patterns = {
        "between": say("{name}: between {start} and {end}"),
        "from": say("{name}: from {start}"),
        "branch": say("{name}: branch {direction}"),
        "near_school": say("Near: {name}, {distance}"),
        "district": say("{name}: {distance} {direction}"),
    }
    needed = {"between": ("start", "end"), "from": ("start",), "branch": ("direction",)}
    complete = all(values[key] for key in needed.get(kind, ()))
    return patterns.get(kind, "{name}") if complete else "{name}"


def _main_group(row: Row, lang: str) -> str:
    shares = {
        group: share
        for group in words.GROUPS
        if (share := known_number(row.get(f"share_{group}"))) is not None
    }
    if not shares:
        return ""
    group = max(shares, key=lambda name: (shares[name], name))
    if shares[group] < 0.5:
        return ""
    say = catalogue(lang).gettext
    return say("mostly {group}").format(group=_lower_first(say(words.GROUPS[group])))


def _light_reason(row: Row, lang: str) -> str:
    say = catalogue(lang).gettext
    unlit, unknown = known_number(row.get(c.UNLIT_M)), known_number(row.get(c.UNKNOWN_LIGHT_M))
    if unlit is not None and unlit >= 1:
        return say("no light on {distance}").format(distance=distance_text(unlit, lang))
    if unknown is not None and unknown >= 1:
        return say("light unknown on {distance}").format(distance=distance_text(unknown, lang))
    return ""


def _lower_first(text: str) -> str:
    return text[:1].lower() + text[1:]
