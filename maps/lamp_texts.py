"""Words for new lamps: which street they would light, and what that is assumed to take away."""

from __future__ import annotations

from dataclasses import dataclass

from maps.dark_gap_texts import part_of_day_text
from maps.formats import distance_text, number_text, percent_text
from maps.scenario_texts import ScenarioFacts, scenario_notes
from maps.translations import catalogue


@dataclass(frozen=True)
class LampFacts:
    """The numbers that the sentences about new lamps are made of.

    Attributes
    ----------
    sections
        How many sections they would light in part.
    metres
        Street that would be lit and is not known to be now.
    effect
        Share of the harm of these sections, the months of most and least, and the preset.
    dark_minutes
        Child-minutes a year in the dark without light, now and then; None where not told.
    """

    sections: int
    metres: float
    effect: ScenarioFacts
    dark_minutes: tuple[float, float] | None = None


def lamp_sentence(facts: LampFacts, lang: str) -> str:
    """Say what new lamps would light and take away, with its interval.

    Examples
    --------
    >>> effect = ScenarioFacts(["light"], (0.18, 0.06, 0.29))
    >>> lamp_sentence(LampFacts(2, 48.0, effect), "en")
    'New light on 48 m of street: −18 % of the harm expected there (6–29 %); assumed effect.'
    """
    say = catalogue(lang).gettext
    if not facts.sections:
        return say("The light would reach no street.")
    if not facts.effect.share[0] > 0:
        return say("Nothing would be lit that is not lit now.")
    mean, low, high = (percent_text(share, lang) for share in facts.effect.share)
    said = say(
        "New light on {length} of street: −{mean} of the harm expected there ({low}–{high});"
        " assumed effect."
    ).format(
        length=distance_text(facts.metres, lang),
        mean=mean,
        low=low.removesuffix("%").rstrip(),
        high=high,
    )
    if facts.effect.window == "day":
        return said
    return say("{window}: {sentence}").format(
        window=part_of_day_text(facts.effect.window, lang), sentence=said[:1].lower() + said[1:]
    )


def lamp_notes(facts: LampFacts, lang: str) -> list[str]:
    """Say what a reader must know: that the effect is assumed, and what children gain."""
    say = catalogue(lang).gettext
    notes = scenario_notes(facts.effect, lang)
    if facts.dark_minutes is not None:
        now, then = (number_text(round(minutes), lang) for minutes in facts.dark_minutes)
        text = say("Children’s minutes in the dark without light, a year: {then} instead of {now}.")
        notes.append(text.format(then=then, now=now))
    return notes
