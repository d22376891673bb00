"""Words for how dark a part of the day is in a month: until when, from when, how much of it."""

from __future__ import annotations

from dataclasses import dataclass

from geo.parameters import WINDOWS as WINDOW_HOURS
from maps.formats import month_text, percent_text
from maps.labels import hours_text
from maps.translations import catalogue
from maps.words import DAYLIGHT

WHOLE_DAY = "day"
NOON = "12:00"
ALL, NOTHING = 0.995, 0.005
"""From which share, in whole per cents, all of a window is dark, and up to which nothing is."""


@dataclass(frozen=True)
class DaylightFacts:
    """What the sentence about the dark is made of.

    Attributes
    ----------
    window
        A window of the day, or ``day``.
    month
        1–12; None for the whole year, which has no times.
    dark_share
        Mean darkness of the window, 0–1: twilight counts in part.
    sunrise, sunset
        As ``09:33``; None where the sun does not cross the horizon.
    polar
        ``day`` or ``night`` where it crosses it neither way.
    """

    window: str
    month: int | None
    dark_share: float
    sunrise: str | None = None
    sunset: str | None = None
    polar: str | None = None


def daylight_sentence(facts: DaylightFacts, lang: str) -> str:
    """Say how dark a window is in a month.

    Examples
    --------
    >>> facts = DaylightFacts("school_am", 1, 0.93, "09:33", "17:54")
    >>> daylight_sentence(facts, "en").split(";")[0]
    '07:00–09:00, January: dark until about 09:33'
    """
    say = catalogue(lang).gettext
    if facts.dark_share >= ALL:
        told = [say("dark throughout"), _sun(facts, lang)]
    elif facts.dark_share < NOTHING:
        told = [say("daylight throughout"), _sun(facts, lang)]
    else:
        limit = _limit(facts, lang)
        told = [limit, _share(facts, lang)] if limit else [_share(facts, lang), _sun(facts, lang)]
    what = "; ".join(part for part in told if part)
    return f"{_when(facts, lang)}: {what}."


# -------------------------------------------------------------------------------------------


def _when(facts: DaylightFacts, lang: str) -> str:
    say = catalogue(lang).gettext
    month = say("Whole year") if facts.month is None else month_text(facts.month, lang)
    if facts.window == WHOLE_DAY:
        return month[:1].upper() + month[1:]
    if facts.month is None:
        month = month[:1].lower() + month[1:]
    return f"{hours_text(facts.window)}, {month}"


def _limit(facts: DaylightFacts, lang: str) -> str:
    """Say until when a morning, or from when an afternoon is dark; nothing of other windows."""
    say = catalogue(lang).gettext
    if facts.window == WHOLE_DAY or len(WINDOW_HOURS[facts.window]) > 1:
        return ""
    first, last = hours_text(facts.window).split("–")
    if facts.sunrise and last <= NOON and facts.sunrise > first:
        return say("dark until about {time}").format(time=facts.sunrise)
    if facts.sunset and first >= NOON and NOON < facts.sunset < last:
        return say("dark from about {time}").format(time=facts.sunset)
    return ""


def _share(facts: DaylightFacts, lang: str) -> str:
    say = catalogue(lang).gettext
    share = percent_text(facts.dark_share, lang)
    if facts.window == WHOLE_DAY:
        return say("{share} of the day is dark, twilight counted in part").format(share=share)
    return say("{share} of the window is dark, twilight counted in part").format(share=share)


def _sun(facts: DaylightFacts, lang: str) -> str:
    say = catalogue(lang).gettext
    if facts.polar is not None:
        return say(DAYLIGHT[facts.polar])
    if facts.sunrise and facts.sunset:
        text = say("sunrise about {sunrise}, sunset about {sunset}")
        return text.format(sunrise=facts.sunrise, sunset=facts.sunset)
    if facts.sunrise:
        return say("sunrise about {sunrise}").format(sunrise=facts.sunrise)
    return say("sunset about {sunset}").format(sunset=facts.sunset) if facts.sunset else ""
