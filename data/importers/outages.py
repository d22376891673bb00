"""Read a log of outages: which lamp, camera, feeder or street was out, from when to when."""

from __future__ import annotations

import numpy as np
import pandas as pd

from data.importers.asset_rows import (
    RowForm,
    fold_words,
    join_ids,
    read_known_words,
    read_texts,
    take_rows,
    texts_or_none,
)
from data.importers.places.known_places import KnownPlaces
from data.importers.report import Imported
from data.importers.tabular import ReadOptions, SourceTable
from data.importers.values.moments import mark_future, read_moments

LAMP, CAMERA = "lamp", "camera"

ASSETS = fold_words({
    LAMP: ("опора", "светильник", "фонарь", "лампа", "линия", "шуно", "тірек", "шам"),
    CAMERA: ("камера", "видеокамера", "бейнекамера"),
})  # fmt: skip


def take_outages(
    table: SourceTable, asset: str, options: ReadOptions, places: KnownPlaces
) -> Imported:
    """Read outages with the columns of the table ``outages``; without an end it lasts still.

    An outage is known again by what was out and since when: a log that comes later with its end
    makes a new version of it.

    Parameters
    ----------
    asset
        What is meant where the file has no column that says so: ``lamp`` or ``camera``.
    """
    begun = read_moments(table, "broken_from", places.area, required=True)
    mark_future(table, begun, "broken_from", options.received_at)
    ended = read_moments(table, "broken_to", places.area, required=False).at
    early = (ended < begun.at).to_numpy(bool)
    table.faults.add(early, table.head("broken_to"), "broken_to_before_broken_from")

    number, feeder, street = (table.text(name) for name in ("number", "feeder", "street"))
    # Where nothing else says what was out, the id is that of the lamp, not of the entry.
    number = number.where(number.notna() | feeder.notna() | street.notna(),
                          table.text("external_id"))  # fmt: skip
    named = read_known_words(table, "asset", ASSETS, closed=True)
    frame = pd.DataFrame(
        {
            "asset": named.where(named.notna(), asset),
            "number": texts_or_none(number),
            **read_texts(table, "feeder", "street"),
            "broken_from": begun.at,
            "broken_to": ended,
        }
    )
    nameless = frame[["number", "feeder", "street"]].isna().all(axis=1).to_numpy(bool)
    table.faults.add(nameless, table.head("number"), "asset_missing")
    if np.any(frame["street"].notna() & frame[["number", "feeder"]].isna().all(axis=1)):
        table.warnings.append(
            "outage_of_street: outages that name neither a number nor a feeder put out every lamp "
            "along their street, where the map has one street of that name."
        )
    since = begun.at.dt.strftime("%Y-%m-%dT%H:%M:%S")
    external = join_ids(since, *(frame[name] for name in ("asset", "number", "feeder", "street")))
    form = RowForm("outages", ("asset", "number", "feeder", "street", "broken_from"), "broken_from")
    return take_rows(table, frame, form, options, external)
