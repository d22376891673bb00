"""What a file of offences says, by row, whatever layer it came from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from data.codes.tables import CodeTables
from data.importers.places.placing import RowPlaces
from data.importers.tabular import SourceTable
from data.importers.values.moments import Moments

IntArray = npt.NDArray[np.int64]
Columns = TypeVar("Columns", pd.Series, pd.DataFrame)


@dataclass(frozen=True)
class Offences:
    """Columns of a file of offences, by row; missing where the file does not say.

    Attributes
    ----------
    table
        The file; a part of its rows has the whole of it.
    rows
        Row numbers as a person sees them in the file.
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
    rows: IntArray
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


def compact(offences: Offences) -> Offences:
    """Return the same with columns of few distinct values in a byte or two a row."""
    return replace(
        offences,
        occurred_to=pd.Series(
            offences.table.columns.keep(offences.occurred_to.to_numpy()), copy=False
        ),
        gravity=offences.gravity.astype("Int8"),
        is_misdemeanour=offences.is_misdemeanour.astype("boolean"),
        victim_minor=offences.victim_minor.astype("boolean"),
    )


def part_of(offences: Offences, rows: IntArray) -> Offences:
    """Return the columns of chosen rows, which should lie near each other in the file."""
    located, occurred, until = offences.located, offences.occurred, offences.occurred.until
    return replace(
        offences,
        rows=offences.rows[rows],
        located=RowPlaces(
            lat=located.lat[rows],
            lon=located.lon[rows],
            accuracy_m=located.accuracy_m[rows],
            method_code=located.method_code[rows],
            score=located.score[rows],
        ),
        occurred=Moments(
            at=_taken(occurred.at, rows),
            precision_code=occurred.precision_code[rows],
            until=None if until is None else _taken(until, rows),
        ),
        occurred_to=_taken(offences.occurred_to, rows),
        registered=_taken(offences.registered, rows),
        texts=_taken(offences.texts, rows),
        gravity=_taken(offences.gravity, rows),
        is_misdemeanour=_taken(offences.is_misdemeanour, rows),
        victim_minor=_taken(offences.victim_minor, rows),
    )


# -------------------------------------------------------------------------------------------


def _taken(values: Columns, rows: IntArray) -> Columns:
    """Take rows out of the stretch in which they lie; Arrow would copy a whole column of text."""
    first, last = (rows.min(), rows.max() + 1) if len(rows) else (0, 0)
    return values.iloc[first:last].iloc[rows - first].reset_index(drop=True)
