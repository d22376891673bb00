"""The rows of a GeoPackage, read with SQLite alone, never with GDAL.

Only tables of features that its own list of contents names and that are plain tables are read; a
geometry that cannot be read spoils its row, not the file.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import shapely

from data.importers.parsing.cell_texts import value_text
from data.importers.parsing.guarded_database import GuardedDatabase, damaged, open_guarded
from data.importers.parsing.positions import BROKEN, Position, position_columns, shape_position
from data.importers.parsing.raw_columns import (
    RAW,
    ROW,
    Block,
    Rows,
    refusal,
    row_digest,
)

SQLITE_START = b"SQLite format 3\x00"

_APPLICATIONS = (b"GPKG", b"GP10", b"GP11")
_ENVELOPES = {0: 0, 1: 32, 2: 48, 3: 48, 4: 64}  # bytes, by the code in the flags
_GEOMETRY_HEAD = struct.Struct("<2sBB")
_EMPTY = 0b0001_0000  # in the flags, the fourth byte


@dataclass(frozen=True)
class _Layer:
    """A table of features: its names in the database and its columns."""

    table: str
    geometry: str | None
    columns: dict[str, str]
    crs: str | None


def read_geopackage(path: Path, options: dict[str, Any], facts: dict[str, Any]) -> Rows:
    """Return the rows of the one table of features, or of the one that is named.

    Parameters
    ----------
    path
        The file.
    options
        ``sheet``: name of the table, or None.
    facts
        Gains ``sheets`` and ``crs``.

    Raises
    ------
    InputRefusedError
        ``format_mismatch``, ``file_damaged``, ``database_open``, ``database_unsafe``,
        ``layer_ambiguous``, ``sheet_unknown``, ``no_rows``.
    """
    _check_header(path)
    layer = _layer(path, options.get("sheet"))
    facts["sheets"] = [layer.table]
    facts["crs"] = layer.crs
    heads = tuple(name for name in layer.columns if name != layer.geometry)
    return Rows(heads, _blocks(path, layer, heads), positioned=True)


def read_shapes(path: Path, sheet: str | None) -> tuple[list[Any], str | None]:
    """Return the geometries of the one table of features, or of the one that is named.

    Returns
    -------
    tuple
        Shapely geometries, None for what is missing or broken; and the CRS, None where it names
        none.

    Raises
    ------
    InputRefusedError
        As `read_geopackage`.
    """
    _check_header(path)
    layer = _layer(path, sheet)
    if layer.geometry is None:
        return [], layer.crs
    asked = f"SELECT {_quoted(layer.geometry)} FROM {_quoted(layer.table)}"
    with closing(open_guarded(path)) as database:
        return [_shape(blob) for rows in database.read(asked) for (blob,) in rows], layer.crs


# -------------------------------------------------------------------------------------------


def _check_header(path: Path) -> None:
    with path.open("rb") as file:
        head = file.read(100)
    size = path.stat().st_size
    if any(file.is_file() and file.stat().st_size for file in _journals(path)):
        raise refusal(
            "database_open",
            f"{path.name} has a journal beside it with rows that are not in it yet; close it in "
            "the program that made it, and bring it again.",
        )
    if len(head) < 100 or not head.startswith(SQLITE_START):
        raise damaged(path)
    page = int.from_bytes(head[16:18], "big")
    page = 65536 if page == 1 else page
    pages = int.from_bytes(head[28:32], "big")
    if page < 512 or page & (page - 1) or pages * page > size:
        raise damaged(path)
    application, version = head[68:72], int.from_bytes(head[60:64], "big")
    if application not in _APPLICATIONS:
        raise refusal(
            "format_mismatch",
            f"{path.name} is a SQLite database but no GeoPackage (application id "
            f"{application.hex()}, version {version}); export it as a GeoPackage.",
        )


def _journals(path: Path) -> list[Path]:
    return [path.with_name(path.name + ending) for ending in ("-wal", "-journal")]


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _layer(path: Path, wanted: str | None) -> _Layer:
    with closing(open_guarded(path)) as database:
        # Real tables only: a view or a virtual table of the same name is passed over.
        real = database.read_all(
            "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND rootpage > 0"
        )
        plain = {str(name).lower(): str(name) for name, _ in real}
        if not {"gpkg_contents", "gpkg_geometry_columns", "gpkg_spatial_ref_sys"} <= set(plain):
            raise damaged(path)
        contents = database.read_all(
            "SELECT table_name FROM gpkg_contents WHERE data_type = 'features'"
        )
        names = [plain[str(name).lower()] for (name,) in contents if str(name).lower() in plain]
        table = _chosen(names, wanted, path)
        return _Layer(table, *_described(database, table))


def _chosen(names: list[str], wanted: str | None, path: Path) -> str:
    listed = ", ".join(repr(name[:64]) for name in names[:20])
    if not names:
        raise refusal("no_rows", f"{path.name} has no table of features; nothing was stored.")
    if wanted is not None and wanted not in names:
        raise refusal(
            "sheet_unknown", f"{path.name} has no layer {wanted[:64]!r}; it has {listed}."
        )
    if wanted is None and len(names) > 1:
        raise refusal(
            "layer_ambiguous", f"{path.name} has several layers: {listed}; name one of them."
        )
    return wanted or names[0]


def _described(
    database: GuardedDatabase, table: str
) -> tuple[str | None, dict[str, str], str | None]:
    columns = {
        str(row[1]): str(row[2]).upper()
        for row in database.read_all(f"PRAGMA table_info({_quoted(table)})")
    }
    named = database.read_all(
        "SELECT column_name, srs_id FROM gpkg_geometry_columns WHERE table_name = ?", (table,)
    )
    geometry = next((str(name) for name, _ in named if name in columns), None)
    systems = database.read_all(
        "SELECT organization, organization_coordsys_id FROM gpkg_spatial_ref_sys WHERE srs_id = ?",
        (named[0][1] if named else None,),
    )
    for authority, code in systems:
        if isinstance(code, int) and code > 0 and str(authority).isalpha():
            return geometry, columns, f"{str(authority).upper()}:{code}"
    return geometry, columns, None


def _blocks(path: Path, layer: _Layer, heads: tuple[str, ...]) -> Iterator[Block]:
    listed = ", ".join(map(_quoted, layer.columns))
    places = [place for place, name in enumerate(layer.columns) if name != layer.geometry]
    at = next((p for p, name in enumerate(layer.columns) if name == layer.geometry), None)
    truths = {p for p, kind in enumerate(layer.columns.values()) if kind == "BOOLEAN"}
    first = 1
    with closing(open_guarded(path)) as database:
        for rows in database.read(f"SELECT {listed} FROM {_quoted(layer.table)}"):
            texts = [
                [_text(row[place], is_truth=place in truths) for place in places] for row in rows
            ]
            shapes = [_position(row[at]) if at is not None else Position() for row in rows]
            columns = dict(zip(heads, zip(*texts, strict=True), strict=True))
            raw = [row_digest([*cells, *shape]) for cells, shape in zip(texts, shapes, strict=True)]
            numbers = range(first, first + len(rows))
            yield {**columns, **position_columns(shapes), ROW: numbers, RAW: raw}
            first += len(rows)


def _text(value: Any, *, is_truth: bool) -> str | None:
    if is_truth and value in (0, 1):
        return "true" if value else "false"
    return value_text(value) or None


def _position(blob: Any) -> Position:
    if blob is None:
        return Position()
    shape = _shape(blob)
    if shape is None:
        return BROKEN
    return Position() if blob[3] & _EMPTY else shape_position(shape)


def _shape(blob: Any) -> Any:
    """Return the geometry that a blob holds; None where it holds none that can be read."""
    if not isinstance(blob, bytes) or len(blob) < 8:
        return None
    magic, version, flags = _GEOMETRY_HEAD.unpack_from(blob)
    envelope = _ENVELOPES.get(flags >> 1 & 0b111)
    extended = flags & 0b0010_0000
    if magic != b"GP" or version != 0 or envelope is None or extended:
        return None
    start = 8 + envelope
    if len(blob) < start + 5:  # byte order and type
        return None
    return shapely.from_wkb(blob[start:], on_invalid="ignore")
