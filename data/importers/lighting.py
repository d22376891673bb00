"""Read what is known of street light: a list of poles, a list of streets or a log of outages."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from data.importers.asset_rows import (
    RowForm,
    fold_words,
    join_ids,
    read_known_words,
    read_texts,
)
from data.importers.dimming import read_dimming
from data.importers.file_kinds import FileKind, kind_of_file
from data.importers.lamp_states import read_states
from data.importers.opening import read_source_table
from data.importers.outages import LAMP, take_outages
from data.importers.places.known_places import KnownPlaces
from data.importers.points import PointKind, take_points
from data.importers.report import Imported
from data.importers.street_lists import take_street_list
from data.importers.tabular import ReadOptions, SourceTable
from data.importers.values.moments import mark_future, read_moments
from data.importers.values.words import read_numbers

FILE_KINDS = (
    FileKind(
        "street_list",
        needs=(
            frozenset({"street"}),
            frozenset({"lit", "length_km", "length_m", "house_from", "house_to"}),
        ),
        lacks=frozenset({"place", "number", "feeder"}),
    ),
    FileKind(
        "outage_log",
        needs=(
            frozenset({"broken_from"}),
            frozenset({"number", "feeder", "street", "external_id"}),
        ),
        lacks=frozenset({"place", "house", "address", "state", "mount_height_m", "kind"}),
    ),
    FileKind(
        "outage_log",
        needs=(
            frozenset({"broken_from"}),
            frozenset({"broken_to"}),
            frozenset({"number", "feeder", "external_id"}),
        ),
        lacks=frozenset({"place", "state", "working", "mount_height_m", "kind", "owner"}),
    ),
    FileKind("pole_list"),
)


def read_lighting_file(path: Path, options: ReadOptions, places: KnownPlaces) -> Imported:
    """Read lamps, lit streets or outages, whichever the file holds.

    Lamps have the columns of the table ``lamps``. ``working`` is None where the file does not
    say: an unknown lamp is not a dark one. Days of commissioning and outage are missing where not
    given; ``mount_height_m`` and the hours of dimming likewise. A number of a pole counts within
    its feeder, or within its street where no feeder is named: registers number their poles from
    one everywhere.
    """
    table = read_source_table(path, "lighting", options)
    kind = kind_of_file(table, FILE_KINDS)
    if kind == "street_list":
        return take_street_list(table, options, places)
    if kind == "outage_log":
        return take_outages(table, LAMP, options, places)
    return take_points(table, _LAMPS, options, places)


# -------------------------------------------------------------------------------------------

_SOURCES_OF_LIGHT = fold_words({
    "led": ("светодиод", "светодиодный", "светодиодная", "сд", "жарықдиодты"),
    "sodium": ("днат", "натриевый", "натриевая", "натрийлі"),
    "mercury": ("дрл", "ртутный", "ртутная", "сынапты"),
    "metal-halide": ("дри", "мгл", "металлогалогенный", "металлогалогенная"),
})  # fmt: skip


def _read_fields(table: SourceTable, options: ReadOptions, places: KnownPlaces) -> pd.DataFrame:
    moments = {
        name: read_moments(table, name, places.area, required=False)
        for name in ("commissioned_at", "broken_from", "broken_to", "inspected_at")
    }
    mark_future(table, moments["inspected_at"], "inspected_at", options.received_at)
    back_too_early = moments["broken_to"].at < moments["broken_from"].at
    table.faults.add(back_too_early, table.head("broken_to"), "broken_to_before_broken_from")
    state, working = read_states(table)
    number = table.text("number").astype(object)
    return pd.DataFrame(
        {
            "kind": read_known_words(table, "kind", _SOURCES_OF_LIGHT, closed=False),
            "mount_height_m": read_numbers(table, "mount_height_m", 0, 60),
            "working": working,
            **{name: moment.at for name, moment in moments.items()},
            **read_texts(table, "feeder", "owner", "funding"),
            "number": number.where(number.notna(), table.text("external_id").astype(object)),
            "state": state,
            **read_dimming(table),
        }
    ).assign(number=lambda frame: frame["number"].where(frame["number"].notna(), None))


def _read_ids(table: SourceTable) -> pd.Series:
    feeder, street = table.text("feeder"), table.text("street")
    within = join_ids(table.text("number"), feeder.where(feeder.notna(), street))
    own = table.text("external_id").astype(object)
    return own.where(own.notna(), within)


_LAMPS = PointKind(RowForm("lamps", ("kind",)), _read_fields, _read_ids)
