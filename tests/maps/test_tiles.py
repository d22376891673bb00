import gzip
import math

import mapbox_vector_tile
import mercantile
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import UsageError
from maps.tile_bytes import Runs, braid, encode_varints, length_delimited, zigzag
from maps.tile_cover import BUFFER
from maps.tile_geometry import EXTENT, LINE, POINT, POLYGON, Paths, mercator
from maps.tiles import TileLayer, build_tile_stack, build_tiles, encode_layer

ORAL = (51.37, 51.23)


def decoded(content: bytes) -> dict:
    return mapbox_vector_tile.decode(content, default_options={"y_coord_down": True})


def decoded_tiles(layer: TileLayer) -> dict:
    return {
        (z, x, y): decoded(gzip.decompress(content))[name]
        for name, z, x, y, content in build_tiles(layer)
    }


def ids_in(layer: dict) -> list[int]:
    return [feature["properties"]["id"] for feature in layer["features"]]


def layer_of(geometry, properties=None, zooms=(14, 14), **more) -> TileLayer:
    shapes = np.array(geometry, dtype=object) if isinstance(geometry, list) else geometry
    frame = pd.DataFrame({"id": range(len(shapes))}) if properties is None else properties
    return TileLayer("things", shapes, frame, *zooms, **more)


def grid_steps(lng: float, lat: float, zoom: int, x: int, y: int) -> tuple[int, int]:
    """Work out a point's place in a tile from the textbook formula."""
    across = (lng + 180) / 360 * 2**zoom
    sine = math.sin(math.radians(lat))
    down = (0.5 - math.log((1 + sine) / (1 - sine)) / (4 * math.pi)) * 2**zoom
    return round((across - x) * EXTENT), round((down - y) * EXTENT)


def signed_area(ring: list) -> float:
    x, y = np.array(ring, float).T
    return float((x[:-1] * y[1:] - x[1:] * y[:-1]).sum() / 2)


# Bytes


@pytest.mark.parametrize(
    ("number", "expected"),
    # 300 = 2 · 128 + 44: low seven bits 44 with the high bit, 172, then 2.
    [
        (0, [0]),
        (1, [1]),
        (127, [127]),
        (128, [128, 1]),
        (300, [172, 2]),
        (16383, [255, 127]),
        (16384, [128, 128, 1]),
        (2**63, [128] * 9 + [1]),
    ],
)
def test_varint_of_a_number(number: int, expected: list[int]) -> None:
    flat, sizes = encode_varints(np.array([number], np.uint64))

    assert flat.tolist() == expected
    assert sizes.tolist() == [len(expected)]


@settings(deadline=None)
@given(st.lists(st.integers(0, 2**64 - 1)))
def test_varints_of_many_numbers_are_those_of_each(numbers: list[int]) -> None:
    def slow(number: int) -> bytes:
        out = bytearray()
        while number > 127:
            out.append(number % 128 + 128)
            number //= 128
        return bytes([*out, number])

    flat, _ = encode_varints(np.array(numbers, np.uint64))

    assert flat.tobytes() == b"".join(slow(number) for number in numbers)


def test_zigzag_counts_outwards_from_zero() -> None:
    assert zigzag(np.array([0, -1, 1, -2, 2, -(2**40)])).tolist() == [0, 1, 2, 3, 4, 2**41 - 1]


@settings(deadline=None)
@given(st.lists(st.tuples(st.binary(max_size=4), st.binary(max_size=200))))
def test_runs_are_braided_in_turn_and_carry_their_length(pairs: list) -> None:
    strands = [
        Runs(np.frombuffer(b"".join(side), np.uint8), np.array([len(run) for run in side], int))
        for side in (zip(*pairs, strict=True) if pairs else ((), ()))
    ]

    assert braid(*strands).flat.tobytes() == b"".join(a + b for a, b in pairs)
    expected = b"".join(
        bytes([7]) + bytes([len(b)] if len(b) < 128 else [len(b) - 128 | 128, 1]) + b
        for _, b in pairs
    )
    assert length_delimited(7, strands[1]).flat.tobytes() == expected


# One tile


