"""Find a section by its id, and say where one of an earlier map went."""

from __future__ import annotations

from typing import Any

from api.dependencies import OpenedSnapshot
from geo import columns as c
from geo.errors import NotFoundError

LINKS = "section_links"


def get_section_row(opened: OpenedSnapshot, section_id: str, role: str) -> dict[str, Any]:
    """Return what a role may see of a section.

    Raises
    ------
    NotFoundError
        ``section_moved`` where the id is of an earlier map and sections of this one took its
        place: ``moved_to`` names them, the largest share of its length first.
        ``section_unknown`` else.
    """
    disclosed = opened.disclosed_sections(role)
    if section_id in disclosed.index:
        found = disclosed.loc[section_id]
        return {str(name): value for name, value in found.items()}
    moved = _moved_to(opened, section_id, set(disclosed.index))
    if moved:
        raise NotFoundError(
            f"The section {section_id!r} is of an earlier map; now it is "
            f"{', '.join(one[c.SECTION_ID] for one in moved)}.",
            code="section_moved",
            facts={"moved_to": moved},
        )
    raise NotFoundError(f"There is no section {section_id!r} in this run.", code="section_unknown")


# -------------------------------------------------------------------------------------------


def _moved_to(opened: OpenedSnapshot, old_id: str, shown: set[str]) -> list[dict[str, Any]]:
    if f"{LINKS}.parquet" not in opened.snapshot.manifest["files"]:
        return []
    links = opened.frame(LINKS)
    mine = links[(links[c.OLD_ID] == old_id) & links[c.NEW_ID].isin(shown)]
    mine = mine.sort_values([c.SHARE, c.NEW_ID], ascending=[False, True])
    return [
        {c.SECTION_ID: new_id, c.SHARE: round(float(share), 3)}
        for new_id, share in zip(mine[c.NEW_ID], mine[c.SHARE], strict=True)
    ]
