"""Read a list of schools: gates, shifts, number of pupils, and who guards the door."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from data.importers.asset_rows import (
    RowForm,
    fold_words,
    read_known_words,
    read_texts,
    texts_or_none,
)
from data.importers.opening import read_source_table
from data.importers.places.known_places import KnownPlaces
from data.importers.points import PointKind, take_points
from data.importers.report import Imported
from data.importers.school_gates import join_gates, place_by_gates, read_gates
from data.importers.tabular import ReadOptions, SourceTable
from data.importers.values.shift_times import ASSUMED_SHIFTS, parse_shifts, read_shifts
from data.importers.values.words import read_flags, read_numbers
from geo import columns as c

LANGUAGES = fold_words({
    "kk": ("казахский", "каз", "қазақ", "қазақша", "қазақ тілі", "мемлекеттік", "kazakh"),
    "ru": ("русский", "рус", "орыс", "орысша", "орыс тілі", "russian"),
    "kk+ru": ("казахский и русский", "каз/рус", "казахский, русский", "смешанный", "смешанная",
              "аралас", "қазақ, орыс", "қазақ және орыс", "mixed"),
})  # fmt: skip


def read_schools_file(path: Path, options: ReadOptions, places: KnownPlaces) -> Imported:
    """Read schools with the columns of the table ``schools``.

    ``shift_times`` is "08:00-13:00;14:00-19:00"; where the file gives none it is that, with
    ``shift_times_assumed`` set. ``pupils`` is NaN where not given. Several rows of one number that
    differ in their place alone are gates of one school, as are the points of a cell of gates; the
    first gate from south-west is the school's own point.
    """
    table = place_by_gates(read_source_table(path, "schools", options))
    return take_points(table, _SCHOOLS, options, places)


# -------------------------------------------------------------------------------------------


def _read_fields(table: SourceTable, options: ReadOptions, places: KnownPlaces) -> pd.DataFrame:
    shift_times, assumed = read_shifts(table)
    number = table.text("number")
    return pd.DataFrame(
        {
            **read_texts(table, c.NAME, c.NAME_KK, c.NAME_RU, "kind"),
            "shift_times": shift_times,
            "shift_times_assumed": np.asarray(assumed, bool),
            c.PUPILS: read_numbers(table, c.PUPILS, 0, 100_000),
            "number": texts_or_none(number),
            "language": read_known_words(table, "language", LANGUAGES, closed=False),
            **{
                name: read_flags(table, name)
                for name in ("guard", "turnstile", "inspector", "cameras_connected")
            },
            "gates": read_gates(table, places.area),
        }
    )


def _read_ids(table: SourceTable) -> pd.Series:
    own, number = table.text("external_id").astype(object), table.text("number").astype(object)
    return own.where(own.notna(), number)


_SCHOOLS = PointKind(
    RowForm("schools", (c.NAME, c.NAME_KK, c.NAME_RU)), _read_fields, _read_ids, join_gates
)

__all__ = ["ASSUMED_SHIFTS", "parse_shifts", "read_schools_file"]