def test_smallest_tile_is_the_specification_worked_by_hand() -> None:
    paths = Paths(POINT, np.array([[25, 17]]), np.array([1]), np.array([0]), np.array([True]))

    content = encode_layer("a", paths, pd.DataFrame({"k": ["v"]}), ids=np.array([5], np.uint64))

    # feature: 08 05 id · 12 02 00 00 tags · 18 01 point · 22 03 geometry: 9 = move to, once;
    # 25 → 50 = 32 hex, 17 → 34 = 22 hex. Eighteen bytes of head, key and value around it.
    feature = bytes.fromhex("0805 12020000 1801 2203093222")
    expected = (
        bytes.fromhex("7802 0a0161 1a016b 288020")
        + bytes([0x12, len(feature)])
        + feature
        + bytes.fromhex("2203 0a0176")
    )
    assert content == bytes([0x1A, len(expected)]) + expected


def test_values_keep_their_type_and_missing_ones_are_left_out() -> None:
    properties = pd.DataFrame(
        {
            "text": ["Абай көшесі", "", None],
            "whole": pd.array([3, -70000, None], dtype="Int64"),
            "number": [0.5, float("nan"), -1e300],
            "truth": [True, False, None],
            "class": [1, 2, 3],
        }
    )
    paths = Paths(POINT, np.array([[1, 1]] * 3), np.ones(3, int), np.arange(3), np.ones(3, bool))

    layer = decoded(encode_layer("a", paths, properties))["a"]
    found = [feature["properties"] for feature in layer["features"]]

    assert found == [
        {"text": "Абай көшесі", "whole": 3, "number": 0.5, "truth": True, "class": 1},
        {"text": "", "whole": -70000, "truth": False, "class": 2},
        {"number": -1e300, "class": 3},
    ]
    assert type(found[0]["class"]) is int
    assert found[0]["truth"] is True


def test_equal_values_stand_once_in_a_tile() -> None:
    count = 200
    paths = Paths(
        POINT, np.ones((count, 2), int), np.ones(count, int), np.arange(count), np.ones(count, bool)
    )
    word = ["a rather long word"] * count
    words = pd.DataFrame({"now": word, "then": word})

    assert encode_layer("a", paths, words).count(b"a rather long word") == 1


def test_column_that_a_tile_has_no_form_for_is_refused() -> None:
    paths = Paths(POINT, np.ones((1, 2), int), np.ones(1, int), np.arange(1), np.ones(1, bool))

    with pytest.raises(UsageError, match="'when' holds datetime") as caught:
        encode_layer("a", paths, pd.DataFrame({"when": pd.to_datetime(["2026-01-01"])}))

    assert caught.value.code == "tile_property_invalid"


def test_layer_without_columns_has_features_without_properties() -> None:
    hexagon = np.array([[[0, 0], [4, 2], [4, 6], [0, 8], [-4, 6], [-4, 2]]])

    features = decoded(encode_layer("a", hexagon, pd.DataFrame(index=range(1))))["a"]["features"]

    assert [feature["properties"] for feature in features] == [{}]


coordinates = st.tuples(st.integers(-200, 4300), st.integers(-200, 4300))


@settings(deadline=None, max_examples=60)
@given(st.lists(st.lists(coordinates, min_size=2, max_size=7), min_size=1, max_size=6))
def test_lines_come_back_without_repeated_points(lines: list) -> None:
    paths = Paths(
        LINE,
        np.array([point for line in lines for point in line]),
        np.array([len(line) for line in lines]),
        np.arange(len(lines)),
        np.ones(len(lines), bool),
    )
    tidy = [
        [point for place, point in enumerate(line) if place == 0 or point != line[place - 1]]
        for line in lines
    ]
    expected = {row: line for row, line in enumerate(tidy) if len(line) > 1}

    content = encode_layer("a", paths, pd.DataFrame({"row": range(len(lines))}))
    layer = decoded(content).get("a", {"features": []})

    found = {
        feature["properties"]["row"]: [tuple(point) for point in feature["geometry"]["coordinates"]]
        for feature in layer["features"]
    }
    assert found == expected


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.tuples(coordinates, st.integers(1, 300), st.integers(1, 300), st.booleans()),
        min_size=1,
        max_size=5,
    )
)
def test_rings_are_turned_as_the_format_wants(boxes: list) -> None:
    rings, features, outer = [], [], []
    for row, ((x, y), width, height, backwards) in enumerate(boxes):
        ring = [(x, y), (x + 4 * width, y), (x + 4 * width, y + 4 * height), (x, y + 4 * height)]
        hole = [(x + width, y + height), (x + 2 * width, y + height), (x + width, y + 2 * height)]
        for points, is_outer in ((ring, True), (hole, False)):
            rings.append(points[::-1] if backwards else points)
            features.append(row)
            outer.append(is_outer)
    paths = Paths(
        POLYGON,
        np.array([point for ring in rings for point in ring]),
        np.array([len(ring) for ring in rings]),
        np.array(features),
        np.array(outer),
    )

    layer = decoded(encode_layer("a", paths, pd.DataFrame({"row": range(len(boxes))})))["a"]

    assert len(layer["features"]) == len(boxes)
    for feature, (_, width, height, _) in zip(layer["features"], boxes, strict=True):
        ring, hole = feature["geometry"]["coordinates"]
        assert signed_area(ring) == 16 * width * height
        assert signed_area(hole) == -width * height / 2


