"""The store of forecast checks keeps the same promises on SQLite and on PostGIS."""

import datetime as dt
import math
from dataclasses import replace

import pytest
from alembic import command
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from data.database import Database
from data.schema_version import migration_config, upgrade_database
from data.store import jobs
from data.store.forecast_checks import (
    ForecastCheck,
    find_forecast_check,
    find_latest_forecast_check,
    save_forecast_check,
)
from data.tables import ForecastCheck as Table
from data.tables import table_of

MOMENT = dt.datetime(2026, 10, 1, 3, 0)
RESULT = {"verdict": {"word": "use"}, "quarters": [{"n": 312, "hit5": 0.29375, "pai": None}]}
CHECK = ForecastCheck("0123456789abcdef", MOMENT, dt.date(2026, 10, 1), RESULT)


def saved(database: Database, *checks: ForecastCheck) -> None:
    for check in checks:
        with database.writing() as connection:
            save_forecast_check(connection, check)


def test_check_comes_back_as_saved_and_nothing_before_the_first(database):
    with database.reading() as connection:
        assert find_latest_forecast_check(connection) is None
        assert find_forecast_check(connection, CHECK.check_id) is None
    saved(database, CHECK)
    with database.reading() as connection:
        assert find_latest_forecast_check(connection) == CHECK
        assert find_forecast_check(connection, CHECK.check_id) == CHECK
        assert find_forecast_check(connection, "f" * 16) is None


def test_latest_is_the_one_saved_last_even_if_a_clock_went_back(database):
    earlier = MOMENT - dt.timedelta(days=90)
    other = replace(CHECK, check_id="f" * 16, made_at=earlier, result={"n": 1})
    saved(database, CHECK, other)
    with database.reading() as connection:
        assert find_latest_forecast_check(connection) == other


def test_same_check_saved_again_is_one_row_and_the_latest(database):
    other = replace(CHECK, check_id="f" * 16)
    saved(database, CHECK, other, replace(CHECK, result={"n": 2}))
    with database.reading() as connection:
        assert find_latest_forecast_check(connection).result == {"n": 2}
        ids = connection.execute(select(table_of(Table).c.check_id)).scalars().all()
    assert sorted(ids) == sorted([CHECK.check_id, other.check_id])


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_number_that_json_has_no_word_for_is_refused(database, value):
    with pytest.raises(ValueError, match="JSON"):
        saved(database, replace(CHECK, result={"gain": value}))
    with database.reading() as connection:
        assert find_latest_forecast_check(connection) is None


@pytest.mark.parametrize("check_id", ["", "abc", "0" * 17])
def test_id_of_another_length_is_refused_by_the_database(database, check_id):
    with pytest.raises(DBAPIError):
        saved(database, replace(CHECK, check_id=check_id))


def test_going_back_a_schema_keeps_the_other_jobs_and_up_again_takes_new_ones(database):
    with database.writing() as connection:
        kept = jobs.enqueue_job(connection, "build", {"slot": "2026-10-01T03:00"}, MOMENT)
        jobs.enqueue_job(connection, "forecast", {}, MOMENT)
    saved(database, CHECK)
    with database.writing() as connection:
        command.downgrade(migration_config(connection), "0002")
    with database.reading() as connection:
        assert connection.execute(text("SELECT kind FROM jobs")).scalars().all() == ["build"]
    with database.writing() as connection, pytest.raises(DBAPIError):
        jobs.enqueue_job(connection, "forecast", {}, MOMENT)
    upgrade_database(database)
    with database.writing() as connection:
        assert jobs.get_job(connection, kept.job_id) == kept
        jobs.enqueue_job(connection, "forecast", {}, MOMENT)
        assert find_latest_forecast_check(connection) is None
