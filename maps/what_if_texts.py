"""Words for what closed or newly lit streets would do to the walks of a school."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from maps.formats import distance_text, number_text
from maps.translations import catalogue

Means = Mapping[str, Mapping[str, float]]


@dataclass(frozen=True)
class WhatIfFacts:
    """What the sentence is made of; None where it is too small to be told.

    Attributes
    ----------
    label
        Of the school.
    closed, lit
        Numbers of streets that are closed and lit.
    dark
        Whether the sun is down.
    pupils, affected, unreachable
        Who walk; whose way changes or is lost; who lose it.
    before, after
        By way the mean metres of a pupil; None for nobody.
    least_pupils
        Smaller changes are not told.
    """

    label: str
    closed: int
    lit: int
    dark: bool
    pupils: int | None
    affected: int | None
    unreachable: int | None
    before: Means | None
    after: Means | None
    least_pupils: int


def what_if_sentence(facts: WhatIfFacts, lang: str) -> str:
    """Say what a change does to the walks, number by number as they stand in the answer.

    Examples
    --------
    >>> few = WhatIfFacts("School No. 1", 1, 0, True, 300, None, None, None, None, 5)
    >>> what_if_sentence(few, "en")
    'School No. 1, with 1 street closed: the way changes for fewer than 5 pupils or for none.'
    """
    say = catalogue(lang).gettext
    head = f"{facts.label}, {_change(facts, lang)}:"
    if facts.affected is None:
        few = say("the way changes for fewer than {count} pupils or for none.")
        return f"{head} {few.format(count=facts.least_pupils)}"
    parts = [head, _affected(facts.affected, facts.pupils, lang)]
    if facts.before is not None and facts.after is not None:
        parts.append(_metres(facts.before, facts.after, dark=facts.dark, lang=lang))
    if facts.unreachable is not None:
        parts.append(_unreachable(facts.unreachable, lang))
    return " ".join(parts)


def what_if_notes(facts: WhatIfFacts, lang: str) -> list[str]:
    """Say what a reader must know: who counts as cut off, and what light is not counted for."""
    say = catalogue(lang).gettext
    notes = [say("Numbers of pupils are in fives; every pupil keeps to the own school.")]
    if facts.closed:
        notes.append(say("Whoever lives on a closed street counts as having no way."))
    if facts.lit:
        notes.append(say("Light changes the way that is chosen here, not the hazard."))
    return notes


# -------------------------------------------------------------------------------------------


def _change(facts: WhatIfFacts, lang: str) -> str:
    ngettext = catalogue(lang).ngettext
    closed = ngettext("with {count} street closed", "with {count} streets closed", facts.closed)
    lit = ngettext("with {count} street lit", "with {count} streets lit", facts.lit)
    told = [(closed, facts.closed), (lit, facts.lit)]
    return ", ".join(text.format(count=number_text(count, lang)) for text, count in told if count)


def _affected(affected: int, pupils: int | None, lang: str) -> str:
    say = catalogue(lang).gettext
    if pupils is None:
        text = say("the way changes for about {count} pupils.")
        return text.format(count=number_text(affected, lang))
    text = say("the way changes for about {count} of {all} pupils.")
    return text.format(count=number_text(affected, lang), all=number_text(pupils, lang))


def _metres(before: Means, after: Means, *, dark: bool, lang: str) -> str:
    say = catalogue(lang).gettext
    text = say(
        "The lit and calm way becomes {after} on average instead of {before}, the shortest"
        " {shortest_after} instead of {shortest_before}."
    )
    told = text.format(
        after=distance_text(after["calm"]["metres"], lang),
        before=distance_text(before["calm"]["metres"], lang),
        shortest_after=distance_text(after["shortest"]["metres"], lang),
        shortest_before=distance_text(before["shortest"]["metres"], lang),
    )
    if not dark:
        return told
    unlit = say("In the dark without light: {after} of the lit and calm way instead of {before}.")
    return f"{told} " + unlit.format(
        after=distance_text(after["calm"]["dark_m"], lang),
        before=distance_text(before["calm"]["dark_m"], lang),
    )


def _unreachable(count: int, lang: str) -> str:
    message = catalogue(lang).ngettext(
        "About {count} pupil is left without a way on foot.",
        "About {count} pupils are left without a way on foot.",
        count,
    )
    return message.format(count=number_text(count, lang))
