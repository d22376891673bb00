"""Frames as Parquet files whose bytes depend on the rows alone, whatever order they came in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyarrow.parquet as pq


def write_frame(path: Path, frame: pd.DataFrame) -> None:
    """Write a frame, sorted; one with a geometry becomes GeoParquet with a covering box.

    Rows are sorted by as many leading columns as it takes to tell every row apart; a geometry is
    compared last, as WKB. The index is not kept.
    """
    options: dict[str, Any] = {"compression": "zstd", "index": False}
    rows = _in_one_order(frame)
    if isinstance(rows, gpd.GeoDataFrame):
        rows.to_parquet(path, write_covering_bbox=True, **options)
    else:
        rows.to_parquet(path, **options)


def read_frame(path: Path) -> pd.DataFrame:
    """Read a frame; a GeoDataFrame where it was written with a geometry."""
    has_geometry = b"geo" in (pq.read_schema(path).metadata or {})
    frame: pd.DataFrame = gpd.read_parquet(path) if has_geometry else pd.read_parquet(path)
    return frame


# -------------------------------------------------------------------------------------------


def _in_one_order(frame: pd.DataFrame) -> pd.DataFrame:
    shapes = [name for name in frame if str(frame[name].dtype) == "geometry"]
    keys = pd.DataFrame(frame.drop(columns=shapes)).reset_index(drop=True)
    for name in shapes:
        keys[name] = gpd.GeoSeries(frame[name]).to_wkb().to_numpy()

    leading = 1
    while leading < keys.shape[1] and keys.duplicated(list(keys.columns[:leading])).any():
        leading += 1
    order = keys.sort_values(list(keys.columns[:leading]), kind="stable").index
    return frame.iloc[order].reset_index(drop=True)
