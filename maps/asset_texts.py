"""Sentences for lamps and cameras that are down: since when, and what the ways to school lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from geo import columns as c
from maps import words
from maps.formats import date_text, distance_text
from maps.labels import shown_text
from maps.translations import catalogue

Row = Mapping[str, Any]

MOST_SCHOOLS = 5


def down_sentence(row: Row, schools: Sequence[str], lang: str) -> str:
    """Say what is down, since when, and what that costs.

    Parameters
    ----------
    row
        ``asset`` (lamp | camera), ``number`` or ``asset_id``, ``down_since`` (a date or None),
        ``metres``, ``view``.
    schools
        Names of the schools whose ways lost metres, in the reader's language.

    Examples
    --------
    >>> from datetime import date
    >>> row = {"asset": "camera", "number": "41", "down_since": date(2026, 3, 3),
    ...        "metres": 240.0, "view": "sector"}
    >>> down_sentence(row, ["School no. 7", "School no. 12"], "en")
    "Camera 41 has been down since 3 March 2026. School no. 7, School no. 12: 240 m of the \
children's way lost camera cover."
    """
    say = catalogue(lang).gettext
    name = shown_text(str(row.get("number") or row["asset_id"]))
    since = row["down_since"]
    asset = row["asset"]
    head = words.DOWN_SINCE[asset] if since else words.DOWN[asset]
    told = say(head).format(name=name, day=date_text(since, lang) if since else "")
    if not schools or row["metres"] < 1:
        return f"{told} {say(words.NOTHING_LOST)}"
    named = ", ".join(schools[:MOST_SCHOOLS]) + (", …" if len(schools) > MOST_SCHOOLS else "")
    lost = words.LOST[row["view"] or "light"]
    return f"{told} {say(lost).format(schools=named, distance=distance_text(row['metres'], lang))}"


def down_row(row: Row, schools: Sequence[str], lang: str) -> dict[str, Any]:
    """Return one lamp or camera as values and a sentence, for an answer."""
    since = row["down_since"]
    return {
        "asset": row["asset"],
        "asset_id": row["asset_id"],
        "number": row["number"],
        c.LAT: row[c.LAT],
        c.LON: row[c.LON],
        "down_since": since.isoformat() if since else None,
        "school_ids": [one for one in row["school_ids"].split(";") if one],
        "metres": round(float(row["metres"]), 1),
        c.CHILD_MINUTES: round(float(row[c.CHILD_MINUTES]), 1),
        "view": row["view"],
        "sentence": down_sentence(row, schools, lang),
    }
