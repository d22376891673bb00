"""Read the bytes of a table from outside: CSV, GeoJSON or the JSON of an ArcGIS layer.

These functions run in a confined child (`data.importers.parsing.isolation`). What a file is, is
judged by its content; a name that says otherwise is refused. No value is interpreted: every cell
comes back
as text, a missing one as null, under the file's own heads, with the columns of
`data.importers.parsing.raw_columns`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa

from data.importers.parsing.csv_columns import csv_columns
from data.importers.parsing.feature_columns import Number, feature_columns
from data.importers.parsing.personal import check_personal
from data.importers.parsing.raw_columns import FAULT, GEOMETRY, ROW, X, Y, refusal

NAMES = {"csv": "CSV", "geojson": "GeoJSON", "arcgis": "JSON pages of the official layer"}

_SUFFIXES = {".csv": "csv", ".tsv": "csv", ".geojson": "geojson"}
_STARTS = {
    b"PK\x03\x04": "a ZIP archive or an Office document",
    b"PK\x05\x06": "an empty ZIP archive",
    b"SQLite format 3\x00": "a SQLite database or GeoPackage",
    b"%PDF": "a PDF document",
    b"\x1f\x8b": "a gzip archive",
    b"BZh": "a bzip2 archive",
    b"\xd0\xcf\x11\xe0": "an old Office document",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"fgb": "FlatGeobuf",
    b"PAR1": "Parquet",
    b"<": "XML or HTML",
}


def parse_table(path: Path, options: dict[str, Any]) -> tuple[dict[str, pa.Table], dict[str, Any]]:
    """Read a table whole.

    Parameters
    ----------
    path
        The file.
    options
        ``accepted``: list of ``csv``, ``geojson``, ``arcgis``; ``encoding``: of a CSV, or None.

    Raises
    ------
    InputRefusedError
        ``file_empty``, ``format_not_accepted``, ``format_mismatch``, ``encoding_unknown``,
        ``json_invalid``, ``csv_invalid``, ``header_duplicate``, ``too_many_columns``, ``no_rows``
        or ``personal_data``.
    """
    content = path.read_bytes()
    if not content.strip(b"\xef\xbb\xbf \t\r\n\x1a"):
        raise refusal("file_empty", f"{path.name} is empty; bring a file with rows.")
    kind, document = _recognise(content, path, options)

    if kind == "csv":
        columns, facts = csv_columns(content, path, options["encoding"])
    else:
        columns, facts = feature_columns(document, kind)
    if not columns[ROW]:
        raise refusal("no_rows", f"{path.name} has heads but no row; nothing was stored.")

    data = {name: values for name, values in columns.items() if not name.startswith("@")}
    texts = pa.table({name: pa.array(values, pa.string()) for name, values in data.items()})
    for row, found in enumerate(check_personal(texts, path.name)):
        if found and columns[FAULT][row] is None:
            columns[FAULT][row] = f"{found}\tpii_in_text"
    own = {name: pa.array(values, pa.string()) for name, values in columns.items() if name in
           (FAULT, X, Y, GEOMETRY)}  # fmt: skip
    own[ROW] = pa.array(columns[ROW], pa.int64())
    for name, values in own.items():
        texts = texts.append_column(name, values)
    return {"rows": texts}, facts | {"format": kind}


# -------------------------------------------------------------------------------------------


def _recognise(content: bytes, path: Path, options: dict[str, Any]) -> tuple[str, Any]:
    accepted: list[str] = options["accepted"]
    named = _SUFFIXES.get(path.suffix.lower())
    start = content[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    other = next((what for magic, what in _STARTS.items() if start.startswith(magic)), None)
    wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    if other is None and b"\x00" in content[:4096] and not wide:
        other = "binary data"
    document: Any = None
    kind = other or "csv"
    if other is None and start[:1] in (b"{", b"["):
        document = _json(content, path)
        kind = _json_kind(document)

    if kind not in accepted:
        listed = " or ".join(NAMES[name] for name in accepted)
        held = NAMES.get(kind, kind)
        code = "format_mismatch" if named in accepted else "format_not_accepted"
        hint = " Bring it with 'safe-region import kpssu'." if kind == "arcgis" else ""
        raise refusal(code, f"{path.name} holds {held}; accepted here: {listed}.{hint}")
    if named and named != kind and {named, kind} != {"arcgis", "geojson"}:
        raise refusal(
            "format_mismatch",
            f"{path.name} is named {path.suffix} but holds {NAMES[kind]}; rename it.",
        )
    return kind, document


def _json(content: bytes, path: Path) -> Any:
    try:
        text = content.decode("utf-8-sig")
        return json.loads(text, parse_float=Number, parse_int=Number, parse_constant=Number)
    except UnicodeDecodeError as error:
        raise refusal(
            "encoding_unknown", f"{path.name} is JSON but not UTF-8 (byte {error.start})."
        ) from error
    except json.JSONDecodeError as error:
        raise refusal(
            "json_invalid",
            f"{path.name} is broken JSON at line {error.lineno}, column {error.colno}; export it "
            "again.",
        ) from error


def _json_kind(document: Any) -> str:
    if isinstance(document, dict):
        features = document.get("features")
        first = features[0] if isinstance(features, list) and features else None
        if "attributes" in document or (isinstance(first, dict) and "attributes" in first):
            return "arcgis"
        if document.get("type") in {"FeatureCollection", "Feature"}:
            return "geojson"
        if isinstance(features, list):
            return "arcgis"
    return "JSON of another kind"