def test_polygon_that_vanishes_takes_its_hole_with_it() -> None:
    points = np.array([[0, 0], [10, 0], [5, 0], [3, 0], [4, 0], [4, 1], [0, 0], [9, 0], [9, 9]])
    paths = Paths(
        POLYGON, points, np.array([3, 3, 3]), np.array([0, 0, 1]), np.array([True, False, True])
    )

    layer = decoded(encode_layer("a", paths, pd.DataFrame({"row": [0, 1]})))["a"]

    assert [feature["properties"]["row"] for feature in layer["features"]] == [1]


# Many tiles


def test_point_stands_where_the_textbook_formula_puts_it() -> None:
    tiles = decoded_tiles(layer_of([shapely.Point(ORAL)], zooms=(0, 15)))

    for zoom in range(16):
        tile = mercantile.tile(*ORAL, zoom)
        place = (zoom, tile.x, tile.y)
        found = tiles[place]["features"][0]["geometry"]["coordinates"]
        assert tuple(found) == grid_steps(*ORAL, *place)


def test_point_near_a_side_stands_in_both_tiles() -> None:
    tile = mercantile.tile(*ORAL, 14)
    bounds = mercantile.bounds(tile)
    width = (bounds.east - bounds.west) / EXTENT
    middle = (bounds.north + bounds.south) / 2
    near = shapely.Point(bounds.west + (BUFFER - 8) * width, middle)
    far = shapely.Point(bounds.west + (BUFFER + 8) * width, middle)

    tiles = decoded_tiles(layer_of([near, far]))

    rows = {place: ids_in(layer) for place, layer in tiles.items()}
    assert rows == {(14, tile.x, tile.y): [0, 1], (14, tile.x - 1, tile.y): [0]}


def test_only_tiles_that_hold_something_are_built() -> None:
    # The bounds of a diagonal line touch ten times ten tiles, the line only those it crosses.
    corner = mercantile.bounds(mercantile.tile(*ORAL, 14))
    tile = mercantile.tile(*ORAL, 14)
    other = mercantile.bounds(mercantile.Tile(tile.x + 9, tile.y + 9, 14))
    line = shapely.LineString([(corner.west, corner.north), (other.east, other.south)])

    tiles = decoded_tiles(layer_of([line]))

    assert 10 <= len(tiles) <= 40
    assert all(layer["features"] for layer in tiles.values())


def test_line_longer_than_a_tile_is_cut_and_stays_whole() -> None:
    lng, lat = ORAL
    line = shapely.LineString([(lng - 0.1, lat - 0.05), (lng, lat + 0.05), (lng + 0.1, lat - 0.05)])

    tiles = decoded_tiles(layer_of([line]))

    pieces = []
    for (_, x, y), layer in tiles.items():
        geometry = layer["features"][0]["geometry"]
        parts = geometry["coordinates"]
        for part in [parts] if geometry["type"] == "LineString" else parts:
            points = np.array(part, float)
            assert points.min() >= -BUFFER - 1
            assert points.max() <= EXTENT + BUFFER + 1
            pieces.append(shapely.LineString(points + np.array([x, y]) * EXTENT))
    whole = shapely.transform(line, lambda part: mercator(part) * EXTENT * 2**14)
    assert shapely.hausdorff_distance(shapely.union_all(pieces), whole, densify=0.01) < 1.5


def test_line_keeps_every_bend_at_the_last_zoom_only() -> None:
    tile = mercantile.tile(*ORAL, 14)
    bounds = mercantile.bounds(tile)
    step = (bounds.east - bounds.west) / EXTENT
    # A saw of 40 teeth, 6 steps high at zoom 14 and therefore 3 at zoom 13.
    east = bounds.west + step * np.arange(500, 900, 10)
    north = (bounds.north + bounds.south) / 2 + 3.8 * step * np.tile([0.5, -0.5], 20)
    line = shapely.LineString(np.column_stack([east, north]))

    tiles = decoded_tiles(layer_of([line], zooms=(13, 14)))

    bends = {
        place[0]: len(layer["features"][0]["geometry"]["coordinates"])
        for place, layer in tiles.items()
    }
    assert bends == {13: 2, 14: 40}


