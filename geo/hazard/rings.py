"""How many incidents lie how far from a place, quarter by quarter.

Distances run from the place (a street's line, the middle of a cell) to the middle of the cell of
each incident, so they are right to half a cell, about 75 m. Sensitive incidents are left out: their
place is known down to resolution 8 only.
"""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from geo import columns as c
from geo.cells import cell_centres

FloatArray = npt.NDArray[np.float64]
Period = tuple[date, date]

RING_EDGES_M = (0, 200, 400, 800)
RINGS = tuple(f"{near}-{far}" for near, far in pairwise(RING_EDGES_M))
"""Names of the rings; each holds its outer edge, the innermost its inner one too."""

QUARTERS_SHOWN = 8
METRES_PER_DEGREE = 111_195
"""Of latitude, on the globe of equal area."""


def placed_at_cells(incidents: pd.DataFrame) -> pd.DataFrame:
    """Return the incidents with ``lat`` and ``lon`` of the middle of their cells."""
    cells, cell = np.unique(incidents[c.H3_CELL].to_numpy(np.int64), return_inverse=True)
    lat, lng = cell_centres(cells)
    return incidents.assign(**{c.LAT: lat[cell], c.LON: lng[cell]})


def ring_counts(
    incidents: pd.DataFrame, place: BaseGeometry, period: Period, as_of: date
) -> pd.DataFrame:
    """Count incidents by quarter and ring, the latest quarter first.

    Parameters
    ----------
    incidents
        ``lat`` and ``lon`` of the middle of their cells, ``occurred_on`` and ``sensitive``.
    place
        Line or point, longitude and latitude in degrees.
    period
        First and last day on record; the last eight quarters that it touches are counted.
    as_of
        First day of the forecast.

    Returns
    -------
    DataFrame
        ``quarter`` (such as 2026Q3), ``ring``, ``incidents``; a row for every pair, also where
        there are none.
    """
    first, last = period[0], min(period[1], as_of - timedelta(days=1))
    quarters = pd.period_range(first, last, freq="Q")[::-1][:QUARTERS_SHOWN]
    ring = incident_rings(incidents, place)
    shown = (ring >= 0) & ~incidents[c.SENSITIVE].to_numpy(bool)
    quarter = quarters.get_indexer(pd.PeriodIndex(incidents[c.OCCURRED_ON][shown], freq="Q"))
    cells = (quarter * len(RINGS) + ring[shown])[quarter >= 0]
    counts = np.bincount(cells, minlength=len(quarters) * len(RINGS))
    return pd.DataFrame(
        {
            c.QUARTER: np.repeat([str(one) for one in quarters], len(RINGS)),
            c.RING: np.tile(RINGS, len(quarters)),
            c.INCIDENTS: counts.astype(np.int64),
        }
    )


def incident_rings(incidents: pd.DataFrame, place: BaseGeometry) -> npt.NDArray[np.int64]:
    """Return the position of each incident's ring in `RINGS`, −1 beyond the outermost."""
    lat, lng = (incidents[name].to_numpy(float) for name in (c.LAT, c.LON))
    west, south, east, north = place.bounds
    reach = 1.01 * RING_EDGES_M[-1] / METRES_PER_DEGREE
    wide = reach / np.cos(np.radians(max(abs(south), abs(north)) + reach))
    inside = (lat >= south - reach) & (lat <= north + reach)
    near = np.flatnonzero(inside & (lng >= west - wide) & (lng <= east + wide))
    rings = np.full(len(lat), -1, np.int64)
    ring = np.searchsorted(RING_EDGES_M[1:], distance_m(place, lat[near], lng[near]))
    rings[near] = np.where(ring < len(RINGS), ring, -1)
    return rings


def distance_m(place: BaseGeometry, lat: FloatArray, lng: FloatArray) -> FloatArray:
    """Return the metres from a place to points, on the plane that touches the globe there.

    Right to half a per cent within some kilometres.

    Examples
    --------
    >>> from shapely import Point
    >>> distance_m(Point(51.37, 51.23), np.array([51.24]), np.array([51.37])).round()
    array([1112.])
    """
    squeeze = float(np.cos(np.radians(place.centroid.y)))
    scale = np.array([squeeze, 1.0]) * METRES_PER_DEGREE
    flat = shapely.transform(place, lambda degrees: degrees * scale)
    points = shapely.points(np.column_stack([lng, lat]) * scale)
    return np.asarray(shapely.distance(points, flat), np.float64)
