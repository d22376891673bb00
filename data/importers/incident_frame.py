"""From checked columns of offences to the canonical incident, whatever layer they came from."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from data.codes.tables import CHILD, classify_articles
from data.importers.coordinates import Located
from data.importers.identity import content_text, degrees_text, identify_rows, mark_repeats
from data.importers.known_places import KnownPlaces
from data.importers.moments import Moments
from data.importers.report import OUTSIDE_REGION, Imported, ImportReport, check_share
from data.importers.tabular import ReadOptions, SourceTable
from geo import columns as c
from geo.cells import latlng_to_cells
from geo.errors import InputRefusedError
from geo.parameters import DRUGS, GROUPS
from geo.study_area import StudyArea

RESOLUTION = 10
ADDRESS_GRID_M = 10
SENSITIVE_GRID_M = 1000
OWN_GROUPS = {group: group for group in (*GROUPS, DRUGS)}
"""Our own words for an offence group need no mapping."""


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
        ``external_id``, ``article``, ``part``, ``paragraph``, ``category`` (the source's own word),
        ``place_type``, ``discovery``, ``status``, ``address_id``, ``case_hash``.
    gravity, is_misdemeanour, victim_minor
        Number 0–4; True, False or missing.
    """

    table: SourceTable
    located: Located
    occurred: Moments
    occurred_to: pd.Series
    registered: pd.Series
    texts: pd.DataFrame
    gravity: pd.Series
    is_misdemeanour: pd.Series
    victim_minor: pd.Series


def build_incidents(offences: Offences, options: ReadOptions, places: KnownPlaces) -> Imported:
    """Classify, identify and count the rows; return the accepted ones as canonical incidents.

    Raises
    ------
    InputRefusedError
        ``offence_unknown`` (no row has an offence that counts), ``no_valid_rows`` or
        ``too_many_bad_rows``.
    """
    table = offences.table
    _check_times(offences, options)
    frame = _classified(offences)
    _check_offences(table, frame)

    content = content_text(
        frame[c.OCCURRED_AT],
        frame[c.OCCURRED_TO],
        degrees_text(frame[c.LAT]),
        degrees_text(frame[c.LON]),
        frame[c.ARTICLE],
        frame["part"],
        frame["category"],
    )
    external = offences.texts["external_id"]
    frame.insert(0, "identity", identify_rows(table.source, external, content, options.id_key))
    repeated = mark_repeats(frame["identity"], content, table.faults, table.head("external_id"))
    accepted = ~table.faults.bad & ~repeated
    report = _report(table, frame, repeated, accepted, options)
    check_share(report, table.faults, table.file_name, options.allowed_bad_share)

    kept = _placed(
        frame[accepted], offences.texts["address_id"][accepted], table.source, places.area
    )
    kept = kept.sort_values("identity", kind="stable").reset_index(drop=True)
    return Imported(kept, table.faults.frame(), report)


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
    by_day = day_only | (offences.occurred.precision == "day")
    early = (registered < at) & ~(by_day & (registered.dt.normalize() >= days))
    if early.any():
        table.warnings.append(
            f"registered_before_occurred: {int(early.sum())} rows were registered before they "
            "happened; the time of the offence was kept."
        )


def _classified(offences: Offences) -> pd.DataFrame:
    table, texts = offences.table, offences.texts
    ended = offences.occurred_to.notna().to_numpy(bool)
    precision = offences.occurred.precision.copy()
    precision[ended & (offences.occurred_to > offences.occurred.at).to_numpy(bool)] = "interval"
    frame = pd.DataFrame(
        {
            "source": table.source,
            "source_row": table.rows,
            "ext_id_hash": texts["case_hash"],
            c.ARTICLE: texts["article"],
            "part": texts["part"],
            "paragraph": texts["paragraph"],
            "category": texts["category"],
            c.GRAVITY: offences.gravity,
            "is_misdemeanour": offences.is_misdemeanour,
            c.OCCURRED_AT: offences.occurred.at,
            c.OCCURRED_TO: offences.occurred_to,
            c.OCCURRED_PRECISION: precision,
            c.REGISTERED_AT: offences.registered,
            c.PLACE_TYPE: texts["place_type"],
            c.VICTIM_MINOR: offences.victim_minor,
            c.DISCOVERY: texts["discovery"],
            "status": texts["status"],
            c.LAT: offences.located.lat,
            c.LON: offences.located.lon,
            "geo_method": "given",
            c.GEO_ACCURACY_M: offences.located.accuracy_m,
        }
    )
    named = classify_articles(frame)
    groups = OWN_GROUPS | table.mapping.offence_groups
    by_word = frame["category"].map(groups).astype(object)
    group = by_word.where(by_word.notna(), named[c.OFFENCE_GROUP]).astype(object)
    frame[c.OFFENCE_GROUP] = group.where(group.notna(), None)
    frame[c.SENSITIVE] = named[c.SENSITIVE] | (group == CHILD)
    frame[c.SEVERITY_DAYS] = named[c.SEVERITY_DAYS]
    frame["discretionary"] = named["discretionary"]
    frame["known"] = named["known"] | frame["category"].isin(list(groups))
    return frame


