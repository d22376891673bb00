"""Portland, Oregon: police calls of five years and the police districts, as the model takes them.

The files lie beside the project (``tests/shared_data.py`` finds them). Two kinds of call stand in
for two offence groups; a kind's name is its group's. There is no street map of the whole city
among them, so the base is area alone.
"""

from __future__ import annotations

from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo import columns as c
from geo.cells import latlng_to_cells
from geo.study_area import StudyArea, build_study_area
from tests.shared_data import shared_path

BURGLARY, VEHICLE_THEFT = "BURG", "TOA"
GROUPS = (BURGLARY, VEHICLE_THEFT)
FIRST_DAY, LAST_DAY = date(2012, 3, 1), date(2017, 2, 28)
COVERAGE = ((FIRST_DAY, LAST_DAY),)

PLANE = "EPSG:2838"
"""The state plane of the files in metres: a multiple of 250 ft is the same line in both."""

ADDRESS_M = 10
"""Calls whose coordinates round to the same 10 m share an address."""

_METRES_PER_FOOT = 0.3048


def portland_area() -> StudyArea:
    """Return the union of the police districts, 147.70 square miles."""
    districts = gpd.read_file(f"zip://{shared_path('portland/portland-police-districts.zip')}")
    outlines = shapely.make_valid(districts.to_crs(4326).geometry.to_numpy())
    return build_study_area(
        "Portland", shapely.union_all(outlines), time_zone="America/Los_Angeles", metric_crs=PLANE
    )


def portland_incidents() -> pd.DataFrame:
    """Return the calls as a frame of incidents; rows that repeat another are calls of their own."""
    calls = pd.read_csv(shared_path("portland/events_2012-03-01_2017-02-28.csv"))
    lat, lon = calls["lat"].to_numpy(float), calls["lon"].to_numpy(float)
    metres = calls[["x_ft", "y_ft"]].to_numpy(float) * _METRES_PER_FOOT
    rounded = np.rint(metres / ADDRESS_M).astype(int)
    return pd.DataFrame(
        {
            c.INCIDENT_ID: [f"{row:06d}" for row in range(len(calls))],
            c.LAT: lat,
            c.LON: lon,
            c.H3_CELL: latlng_to_cells(lat, lon, 10),
            c.OFFENCE_GROUP: calls["cat"],
            c.SEVERITY_DAYS: 1.0,
            c.OCCURRED_AT: pd.to_datetime(calls["date"]),
            c.OCCURRED_TO: pd.NaT,
            c.OCCURRED_PRECISION: "day",
            c.PLACE_TYPE: "unknown",
            c.DISCOVERY: "reported",
            c.SENSITIVE: False,
            c.ADDRESS_KEY: [f"{x}:{y}" for x, y in rounded.tolist()],
            c.GEO_ACCURACY_M: np.nan,
        }
    ).astype({c.OCCURRED_TO: "datetime64[us]"})
