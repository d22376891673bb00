"""A boundary that cannot be meant is refused before anything is made of it."""

import json
import math

import pytest
import shapely

from data.boundaries import BoundarySource, read_boundary
from geo.errors import SafeRegionError
from geo.study_area import MOST_CORNERS, build_study_area


def refused(shape):
    with pytest.raises(SafeRegionError) as raised:
        build_study_area("town", shape, time_zone="Asia/Oral")
    return raised.value.code


def from_file(tmp_path, geometry):
    path = tmp_path / "town.geojson"
    path.write_text(json.dumps(geometry), encoding="utf-8")
    return read_boundary(BoundarySource(file=path))


@pytest.mark.bad_input("B10")
@pytest.mark.parametrize("box", [(170, 50, 190, 51), (-181, 50, -170, 51)])
def test_a_boundary_over_the_antimeridian_is_never_half_covered(box):
    assert refused(shapely.box(*box)) == "antimeridian"


@pytest.mark.bad_input("B10")
def test_latitude_beyond_the_pole_is_out_of_range():
    assert refused(shapely.box(50, 80, 51, 91)) == "coord_out_of_range"


@pytest.mark.bad_input("B11")
@pytest.mark.parametrize(
    "corners",
    [
        [(51, 51), (52, 52), (52, 51), (51, 52)],  # a bow tie
        [(51, 51), (52, 51), (51, 51)],  # no area
    ],
)
def test_an_outline_that_is_no_polygon_is_refused(corners):
    assert refused(shapely.Polygon(corners)) == "geometry_invalid"


@pytest.mark.bad_input("B11")
def test_a_hole_outside_its_outline_is_refused():
    outline = [(51, 51), (52, 51), (52, 52), (51, 52)]
    hole = [(60, 60), (61, 60), (61, 61)]
    assert refused(shapely.Polygon(outline, [hole])) == "geometry_invalid"


@pytest.mark.bad_input("B11")
@pytest.mark.parametrize(
    ("geometry", "code"),
    [
        ({"type": "Polygon", "coordinates": [[[51, 51], [52, 51]]]}, "format_mismatch"),
        ({"type": "LineString", "coordinates": [[51, 51], [52, 51]]}, "geometry_invalid"),
        ({"type": "Polygon", "coordinates": []}, "geometry_invalid"),
        ({"type": "FeatureCollection", "features": []}, "geometry_invalid"),
    ],
)
def test_a_file_without_a_polygon_is_named(tmp_path, geometry, code):
    with pytest.raises(SafeRegionError) as raised:
        build_study_area("town", from_file(tmp_path, geometry), time_zone="Asia/Oral")
    assert raised.value.code == code


@pytest.mark.bad_input("B12")
def test_the_whole_world_is_too_much():
    assert refused(shapely.box(-180, -90, 180, 90)) == "too_complex"


@pytest.mark.bad_input("B12")
def test_more_than_a_million_corners_are_too_many():
    count = MOST_CORNERS + 1
    angles = [2 * math.pi * number / count for number in range(count)]
    ring = [(51 + math.cos(angle) / 10, 51 + math.sin(angle) / 10) for angle in angles]
    assert refused(shapely.Polygon(ring)) == "too_complex"