def _check_offences(table: SourceTable, frame: pd.DataFrame) -> None:
    good = frame[~table.faults.bad]
    if len(good) and good[c.OFFENCE_GROUP].isna().all():
        raise InputRefusedError(
            f"{table.file_name}: no row's offence is known. Name the column of the article, or say "
            "in a mapping file what the source's words mean: 'offence_groups: {WORD: "
            "theft_robbery}'.",
            code="offence_unknown",
        )
    unknown = good[~good["known"]]
    if len(unknown):
        articles = sorted(set(unknown[c.ARTICLE].dropna()))[:10]
        named = f" (articles {', '.join(articles)})" if articles else ""
        table.warnings.append(
            f"offence_unknown: {len(unknown)} rows have an offence that is in no group{named}; "
            "they are kept and enter no map."
        )
    silent = int((good[c.DISCOVERY] == "unknown").sum())
    if silent:
        table.warnings.append(
            f"discovery_unknown: {silent} of {len(good)} rows do not say how the offence came to "
            "light; its article decides."
        )


def _report(
    table: SourceTable,
    frame: pd.DataFrame,
    repeated: npt.NDArray[np.bool_],
    accepted: npt.NDArray[np.bool_],
    options: ReadOptions,
) -> ImportReport:
    bad = table.faults.bad
    # Days are proposed from every row that has one, also outside the area: the file covers them.
    days = frame.loc[~bad | table.faults.has(OUTSIDE_REGION), c.OCCURRED_AT].dropna()
    first, last = (days.min().date(), days.max().date()) if len(days) else (None, None)
    if len(days) and not (options.covers_from and options.covers_to):
        table.inferred["covers"] = "first and last day of the rows"
    precision = frame.loc[accepted, c.OCCURRED_PRECISION].value_counts().sort_index()
    table.inferred["occurred_precision"] = {str(k): int(n) for k, n in precision.items()}
    return ImportReport(
        source=table.source,
        rows_read=len(frame),
        accepted=int(accepted.sum()),
        quarantined=int(bad.sum()),
        duplicate=int(repeated.sum()),
        outside_region=table.faults.reasons().get(OUTSIDE_REGION, 0),
        inferred=dict(table.inferred),
        reasons=table.faults.reasons(),
        covers_from=_day(options.covers_from, first),
        covers_to=_day(options.covers_to, last),
        warnings=tuple(table.warnings),
    )


def _day(declared: date | None, proposed: date | None) -> date | None:
    return declared or proposed


def _placed(
    frame: pd.DataFrame, address_id: pd.Series, source: str, area: StudyArea
) -> pd.DataFrame:
    lat, lon = frame[c.LAT].to_numpy(float), frame[c.LON].to_numpy(float)
    frame = frame.drop(columns=["category", "known"])
    frame[c.H3_CELL] = latlng_to_cells(lat, lon, RESOLUTION)
    x, y = area.to_metric(lat, lon)
    sensitive = frame[c.SENSITIVE].to_numpy(bool)
    grid = np.where(sensitive, SENSITIVE_GRID_M, ADDRESS_GRID_M)
    frame[c.ADDRESS_KEY] = [
        f"i{hashlib.sha256(f'{source}:{known}'.encode()).hexdigest()[:16]}"
        if isinstance(known, str) and not hidden
        else f"{'s' if hidden else 'g'}{round(east)}:{round(north)}"
        for known, hidden, east, north in zip(
            address_id, sensitive, x / grid, y / grid, strict=True
        )
    ]
    return frame
