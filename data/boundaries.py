"""The boundary of a new region: from a polygon file, an extract's hull, a bbox or a place name."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely
from shapely.geometry import MultiPolygon, Polygon

from data.importers.parsing.isolation import check_file
from data.importers.street_map.osm import extract_hull, read_osm_file
from data.polygon_files import read_polygon_file
from geo.errors import UsageError
from geo.study_area import build_study_area

Boundary = Polygon | MultiPolygon
EDGE_M = 25.0
"""An extract's hull is widened by this much: a record beside the outermost street is inside."""


@dataclass(frozen=True)
class BoundarySource:
    """Where the boundary comes from; exactly one is given."""

    file: Path | None = None
    bbox: str | None = None
    place: str | None = None


def read_boundary(source: BoundarySource) -> Boundary:
    """Return the polygon in WGS84.

    Raises
    ------
    UsageError
        None or several sources, or a bbox that is not W,S,E,N.
    InputRefusedError
        ``format_mismatch`` or ``geometry_invalid``: the file holds no polygon.
    """
    given = [value for value in (source.file, source.bbox, source.place) if value is not None]
    if len(given) != 1:
        raise UsageError("Give one of --boundary FILE, --bbox W,S,E,N and --place TEXT.")
    if source.bbox is not None:
        return _bbox_polygon(source.bbox)
    if source.place is not None:
        from data.importers.street_map.osm_place import find_place  # noqa: PLC0415 - OSMnx is slow to import

        return find_place(source.place).boundary
    path = Path(given[0])
    check_file(path)
    if path.suffix.lower() in {".geojson", ".json"}:
        return read_polygon_file(path)
    return _widened(extract_hull(read_osm_file(path)))


# -------------------------------------------------------------------------------------------


def _widened(hull: Polygon) -> Polygon:
    """Return a polygon in degrees, wider by `EDGE_M` on every side."""
    area = build_study_area("hull", hull, time_zone="UTC")
    metric = shapely.transform(hull, lambda xy: np.column_stack(area.to_metric(xy[:, 1], xy[:, 0])))
    wider = metric.buffer(EDGE_M, quad_segs=2)
    return shapely.transform(
        wider, lambda xy: np.column_stack(area.to_degrees(xy[:, 0], xy[:, 1])[::-1])
    )


def _bbox_polygon(text: str) -> Polygon:
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError as error:
        raise UsageError(f"--bbox {text!r} is not W,S,E,N in degrees.") from error
    if not (west < east and south < north):
        raise UsageError(f"--bbox {text!r}: W must lie west of E and S south of N.")
    return shapely.box(west, south, east, north)
