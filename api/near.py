"""What lies around one place of a snapshot: counts by quarter and ring, and what weighs most."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from api.dependencies import OpenedSnapshot
from api.section_lookup import get_section_row
from geo import columns as c
from geo.cells import cell_centres, format_cell
from geo.disclosure import PROSECUTOR
from geo.disclosure_near import RING_LEAST_INCIDENTS, disclose_influential, disclose_ring_counts
from geo.errors import NotFoundError
from geo.hazard.influence import most_influential, place_harm_of
from geo.hazard.rings import RINGS, incident_rings, placed_at_cells, ring_counts
from maps.labels import section_label
from maps.near_texts import incidents_note, influential_list, ring_table


def section_incidents(
    opened: OpenedSnapshot, section_id: str, *, role: str, lang: str
) -> dict[str, Any]:
    """Return what a role may know of the incidents around a section.

    Counts by quarter and ring for all but the public; for the prosecutor, who asks here for what
    is not shown before, also the five incidents that raise the section's hazard most.

    Raises
    ------
    NotFoundError
        ``section_unknown`` or ``section_moved``.
    NoDataError
        ``incidents_not_kept``, to the prosecutor.
    """
    row = get_section_row(opened, section_id, role)
    parts = opened.frame("parts")
    own = parts[(parts[c.SECTION_ID] == section_id).to_numpy(bool)]
    return {
        c.SECTION_ID: section_id,
        "label": section_label(row, lang),
        **_incidents(opened, row[c.GEOMETRY], own, role=role, lang=lang),
    }


def cell_incidents(opened: OpenedSnapshot, cell: int, *, role: str, lang: str) -> dict[str, Any]:
    """Return what a role may know of the incidents around a cell, as `section_incidents` does.

    Raises
    ------
    NotFoundError
        ``cell_unknown``.
    NoDataError
        ``incidents_not_kept``, to the prosecutor.
    """
    if cell not in opened.disclosed_cells(role).index:
        raise NotFoundError(
            f"There is no cell {format_cell(cell)!r} in this run.", code="cell_unknown"
        )
    parts = opened.frame("parts")
    own = parts[(parts[c.H3_CELL] == cell).to_numpy(bool)]
    return {
        c.H3_CELL: format_cell(cell),
        **_incidents(opened, cell_middle(cell), own, role=role, lang=lang),
    }


def ring_rows(
    opened: OpenedSnapshot, place: BaseGeometry, *, role: str, lang: str
) -> list[dict[str, Any]]:
    """Return counts by quarter and ring around a place, in words; empty where none is kept."""
    incidents = opened.placed_incidents()
    if incidents is None or role not in RING_LEAST_INCIDENTS:
        return []
    card = opened.snapshot.run_card
    first, last = (dt.date.fromisoformat(day) for day in card["period"])
    as_of = dt.date.fromisoformat(card["as_of"])
    counts = disclose_ring_counts(ring_counts(incidents, place, (first, last), as_of), role)
    return ring_table(_rows(counts), RING_LEAST_INCIDENTS[role], lang)


def cell_middle(cell: int) -> shapely.Point:
    """Return the middle of a cell, longitude and latitude."""
    lat, lng = cell_centres([cell])
    return shapely.Point(lng[0], lat[0])


# -------------------------------------------------------------------------------------------


def _incidents(
    opened: OpenedSnapshot, place: BaseGeometry, parts: pd.DataFrame, *, role: str, lang: str
) -> dict[str, Any]:
    named = _influential(opened, place, parts, role) if role == PROSECUTOR else []
    card = opened.snapshot.run_card
    return {
        "quarters": ring_rows(opened, place, role=role, lang=lang),
        "incidents": influential_list(named, lang),
        "note": incidents_note(lang) if role == PROSECUTOR else None,
        "run_id": card["run_id"],
        "as_of": card["as_of"],
    }


def _influential(
    opened: OpenedSnapshot, place: BaseGeometry, parts: pd.DataFrame, role: str
) -> list[dict[str, Any]]:
    held = opened.held_rate()
    named = placed_at_cells(most_influential(held, place_harm_of(parts, held)))
    ring = incident_rings(named, place)
    names = np.array([*RINGS, None], dtype=object)[ring]  # −1 takes the last: none
    return _rows(disclose_influential(named.assign(**{c.RING: names}), role))


def _rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]
