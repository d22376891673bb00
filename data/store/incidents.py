"""Save incidents once each, with a place or without, and read those the map is made from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import replace

import pandas as pd
from sqlalchemy import Connection, delete, func, select

from data.store.frames import add_rows, add_unknown_rows, checked_frames, read_rows
from data.store.versions import LATER, Added, Stamp, at_moment
from data.tables import DwellingIncident, Incident, Model, UnplacedIncident, table_of
from geo import columns as c
from geo.schema import INCIDENTS, Column, Contract

STORED_INCIDENTS: Contract = {
    "identity": Column("text"),
    "source": Column("text"),
    **{name: rule for name, rule in INCIDENTS.items() if name != c.INCIDENT_ID},
    # An article outside the table of groups is kept and counted, it enters no rate.
    c.OFFENCE_GROUP: replace(INCIDENTS[c.OFFENCE_GROUP], required=False),
    c.DISCOVERY: Column("text", one_of=("reported", "discovered", "unknown")),
}
"""What a frame of incidents must keep to be saved; every further column of the table may come."""

_WITHOUT_PLACE = (c.LAT, c.LON, c.H3_CELL, c.ADDRESS_KEY, c.GEO_ACCURACY_M)
STORED_UNPLACED: Contract = {
    **{name: rule for name, rule in STORED_INCIDENTS.items() if name not in _WITHOUT_PLACE},
    "reason": Column("text"),
}
STORED_DWELLINGS: Contract = {
    "identity": Column("text"),
    "district": Column("text"),
    "month": Column("time"),
    c.OFFENCE_GROUP: STORED_INCIDENTS[c.OFFENCE_GROUP],
}

_READ = [
    *(name for name in INCIDENTS if name != c.INCIDENT_ID),
    c.ARTICLE,
    c.GRAVITY,
    c.REGISTERED_AT,
    c.VICTIM_MINOR,
    "status",
    "geo_method",
    "discretionary",
    "register",
    "ext_id_hash",
    "reference_hash",
]


def save_incidents(connection: Connection, frames: Iterable[pd.DataFrame], stamp: Stamp) -> Added:
    """Add the incidents that are not stored yet, and new versions of changed ones.

    A record that stood without a place, or as one inside a dwelling, stands there no longer.

    Raises
    ------
    FrameError
        A frame does not keep `STORED_INCIDENTS`, or bears a column that is not stored.
    """
    checked = checked_frames(_with_status(frames), STORED_INCIDENTS, name="incidents")
    table = table_of(Incident)
    added = add_rows(connection, table, checked, stamp.import_id, stamp.moment)
    closed = _close_elsewhere(connection, Incident, (DwellingIncident, UnplacedIncident), stamp)
    moved = closed["dwelling_incidents"]
    return replace(added, new=added.new - moved, versions=added.versions + moved)


def save_dwellings(connection: Connection, frames: Iterable[pd.DataFrame], stamp: Stamp) -> Added:
    """Add offences inside dwellings, of which only district, month and group are kept.

    Where a record was thought to lie elsewhere before, its earlier versions are erased: its place
    must not stay in any history. Withdrawing the import does not bring them back.

    Raises
    ------
    FrameError
        A frame does not keep `STORED_DWELLINGS`, or bears a column that is not stored.
    """
    checked = checked_frames(frames, STORED_DWELLINGS, name="dwelling_incidents")
    table = table_of(DwellingIncident)
    added = add_rows(connection, table, checked, stamp.import_id, stamp.moment)
    closed = _close_elsewhere(connection, DwellingIncident, (Incident, UnplacedIncident), stamp)
    moved = closed["incidents"]
    _erase_places(connection, stamp)
    return replace(added, new=added.new - moved, versions=added.versions + moved)


def save_unplaced(connection: Connection, frames: Iterable[pd.DataFrame], stamp: Stamp) -> Added:
    """Keep rows without a place, to be placed later; those that are known already are skipped.

    Raises
    ------
    FrameError
        A frame does not keep `STORED_UNPLACED`, or bears a column that is not stored.
    """
    checked = checked_frames(_with_status(frames), STORED_UNPLACED, name="unplaced_incidents")
    tables = [table_of(model) for model in (UnplacedIncident, Incident, DwellingIncident)]
    return add_unknown_rows(connection, tables, checked, stamp)


def read_incidents(connection: Connection) -> pd.DataFrame:
    """Read every current incident by ``incident_id`` (first 16 characters of the identity).

    Where a record does not say whether it was reported or discovered on patrol, its article
    decides: a discretionary one counts as discovered, any other as reported. ``status`` is
    active, discontinued or reclassified; ``offence_group`` is missing where the article is in no
    group; ``gravity`` (0–4) and ``severity_days`` are missing where the record gives none.
    """
    frame = read_rows(connection, table_of(Incident), _READ, c.INCIDENT_ID)
    by_article = frame.pop("discretionary").eq(True).map({True: "discovered", False: "reported"})
    known = frame[c.DISCOVERY] != "unknown"
    return frame.assign(**{c.DISCOVERY: frame[c.DISCOVERY].where(known, by_article).astype(object)})


def newest_registration(connection: Connection, source: str) -> dt.datetime | None:
    """Return when the newest record of a source was registered; None where it has none."""
    newest = []
    for model in (Incident, UnplacedIncident):
        table = table_of(model)
        of_source = select(func.max(table.c.registered_at)).where(table.c.source == source)
        newest.append(connection.execute(of_source).scalar_one())
    return max((moment for moment in newest if moment is not None), default=None)


# -------------------------------------------------------------------------------------------


def _with_status(frames: Iterable[pd.DataFrame]) -> Iterable[pd.DataFrame]:
    for frame in frames:
        yield frame if "status" in frame else frame.assign(status="active")


def _close_elsewhere(
    connection: Connection, came: type[Model], others: tuple[type[Model], ...], stamp: Stamp
) -> dict[str, int]:
    """End the records of an import in the tables where they stood before; count them by table."""
    here = table_of(came).name
    closed = {}
    for model in others:
        name = table_of(model).name
        statement = at_moment(
            f"UPDATE {name} SET valid_to = {LATER} WHERE valid_to IS NULL AND identity IN"
            f" (SELECT identity FROM {here} WHERE import_id = :import_id AND valid_to IS NULL)",
            stamp.moment,
        )
        result = connection.execute(statement, {"import_id": stamp.import_id})
        closed[name] = result.rowcount
    return closed


def _erase_places(connection: Connection, stamp: Stamp) -> None:
    """Erase every version with a place or address of the dwellings that an import brought."""
    came = select(table_of(DwellingIncident).c.identity).where(
        table_of(DwellingIncident).c.import_id == stamp.import_id
    )
    for model in (Incident, UnplacedIncident):
        table = table_of(model)
        connection.execute(delete(table).where(table.c.identity.in_(came)))
