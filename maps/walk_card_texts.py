"""The words of a walk card, from what is known of the ways to a school on one day."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from geo import columns as c
from geo.disclosure import PUBLIC
from geo.disclosure_walks import WALK_LEAST_PUPILS
from geo.parameters import HazardParameters
from maps.formats import distance_text, number_text, percent_text
from maps.translations import catalogue
from maps.walk_texts import FULL_DARKNESS, light_text

Metres = Mapping[str, float]
Ways = Mapping[str, Metres]

WALKING_M_A_MINUTE = 60 * HazardParameters().walking_speed_m_s
NO_DETOUR_M = 10
"""A mean way that is less farther than the shortest is called no longer."""

LEAST_PUPILS = WALK_LEAST_PUPILS[PUBLIC]
"""Fewer than so many on a street are not shown."""


@dataclass(frozen=True)
class Trip:
    """One way of one shift.

    Attributes
    ----------
    shift
        Its number, from 1.
    there
        To school; else home.
    sets_out, lessons
        When the way begins; when lessons begin or end.
    darkness
        0 … 1, the most on the way.
    ways
        ``calm`` and ``shortest``: mean metres, lit_m, unlit_m, unknown_light_m; None where too
        few walk or nothing is known.
    """

    shift: int
    there: bool
    sets_out: dt.time
    lessons: dt.time
    darkness: float
    ways: Ways | None


@dataclass(frozen=True)
class WalkCard:
    """All that a card tells.

    Attributes
    ----------
    sun
        Sunrise and sunset as ``09:36``; None where the sun does not cross the horizon.
    dark
        Whether the ways of the dark are drawn and listed; else those of daylight.
    school_day, calendar_verified
        None in a school year that no calendar knows; whether its order was read.
    drawing
        Of `maps.pages.walk_drawing.draw_streets`.
    streets
        Name and metres by light of the streets of the way near the gate.
    meetings
        Name of each big street that the way meets, and its light there (lit, unlit, unknown,
        mixed).
    help_points
        Name and metres from the gate.
    """

    school_id: str
    label: str
    day: dt.date
    trips: tuple[Trip, ...]
    sun: tuple[str | None, ...]
    dark: bool
    school_day: bool | None
    calendar_verified: bool
    shifts_assumed: bool
    gates_assumed: bool
    homes_assumed: bool
    unreachable: bool
    drawing: Mapping[str, Any]
    streets: tuple[tuple[str, Metres], ...]
    meetings: tuple[tuple[str, str], ...]
    help_points: tuple[tuple[str, float], ...]
    as_of: dt.date
    osm_date: dt.date | None
    run_id: str


def card_notices(card: WalkCard, lang: str) -> list[str]:
    """Say what must be known before the card is used: no school that day, or no way."""
    say = catalogue(lang).gettext
    told = []
    if card.school_day is None:
        told.append(say("The school calendar does not know this school year."))
    elif not card.school_day:
        told.append(say("By the school calendar there is no school on this day."))
    if card.unreachable:
        told.append(say("No walkable street leads to this school on the map."))
    return told


def outside_text(darkness: float, lang: str) -> str:
    """Say how dark it is on the way: daylight, twilight or dark."""
    say = catalogue(lang).gettext
    if darkness <= 0:
        return say("daylight")
    return say("twilight") if darkness < FULL_DARKNESS else say("dark")


def sun_text(card: WalkCard, lang: str) -> str:
    """Say when the sun rises and sets; an empty text where it does not."""
    say = catalogue(lang).gettext
    sunrise, sunset = card.sun
    if sunrise is None or sunset is None:
        return ""
    text = say("Sunrise {sunrise}, sunset {sunset}.")
    return text.format(sunrise=sunrise, sunset=sunset)


def way_sentences(card: WalkCard, lang: str) -> list[str]:
    """Say how long the way is, how it is lit and what it costs, by each state of the day."""
    say = catalogue(lang).gettext
    states = {trip.darkness > 0: trip.ways for trip in card.trips if trip.ways is not None}
    sentences = []
    for dark in sorted(states, reverse=True):
        calm, shortest = states[dark]["calm"], states[dark]["shortest"]
        text = (
            say("In the dark: {distance} on average, about {minutes} min – {light}.")
            if dark
            else say("By daylight: {distance} on average, about {minutes} min – {light}.")
        )
        sentences.append(
            text.format(
                distance=distance_text(calm["metres"], lang),
                minutes=number_text(math.ceil(calm["metres"] / WALKING_M_A_MINUTE), lang),
                light=light_text(calm, lang),
            )
            + " "
            + _detour(calm, shortest, lang)
        )
    if sentences:
        sentences.append(say("Whoever lives farther away leaves earlier."))
    return sentences


def meeting_light_text(light: str, lang: str) -> str:
    """Say how a big street is lit where the way meets it."""
    say = catalogue(lang).gettext
    known = {
        "lit": say("lit street"),
        "unlit": say("street without light"),
        "mixed": say("lit in part"),
    }
    return known.get(light, say("light not known"))


def help_lines(card: WalkCard, lang: str) -> list[str]:
    """List the places of help near the gate, and whom to call."""
    say = catalogue(lang).gettext
    text = say("{name}, {distance} from the gate")
    rows = [
        text.format(name=name or say("police"), distance=distance_text(round(metres, -1), lang))
        for name, metres in card.help_points
    ]
    return [*rows, say("In danger call 102 (police) or 111 (children’s line).")]


def card_notes(card: WalkCard, lang: str) -> list[str]:
    """Say how the card is to be read, and what of it is assumed."""
    say = catalogue(lang).gettext
    notes = [
        say(
            "The thick lines are ways that at least {count} pupils would take; homes are not shown."
            " Where crossings are is not recorded: use the marked ones."
        ).format(count=LEAST_PUPILS),
        say("It is advice: works, ice or a lamp that is out can change the way."),
    ]
    if card.school_day and not card.calendar_verified:
        notes.append(say("A school day by a calendar that nobody has checked against the order."))
    if card.shifts_assumed:
        notes.append(say("The shifts of this school are assumed, not known."))
    if card.gates_assumed:
        notes.append(say("The gates of this school are assumed from the map, not known."))
    if card.homes_assumed:
        notes.append(say("Where pupils set out is assumed from the map, not known."))
    return notes


# -------------------------------------------------------------------------------------------


def _detour(calm: Metres, shortest: Metres, lang: str) -> str:
    say = catalogue(lang).gettext
    longer = calm["metres"] - shortest["metres"]
    if longer < NO_DETOUR_M:
        return say("It is no longer than the shortest way.")
    text = say(
        "It is {longer} ({share}) longer than the shortest way, which has {unlit} without light."
    )
    return text.format(
        longer=distance_text(longer, lang),
        share=percent_text(longer / max(shortest["metres"], 1.0), lang),
        unlit=distance_text(shortest[c.UNLIT_M], lang),
    )
