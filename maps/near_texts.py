"""Words for the incidents around one place: counts by quarter and ring, and those that weigh most.

What comes in has passed `geo.disclosure_near`; a count that is missing there is shown as too few.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from geo import columns as c
from maps import words
from maps.explanations import factor_text
from maps.forecast_texts import quarter_text
from maps.formats import date_text, distance_text, known_number, number_text
from maps.labels import shown_text
from maps.translations import catalogue

Row = Mapping[str, Any]

LARGEST_INFLUENCE = 0.999
"""A factor above a thousand says no more than that one incident is all there is."""


def ring_table(counts: Sequence[Row], least: int, lang: str) -> list[dict[str, Any]]:
    """Lay counts out for reading, one row a quarter with its rings.

    Parameters
    ----------
    counts
        ``quarter``, ``ring`` and ``incidents`` (missing where it is below ``least``), in order.

    Examples
    --------
    >>> counts = [{"quarter": "2026Q3", "ring": "0-200", "incidents": None},
    ...           {"quarter": "2026Q3", "ring": "200-400", "incidents": 4}]
    >>> [[ring["text"] for ring in row["rings"]] for row in ring_table(counts, 3, "en")]
    [['<3', '4']]
    """
    table: dict[str, list[dict[str, Any]]] = {}
    for row in counts:
        known = known_number(row[c.INCIDENTS])
        count = None if known is None else int(known)
        told = {
            c.RING: row[c.RING],
            "word": ring_text(row[c.RING], lang),
            c.INCIDENTS: count,
            "text": f"<{least}" if count is None else number_text(count, lang),
        }
        table.setdefault(row[c.QUARTER], []).append(told)
    return [
        {c.QUARTER: quarter, "word": quarter_text(quarter, lang), "rings": rings}
        for quarter, rings in table.items()
    ]


def influential_list(incidents: Sequence[Row], lang: str) -> list[dict[str, Any]]:
    """Describe the incidents that weigh most, each with the factor by which it raises the hazard.

    Parameters
    ----------
    incidents
        ``occurred_on`` (midnight of the day), ``offence_group``, ``article`` (or missing),
        ``ring`` (missing beyond the outermost) and ``influence``, the share of the hazard that
        would go with it.
    """
    return [_influential(row, lang) for row in incidents]


def incidents_note(lang: str) -> str:
    """Say what the list of incidents holds and what it never holds."""
    say = catalogue(lang).gettext
    return say(
        "How many times higher each recorded incident makes the hazard here. Sexual offences and"
        " those against children are counted but never listed. Distances are rounded to areas of"
        " about 150 m."
    )


def ring_text(ring: str, lang: str) -> str:
    """Write a ring such as ``200-400`` as a distance."""
    near, far = ring.split("-")
    return f"{number_text(float(near), lang)}–{distance_text(float(far), lang)}"


# -------------------------------------------------------------------------------------------


def _influential(row: Row, lang: str) -> dict[str, Any]:
    say = catalogue(lang).gettext
    day = row[c.OCCURRED_ON].date()
    article = row[c.ARTICLE] if isinstance(row[c.ARTICLE], str) else None
    ring = row[c.RING] if isinstance(row[c.RING], str) else None
    group = say(words.GROUPS[row[c.OFFENCE_GROUP]])
    influence = min(float(row[c.INFLUENCE]), LARGEST_INFLUENCE)
    kind = [group, say("article {article}").format(article=shown_text(article)) if article else ""]
    return {
        c.OCCURRED_ON: day.isoformat(),
        c.OFFENCE_GROUP: row[c.OFFENCE_GROUP],
        c.ARTICLE: article,
        c.RING: ring,
        c.INFLUENCE: influence,
        "day_text": date_text(day, lang),
        "kind_text": ", ".join(text for text in kind if text),
        "ring_text": ring_text(ring, lang) if ring else say("farther away"),
        "factor": factor_text(-math.log1p(-influence), lang),
    }
