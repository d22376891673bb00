"""What may leave of the walk to a school, and for whom (see `geo.disclosure`).

A street that fewer than five pupils walk on is not listed at all: at the end of a way its length
alone would tell the house. Numbers of pupils and minutes are whole, metres in tens. The public
sees no street of a walk, but for the recommended lines that ten pupils or more would take.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from geo import columns as c
from geo.disclosure import DISPATCHER, PLANNER, PROSECUTOR, PUBLIC, check_role

WALK_LEAST_PUPILS = {PUBLIC: 10, PLANNER: 5, DISPATCHER: 5, PROSECUTOR: 5}

_METRES = ("metres",)


def disclose_walked(rows: pd.DataFrame, role: str) -> pd.DataFrame:
    """Return the sections of a walk that a role may see; the public sees none.

    Parameters
    ----------
    rows
        section_id, pupils, metres, and what else is known of each section.

    Raises
    ------
    UsageError
        ``role_unknown``.

    Examples
    --------
    >>> rows = pd.DataFrame({"section_id": ["a", "b"], "pupils": [5.2, 4.9], "metres": [86.0, 9.0]})
    >>> disclose_walked(rows, "planner").to_numpy().tolist()
    [['a', 5, 90.0]]
    """
    check_role(role)
    shown = _enough(rows, role)
    if role == PUBLIC:
        return shown.iloc[:0]
    shown[c.PUPILS] = shown[c.PUPILS].round().astype("int64")
    for column in _METRES:
        shown[column] = np.maximum(shown[column].round(-1), 10.0)
    return shown


def disclose_recommended(rows: pd.DataFrame, role: str) -> pd.DataFrame:
    """Return the sections of a recommended walk by their ids alone; the public sees these too.

    Raises
    ------
    UsageError
        ``role_unknown``.
    """
    check_role(role)
    return _enough(rows, role)[[c.SECTION_ID]].sort_values(c.SECTION_ID, ignore_index=True)


def disclose_count(count: float | None, role: str) -> int | None:
    """Return a number of pupils or homes; None where it is too small to be told, and for none.

    Raises
    ------
    UsageError
        ``role_unknown``.
    """
    check_role(role)
    if role == PUBLIC or count is None or not np.isfinite(count):
        return None
    return round(count) if count >= WALK_LEAST_PUPILS[role] else None


# -------------------------------------------------------------------------------------------


def _enough(rows: pd.DataFrame, role: str) -> pd.DataFrame:
    """Return the rows of enough pupils, as a copy."""
    kept = rows[(rows[c.PUPILS] >= WALK_LEAST_PUPILS[role]).to_numpy(bool)]
    return kept.reset_index(drop=True)
