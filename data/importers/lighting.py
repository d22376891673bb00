"""Read a list of lamps: points with a state, as CSV or GeoJSON."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from data.importers.known_places import KnownPlaces
from data.importers.moments import read_moments
from data.importers.points import PointKind, read_points, texts_or_none
from data.importers.report import Imported
from data.importers.tabular import ReadOptions, SourceTable
from data.importers.words import read_flags, read_numbers


def read_lighting_file(path: Path, options: ReadOptions, places: KnownPlaces) -> Imported:
    """Read lamps with the columns of the table ``lamps``.

    ``working`` is None where the file does not say: an unknown lamp is not a dark one. Days of
    commissioning and outage are missing where not given; ``mount_height_m`` likewise.
    """
    return read_points(path, _LAMPS, options, places)


# -------------------------------------------------------------------------------------------


def _read_fields(table: SourceTable, options: ReadOptions, places: KnownPlaces) -> pd.DataFrame:
    days = {
        name: read_moments(table, name, places.area, required=False).at
        for name in ("commissioned_at", "broken_from", "broken_to")
    }
    back_too_early = days["broken_to"] < days["broken_from"]
    table.faults.add(back_too_early, table.head("broken_to"), "broken_to_before_broken_from")
    return pd.DataFrame(
        {
            "kind": texts_or_none(table.text("kind")),
            "mount_height_m": read_numbers(table, "mount_height_m", 0, 60),
            "working": read_flags(table, "working"),
            **days,
        }
    )


_LAMPS = PointKind("lighting", _read_fields, ("kind",))
