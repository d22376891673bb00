"""Rows that lack nothing but a place: list them, and put one on the map by a pin."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import pandas as pd
from sqlalchemy import Connection, exists, select, update

from data.importers.incident_frame import RESOLUTION, address_keys
from data.store.frames import add_rows
from data.tables import Import, Incident, UnplacedIncident, table_of
from geo import columns as c
from geo.cells import latlng_to_cells
from geo.errors import NotFoundError, UsageError
from geo.study_area import StudyArea

PIN_ACCURACY_M = 10
"""How well a person places a pin on a street map."""

_ADDED = frozenset({"reason", "pinned_at", "version", "content", "valid_from", "valid_to"})
_SAME_EVENT = (
    "source", c.OCCURRED_AT, c.OCCURRED_TO, c.REGISTERED_AT, c.ARTICLE, "part", c.OFFENCE_GROUP,
    "address_raw",
)  # fmt: skip


@dataclass(frozen=True)
class Pin:
    """The place that a person gives a row: WGS84 degrees."""

    identity: str
    lat: float
    lon: float


def list_unplaced(connection: Connection) -> pd.DataFrame:
    """List the waiting rows: ``identity``, ``file_name``, ``row``, ``reason`` and what is known.

    Newest import first, in the order of the file.
    """
    waiting, imports = table_of(UnplacedIncident), table_of(Import)
    wanted = (
        select(
            waiting.c.identity,
            waiting.c.import_id,
            imports.c.file_name,
            waiting.c.source_row.label("row"),
            waiting.c.reason,
            waiting.c.occurred_at,
            waiting.c.offence_group,
            waiting.c.district,
            waiting.c.address_raw,
        )
        .join(imports, imports.c.import_id == waiting.c.import_id)
        .where(waiting.c.valid_to.is_(None), waiting.c.pinned_at.is_(None))
        .order_by(waiting.c.import_id.desc(), waiting.c.source_row, waiting.c.identity)
    )
    rows = connection.execute(wanted)
    return pd.DataFrame([tuple(row) for row in rows], columns=list(rows.keys()), dtype=object)


def pin_unplaced(connection: Connection, pin: Pin, area: StudyArea, moment: dt.datetime) -> None:
    """Turn a waiting row into an incident at the pin, within the open transaction.

    Parameters
    ----------
    connection
        An open transaction that writes.
    pin
        Which row, and where it belongs.
    area
        The pin must lie in it.
    moment
        Of the pin, naive UTC.

    Raises
    ------
    NotFoundError
        ``row_not_waiting``: no such row, or it has its place already.
    UsageError
        ``outside_region``.
    """
    if not (
        abs(pin.lat) <= 90 and abs(pin.lon) <= 180 and bool(area.contains(pin.lat, pin.lon)[0])
    ):
        raise UsageError("The pin lies outside the study area.", code="outside_region")
    table = table_of(UnplacedIncident)
    this = (table.c.identity == pin.identity) & table.c.valid_to.is_(None)
    row = (
        connection.execute(select(table).where(this, table.c.pinned_at.is_(None)).with_for_update())
        .mappings()
        .first()
    )
    if row is None:
        raise NotFoundError("This row does not wait for a place.", code="row_not_waiting")

    frame = _placed(dict(row), pin, area)
    add_rows(connection, table_of(Incident), [frame], row["import_id"], moment)
    connection.execute(update(table).where(this).values(pinned_at=moment))


def close_placed(connection: Connection, import_id: int, moment: dt.datetime) -> int:
    """Let rows wait no longer that came again with a place; return how many these were.

    A corrected file brings them under the same id, or without ids with the same time, offence and
    address; placing them by hand as well would count them twice.
    """
    waiting, placed = table_of(UnplacedIncident), table_of(Incident)
    same_event = [placed.c[name].is_not_distinct_from(waiting.c[name]) for name in _SAME_EVENT]
    by_content = waiting.c.ext_id_hash.is_(None) & placed.c.ext_id_hash.is_(None)
    for name in same_event:
        by_content &= name
    came = exists().where(
        placed.c.import_id == import_id,
        placed.c.valid_to.is_(None),
        (placed.c.identity == waiting.c.identity) | by_content,
    )
    still = waiting.c.valid_to.is_(None) & waiting.c.pinned_at.is_(None)
    closed = connection.execute(
        update(waiting).where(still, waiting.c.import_id != import_id, came).values(valid_to=moment)
    )
    return int(closed.rowcount)


# -------------------------------------------------------------------------------------------


def _placed(row: dict[str, Any], pin: Pin, area: StudyArea) -> pd.DataFrame:
    frame = pd.DataFrame([{name: value for name, value in row.items() if name not in _ADDED}])
    frame = frame.drop(columns="import_id")
    frame[c.LAT], frame[c.LON] = pin.lat, pin.lon
    frame["geo_method"], frame["geo_score"] = "pin", float("nan")
    frame[c.GEO_ACCURACY_M] = float(PIN_ACCURACY_M)
    frame[c.H3_CELL] = latlng_to_cells([pin.lat], [pin.lon], RESOLUTION)
    times = [c.OCCURRED_AT, c.OCCURRED_TO, c.REGISTERED_AT]
    frame[times] = frame[times].astype("datetime64[us]")
    frame[c.ADDRESS_KEY] = address_keys(frame, pd.Series([None]), row["source"], area)
    return frame
