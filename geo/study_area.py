"""The area under study: its boundary, its metric plane and its clock."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError
from shapely.geometry import MultiPolygon, Polygon

from geo.errors import UsageError

FloatArray = npt.NDArray[np.float64]
WGS84 = "EPSG:4326"

LARGEST_AREA_KM2 = 500_000
"""Wider than any oblast of Kazakhstan: 33 million scored cells."""

MOST_CORNERS = 1_000_000
_KM_PER_DEGREE = 111.32


@dataclass(frozen=True)
class StudyArea:
    """A boundary with the plane in which its metres are measured.

    Attributes
    ----------
    name
        What people call the place.
    boundary
        Polygon or MultiPolygon in WGS84 (longitude, latitude).
    metric_crs
        Projected CRS with metres as unit, such as ``EPSG:32639``.
    time_zone
        Name in the tz database, such as ``Asia/Oral``.
    """

    name: str
    boundary: Polygon | MultiPolygon
    metric_crs: str
    time_zone: str

    @cached_property
    def _transformer(self) -> Transformer:
        return Transformer.from_crs(WGS84, self.metric_crs, always_xy=True)

    def to_metric(self, lat: npt.ArrayLike, lon: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
        """Project latitude and longitude in degrees to x and y in metres."""
        x, y = self._transformer.transform(np.asarray(lon, float), np.asarray(lat, float))
        return np.atleast_1d(x), np.atleast_1d(y)

    def to_degrees(self, x: npt.ArrayLike, y: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
        """Turn x and y in metres back into latitude and longitude in degrees."""
        lon, lat = self._transformer.transform(
            np.asarray(x, float), np.asarray(y, float), direction="INVERSE"
        )
        return np.atleast_1d(lat), np.atleast_1d(lon)

    def contains(self, lat: npt.ArrayLike, lon: npt.ArrayLike) -> npt.NDArray[np.bool_]:
        """Tell for each point whether it lies inside the boundary or on it."""
        shapely.prepare(self.boundary)
        return np.atleast_1d(
            shapely.intersects_xy(self.boundary, np.asarray(lon, float), np.asarray(lat, float))
        )

    @cached_property
    def area_m2(self) -> float:
        """Area inside the boundary in square metres, measured in the metric plane."""
        project = self._transformer.transform
        return float(
            shapely.transform(
                self.boundary, lambda xy: np.column_stack(project(xy[:, 0], xy[:, 1]))
            ).area
        )


def build_study_area(
    name: str, boundary: Polygon | MultiPolygon, *, time_zone: str, metric_crs: str | None = None
) -> StudyArea:
    """Check a boundary and give it a metric plane (UTM of its centre unless one is named).

    Raises
    ------
    UsageError
        ``geometry_invalid``, ``antimeridian``, ``coord_out_of_range``, ``too_complex`` or
        ``crs_unknown``.
    """
    if boundary.geom_type not in {"Polygon", "MultiPolygon"} or boundary.is_empty:
        raise UsageError(
            f"The boundary is a {boundary.geom_type}; give one polygon.", code="geometry_invalid"
        )
    if shapely.get_num_coordinates(boundary) > MOST_CORNERS:
        raise UsageError(
            f"The boundary has more than {MOST_CORNERS} corners; simplify it.", code="too_complex"
        )
    if not boundary.is_valid:
        reason = shapely.is_valid_reason(boundary)
        raise UsageError(f"The boundary is not valid: {reason}.", code="geometry_invalid")
    left, bottom, right, top = boundary.bounds
    if left < -180 or right > 180 or bottom < -90 or top > 90:
        code = "antimeridian" if bottom >= -90 and top <= 90 else "coord_out_of_range"
        raise UsageError(
            f"The boundary reaches {left:g}, {bottom:g}, {right:g}, {top:g}; longitude must stay "
            "within ±180 and latitude within ±90 degrees.",
            code=code,
        )
    squeeze = float(np.cos(np.radians((bottom + top) / 2)))
    if boundary.area * squeeze * _KM_PER_DEGREE**2 > LARGEST_AREA_KM2:
        raise UsageError(
            f"The boundary holds more than {LARGEST_AREA_KM2} km²; give one region at a time.",
            code="too_complex",
        )
    crs = metric_crs or utm_crs((bottom + top) / 2, (left + right) / 2)
    try:
        axes = {axis.unit_name for axis in CRS.from_user_input(crs).axis_info}
    except CRSError as error:
        raise UsageError(f"Unknown CRS {crs!r}.", code="crs_unknown") from error
    if axes != {"metre"}:
        raise UsageError(f"{crs} does not measure in metres.", code="crs_unknown")
    return StudyArea(name=name, boundary=boundary, metric_crs=crs, time_zone=time_zone)


def utm_crs(lat: float, lon: float) -> str:
    """Name the UTM zone of a point (WGS84, north or south)."""
    zone = min(int((lon + 180) // 6) + 1, 60)
    return f"EPSG:{(32600 if lat >= 0 else 32700) + zone}"
