"""Read a file of things that stand or happen at a point: lamps, visits, cameras, schools, homes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from data.importers.asset_rows import RowForm, take_rows
from data.importers.opening import read_source_table
from data.importers.parsing.raw_columns import X, Y
from data.importers.places.known_places import KnownPlaces
from data.importers.places.placement_checks import METHODS
from data.importers.places.placing import place_rows
from data.importers.report import BoolArray, Imported
from data.importers.tabular import ReadOptions, SourceTable
from geo import columns as c
from geo.study_area import FloatArray

ReadFields = Callable[[SourceTable, ReadOptions, KnownPlaces], pd.DataFrame]
ReadIds = Callable[[SourceTable], pd.Series]


@dataclass(frozen=True)
class PointKind:
    """How a noun's rows are read.

    Attributes
    ----------
    form
        Where the rows go and what tells them apart; with the place, its content does.
    read_fields
        Reads every column but place and identity from the file's text, marking faults.
    read_ids
        Returns the register's own id of each row.
    join
        Joins rows of one record, where several rows may describe it; None where none may.
    """

    form: RowForm
    read_fields: ReadFields
    read_ids: ReadIds | None = None
    join: Callable[[SourceTable, pd.DataFrame, pd.Series], pd.DataFrame] | None = None


def read_points(
    path: Path, noun: str, kind: PointKind, options: ReadOptions, places: KnownPlaces
) -> Imported:
    """Read, place, identify and count the rows of one file.

    Raises
    ------
    NotFoundError, UsageError, InputRefusedError
        The whole file is refused.
    """
    return take_points(read_source_table(path, noun, options), kind, options, places)


def take_points(
    table: SourceTable, kind: PointKind, options: ReadOptions, places: KnownPlaces
) -> Imported:
    """Place, identify and count the rows of a file that is open."""
    frame = kind.read_fields(table, options, places)
    frame[c.LAT], frame[c.LON] = exact_places(table, places)
    external = kind.read_ids(table) if kind.read_ids else table.text("external_id")
    if kind.join:
        frame = kind.join(table, frame, external)
    form = RowForm(kind.form.rows_are, (c.LAT, c.LON, *kind.form.content), kind.form.day)
    return take_rows(table, frame, form, options, external)


def has_coordinates(table: SourceTable) -> BoolArray:
    """Tell which rows bear coordinates, whatever their form."""
    given = np.array(table.text("location").notna(), bool)
    for first, last in (("lat", "lon"), ("y", "x"), (Y, X)):
        given |= np.array(table.text(first).notna() & table.text(last).notna(), bool)
    return given


def exact_places(
    table: SourceTable, places: KnownPlaces, placeless: BoolArray | None = None
) -> tuple[FloatArray, FloatArray]:
    """Place rows by coordinates or house; mark those of which only the street is known.

    A lamp or a gate does not stand in the middle of its street. Rows that are ``placeless`` need
    no place.
    """
    placed = place_rows(table, places, placeless)
    vague = np.isin(METHODS[placed.method_code], ["street-only", "district"])
    head = next((table.head(name) for name in ("house", "address") if name in table.texts), "house")
    table.faults.add(vague & ~table.faults.bad, head, "address_vague")
    return placed.lat, placed.lon
