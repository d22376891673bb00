"""Read a list of cameras: points with a state and, where known, what they see."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from data.importers.known_places import KnownPlaces
from data.importers.moments import read_moments
from data.importers.points import PointKind, read_points, texts_or_none
from data.importers.report import Imported
from data.importers.tabular import ReadOptions, SourceTable
from data.importers.words import read_flags, read_numbers


def read_cameras_file(path: Path, options: ReadOptions, places: KnownPlaces) -> Imported:
    """Read cameras with the columns of the table ``cameras``.

    ``working``, ``azimuth_deg`` and ``range_m`` are missing where the file does not say.
    """
    return read_points(path, _CAMERAS, options, places)


# -------------------------------------------------------------------------------------------


def _read_fields(table: SourceTable, options: ReadOptions, places: KnownPlaces) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "kind": texts_or_none(table.text("kind")),
            "working": read_flags(table, "working"),
            "broken_from": read_moments(table, "broken_from", places.area, required=False).at,
            "azimuth_deg": read_numbers(table, "azimuth_deg", 0, 360),
            "range_m": read_numbers(table, "range_m", 0, 500),
        }
    )


_CAMERAS = PointKind("cameras", _read_fields, ("kind", "azimuth_deg"))
