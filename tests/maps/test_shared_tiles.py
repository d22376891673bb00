from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import shapely

from maps import shared_tiles
from maps.shared_tiles import SharedTiles
from maps.tiles import TileLayer, build_tiles, draw_layer

ORAL = (51.37, 51.23)


def street_layer(shown: str = "class") -> TileLayer:
    lines = [
        shapely.LineString([(ORAL[0] + east, ORAL[1]), (ORAL[0] + east + 0.004, ORAL[1] + 0.003)])
        for east in (0.0, 0.002, 0.03)
    ]
    properties = pd.DataFrame({"id": ["a", "b", "c"], shown: [1, 5, 1]})
    return TileLayer("streets", np.array(lines, dtype=object), properties, 13, 15)


def moved(layer: TileLayer) -> TileLayer:
    return replace(layer, geometry=shapely.transform(layer.geometry, lambda xy: xy + 0.01))


def hexagon_layer(radius: float) -> TileLayer:
    angles = np.arange(6) * np.pi / 3
    corners = np.array(ORAL) + radius * np.column_stack([np.cos(angles), np.sin(angles)])
    return TileLayer("streets", corners[None], pd.DataFrame({"id": ["a"]}), 13, 15)


OTHERS = {
    "properties": street_layer("light"),
    "shapes": moved(street_layer()),
    "a shape is missing": replace(
        street_layer(), geometry=np.array([None, *street_layer().geometry[1:]], dtype=object)
    ),
    "fewer shapes": replace(
        street_layer(),
        geometry=street_layer().geometry[:2],
        properties=street_layer().properties[:2],
    ),
    "zoom they appear at": replace(street_layer(), from_zoom=np.array([13, 14, 15])),
    "ids": replace(street_layer(), ids=np.array([7, 8, 9], np.uint64)),
    "last zoom": replace(street_layer(), max_zoom=14),
    "kind": hexagon_layer(0.002),
}


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
def test_tiles_are_those_of_the_layer_alone(other: TileLayer) -> None:
    shared = SharedTiles()

    for layer in (street_layer(), other, street_layer(), hexagon_layer(0.001), other):
        assert shared.build(layer) == list(build_tiles(layer))


def test_shapes_are_drawn_once_and_equal_layers_encoded_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    drawn = []

    def draw(layer: TileLayer) -> dict:
        drawn.append(list(layer.properties))
        return draw_layer(layer)

    monkeypatch.setattr(shared_tiles, "draw_layer", draw)
    shared = SharedTiles()

    first, same, other = (shared.build(street_layer(name)) for name in ("class", "class", "light"))

    assert drawn == [["id", "class"]]
    assert same is first
    assert [tile[:4] for tile in other] == [tile[:4] for tile in first]
    assert [tile[4] for tile in other] != [tile[4] for tile in first]
