"""Polygons of features, as written in the file, in WGS 84."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import Transformer

from data.importers.parsing.raw_columns import AREA
from data.importers.places.coordinates import file_crs
from data.importers.report import OUTSIDE_REGION, BoolArray
from data.importers.tabular import SourceTable
from geo.study_area import WGS84, StudyArea


def has_areas(table: SourceTable) -> BoolArray:
    """Tell which rows bear a polygon."""
    return np.array(table.text(AREA).notna(), bool)


def read_areas(table: SourceTable, area: StudyArea) -> npt.NDArray[np.object_]:
    """Return the polygon of each feature in WGS84, None where it has none that can be used.

    Rings that cross themselves are put right. Rows without a polygon, and polygons that cannot be
    meant, are marked ``geometry_invalid``; those that do not touch the study area
    ``outside_region``.

    Raises
    ------
    UsageError, InputRefusedError
        ``crs_unknown``, ``crs_mismatch``.
    """
    given = has_areas(table)
    shapes = np.full(len(given), None, object)
    texts = table.text(AREA)[given].to_numpy(object)
    shapes[given] = shapely.from_wkt(texts, on_invalid="ignore")
    to_degrees = Transformer.from_crs(file_crs(table), WGS84, always_xy=True)
    for row in np.flatnonzero(given):
        shapes[row] = _in_degrees(shapes[row], to_degrees)
    known = np.array([shape is not None for shape in shapes], bool)
    table.faults.add(~known, "geometry", "geometry_invalid")
    outside = known.copy()
    outside[outside] = ~shapely.intersects(area.boundary, shapes[outside].tolist())
    table.faults.add(outside, "geometry", OUTSIDE_REGION)
    return shapes


# -------------------------------------------------------------------------------------------


def _in_degrees(shape: Any, to_degrees: Transformer) -> Any:
    """Return a shape of one area or several, or None."""
    if shape is None or shape.is_empty:
        return None
    turned = shapely.transform(
        shape, lambda at: np.column_stack(to_degrees.transform(at[:, 0], at[:, 1]))
    )
    at = shapely.get_coordinates(turned)
    if not np.isfinite(at).all() or (np.abs(at) > [180, 90]).any():
        return None
    parts = shapely.get_parts(shapely.make_valid(turned))
    areal = [part for part in shapely.get_parts(parts) if shapely.get_dimensions(part) == 2]
    if not areal or not shapely.area(areal).sum() > 0:
        return None
    # Formats turn rings round and begin them elsewhere; equal areas shall be equal.
    return shapely.normalize(shapely.union_all(areal))
