"""The study area of a file from outside: from a file of polygons, or drawn round its events."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyproj
import shapely
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError
from shapely.geometry import MultiPolygon, Polygon

from data.boundaries import BoundarySource, read_boundary
from data.importers.parsing.isolation import check_file, run_isolated
from data.importers.parsing.polygons import POLYGON, parse_polygons
from data.workspace import propose_time_zone
from geo.errors import InputRefusedError, UsageError
from geo.study_area import WGS84, FloatArray, StudyArea, build_study_area

Boundary = Polygon | MultiPolygon

HULL_MARGIN_M = 500.0
"""How far a study area that is drawn round its events reaches beyond them."""

FLAT_WITHIN = 0.01
"""A plane that gets the area wrong by more than this share is not used for measuring."""

_BY_BOUNDARY = {".geojson", ".json", ".osm", ".pbf"}


def read_area_file(path: Path, declared: CRS | None) -> tuple[Boundary, CRS | None]:
    """Return the polygons of a file as one, in WGS84, and the file's own CRS.

    Parameters
    ----------
    path
        GeoJSON in WGS84, a GeoPackage, a zipped Shapefile, or an OSM extract (hull of its ways).
    declared
        CRS of a Shapefile or GeoPackage that names none; WGS84 where None.

    Raises
    ------
    NotFoundError
        ``file_not_found``.
    InputRefusedError
        ``geometry_invalid`` (no polygon in it), ``crs_mismatch``, or what a reader refuses.
    """
    check_file(path)
    if path.suffix.lower() in _BY_BOUNDARY:
        return read_boundary(BoundarySource(file=path)), None
    parsed = run_isolated(parse_polygons, path, {})
    named = parsed.facts["crs"]
    crs = known_crs(named) if named else declared
    found = shapely.make_valid(shapely.from_wkb(parsed.tables[POLYGON][POLYGON].to_pylist()))
    whole = _areal(shapely.union_all(found), path)
    if crs is None or crs.is_geographic:
        return whole, crs
    turned = _transformed(whole, Transformer.from_crs(crs, WGS84, always_xy=True))
    if not np.isfinite(shapely.get_coordinates(turned)).all():
        raise InputRefusedError(
            f"{path.name}: its polygons do not lie in {crs.name}; export it again in WGS84.",
            code="crs_mismatch",
        )
    return _areal(shapely.make_valid(turned), path), crs


def hull_of_events(lat: npt.ArrayLike, lon: npt.ArrayLike) -> Polygon:
    """Return the convex hull of points, wider by `HULL_MARGIN_M`, in WGS84.

    Raises
    ------
    InputRefusedError
        ``no_valid_rows``: there is no point.
    """
    points = np.column_stack([np.asarray(lon, float), np.asarray(lat, float)])
    if not len(points):
        raise InputRefusedError("No row has a place; no area can be drawn.", code="no_valid_rows")
    west, south, east, north = shapely.MultiPoint(points).bounds
    plane = CRS.from_dict(
        {"proj": "laea", "lat_0": (south + north) / 2, "lon_0": (west + east) / 2, "units": "m"}
    )
    there = Transformer.from_crs(WGS84, plane, always_xy=True)
    back = Transformer.from_crs(plane, WGS84, always_xy=True)
    hull = shapely.convex_hull(_transformed(shapely.MultiPoint(points), there))
    drawn = _transformed(shapely.buffer(hull, HULL_MARGIN_M, quad_segs=8), back)
    assert isinstance(drawn, Polygon)
    return drawn


def outside_area(name: str, boundary: Boundary, planes: tuple[CRS | None, ...]) -> StudyArea:
    """Give a boundary its plane and its clock.

    Parameters
    ----------
    planes
        CRS of the files. The first one that is projected and measures areas rightly becomes the
        plane, in metres, so that squares lie as in the file; else it is the UTM zone.
    """
    west, south, east, north = boundary.bounds
    zone = propose_time_zone((south + north) / 2, (west + east) / 2)
    area = build_study_area(name, boundary, time_zone=zone)
    true_m2 = abs(pyproj.Geod(ellps="WGS84").geometry_area_perimeter(boundary)[0])
    for plane in planes:
        if plane is None or not plane.is_projected:
            continue
        own = build_study_area(name, boundary, time_zone=zone, metric_crs=_in_metres(plane))
        if abs(own.area_m2 / true_m2 - 1) < FLAT_WITHIN:
            return own
    return area


def known_crs(name: str) -> CRS:
    """Return a CRS by name.

    Raises
    ------
    UsageError
        ``crs_unknown``.
    """
    try:
        return CRS.from_user_input(name)
    except CRSError as error:
        raise UsageError(
            f"Unknown CRS {name[:64]!r}; name one as EPSG:4326 or EPSG:32639.", code="crs_unknown"
        ) from error


# -------------------------------------------------------------------------------------------


def _in_metres(plane: CRS) -> str:
    """Name a CRS with the same projection and axes, its unit the metre."""
    if {axis.unit_name for axis in plane.axis_info} == {"metre"}:
        return plane.to_string()
    told = plane.to_json_dict()
    for axis in told["coordinate_system"]["axis"]:
        axis["unit"] = "metre"
    told.pop("id", None)
    told["name"] = f"{told['name']} in metres"
    return CRS.from_json_dict(told).to_json()


def _transformed(shape: shapely.Geometry, transformer: Transformer) -> shapely.Geometry:
    def turned(xy: FloatArray) -> FloatArray:
        return np.column_stack(transformer.transform(xy[:, 0], xy[:, 1]))

    return shapely.transform(shape, turned)


def _areal(shape: shapely.Geometry, path: Path) -> Boundary:
    """Return what of a shape is area, without the lines and points that repairs leave."""
    pieces = shapely.get_parts(shapely.get_parts(shape))  # a collection holds whole multipolygons
    parts = [piece for piece in pieces if isinstance(piece, Polygon) and piece.area]
    whole = shapely.union_all(parts) if parts else None
    if not isinstance(whole, Polygon | MultiPolygon):
        raise InputRefusedError(f"{path.name} holds no polygon.", code="geometry_invalid")
    return whole
