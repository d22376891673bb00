"""From checked columns of offences to the canonical incident, whatever layer they came from.

The whole file is judged at once, but only as far as counting needs; canonical rows are made block
by block while they are stored, so that memory does not grow with the file.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from data.codes.tables import CHILD, CodeTables, classify_articles, unverified_articles
from data.importers.identity import (
    HexArray,
    content_digests,
    hash_case_number,
    microdegrees,
    number_hash,
)
from data.importers.places.placing import RowPlaces
from data.importers.tabular import SourceTable
from data.importers.values.moments import Moments
from geo import columns as c
from geo.cells import latlng_to_cells
from geo.parameters import DRUGS, GROUPS
from geo.study_area import StudyArea

RESOLUTION = 10
ADDRESS_GRID_M = 10
SENSITIVE_GRID_M = 1000
BLOCK_ROWS = 20_000
OWN_GROUPS = {group: group for group in (*GROUPS, DRUGS)}
"""Our own words for an offence group need no mapping."""

IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Offences:
    """Columns of a file of offences, by row; missing where the file does not say.

    Attributes
    ----------
    table
        The file.
    located, occurred, occurred_to, registered
        Places and times.
    texts
        ``external_id``, ``case_number`` (the register's own), ``reference`` (the number of the
        same event in another register),
        ``article``, ``part``, ``paragraph``, ``category`` (the source's own word),
        ``place_type``, ``discovery``, ``status``, ``register``, ``district``, ``address_raw``,
        ``address_id``.
    gravity, is_misdemeanour, victim_minor
        Number 0–4; True, False or missing.
    id_key
        Key under which numbers of registers are hashed.
    codes
        Tables by which articles are classified.
    """

    table: SourceTable
    located: RowPlaces
    occurred: Moments
    occurred_to: pd.Series
    registered: pd.Series
    texts: pd.DataFrame
    gravity: pd.Series
    is_misdemeanour: pd.Series
    victim_minor: pd.Series
    id_key: bytes | None
    codes: CodeTables


@dataclass(frozen=True)
class Survey:
    """What counting needs of every row.

    Attributes
    ----------
    content
        Digest of what makes two rows without an id the same.
    known, grouped
        Whether the offence is in a table, and whether it belongs to a group.
    unverified
        Article → rows, where the table's line was read in no source.
    """

    content: HexArray
    known: npt.NDArray[np.bool_]
    grouped: npt.NDArray[np.bool_]
    unverified: dict[str, int]


def survey_offences(offences: Offences) -> Survey:
    """Classify every row once, keeping only what the report and the identities need."""
    count = len(offences.table.rows)
    content = np.empty(count, "S32")
    known, grouped = np.zeros(count, bool), np.zeros(count, bool)
    unverified: Counter[str] = Counter()
    for rows in _blocks(np.arange(count)):
        frame = _classified(offences, rows)
        content[rows] = content_digests(
            frame[c.OCCURRED_AT],
            frame[c.OCCURRED_TO],
            microdegrees(frame[c.LAT]),
            microdegrees(frame[c.LON]),
            frame[c.ARTICLE],
            frame["part"],
            frame["category"],
        )
        known[rows] = frame["known"]
        grouped[rows] = frame[c.OFFENCE_GROUP].notna()
        unverified.update(unverified_articles(frame[c.ARTICLE], frame))
    return Survey(content, known, grouped, dict(sorted(unverified.items())))


@dataclass(frozen=True)
class IncidentBlocks:
    """Canonical incidents of chosen rows, made anew each time they are walked through.

    Attributes
    ----------
    offences
        The file.
    identity
        Of every row of the file.
    rows
        The chosen rows.
    area
        Its plane groups addresses.
    """

    offences: Offences
    identity: HexArray
    rows: IntArray
    area: StudyArea

    def __iter__(self) -> Iterator[pd.DataFrame]:
        """Yield the rows in the order of their identities, at most `BLOCK_ROWS` at a time."""
        for rows in _blocks(self.rows[np.argsort(self.identity[self.rows], kind="stable")]):
            yield self._block(rows)
            self.offences.table.release()

    def _block(self, rows: IntArray) -> pd.DataFrame:
        frame = canonical_rows(self.offences, self.identity, rows)
        texts = self.offences.texts.iloc[rows].reset_index(drop=True)
        lat, lon = frame[c.LAT].to_numpy(float), frame[c.LON].to_numpy(float)
        frame[c.H3_CELL] = latlng_to_cells(lat, lon, RESOLUTION)
        source = self.offences.table.source
        frame[c.ADDRESS_KEY] = address_keys(frame, texts["address_id"], source, self.area)
        return frame


def address_keys(
    frame: pd.DataFrame, address_id: pd.Series, source: str, area: StudyArea
) -> list[str]:
    """Return what rows at one address share: the source's own id of it, else a square of 10 m.

    Where the offence is sensitive the square is 1 km wide.
    """
    east, north = area.to_metric(frame[c.LAT].to_numpy(float), frame[c.LON].to_numpy(float))
    sensitive = frame[c.SENSITIVE].to_numpy(bool)
    grid = np.where(sensitive, SENSITIVE_GRID_M, ADDRESS_GRID_M)
    return [
        f"i{hashlib.sha256(f'{source}:{known}'.encode()).hexdigest()[:16]}"
        if isinstance(known, str) and not hidden
        else f"{'s' if hidden else 'g'}{round(x)}:{round(y)}"
        for known, hidden, x, y in zip(
            address_id.tolist(), sensitive, east / grid, north / grid, strict=True
        )
    ]


def canonical_rows(offences: Offences, identity: HexArray, rows: IntArray) -> pd.DataFrame:
    """Return rows with the columns of an incident but for those that follow from its place."""
    frame = _classified(offences, rows).drop(columns=["category", "known", "verified"])
    texts = offences.texts.iloc[rows]
    frame.insert(0, "identity", identity[rows].astype(str).astype(object))
    frame.insert(1, "source_row", offences.table.rows[rows])
    frame["ext_id_hash"] = _hashes(texts["case_number"], offences.id_key)
    frame["reference_hash"] = _hashes(texts["reference"], offences.id_key)
    return frame


# -------------------------------------------------------------------------------------------


def _blocks(rows: IntArray) -> Iterator[IntArray]:
    for start in range(0, len(rows), BLOCK_ROWS):
        yield rows[start : start + BLOCK_ROWS]


def _classified(offences: Offences, rows: IntArray) -> pd.DataFrame:
    located, occurred = offences.located, offences.occurred
    texts = offences.texts.iloc[rows].reset_index(drop=True)
    at, until = (
        series.iloc[rows].reset_index(drop=True) for series in (occurred.at, offences.occurred_to)
    )
    frame = pd.DataFrame(
        {
            "source": offences.table.source,
            "register": _objects(texts["register"]),
            c.ARTICLE: _objects(texts["article"]),
            "part": _objects(texts["part"]),
            "paragraph": _objects(texts["paragraph"]),
            "category": _objects(texts["category"]),
            c.GRAVITY: offences.gravity.iloc[rows].reset_index(drop=True),
            "is_misdemeanour": offences.is_misdemeanour.iloc[rows].to_numpy(),
            c.OCCURRED_AT: at,
            c.OCCURRED_TO: until,
            c.OCCURRED_PRECISION: np.where(until > at, "interval", occurred.precision[rows]),
            c.REGISTERED_AT: offences.registered.iloc[rows].to_numpy(),
            c.PLACE_TYPE: _objects(texts["place_type"]),
            c.VICTIM_MINOR: offences.victim_minor.iloc[rows].to_numpy(),
            c.DISCOVERY: _objects(texts["discovery"]),
            "status": _objects(texts["status"]),
            "district": _objects(texts["district"]),
            "address_raw": _objects(texts["address_raw"]),
            c.LAT: located.lat[rows],
            c.LON: located.lon[rows],
            "geo_method": located.method[rows],
            "geo_score": located.score[rows],
            c.GEO_ACCURACY_M: located.accuracy_m[rows],
        },
        index=range(len(rows)),
    )
    named = classify_articles(frame, offences.codes)
    groups = OWN_GROUPS | offences.table.mapping.offence_groups
    by_word = frame["category"].map(groups).astype(object)
    group = by_word.where(by_word.notna(), named[c.OFFENCE_GROUP]).astype(object)
    frame[c.OFFENCE_GROUP] = group.where(group.notna(), None)
    frame[c.SENSITIVE] = named[c.SENSITIVE] | (group == CHILD)
    frame[c.SEVERITY_DAYS] = named[c.SEVERITY_DAYS]
    frame["discretionary"] = named["discretionary"]
    frame["verified"] = named["verified"]
    frame["known"] = named["known"] | frame["category"].isin(list(groups))
    # Where a child was harmed in that way, not even the street is kept.
    frame.loc[frame[c.SENSITIVE], "address_raw"] = None
    return frame


def _objects(values: pd.Series) -> pd.Series:
    plain = values.astype(object)
    return plain.where(plain.notna(), None)


def _hashes(numbers: pd.Series, id_key: bytes | None) -> list[str | None]:
    return [
        None
        if not isinstance(number, str)
        else number_hash(number, id_key)
        if id_key
        else _hash_of_case(number, id_key)
        for number in numbers.tolist()
    ]


def _hash_of_case(number: str, id_key: bytes | None) -> str | None:
    hashed = hash_case_number(number, id_key)
    return hashed if hashed != number else None
