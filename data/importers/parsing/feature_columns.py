"""The columns of features in JSON: GeoJSON, or the pages of an ArcGIS layer."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from data.importers.parsing.raw_columns import FAULT, GEOMETRY, ROW, X, Y, cell_text

_LAST_EPSG = 32767  # ArcGIS numbers its own systems above


class Number(str):
    """The digits of a JSON number as they were written."""

    __slots__ = ()


def feature_columns(document: Any, kind: str) -> tuple[dict[str, list[Any]], dict[str, Any]]:
    """Return the columns of a document's features, its CRS and whether the server cut it off.

    Parameters
    ----------
    document
        GeoJSON or ArcGIS JSON, its numbers read as `Number`.
    kind
        ``geojson`` or ``arcgis``.
    """
    single = "features" not in document
    features = [document] if single else document["features"]
    inner = "attributes" if kind == "arcgis" else "properties"
    whole = [feature if isinstance(feature, dict) else {} for feature in features]
    records = [
        feature[inner] if isinstance(feature.get(inner), dict) else None for feature in whole
    ]
    heads = dict.fromkeys(head for record in records for head in record or () if head[:1] != "@")
    columns: dict[str, list[Any]] = {
        head: [_json_cell(record.get(head)) if record else None for record in records]
        for head in heads
    }
    columns[ROW] = list(range(1, len(whole) + 1))
    columns[FAULT] = [None if record is not None else "\trow_shape" for record in records]
    places = [_position(feature.get("geometry"), kind) for feature in whole]
    columns[X], columns[Y], columns[GEOMETRY] = (list(part) for part in _unzip(places))
    return columns, {"crs": _declared_crs(document), "cut_off": _is_cut_off(document)}


# -------------------------------------------------------------------------------------------


def _unzip(places: list[tuple[Any, Any, Any]]) -> Iterable[Iterable[Any]]:
    return zip(*places, strict=True) if places else ([], [], [])


def _position(geometry: Any, kind: str) -> tuple[str | None, str | None, str | None]:
    if not isinstance(geometry, dict):
        return None, None, None
    if kind == "arcgis" and "type" not in geometry:
        if "x" not in geometry:
            return None, None, "not a point" if geometry else None
        return _json_cell(geometry["x"]), _json_cell(geometry.get("y")), "Point"
    if geometry.get("type") != "Point":
        return None, None, "not a point"
    at = geometry.get("coordinates")
    if not isinstance(at, list) or not at:
        return None, None, None
    numbers = [value for value in at if isinstance(value, Number)]
    if len(at) < 2 or len(numbers) < len(at):  # a height that is no number spoils the point
        return "not a number", "not a number", "Point"
    return str(at[0]), str(at[1]), "Point"


def _declared_crs(document: dict[str, Any]) -> str | None:
    reference = document.get("spatialReference")
    if isinstance(reference, dict):
        code = reference.get("latestWkid") or reference.get("wkid")
        authority = "ESRI" if code and int(code) > _LAST_EPSG else "EPSG"
        return f"{authority}:{code}" if code else None
    member = document.get("crs")
    named = member.get("properties") if isinstance(member, dict) else None
    name = named.get("name") if isinstance(named, dict) else None
    return str(name) if name else None


def _is_cut_off(document: dict[str, Any]) -> bool:
    inner = document.get("properties")
    outer = inner if isinstance(inner, dict) else {}
    return bool(document.get("exceededTransferLimit") or outer.get("exceededTransferLimit"))


def _cell(text: str) -> str | None:
    return text.strip() or None


def _json_cell(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return cell_text(str(value))
    return json.dumps(value, ensure_ascii=False)
