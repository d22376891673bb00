"""What an import says of itself: every row counted once, every refusal with row, column, code.

``accepted + quarantined + duplicate = rows_read`` holds always. A row outside the study area is
quarantined with the reason ``outside_region`` but is not a bad row.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.errors import InputRefusedError

BoolArray = npt.NDArray[np.bool_]
Mask = BoolArray | pd.Series

OUTSIDE_REGION = "outside_region"
TOTALS_ROW = "totals_row"
NOT_BAD = frozenset({OUTSIDE_REGION, TOTALS_ROW})
"""Reasons that say nothing against the file: such rows are put aside and not counted as bad."""

WAYS_OUT = {
    "coord_missing": "give each row a latitude and a longitude",
    "coord_not_number": "write coordinates as plain numbers with a point, or declare "
    "'decimal: \",\"' in the mapping",
    "coord_not_finite": "take out NaN and Infinity",
    "coord_out_of_range": "name the CRS of the coordinates with --crs",
    OUTSIDE_REGION: "check --crs, the order of latitude and longitude, and the study area",
    "time_missing": "give each row the day it happened",
    "time_invalid": "write times as 2025-04-03 20:30, or declare --date-order",
    "time_in_future": "check the year and the order of day and month",
    "row_shape": "quote fields that hold the delimiter",
    "pii_in_text": "take personal data out of the text",
}


@dataclass(frozen=True)
class ImportReport:
    """What came of a file's rows.

    Attributes
    ----------
    source
        Name of the source; identities are made within it.
    rows_read, accepted, quarantined, duplicate
        Counts; the first is the sum of the others.
    outside_region
        How many of the quarantined lie outside the study area.
    inferred
        What was not declared and was read off the file, and from what evidence.
    reasons
        Quarantined rows by the code of their first fault; they sum to ``quarantined``.
    covers_from, covers_to
        First and last day that the file covers; None where it has no days.
    warnings
        What a person should look at, each with its code first; the rows were taken all the same.
    """

    source: str
    rows_read: int
    accepted: int
    quarantined: int
    duplicate: int
    outside_region: int = 0
    inferred: dict[str, Any] = field(default_factory=dict)
    reasons: dict[str, int] = field(default_factory=dict)
    covers_from: date | None = None
    covers_to: date | None = None
    warnings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse counts that do not add up."""
        if self.accepted + self.quarantined + self.duplicate != self.rows_read:
            raise ValueError("accepted, quarantined and duplicate rows do not sum to rows read")

    def with_known(self, known: int) -> ImportReport:
        """Count as duplicate those accepted rows that the store held already."""
        return replace(self, accepted=self.accepted - known, duplicate=self.duplicate + known)

    def to_json(self) -> dict[str, Any]:
        """Return the report as JSON values."""
        return {
            "source": self.source,
            "rows_read": self.rows_read,
            "accepted": self.accepted,
            "quarantined": self.quarantined,
            "duplicate": self.duplicate,
            "outside_region": self.outside_region,
            "inferred": self.inferred,
            "reasons": self.reasons,
            "covers_from": self.covers_from and self.covers_from.isoformat(),
            "covers_to": self.covers_to and self.covers_to.isoformat(),
            "warnings": list(self.warnings),
        }


@dataclass(frozen=True)
class Imported:
    """One file, read and checked.

    Attributes
    ----------
    frame
        Accepted rows, sorted by ``identity``, one row an identity.
    refused
        One line a fault: ``row`` as a person sees it, ``column``, ``code``; never a value.
    report
        The counts.
    """

    frame: pd.DataFrame
    refused: pd.DataFrame
    report: ImportReport


class RowFaults:
    """Faults found so far in the rows of one file.

    Parameters
    ----------
    rows
        Row numbers as a person sees them in the file.
    """

    def __init__(self, rows: npt.NDArray[np.int64]) -> None:
        self._rows = rows
        self._found: list[tuple[BoolArray, str, str]] = []

    def add(self, mask: Mask, column: str, code: str) -> None:
        """Mark the rows of the mask as faulty in a column."""
        mask = np.asarray(mask, bool)
        if mask.any():
            self._found.append((mask, column, code))

    @property
    def bad(self) -> BoolArray:
        """Rows with any fault."""
        masks = [mask for mask, _, _ in self._found]
        return np.logical_or.reduce(masks) if masks else np.zeros(len(self._rows), bool)

    def has(self, code: str) -> BoolArray:
        """Rows with a fault of this code."""
        masks = [mask for mask, _, found in self._found if found == code]
        return np.logical_or.reduce(masks) if masks else np.zeros(len(self._rows), bool)

    def reasons(self) -> dict[str, int]:
        """Count rows by the code that was found first."""
        first = np.full(len(self._rows), None, object)
        for mask, _, code in self._found:
            first[mask & (first == None)] = code  # noqa: E711  elementwise
        codes, counts = np.unique(first[self.bad].astype(str), return_counts=True)
        return {str(code): int(count) for code, count in zip(codes, counts, strict=True)}

    def frame(self) -> pd.DataFrame:
        """List the faults by row: ``row``, ``column``, ``code``."""
        parts = [
            pd.DataFrame({"row": self._rows[mask], "column": column, "code": code})
            for mask, column, code in self._found
        ]
        empty = pd.DataFrame({"row": np.array([], np.int64), "column": [], "code": []})
        faults = pd.concat(parts, ignore_index=True) if parts else empty
        return faults.sort_values(["row", "column", "code"], ignore_index=True)


def check_share(report: ImportReport, faults: RowFaults, file_name: str, allowed: float) -> None:
    """Raise where no row is left or more than the allowed share of rows is bad.

    Raises
    ------
    InputRefusedError
        ``no_valid_rows`` or ``too_many_bad_rows``; its facts hold the report.
    """
    bad = report.quarantined - sum(report.reasons.get(code, 0) for code in NOT_BAD)
    if report.accepted + report.duplicate and bad <= allowed * report.rows_read:
        return
    listed = faults.frame()
    reasons = ", ".join(f"{code} {count}" for code, count in report.reasons.items())
    first = (
        ""
        if listed.empty
        else f" First: row {listed['row'][0]}, column {listed['column'][0]}, {listed['code'][0]}."
    )
    ways = [way for code, way in WAYS_OUT.items() if code in report.reasons]
    share = (
        f"{bad} of {report.rows_read} rows are bad, more than {allowed:.0%}"
        if report.accepted + report.duplicate
        else f"none of {report.rows_read} rows can be used"
    )
    raise InputRefusedError(
        f"{file_name}: {share} ({reasons or 'no rows'}).{first} Nothing was stored"
        + (f"; {'; '.join(ways)}." if ways else "."),
        code="too_many_bad_rows" if report.accepted + report.duplicate else "no_valid_rows",
        facts=report.to_json(),
    )
