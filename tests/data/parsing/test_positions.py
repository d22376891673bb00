"""Lines and odd places of features, whatever format they come in."""

import json
import math

import pytest

from data.importers.parsing.feature_columns import read_features
from data.importers.parsing.formats import read_json
from data.importers.parsing.positions import BROKEN, NOT_A_POINT, line_position, point_position
from data.importers.parsing.raw_columns import GEOMETRY, LINE, X


@pytest.mark.parametrize(
    ("number", "text"),
    [(51.2278, "51.2278"), (-5e5, "-500000"), (math.nan, "nan"), (1.7e308, "inf"), (-1e15, "-inf")],
)
def test_a_coordinate_is_a_plain_number_or_none(number, text):
    assert point_position(number, 1.0)[:3] == (text, "1", "Point")


@pytest.mark.parametrize(
    ("parts", "line"),
    [
        ([[(1, 2), (3, 4)]], "LINESTRING (1 2, 3 4)"),
        ([[(1, 2, 7), (3, 4, 7)]], "LINESTRING (1 2, 3 4)"),
        ([[(1, 2), (3, 4)], [(3, 4), (5.5, 6)]], "LINESTRING (1 2, 3 4, 5.5 6)"),
    ],
)
def test_parts_that_follow_one_another_are_one_line(parts, line):
    position = line_position(parts)
    assert position.line == line
    assert position[:3] == (None, None, "not a point")


@pytest.mark.parametrize(
    "parts", [[], [[]], [[(1, 2)]], [[(1, 2), (math.nan, 3)]], [[(1, 2), (3, -1.8e308)]]]
)
def test_a_line_that_is_none_is_a_broken_place(parts):
    assert line_position(parts) == BROKEN


def test_parts_apart_are_no_line():
    assert line_position([[(1, 2), (3, 4)], [(5, 6), (7, 8)]]) == NOT_A_POINT


def test_lines_of_geojson_are_text_too(tmp_path):
    shapes = {
        "LineString": [[51.3, 51.2], [51.4, 51.25]],
        "MultiLineString": [[[1, 2], [3, 4]], [[3, 4], [5, 6]]],
        "Point": [51.3, 51.2],
        "Polygon": [[[0, 0], [0, 1], [1, 1], [0, 0]]],
    }
    odd = [None, [], [1, 2], [[1], [2, 3]], [["x", 2], [3, 4]], [[1, 1e999], [2, 3]], {"x": 1}]
    geometries = [{"type": kind, "coordinates": at} for kind, at in shapes.items()]
    geometries += [{"type": "LineString", "coordinates": at} for at in odd]
    features = [{"type": "Feature", "properties": {"a": 1}, "geometry": at} for at in geometries]
    path = tmp_path / "streets.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    (block,) = read_features(read_json(path), "geojson", {}).blocks
    assert block[LINE] == [
        "LINESTRING (51.3 51.2, 51.4 51.25)",
        "LINESTRING (1 2, 3 4, 5 6)",
        *[None] * (2 + len(odd)),
    ]
    assert block[GEOMETRY][:4] == ["not a point", "not a point", "Point", "not a point"]
    assert block[X][2] == "51.3"
