"""The rows of a zipped shapefile: a .shp with its .dbf, and .prj and .cpg if they are there.

Everything is read from the archive into memory (it holds at most 200 MiB); pyshp is given bytes
and never a name, because with a name it would open other files, or addresses on the network.
"""

from __future__ import annotations

import io
import struct
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import pyproj
import shapefile
import shapely

from data.importers.parsing.archives import SHAPEFILE_ARCHIVE, check_archive, read_member
from data.importers.parsing.coordinate_systems import epsg_name
from data.importers.parsing.dbf_records import DbfError, DbfTable, open_dbf
from data.importers.parsing.encodings import find_encoding
from data.importers.parsing.positions import (
    BROKEN,
    NOT_A_POINT,
    Position,
    line_position,
    point_position,
    position_columns,
    shape_position,
)
from data.importers.parsing.raw_columns import (
    BLOCK_ROWS,
    RAW,
    ROW,
    Block,
    Rows,
    refusal,
    row_digest,
)
from geo.errors import InputRefusedError

_POINTS = {shapefile.POINT, shapefile.POINTM, shapefile.POINTZ}
_AREAS = {shapefile.POLYGON, shapefile.POLYGONM, shapefile.POLYGONZ}
_LINES = {shapefile.POLYLINE, shapefile.POLYLINEM, shapefile.POLYLINEZ}
_HEAD_BYTES = 100
_LONGEST_PRJ = 100_000
_CODE_PAGES = {"65001": "utf-8", "88591": "latin-1"}


def read_shapefile(path: Path, options: dict[str, Any], facts: dict[str, Any]) -> Rows:
    """Return the rows of the one shapefile in an archive, or of the one that is named.

    Parameters
    ----------
    path
        The archive.
    options
        ``sheet``: name of the shapefile without its suffix; ``encoding``: of its texts. Both may
        be None.
    facts
        Gains ``sheets``, ``encoding``, ``encoding_evidence``, ``crs`` and ``deleted_rows``.

    Raises
    ------
    InputRefusedError
        ``archive_unsafe``, ``file_damaged``, ``layer_ambiguous``, ``sheet_unknown``,
        ``encoding_unknown``, ``header_duplicate``, ``no_rows``.
    """
    members = list(check_archive(path, SHAPEFILE_ARCHIVE))
    name = _chosen(members, options.get("sheet"), path)
    parts = _parts(members, name)
    if ".dbf" not in parts:
        raise refusal("file_damaged", f"{path.name} lacks the .dbf file of its shapefile.")
    table = _table(read_member(path, parts[".dbf"]), path)
    declared = options.get("encoding")
    if declared is None and ".cpg" in parts:
        declared = _code_page(read_member(path, parts[".cpg"]))
    encoding, evidence = _encoding(table, declared, path)

    facts["sheets"] = [PurePosixPath(name).stem]
    facts["encoding"], facts["encoding_evidence"] = encoding, evidence
    facts["crs"] = _crs(read_member(path, parts[".prj"])) if ".prj" in parts else None
    facts["deleted_rows"] = 0
    heads = _heads(table, encoding, path)
    shapes = _shapes(read_member(path, name), table.count, path)
    return Rows(heads, _blocks(table, shapes, encoding, facts, path), positioned=True)


def open_shapes(path: Path, sheet: str | None) -> tuple[shapefile.Reader, str | None]:
    """Open the shapes of the one shapefile in an archive, or of the one that is named.

    Returns
    -------
    tuple
        The shapes without their records, and the CRS, None where it names none.

    Raises
    ------
    InputRefusedError
        As `read_shapefile`, but for what concerns texts.
    """
    members = list(check_archive(path, SHAPEFILE_ARCHIVE))
    name = _chosen(members, sheet, path)
    parts = _parts(members, name)
    crs = _crs(read_member(path, parts[".prj"])) if ".prj" in parts else None
    return _shapes(read_member(path, name), None, path), crs


# -------------------------------------------------------------------------------------------


def _damaged(path: Path) -> InputRefusedError:
    return refusal("file_damaged", f"{path.name} holds a broken shapefile; export it again.")


def _chosen(members: list[str], wanted: str | None, path: Path) -> str:
    found = {PurePosixPath(name).stem: name for name in members if name.lower().endswith(".shp")}
    listed = ", ".join(repr(name[:64]) for name in found)
    if not found:
        raise refusal("format_not_accepted", f"{path.name} holds no shapefile (.shp).")
    if wanted is not None and wanted not in found:
        raise refusal(
            "sheet_unknown", f"{path.name} has no shapefile {wanted[:64]!r}; it has {listed}."
        )
    if wanted is None and len(found) > 1:
        raise refusal(
            "layer_ambiguous", f"{path.name} holds several shapefiles: {listed}; name one of them."
        )
    return found[wanted] if wanted else next(iter(found.values()))


def _parts(members: list[str], name: str) -> dict[str, str]:
    trunk = name[:-4].lower()
    return {
        member[-4:].lower(): member
        for member in members
        if member[:-4].lower() == trunk and member[-4:-3] == "."
    }


