"""Words for the walk to a school at one moment: dark or not, lit or not, and the calm way."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from geo import columns as c
from maps.formats import date_text, distance_text, number_text, percent_text
from maps.labels import pupils_text
from maps.translations import catalogue

FULL_DARKNESS = 0.995


@dataclass(frozen=True)
class WalkFacts:
    """What the sentences about a walk are made of; None where unknown or not for this reader.

    Attributes
    ----------
    sunrise, sunset
        As ``09:36``; None where the sun does not cross the horizon.
    mean_m
        ``metres`` of one pupil's walk, and of these lit_m, unlit_m, unknown_light_m.
    alternative
        ``calm`` and ``shortest`` with the same keys, ``detour_m`` and ``detour_share``.
    unreachable_homes
        Of the whole town.
    least_pupils
        Streets with fewer are not listed.
    gates_assumed
        Nobody has named a gate of the school.
    """

    label: str
    at: dt.datetime
    darkness: float
    sunrise: str | None
    sunset: str | None
    school_day: bool | None
    calendar_verified: bool
    pupils: int | None
    mean_m: Mapping[str, float] | None
    alternative: Mapping[str, Any] | None
    shifts_assumed: bool
    homes_assumed: bool
    school_unreachable: bool
    unreachable_homes: int | None
    least_pupils: int
    gates_assumed: bool = False


def walk_sentences(facts: WalkFacts, lang: str) -> list[str]:
    """Say what a walk to school meets, one sentence a fact; what is not known is left out."""
    say = catalogue(lang).gettext
    sentences = [
        _headline(facts, lang),
        _school_day(facts, lang),
        _walk(facts, lang),
        _calm(facts, lang),
    ]
    if facts.school_unreachable:
        sentences.append(say("No walkable street leads to this school on the map."))
    if facts.unreachable_homes is not None:
        sentences.append(_unreachable(facts.unreachable_homes, lang))
    if facts.shifts_assumed:
        sentences.append(say("The shifts of this school are assumed, not known."))
    if facts.gates_assumed:
        sentences.append(say("The gates of this school are assumed from the map, not known."))
    if facts.homes_assumed:
        sentences.append(say("Where pupils set out is assumed from the map, not known."))
    text = say("Streets that fewer than {count} pupils walk on are not listed.")
    sentences.append(text.format(count=facts.least_pupils))
    return [sentence for sentence in sentences if sentence]


def light_text(metres: Mapping[str, float], lang: str) -> str:
    """List how much of a walk is lit, unlit and of unknown light.

    Examples
    --------
    >>> light_text({"lit_m": 520.0, "unlit_m": 90.0, "unknown_light_m": 0.0}, "en")
    'lit 520 m, unlit 90 m, not known 0 m'
    """
    say = catalogue(lang).gettext
    return say("lit {lit}, unlit {unlit}, not known {unknown}").format(
        lit=distance_text(metres[c.LIT_M], lang),
        unlit=distance_text(metres[c.UNLIT_M], lang),
        unknown=distance_text(metres[c.UNKNOWN_LIGHT_M], lang),
    )


# -------------------------------------------------------------------------------------------


def _headline(facts: WalkFacts, lang: str) -> str:
    say = catalogue(lang).gettext
    if facts.darkness <= 0:
        state = say("daylight")
    elif facts.darkness < FULL_DARKNESS:
        state = say("twilight")
    else:
        state = say("dark")
    text = say("{school}, {date}, {time}: {state}.").format(
        school=facts.label, date=date_text(facts.at, lang), time=f"{facts.at:%H:%M}", state=state
    )
    if facts.sunrise is None or facts.sunset is None:
        return text
    sun = say("Sunrise {sunrise}, sunset {sunset}.")
    return f"{text} {sun.format(sunrise=facts.sunrise, sunset=facts.sunset)}"


def _school_day(facts: WalkFacts, lang: str) -> str:
    say = catalogue(lang).gettext
    if facts.school_day is None:
        return say("The school calendar does not know this school year.")
    if not facts.school_day:
        return say("By the school calendar there is no school on this day.")
    if not facts.calendar_verified:
        return say("A school day by a calendar that nobody has checked against the order.")
    return ""


def _walk(facts: WalkFacts, lang: str) -> str:
    if facts.mean_m is None:
        return pupils_text(facts.pupils, lang)
    say = catalogue(lang).gettext
    text = say("One pupil’s walk is {distance} on average: {light}.").format(
        distance=distance_text(facts.mean_m["metres"], lang), light=light_text(facts.mean_m, lang)
    )
    count = pupils_text(facts.pupils, lang)
    return f"{count}. {text}" if count else text


def _unreachable(homes: int, lang: str) -> str:
    message = catalogue(lang).ngettext(
        "{count} home of the town has no school within reach on foot.",
        "{count} homes of the town have no school within reach on foot.",
        homes,
    )
    return message.format(count=number_text(homes, lang))


def _calm(facts: WalkFacts, lang: str) -> str:
    told = facts.alternative
    if told is None:
        return ""
    say = catalogue(lang).gettext
    if facts.darkness > 0:
        text = say("The lit and calm way is {longer} ({share}) longer: {light}.")
    else:
        text = say("By daylight the calm way is {longer} ({share}) longer: {light}.")
    return text.format(
        longer=distance_text(max(told["detour_m"], 0.0), lang),
        share=percent_text(max(told["detour_share"], 0.0), lang),
        light=light_text(told["calm"], lang),
    )
