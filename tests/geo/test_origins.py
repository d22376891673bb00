"""Assumed homes must cover the town evenly and say what they rest on."""

import numpy as np
import pandas as pd
import pytest
import shapely

from geo.schema import HOMES, check_frame
from geo.streets.origins import BUILDINGS, STREETS, walk_origins
from tests.geo.small_town import degrees, small_town


def buildings(*rows):
    """One row a building: (east, north, tag, flats or None)."""
    lat, lon = degrees([row[:2] for row in rows] or np.empty((0, 2)))
    half = 1e-4
    return pd.DataFrame(
        {
            "osm_id": [f"w{900 - number}" for number in range(len(rows))],
            "building": pd.Series([row[2] for row in rows], dtype="str"),
            "flats": pd.Series([row[3] for row in rows], dtype=float),
            "geometry": shapely.to_wkb(shapely.box(lon - half, lat - half, lon + half, lat + half)),
        }
    )


def town():
    places = {"a": (0, 0), "b": (200, 0), "c": (200, 120), "d": (900, 0)}
    return small_town(
        places, "a b", "b c", "b d", highway=["residential", "living_street", "primary"]
    )


def test_without_buildings_home_streets_carry_a_point_about_every_fifty_metres():
    small = town()
    homes, basis = walk_origins(buildings(), small.sections)
    check_frame(homes, HOMES, name="homes")
    assert basis == STREETS
    # 200 m: 4 points; 120 m: 2 points; nobody lives on the primary road.
    assert len(homes) == 6
    # Together one dwelling for 50 m: 320 / 50.
    assert homes["dwellings"].sum() == pytest.approx(6.4, abs=1e-4)
    assert homes["home_id"].is_unique
    assert homes["home_id"].is_monotonic_increasing


def test_points_stand_on_their_street():
    small = town()
    homes, _ = walk_origins(buildings(), small.sections)
    lines = small.sections.frame.geometry
    points = shapely.points(homes["lon"], homes["lat"])
    distance = shapely.distance(points[:, None], lines.to_numpy()[None, :]).min(axis=1)
    assert distance.max() < 1e-9


def test_buildings_along_the_streets_are_homes_with_their_flats():
    rows = [(20, 20, "house", None), (110, 20, "apartments", 60), (170, 20, "apartments", None),
            (215, 80, "yes", None), (60, -20, "garage", None)]  # fmt: skip
    homes, basis = walk_origins(buildings(*rows), town().sections)
    check_frame(homes, HOMES, name="homes")
    assert basis == BUILDINGS
    assert homes["home_id"].tolist() == ["w897", "w898", "w899", "w900"]
    assert homes["dwellings"].tolist() == [1, 40, 60, 1]


def test_a_half_drawn_town_falls_back_to_its_streets():
    rows = [(20, 20, "house", None)]
    _, basis = walk_origins(buildings(*rows), town().sections)
    # The house is near one of six points along the streets only.
    assert basis == STREETS


def test_a_town_without_home_streets_uses_whatever_buildings_there_are():
    small = small_town({"a": (0, 0), "b": (200, 0)}, "a b", highway=["primary"])
    homes, basis = walk_origins(buildings((20, 20, "house", None)), small.sections)
    assert (basis, len(homes)) == (BUILDINGS, 1)
    homes, basis = walk_origins(buildings(), small.sections)
    assert (basis, len(homes)) == (STREETS, 0)
    check_frame(homes, HOMES, name="homes")
