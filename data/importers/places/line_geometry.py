"""Lines of features, as written in the file, in WGS 84."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from pyproj import CRS, Transformer

from data.importers.parsing.raw_columns import LINE
from data.importers.report import OUTSIDE_REGION
from data.importers.tabular import SourceTable
from geo.study_area import WGS84, StudyArea


def read_lines(table: SourceTable, area: StudyArea) -> npt.NDArray[np.object_]:
    """Return the line of each feature as LineString (longitude, latitude), None where it has none.

    Lines that cannot be meant are marked ``geometry_invalid``, those that do not touch the study
    area ``outside_region``.
    """
    texts = table.text(LINE)
    lines = np.full(len(texts), None, object)
    given = texts.notna().to_numpy(bool)
    if not given.any():
        return lines
    lines[given] = shapely.from_wkt(texts[given].to_numpy(object), on_invalid="ignore")
    crs = CRS.from_user_input(table.crs or table.inferred.get("crs_of_file") or WGS84)
    to_degrees = Transformer.from_crs(crs, WGS84, always_xy=True).transform
    for row in np.flatnonzero(given):
        lines[row] = _in_degrees(lines[row], to_degrees)
    invalid = given & pd.isna(lines)
    table.faults.add(invalid, "geometry", "geometry_invalid")
    outside = given & ~invalid
    outside[outside] = ~shapely.intersects(area.boundary, lines[outside].tolist())
    table.faults.add(outside, "geometry", OUTSIDE_REGION)
    return lines


# -------------------------------------------------------------------------------------------


def _in_degrees(line: object, to_degrees: object) -> shapely.LineString | None:
    if not isinstance(line, shapely.LineString) or line.is_empty or line.length == 0:
        return None
    x, y = shapely.get_coordinates(line).T
    lon, lat = to_degrees(x, y)  # type: ignore[operator]
    sound = np.isfinite(lon) & np.isfinite(lat) & (np.abs(lon) <= 180) & (np.abs(lat) <= 90)
    return shapely.LineString(np.column_stack([lon, lat])) if sound.all() else None
