"""Times of a school's shifts, as they are written or, where they are not, as assumed."""

from __future__ import annotations

import re
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pandas as pd

from data.importers.tabular import SourceTable

ASSUMED_SHIFTS = "08:00-13:00;14:00-19:00"
"""Teaching hours of a school whose own are not known; marked as assumed."""

COLUMNS = ("shift_1", "shift_2", "shift_3")

_SHIFT = re.compile(
    r"\s*(?:[1-3]\s*(?:смена|ауысым)?\s*[:)]\s+)?"
    r"([01]?[0-9]|2[0-3])[:.]([0-5][0-9])\s*[-–—]\s*([01]?[0-9]|2[0-3])[:.]([0-5][0-9])\s*"
)
_COUNT = re.compile(r"\s*[1-3](?:\s*[,;и-]\s*[1-3])*\s*(?:смен\w*|ауысым\w*)?\s*")


def parse_shifts(text: str) -> str | None:
    """Return shifts in one spelling and in their order, or None where the text is no list of them.

    Examples
    --------
    >>> parse_shifts("8:00–13.00, 14:00-19:00")
    '08:00-13:00;14:00-19:00'
    """
    shifts = []
    for part in re.split(r"[;,/\n]", text):
        found = _SHIFT.fullmatch(part)
        if found is None:
            return None
        start, end = (f"{int(found[hour]):02}:{found[hour + 1]}" for hour in (1, 3))
        if start >= end:
            return None
        shifts.append(f"{start}-{end}")
    return ";".join(sorted(shifts))


def read_shifts(table: SourceTable) -> tuple[pd.Series, npt.NDArray[np.bool_]]:
    """Read the shifts of each school from one column or from one a shift.

    A number of shifts alone says nothing of their times.

    Returns
    -------
    tuple
        Shifts in one spelling; whether they are assumed.
    """
    written = _written(table)
    counts = written.str.fullmatch(_COUNT.pattern).fillna(False).to_numpy(bool)
    written = written.where(~counts)
    known = written.map({text: parse_shifts(text) for text in written.dropna().unique()})
    head = next((table.head(name) for name in COLUMNS if name in table.texts), "shift_times")
    wrong = (written.notna() & known.isna()).to_numpy(bool)
    table.faults.add(wrong, table.head("shift_times") if head == "shift_times" else head,
                     "shifts_invalid")  # fmt: skip
    assumed = written.isna().to_numpy(bool)
    _note(table, known, assumed)
    return known.astype(object).where(~assumed, ASSUMED_SHIFTS), assumed


# -------------------------------------------------------------------------------------------


def _written(table: SourceTable) -> pd.Series:
    text = table.text("shift_times").astype(object)
    parts = [table.text(name) for name in COLUMNS if name in table.texts]
    if not parts:
        return text
    rows = zip(*(part.tolist() for part in parts), strict=True)
    joined = [";".join(part for part in row if isinstance(part, str)) for row in rows]
    return text.where(text.notna(), pd.Series(joined, dtype=object).replace("", None))


def _note(table: SourceTable, known: pd.Series, assumed: npt.NDArray[np.bool_]) -> None:
    if assumed.any():
        table.warnings.append(
            f"shifts_assumed: {int(assumed.sum())} schools have no shift times; "
            f"{ASSUMED_SHIFTS} is assumed."
        )
    overlapping = table.rows[[isinstance(text, str) and _overlap(text) for text in known]]
    if len(overlapping):
        rows = ", ".join(map(str, overlapping[:10]))
        table.warnings.append(
            f"shifts_overlap: {len(overlapping)} schools have shifts that overlap (rows {rows}); "
            "they were kept."
        )


def _overlap(shifts: str) -> bool:
    spans = [part.split("-") for part in shifts.split(";")]
    return any(later[0] < earlier[1] for earlier, later in pairwise(spans))
