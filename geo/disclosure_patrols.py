"""What may leave of patrols, and for whom: plans, what was delivered, and the patrol gap.

Where patrols are and where they are not is a target list in other hands: the public and the
planner get nothing of it. The dispatcher gets classes and the dose in quarters, the prosecutor the
numbers too. Nobody gets a time finer than the day of a cell's last visit, and that only as of the
run: where officers are now is in no frame.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from geo import columns as c
from geo.columns import of_window
from geo.disclosure import DISPATCHER, PROSECUTOR, check_role
from geo.parameters import WINDOWS

PATROL_ROLES = (DISPATCHER, PROSECUTOR)
"""Who is told of patrols at all."""

QUARTERS = 4


def disclose_patrol_cells(cells: pd.DataFrame, role: str) -> pd.DataFrame:
    """Return what a role may see of the patrol gap of cells; no rows where nothing.

    Parameters
    ----------
    cells
        Frame of `geo.coverage.patrol_gap.patrol_gap` with ``section_id``.

    Returns
    -------
    DataFrame
        ``h3_cell``, ``section_id``, ``last_visit``, ``last_visit_days`` and for the day and each
        window ``gap`` and ``dose`` (in quarters); for the prosecutor the other columns too.

    Raises
    ------
    UsageError
        ``role_unknown``.

    Examples
    --------
    >>> cells = pd.DataFrame({"h3_cell": [1], "gap": [4], "gap_harm": [2.5], "patrol_dose": [0.4]})
    >>> disclose_patrol_cells(cells, "dispatcher").to_dict("records")
    [{'h3_cell': 1, 'gap': 4, 'dose': 0.5}]
    """
    check_role(role)
    shown = cells.copy()
    for span in _SPANS:
        exact = c.PATROL_DOSE + span
        if exact in cells:
            quarters = np.round(cells[exact].to_numpy(float) * QUARTERS) / QUARTERS
            shown[c.DOSE + span] = quarters
    if role != PROSECUTOR:
        shown = shown[[name for name in _CELL if name in shown]]
    return _only_for_patrol_roles(shown, role)


def disclose_patrol_plans(plans: pd.DataFrame, role: str) -> pd.DataFrame:
    """Return what a role may see of plans and of what was delivered; no rows where nothing.

    Raises
    ------
    UsageError
        ``role_unknown``.
    """
    check_role(role)
    return _only_for_patrol_roles(plans[[name for name in _PLAN if name in plans]], role)


# -------------------------------------------------------------------------------------------

_SPANS = ("", *(of_window("", window) for window in WINDOWS))
_CELL = (
    c.H3_CELL,
    c.SECTION_ID,
    c.LAST_VISIT,
    c.LAST_VISIT_DAYS,
    *(name + span for span in _SPANS for name in (c.GAP, c.DOSE)),
)
_PLAN = (
    "plan_id",
    "number",
    "kind",
    "shift",
    "starts_at",
    "ends_at",
    "weekdays",
    "staff",
    c.LAT,
    c.LON,
    c.SECTION_ID,
    "planned_shifts",
    "planned_minutes",
    "visited_shifts",
    "delivered_minutes",
    "visits",
    "compared_by",
)


def _only_for_patrol_roles(frame: pd.DataFrame, role: str) -> pd.DataFrame:
    told = frame.reset_index(drop=True)
    return told if role in PATROL_ROLES else told.iloc[:0]
