"""Read route sheets of patrols: posts and routes described in words, placed on the map."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from data.importers.asset_rows import (
    LINE,
    RowForm,
    fold_words,
    join_ids,
    read_known_words,
    read_texts,
    take_rows,
)
from data.importers.places.known_places import KnownPlaces
from data.importers.places.placing import place_rows
from data.importers.places.street_lines import StreetLines, distance_to_line, find_lines
from data.importers.points import has_coordinates
from data.importers.report import Imported, RowFaults
from data.importers.route_hours import read_hours, read_plan_weekdays, tell_overlaps
from data.importers.tabular import ReadOptions, SourceTable
from geo import columns as c

KINDS = fold_words({
    "foot": ("пеший", "пешая", "пеш", "пеший патруль", "жаяу", "жаяу жүргінші"),
    "car": ("авто", "автопатруль", "автомобильный", "на автомашине", "а/м", "көлік", "көлікпен",
            "автокөлік"),
    "bike": ("вело", "велосипедный", "велопатруль", "велосипед"),
    "horse": ("конный", "конная", "конный патруль", "атты"),
    "motorbike": ("мото", "мотоцикл", "мотопатруль"),
    "post": ("пост", "стационарный пост", "бекет"),
})  # fmt: skip
"""Folded word → kind of a patrol; another word stays as it is written."""

_NAME = r"(?P<{0}>[^,;]+?)"
_START, _STREET, _END = (_NAME.format(part) for part in ("start", "street", "end"))
_FORMS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"\s*от\s+{_START}\s+по\s+{_STREET}\s+до\s+{_END}\s*\.?",
        rf"\s*(?:по\s+)?{_STREET},?\s+от\s+{_START}\s+до\s+{_END}\s*\.?",
        rf"\s*(?:по\s+)?{_STREET},?\s+между\s+{_START}\s+и\s+{_END}\s*\.?",
        rf"\s*между\s+{_START}\s+и\s+{_END},?\s+по\s+{_STREET}\s*\.?",
        rf"\s*{_START}\s*-?\s*(?:дан|ден|тан|тен|нан|нен)\s+{_STREET}\s+(?:бойымен|бойынша)\s+"
        rf"{_END}\s*-?\s*(?:ға|ге|қа|ке|на|не)\s+дейін\s*\.?",
        rf"\s*{_STREET}\s+(?:бойымен|бойынша),?\s+{_START}\s+(?:мен|пен|бен|және)\s+{_END}\s+"
        r"(?:арасында|аралығында)\s*\.?",
        rf"\s*between\s+{_START}\s+and\s+{_END}\s+along\s+{_STREET}\s*\.?",
    )
)
"""«от Х по У до Z», «по У от Х до Z», «по У между Х и Z», «Х-дан У бойымен Z-ға дейін», …"""
_STAFF = re.compile(r"\s*([0-9]{1,4})\s*(?:чел|человек|сотр|сотрудник\w*|адам|қызметкер)?\.?\s*")
NEAR_LINE_M = 300.0
"""A line found by words that lies farther from the written coordinates is another street's."""


def take_route_sheet(table: SourceTable, options: ReadOptions, places: KnownPlaces) -> Imported:
    """Read planned patrols with the columns of the table ``patrol_plans``.

    A plan lies at its coordinates, else along the part of the street that its columns or its
    description name, else at the crossing or house that they name; a plan that is not found on
    the map is put aside. The line of the street is kept where the map gives it, also beside
    coordinates. A plan is known again by number, kind and shift.
    """
    kind = read_known_words(table, "kind", KINDS, closed=False)
    starts, ends = read_hours(table)
    frame = pd.DataFrame(
        {
            "kind": kind,
            **read_texts(table, "number", "shift", "description"),
            "starts_at": starts,
            "ends_at": ends,
            "weekdays": read_plan_weekdays(table),
            "staff": _read_staff(table),
        }
    ).assign(**_read_places(table, places))
    tell_overlaps(table, frame)
    external = join_ids(table.text("number"), frame["kind"], table.text("shift"))
    form = RowForm("patrol_plans", (c.LAT, c.LON, "kind", "shift", "starts_at", "description"))
    return take_rows(table, frame, form, options, external)


