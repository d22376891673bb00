from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
import shapely

from data.frame_files import read_frame, write_frame


def streets() -> gpd.GeoDataFrame:
    frame = pd.DataFrame(
        {
            "section_id": ["s2", "s1", "s3", "s1"],
            "hazard": [0.5, 0.25, np.nan, 0.125],
            "hazard_class": pd.array([1, 5, None, 2], dtype="Int64"),
            "lit": [True, False, True, False],
        }
    )
    ends = [(0.0, 1.0), (0.0, 2.0), (0.0, 3.0), (0.0, 4.0)]
    return gpd.GeoDataFrame(
        frame, geometry=[shapely.LineString([(0, 0), end]) for end in ends], crs="EPSG:4326"
    )


def encodings(path: Path) -> dict[str, set[str]]:
    group = pq.ParquetFile(path).metadata.row_group(0)
    columns = [group.column(place) for place in range(group.num_columns)]
    return {column.path_in_schema: set(column.encodings) for column in columns}


@pytest.mark.parametrize("order", [[0, 1, 2, 3], [3, 2, 1, 0], [1, 3, 0, 2]])
def test_rows_stand_in_one_order_whatever_order_they_came_in(
    tmp_path: Path, order: list[int]
) -> None:
    given = streets().iloc[order]
    before = given.copy()

    write_frame(tmp_path / "given.parquet", given)
    write_frame(tmp_path / "again.parquet", read_frame(tmp_path / "given.parquet"))

    # Two rows are of s1: the hazard, the next column, tells them apart.
    expected = streets().iloc[[3, 1, 0, 2]].reset_index(drop=True)
    found = read_frame(tmp_path / "given.parquet")
    pd.testing.assert_frame_equal(found, expected, check_dtype=False)
    same = (tmp_path / "again.parquet").read_bytes()
    assert (tmp_path / "given.parquet").read_bytes() == same
    pd.testing.assert_frame_equal(given, before)


def test_rows_that_only_their_line_tells_apart_are_sorted_by_it(tmp_path: Path) -> None:
    lines = shapely.linestrings([[(0, 0), (0, far)] for far in (1, 2, 4)])
    frame = gpd.GeoDataFrame({"kind": ["road"] * 3}, geometry=lines, crs="EPSG:4326")

    write_frame(tmp_path / "one.parquet", frame)
    write_frame(tmp_path / "two.parquet", frame.iloc[::-1])

    assert (tmp_path / "one.parquet").read_bytes() == (tmp_path / "two.parquet").read_bytes()


def test_distinct_values_are_listed_of_words_and_whole_numbers_only(tmp_path: Path) -> None:
    write_frame(tmp_path / "streets.parquet", streets())

    found = encodings(tmp_path / "streets.parquet")

    assert "RLE_DICTIONARY" in found["section_id"] & found["hazard_class"]
    assert "RLE_DICTIONARY" not in found["hazard"] | found["bbox.xmin"]
