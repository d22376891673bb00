"""Read a file of recorded offences or calls: CSV or GeoJSON, any source with a mapping."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from data.codes.tables import CodeTables, code_tables
from data.distinct_words import as_category, map_words
from data.importers.incident_report import DWELLING, take_incidents
from data.importers.offence_columns import Offences
from data.importers.opening import TABLES, read_source_table
from data.importers.places.known_places import KnownPlaces
from data.importers.places.placing import place_rows, written_address
from data.importers.report import Imported
from data.importers.tabular import ReadOptions, SourceTable
from data.importers.values.code_words import (
    mark_administrative,
    read_articles,
    read_gravities,
    read_place_types,
)
from data.importers.values.moments import (
    clock_spikes,
    hide_false_midnight,
    mark_future,
    read_moments,
)
from data.importers.values.words import DISCOVERY, REGISTER, read_flags, read_status, read_words
from geo import columns as c


def read_incidents_file(path: Path, options: ReadOptions, places: KnownPlaces) -> Imported:
    """Read a file of offences into canonical incidents.

    Parameters
    ----------
    path
        A table of any accepted format.
    options
        What was declared about the file.
    places
        Rows outside its area are counted as ``outside_region``; rows without coordinates are
        looked up in its map.

    Returns
    -------
    Imported
        The blocks have the columns of the table ``incidents`` but for those that the store adds.
        ``offence_group`` is None where the offence is in no group; ``severity_days`` is NaN where
        neither article nor gravity tell; a time without an hour has the precision ``day``.
        ``aside`` holds offences in dwellings as counts, and rows that lack only a place.

    Raises
    ------
    NotFoundError, UsageError, InputRefusedError
        The whole file is refused; nothing is returned of it.
    """
    table = read_source_table(path, "incidents", options, TABLES)
    codes = code_tables(options.codes)
    at_home = read_place_types(table, c.PLACE_TYPE, codes).eq(DWELLING).to_numpy(bool)
    located = place_rows(table, places, at_home)
    table.columns.release()
    occurred = read_moments(table, c.OCCURRED_AT, places.area, required=True, clock="occurred_time")
    mark_future(table, occurred, c.OCCURRED_AT, options.received_at)
    table.findings["clock_spikes"] = clock_spikes(occurred)
    occurred = hide_false_midnight(table, occurred, c.OCCURRED_AT)
    occurred_to = read_moments(table, c.OCCURRED_TO, places.area, required=False).at
    if occurred.until is not None:
        occurred_to = occurred_to.fillna(occurred.until)
    offences = Offences(
        table=table,
        rows=table.rows,
        located=located,
        occurred=occurred,
        occurred_to=occurred_to,
        registered=read_moments(table, c.REGISTERED_AT, places.area, required=False).at,
        texts=_texts(table, codes, occurred.at),
        gravity=read_gravities(table, c.GRAVITY, codes, occurred.at),
        is_misdemeanour=read_flags(table, "is_misdemeanour"),
        victim_minor=read_flags(table, c.VICTIM_MINOR),
        id_key=options.id_key,
        codes=codes,
    )
    return take_incidents(offences, options, places)


# -------------------------------------------------------------------------------------------


def _texts(table: SourceTable, codes: CodeTables, at: pd.Series) -> pd.DataFrame:
    article, part, paragraph = _articles(table)
    register = as_category(read_words(table, "register", REGISTER, "other"))
    columns = {
        "external_id": (own := _own_ids(table)),
        "case_number": own,
        "reference": table.text("reference"),
        "article": mark_administrative(article, register),
        "part": part,
        "paragraph": paragraph,
        "category": as_category(table.text("offence")),
        "place_type": as_category(read_place_types(table, c.PLACE_TYPE, codes, at)),
        "discovery": as_category(read_words(table, c.DISCOVERY, DISCOVERY, "unknown")),
        "status": as_category(read_status(table)),
        "register": register,
        "district": as_category(table.text("district")),
        "address_raw": written_address(table),
        "address_id": table.text("address_id"),
    }
    return pd.DataFrame(columns)


def _articles(table: SourceTable) -> tuple[pd.Series, pd.Series, pd.Series]:
    """Return article, part and paragraph; a column of parts goes before what the text says."""
    article, named_part, paragraph = read_articles(table, c.ARTICLE)
    if "part" not in table.texts:
        return article, named_part, paragraph
    part = map_words(table.text("part"), str)
    part = part.where(part.notna(), named_part.astype(object)).where(article.notna(), None)
    return article, as_category(part), paragraph


def _own_ids(table: SourceTable) -> pd.Series:
    text = table.text("external_id")
    if "external_id" in table.mapping.columns or not _numbers_rows(text):
        return text
    table.warnings.append(
        f"id_numbers_rows: {table.head('external_id')!r} only numbers the rows and is not taken as "
        "an id; name it as external_id in a mapping file if it is one."
    )
    return pd.Series(None, index=text.index, dtype="str")


def _numbers_rows(text: pd.Series) -> bool:
    """Tell whether ids are 1, 2, 3, …: the next file's row 1 is then another record."""
    if not len(text) or not text.iloc[:100].str.fullmatch("[0-9]{1,9}").eq(True).all():
        return False
    number = np.sort(pd.to_numeric(text, errors="coerce").to_numpy(float))
    return bool(number[0] in (0, 1) and (np.diff(number) == 1).all())
