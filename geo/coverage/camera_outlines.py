"""The ground that each camera may see, as outlines for a map.

The outline of a camera that turns, or whose azimuth nobody recorded, is the circle in which it
looks one way at a time; only the other ones have a view that is known.
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geo import columns as c
from geo.coverage.cameras import CIRCLE, SECTOR, camera_angle_deg, camera_reach_m, sees_sector
from geo.coverage.street_pieces import metric_points
from geo.parameters import HazardParameters
from geo.study_area import WGS84, StudyArea

FloatArray = npt.NDArray[np.float64]

_STEPS = 24


def camera_outlines(
    cameras: pd.DataFrame, area: StudyArea, parameters: HazardParameters
) -> gpd.GeoDataFrame:
    """Return the outlines of all cameras that see the street, working or not.

    Parameters
    ----------
    cameras
        Contract ``CAMERAS``; ``angle_deg`` where known.

    Returns
    -------
    GeoDataFrame
        camera_id, view (sector | circle) and geometry (a polygon, longitude and latitude), in the
        order of the cameras.
    """
    reach = camera_reach_m(cameras, parameters)
    sector, angle = sees_sector(cameras), camera_angle_deg(cameras, parameters)
    seeing = np.flatnonzero(reach > 0)
    spots = metric_points(cameras[c.LAT], cameras[c.LON], area)[seeing]
    azimuth = cameras["azimuth_deg"].to_numpy(float)[seeing]

    # An arc turns from its left edge to its right one; a sector's outline then comes home.
    turn = np.where(sector[seeing], np.minimum(angle[seeing], 360.0), 360.0)
    first = np.where(turn < 360, azimuth - turn / 2, 0.0)
    bearing = np.radians(first[:, None] + turn[:, None] * np.linspace(0, 1, _STEPS + 1))
    arc = np.stack([np.sin(bearing), np.cos(bearing)], axis=-1)
    rings = spots[:, None] + reach[seeing][:, None, None] * arc
    last = np.where((turn < 360)[:, None], spots, rings[:, 0])
    rings = np.concatenate([rings, last[:, None]], axis=1)
    return gpd.GeoDataFrame(
        {
            "camera_id": cameras["camera_id"].to_numpy(object)[seeing],
            "view": np.where(sector, SECTOR, CIRCLE).astype(object)[seeing],
        },
        geometry=_polygons(rings, area),
        crs=WGS84,
    )


# -------------------------------------------------------------------------------------------


def _polygons(rings: FloatArray, area: StudyArea) -> npt.NDArray[np.object_]:
    lat, lon = area.to_degrees(rings[..., 0].ravel(), rings[..., 1].ravel())
    corners = np.column_stack([lon, lat]).reshape(*rings.shape)
    return np.asarray(shapely.polygons(corners), dtype=object)
