"""A table from outside with its cells as text under the names of our fields, and what was declared.

`data.importers.opening` makes it from a file.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from data.importers.mapped_columns import TEXT, MappedColumns
from data.importers.mapping import SourceMapping
from data.importers.report import RowFaults


def _nobody_listens(stage: str) -> None:
    """Let a stage pass unheard."""


@dataclass(frozen=True)
class ReadOptions:
    """What the person who brings a file declares about it; None where nothing was said.

    Attributes
    ----------
    source
        Name of the source; the noun itself where neither this nor the mapping names one.
    mapping
        Mapping file.
    mappings
        Folder of the kept mappings; without ``mapping`` the one that fits the file is taken.
    crs, encoding, date_order
        Go before the mapping's. The order is ``dmy``, ``mdy`` or ``ymd``.
    sheet
        Sheet of a workbook.
    covers_from, covers_to
        First and last day that the file covers; rows of other days are put aside.
    received_at
        Local time of the import; with it, rows from the future are found.
    id_key
        The workspace's secret key; case numbers are kept only as a hash under it.
    codes
        Folder with the office's own code tables, which go before the package's.
    allowed_bad_share
        A file with a larger share of bad rows is refused whole.
    progress
        Receives each stage once a file.
    labels
        Name of a file → what the person calls it, where the two differ.
    """

    source: str | None = None
    mapping: Path | None = None
    mappings: Path | None = None
    crs: str | None = None
    encoding: str | None = None
    date_order: str | None = None
    sheet: str | None = None
    covers_from: date | None = None
    covers_to: date | None = None
    received_at: datetime | None = None
    id_key: bytes | None = None
    codes: Path | None = None
    allowed_bad_share: float = 0.2
    progress: Callable[[str], None] = _nobody_listens
    labels: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class SourceTable:
    """A file's rows as text, by our fields, with what is known of the file so far.

    Attributes
    ----------
    file_name, source, noun
        Name of the file, of its source, and what its rows are.
    rows
        Row numbers as a person sees them in the file.
    texts
        Field → text, None where the cell is empty; positions of features under their own names.
    heads
        Field → head in the file, for messages.
    mapping, crs, date_order
        What was declared; the CRS may be the file's own.
    faults
        Faults found so far.
    inferred, warnings, findings
        For the report; all three grow while the file is read.
    columns
        Where columns of many rows lie; what was read of them is let go of with every field.
    """

    file_name: str
    source: str
    noun: str
    rows: npt.NDArray[np.int64]
    texts: dict[str, pd.Series]
    heads: dict[str, str]
    mapping: SourceMapping
    crs: str | None
    date_order: str | None
    faults: RowFaults
    inferred: dict[str, Any] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    findings: dict[str, Any] = field(default_factory=dict)
    columns: MappedColumns = field(default_factory=MappedColumns)

    def text(self, name: str) -> pd.Series:
        """Return a field's text; all missing where the file has no such column."""
        self.columns.release()
        if name in self.texts:
            return self.texts[name]
        return _nothing(len(self.rows))

    def head(self, name: str) -> str:
        """Return the head under which a field stands in the file, or the field's own name."""
        return self.heads.get(name, name)

    def understood(self) -> dict[str, Any]:
        """Return how the file was understood, in the form of a mapping file."""
        known = {
            "source": self.source,
            "noun": self.noun,
            "crs": self.crs,
            "encoding": self.inferred.get("encoding") or self.mapping.encoding,
            "date_order": self.date_order or str(self.inferred.get("date_order", ""))[:3] or None,
            "columns": dict(sorted(self.heads.items())),
        }
        return self.mapping.declared() | {name: told for name, told in known.items() if told}


# -------------------------------------------------------------------------------------------

_MISSING = pa.nulls(20_000, pa.large_string())


def _nothing(count: int) -> pd.Series:
    """Return missing texts, the same few in memory for any count."""
    whole, rest = divmod(count, len(_MISSING))
    chunks = [*[_MISSING] * whole, _MISSING.slice(0, rest)]
    return pd.Series(pd.array(pa.chunked_array(chunks), dtype=TEXT))
