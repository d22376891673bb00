import gzip
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import fields

import mapbox_vector_tile
import mercantile
import numpy as np
import pandas as pd
import pytest
import shapely

from maps.basemap import BasemapFrames, basemap_tiles, way_lines
from maps.tiles import Tile
from tests.shared_data import shared_path

NO_NAMES = {"name": None, "name_kk": None, "name_ru": None}


def frame(rows: list[dict], columns: list[str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=columns)


def named(name: str | None, kk: str | None = None, ru: str | None = None) -> dict:
    return {"name": name, "name_kk": kk, "name_ru": ru}


@pytest.fixture
def frames() -> BasemapFrames:
    names = list(NO_NAMES)
    lake = shapely.box(51.30, 51.20, 51.34, 51.22)
    return BasemapFrames(
        nodes=frame(
            [{"node_id": node, "lat": 51.23, "lon": 51.36 + node / 1000} for node in range(1, 7)],
            ["node_id", "lat", "lon"],
        ),
        ways=frame(
            [
                {
                    "way_id": 10,
                    "highway": "primary",
                    **named("Абай көшесі", "Абай көшесі", "улица Абая"),
                },
                {"way_id": 11, "highway": "residential", **NO_NAMES},
                {"way_id": 12, "highway": "footway", **NO_NAMES},
                {"way_id": 13, "highway": "construction", **NO_NAMES},
            ],
            ["way_id", "highway", *names],
        ),
        way_nodes=frame(
            [
                {"way_id": way, "node_id": node}
                for way, node in [
                    (10, 3),
                    (10, 2),
                    (10, 1),
                    (11, 3),
                    (11, 4),
                    (12, 4),
                    (12, 5),
                    (13, 5),
                    (13, 6),
                ]
            ],
            ["way_id", "node_id"],
        ),
        areas=frame(
            [
                {"kind": "water", **named("Шалқар"), "geometry": shapely.to_wkb(lake)},
                {
                    "kind": "green",
                    **NO_NAMES,
                    "geometry": shapely.to_wkb(shapely.box(51.36, 51.23, 51.37, 51.24)),
                },
                {
                    "kind": "building",
                    **NO_NAMES,
                    "geometry": shapely.to_wkb(shapely.box(51.361, 51.231, 51.3612, 51.2311)),
                },
            ],
            ["kind", *names, "geometry"],
        ),
        rails=frame(
            [
                {
                    "kind": "rail",
                    **NO_NAMES,
                    "geometry": shapely.to_wkb(
                        shapely.LineString([(51.36, 51.22), (51.37, 51.24)])
                    ),
                }
            ],
            ["kind", *names, "geometry"],
        ),
        waterways=frame([], ["kind", *names, "geometry"]),
        points=frame(
            [
                {
                    "kind": "place",
                    "place": "town",
                    **named("Орал", None, "Уральск"),
                    "lat": 51.23,
                    "lon": 51.365,
                },
                {"kind": "place", "place": "suburb", **NO_NAMES, "lat": 51.23, "lon": 51.365},
                {"kind": "school", "place": None, **named("№ 1"), "lat": 51.23, "lon": 51.365},
            ],
            ["kind", "place", *names, "lat", "lon"],
        ),
    )


def decoded(tiles: Iterable[Tile]) -> dict[int, dict[str, list[dict]]]:
    """Collect the properties of all features by zoom and layer."""
    found: dict[int, dict[str, list[dict]]] = defaultdict(lambda: defaultdict(list))
    for address, zoom, _, _, content in tiles:
        assert address == "basemap"
        for name, layer in mapbox_vector_tile.decode(gzip.decompress(content)).items():
            found[zoom][name] += [feature["properties"] for feature in layer["features"]]
    return found


def test_each_kind_of_road_appears_at_its_zoom(frames: BasemapFrames) -> None:
    zooms = decoded(basemap_tiles(frames))

    kinds = {zoom: {road["kind"] for road in zooms[zoom]["roads"]} for zoom in range(8, 16)}

    assert kinds[8] == kinds[11] == {"major"}
    assert kinds[12] == kinds[13] == {"major", "minor"}
    assert kinds[14] == kinds[15] == {"major", "minor", "path"}


def test_names_travel_as_tagged_and_missing_ones_are_left_out(frames: BasemapFrames) -> None:
    zooms = decoded(basemap_tiles(frames))

    assert zooms[8]["roads"][0] == {
        "name": "Абай көшесі",
        "name_kk": "Абай көшесі",
        "name_ru": "улица Абая",
        "kind": "major",
    }
    assert {"kind": "minor"} in zooms[12]["roads"]
    assert zooms[8]["places"] == [{"name": "Орал", "name_ru": "Уральск", "kind": "town"}]


def test_layers_stand_in_the_order_of_painting(frames: BasemapFrames) -> None:
    zooms = decoded(basemap_tiles(frames))
    tile = mercantile.tile(51.3611, 51.23105, 15)
    content = {tuple(place): data for _, *place, data in basemap_tiles(frames)}

    layers = list(mapbox_vector_tile.decode(gzip.decompress(content[15, tile.x, tile.y])))

    assert layers == ["green", "buildings", "rails", "roads", "places"]
    assert "buildings" not in zooms[13]
    assert zooms[8]["water"] == [{"name": "Шалқар"}]


def test_what_lies_outside_the_bounds_is_cut_off(frames: BasemapFrames) -> None:
    bounds = (51.355, 51.21, 51.38, 51.25)

    zooms = decoded(basemap_tiles(frames, bounds=bounds))

    assert "water" in decoded(basemap_tiles(frames))[15]
    assert "water" not in zooms[15]
    assert zooms[15]["roads"]


def test_way_follows_its_nodes_and_passes_over_absent_ones(frames: BasemapFrames) -> None:
    way_nodes = pd.DataFrame(
        {"way_id": [11, 11, 11, 10, 10, 99, 12], "node_id": [3, 77, 4, 2, 1, 1, 5]}
    )

    lines = way_lines(frames.nodes, frames.ways, way_nodes)

    assert np.allclose(shapely.get_coordinates(lines[0]), [[51.362, 51.23], [51.361, 51.23]])
    assert np.allclose(shapely.get_coordinates(lines[1])[:, 0], [51.363, 51.364])
    assert lines[2] is None
    assert lines[3] is None


def test_empty_extract_gives_no_tile(frames: BasemapFrames) -> None:
    empty = BasemapFrames(**{name: part.iloc[:0] for name, part in vars(frames).items()})

    assert list(basemap_tiles(empty)) == []


@pytest.mark.shared
def test_street_map_of_almaty_holds_its_streets() -> None:
    from data.importers.street_map.osm import parse_osm_file

    extract = parse_osm_file(shared_path("almaty/almaty.osm.pbf"))
    names = [field.name for field in fields(BasemapFrames)]
    tiles = list(basemap_tiles(BasemapFrames(*(getattr(extract, name) for name in names))))

    zooms = decoded(tile for tile in tiles if tile[1] in (9, 12))

    assert {tile[1] for tile in tiles} == set(range(8, 16))
    assert {road["kind"] for road in zooms[9]["roads"]} <= {"motorway", "major"}
    tagged = set(extract.ways.loc[extract.ways["highway"] == "primary", "name"].dropna())
    assert tagged
    assert tagged <= {road.get("name") for road in zooms[12]["roads"]}
