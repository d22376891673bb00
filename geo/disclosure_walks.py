"""What may leave of the walk to a school, and for whom (see `geo.disclosure`).

A street that fewer than five pupils walk on is not listed at all: at the end of a way its length
alone would tell the house. Numbers of pupils and minutes are whole, metres in tens. The public
sees no street of a walk, but for the recommended lines that ten pupils or more would take.

What a closed or lit street would change is told in fives of pupils: asked street by street, whole
numbers would tell who lives where. A change for fewer than five looks like none.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
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


def disclose_gates(gates: pd.DataFrame, role: str) -> pd.DataFrame:
    """Return a school's gates; how many go in by each only where no gate has too few to be told.

    The number of all would tell the one that is left out. So would two numbers of one gate: the
    calm ways' are told only where they are the shortest ways', or differ by enough pupils.

    Parameters
    ----------
    gates
        gate, lat, lon, gate_known, pupils and calm_pupils (NaN where not known) of one school.

    Raises
    ------
    UsageError
        ``role_unknown``.

    Examples
    --------
    >>> gates = pd.DataFrame({"gate": [1, 2], "pupils": [80.2, 4.0], "calm_pupils": [70.2, 14.0]})
    >>> disclose_gates(gates, "planner")["pupils"].tolist()
    [None, None]
    """
    check_role(role)
    least = WALK_LEAST_PUPILS[role]
    shown = gates.copy()
    pupils, calm = (gates[name].to_numpy(float) for name in (c.PUPILS, "calm_pupils"))
    told = role != PUBLIC and _none_or_enough(pupils, least)
    calm_told = told and _none_or_enough(calm, least) and _none_or_enough(calm - pupils, least)
    for name, may in ((c.PUPILS, told), ("calm_pupils", calm_told)):
        whole = [round(count) if may else None for count in np.nan_to_num(gates[name])]
        shown[name] = pd.Series(whole, shown.index, dtype=object)
    return shown


def disclose_change(count: float, role: str) -> int | None:
    """Return how many pupils a change is for, in fives; None for too few to be told and for none.

    Raises
    ------
    UsageError
        ``role_unknown``.

    Examples
    --------
    >>> [disclose_change(count, "planner") for count in (0, 4.9, 5, 58)]
    [None, None, 5, 60]
    """
    told = disclose_count(count, role)
    return None if told is None else int(_in_fives(told))


def disclose_changed_sections(rows: pd.DataFrame, role: str) -> pd.DataFrame:
    """Return the sections where a change moves enough pupils, the most moved first.

    Parameters
    ----------
    rows
        ``pupils_before``, ``pupils_after``, and what else is known of each section.

    Returns
    -------
    DataFrame
        The same with both numbers in fives, missing where they are too small to be told.

    Raises
    ------
    UsageError
        ``role_unknown``.
    """
    check_role(role)
    least = WALK_LEAST_PUPILS[role]
    both = rows[["pupils_before", "pupils_after"]].to_numpy(float)
    moved = np.abs(both[:, 1] - both[:, 0])
    order = np.argsort(-moved, kind="stable")
    kept = order[(moved[order] >= least) & (role != PUBLIC)]
    shown = rows.iloc[kept].reset_index(drop=True)
    for name, count in zip(("pupils_before", "pupils_after"), both[kept].T, strict=True):
        fives = _in_fives(count).astype(np.int64)
        shown[name] = pd.arrays.IntegerArray(fives, count < least)
    return shown


def disclose_card_walks(walks: pd.DataFrame) -> pd.DataFrame:
    """Return the mean walks that a card for anybody may show: of ten pupils or more, no hazard.

    Parameters
    ----------
    walks
        Of `geo.streets.school_walks.school_walks`.

    Returns
    -------
    DataFrame
        school_id, dark, and metres, lit_m, unlit_m and unknown_light_m of the calm way and, with
        ``shortest_``, of the shortest, in whole metres.
    """
    enough = (walks[c.PUPILS] >= WALK_LEAST_PUPILS[PUBLIC]).to_numpy(bool)
    metres = ["metres", c.LIT_M, c.UNLIT_M, c.UNKNOWN_LIGHT_M]
    shown = [*metres, *(f"shortest_{name}" for name in metres)]
    kept = walks.loc[enough, [c.SCHOOL_ID, "dark", *shown]].reset_index(drop=True)
    kept[shown] = kept[shown].round()
    return kept


# -------------------------------------------------------------------------------------------


def _in_fives(count: npt.ArrayLike) -> npt.NDArray[np.float64]:
    return np.asarray(5 * np.round(np.asarray(count, float) / 5))


def _enough(rows: pd.DataFrame, role: str) -> pd.DataFrame:
    """Return the rows of enough pupils, as a copy."""
    kept = rows[(rows[c.PUPILS] >= WALK_LEAST_PUPILS[role]).to_numpy(bool)]
    return kept.reset_index(drop=True)


def _none_or_enough(counts: npt.NDArray[np.float64], least: int) -> bool:
    """Tell whether every count is known and stands for nobody or for so many at least."""
    size = np.abs(counts)
    return bool(((size < 0.5) | (size >= least)).all())
