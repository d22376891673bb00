"""Count, judge and report the rows of a file of offences, and hand over those that are taken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from data.importers.bad_share import check_share
from data.importers.identity import (
    HexArray,
    first_of_each,
    identify_rows,
    mark_repeats,
    ordinals,
)
from data.importers.incident_frame import (
    RowBlocks,
    Survey,
    canonical_rows,
    incident_rows,
    survey_offences,
)
from data.importers.offence_columns import IntArray, Offences, compact, part_of
from data.importers.places.known_places import KnownPlaces
from data.importers.places.placing import ADDRESS_AMBIGUOUS, ADDRESS_UNKNOWN
from data.importers.preview import PERSONAL, PREVIEW_ROWS, preview_of
from data.importers.report import OUTSIDE_REGION, Imported, ImportReport, RowFaults
from data.importers.tabular import ReadOptions
from data.importers.values.moments import DAY, INTERVAL, PRECISIONS
from geo import columns as c
from geo.errors import InputRefusedError

DWELLING = "dwelling"
REASONS = ("coord_missing", ADDRESS_UNKNOWN, ADDRESS_AMBIGUOUS)
PLACELESS = frozenset(REASONS)
"""Rows with no other fault than these wait for a person to place them."""

BoolArray = npt.NDArray[np.bool_]


def take_incidents(offences: Offences, options: ReadOptions, places: KnownPlaces) -> Imported:
    """Classify, identify and count the rows; return the accepted ones as canonical incidents.

    Raises
    ------
    InputRefusedError
        ``offence_unknown`` (no row has an offence that counts), ``no_valid_rows`` or
        ``too_many_bad_rows``.
    """
    offences = compact(offences)
    table = offences.table
    options = replace(
        options,
        covers_from=options.covers_from or table.mapping.covers_from,
        covers_to=options.covers_to or table.mapping.covers_to,
    )
    _check_times(offences, options)
    table.columns.release()
    survey = survey_offences(offences)
    table.columns.release()
    _check_offences(offences, survey)

    external = offences.texts["external_id"]
    identity = identify_rows(table, external, survey.content, options.id_key)
    repeated = mark_repeats(identity, survey.content, table, table.head("external_id"))
    table.columns.release()
    accepted = ~table.faults.bad & ~repeated
    twins = (
        (ordinals(survey.content, table.columns) > 0) & external.isna().to_numpy(bool) & accepted
    )
    table.findings["twins"] = int(twins.sum())
    table.columns.release()
    report = _report(offences, accepted, repeated, options)
    check_share(report, table.faults, table.file_name, options.allowed_bad_share)

    at_home = (offences.texts["place_type"] == DWELLING).to_numpy(bool)
    places_of = partial(incident_rows, offences, identity, places.area)
    waiting = first_of_each(identity, table.faults.only(PLACELESS) & ~at_home, table.columns)
    return Imported(
        RowBlocks(identity, np.flatnonzero(accepted & ~at_home), table.columns, places_of),
        table.faults.frame(),
        report,
        rows_are="incidents",
        aside={
            "dwellings": RowBlocks(
                identity,
                np.flatnonzero(accepted & at_home),
                table.columns,
                partial(_dwellings, offences, identity),
            ),
            "unplaced": RowBlocks(
                identity,
                waiting,
                table.columns,
                partial(_unplaced, offences, identity, _reasons(table.faults)),
            ),
        },
    )


# -------------------------------------------------------------------------------------------


def _check_times(offences: Offences, options: ReadOptions) -> None:
    table, at = offences.table, offences.occurred.at
    ends_early = offences.occurred_to < at
    table.faults.add(ends_early, table.head(c.OCCURRED_TO), "occurred_to_before_occurred_at")
    days = at.dt.normalize()
    outside = np.zeros(len(at), bool)
    if options.covers_from:
        outside |= (days < pd.Timestamp(options.covers_from)).to_numpy(bool)
    if options.covers_to:
        outside |= (days > pd.Timestamp(options.covers_to)).to_numpy(bool)
    table.faults.add(outside, table.head(c.OCCURRED_AT), "outside_days")

    # A registration that bears a day only is compared by days.
    registered = offences.registered
    day_only = registered == registered.dt.normalize()
    by_day = day_only | (offences.occurred.precision_code == DAY)
    early = (registered < at) & ~(by_day & (registered.dt.normalize() >= days))
    if early.any():
        table.warnings.append(
            f"registered_before_occurred: {int(early.sum())} rows were registered before they "
            "happened; the time of the offence was kept."
        )


def _check_offences(offences: Offences, survey: Survey) -> None:
    table, good = offences.table, ~offences.table.faults.bad
    if good.any() and not survey.grouped[good].any():
        raise InputRefusedError(
            f"{table.file_name}: no row's offence is known. Name the column of the article, or say "
            "in a mapping file what the source's words mean: 'offence_groups: {WORD: "
            "theft_robbery}'.",
            code="offence_unknown",
        )
    table.findings["unverified_articles"] = survey.unverified
    unknown = good & ~survey.known
    if unknown.any():
        articles = offences.texts.loc[unknown, "article"].value_counts().sort_index()
        counts = {str(article): int(rows) for article, rows in articles.items() if rows}
        table.findings["unknown_articles"] = counts
        named = f" (articles {', '.join([*counts][:10])})" if counts else ""
        table.warnings.append(
            f"offence_unknown: {int(unknown.sum())} rows have an offence that is in no group"
            f"{named}; they are kept and enter no map."
        )
    silent = int((offences.texts.loc[good, "discovery"] == "unknown").sum())
    if silent:
        table.warnings.append(
            f"discovery_unknown: {silent} of {int(good.sum())} rows do not say how the offence "
            "came to light; its article decides."
        )


def _report(
    offences: Offences, accepted: BoolArray, repeated: BoolArray, options: ReadOptions
) -> ImportReport:
    table = offences.table
    bad = table.faults.bad
    # Days are proposed from every row that has one, also outside the area: the file covers them.
    dated = ~bad | table.faults.has(OUTSIDE_REGION)
    days = offences.occurred.at.loc[dated].dropna()
    first, last = (days.min().date(), days.max().date()) if len(days) else (None, None)
    if len(days) and not (options.covers_from and options.covers_to):
        table.inferred["covers"] = "first and last day of the rows"
    ended = (offences.occurred_to > offences.occurred.at).to_numpy(bool)
    codes = np.where(ended, INTERVAL, offences.occurred.precision_code)[accepted]
    kinds = zip(PRECISIONS[1:], np.bincount(codes, minlength=len(PRECISIONS))[1:], strict=True)
    table.inferred["occurred_precision"] = {kind: int(rows) for kind, rows in sorted(kinds) if rows}
    _note_unlocated(offences)
    return ImportReport(
        source=table.source,
        rows_read=len(table.rows),
        accepted=int(accepted.sum()),
        quarantined=int(bad.sum()),
        duplicate=int(repeated.sum()),
        outside_region=table.faults.reasons().get(OUTSIDE_REGION, 0),
        inferred=dict(table.inferred),
        reasons=table.faults.reasons(),
        covers_from=_day(options.covers_from, first),
        covers_to=_day(options.covers_to, last),
        warnings=tuple(table.warnings),
        findings=dict(table.findings),
        mapping=table.understood(),
        preview=_preview(offences),
    )


def _day(declared: date | None, proposed: date | None) -> date | None:
    return declared or proposed


def _note_unlocated(offences: Offences) -> None:
    """Count the rows without a place, by district and by the source's word for the offence."""
    table = offences.table
    lost = np.logical_or.reduce([table.faults.has(code) for code in sorted(PLACELESS)])
    if not lost.any():
        return
    texts = offences.texts
    offence = texts["category"].astype(object).where(texts["category"].notna(), texts["article"])
    table.findings["unlocated"] = {
        "rows": int(lost.sum()),
        "share": round(float(lost.mean()), 4),
        "by_district": _counts(texts["district"][lost], texts["district"]),
        "by_group": _counts(offence[lost], offence),
    }


