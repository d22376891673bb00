"""What may leave of the incidents around one place, and for whom (see `geo.disclosure`)."""

from __future__ import annotations

import pandas as pd

from geo import columns as c
from geo.disclosure import (
    DISPATCHER,
    DISPATCHER_LEAST_INCIDENTS,
    PLANNER,
    PLANNER_LEAST_INCIDENTS,
    PROSECUTOR,
    check_role,
    suppressed_counts,
)

RING_LEAST_INCIDENTS = {
    PLANNER: PLANNER_LEAST_INCIDENTS,
    DISPATCHER: DISPATCHER_LEAST_INCIDENTS,
    PROSECUTOR: DISPATCHER_LEAST_INCIDENTS,
}
"""Role → the least count by quarter and ring that is shown; the public sees none."""


def disclose_ring_counts(counts: pd.DataFrame, role: str) -> pd.DataFrame:
    """Return the counts by quarter and ring around a place that a role may see.

    A count below the role's least is missing, and so is none, so that the two cannot be told
    apart; there is no sum that a missing one could be worked out from. The public sees no row.

    Parameters
    ----------
    counts
        ``quarter``, ``ring`` and ``incidents``, as `geo.hazard.rings.ring_counts` makes them.

    Raises
    ------
    UsageError
        ``role_unknown``.
    """
    check_role(role)
    shown = counts[[c.QUARTER, c.RING, c.INCIDENTS]]
    if role not in RING_LEAST_INCIDENTS:
        return shown.iloc[:0]
    least = RING_LEAST_INCIDENTS[role]
    return shown.assign(**{c.INCIDENTS: suppressed_counts(shown[c.INCIDENTS], least)})


def disclose_influential(incidents: pd.DataFrame, role: str) -> pd.DataFrame:
    """Return what a role may know of the incidents that weigh most in a place.

    The prosecutor, who asks for them: day, group, article, ring and influence; never a cell, a
    number or a sensitive incident. All others: nothing.

    Raises
    ------
    UsageError
        ``role_unknown``.
    """
    check_role(role)
    known = [c.OCCURRED_ON, c.OFFENCE_GROUP, c.ARTICLE, c.RING, c.INFLUENCE]
    shown = incidents.loc[~incidents[c.SENSITIVE].astype(bool), known].reset_index(drop=True)
    return shown if role == PROSECUTOR else shown.iloc[:0]