def test_line_keeps_a_bend_of_more_than_a_quarter_pixel_at_every_zoom() -> None:
    bounds = mercantile.bounds(mercantile.tile(*ORAL, 14))
    step = (bounds.east - bounds.west) / EXTENT
    middle = (bounds.north + bounds.south) / 2
    # A step north is cos(latitude) of a step east: the bend is 10, 5 and 2.5 steps high.
    height = 10 * step * math.cos(math.radians(middle))
    east = bounds.west + step * np.array([500, 700, 900])
    line = shapely.LineString(np.column_stack([east, [middle, middle + height, middle]]))

    tiles = decoded_tiles(layer_of([line], zooms=(12, 15)))

    bends = {
        place[0]: len(layer["features"][0]["geometry"]["coordinates"])
        for place, layer in tiles.items()
    }
    assert {zoom: bends[zoom] for zoom in (12, 13, 14)} == {12: 2, 13: 3, 14: 3}


def test_polygon_with_a_hole_keeps_its_area_over_all_tiles() -> None:
    lng, lat = ORAL
    outline = shapely.Point(lng, lat).buffer(0.08, quad_segs=40)
    polygon = outline.difference(shapely.Point(lng, lat).buffer(0.03, quad_segs=40))

    tiles = decoded_tiles(layer_of([shapely.MultiPolygon([polygon])]))

    square = shapely.box(0, 0, EXTENT, EXTENT)
    area = 0.0
    for layer in tiles.values():
        drawn = shapely.geometry.shape(layer["features"][0]["geometry"])
        assert drawn.is_valid
        assert max(np.abs(drawn.bounds)) <= EXTENT + BUFFER + 1
        area += drawn.intersection(square).area
    whole = shapely.transform(polygon, lambda part: mercator(part) * EXTENT * 2**14)
    assert area == pytest.approx(whole.area, rel=1e-4)


def test_hexagons_come_back_as_rings_of_six_corners() -> None:
    angles = np.radians(np.arange(0, 360, 60))
    centres = np.array([[51.37, 51.23], [51.38, 51.235]])
    corners = centres[:, None] + 0.001 * np.stack([np.cos(angles), np.sin(angles)], axis=-1)

    tiles = decoded_tiles(layer_of(corners, zooms=(13, 13), ids=np.array([70, 2**53], np.uint64)))

    seen = set()
    for (z, x, y), layer in tiles.items():
        for feature in layer["features"]:
            ring = feature["geometry"]["coordinates"][0]
            seen.add(feature["id"])
            expected = {
                grid_steps(*point, z, x, y) for point in corners[feature["properties"]["id"]]
            }
            assert signed_area(ring) > 0
            assert len(ring) == 7
            assert {tuple(point) for point in ring} == expected
    assert seen == {70, 2**53}


def test_features_keep_their_order_and_the_bytes_do_not_change() -> None:
    rng = np.random.default_rng(1)
    points = shapely.points(np.array(ORAL) + rng.uniform(-0.02, 0.02, (300, 2)))
    layer = layer_of(points, zooms=(12, 14))

    first, second = list(build_tiles(layer)), list(build_tiles(layer))

    assert first == second
    assert [tile[:4] for tile in first] == sorted(tile[:4] for tile in first)
    for content in decoded_tiles(layer).values():
        assert ids_in(content) == sorted(ids_in(content))
    assert all(tile[4][4:8] == bytes(4) for tile in first)  # no time in the gzip head


def test_feature_appears_from_its_own_zoom() -> None:
    layer = layer_of([shapely.Point(ORAL)] * 3, zooms=(8, 10), from_zoom=np.array([0, 9, 11]))

    rows = {place[0]: ids_in(tile) for place, tile in decoded_tiles(layer).items()}

    assert rows == {8: [0], 9: [0, 1], 10: [0, 1]}


def test_layers_of_one_tile_stand_in_their_order() -> None:
    point = shapely.Point(ORAL)
    lake = TileLayer("lake", np.array([point.buffer(0.001)]), pd.DataFrame({"a": [1]}), 13, 14)
    name = TileLayer("name", np.array([point]), pd.DataFrame({"b": ["Шаған"]}), 14, 14)

    tiles = {tile[1]: tile for tile in build_tile_stack("map", (lake, name))}

    assert {tile[0] for tile in tiles.values()} == {"map"}
    assert list(decoded(gzip.decompress(tiles[13][4]))) == ["lake"]
    assert list(decoded(gzip.decompress(tiles[14][4]))) == ["lake", "name"]


