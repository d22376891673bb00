"""Save incidents once each, and read those the map is made from."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
from sqlalchemy import Connection, select

from data.store.frames import add_rows, read_rows
from data.tables import Incident, table_of
from geo import columns as c
from geo.errors import NotFoundError
from geo.schema import INCIDENTS, Column, Contract, check_frame

STORED_INCIDENTS: Contract = {
    "identity": Column("text"),
    "source": Column("text"),
    **{name: rule for name, rule in INCIDENTS.items() if name != c.INCIDENT_ID},
    # An article outside the table of groups is kept and counted, it enters no rate.
    c.OFFENCE_GROUP: replace(INCIDENTS[c.OFFENCE_GROUP], required=False),
    c.DISCOVERY: Column("text", one_of=("reported", "discovered", "unknown")),
}
"""What a frame of incidents must keep to be saved; every further column of the table may come."""

_READ = [
    *(name for name in INCIDENTS if name != c.INCIDENT_ID),
    c.ARTICLE,
    c.GRAVITY,
    c.REGISTERED_AT,
    c.VICTIM_MINOR,
    "status",
    "geo_method",
    "discretionary",
]


def save_incidents(connection: Connection, frame: pd.DataFrame, import_id: int) -> int:
    """Add the incidents that are not stored yet; return how many these were.

    Raises
    ------
    FrameError
        The frame does not keep `STORED_INCIDENTS`, or bears a column that is not stored.
    """
    check_frame(frame, STORED_INCIDENTS, name="incidents")
    if "status" not in frame:
        frame = frame.assign(status="active")
    return add_rows(connection, table_of(Incident), frame, import_id)


def read_incidents(connection: Connection) -> pd.DataFrame:
    """Read every incident, sorted by ``incident_id`` (the first 16 characters of the identity).

    Where a record does not say whether it was reported or discovered on patrol, its article
    decides: a discretionary one counts as discovered, any other as reported. ``status`` is
    active, discontinued or reclassified; ``offence_group`` is missing where the article is in no
    group; ``gravity`` (0–4) and ``severity_days`` are missing where the record gives none.
    """
    frame = read_rows(connection, table_of(Incident), _READ, c.INCIDENT_ID)
    by_article = frame.pop("discretionary").eq(True).map({True: "discovered", False: "reported"})
    known = frame[c.DISCOVERY] != "unknown"
    return frame.assign(**{c.DISCOVERY: frame[c.DISCOVERY].where(known, by_article).astype(object)})


def get_incident(connection: Connection, incident_id: str) -> dict[str, Any]:
    """Return one stored incident with its import and source row.

    Raises
    ------
    NotFoundError
        ``incident_unknown``.
    """
    table = table_of(Incident)
    wanted = select(table).where(table.c.identity.startswith(incident_id, autoescape=True))
    row = connection.execute(wanted).mappings().first()
    if row is None:
        raise NotFoundError(f"There is no incident {incident_id[:32]!r}.", code="incident_unknown")
    return dict(row)