def _table(content: bytes, path: Path) -> DbfTable:
    try:
        return open_dbf(content)
    except DbfError as error:
        raise _damaged(path) from error


def _code_page(content: bytes) -> str | None:
    text = content[:64].decode("ascii", "ignore").strip(" \r\n\0").upper()
    number = text.removeprefix("ANSI").removeprefix("CP").removeprefix("WINDOWS").strip(" -_")
    name = _CODE_PAGES.get(number, f"cp{number}") if number.isdigit() else text.lower()
    try:
        b"text".decode(name)
    except (LookupError, ValueError):
        return None  # none that is known: the texts tell
    return name


def _encoding(table: DbfTable, declared: str | None, path: Path) -> tuple[str, str]:
    with tempfile.TemporaryDirectory() as folder:
        texts = Path(folder) / path.name  # its name stands in a refusal
        texts.write_bytes(table.texts())
        found = find_encoding(texts, declared)
    return found.name, found.evidence


def _heads(table: DbfTable, encoding: str, path: Path) -> tuple[str, ...]:
    heads = [field.name.decode(encoding, "replace") for field in table.fields]
    named = [head or f"column {place}" for place, head in enumerate(heads, start=1)]
    if len(set(named)) < len(named) or any(head.startswith("@") for head in named):
        raise refusal("header_duplicate", f"{path.name} has two fields of one name; rename one.")
    return tuple(named)


def _crs(content: bytes) -> str | None:
    text = content[:_LONGEST_PRJ].decode("utf-8", "replace").strip("\ufeff \r\n\0")
    try:
        return epsg_name(pyproj.CRS.from_wkt(text)) or text
    except pyproj.exceptions.CRSError:
        return None


def _shapes(content: bytes, count: int | None, path: Path) -> shapefile.Reader:
    _check_shapes(content, count, path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return shapefile.Reader(shp=io.BytesIO(content))
    except (shapefile.ShapefileException, ValueError, KeyError, struct.error) as error:
        raise _damaged(path) from error


def _check_shapes(content: bytes, count: int | None, path: Path) -> None:
    """Walk along so many shapes, or where the count is not known as far as there are any."""
    # A length of minus four words would lead pyshp to the same shape for ever.
    at, seen = _HEAD_BYTES, 0
    while seen < count if count is not None else content[at : at + 8].strip(b"\0"):
        if at + 12 > len(content):
            raise _damaged(path)
        words = int.from_bytes(content[at + 4 : at + 8], "big", signed=True)
        at, seen = at + 8 + 2 * words, seen + 1
        if words < 2 or at > len(content):
            raise _damaged(path)
    if at != len(content) and content[at:].strip(b"\0"):
        raise _damaged(path)


def _blocks(
    table: DbfTable,
    shapes: shapefile.Reader,
    encoding: str,
    facts: dict[str, Any],
    path: Path,
) -> Iterator[Block]:
    heads = _heads(table, encoding, path)
    held: list[tuple[int, list[str | None], Position]] = []
    for place, record in enumerate(table.records()):
        if record[:1] == b"*":
            facts["deleted_rows"] += 1
            continue
        try:
            cells = table.cells(record, encoding)
        except UnicodeDecodeError as error:
            raise refusal(
                "encoding_unknown",
                f"{path.name}: a text of record {place + 1} is not {encoding}; name its encoding, "
                "such as --encoding cp1251 or --encoding kz1048.",
            ) from error
        held.append((place + 1, cells, _position(shapes, place)))
        if len(held) == BLOCK_ROWS:
            yield _block(heads, held)
            held = []
    if held:
        yield _block(heads, held)


def _block(heads: tuple[str, ...], held: list[tuple[int, list[str | None], Position]]) -> Block:
    numbers, cells, positions = zip(*held, strict=True)
    columns = dict(zip(heads, zip(*cells, strict=True), strict=True))
    raw = [row_digest([*row, *at]) for row, at in zip(cells, positions, strict=True)]
    return {**columns, **position_columns(positions), ROW: numbers, RAW: raw}


def _position(shapes: shapefile.Reader, place: int) -> Position:
    try:
        shape = shapes.shape(place)
    except (shapefile.ShapefileException, ValueError, KeyError, IndexError, struct.error):
        return BROKEN
    if shape is None or shape.shapeType == shapefile.NULL:
        return Position()
    if shape.shapeType in _POINTS:
        return point_position(*shape.points[0][:2])
    if shape.shapeType in _AREAS:
        return _area(shape)
    if shape.shapeType not in _LINES:
        return NOT_A_POINT
    ends = [*shape.parts[1:], len(shape.points)]
    return line_position(
        [shape.points[start:end] for start, end in zip(shape.parts, ends, strict=True)]
    )


def _area(shape: Any) -> Position:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return shape_position(shapely.geometry.shape(shape.__geo_interface__))
    except (shapefile.ShapefileException, shapely.GEOSException, ValueError, IndexError):
        return BROKEN
