"""What a file from outside is, judged by its content."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

from data.importers.parsing.encodings import wide_encoding
from data.importers.parsing.feature_columns import Number
from data.importers.parsing.raw_columns import refusal

NAMES = {
    "csv": "CSV",
    "xlsx": "XLSX",
    "geojson": "GeoJSON",
    "gpkg": "GeoPackage",
    "shapefile": "zipped Shapefile",
    "parquet": "GeoParquet",
    "lines": "plain text",
    "gpx": "GPX",
    "arcgis": "JSON pages of the official layer",
    "osm": "OSM extract",
}
SUFFIXES = {
    ".csv": "csv",
    ".tsv": "csv",
    ".geojson": "geojson",
    ".xlsx": "xlsx",
    ".xlsm": "xlsx",
    ".gpkg": "gpkg",
    ".parquet": "parquet",
    ".geoparquet": "parquet",
    ".gpx": "gpx",
}
START_BYTES = 4096

_STARTS = {
    b"%PDF": ("a PDF document", "ask for the table itself"),
    b"\x1f\x8b": ("a gzip archive", "unpack it"),
    b"BZh": ("a bzip2 archive", "unpack it"),
    b"7z\xbc\xaf": ("a 7z archive", "unpack it"),
    b"Rar!": ("a RAR archive", "unpack it"),
    b"\xd0\xcf\x11\xe0": ("an old Office document (such as .xls)", "save it as .xlsx"),
    b"\t\x08": ("an old Excel workbook", "save it as .xlsx"),
    b"{\\rtf": ("a text document (RTF)", "save its table as .xlsx or CSV"),
    b"\x89PNG": ("a picture", "ask for the table itself"),
    b"\xff\xd8\xff": ("a picture", "ask for the table itself"),
    b"fgb": ("FlatGeobuf", "export GeoJSON or GeoPackage"),
    b"ARROW1": ("Arrow", "export CSV"),
    b"\x00\x00'\n": ("a bare .shp", "zip it with its .dbf, .shx and .prj"),
}
_PAGES = (b"<html", b"<!doctype html", b"<table", b"<head", b"<body", b"<meta", b"<style")
_UNKNOWN_XML = ("XML", "export one of the formats named")


def recognise(path: Path) -> tuple[str, str]:
    """Return the kind of a file, a key of `NAMES`, or what else it is and what to do with it.

    JSON is ``json``: what it holds is known once it is read.
    """
    with path.open("rb") as file:
        content = file.read(START_BYTES)
    start = content.removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n\x1a")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "csv", ""
    if content.startswith(b"PAR1"):
        return "parquet", "export CSV or GeoPackage"
    for magic, (what, way) in _STARTS.items():
        if content.startswith(magic) or start.startswith(magic):
            return what, way
    if start.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _kind_of_archive(path)
    if start.startswith(b"SQLite format 3\x00"):
        return "gpkg", ""
    if b"OSMHeader" in content[:64]:
        return "osm", ""
    if start.startswith(b"<"):
        return _kind_of_markup(start.lower())
    if b"\x00" in content:
        return ("csv", "") if wide_encoding(content) else ("binary data", "export CSV or XLSX")
    return ("json" if start[:1] in (b"{", b"[") else "csv"), ""


def read_json(path: Path) -> Any:
    """Return a JSON document, its numbers as they were written.

    Raises
    ------
    InputRefusedError
        ``encoding_unknown`` or ``json_invalid``.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
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


def kind_of_json(document: Any) -> tuple[str, str]:
    """Return ``geojson`` or ``arcgis``, or what else a JSON document is and what to do."""
    if isinstance(document, dict):
        features = document.get("features")
        first = features[0] if isinstance(features, list) and features else None
        if "attributes" in document or (isinstance(first, dict) and "attributes" in first):
            return "arcgis", ""
        if document.get("type") in ("FeatureCollection", "Feature"):
            return "geojson", ""
        if isinstance(features, list):
            return "arcgis", ""
    return "JSON of another kind", "export GeoJSON"


# -------------------------------------------------------------------------------------------


def _kind_of_markup(start: bytes) -> tuple[str, str]:
    if b"<!doctype" in start and b"<!doctype html" not in start:
        return "XML with a document type", "export it without one"
    if b"<gpx" in start:
        return "gpx", ""
    if b"<osm" in start:
        return "osm", ""
    if any(sign in start for sign in _PAGES):
        return "a web page (HTML), often named .xls", "open it in a spreadsheet, save it as .xlsx"
    if b"spreadsheet" in start:
        return "an old Excel workbook in XML", "save it as .xlsx"
    if b"<kml" in start:
        return "KML", "export GeoJSON"
    return _UNKNOWN_XML


def _kind_of_archive(path: Path) -> tuple[str, str]:
    try:
        with zipfile.ZipFile(path) as archive:
            names = [name.lower() for name in archive.namelist()]
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError):
        # What it was meant to be is told by its name; its reader says what is broken.
        named = SUFFIXES.get(path.suffix.lower())
        return ("xlsx" if named == "xlsx" else "shapefile"), ""
    if any(name.endswith(".shp") for name in names):
        return "shapefile", ""
    if "xl/workbook.xml" in names:
        return "xlsx", ""
    if any(name.startswith("word/") for name in names):
        return "a text document (DOCX)", "save its table as .xlsx or CSV"
    if "xl/workbook.bin" in names:
        return "a binary workbook (XLSB)", "save it as .xlsx"
    if "content.xml" in names:
        return "an OpenDocument file (ODS)", "save it as .xlsx"
    if any(name.endswith(".kml") for name in names):
        return "zipped KML", "export GeoJSON"
    return "a ZIP archive without a Shapefile", "unpack it and bring the table itself"
