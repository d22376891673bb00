"""Read a file of recorded offences or calls: CSV or GeoJSON, any source with a mapping."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from data.codes.tables import parse_article, place_types
from data.importers.coordinates import locate_rows
from data.importers.identity import hash_case_number
from data.importers.incident_frame import Offences, build_incidents
from data.importers.known_places import KnownPlaces
from data.importers.moments import hide_false_midnight, mark_future, read_moments
from data.importers.report import Imported
from data.importers.tabular import ReadOptions, SourceTable, read_source_table
from data.importers.words import DISCOVERY, STATUS, read_flags, read_numbers, read_words
from geo import columns as c


def read_incidents_file(path: Path, options: ReadOptions, places: KnownPlaces) -> Imported:
    """Read a file of offences into canonical incidents.

    Parameters
    ----------
    path
        CSV or GeoJSON.
    options
        What was declared about the file.
    places
        Rows outside its area are counted as ``outside_region``.

    Returns
    -------
    Imported
        The frame has the columns of the table ``incidents`` but for ``import_id`` and ``geom``.
        ``offence_group`` is None where the offence is in no group; ``severity_days`` is NaN where
        neither article nor gravity tell; a time without an hour has the precision ``day``.

    Raises
    ------
    NotFoundError, UsageError, InputRefusedError
        The whole file is refused; nothing is returned of it.
    """
    table = read_source_table(path, "incidents", options)
    located = locate_rows(table, places.area)
    occurred = read_moments(table, c.OCCURRED_AT, places.area, required=True, clock="occurred_time")
    mark_future(table, occurred, c.OCCURRED_AT, options.received_at)
    occurred = hide_false_midnight(table, occurred, c.OCCURRED_AT)
    gravity = read_numbers(table, c.GRAVITY, 0, 4)
    offences = Offences(
        table=table,
        located=located,
        occurred=occurred,
        occurred_to=read_moments(table, c.OCCURRED_TO, places.area, required=False).at,
        registered=read_moments(table, c.REGISTERED_AT, places.area, required=False).at,
        texts=_texts(table, options),
        gravity=pd.Series(np.floor(gravity)).astype("Int64"),
        is_misdemeanour=read_flags(table, "is_misdemeanour"),
        victim_minor=read_flags(table, c.VICTIM_MINOR),
    )
    return build_incidents(offences, options, places)


# -------------------------------------------------------------------------------------------


def _texts(table: SourceTable, options: ReadOptions) -> pd.DataFrame:
    words = table.text(c.ARTICLE)
    articles = {word: parse_article(word) for word in words.dropna().unique()}
    parsed = pd.DataFrame(
        [articles.get(word, (None, None, None)) for word in words],
        columns=["article", "part", "paragraph"],
        dtype=object,
    )
    part = table.text("part").astype(object)
    external = _own_ids(table).astype(object)
    return pd.DataFrame(
        {
            "external_id": external,
            "case_hash": [
                None if pd.isna(text) else _case_hash(text, options.id_key) for text in external
            ],
            "article": parsed["article"],
            "part": part.where(part.notna(), parsed["part"]).where(parsed["article"].notna(), None),
            "paragraph": parsed["paragraph"],
            "category": table.text("offence").astype(object),
            "place_type": place_types(table.text(c.PLACE_TYPE)),
            "discovery": read_words(table, c.DISCOVERY, DISCOVERY, "unknown"),
            "status": read_words(table, "status", STATUS, "active"),
            "address_id": table.text("address_id").astype(object),
        }
    )


def _own_ids(table: SourceTable) -> pd.Series:
    text = table.text("external_id")
    declared = "external_id" in table.mapping.columns
    number = pd.to_numeric(text.where(text.str.fullmatch("[0-9]{1,9}").fillna(False)))
    start = number.min()
    # 1, 2, 3, … numbers the rows of this file: the next file's row 1 is another record.
    if declared or not start <= 1 or set(number) != set(range(int(start), int(start) + len(text))):
        return text
    table.warnings.append(
        f"id_numbers_rows: {table.head('external_id')!r} only numbers the rows and is not taken as "
        "an id; name it as external_id in a mapping file if it is one."
    )
    return pd.Series(None, index=text.index, dtype="str")


def _case_hash(text: str, id_key: bytes | None) -> str | None:
    hashed = hash_case_number(text, id_key)
    return hashed if hashed != text else None
