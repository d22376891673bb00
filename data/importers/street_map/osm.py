"""Read an OpenStreetMap extract (PBF or XML) into plain frames.

A clipped file is welcome: references to nodes that it lacks are dropped and counted, and the
street goes straight on to its next known node. Compressed XML, change files and XML with a
document type are refused before the parser sees them (the latter can make it swell).
"""

from __future__ import annotations

import hashlib
import mmap
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import osmium
import pandas as pd
import pyarrow as pa

from data.importers.parsing.isolation import run_isolated
from data.importers.street_map.osm_elements import Source, collect_elements, collect_streets
from data.importers.street_map.osm_extract import (
    OsmExtract,
    extract_from_arrow,
    extract_hull,
    extract_to_arrow,
)
from data.importers.street_map.osm_frames import Streets, build_extract, build_streets
from geo.errors import InputRefusedError, NoDataError, NotFoundError

__all__ = [
    "OsmExtract",
    "Streets",
    "extract_from_arrow",
    "extract_hull",
    "extract_to_arrow",
    "osm_tables",
    "parse_osm_file",
    "parse_streets",
    "read_osm_file",
]

PBF_START = b"\n\tOSMHeader"
XML_START = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>)?(?:\s|<!--.*?-->)*<(osm|!DOCTYPE)[\s>]", re.DOTALL
)
BAD_COORDINATE = re.compile(
    rb"""(\sl(?:at|on)\s*=\s*)(["'])(?![-+]?1?\d?\d(?:\.\d*)?\2)[^"'<]*\2"""
)
FORMS = ".osm, .osm.xml, .osm.pbf or .pbf"


def read_osm_file(path: Path | str) -> OsmExtract:
    """Read one extract whole, in a confined child process.

    Raises
    ------
    NotFoundError
        ``file_not_found``: there is no such file.
    InputRefusedError
        ``file_empty``, ``format_not_accepted`` (another suffix), ``format_mismatch`` (the content
        is not what the suffix says, or a document type is declared), ``file_damaged``, or what
        stopped the child.
    NoDataError
        ``no_highway``: nothing to walk on.
    """
    return extract_from_arrow(run_isolated(osm_tables, Path(path), {}).tables)


def osm_tables(
    path: Path | str, options: dict[str, Any]
) -> tuple[dict[str, pa.Table], dict[str, Any]]:
    """Parse one extract in this process and return it as Arrow tables and facts.

    There are no options; the argument is the common form of a parser in a child process.
    """
    del options
    extract = parse_osm_file(path)
    return extract_to_arrow(extract), extract.facts


def parse_osm_file(path: Path | str) -> OsmExtract:
    """Read one extract whole in this process; it raises what `read_osm_file` raises."""
    path = Path(path).absolute()
    source = _source(path, _checked_form(path))
    with _damage_named(path):
        date = _header_date(source, path)
        extract = build_extract(*collect_elements(source), source)
    _check_streets(extract.ways, path)
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    extract.facts.update(osm_date=date or extract.facts["osm_date"], sha256=digest)
    return extract


def parse_streets(path: Path | str) -> Streets:
    """Read the streets of an extract alone: several times faster where only they are needed."""
    path = Path(path).absolute()
    source = _source(path, _checked_form(path))
    with _damage_named(path):
        _header_date(source, path)
        streets = build_streets(*collect_streets(source), source)
    _check_streets(streets.ways, path)
    return streets


# -------------------------------------------------------------------------------------------


def _checked_form(path: Path) -> str:
    """Return ``pbf`` or ``osm`` (XML) once suffix and first bytes agree."""
    if not path.is_file():
        raise NotFoundError(f"There is no file {path.name}; check the path.", code="file_not_found")
    name = path.name.lower()
    form = "pbf" if name.endswith(".pbf") else "osm" if name.endswith((".osm", ".osm.xml")) else ""
    if not form:
        raise InputRefusedError(
            f"{path.name} is not taken as a map; bring {FORMS}, not compressed further.",
            code="format_not_accepted",
        )
    with path.open("rb") as file:
        start = file.read(1 << 16)
    if not start:
        raise InputRefusedError(f"{path.name} is empty; bring it again whole.", code="file_empty")
    found = "pbf" if start[4:15] == PBF_START else "osm" if XML_START.match(start) else ""
    if found != form:
        held = {"pbf": "a PBF file", "osm": "OSM XML", "": "something else"}[found]
        raise InputRefusedError(
            f"{path.name} holds {held}, not what its suffix says; give it the suffix of its "
            f"content ({FORMS}) or bring the right file.",
            code="format_mismatch",
        )
    return form


def _source(path: Path, form: str) -> Source:
    """Open the file for pyosmium by its checked form, never by its suffix.

    A coordinate that is no number (or far out of range) makes libosmium give up on the whole XML
    file; such values are replaced by 200 degrees, so that the node is dropped and counted.
    """
    if form == "pbf":
        return osmium.io.File(str(path), form)
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as text:
        if text.find(b"<!DOCTYPE") >= 0 or text.find(b"\0") >= 0:
            raise InputRefusedError(
                f"{path.name} declares a document type or is not UTF-8; a map needs neither. "
                "Bring a plain OSM XML file.",
                code="format_mismatch",
            )
        if BAD_COORDINATE.search(text) is None:
            return osmium.io.File(str(path), form)
        return osmium.io.FileBuffer(BAD_COORDINATE.sub(rb"\1\g<2>200\2", text), form)


@contextmanager
def _damage_named(path: Path) -> Iterator[None]:
    try:
        yield
    except (RuntimeError, ValueError) as error:
        raise InputRefusedError(
            f"{path.name} cannot be read as OpenStreetMap data ({error}); bring it again whole.",
            code="file_damaged",
        ) from error


def _check_streets(ways: pd.DataFrame, path: Path) -> None:
    if ways.empty:
        raise NoDataError(
            f"{path.name} holds no street (no way with a highway tag and two known nodes); bring "
            "an extract with streets.",
            code="no_highway",
        )


def _header_date(source: Source, path: Path) -> str | None:
    header = osmium.io.Reader(source, osmium.osm.NOTHING).header()
    if header.has_multiple_object_versions:
        raise InputRefusedError(
            f"{path.name} holds the history of its objects; bring an extract of one day.",
            code="format_mismatch",
        )
    stamp = header.get("osmosis_replication_timestamp") or header.get("timestamp")
    return stamp[:10] or None
