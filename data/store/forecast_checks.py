"""The checks of the forecast: what was named in advance, beside what came."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Select, delete, insert, select

from data.tables import ForecastCheck as ForecastCheckTable
from data.tables import table_of


@dataclass(frozen=True)
class ForecastCheck:
    """A check as the database lists it.

    Attributes
    ----------
    check_id
        16 hex characters, made from all that the result is a function of.
    made_at
        Naive UTC.
    as_of
        Day after the data that were checked.
    result
        JSON values; a number that is none is missing.
    """

    check_id: str
    made_at: dt.datetime
    as_of: dt.date
    result: dict[str, Any] = field(default_factory=dict)


def save_forecast_check(connection: Connection, check: ForecastCheck) -> None:
    """Make a check the latest; one of the same id is replaced.

    Raises
    ------
    ValueError
        The result holds NaN or an infinity, for which JSON has no word.
    """
    json.dumps(check.result, allow_nan=False)
    checks = table_of(ForecastCheckTable)
    connection.execute(delete(checks).where(checks.c.check_id == check.check_id))
    connection.execute(insert(checks).values(vars(check)))


def find_forecast_check(connection: Connection, check_id: str) -> ForecastCheck | None:
    """Return the check of an id; None where there is none."""
    return _first(connection, _checks().where(table_of(ForecastCheckTable).c.check_id == check_id))


def find_latest_forecast_check(connection: Connection) -> ForecastCheck | None:
    """Return the check that was saved last, whatever the clocks said; None before the first."""
    return _first(connection, _checks())


# -------------------------------------------------------------------------------------------


def _checks() -> Select[Any]:
    checks = table_of(ForecastCheckTable)
    columns = [checks.c[name] for name in ForecastCheck.__dataclass_fields__]
    return select(*columns).order_by(checks.c.sequence.desc()).limit(1)


def _first(connection: Connection, wanted: Select[Any]) -> ForecastCheck | None:
    found = connection.execute(wanted).mappings().first()
    return None if found is None else ForecastCheck(**found)
