"""What an import says of itself: every row counted once, every refusal with row, column, code.

``accepted + quarantined + duplicate = rows_read`` holds always. A row outside the study area is
quarantined with the reason ``outside_region`` but is not a bad row.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

BoolArray = npt.NDArray[np.bool_]
Mask = BoolArray | pd.Series

OUTSIDE_REGION = "outside_region"
NO_RECORD = frozenset({"totals_row", "repeated_head"})
NOT_BAD = frozenset({OUTSIDE_REGION, *NO_RECORD, "no_fix", "jump", "time_repeated", "no_stay"})
"""Reasons that say nothing against the file (the last four every receiver has): put aside."""


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
    findings
        What stands out in the rows, by its name: ``unlocated``, ``stacked``, ``clock_spikes``,
        ``unknown_articles``, ``swap``, ``crs``, ``twins``, ``linked``.
    mapping
        How the file was understood, in the form of a mapping file.
    preview
        The first rows as understood: field → text.
    versions
        How many of the accepted rows are new versions of records that were known.
    import_ids
        The lines in the ledger; none where nothing was stored.
    refused
        One line a fault (`RowFaults.frame`); None where it was not handed over.
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
    findings: dict[str, Any] = field(default_factory=dict)
    mapping: dict[str, Any] = field(default_factory=dict)
    preview: tuple[dict[str, str | None], ...] = ()
    versions: int = 0
    import_ids: tuple[int, ...] = ()
    refused: pd.DataFrame | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        """Refuse counts that do not add up."""
        if self.accepted + self.quarantined + self.duplicate != self.rows_read:
            raise ValueError("accepted, quarantined and duplicate rows do not sum to rows read")

    @property
    def bad(self) -> int:
        """Quarantined rows but for those that are merely put aside (`NOT_BAD`)."""
        return self.quarantined - sum(self.reasons.get(code, 0) for code in NOT_BAD)

    def with_known(self, known: int, versions: int = 0) -> ImportReport:
        """Count as duplicate those accepted rows that the store held already."""
        return replace(
            self,
            accepted=self.accepted - known,
            duplicate=self.duplicate + known,
            versions=versions,
        )

    def to_json(self, *, most_refused: int | None = None) -> dict[str, Any]:
        """Return the report as JSON values, with at most so many faults listed (None: all)."""
        refused = [] if self.refused is None else self.refused.to_dict("records")
        listed = refused[:most_refused]
        return {
            "source": self.source,
            "rows_read": self.rows_read,
            "accepted": self.accepted,
            "quarantined": self.quarantined,
            "duplicate": self.duplicate,
            "versions": self.versions,
            "import_ids": list(self.import_ids),
            "outside_region": self.outside_region,
            "inferred": self.inferred,
            "reasons": self.reasons,
            "covers_from": self.covers_from and self.covers_from.isoformat(),
            "covers_to": self.covers_to and self.covers_to.isoformat(),
            "warnings": list(self.warnings),
            "findings": self.findings,
            "mapping": self.mapping,
            "preview": list(self.preview),
            "refused_rows": [_plain(fault) for fault in listed],
            "refused_rows_left_out": len(refused) - len(listed),
        }


@dataclass(frozen=True)
class Imported:
    """One file, read and checked.

    Attributes
    ----------
    blocks
        Accepted rows in blocks that can be walked through again, one row an identity.
    refused
        One line a fault: ``row`` as a person sees it, ``column``, ``code``; never a value.
    report
        The counts.
    rows_are
        Table that the rows go to; the noun's own where empty.
    aside
        Rows that go elsewhere, in such blocks: ``dwellings`` (accepted), ``unplaced`` (among the
        refused).
    """

    blocks: Iterable[pd.DataFrame]
    refused: pd.DataFrame
    report: ImportReport
    rows_are: str = ""
    aside: Mapping[str, Iterable[pd.DataFrame]] = field(default_factory=dict)

    @property
    def frame(self) -> pd.DataFrame:
        """The accepted rows in one frame, sorted by ``identity``."""
        frame = pd.concat([*self.blocks], ignore_index=True)
        return frame.sort_values("identity", kind="stable", ignore_index=True)


class RowFaults:
    """Faults found so far in the rows of one file.

    Parameters
    ----------
    rows
        Row numbers as a person sees them in the file.
    sheets
        Sheet of each row; None where the file has only one.
    raw
        SHA-256 of each row as it was written, to tell refused rows apart; None where not known.
    """

    def __init__(
        self,
        rows: npt.NDArray[np.int64],
        sheets: npt.NDArray[np.object_] | None = None,
        raw: pa.ChunkedArray | None = None,
    ) -> None:
        self._rows, self._sheets, self._raw = rows, sheets, raw
        self._found: list[tuple[BoolArray, str, str]] = []
        self._no_record = np.zeros(len(rows), bool)

    def add(self, mask: Mask, column: str, code: str) -> None:
        """Mark the rows of the mask as faulty in a column, but for those that are no record."""
        mask = np.asarray(mask, bool) & ~self._no_record
        if code in NO_RECORD:
            self._no_record |= mask
        if mask.any():
            self._found.append((mask, column, code))

    def take_over(self, others: RowFaults, rows: BoolArray) -> None:
        """Mark rows as others of the same file did, as far as they are among these."""
        for mask, column, code in others._found:
            self.add(mask & rows, column, code)

    @property
    def bad(self) -> BoolArray:
        """Rows with any fault."""
        masks = [mask for mask, _, _ in self._found]
        return np.logical_or.reduce(masks) if masks else np.zeros(len(self._rows), bool)

    def has(self, code: str) -> BoolArray:
        """Rows with a fault of this code."""
        masks = [mask for mask, _, found in self._found if found == code]
        return np.logical_or.reduce(masks) if masks else np.zeros(len(self._rows), bool)

    def only(self, codes: frozenset[str]) -> BoolArray:
        """Rows with a fault of these codes and with no other."""
        others = [mask for mask, _, found in self._found if found not in codes]
        spoilt = np.logical_or.reduce(others) if others else np.zeros(len(self._rows), bool)
        return np.asarray(self.bad & ~spoilt)

    def reasons(self) -> dict[str, int]:
        """Count rows by the code that was found first."""
        first = np.full(len(self._rows), None, object)
        for mask, _, code in self._found:
            first[mask & (first == None)] = code  # noqa: E711  elementwise
        codes, counts = np.unique(first[self.bad].astype(str), return_counts=True)
        return {str(code): int(count) for code, count in zip(codes, counts, strict=True)}

    def frame(self) -> pd.DataFrame:
        """List the faults by row: ``row``, ``column``, ``code``.

        Where they are known, ``sheet`` stands before the row and ``raw_sha256`` (hex) at the end.
        """
        parts = [
            pd.DataFrame({**self._keys(mask), "column": column, "code": code})
            for mask, column, code in self._found
        ]
        none = self._keys(np.zeros(len(self._rows), bool))
        empty = pd.DataFrame({**none, "column": [], "code": []})
        faults = pd.concat(parts, ignore_index=True) if parts else empty
        order = [name for name in ("sheet", "row", "column", "code") if name in faults]
        faults = faults.sort_values(order, ignore_index=True)
        return faults[[name for name in (*order, "raw_sha256") if name in faults]]

    def _keys(self, mask: BoolArray) -> dict[str, Any]:
        keys: dict[str, Any] = {"row": self._rows[mask]}
        if self._sheets is not None:
            keys["sheet"] = self._sheets[mask]
        if self._raw is not None:
            keys["raw_sha256"] = [
                digest.hex() for digest in self._raw.filter(pa.array(mask)).to_pylist()
            ]
        return keys


# -------------------------------------------------------------------------------------------


def _plain(fault: dict[Any, Any]) -> dict[str, Any]:
    # Who knows what a row may hold could find it by its hash, which only the store keeps, keyed.
    return {
        str(name): None if pd.isna(value) else int(value) if name == "row" else str(value)
        for name, value in fault.items()
        if name != "raw_sha256"
    }