@pytest.mark.parametrize("geometry", [[], [None, shapely.Point(), shapely.Polygon()]])
def test_nothing_to_draw_gives_no_tile(geometry: list) -> None:
    assert list(build_tiles(layer_of(geometry))) == []


def test_missing_geometry_is_passed_over() -> None:
    tiles = decoded_tiles(layer_of([None, shapely.Point(ORAL)]))

    assert [ids_in(layer) for layer in tiles.values()] == [[1]]


def test_kinds_of_geometry_stand_in_one_layer_in_the_order_of_their_rows() -> None:
    lng, lat = ORAL
    street = shapely.LineString([(lng - 0.001, lat), (lng + 0.001, lat)])
    view = shapely.box(lng, lat, lng + 0.0005, lat + 0.0005)
    far = shapely.Point(lng + 0.05, lat)
    shapes = [shapely.Point(ORAL), street, view, None, far, street]
    frame = pd.DataFrame({"id": range(6), "state": ["a", "b", "a", "c", "b", None]})

    tiles = decoded_tiles(layer_of(shapes, frame, ids=np.arange(6, dtype=np.uint64)))

    near = tiles[14, *mercantile.tile(*ORAL, 14)[:2]]["features"]
    kinds = [feature["geometry"]["type"] for feature in near]
    assert kinds == ["Point", "LineString", "Polygon", "LineString"]
    assert [feature["properties"] for feature in near] == [
        {"id": 0, "state": "a"}, {"id": 1, "state": "b"}, {"id": 2, "state": "a"}, {"id": 5}
    ]  # fmt: skip
    alone = tiles[14, *mercantile.tile(lng + 0.05, lat, 14)[:2]]["features"]
    assert [(one["id"], one["properties"]["state"]) for one in alone] == [(4, "b")]


def test_tiles_of_mixed_kinds_are_those_of_each_kind_alone() -> None:
    rng = np.random.default_rng(5)
    spots = np.array(ORAL) + rng.uniform(-0.03, 0.03, (60, 2))
    ends = spots + rng.uniform(-0.02, 0.02, (60, 2))
    shapes = np.array([
        (shapely.Point(spot), shapely.LineString([spot, end]), shapely.box(*spot, *end))[row % 3]
        for row, (spot, end) in enumerate(zip(spots, ends, strict=True))
    ])  # fmt: skip
    from_zoom = rng.integers(12, 15, 60)

    mixed = decoded_tiles(layer_of(shapes, zooms=(12, 14), from_zoom=from_zoom))

    found = {place: {row: [] for row in range(3)} for place in mixed}
    for kind in range(3):
        alone = np.where(np.arange(60) % 3 == kind, shapes, None)
        for place, layer in decoded_tiles(
            layer_of(alone, zooms=(12, 14), from_zoom=from_zoom)
        ).items():
            found[place][kind] = layer["features"]
    for place, layer in mixed.items():
        alone = [feature for features in found[place].values() for feature in features]
        each = sorted(alone, key=lambda one: one["properties"]["id"])
        assert layer["features"] == each


def test_feature_of_several_kinds_at_once_is_refused() -> None:
    both = shapely.GeometryCollection([shapely.Point(ORAL), shapely.box(0, 0, 1, 1)])
    for shapes in ([both], [both, shapely.Point(ORAL)]):
        with pytest.raises(UsageError) as caught:
            list(build_tiles(layer_of(shapes)))
        assert caught.value.code == "geometry_mixed"


def test_polygon_that_crosses_itself_is_mended() -> None:
    lng, lat = ORAL
    east, north = lng + 0.001, lat + 0.001
    bow_tie = shapely.Polygon([(lng, lat), (east, north), (east, lat), (lng, north)])

    layer = next(iter(decoded_tiles(layer_of([bow_tie])).values()))

    assert shapely.geometry.shape(layer["features"][0]["geometry"]).is_valid


@pytest.mark.bad_input("B14")
@pytest.mark.parametrize("lat", [90.0, -90.0])
def test_pole_is_drawn_at_the_maps_edge(lat: float) -> None:
    tiles = decoded_tiles(layer_of([shapely.Point(20.0, lat)], zooms=(3, 3)))

    assert list(tiles) == [(3, 4, 0 if lat > 0 else 7)]
