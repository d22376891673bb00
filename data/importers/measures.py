"""Read the register of measures: what was decided, paid, built and switched on, and where."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from data.importers.asset_rows import (
    RowForm,
    fold_words,
    join_ids,
    read_known_words,
    read_texts,
    take_rows,
    texts_or_none,
)
from data.importers.opening import read_source_table
from data.importers.places.known_places import KnownPlaces
from data.importers.places.line_geometry import read_lines
from data.importers.places.street_lines import find_lines, middle_of
from data.importers.points import exact_places, has_coordinates
from data.importers.report import Imported, RowFaults
from data.importers.tabular import ReadOptions, SourceTable
from data.importers.values.amounts import read_amounts
from data.importers.values.moments import mark_future, read_moments
from geo import columns as c

KINDS = fold_words({
    "lamp": ("light", "lighting", "освещение", "установка освещения", "уличное освещение", "лампа",
             "светильник", "опора", "жарық", "жарықтандыру", "көше жарығы", "шам"),
    "camera": ("cctv", "камера", "видеонаблюдение", "видеокамера", "бейнебақылау", "бейнекамера"),
    "clear": ("clearing", "расчистка", "вырубка", "обрезка", "обрезка деревьев", "очистка", "снос",
              "тазалау", "кесу", "сүру"),
    "fence": ("ограждение", "забор", "қоршау"),
    "pavement": ("sidewalk", "тротуар", "пешеходная дорожка", "жаяу жол",
                 "жаяужол", "тротуар салу"),
    "patrol": ("патруль", "патрулирование", "пост", "патрульдеу", "жасақ"),
    "guard": ("охрана", "охранник", "вахта", "күзет", "күзетші"),
    "help-point": ("help point", "пункт помощи", "кнопка вызова", "стоп-точка", "көмек нүктесі",
                   "шақыру түймесі"),
})  # fmt: skip

_DAYS = ("decided_at", "started_at", "commissioned_at", "broken_from", "broken_to")
_TEXTS = ("funding", "contract", "verified_by", "responsible", "document")


def read_measures_file(path: Path, options: ReadOptions, places: KnownPlaces) -> Imported:
    """Read measures with the columns of the table ``measures``.

    A measure lies at a point, along a line of the file, or along the part of a street that it
    names; its point is then the middle. ``commissioned_at`` is the day it was switched on, missing
    where that has not happened or is not known.
    """
    table = read_source_table(path, "measures", options)
    frame = _read_fields(table, options, places)
    frame = frame.assign(**_read_places(table, places))
    own, number = table.text("external_id").astype(object), table.text("number")
    external = own.where(own.notna(), join_ids(number, frame["kind"]))
    form = RowForm("measures", (c.LAT, c.LON, "kind", "decided_at"))
    return take_rows(table, frame, form, options, external)


# -------------------------------------------------------------------------------------------


def _read_fields(table: SourceTable, options: ReadOptions, places: KnownPlaces) -> pd.DataFrame:
    kind = read_known_words(table, "kind", KINDS, closed=True)
    table.faults.add(table.text("kind").isna(), table.head("kind"), "kind_missing")
    moments = {name: read_moments(table, name, places.area, required=False) for name in _DAYS}
    mark_future(table, moments["commissioned_at"], "commissioned_at", options.received_at)
    days = {name: moment.at for name, moment in moments.items()}
    _check_order(table, days)
    number = table.text("number")
    return pd.DataFrame(
        {
            "number": texts_or_none(number.where(number.notna(), table.text("external_id"))),
            "kind": kind,
            **days,
            "funded_kzt": read_amounts(table, "funded_kzt"),
            **read_texts(table, *_TEXTS),
        }
    )


def _check_order(table: SourceTable, days: dict[str, pd.Series]) -> None:
    """Mark ends before their beginnings; works that began before the paper are only told."""
    for first, last in (("started_at", "commissioned_at"), ("broken_from", "broken_to")):
        table.faults.add(days[last] < days[first], table.head(last), f"{last}_before_{first}")
    unstarted = days["started_at"].isna() & (days["commissioned_at"] < days["decided_at"])
    head = table.head("commissioned_at")
    table.faults.add(unstarted, head, "commissioned_at_before_decided_at")
    hasty = days["started_at"] < days["decided_at"]
    if hasty.any():
        table.warnings.append(
            f"started_before_decided: {int(hasty.sum())} measures began before they were decided; "
            "both days were kept."
        )


def _read_places(table: SourceTable, places: KnownPlaces) -> dict[str, np.ndarray]:
    """Place each row by the file's line, else by its point, else by the street it names."""
    faults, count = table.faults, len(table.rows)
    lines = read_lines(table, places.area)
    lined = np.array([line is not None for line in lines])

    scratch = RowFaults(table.rows)
    named = pd.DataFrame(
        {
            "street": table.text("street"),
            "start": table.text("house_from"),
            "end": table.text("house_to"),
        }
    )
    pointed = ~lined & ~_names_stretch(table, named)
    lat, lon = np.full(count, np.nan), np.full(count, np.nan)
    if pointed.any():
        lat, lon = exact_places(replace(table, faults=scratch), places, ~pointed)
        lat, lon = np.where(pointed, lat, np.nan), np.where(pointed, lon, np.nan)
        faults.take_over(scratch, pointed)

    stretch = ~lined & ~pointed
    found = find_lines(table, named, stretch, places)
    lines = np.where(stretch, found.line, lines)
    for row in np.flatnonzero(lined):
        lat[row], lon[row] = middle_of(lines[row], places.area)
    lat, lon = np.where(stretch, found.lat, lat), np.where(stretch, found.lon, lon)
    return {c.LAT: lat, c.LON: lon, "line": lines}


def _names_stretch(table: SourceTable, named: pd.DataFrame) -> np.ndarray:
    """Tell which rows name a street with an end, or a street and neither house nor coordinates."""
    ends = named[["start", "end"]].notna().any(axis=1)
    given = has_coordinates(table)
    ends = named[["start", "end"]].notna().any(axis=1)
    told = table.text("house").notna() | table.text("address").notna()
    told |= table.text("crossing").notna()
    return np.asarray(~given & named["street"].notna() & (ends | ~told))


__all__ = ["KINDS", "read_measures_file"]
