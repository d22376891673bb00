"""Points that hold too many rows to be the place of each: what a geocoder gives when it fails."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.spatial import cKDTree

from data.importers.mapped_columns import row_blocks
from data.importers.places.known_places import KnownPlaces
from data.importers.report import BoolArray
from data.importers.tabular import SourceTable
from data.importers.values.look_alikes import fold
from geo.study_area import FloatArray

STACK_SHARE = 0.05
STACK_ROWS = 10
"""A point with more than that share of the rows, and so many at least: in a small file a twentieth
is a handful, and a handful at one school or shop is ordinary."""
ONE_PLACE_SHARE = 0.8
"""Rows of a stack that agree so far in the address or kind of place they name are one real place,
such as a market: a geocoder's default gathers rows that name many."""
CENTRE_M = 5.0
"""A row so near the point by which the map shows a settlement was put there by name."""
STACKED_CENTRE_M = 50.0
STACKED_CENTRE_ROWS = 3
DISTRICT_ACCURACY_M = 1_000.0
LISTED = 5
_PER_DEGREE = 100_000
_TURN = 360 * _PER_DEGREE
_VAGUE_KINDS = frozenset({
    "", "street", "other", "unknown", "улица", "иные", "иное", "көше", "басқа",
})  # fmt: skip
_VAGUE_WORDS = frozenset({
    "г", "гор", "город", "қ", "қаласы", "қала", "обл", "область", "облысы", "р", "н", "район",
    "ауданы", "рк", "казахстан", "қазақстан", "село", "с", "ауылы", "пос", "поселок", "кенті",
    "жоқ", "нет", "белгісіз", "неизвестно", "city",
})  # fmt: skip


@dataclass(frozen=True)
class Stacks:
    """The rows that are not where their point is, and the points that hold the most rows.

    Attributes
    ----------
    rows
        Rows whose point stands for a settlement.
    listed
        At most `LISTED` points with `STACK_ROWS` rows or more, the fullest first: ``lat``, ``lon``,
        ``rows``, ``share``, and ``taken_as``: ``default`` (a geocoder's answer for want of a
        better), ``centre`` (the map's point of a settlement) or ``place``.
    """

    rows: BoolArray
    listed: list[dict[str, Any]]


def find_stacks(
    table: SourceTable, places: KnownPlaces, lat: FloatArray, lon: FloatArray, kept: BoolArray
) -> Stacks:
    """Find points that too many of the kept rows share, and points of settlements."""
    rows = np.flatnonzero(kept)
    default = np.zeros(len(kept), bool)
    if not len(rows):
        return Stacks(default, [])
    order, starts, points = _by_point(lat, lon, rows)
    counts = np.diff(starts, append=len(rows))
    away_m = _from_centre_m(places, points)
    centre = away_m <= CENTRE_M
    doubted = (counts >= STACK_ROWS) & (counts > STACK_SHARE * len(rows))
    doubted |= (away_m <= STACKED_CENTRE_M) & (counts >= STACKED_CENTRE_ROWS)
    meant = centre.copy()
    vague = _VAGUE_WORDS | _settlement_words(places)
    for position in np.flatnonzero(doubted & ~centre):
        stack = order[starts[position] : starts[position] + counts[position]]
        meant[position] = not _is_one_place(table, rows[stack], vague)
    default[rows[order]] = np.repeat(meant, counts)
    listed = [
        {
            "lat": float(points[0][position]),
            "lon": float(points[1][position]),
            "rows": int(counts[position]),
            "share": round(float(counts[position]) / len(rows), 4),
            "taken_as": "centre" if centre[position] else "default" if meant[position] else "place",
        }
        for position in np.argsort(-counts, kind="stable")[:LISTED]
        if counts[position] >= STACK_ROWS
    ]
    if default.any():
        fullest = int(counts[meant].max())
        table.warnings.append(
            f"geocode_default: {int(default.sum())} rows lie at {int(meant.sum())} points that "
            f"stand for a whole settlement (the fullest holds {fullest} rows, "
            f"{fullest / len(rows):.0%}); they count in totals and enter no cell. If such a point "
            "is a real place, name it in a column of addresses or kinds of place."
        )
    return Stacks(default, listed)


# -------------------------------------------------------------------------------------------


def _by_point(
    lat: FloatArray, lon: FloatArray, rows: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], tuple[FloatArray, FloatArray]]:
    """Sort rows by their point; return their order, where each point's start, and its degrees.

    Points are told apart to a metre or so: written with more or fewer digits a point stays one.
    """
    key = np.empty(len(rows), np.int64)
    for block in row_blocks(len(rows)):
        north, east = (
            np.rint(angle[rows[block]] * _PER_DEGREE).astype(np.int64) for angle in (lat, lon)
        )
        key[block] = north * _TURN + east + _TURN // 2
    order = np.argsort(key, kind="stable")
    key = key[order]
    starts = np.flatnonzero(np.concatenate([[True], key[1:] != key[:-1]]))
    north, east = np.divmod(key[starts], _TURN)
    return order, starts, (north / _PER_DEGREE, (east - _TURN // 2) / _PER_DEGREE)


def _centres(places: KnownPlaces) -> pd.DataFrame:
    """Return the points by which the map shows settlements."""
    if places.extract is None:
        return pd.DataFrame({"name": [], "lat": [], "lon": []})
    points = places.extract.points
    return points[points["kind"] == "place"]


def _from_centre_m(places: KnownPlaces, points: tuple[FloatArray, FloatArray]) -> FloatArray:
    centres = _centres(places)
    away = np.full(len(points[0]), np.inf)
    if len(centres):
        x, y = places.area.to_metric(*points)
        known = np.column_stack(places.area.to_metric(centres["lat"], centres["lon"]))
        away = np.asarray(cKDTree(known).query(np.column_stack([x, y]))[0])
    return away


def _settlement_words(places: KnownPlaces) -> frozenset[str]:
    names = [places.area.name, *_centres(places)["name"].dropna().astype(str)]
    return frozenset(word for name in names for word in _words(fold(name)))


def _is_one_place(table: SourceTable, rows: npt.NDArray[np.int64], vague: frozenset[str]) -> bool:
    """Tell whether the rows of a stack agree in naming one address, or one kind of place."""
    address = _joined(table, ("address", "street", "house"))
    if address is not None:
        return _agree(address, rows, lambda text: not vague.issuperset(_words(text)))
    kinds = table.text("place_type").fillna("").map(fold).reset_index(drop=True)
    # A file whose rows nearly all name one kind says nothing of a point by it.
    varied = kinds.value_counts(normalize=True).iloc[0] < ONE_PLACE_SHARE
    return bool(varied) and _agree(kinds, rows, lambda kind: kind not in _VAGUE_KINDS)


def _joined(table: SourceTable, names: tuple[str, ...]) -> pd.Series | None:
    parts = [table.text(name).fillna("") for name in names if name in table.texts]
    if not parts:
        return None
    joined = parts[0].astype(object)
    for part in parts[1:]:
        joined = joined + " " + part.astype(object)
    return joined.map(fold).reset_index(drop=True)


def _agree(
    texts: pd.Series, rows: npt.NDArray[np.int64], says_something: Callable[[str], bool]
) -> bool:
    shares = texts.iloc[rows].value_counts(normalize=True)
    return bool(shares.iloc[0] >= ONE_PLACE_SHARE and says_something(str(shares.index[0])))


def _words(text: str) -> list[str]:
    return [word for word in re.split(r"[\W_]+", text) if word]
