"""Read a list of streets with what it says of their light: from, to, lit or not."""

from __future__ import annotations

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
)
from data.importers.dimming import read_dimming, says_lit_until
from data.importers.places.known_places import KnownPlaces
from data.importers.places.street_lines import StreetLines, find_lines
from data.importers.report import Imported
from data.importers.tabular import ReadOptions, SourceTable
from data.importers.values.amounts import read_amounts
from data.importers.values.words import read_numbers
from geo import columns as c

LIT = fold_words({
    "yes": ("y", "true", "1", "да", "иә", "ия", "бар", "есть", "освещена", "освещено", "освещен",
            "жарықтандырылған"),
    "no": ("n", "false", "0", "нет", "жоқ", "не освещена", "не освещено", "не освещен",
           "отсутствует", "жарықтандырылмаған"),
    "partly": ("partial", "частично", "частично освещена", "ішінара", "жартылай"),
})  # fmt: skip
LENGTH_DIFFERS = 0.5
"""A written length that differs from the map's by more than half of it is told."""


def take_street_list(table: SourceTable, options: ReadOptions, places: KnownPlaces) -> Imported:
    """Read lit streets with the columns of the table ``lit_streets``.

    The row is found on the map as the part of its street between two houses or crossings; a row
    that is not found there is put aside. It is known again by street and ends as written: a list
    that says later that the street is lit makes a new version.
    """
    named = pd.DataFrame(
        {
            "street": table.text("street"),
            "start": table.text("house_from"),
            "end": table.text("house_to"),
        }
    )
    lines = find_lines(table, named, np.ones(len(named), bool), places)
    dimmed = read_dimming(table)
    lit = _read_lit(table)
    frame = pd.DataFrame(
        {
            **read_texts(table, "street", "house_from", "house_to"),
            "lit": lit,
            "length_m": _length_m(table, lines),
            "year": read_numbers(table, "year", 1900, 2200),
            **read_texts(table, "owner", "funding"),
            "cost_kzt": read_amounts(table, "cost_kzt"),
            "line": lines.line,
            "match_score": lines.score,
            **dimmed,
            c.LAT: lines.lat,
            c.LON: lines.lon,
        }
    )
    external = join_ids(named["street"], named["start"], named["end"])
    form = RowForm("lit_streets", ("street", "house_from", "house_to"))
    return take_rows(table, frame, form, options, external)


# -------------------------------------------------------------------------------------------


def _read_lit(table: SourceTable) -> pd.Series:
    """Read whether a street is lit; one lit until some hour («до 01:00») is."""
    timed, text = says_lit_until(table, "lit"), table.text("lit")
    plain = replace(table, texts={**table.texts, "lit": text.where(~timed, "yes")})
    table.faults.add(text.isna(), table.head("lit"), "lit_missing")
    return read_known_words(plain, "lit", LIT, closed=True)


def _length_m(table: SourceTable, lines: StreetLines) -> npt.NDArray[np.float64]:
    """Return the written length, else the map's; tell how many differ by much."""
    written = read_numbers(table, "length_m", 0, 1_000_000)
    by_km = read_numbers(table, "length_km", 0, 1_000) * 1000
    written = np.where(np.isnan(written), by_km, written)
    differs = np.abs(written - lines.length_m) > LENGTH_DIFFERS * np.maximum(written, 1)
    if differs.any():
        table.warnings.append(
            f"length_differs: {int(differs.sum())} stretches are written with a length that is "
            "half as long again as on the map, or shorter; look at their ends."
        )
    return np.where(np.isnan(written), lines.length_m, written)
