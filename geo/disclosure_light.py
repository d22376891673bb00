"""What may leave of the light of streets and of the dark gap, and for whom (see `geo.disclosure`).

Which streets are lit is for planner, dispatcher and prosecutor. How many minutes children spend on
a street is told where five pupils or more walk: at the end of a way fewer would tell the house. The
public sees neither: a map of dark streets that children walk is a map of targets.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from geo import columns as c
from geo.disclosure import PUBLIC, check_role
from geo.disclosure_walks import WALK_LEAST_PUPILS
from geo.parameters import WINDOWS

STREET_LIGHT = (c.SECTION_ID, c.GEOMETRY, c.LIGHT, c.LIT_M, c.UNLIT_M, c.UNKNOWN_LIGHT_M)
FULL_DARK = tuple(c.of_window(c.DARK_MINUTES, window) for window in WINDOWS)
GAP_MINUTES = (
    c.CHILD_MINUTES, c.LIT_DARK_MINUTES, c.UNLIT_DARK_MINUTES, c.UNKNOWN_DARK_MINUTES,
)  # fmt: skip


def disclose_street_light(sections: pd.DataFrame, role: str) -> pd.DataFrame:
    """Return the light of every section, and how many child-minutes it is dark at most.

    Parameters
    ----------
    sections
        Light, pupils, and dark_minutes_<window> of `geo.coverage.dark_gap.full_dark_minutes`.

    Returns
    -------
    The streets for planner, dispatcher and prosecutor; minutes are missing where fewer pupils walk
    than may be told of. No rows for the public.

    Raises
    ------
    UsageError
        ``role_unknown``.
    """
    check_role(role)
    known = [name for name in (*STREET_LIGHT, *FULL_DARK) if name in sections]
    shown: pd.DataFrame = sections[known].reset_index(drop=True)
    few = ~(sections[c.PUPILS] >= WALK_LEAST_PUPILS[role]).to_numpy(bool)
    minutes = [name for name in FULL_DARK if name in shown]
    shown.loc[few, minutes] = np.nan
    return shown.iloc[:0] if role == PUBLIC else shown


def disclose_dark_gap(rows: pd.DataFrame, role: str) -> pd.DataFrame:
    """Return the rows of the dark gap that a role may be told of, in whole minutes.

    Parameters
    ----------
    rows
        section_id, pupils, school_ids and the minutes of `geo.coverage.dark_gap.dark_gap`.

    Raises
    ------
    UsageError
        ``role_unknown``.

    Examples
    --------
    >>> minutes = {name: [90.4, 12.0] for name in GAP_MINUTES}
    >>> rows = pd.DataFrame({"section_id": ["a", "b"], "pupils": [5.2, 4.9],
    ...                      "school_ids": ["s7", "s7"], **minutes})
    >>> disclose_dark_gap(rows, "planner")[["section_id", "unlit_dark_minutes"]].to_numpy().tolist()
    [['a', 90.0]]
    >>> len(disclose_dark_gap(rows, "public"))
    0
    """
    check_role(role)
    enough = (rows[c.PUPILS] >= WALK_LEAST_PUPILS[role]).to_numpy(bool)
    told = rows[enough] if role != PUBLIC else rows.iloc[:0]
    shown = told[[c.SECTION_ID, c.PUPILS, "school_ids", *GAP_MINUTES]].reset_index(drop=True)
    numbers = [c.PUPILS, *GAP_MINUTES]
    shown[numbers] = shown[numbers].round()
    return shown
