"""From checked columns of offences to the canonical incident, whatever layer they came from.

The whole file is judged at once, but only as far as counting needs; canonical rows are made block
by block while they are stored, so that memory does not grow with the file.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from data.codes.tables import CHILD, classify_articles, unverified_articles
from data.importers.identity import (
    HexArray,
    content_digests,
    digest_order,
    hash_case_number,
    microdegrees,
    number_hash,
)
from data.importers.mapped_columns import BLOCK_ROWS, MappedColumns
from data.importers.offence_columns import IntArray, Offences, part_of
from data.importers.places.placement_checks import METHODS
from geo import columns as c
from geo.cells import latlng_to_cells
from geo.parameters import DRUGS, GROUPS
from geo.study_area import StudyArea

RESOLUTION = 10
ADDRESS_GRID_M = 10
SENSITIVE_GRID_M = 1000
RUN_ROWS = 100_000
"""So long a stretch of a file is handed over in the order of identities: the whole of it in one
order would be rows from everywhere in each block, and with them the whole file in memory."""
OWN_GROUPS = {group: group for group in (*GROUPS, DRUGS)}
"""Our own words for an offence group need no mapping."""


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
    count, columns = len(offences.table.rows), offences.table.columns
    content = columns.zeros(count, "S32")
    known, grouped = np.zeros(count, bool), np.zeros(count, bool)
    unverified: Counter[str] = Counter()
    for rows in _parts(np.arange(count), BLOCK_ROWS):
        frame = _classified(part_of(offences, rows))
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
        columns.release()
    return Survey(content, known, grouped, dict(sorted(unverified.items())))


@dataclass(frozen=True)
class RowBlocks:
    """Canonical rows of a file, made anew each time they are walked through.

    Attributes
    ----------
    identity
        Of every row of the file.
    rows
        The chosen rows.
    columns
        Holds the file; what a block needed of it is let go of.
    make
        Makes the frame of some rows.
    """

    identity: HexArray
    rows: IntArray
    columns: MappedColumns
    make: Callable[[IntArray], pd.DataFrame]

    def __iter__(self) -> Iterator[pd.DataFrame]:
        """Yield at most `BLOCK_ROWS` at a time, in each run in the order of identities."""
        for run in _runs(self.rows):
            for rows in _parts(run[digest_order(self.identity[run], self.columns)], BLOCK_ROWS):
                yield self.make(rows)
                self.columns.release()


def incident_rows(
    offences: Offences, identity: HexArray, area: StudyArea, rows: IntArray
) -> pd.DataFrame:
    """Return rows with the columns of the table ``incidents`` but for those of the store.

    Parameters
    ----------
    offences, identity
        Of every row of the file.
    area
        Its plane groups addresses.
    rows
        The chosen rows.
    """
    part = part_of(offences, rows)
    frame = canonical_rows(part, identity[rows])
    lat, lon = frame[c.LAT].to_numpy(float), frame[c.LON].to_numpy(float)
    frame[c.H3_CELL] = latlng_to_cells(lat, lon, RESOLUTION)
    source = offences.table.source
    frame[c.ADDRESS_KEY] = address_keys(frame, part.texts["address_id"], source, area)
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


def canonical_rows(offences: Offences, identity: HexArray) -> pd.DataFrame:
    """Return rows with the columns of an incident but for those that follow from its place."""
    frame = _classified(offences).drop(columns=["category", "known", "verified"])
    frame.insert(0, "identity", identity.astype(str).astype(object))
    frame.insert(1, "source_row", offences.rows)
    frame["ext_id_hash"] = _hashes(offences.texts["case_number"], offences.id_key)
    frame["reference_hash"] = _hashes(offences.texts["reference"], offences.id_key)
    return frame


# -------------------------------------------------------------------------------------------


def _parts(rows: IntArray, count: int) -> Iterator[IntArray]:
    for start in range(0, len(rows), count):
        yield rows[start : start + count]


def _runs(rows: IntArray) -> Iterator[IntArray]:
    bounds = np.searchsorted(rows, np.arange(0, (rows.max() if len(rows) else 0) + 1, RUN_ROWS))
    return (run for run in np.split(rows, bounds[1:]) if len(run))


def _classified(offences: Offences) -> pd.DataFrame:
    located, occurred, until = offences.located, offences.occurred, offences.occurred_to
    texts = {name: _objects(text) for name, text in offences.texts.items()}
    frame = pd.DataFrame(
        {
            "source": offences.table.source,
            "register": texts["register"],
            c.ARTICLE: texts["article"],
            "part": texts["part"],
            "paragraph": texts["paragraph"],
            "category": texts["category"],
            c.GRAVITY: offences.gravity.astype("Int64"),
            "is_misdemeanour": _objects(offences.is_misdemeanour),
            c.OCCURRED_AT: occurred.at,
            c.OCCURRED_TO: until,
            c.OCCURRED_PRECISION: np.where(until > occurred.at, "interval", occurred.precision),
            c.REGISTERED_AT: offences.registered,
            c.PLACE_TYPE: texts["place_type"],
            c.VICTIM_MINOR: _objects(offences.victim_minor),
            c.DISCOVERY: texts["discovery"],
            "status": texts["status"],
            "district": texts["district"],
            "address_raw": texts["address_raw"],
            c.LAT: located.lat,
            c.LON: located.lon,
            "geo_method": METHODS[located.method_code],
            "geo_score": located.score,
            c.GEO_ACCURACY_M: located.accuracy_m,
        },
        index=range(len(offences.rows)),
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
