"""Read a list of cameras, points with a state and, where known, what they see; or their outages."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from data.importers.asset_rows import (
    RowForm,
    fold_words,
    join_ids,
    read_known_words,
    read_texts,
    texts_or_none,
)
from data.importers.file_kinds import FileKind, kind_of_file
from data.importers.opening import read_source_table
from data.importers.outages import CAMERA, take_outages
from data.importers.places.known_places import KnownPlaces
from data.importers.points import PointKind, take_points
from data.importers.report import Imported
from data.importers.tabular import ReadOptions, SourceTable
from data.importers.values.moments import mark_future, read_moments
from data.importers.values.words import read_flags, read_numbers

FILE_KINDS = (
    FileKind(
        "outage_log",
        needs=(
            frozenset({"broken_from"}),
            frozenset({"broken_to"}),
            frozenset({"number", "external_id"}),
        ),
        lacks=frozenset({"place", "house", "address", "street", "kind", "working"}),
    ),
    FileKind("camera_list"),
)

KINDS = fold_words({
    "entrance": ("подъезд", "подъездная", "подъездная камера", "в подъезде", "домофон", "кіреберіс",
                 "подъезд камерасы"),
    "overview": ("обзорная", "обзор", "обзорная камера", "уличная", "шолу", "шолу камерасы",
                 "көше камерасы"),
    "ptz": ("поворотная", "купольная поворотная", "скоростная поворотная", "айналмалы"),
    "plates": ("лпр", "распознавание номеров", "lpr", "anpr", "нөмір тану"),
    "speed": ("сергек", "sergek", "скоростемер"),
    "analytic": ("аналитическая", "с аналитикой", "распознавание лиц", "аналитикалық"),
})  # fmt: skip
"""Folded word of a list → kind. An entrance camera does not see the street."""


def read_cameras_file(path: Path, options: ReadOptions, places: KnownPlaces) -> Imported:
    """Read cameras or their outages, whichever the file holds.

    Cameras have the columns of the table ``cameras``. ``working``, ``azimuth_deg`` and ``range_m``
    are missing where the file does not say; ``kind`` is one of `KINDS` where the word is known.
    """
    table = read_source_table(path, "cameras", options)
    if kind_of_file(table, FILE_KINDS) == "outage_log":
        return take_outages(table, CAMERA, options, places)
    return take_points(table, _CAMERAS, options, places)


# -------------------------------------------------------------------------------------------


def _read_fields(table: SourceTable, options: ReadOptions, places: KnownPlaces) -> pd.DataFrame:
    moments = {
        name: read_moments(table, name, places.area, required=False)
        for name in ("broken_from", "broken_to", "inspected_at")
    }
    mark_future(table, moments["inspected_at"], "inspected_at", options.received_at)
    back_too_early = moments["broken_to"].at < moments["broken_from"].at
    table.faults.add(back_too_early, table.head("broken_to"), "broken_to_before_broken_from")
    number = table.text("number")
    kind = read_known_words(table, "kind", KINDS, closed=False)
    _note_kinds(table, kind)
    range_m = read_numbers(table, "range_m", 0, 500)
    _note_ranges(table, range_m)
    return pd.DataFrame(
        {
            "kind": kind,
            "working": read_flags(table, "working"),
            **{name: moment.at for name, moment in moments.items()},
            "azimuth_deg": read_numbers(table, "azimuth_deg", 0, 360),
            "angle_deg": read_numbers(table, "angle_deg", 0, 360),
            "range_m": range_m,
            "retention_days": read_numbers(table, "retention_days", 0, 36_500),
            "number": texts_or_none(number.where(number.notna(), table.text("external_id"))),
            **read_texts(table, "owner", "funding"),
            "connected": read_flags(table, "connected"),
        }
    )


def _note_kinds(table: SourceTable, kind: pd.Series) -> None:
    strange = kind.notna() & ~kind.isin(list(KINDS.values()))
    if strange.any():
        table.warnings.append(
            f"kind_unknown: {int(strange.sum())} cameras have a kind that is not known; whether "
            "they see the street is not known either."
        )


def _note_ranges(table: SourceTable, range_m: npt.NDArray[np.float64]) -> None:
    rows = [str(row) for row in table.rows[range_m == 0]]
    if rows:
        named = ", ".join(rows[:5]) + (f" and {len(rows) - 5} more" if len(rows) > 5 else "")
        table.warnings.append(
            f"range_zero: cameras of rows {named} have a range of 0 m; it counts as not known."
        )


def _read_ids(table: SourceTable) -> pd.Series:
    own = table.text("external_id").astype(object)
    return own.where(own.notna(), join_ids(table.text("number"), table.text("owner")))


_CAMERAS = PointKind(RowForm("cameras", ("kind", "azimuth_deg")), _read_fields, _read_ids)
