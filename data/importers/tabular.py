"""Open a table from outside: its cells as text, under the names of our fields.

The bytes are read in a confined child (`data.importers.parsing.table_parsers`). Here the mapping
file and the heads decide which column is which field; what was not declared is written down as
inferred.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from data.importers.header_words import fold_header, header_words, mixes_alphabets
from data.importers.mapping import DATE_ORDERS, SourceMapping, read_mapping
from data.importers.parsing.isolation import check_file, run_isolated
from data.importers.parsing.raw_columns import FAULT, GEOMETRY, ROW, X, Y
from data.importers.parsing.table_parsers import parse_table
from data.importers.report import RowFaults
from geo.errors import InputRefusedError, UsageError

POSITIONS = (X, Y, GEOMETRY)


@dataclass(frozen=True)
class ReadOptions:
    """What the person who brings a file declares about it; None where nothing was said.

    Attributes
    ----------
    source
        Name of the source; the noun itself where neither this nor the mapping names one.
    mapping
        Mapping file.
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
    allowed_bad_share
        A file with a larger share of bad rows is refused whole.
    """

    source: str | None = None
    mapping: Path | None = None
    crs: str | None = None
    encoding: str | None = None
    date_order: str | None = None
    sheet: str | None = None
    covers_from: date | None = None
    covers_to: date | None = None
    received_at: datetime | None = None
    id_key: bytes | None = None
    allowed_bad_share: float = 0.2


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
    inferred, warnings
        For the report; both grow while the file is read.
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

    def text(self, name: str) -> pd.Series:
        """Return a field's text; all missing where the file has no such column."""
        if name in self.texts:
            return self.texts[name]
        return pd.Series(None, index=range(len(self.rows)), dtype="str")

    def head(self, name: str) -> str:
        """Return the head under which a field stands in the file, or the field's own name."""
        return self.heads.get(name, name)


def read_source_table(
    path: Path, noun: str, options: ReadOptions, accepted: tuple[str, ...] = ("csv", "geojson")
) -> SourceTable:
    """Read a file and name its columns.

    Raises
    ------
    NotFoundError
        ``file_not_found``.
    UsageError
        ``mapping_invalid``, ``date_order_invalid``, ``sheet_not_accepted``.
    InputRefusedError
        What `parse_table` refuses, or ``column_missing``.
    """
    check_file(path)
    mapping = read_mapping(options.mapping)
    _check_options(options)
    encoding = options.encoding or mapping.encoding
    tables, facts = run_isolated(
        parse_table, path, {"accepted": list(accepted), "encoding": encoding}
    )
    frame = tables["rows"].to_pandas(types_mapper=_as_text)

    heads = _match_heads(frame, noun, mapping, path.name)
    texts = {name: _translated(frame[head], name, mapping) for name, head in heads.items()}
    for name, text in mapping.constants.items():
        texts[name] = pd.Series(text, index=frame.index, dtype="str")
    texts |= {name: frame[name] for name in POSITIONS if name in frame}
    table = SourceTable(
        file_name=path.name,
        source=options.source or mapping.source or noun,
        noun=noun,
        rows=frame[ROW].to_numpy(np.int64),
        texts=texts,
        heads=heads,
        mapping=mapping,
        crs=options.crs or mapping.crs,
        date_order=options.date_order or mapping.date_order,
        faults=RowFaults(frame[ROW].to_numpy(np.int64)),
        inferred=_inferred(facts, encoding),
    )
    _note_form(table, frame, facts)
    return table


# -------------------------------------------------------------------------------------------


def _check_options(options: ReadOptions) -> None:
    if options.date_order not in (None, *DATE_ORDERS):
        raise UsageError(
            f"The order of a date is one of {', '.join(DATE_ORDERS)}.", code="date_order_invalid"
        )
    if options.sheet is not None:
        raise UsageError(
            "A sheet can be named for a workbook only; save the sheet as CSV.",
            code="sheet_not_accepted",
        )


def _as_text(kind: Any) -> Any:
    return pd.StringDtype(storage="pyarrow", na_value=np.nan) if str(kind) == "string" else None


def _match_heads(
    frame: pd.DataFrame, noun: str, mapping: SourceMapping, file_name: str
) -> dict[str, str]:
    present = [str(head) for head in frame if not str(head).startswith("@")]
    folded: dict[str, str] = {}
    for head in present:
        folded.setdefault(fold_header(head), head)
    absent = sorted(set(mapping.columns.values()) - set(present))
    if absent:
        raise InputRefusedError(
            f"{file_name} has no column {absent[0][:64]!r}, which the mapping names; its columns "
            f"are {', '.join(head[:64] for head in present[:20])}.",
            code="column_missing",
        )
    taken = set(mapping.columns.values())
    heads = dict(mapping.columns)
    for name, words in header_words(noun).items():
        found = next(
            (folded[word] for word in words if folded.get(word) not in {None, *taken}), None
        )
        if name not in heads and name not in mapping.constants and found is not None:
            heads[name] = found
            taken.add(found)
    return heads


def _translated(texts: pd.Series, name: str, mapping: SourceMapping) -> pd.Series:
    words = mapping.values.get(name)
    return texts.replace(words) if words else texts


def _inferred(facts: dict[str, Any], encoding: str | None) -> dict[str, Any]:
    inferred: dict[str, Any] = {key: facts[key] for key in ("format", "delimiter") if key in facts}
    if encoding is None and "encoding" in facts:
        inferred["encoding"] = facts["encoding"]
    if facts.get("crs"):
        inferred["crs_of_file"] = facts["crs"]
    return inferred


def _note_form(table: SourceTable, frame: pd.DataFrame, facts: dict[str, Any]) -> None:
    if table.heads:
        table.inferred["columns"] = dict(sorted(table.heads.items()))
    mixed = [str(head) for head in frame if mixes_alphabets(str(head))]
    if mixed:
        table.warnings.append(
            f"header_look_alike: {mixed[0][:64]!r} mixes Latin and Cyrillic letters."
        )
    if facts.get("cut_off"):
        table.warnings.append(
            "page_cut_off: the server had more rows than it gave; ask for the next pages too."
        )
    form = frame[FAULT].dropna().str.split("\t", n=1, expand=True)
    for column, code in sorted(set(form.itertuples(index=False, name=None))) if len(form) else ():
        at = form.index[(form[0] == column) & (form[1] == code)]
        table.faults.add(frame.index.isin(at), column, code)
