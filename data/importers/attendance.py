"""Read who attends which school: population cells, catchments, and tables of homes and schools.

They tell of places and numbers, never of a pupil. Schools stand as they are written; which school
is meant is asked when the walks are worked out, as schools may come later than the file.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import shapely

from data.importers.asset_rows import build_report, texts_or_none
from data.importers.bad_share import check_share
from data.importers.opening import TABLES, read_source_table
from data.importers.parsing.text_lines import LINE_OF_TEXT
from data.importers.places.area_geometry import has_areas, read_areas
from data.importers.places.coordinates import locate_rows
from data.importers.places.known_places import KnownPlaces
from data.importers.report import Imported
from data.importers.tabular import ReadOptions, SourceTable
from data.importers.values.words import read_numbers
from geo import columns as c

POPULATION, CATCHMENTS, CATCHMENT_TEXTS = "population", "catchments", "catchment_texts"
ASSIGNMENTS = "assignments"

_SHAPES = (*TABLES, "parquet")
_MOST_PEOPLE = 10_000_000
_LONGEST_SCHOOL = 120
_NAMES_A_SCHOOL = re.compile(
    r"(?i)№|школ|мектеп|мектеб|гимназ|лице[йя]|school|\b(?:сош|осш|жббм|жобм|бм|сш)\b|^\s*\d{1,4}\s*$"
)


def read_population_file(path: Path, options: ReadOptions, places: KnownPlaces) -> Imported:
    """Read population cells, points or polygons: ``people`` and ``geometry`` (WGS84)."""
    table = read_source_table(path, POPULATION, options, _SHAPES)
    people = read_numbers(table, "people", 0, _MOST_PEOPLE)
    table.faults.add(table.text("people").isna(), table.head("people"), "people_missing")
    if has_areas(table).any():
        shapes = read_areas(table, places.area)
    else:
        located = locate_rows(table, places)
        shapes = np.asarray(shapely.points(located.lon, located.lat), object)
    frame = pd.DataFrame({"people": people, c.GEOMETRY: shapes})
    return _taken(table, frame, POPULATION, options)


def read_catchments_file(path: Path, options: ReadOptions, places: KnownPlaces) -> Imported:
    """Read catchments: ``school`` with ``geometry`` (polygons), or with ``streets`` (a text).

    A text is a table, or a .txt with lines such as "№ 5 мектеп: Абай көшесі 1–45 (тақ)"; a line
    without a school goes on with the one before.
    """
    table = read_source_table(path, CATCHMENTS, options, (*_SHAPES, "lines"))
    if has_areas(table).any():
        shapes = read_areas(table, places.area)
        frame = pd.DataFrame({"school": _schools(table), c.GEOMETRY: shapes})
        return _taken(table, frame, CATCHMENTS, options)
    if table.heads.get("streets") == LINE_OF_TEXT and "school" not in table.texts:
        frame = _split_lines(table.text("streets"))
    else:
        school = texts_or_none(table.text("school")).ffill()  # a cell over several rows
        frame = pd.DataFrame({"school": school, "streets": _streets(table)})
    _mark_missing(table, "school", frame["school"])
    empty = frame["streets"].isna() | (frame["streets"] == "")
    only_school = empty & frame["school"].notna() & (table.text("streets").notna())
    table.faults.add(empty & ~only_school, table.head("streets"), "streets_missing")
    return _taken(table, frame, CATCHMENT_TEXTS, options)


def read_assignments_file(path: Path, options: ReadOptions, places: KnownPlaces) -> Imported:
    """Read which home, by its id or its address, belongs to which school."""
    del places
    table = read_source_table(path, ASSIGNMENTS, options, TABLES)
    address = texts_or_none(table.text("address"))
    parts = table.text("street").str.cat(table.text("house"), sep=", ")
    address = address.where(address.notna(), texts_or_none(parts))
    home = texts_or_none(table.text("home"))
    frame = pd.DataFrame({"home": home, "address": address, "school": _schools(table)})
    table.faults.add(
        (home.isna() & address.isna()).to_numpy(bool), table.head("home"), "home_missing"
    )
    return _taken(table, frame, ASSIGNMENTS, options)


# -------------------------------------------------------------------------------------------


def _taken(
    table: SourceTable, frame: pd.DataFrame, rows_are: str, options: ReadOptions
) -> Imported:
    """Return the rows without a fault, with their numbers in the file."""
    kept = ~table.faults.bad
    shown = frame.drop(columns=c.GEOMETRY, errors="ignore")
    report = build_report(table, shown, int(kept.sum()), None)
    check_share(report, table.faults, table.file_name, options.allowed_bad_share)
    rows = frame.assign(source_row=table.rows.astype(np.int64))[kept].reset_index(drop=True)
    return Imported([rows], table.faults.frame(), report, rows_are=rows_are)


def _schools(table: SourceTable) -> pd.Series:
    school = texts_or_none(table.text("school"))
    _mark_missing(table, "school", school)
    return school


def _mark_missing(table: SourceTable, name: str, texts: pd.Series) -> None:
    table.faults.add(texts.isna().to_numpy(bool), table.head(name), "school_missing")


def _streets(table: SourceTable) -> pd.Series:
    """Return the text of the streets, or the street with its houses."""
    whole = table.text("streets")
    street, houses = table.text("street"), table.text("house")
    joined = street.where(houses.isna(), street.str.cat(houses.fillna(""), sep=" "))
    return texts_or_none(whole.where(whole.notna(), joined))


def _split_lines(lines: pd.Series) -> pd.DataFrame:
    """Split lines into the school that they name, or that was named before, and its streets."""
    school: str | None = None
    rows = []
    for line in lines.fillna("").astype(str):
        before, colon, after = line.partition(":")
        named = _NAMES_A_SCHOOL.search(before) or school is None
        if colon and named and len(before) <= _LONGEST_SCHOOL:
            school, line = before.strip(), after  # noqa: PLW2901 - what is left of it
        rows.append((school, line.strip()))
    return pd.DataFrame(rows, columns=["school", "streets"], index=lines.index, dtype=object)
