"""Offences inside dwellings: kept and read as counts per district, month and group."""

from __future__ import annotations

import pandas as pd
from sqlalchemy import Connection, func, select

from data.tables import DwellingIncident, table_of


def read_dwelling_counts(connection: Connection) -> pd.DataFrame:
    """Count the standing records by ``district`` (empty: unknown), ``month``, ``offence_group``.

    Sorted by district, month and group; ``offences`` holds the number.
    """
    table = table_of(DwellingIncident)
    by = (table.c.district, table.c.month, table.c.offence_group)
    wanted = (
        select(*by, func.count().label("offences"))
        .where(table.c.valid_to.is_(None))
        .group_by(*by)
        .order_by(*by)
    )
    rows = connection.execute(wanted)
    return pd.DataFrame([tuple(row) for row in rows], columns=list(rows.keys()), dtype=object)
