"""Lamps and cameras of the current run that are down, with what the ways to school lost."""

from __future__ import annotations

from typing import Any

import pandas as pd

from api.answers import as_rows
from api.dependencies import Published
from api.errors import RequestRefusedError
from api.walking_schools import school_names
from geo.disclosure import PUBLIC, check_role, disclose_points
from maps.asset_texts import down_row


def down_assets(published: Published, *, role: str, lang: str, limit: int) -> dict[str, Any]:
    """Return what is down, that with the most child-minutes first.

    Raises
    ------
    RequestRefusedError
        ``role_not_allowed``: the public is not told which cameras and lamps are down.
    """
    check_role(role)
    if role == PUBLIC:
        raise RequestRefusedError(
            403,
            "What is down is shown to prosecutor, planner and dispatcher only.",
            code="role_not_allowed",
        )
    opened = published.current()
    card = opened.snapshot.run_card
    found = disclose_points(opened.down_assets(published.workspace.study_area), "down_assets", role)
    named = school_names(opened, role, lang)
    rows = []
    for row in as_rows(found.head(limit)):
        since = row["down_since"]
        day = None if since is None or pd.isna(since) else pd.Timestamp(since).date()
        schools = [named[one] for one in row["school_ids"].split(";") if one in named]
        rows.append(down_row({**row, "down_since": day}, schools, lang))
    return {
        "assets": rows,
        "number_returned": len(rows),
        "number_down": len(found),
        "run_id": card["run_id"],
        "as_of": card["as_of"],
    }
