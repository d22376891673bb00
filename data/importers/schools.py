"""Read a list of schools: gate, shifts and number of pupils."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd

from data.importers.known_places import KnownPlaces
from data.importers.points import PointKind, read_points, texts_or_none
from data.importers.report import Imported
from data.importers.tabular import ReadOptions, SourceTable
from data.importers.words import read_numbers
from geo import columns as c

ASSUMED_SHIFTS = "08:00-13:00;14:00-19:00"
"""Teaching hours of a school whose own are not known; marked as assumed."""

_SHIFT = re.compile(
    r"\s*([01]?[0-9]|2[0-3])[:.]([0-5][0-9])\s*[-–—]\s*([01]?[0-9]|2[0-3])[:.]([0-5][0-9])\s*"
)


def read_schools_file(path: Path, options: ReadOptions, places: KnownPlaces) -> Imported:
    """Read schools with the columns of the table ``schools``.

    ``shift_times`` is "08:00-13:00;14:00-19:00"; where the file gives none it is that, with
    ``shift_times_assumed`` set. ``pupils`` is NaN where not given.
    """
    return read_points(path, _SCHOOLS, options, places)


def parse_shifts(text: str) -> str | None:
    """Return shifts in one spelling, or None where the text is not a list of them.

    Examples
    --------
    >>> parse_shifts("8:00–13.00, 14:00-19:00")
    '08:00-13:00;14:00-19:00'
    """
    shifts = []
    for part in re.split(r"[;,/]", text):
        found = _SHIFT.fullmatch(part)
        if found is None:
            return None
        start, end = (f"{int(found[hour]):02}:{found[hour + 1]}" for hour in (1, 3))
        if start >= end:
            return None
        shifts.append(f"{start}-{end}")
    return ";".join(shifts)


# -------------------------------------------------------------------------------------------


def _read_fields(table: SourceTable, options: ReadOptions, places: KnownPlaces) -> pd.DataFrame:
    written = table.text("shift_times")
    known = written.map({text: parse_shifts(text) for text in written.dropna().unique()})
    table.faults.add(written.notna() & known.isna(), table.head("shift_times"), "shifts_invalid")
    assumed = written.isna()
    if assumed.any():
        table.warnings.append(
            f"shifts_assumed: {int(assumed.sum())} schools have no shift times; "
            f"{ASSUMED_SHIFTS} is assumed."
        )
    return pd.DataFrame(
        {
            **{name: texts_or_none(table.text(name)) for name in (c.NAME, c.NAME_KK, c.NAME_RU)},
            "kind": texts_or_none(table.text("kind")),
            "shift_times": known.astype(object).where(~assumed, ASSUMED_SHIFTS),
            "shift_times_assumed": np.asarray(assumed, bool),
            c.PUPILS: read_numbers(table, c.PUPILS, 0, 100_000),
        }
    )


_SCHOOLS = PointKind("schools", _read_fields, (c.NAME, c.NAME_KK, c.NAME_RU))