def _counts(part: pd.Series, whole: pd.Series) -> dict[str, Any]:
    lost, all_rows = (rows.astype(object).fillna("").value_counts() for rows in (part, whole))
    return {
        str(word): {"rows": int(lost[word]), "share": round(float(lost[word] / all_rows[word]), 4)}
        for word in sorted(lost.index)
    }


def _preview(offences: Offences) -> tuple[dict[str, str | None], ...]:
    """Return the first rows as they were understood."""
    rows = np.flatnonzero(~offences.table.faults.has(PERSONAL))[:PREVIEW_ROWS]
    frame = canonical_rows(part_of(offences, rows), np.full(len(rows), b"", "S32"))
    shown = frame.drop(columns=["identity", "source", "ext_id_hash", "reference_hash"])
    return preview_of(shown)


def _dwellings(offences: Offences, identity: HexArray, rows: IntArray) -> pd.DataFrame:
    """Keep of an offence in a dwelling its district, month and group, and nothing else."""
    frame = canonical_rows(part_of(offences, rows), identity[rows])
    months = frame[c.OCCURRED_AT].dt.to_period("M").dt.to_timestamp()
    return pd.DataFrame(
        {
            "identity": frame["identity"],
            "source_row": frame["source_row"],
            "district": frame["district"].fillna(""),
            "month": months,
            c.OFFENCE_GROUP: frame[c.OFFENCE_GROUP],
        }
    )


def _reasons(faults: RowFaults) -> npt.NDArray[np.int8]:
    """Return the place in `REASONS` of what each row lacks."""
    reasons = np.zeros(len(faults.bad), np.int8)
    for place, code in enumerate(REASONS):
        reasons[faults.has(code)] = place
    return reasons


def _unplaced(
    offences: Offences, identity: HexArray, reasons: npt.NDArray[np.int8], rows: IntArray
) -> pd.DataFrame:
    """Return rows that lack nothing but a place, with the reason."""
    frame = canonical_rows(part_of(offences, rows), identity[rows])
    frame["reason"] = np.array(REASONS, object)[reasons[rows]]
    place: Sequence[str] = (c.LAT, c.LON, "geo_method", "geo_score", c.GEO_ACCURACY_M)
    return frame.drop(columns=list(place))
