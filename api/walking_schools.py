"""Schools by name, and those whose pupils walk on a section."""

from __future__ import annotations

from typing import Any

from api.dependencies import OpenedSnapshot
from geo import columns as c
from geo.disclosure import disclose_points
from geo.disclosure_walks import disclose_walked
from maps.labels import local_name, school_label

MOST_SCHOOLS = 3


def school_names(opened: OpenedSnapshot, role: str, lang: str) -> dict[str, str]:
    """Return the label of each school by its id, as far as the role sees schools."""
    shown = disclose_points(opened.frame("schools"), "schools", role)
    rows = ({str(name): value for name, value in row.items()} for row in shown.to_dict("records"))
    return {row[c.SCHOOL_ID]: school_label(local_name(row, c.NAME, lang), lang) for row in rows}


def walking_schools(
    opened: OpenedSnapshot, section_id: str, *, role: str, lang: str
) -> list[dict[str, Any]]:
    """Return the schools with the most pupils on a section; those with few pupils are not told."""
    routes = opened.frame("routes")
    here = routes[(routes[c.SECTION_ID] == section_id).to_numpy(bool)]
    most = disclose_walked(here, role).nlargest(MOST_SCHOOLS, c.PUPILS)
    names = school_names(opened, role, lang) if len(most) else {}
    return [
        {c.SCHOOL_ID: school, "label": names[school]}
        for school in most[c.SCHOOL_ID].tolist()
        if school in names
    ]
