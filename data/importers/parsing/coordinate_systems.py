"""Names of the coordinate systems that files bring along."""

from __future__ import annotations

import pyproj

_SURE = 70  # in a hundred: the names that files write differ from those of the register


def epsg_name(system: pyproj.CRS) -> str | None:
    """Return the name of a system in the EPSG register, such as ``EPSG:4326``, where it is in it.

    Examples
    --------
    >>> epsg_name(pyproj.CRS.from_wkt(pyproj.CRS("EPSG:32642").to_wkt("WKT1_ESRI")))
    'EPSG:32642'
    """
    code = system.to_epsg(min_confidence=_SURE)
    return f"EPSG:{code}" if code else None
