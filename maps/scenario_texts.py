"""Words for what would be: always with the interval, always called assumed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from babel.dates import format_date

from maps import words
from maps.formats import percent_text
from maps.labels import window_text
from maps.translations import BABEL_LOCALES, catalogue


@dataclass(frozen=True)
class ScenarioFacts:
    """The numbers that a sentence about a scenario is made of.

    Attributes
    ----------
    changes
        What would be other than now: ``light``, ``patrol``, ``camera``.
    share
        Share of the expected harm that would be avoided: mean and ends of its 90 % interval.
    window
        ``day`` or the window that the share is of.
    preset
        How much light is assumed to do; said where light changes.
    light_unknown
        Whether the light of now is not known here.
    months
        First days of the months with the most and the least avoided; None where not told.
    """

    changes: Sequence[str]
    share: tuple[float, float, float]
    window: str = "day"
    preset: str = "default"
    light_unknown: bool = False
    months: tuple[dt.date, dt.date] | None = None


def scenario_sentence(facts: ScenarioFacts, lang: str) -> str:
    """Say what a scenario is assumed to take away, with its interval.

    Examples
    --------
    >>> scenario_sentence(ScenarioFacts(["light"], (0.18, 0.06, 0.29)), "en")
    'With light along the whole section: −18 % of the expected harm (6–29 %); assumed effect.'
    """
    say = catalogue(lang).gettext
    named = [say(words.SCENARIO_CHANGES[change]) for change in facts.changes]
    what = "; ".join([named[0], *(name[:1].lower() + name[1:] for name in named[1:])])
    mean, low, high = (percent_text(share, lang) for share in facts.share)
    said = say("{what}: −{mean} of the expected harm ({low}–{high}); assumed effect.").format(
        what=what, mean=mean, low=low.removesuffix("%").rstrip(), high=high
    )
    if facts.window == "day":
        return said
    return say("{window}: {sentence}").format(
        window=window_text(facts.window, lang), sentence=said[:1].lower() + said[1:]
    )


def scenario_notes(facts: ScenarioFacts, lang: str) -> list[str]:
    """Say what a reader must know of the number: where it comes from and what is not known."""
    say = catalogue(lang).gettext
    notes = [say("Assumed effect, not local evidence: it was measured in other cities.")]
    if "light" in facts.changes:
        preset = say(words.SCENARIO_PRESETS[facts.preset])
        notes.append(say("Effect of light – {preset}.").format(preset=preset))
        if facts.light_unknown:
            notes.append(say("Whether it is lit now is not known; half lit is assumed."))
    if "camera" in facts.changes:
        notes.append(say("How much cameras do was not verified."))
    if facts.months is not None:
        most, least = (format_date(day, "LLLL", locale=BABEL_LOCALES[lang]) for day in facts.months)
        notes.append(say("Most in {most}, least in {least}.").format(most=most, least=least))
    return notes
