"""Read the polygon that a GeoJSON file holds: a boundary given, or the one a workspace keeps."""

from __future__ import annotations

import json
from pathlib import Path

import shapely
from shapely.geometry import MultiPolygon, Polygon

from geo.errors import InputRefusedError

LARGEST_FILE_BYTES = 50_000_000


def read_polygon_file(path: Path) -> Polygon | MultiPolygon:
    """Return the polygons of a GeoJSON file as one, in WGS84; other geometries are passed over.

    Raises
    ------
    InputRefusedError
        ``too_complex``, ``format_mismatch`` or ``geometry_invalid`` (no polygon in it).
    """
    if path.stat().st_size > LARGEST_FILE_BYTES:
        raise InputRefusedError(f"{path} is too large for a boundary.", code="too_complex")
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
        items = content["features"] if content["type"] == "FeatureCollection" else [content]
        shapes = [shapely.from_geojson(json.dumps(_geometry(item))) for item in items]
    except (ValueError, KeyError, TypeError, shapely.GEOSException) as error:
        raise InputRefusedError(
            f"{path} is not GeoJSON with one polygon; export the boundary again in WGS84.",
            code="format_mismatch",
        ) from error
    polygons = [shape for shape in shapes if isinstance(shape, Polygon | MultiPolygon)]
    if not polygons:
        raise InputRefusedError(f"{path} holds no polygon.", code="geometry_invalid")
    whole = shapely.union_all(polygons) if len(polygons) > 1 else polygons[0]
    assert isinstance(whole, Polygon | MultiPolygon)
    return whole


# -------------------------------------------------------------------------------------------


def _geometry(item: dict[str, object]) -> object:
    return item["geometry"] if item["type"] == "Feature" else item
