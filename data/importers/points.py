"""Read a file of things that stand or happen at a point: lamps, visits, cameras, schools, homes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from data.importers.coordinates import locate_rows
from data.importers.identity import content_text, degrees_text, identify_rows, mark_repeats
from data.importers.known_places import KnownPlaces
from data.importers.report import OUTSIDE_REGION, Imported, ImportReport, check_share
from data.importers.tabular import ReadOptions, SourceTable, read_source_table
from geo import columns as c

ReadFields = Callable[[SourceTable, ReadOptions, KnownPlaces], pd.DataFrame]


@dataclass(frozen=True)
class PointKind:
    """How a noun's rows are read.

    Attributes
    ----------
    noun
        Name of the noun, which is also that of its words for heads.
    read_fields
        Reads every column but place and identity from the file's text, marking faults.
    content
        Columns that, with the place, make two rows without an id the same.
    day
        Column whose first and last day the file covers; None for things that stand.
    """

    noun: str
    read_fields: ReadFields
    content: tuple[str, ...]
    day: str | None = None


def read_points(path: Path, kind: PointKind, options: ReadOptions, places: KnownPlaces) -> Imported:
    """Read, place, identify and count the rows of one file.

    Raises
    ------
    NotFoundError, UsageError, InputRefusedError
        The whole file is refused.
    """
    table = read_source_table(path, kind.noun, options)
    located = locate_rows(table, places.area)
    frame = kind.read_fields(table, options, places)
    frame.insert(0, "source_row", table.rows)
    frame[c.LAT], frame[c.LON] = located.lat, located.lon

    place = (degrees_text(frame[c.LAT]), degrees_text(frame[c.LON]))
    content = content_text(*place, *(frame[name] for name in kind.content))
    external = table.text("external_id").astype(object)
    frame.insert(0, "identity", identify_rows(table.source, external, content, options.id_key))
    repeated = mark_repeats(frame["identity"], content, table.faults, table.head("external_id"))

    accepted = ~table.faults.bad & ~repeated
    report = _report(table, frame, kind, int(accepted.sum()), int(repeated.sum()))
    check_share(report, table.faults, table.file_name, options.allowed_bad_share)
    kept = frame[accepted].sort_values("identity", kind="stable").reset_index(drop=True)
    return Imported(kept, table.faults.frame(), report)


def texts_or_none(texts: pd.Series) -> pd.Series:
    """Return text as plain objects with None where missing."""
    plain = texts.astype(object)
    return plain.where(plain.notna(), None)


# -------------------------------------------------------------------------------------------


def _report(
    table: SourceTable, frame: pd.DataFrame, kind: PointKind, accepted: int, repeated: int
) -> ImportReport:
    bad = table.faults.bad
    within = ~bad | table.faults.has(OUTSIDE_REGION)
    days = frame.loc[within, kind.day].dropna() if kind.day else pd.Series(dtype="datetime64[us]")
    reasons = table.faults.reasons()
    return ImportReport(
        source=table.source,
        rows_read=len(frame),
        accepted=accepted,
        quarantined=int(bad.sum()),
        duplicate=repeated,
        outside_region=reasons.get(OUTSIDE_REGION, 0),
        inferred=dict(table.inferred),
        reasons=reasons,
        covers_from=days.min().date() if len(days) else None,
        covers_to=days.max().date() if len(days) else None,
        warnings=tuple(table.warnings),
    )
