"""Read route sheets of patrols: posts and routes described in words, placed on the map."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import numpy.typing as npt
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
from data.importers.places.known_places import KnownPlaces
from data.importers.places.placing import place_rows
from data.importers.places.street_lines import find_lines
from data.importers.points import has_coordinates
from data.importers.report import Imported, RowFaults
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
_FORMS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"\s*от\s+{_NAME.format('start')}\s+по\s+{_NAME.format('street')}\s+до\s+{_NAME.format('end')}\s*\.?",
        rf"\s*(?:по\s+)?{_NAME.format('street')}\s+от\s+{_NAME.format('start')}\s+до\s+{_NAME.format('end')}\s*\.?",
        rf"\s*{_NAME.format('start')}\s*-?\s*(?:дан|ден|тан|тен|нан|нен)\s+"
        rf"{_NAME.format('street')}\s+(?:бойымен|бойынша)\s+{_NAME.format('end')}\s*-?\s*"
        r"(?:ға|ге|қа|ке|на|не)\s+дейін\s*\.?",
    )
)
"""«от Х по У до Z», «по У от Х до Z», «Х-дан У бойымен Z-ға дейін»."""
_CLOCK = re.compile(r"([01]?[0-9]|2[0-4])(?:[:.\-]([0-5][0-9]))?")
_HOURS = re.compile(
    r"(?:с|от)?\s*([0-2]?[0-9](?:[:.][0-5][0-9])?)\s*(?:до|по|[-–—])\s*([0-2]?[0-9](?:[:.][0-5][0-9])?)"
)
_STAFF = re.compile(r"\s*([0-9]{1,4})\s*(?:чел|человек|сотр|сотрудник\w*|адам|қызметкер)?\.?\s*")


def take_route_sheet(table: SourceTable, options: ReadOptions, places: KnownPlaces) -> Imported:
    """Read planned patrols with the columns of the table ``patrol_plans``.

    A plan lies at its coordinates, else along the part of the street that its columns or its
    description name, else at the crossing or house that they name; a plan that is not found on
    the map is put aside. It is known again by number, kind and shift.
    """
    kind = read_known_words(table, "kind", KINDS, closed=False)
    starts, ends = _read_hours(table)
    frame = pd.DataFrame(
        {
            "kind": kind,
            **read_texts(table, "number", "shift", "description"),
            "starts_at": starts,
            "ends_at": ends,
            "staff": _read_staff(table),
        }
    ).assign(**_read_places(table, places))
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


def parse_clock(text: str) -> str | None:
    """Return a time of day as HH:MM, or None where it is none.

    Examples
    --------
    >>> parse_clock("8.30"), parse_clock("24:00"), parse_clock("7")
    ('08:30', '00:00', '07:00')
    """
    found = _CLOCK.fullmatch(text.strip())
    if found is None or (found[1] == "24" and found[2] not in (None, "00")):
        return None
    return f"{int(found[1]) % 24:02}:{found[2] or '00'}"


# -------------------------------------------------------------------------------------------


def _read_hours(table: SourceTable) -> tuple[pd.Series, pd.Series]:
    """Read from and to, each in its own column or both in one («с 20.00 до 02.00»)."""
    both = table.text("hours")
    split = both.str.strip().str.casefold().str.extract(rf"^{_HOURS.pattern}$")
    strange = (both.notna() & split[0].isna()).to_numpy(bool)
    table.faults.add(strange, table.head("hours"), "time_invalid")
    clocks = []
    for name, other in (("starts_at", split[0]), ("ends_at", split[1])):
        text = table.text(name)
        known = text.map({word: parse_clock(word) for word in text.dropna().unique()})
        wrong = (text.notna() & known.isna()).to_numpy(bool)
        table.faults.add(wrong, table.head(name), "time_invalid")
        spare = other.map({word: parse_clock(word) for word in other.dropna().unique()})
        clocks.append(texts_or_none(known.astype(object).where(text.notna(), spare)))
    return clocks[0], clocks[1]


def _read_staff(table: SourceTable) -> npt.NDArray[np.float64]:
    """Read how many officers a plan takes; names are no number and are not kept."""
    text = table.text("staff")
    count = pd.to_numeric(text.str.extract(f"^{_STAFF.pattern}$")[0])
    table.faults.add(text.notna() & count.isna(), table.head("staff"), "not_number")
    return count.to_numpy(float)


def _read_places(table: SourceTable, places: KnownPlaces) -> dict[str, np.ndarray]:
    named = _named_parts(table)
    along = ~has_coordinates(table) & named["street"].notna().to_numpy(bool)
    lines = find_lines(table, named, along, places)
    lat, lon, score = lines.lat, lines.lon, lines.score
    if (~along).any():
        scratch = RowFaults(table.rows)
        placed = place_rows(_with_address(table, scratch), places, along)
        table.faults.take_over(scratch, ~along)
        lat, lon = np.where(along, lat, placed.lat), np.where(along, lon, placed.lon)
        score = np.where(along, score, placed.score)
    return {c.LAT: lat, c.LON: lon, "match_score": score}


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
