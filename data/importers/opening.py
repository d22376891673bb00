"""Open a table from outside: its cells as text, under the names of our fields.

The bytes are read in a confined child (`data.importers.parsing.table_parsers`). Here the mapping
file and the heads decide which column is which field; what was not declared is written down as
inferred.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from data.importers.header_words import match_heads, mixes_alphabets
from data.importers.mapped_columns import TEXT
from data.importers.mapping import DATE_ORDERS, SourceMapping, read_mapping
from data.importers.mapping_files import find_saved_mapping
from data.importers.parsing.isolation import Parsed, check_file, run_isolated
from data.importers.parsing.raw_columns import (
    AREA,
    FAULT,
    GEOMETRY,
    LINE,
    RAW,
    ROW,
    SHEET,
    X,
    Y,
)
from data.importers.parsing.table_parsers import parse_table
from data.importers.report import RowFaults
from data.importers.tabular import ReadOptions, SourceTable
from data.importers.values.clean_texts import clean_texts
from geo.errors import InputRefusedError, UsageError

TABLES = ("csv", "xlsx", "geojson", "gpkg", "shapefile")
"""Formats in which a table of any noun may come."""

PROPOSAL_ROWS = 1000

_POSITIONS = (X, Y, GEOMETRY, LINE, AREA)
_WITH_SHEETS = ("xlsx", "gpkg", "shapefile")
_NOT_INFERRED = frozenset({"crs", "cut_off", "letters_lost"})
CELL_ERROR = "cell_error"
"""A formula that failed; it spoils a row only where the column is read."""

_UNTOLD: tuple[Any, ...] = (None, 0, [], {})


def read_source_table(
    path: Path, noun: str, options: ReadOptions, accepted: tuple[str, ...] = TABLES
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
    _check_options(options)
    mapping = read_mapping(options.mapping)
    declared = {
        "encoding": options.encoding or mapping.encoding,
        "sheet": options.sheet or mapping.sheet,
    }
    parsed = run_isolated(parse_table, path, {"accepted": list(accepted), **declared})
    if options.sheet and parsed.facts["format"] not in _WITH_SHEETS:
        raise UsageError(
            "A sheet or layer can be named for a workbook, GeoPackage or Shapefile only.",
            code="sheet_not_accepted",
        )
    kept = None
    if options.mapping is None and options.mappings is not None:
        heads = parsed.tables["rows"].column_names
        kept = find_saved_mapping(options.mappings, noun, heads, options.source)
    table = _named(parsed, noun, kept.mapping if kept else mapping, options, path.name)
    if kept:
        table.inferred["mapping"] = kept.file.name
    if declared["encoding"]:
        table.inferred.pop("encoding", None)
    clean_texts(table)
    table.columns.release()
    return table


def first_rows(parsed: Parsed) -> pd.DataFrame:
    """Return the rows that a proposal is made from, under the heads of the file."""
    few = parsed.tables["rows"].slice(0, PROPOSAL_ROWS)
    frame: pd.DataFrame = few.to_pandas(types_mapper=_as_text)
    return frame


# -------------------------------------------------------------------------------------------


def _check_options(options: ReadOptions) -> None:
    if options.date_order not in (None, *DATE_ORDERS):
        raise UsageError(
            f"The order of a date is one of {', '.join(DATE_ORDERS)}.", code="date_order_invalid"
        )


def _named(
    parsed: Parsed, noun: str, mapping: SourceMapping, options: ReadOptions, file_name: str
) -> SourceTable:
    """Put the parsed columns under the names of our fields."""
    raw, facts = parsed.tables["rows"], parsed.facts
    _check_declared(raw.column_names, mapping, file_name)
    heads = match_heads(raw.column_names, noun, mapping)
    wanted = [name for name in (*heads.values(), *_POSITIONS) if name in raw.column_names]
    frame = raw.select(list(dict.fromkeys(wanted))).to_pandas(types_mapper=_as_text)
    rows = raw[ROW].to_numpy().astype(np.int64, copy=False)
    texts = {name: _translated(frame[head], name, mapping) for name, head in heads.items()}
    register = {"register": mapping.register} if mapping.register else {}
    for name, text in (mapping.constants | register).items():
        texts[name] = pd.Series(text, index=range(len(rows)), dtype="str")
    texts |= {name: frame[name] for name in _POSITIONS if name in frame}
    table = SourceTable(
        file_name=file_name,
        source=options.source or mapping.source or noun,
        noun=noun,
        rows=rows,
        texts=texts,
        heads=heads,
        mapping=mapping,
        crs=options.crs or mapping.crs,
        date_order=options.date_order or mapping.date_order,
        faults=RowFaults(rows, _sheets(raw), raw[RAW]),
        inferred=_inferred(facts),
        columns=parsed.columns,
    )
    _note_form(table, raw, facts)
    return table


def _as_text(kind: Any) -> Any:
    return TEXT if kind == pa.large_string() else None


def _sheets(raw: pa.Table) -> npt.NDArray[np.object_] | None:
    if SHEET not in raw.column_names or raw[SHEET].null_count == raw.num_rows:
        return None
    return np.asarray(raw[SHEET].to_numpy(zero_copy_only=False), object)


def _check_declared(present: list[str], mapping: SourceMapping, file_name: str) -> None:
    own = [head for head in present if not head.startswith("@")]
    absent = sorted(set(mapping.columns.values()) - set(own))
    if absent:
        raise InputRefusedError(
            f"{file_name} has no column {absent[0][:64]!r}, which the mapping names; its columns "
            f"are {', '.join(head[:64] for head in own[:20])}.",
            code="column_missing",
        )


def _translated(texts: pd.Series, name: str, mapping: SourceMapping) -> pd.Series:
    words = mapping.values.get(name)
    return texts.replace(words) if words else texts


def _inferred(facts: dict[str, Any]) -> dict[str, Any]:
    """Return what the parser read off the file and nobody declared."""
    told = {name: fact for name, fact in facts.items() if name not in _NOT_INFERRED}
    inferred = {name: fact for name, fact in told.items() if fact not in _UNTOLD}
    if facts.get("crs"):
        inferred["crs_of_file"] = facts["crs"]
    return inferred


def _note_form(table: SourceTable, raw: pa.Table, facts: dict[str, Any]) -> None:
    if table.heads:
        table.inferred["columns"] = dict(sorted(table.heads.items()))
    mixed = [head for head in raw.column_names if mixes_alphabets(head)]
    if mixed:
        table.warnings.append(
            f"header_look_alike: {mixed[0][:64]!r} mixes Latin and Cyrillic letters."
        )
    if facts.get("letters_lost"):
        table.warnings.append(
            f"letters_lost: {facts['letters_lost']} cells hold ? where the writer had no letter; "
            "export the file in UTF-8, the letters cannot be brought back."
        )
    if facts.get("cut_off"):
        table.warnings.append(
            "page_cut_off: the server had more rows than it gave; ask for the next pages too."
        )
    faults = raw[FAULT]
    for fault in sorted(filter(None, faults.unique().to_pylist())):
        column, _, code = fault.partition("\t")
        if code == CELL_ERROR and column not in table.heads.values():
            continue
        at = pc.fill_null(pc.equal(faults, fault), False).to_numpy()
        table.faults.add(at, column, code)
