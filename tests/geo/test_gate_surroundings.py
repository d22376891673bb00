"""The last metres before a gate: what lies inside the circle, and nothing beyond."""

import geopandas as gpd
import numpy as np
import pytest
from shapely import LineString

from geo.streets.gate_surroundings import gate_surroundings
from tests.geo.small_town import AREA, degrees

GATE = (0.0, 0.0)


def streets(*rows):
    """Streets of (corners in metres, highway, share lit, share unlit)."""
    lines = []
    for corners, *_ in rows:
        lat, lon = degrees(corners)
        lines.append(LineString(list(zip(lon, lat, strict=True))))
    return gpd.GeoDataFrame(
        {
            "name": [f"street {number}" for number in range(len(rows))],
            "highway": [row[1] for row in rows],
            "lit_m": [1000.0 * row[2] for row in rows],
            "unlit_m": [1000.0 * row[3] for row in rows],
            "unknown_light_m": [1000.0 * (1 - row[2] - row[3]) for row in rows],
        },
        geometry=lines,
        crs="EPSG:4326",
    )


def around(frame, walked):
    lat, lon = degrees([GATE])
    flags = frame["name"].isin([f"street {number}" for number in walked])
    return gate_surroundings(frame, flags, (float(lat[0]), float(lon[0])), AREA)


def test_a_street_is_cut_at_six_hundred_metres_and_its_light_with_it():
    frame = streets(
        ([(0, 0), (1200, 0)], "residential", 0.25, 0.5), ([(0, 700), (99, 700)], "path", 1, 0)
    )
    found = around(frame, [0]).streets
    assert found["name"].tolist() == ["street 0"]
    row = found.iloc[0]
    assert row["inside_m"] == pytest.approx(600, abs=1)
    assert row["lit_m"] == pytest.approx(150, abs=0.5)
    assert row["unlit_m"] == pytest.approx(300, abs=0.5)
    assert row["unknown_light_m"] == pytest.approx(150, abs=0.5)
    far = np.abs(np.array(row["line"].coords)).max()
    assert far == pytest.approx(600, abs=1)


def test_a_walked_street_meets_a_big_one_where_they_touch():
    frame = streets(
        ([(0, 0), (200, 0)], "residential", 1, 0),
        ([(200, -300), (200, 0)], "primary", 1, 0),
        ([(200, 0), (200, 300)], "primary", 0, 1),
        ([(100, -300), (100, -100)], "secondary", 1, 0),
    )
    told = around(frame, [0]).meetings
    assert told["street"].tolist() == [1, 2]
    np.testing.assert_allclose(told[["x_m", "y_m"]], [[200, 0], [200, 0]], atol=1)


def test_a_way_along_a_big_street_alone_meets_none():
    frame = streets(([(0, 0), (200, 0)], "primary", 1, 0), ([(200, 0), (400, 0)], "primary", 1, 0))
    assert around(frame, [0, 1]).meetings.empty


def test_a_gate_without_streets_has_empty_surroundings():
    frame = streets(([(0, 900), (0, 950)], "residential", 1, 0))
    found = around(frame, [0])
    assert found.streets.empty
    assert found.meetings.empty
