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
    rows = _in_one_order(frame)
    # A list of the distinct values helps words and whole numbers; of measures hardly any two are
    # alike, and looking for them took most of the time and a fifth more room.
    listed = [name for name in rows if not pd.api.types.is_float_dtype(rows[name].dtype)]
    options: dict[str, Any] = {"compression": "zstd", "index": False, "use_dictionary": listed}
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
    names = [*(name for name in frame if name not in shapes), *shapes]
    keys = pd.DataFrame(index=pd.RangeIndex(len(frame)))
    for name in names:
        keys[name] = (
            gpd.GeoSeries(frame[name]).to_wkb().to_numpy() if name in shapes else frame[name].array
        )
        if not keys.duplicated().any():
            break
    order = keys.sort_values(list(keys.columns), kind="stable").index.to_numpy()
    # Most frames come in order: a copy of the largest is a hundred megabytes for a city.
    return frame if (order[1:] > order[:-1]).all() else frame.iloc[order]
