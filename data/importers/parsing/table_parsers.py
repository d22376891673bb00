"""Read a table from outside, whatever format it has, and hand it on as text in Arrow batches.

These functions run in a confined child (`data.importers.parsing.isolation`). What a file is, is
judged by its content; a name that says otherwise is refused. No value is interpreted: every cell
comes back as text, a missing one as null, under the file's own heads, with the columns of
`data.importers.parsing.raw_columns`.
"""

from __future__ import annotations

import codecs
import importlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

import pyarrow as pa

from data.importers.header_words import known_heads
from data.importers.parsing.csv_columns import read_csv
from data.importers.parsing.encodings import CANDIDATES
from data.importers.parsing.feature_columns import read_features
from data.importers.parsing.formats import (
    NAMES,
    SUFFIXES,
    kind_of_json,
    read_json,
    recognise,
)
from data.importers.parsing.raw_columns import Rows, refusal
from data.importers.parsing.row_batches import batch_reader
from data.importers.parsing.sheet_form import read_sheet

ACCEPTED = (
    "CSV, XLSX, GeoJSON, GeoPackage, zipped Shapefile, GPX (patrol traces), OSM PBF or XML "
    "(the map), and the official layer's JSON"
)
"""Everything that is read anywhere; what one noun accepts is less."""

Reader = Callable[[Path, dict[str, Any], dict[str, Any]], Rows]

# Loaded when first needed: whoever only names a format does not wait for its library.
_READERS = {
    "xlsx": ("workbooks", "read_workbook"),
    "gpkg": ("geopackage", "read_geopackage"),
    "shapefile": ("shapefiles", "read_shapefile"),
    "parquet": ("parquet_columns", "read_parquet"),
    "lines": ("text_lines", "read_text_lines"),
    "gpx": ("gpx", "read_gpx"),
}
_BLANK = b"\xef\xbb\xbf\xff\xfe \t\r\n\x1a"


def parse_table(
    path: Path, options: dict[str, Any]
) -> tuple[dict[str, pa.RecordBatchReader], dict[str, Any]]:
    """Begin to read a table; its rows are read as the batches are taken, and facts with them.

    Parameters
    ----------
    path
        The file.
    options
        ``accepted``: list of ``csv``, ``xlsx``, ``geojson``, ``gpkg``, ``shapefile``, ``parquet``,
        ``gpx``, ``arcgis``, ``lines`` (a .txt, each line a row); ``encoding``: of a CSV, or None;
        ``sheet``: of a workbook or GeoPackage; ``only``: heads of the columns that are read, all
        of them where there is no such key. The cells of other columns are neither searched for
        personal data nor handed on.

    Raises
    ------
    InputRefusedError
        ``column_missing``, ``file_empty``, ``format_not_accepted``, ``format_mismatch``,
        ``json_invalid``, ``no_rows``, ``personal_data``, ``text_invalid`` or what the format's
        reader refuses.
    """
    if _is_blank(path):
        raise refusal("file_empty", f"{path.name} is empty; bring a file with rows.")
    kind, way_out = recognise(path)
    document = None
    if kind == "json":
        document = read_json(path)
        kind, way_out = kind_of_json(document)
    if kind == "csv" and path.suffix.lower() == ".txt" and "lines" in options["accepted"]:
        kind = "lines"
    _check_kind(kind, way_out, path, options["accepted"])

    facts: dict[str, Any] = {"format": kind}
    if document is not None:
        rows = read_features(document, kind, facts)
    else:
        rows = _reader(kind)(path, options, facts)
    if "only" in options:
        rows = _narrowed(rows, options["only"], path)
    return {"rows": batch_reader(rows, path, facts)}, facts


def prepare() -> None:
    """Do once, before children are forked, what each of them would do for itself at first use."""
    known_heads()
    for name in CANDIDATES:
        codecs.lookup(name)
    for kind in _READERS:
        _reader(kind)
    # A first table through all steps: most of the time of a small file is Arrow finding its way.
    lines = enumerate([["id", "көше"], ["7", "Абай к-сі, 120001, Орал"]], start=1)
    batch_reader(read_sheet(lines, "", {}), Path(), {}).read_all()


# -------------------------------------------------------------------------------------------


def _is_blank(path: Path) -> bool:
    with path.open("rb") as file:
        while chunk := file.read(1 << 16):
            if chunk.strip(_BLANK):
                return False
    return True


def _reader(kind: str) -> Reader:
    if kind == "csv":
        return read_csv
    module, function = _READERS[kind]
    reader: Reader = getattr(importlib.import_module(f"{__package__}.{module}"), function)
    return reader


def _narrowed(rows: Rows, only: list[str], path: Path) -> Rows:
    absent = next((head for head in only if head not in rows.heads), None)
    if absent is not None:
        listed = ", ".join(repr(head[:64]) for head in rows.heads[:40])
        raise refusal(
            "column_missing",
            f"{path.name} has no column {absent[:64]!r}; its columns are {listed}.",
        )
    return replace(rows, heads=tuple(dict.fromkeys(only)))


def _check_kind(kind: str, way_out: str, path: Path, accepted: list[str]) -> None:
    named = SUFFIXES.get(path.suffix.lower())
    if kind not in accepted:
        _refuse_kind(kind, way_out, path, accepted, misnamed=named in accepted)
    same_family = {named, kind} in ({"arcgis", "geojson"}, {named})
    if named and not same_family:
        raise refusal(
            "format_mismatch",
            f"{path.name} is named {path.suffix} but holds {NAMES[kind]}; rename it.",
        )


def _refuse_kind(
    kind: str, way_out: str, path: Path, accepted: list[str], *, misnamed: bool
) -> NoReturn:
    listed = " or ".join(NAMES[name] for name in accepted)
    hints = {
        "arcgis": "Bring it with 'safe-region import kpssu'.",
        "osm": "Name it as the extract of the town.",
    }
    parts = [
        f"{path.name} holds {NAMES.get(kind, kind)}; accepted here: {listed}.",
        hints.get(kind) or (f"{way_out[0].upper()}{way_out[1:]}." if way_out else ""),
        "" if kind in NAMES else f"Read at all are {ACCEPTED}.",
    ]
    raise refusal(
        "format_mismatch" if misnamed else "format_not_accepted", " ".join(filter(None, parts))
    )