def parse_route(text: str) -> tuple[str, str, str] | None:
    """Return street, start and end of a route in words, or None where it is told otherwise.

    Examples
    --------
    >>> parse_route("от ул. Абая по пр. Достык до ул. Курмангазы")
    ('пр. Достык', 'ул. Абая', 'ул. Курмангазы')
    >>> parse_route("Абай көшесінен Достық даңғылы бойымен Құрманғазы көшесіне дейін")
    ('Достық даңғылы', 'Абай көшесі', 'Құрманғазы көшесі')
    """
    for form in _FORMS:
        found = form.fullmatch(text)
        if found:
            return found["street"], found["start"], found["end"]
    return None


# -------------------------------------------------------------------------------------------


def _read_staff(table: SourceTable) -> npt.NDArray[np.float64]:
    """Read how many officers a plan takes; names are no number and are not kept."""
    text = table.text("staff")
    count = pd.to_numeric(text.str.extract(f"^{_STAFF.pattern}$")[0])
    table.faults.add(text.notna() & count.isna(), table.head("staff"), "not_number")
    return count.to_numpy(float)


def _read_places(table: SourceTable, places: KnownPlaces) -> dict[str, np.ndarray]:
    named = _named_parts(table)
    given, told = has_coordinates(table), named["street"].notna().to_numpy(bool)
    along = ~given & told
    scratch = RowFaults(table.rows)
    lines = find_lines(replace(table, faults=scratch), named, told, places)
    table.faults.take_over(scratch, along)
    lat, lon, score, line = lines.lat, lines.lon, lines.score, lines.line
    if (~along).any():
        scratch = RowFaults(table.rows)
        placed = place_rows(_with_address(table, scratch), places, along)
        table.faults.take_over(scratch, ~along)
        line = _near_lines(table, lines, (placed.lat, placed.lon), given, places)
        lat, lon = np.where(along, lat, placed.lat), np.where(along, lon, placed.lon)
        score = np.where(along, score, placed.score)
    return {c.LAT: lat, c.LON: lon, "match_score": score, LINE: line}


def _near_lines(
    table: SourceTable,
    lines: StreetLines,
    point: tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]],
    given: npt.NDArray[np.bool_],
    places: KnownPlaces,
) -> npt.NDArray[np.object_]:
    """Return the lines without those far from the coordinates that their rows give."""
    kept = lines.line.copy()
    away = []
    for row in np.flatnonzero(given & np.isfinite(point[0])):
        if kept[row] is None:
            continue
        if distance_to_line(kept[row], (point[0][row], point[1][row]), places.area) > NEAR_LINE_M:
            kept[row] = None
            away.append(int(table.rows[row]))
    if away:
        table.warnings.append(
            f"line_elsewhere: {len(away)} routes are told in words that lead away from their "
            f"coordinates (rows {', '.join(map(str, away[:10]))}); the coordinates were kept."
        )
    return kept


def _named_parts(table: SourceTable) -> pd.DataFrame:
    """Return street, start and end of each row, from its own columns or its description."""
    columns = {"street": "street", "start": "house_from", "end": "house_to"}
    named = pd.DataFrame({part: table.text(name) for part, name in columns.items()}, dtype=object)
    named.loc[named[["start", "end"]].isna().all(axis=1), "street"] = None
    told = table.text("description")
    routes = {text: parse_route(text) for text in told.dropna().unique()}
    silent = (named["street"].isna() & told.notna()).to_numpy(bool)
    for place, part in enumerate(columns):
        words = told.map({text: route[place] for text, route in routes.items() if route})
        named[part] = named[part].where(~silent, words.astype(object))
    return named


def _with_address(table: SourceTable, faults: RowFaults) -> SourceTable:
    """Return the file with the description as the address of rows that have no other."""
    address, told = table.text("address"), table.text("description")
    texts = {**table.texts, "address": address.where(address.notna(), told)}
    return replace(table, texts=texts, faults=faults)
