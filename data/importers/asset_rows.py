"""Identify, count and report the rows of a file of things, plans or visits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
import shapely

from data.importers.bad_share import check_share
from data.importers.identity import (
    HexArray,
    content_digests,
    identify_rows,
    mark_repeats,
    microdegrees,
)
from data.importers.preview import PERSONAL, preview_of
from data.importers.report import OUTSIDE_REGION, Imported, ImportReport
from data.importers.tabular import ReadOptions, SourceTable
from data.importers.values.look_alikes import fold, fold_texts
from geo import columns as c

LINE = "line"
ROWS = "rows"
_ID_PARTS = "\x1f"


@dataclass(frozen=True)
class RowForm:
    """How the rows of one kind of file are told apart.

    Attributes
    ----------
    rows_are
        Table that the rows go to.
    content
        Columns that make two rows without an id the same.
    day
        Column whose first and last day the file covers; None for things that stand.
    """

    rows_are: str
    content: tuple[str, ...]
    day: str | None = None


def take_rows(
    table: SourceTable,
    frame: pd.DataFrame,
    form: RowForm,
    options: ReadOptions,
    external_id: pd.Series | None = None,
) -> Imported:
    """Identify and count the rows of a file; return those without a fault, one an identity.

    Parameters
    ----------
    table
        The file, its faults found.
    frame
        One row a row of the file. A column ``rows`` tells how many rows a record stands for,
        where rows were joined; these rows are then equal.
    form
        How rows are told apart.
    options
        What was declared about the file.
    external_id
        The register's own id; the field ``external_id`` where not given.

    Raises
    ------
    InputRefusedError
        ``no_valid_rows`` or ``too_many_bad_rows``.
    """
    external = table.text("external_id") if external_id is None else external_id
    saying = _digests(frame.drop(columns=ROWS, errors="ignore"))
    # Rows without an id are numbered by what they say: their order in the file does not matter.
    order = np.lexsort([saying, table.faults.bad])
    identity = np.empty(len(frame), "S32")
    identity[order] = identify_rows(
        table,
        external.astype(object).iloc[order],
        _digests(frame[[*form.content]])[order],
        options.id_key,
    )
    repeated = mark_repeats(identity, saying, table, _id_head(table))

    frame = frame.assign(
        identity=identity.astype(str).astype(object), source_row=table.rows.astype(np.int64)
    )
    kept = ~table.faults.bad & ~repeated
    accepted = int(frame.loc[kept, ROWS].sum()) if ROWS in frame else int(kept.sum())
    report = build_report(table, frame, accepted, form.day)
    check_share(report, table.faults, table.file_name, options.allowed_bad_share)
    rows = frame[kept].sort_values("identity", kind="stable").reset_index(drop=True)
    return Imported([rows], table.faults.frame(), report, rows_are=form.rows_are)


def build_report(
    table: SourceTable, frame: pd.DataFrame, accepted: int, day: str | None
) -> ImportReport:
    """Return the report of a file; rows that are neither faulty nor accepted are duplicates.

    Parameters
    ----------
    table
        The file.
    frame
        Its rows as understood, for the preview and the days.
    accepted
        How many rows of the file are taken.
    day
        Column of ``frame`` whose days the file covers.
    """
    bad = table.faults.bad
    reasons = table.faults.reasons()
    first, last = _days(table, frame, day)
    return ImportReport(
        source=table.source,
        rows_read=len(bad),
        accepted=accepted,
        quarantined=int(bad.sum()),
        duplicate=int((~bad).sum()) - accepted,
        outside_region=reasons.get(OUTSIDE_REGION, 0),
        inferred=dict(table.inferred),
        reasons=reasons,
        covers_from=first,
        covers_to=last,
        warnings=tuple(table.warnings),
        findings=dict(table.findings),
        mapping=table.understood(),
        preview=preview_of(_showable(table, frame)),
    )


def _showable(table: SourceTable, frame: pd.DataFrame) -> pd.DataFrame:
    """Leave out rows with personal data; records made of many rows hold no text of theirs."""
    shown = frame.drop(columns=["identity", ROWS, LINE], errors="ignore")
    return shown if len(frame) != len(table.rows) else shown[~table.faults.has(PERSONAL)]


def texts_or_none(texts: pd.Series) -> pd.Series:
    """Return text as plain objects with None where missing."""
    plain = texts.astype(object)
    return plain.where(plain.notna(), None)


def read_texts(table: SourceTable, *names: str) -> dict[str, pd.Series]:
    """Return fields as they are written, None where missing."""
    return {name: texts_or_none(table.text(name)) for name in names}


def read_known_words(
    table: SourceTable, name: str, words: dict[str, str], *, closed: bool
) -> pd.Series:
    """Read a field of known words, None where missing.

    Parameters
    ----------
    table, name
        The file and its field.
    words
        Folded word (`fold_words`) → ours.
    closed
        Whether another word is a fault; otherwise it stays as it is written.
    """
    text = table.text(name)
    known = fold_texts(text).map(words)
    strange = (text.notna() & known.isna()).to_numpy(bool)
    if closed:
        table.faults.add(strange, table.head(name), "word_unknown")
    else:
        known = known.astype(object).where(~strange, text.astype(object))
    return texts_or_none(known)


def fold_words(meanings: dict[str, tuple[str, ...]]) -> dict[str, str]:
    """Return folded word → meaning; a meaning's own name means it too."""
    return {
        fold(word): meaning for meaning, words in meanings.items() for word in (meaning, *words)
    }


def join_ids(*parts: pd.Series) -> pd.Series:
    """Join parts of an id, folded; missing where the first part is."""
    texts = [fold_texts(part) for part in parts]
    joined = texts[0]
    for text in texts[1:]:
        joined = joined + _ID_PARTS + text.fillna("")
    return joined.astype(object)


# -------------------------------------------------------------------------------------------


def _digests(frame: pd.DataFrame) -> HexArray:
    columns = [
        microdegrees(column)
        if name in (c.LAT, c.LON)
        else _line_texts(column)
        if name == LINE
        else column
        for name, column in frame.items()
    ]
    return content_digests(*(column.reset_index(drop=True) for column in columns))


def _line_texts(lines: pd.Series) -> pd.Series:
    texts = shapely.to_wkt(lines.to_numpy(object), rounding_precision=6)
    return pd.Series(texts, dtype=object)


def _id_head(table: SourceTable) -> str:
    """Return the column that told the rows apart."""
    return next(
        (table.head(name) for name in ("external_id", "number", "street") if name in table.texts),
        "external_id",
    )


def _days(
    table: SourceTable, frame: pd.DataFrame, day: str | None
) -> tuple[date | None, date | None]:
    if day is None:
        return None, None
    bad = table.faults.bad
    days = frame[day]
    if len(days) == len(bad):  # rows outside the area have their days too
        days = days[~bad | table.faults.has(OUTSIDE_REGION)]
    days = days.dropna()
    return (days.min().date(), days.max().date()) if len(days) else (None, None)
