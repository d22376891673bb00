import gzip

import mapbox_vector_tile
import numpy as np
import pandas as pd
import pytest
import shapely

from geo.cells import build_cell_grid, cell_boundaries
from geo.study_area import build_study_area
from maps.tiles import TileLayer, build_tiles
from maps.tiles_on_demand import found_layer, tile_on_demand

BOX = shapely.box(51.33, 51.21, 51.40, 51.25)


@pytest.fixture(scope="module")
def layers():
    grid = build_cell_grid(build_study_area("Oral", BOX, time_zone="Asia/Oral"), 10)
    random = np.random.default_rng(5)
    cells = TileLayer(
        "cells",
        cell_boundaries(grid.cells),
        pd.DataFrame(
            {"id": grid.cells.astype(str), "score": random.integers(0, 5, len(grid.cells))}
        ),
        13,
        15,
    )
    starts = np.column_stack([random.uniform(51.33, 51.40, 200), random.uniform(51.21, 51.25, 200)])
    steps = random.normal(0, 0.002, (200, 6, 2)).cumsum(axis=1)
    lines = shapely.linestrings(starts[:, None] + steps)
    sections = TileLayer("sections", lines, pd.DataFrame({"id": range(200)}), 12, 15)
    return {"cells": cells, "sections": sections}


def decoded(content):
    return mapbox_vector_tile.decode(gzip.decompress(content))


@pytest.mark.parametrize("name", ["cells", "sections"])
def test_each_tile_holds_what_that_of_the_whole_layer_holds(layers, name):
    found = [found_layer(layers[name])]
    tiles = list(build_tiles(layers[name]))

    assert len(tiles) > 30
    for _, z, x, y, content in tiles:
        assert decoded(tile_on_demand(found, z, x, y)) == decoded(content)


def test_neighbours_of_the_town_are_empty_where_the_whole_layer_has_no_tile(layers):
    found = [found_layer(layers["cells"])]
    held = {tile[1:4] for tile in build_tiles(layers["cells"])}
    columns = [x for z, x, _ in held if z == 14]
    rows = [y for z, _, y in held if z == 14]
    for x in range(min(columns) - 2, max(columns) + 3):
        for y in range(min(rows) - 2, max(rows) + 3):
            assert (tile_on_demand(found, 14, x, y) is not None) == ((14, x, y) in held)


def test_zoom_without_a_layer_and_no_layer_at_all_give_nothing(layers):
    tile = next(build_tiles(layers["cells"]))

    assert tile_on_demand([found_layer(layers["cells"])], 5, 20, 10) is None
    assert tile_on_demand([], *tile[1:4]) is None
