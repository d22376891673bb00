"""Light and cameras as tiles: what is encoded, and from which zoom."""

import gzip

import mapbox_vector_tile
import numpy as np
import pandas as pd
import shapely

from maps.asset_layers import camera_layer, lighting_layer, street_light_word
from maps.style import LAYER_ZOOMS, VECTOR_FIELDS
from maps.tiles import build_tiles

LNG, LAT = 51.37, 51.23


def features(layer, zoom):
    """Return what the tiles of a zoom hold, in order: kind of geometry and properties."""
    found = []
    for _, z, _, _, content in build_tiles(layer):
        if z == zoom:
            decoded = mapbox_vector_tile.decode(gzip.decompress(content))
            assert list(decoded) == [layer.name]
            found += decoded[layer.name]["features"]
    return [(one["geometry"]["type"], one["properties"]) for one in found]


def streets(*rows):
    """One row a street: lit, unlit and unknown metres, then minutes in the morning."""
    numbers = np.array([row[:3] for row in rows], float).reshape(-1, 3)
    frame = pd.DataFrame(numbers, columns=["lit_m", "unlit_m", "unknown_light_m"])
    frame["dark_minutes_school_am"] = [row[3] for row in rows]
    frame["section_id"] = [f"s{n}" for n in range(len(rows))]
    frame["geometry"] = [
        shapely.LineString([(LNG, LAT + n / 9000), (LNG + 0.001, LAT + n / 9000)])
        for n in range(len(rows))
    ]
    return frame


def lamps(*states, **more):
    return pd.DataFrame({
        "lamp_id": [f"l{n}" for n in range(len(states))], "lat": LAT, "lon": LNG,
        "state": pd.Series(states, dtype=object), **more,
    })  # fmt: skip


def cameras(*states, **more):
    return lamps(*states, **more).rename(columns={"lamp_id": "camera_id"})


def views(**of_camera):
    return pd.DataFrame({
        "camera_id": list(of_camera), "view": list(of_camera.values()),
        "geometry": [shapely.Point(LNG, LAT).buffer(0.0004)] * len(of_camera),
    })  # fmt: skip


def test_streets_stand_below_their_lamps_with_light_number_and_day():
    rows = streets((0, 80, 0, 412.4), (60, 0, 40, 0.2))
    told = lamps("broken", "working", number=["41", None],
                 down_since=pd.to_datetime(["2026-03-03", None]))  # fmt: skip
    assert features(lighting_layer(rows, told), 15) == [
        ("LineString", {"id": "s0", "asset": "street", "light": "unlit",
                        "dark_minutes_school_am": 412}),
        ("LineString", {"id": "s1", "asset": "street", "light": "lit"}),
        ("Point", {"id": "l0", "asset": "lamp", "state": "broken", "number": "41",
                   "since": "2026-03-03"}),
        ("Point", {"id": "l1", "asset": "lamp", "state": "working"}),
    ]  # fmt: skip


def test_from_afar_only_the_streets_that_children_walk_in_the_dark():
    rows = streets((0, 80, 0, 412.0), (0, 80, 0, np.nan), (97, 3, 0, 50.0), (50, 50, 0, 9.0))
    layer = lighting_layer(rows, lamps("working"))
    told = {
        zoom: list(dict.fromkeys(one["id"] for _, one in features(layer, zoom)))
        for zoom in (12, 13, 14)
    }  # what lies near a side stands in two tiles
    assert told == {12: ["s0", "s3"], 13: ["s0", "s3"], 14: ["s0", "s1", "s2", "s3", "l0"]}


def test_a_street_is_never_called_dark_where_its_light_is_not_known():
    rows = streets((0, 0, 50, 0), (10, 10, 20, 0), (0, 21, 20, 0), (0, 0, 0, 0))
    assert street_light_word(rows).tolist() == ["unknown", "unknown", "unlit", "unknown"]


def test_a_lamp_that_is_only_planned_is_not_drawn():
    assert [one["id"] for _, one in features(lighting_layer(streets(), lamps("planned", "unknown")),
                                             15)] == ["l1"]  # fmt: skip


def test_nothing_known_gives_no_tile():
    assert list(build_tiles(lighting_layer(streets(), lamps()))) == []
    assert list(build_tiles(camera_layer(cameras(), views()))) == []


def test_views_lie_below_the_cameras_and_bear_their_state():
    told = cameras("broken", "working", "working", connected=[None, True, False])
    layer = camera_layer(told, views(l0="sector", l1="circle"))
    assert features(layer, 15) == [
        ("Polygon", {"id": "l0", "asset": "view", "state": "broken", "view": "sector"}),
        ("Polygon", {"id": "l1", "asset": "view", "state": "working", "view": "circle",
                     "connected": True}),
        ("Point", {"id": "l0", "asset": "camera", "state": "broken"}),
        ("Point", {"id": "l1", "asset": "camera", "state": "working", "connected": True}),
        ("Point", {"id": "l2", "asset": "camera", "state": "working", "connected": False}),
    ]  # fmt: skip
    assert [kind for kind, _ in features(layer, 14)] == ["Point"] * 3


def test_properties_and_zooms_are_those_that_other_programs_are_told():
    light = lighting_layer(streets((0, 80, 0, 5.0)), lamps("broken", number=["4"]))
    seen = camera_layer(cameras("working", connected=[True]), views(l0="sector"))
    for layer in (light, seen):
        assert set(layer.properties) <= set(VECTOR_FIELDS[layer.name][layer.name])
        assert LAYER_ZOOMS[layer.name] == (layer.min_zoom, layer.max_zoom)
