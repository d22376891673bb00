"""Read a JSON page of the official offence layer (КПСиСУ, «Преступность»).

Its traps: times are epoch milliseconds of *local* wall time, to be read as they stand; without a
spatial reference metres belong to one UTM zone for the whole country; names change their case; a
registration may bear an earlier time than the offence. The case number is kept only as a hash
under the workspace's key, street and house are not kept.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from data.codes.tables import CodeTables, code_tables
from data.importers.incident_report import take_incidents
from data.importers.offence_columns import Offences
from data.importers.opening import read_source_table
from data.importers.parsing.raw_columns import X, Y
from data.importers.places.known_places import KnownPlaces
from data.importers.places.placing import place_rows
from data.importers.report import Imported
from data.importers.tabular import ReadOptions, SourceTable
from data.importers.values.articles import article_of_code, parse_article
from data.importers.values.code_words import read_gravities, read_place_types
from data.importers.values.date_rows import EARLIEST_YEAR, LATEST_YEAR
from data.importers.values.moments import (
    DAY,
    MINUTE,
    Moments,
    clock_spikes,
    hide_false_midnight,
    mark_future,
)
from data.importers.values.words import NO, YES
from geo.study_area import WGS84

LAYER_CRS = "EPSG:32642"
"""The layer's own plane, for the whole country; answers without a spatial reference are in it."""

MISDEMEANOUR = {"5": False, "6": True}


def read_kpssu_file(path: Path, options: ReadOptions, places: KnownPlaces) -> Imported:
    """Read one page of the layer into canonical incidents.

    Parameters
    ----------
    path
        JSON as the service answers it (``f=json`` or ``f=geojson``), or one record of it.
    options
        ``id_key`` is needed where records bear a case number.
    places
        Rows outside its area are counted as ``outside_region``.

    Returns
    -------
    Imported
        As `data.importers.incidents.read_incidents_file`; records are the same when their
        ``globalid`` is, or without one when time, place and article are.

    Raises
    ------
    NotFoundError, UsageError, InputRefusedError
        The whole page is refused.
    """
    table = read_source_table(path, "kpssu", options, accepted=("arcgis", "geojson"))
    table = _with_crs(table)
    located = place_rows(table, places)
    occurred = _read_wall_time(table, "dat_sover", required=True)
    mark_future(table, occurred, "dat_sover", options.received_at)
    table.findings["clock_spikes"] = clock_spikes(occurred)
    registered = _read_wall_time(table, "dat_vozb", required=False)
    codes = code_tables(options.codes)
    missing = pd.Series(None, index=range(len(table.rows)), dtype=object)
    offences = Offences(
        table=table,
        rows=table.rows,
        located=located,
        occurred=hide_false_midnight(table, occurred, "dat_sover"),
        occurred_to=pd.Series(pd.NaT, index=missing.index, dtype="datetime64[us]"),
        registered=registered.at,
        texts=_texts(table, missing, codes),
        gravity=read_gravities(table, "hard_code", codes, occurred.at),
        is_misdemeanour=_or_none(table.text("transgression").map(MISDEMEANOUR)),
        victim_minor=missing,
        id_key=options.id_key,
        codes=codes,
    )
    return take_incidents(offences, options, places)


# -------------------------------------------------------------------------------------------


def _with_crs(table: SourceTable) -> SourceTable:
    if table.crs or table.inferred.get("crs_of_file"):
        return table
    x, y = (pd.to_numeric(table.text(name), errors="coerce") for name in (X, Y))
    given = x.notna() & y.notna()
    degrees = bool(((x.abs() <= 180) & (y.abs() <= 90))[given].mean() > 0.5)
    crs = WGS84 if degrees or not given.any() else LAYER_CRS
    table.inferred["crs"] = (
        f"{crs} (the page names none; its numbers look like {'degrees' if degrees else 'metres'})"
    )
    return replace(table, crs=crs)


def _read_wall_time(table: SourceTable, name: str, *, required: bool) -> Moments:
    """Read epoch milliseconds as the wall time they spell, checked against the text beside them."""
    text = table.text(name)
    written = table.text(f"{name}_str")
    number = pd.to_numeric(text.where(text.str.fullmatch(r"-?[0-9]{1,15}").fillna(False)))
    # Never through a time zone: the layer stamps local time as if it were universal.
    at = pd.Series(pd.to_datetime(number, unit="ms", errors="coerce")).astype("datetime64[us]")
    spelled = pd.to_datetime(written, format="%d.%m.%Y %H:%M", errors="coerce")
    day = pd.to_datetime(written.str.slice(0, 10), format="%d.%m.%Y", errors="coerce")
    at = at.where(text.notna(), spelled.fillna(day).astype("datetime64[us]"))
    at = at.where(at.dt.year.between(EARLIEST_YEAR, LATEST_YEAR))

    given = text.notna() | written.notna()
    minute = at.dt.floor("min")
    differs = at.notna() & (
        (spelled.notna() & (minute != spelled)) | (day.notna() & (at.dt.normalize() != day))
    )
    if required:
        table.faults.add(~given, name.upper(), "time_missing")
        table.faults.add(given & at.isna(), name.upper(), "time_invalid")
        table.faults.add(differs, name.upper(), "time_disagrees")
    elif differs.any():
        table.warnings.append(
            f"time_disagrees: {int(differs.sum())} times of {name.upper()} are not those of "
            f"{name.upper()}_STR; they were left out."
        )
        at = at.where(~differs)
    day_only = written.notna() & spelled.isna() & (at == at.dt.normalize())
    precision = np.where(day_only, DAY, MINUTE).astype(np.int8)
    precision[at.isna()] = 0
    return Moments(at, precision)


def _texts(table: SourceTable, missing: pd.Series, codes: CodeTables) -> pd.DataFrame:
    stat = table.text("stat")
    named = {text: parse_article(text) for text in stat.dropna().unique()}
    parsed = pd.DataFrame(
        [named.get(text, (None, None, None)) for text in stat],
        columns=["article", "part", "paragraph"],
        dtype=object,
    )
    code = table.text("crime_code")
    article = code.map({text: article_of_code(text) for text in code.dropna().unique()})
    article = article.astype(object).where(article.notna(), parsed["article"])
    other = (parsed["article"].notna() & (parsed["article"] != article)).to_numpy(bool)
    if other.any():
        table.warnings.append(
            f"article_disagrees: {int(other.sum())} rows name another article in STAT than in "
            "CRIME_CODE; the code was kept, without a part."
        )
    ended = table.text("discontinued").str.casefold()
    strange = ended.notna() & ~ended.isin([*YES, *NO])
    table.faults.add(strange, table.head("discontinued"), "word_unknown")
    return pd.DataFrame(
        {
            "external_id": table.text("external_id").astype(object),
            "case_number": table.text("ud").astype(object),
            "reference": missing,
            "article": _or_none(article),
            "part": parsed["part"].where(~other, None),
            "paragraph": parsed["paragraph"].where(~other, None),
            "category": missing,
            "place_type": read_place_types(table, "place_type", codes),
            "discovery": "unknown",
            "status": np.where(ended.isin(list(YES)), "discontinued", "active"),
            "register": "erdr",
            "district": table.text("organ").astype(object),
            "address_raw": missing,
            "address_id": missing,
        }
    )


def _or_none(values: pd.Series) -> pd.Series:
    values = values.astype(object)
    return values.where(values.notna(), None)
