"""The rows of a GeoParquet file, read with Arrow alone; the function runs in a confined child.

Plain columns become text; lists, structures and other geometries than the first are passed over.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pyproj
import shapely

from data.importers.parsing.cell_texts import value_text
from data.importers.parsing.coordinate_systems import epsg_name
from data.importers.parsing.positions import BROKEN, Position, position_columns, shape_position
from data.importers.parsing.raw_columns import (
    BLOCK_ROWS,
    RAW,
    ROW,
    Block,
    Rows,
    refusal,
    row_digest,
)
from geo.study_area import WGS84

_MOST_COLUMNS = 500
_LONGITUDE_FIRST = ("OGC", "CRS84")


def read_parquet(path: Path, options: dict[str, Any], facts: dict[str, Any]) -> Rows:
    """Return the rows of a file, with positions where it names a column of geometries.

    Parameters
    ----------
    path
        The file.
    options
        None are read.
    facts
        Gains ``crs``; a file with geometries that names none is in WGS84.

    Raises
    ------
    InputRefusedError
        ``file_damaged``, ``too_many_columns``, ``format_not_accepted`` (geometries that are not
        WKB).
    """
    del options
    try:
        file = pq.ParquetFile(path)
        schema, told = file.schema_arrow, file.schema_arrow.metadata or {}
    except (pa.ArrowException, OSError) as error:
        raise _damaged(path) from error
    if len(schema) > _MOST_COLUMNS:
        raise refusal("too_many_columns", f"{path.name} has more than {_MOST_COLUMNS} columns.")
    geometry = None
    if b"geo" in told:
        geometry, facts["crs"] = _geometry_of(told[b"geo"], schema, path)
    heads = tuple(
        one.name
        for one in schema
        if not pa.types.is_nested(one.type)
        and not pa.types.is_binary(one.type)
        and not pa.types.is_large_binary(one.type)
        and one.name.strip()
        and not one.name.startswith("@")
    )
    if len(set(heads)) < len(heads):
        raise refusal("header_duplicate", f"{path.name} has two columns of one name; rename one.")
    return Rows(heads, _blocks(file, heads, geometry, path), positioned=geometry is not None)


# -------------------------------------------------------------------------------------------


def _damaged(path: Path) -> Exception:
    return refusal("file_damaged", f"{path.name} holds broken Parquet; export it again.")


def _geometry_of(told: bytes, schema: pa.Schema, path: Path) -> tuple[str, str | None]:
    """Return the name of the column of geometries and its CRS."""
    try:
        geo = json.loads(told)
        name = str(geo["primary_column"])
        column = geo["columns"][name]
        encoding = column["encoding"]
    except (ValueError, KeyError, TypeError) as error:
        raise _damaged(path) from error
    if encoding != "WKB" or name not in schema.names:
        raise refusal(
            "format_not_accepted",
            f"{path.name} holds geometries that are not WKB; export it as GeoParquet with WKB.",
        )
    return name, _crs(column) if "crs" in column else WGS84


def _crs(column: dict[str, Any]) -> str | None:
    written = column["crs"]
    if not isinstance(written, dict):
        return None
    identity = written.get("id") or {}
    if (identity.get("authority"), identity.get("code")) == _LONGITUDE_FIRST:
        return WGS84
    try:
        system = pyproj.CRS.from_json_dict(written)
    except (pyproj.exceptions.CRSError, KeyError, TypeError):
        return None
    return epsg_name(system) or system.to_wkt()


def _blocks(
    file: pq.ParquetFile, heads: tuple[str, ...], geometry: str | None, path: Path
) -> Iterator[Block]:
    wanted = [*heads, *([geometry] if geometry else [])]
    first = 1
    try:
        for batch in file.iter_batches(BLOCK_ROWS, columns=wanted, use_threads=False):
            cells = [_texts(batch, head) for head in heads]
            shapes = [_position(blob) for blob in _values(batch, geometry)] if geometry else []
            positions = position_columns(shapes) if geometry else {}
            told = [*cells, *positions.values()]
            raw = [row_digest(row) for row in zip(*told, strict=True)]
            numbers = range(first, first + batch.num_rows)
            yield {**dict(zip(heads, cells, strict=True)), **positions, ROW: numbers, RAW: raw}
            first += batch.num_rows
    except (pa.ArrowException, OSError) as error:
        raise _damaged(path) from error


def _texts(batch: pa.RecordBatch, name: str) -> list[str | None]:
    return [value_text(value) or None for value in _values(batch, name)]


def _values(batch: pa.RecordBatch, name: str) -> list[Any]:
    column = batch.column(name)
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    values: list[Any] = column.to_pylist()
    return values


def _position(blob: Any) -> Position:
    if blob is None:
        return Position()
    shape = None
    with suppress(shapely.GEOSException, TypeError):
        shape = shapely.from_wkb(blob, on_invalid="ignore")
    return BROKEN if shape is None else shape_position(shape)
