"""The columns of features in JSON: GeoJSON, or the pages of an ArcGIS layer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from data.importers.parsing.positions import (
    BROKEN,
    NOT_A_POINT,
    Position,
    line_position,
    position_columns,
    ring_position,
)
from data.importers.parsing.raw_columns import (
    BLOCK_ROWS,
    FAULT,
    RAW,
    ROW,
    Block,
    Rows,
    refusal,
    row_digest,
)

_LAST_EPSG = 32767  # ArcGIS numbers its own systems above
_LONGEST_WKID = 8


class Number(str):
    """The digits of a JSON number as they were written."""

    __slots__ = ()


def read_features(document: Any, kind: str, facts: dict[str, Any]) -> Rows:
    """Return the rows of a document's features.

    Parameters
    ----------
    document
        GeoJSON or ArcGIS JSON, its numbers read as `Number`.
    kind
        ``geojson`` or ``arcgis``.
    facts
        Gains ``crs`` and ``cut_off``: whether the server had more than it gave.
    """
    facts["crs"], facts["cut_off"] = _declared_crs(document), _is_cut_off(document)
    features = document.get("features", [document])
    if not isinstance(features, list):
        raise refusal("json_invalid", "The features of the file are no list; export it again.")
    inner = "attributes" if kind == "arcgis" else "properties"
    heads = dict.fromkeys(
        head for feature in features for head in _record(feature, inner) or () if _is_head(head)
    )
    return Rows(tuple(heads), _blocks(features, tuple(heads), kind), positioned=True)


# -------------------------------------------------------------------------------------------


def _is_head(head: str) -> bool:
    return bool(head) and not head.startswith("@")


def _record(feature: Any, inner: str) -> dict[str, Any] | None:
    record = feature.get(inner) if isinstance(feature, dict) else None
    return record if isinstance(record, dict) else None


def _blocks(features: list[Any], heads: tuple[str, ...], kind: str) -> Iterator[Block]:
    inner = "attributes" if kind == "arcgis" else "properties"
    for start in range(0, len(features), BLOCK_ROWS):
        part = features[start : start + BLOCK_ROWS]
        records = [_record(feature, inner) for feature in part]
        columns: Block = {
            head: [_json_cell(record.get(head)) if record else None for record in records]
            for head in heads
        }
        places = [
            _position(feature.get("geometry"), kind) if isinstance(feature, dict) else Position()
            for feature in part
        ]
        positions = position_columns(places)
        raw = [
            row_digest(cells) for cells in zip(*columns.values(), *positions.values(), strict=True)
        ]
        yield {
            **columns,
            ROW: range(start + 1, start + len(part) + 1),
            RAW: raw,
            FAULT: [None if record is not None else "\trow_shape" for record in records],
            **positions,
        }


def _position(geometry: Any, kind: str) -> Position:
    if not isinstance(geometry, dict):
        return Position()
    if kind == "arcgis" and "type" not in geometry:
        if "x" in geometry:
            return Position(_json_cell(geometry["x"]), _json_cell(geometry.get("y")), "Point")
        if "paths" in geometry:
            return _line(geometry["paths"])
        return NOT_A_POINT if geometry else Position()
    at = geometry.get("coordinates")
    if geometry.get("type") == "LineString":
        return _line([at])
    if geometry.get("type") == "MultiLineString":
        return _line(at)
    if geometry.get("type") in ("Polygon", "MultiPolygon"):
        return _area([at] if geometry["type"] == "Polygon" else at)
    if geometry.get("type") != "Point":
        return NOT_A_POINT
    if not isinstance(at, list) or not at:
        return Position()
    numbers = [value for value in at if isinstance(value, Number)]
    if len(at) < 2 or len(numbers) < len(at):  # a height that is no number spoils the point
        return BROKEN
    return Position(str(at[0]), str(at[1]), "Point")


def _line(parts: Any) -> Position:
    try:
        return line_position([[(float(x), float(y)) for x, y, *_ in part] for part in parts])
    except (TypeError, ValueError):  # no list, or no pair of numbers
        return BROKEN


def _area(polygons: Any) -> Position:
    try:
        rings = [
            [[(float(x), float(y)) for x, y, *_ in ring] for ring in polygon]
            for polygon in polygons
        ]
    except (TypeError, ValueError):
        return BROKEN
    return ring_position(rings) if rings and all(rings) else NOT_A_POINT


def _declared_crs(document: dict[str, Any]) -> str | None:
    reference = document.get("spatialReference")
    if isinstance(reference, dict):
        code = str(reference.get("latestWkid") or reference.get("wkid") or "")
        if not (code.isascii() and code.isdigit()) or len(code) > _LONGEST_WKID:
            return None
        return f"{'ESRI' if int(code) > _LAST_EPSG else 'EPSG'}:{code}"
    member = document.get("crs")
    named = member.get("properties") if isinstance(member, dict) else None
    name = named.get("name") if isinstance(named, dict) else None
    return str(name) if name else None


def _is_cut_off(document: dict[str, Any]) -> bool:
    inner = document.get("properties")
    outer = inner if isinstance(inner, dict) else {}
    return bool(document.get("exceededTransferLimit") or outer.get("exceededTransferLimit"))


def _json_cell(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return str(value)
    return json.dumps(value, ensure_ascii=False)
