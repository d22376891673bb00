"""The check of a town's own last year: complete quarters, each forecast from before it."""

import json
from dataclasses import replace
from datetime import date
from functools import lru_cache

import pandas as pd
import pytest

from geo.errors import NoDataError
from geo.evaluation.forecast_check import forecast_check, quarter_origins
from geo.evaluation.origins import Protocol
from geo.hazard.counted import count_incidents
from geo.hazard.evidence import base_share
from tests.geo.hazard_towns import PARAMETERS, incident_rows
from tests.geo.test_evaluation_backtest import GRID, MODELS, past_of, town_rows

STILL = Protocol(clock=lambda: 0.0)


def known_until(as_of, first=date(2021, 1, 1), coverage=None):
    rows = incident_rows(GRID, [3], occurred_at=pd.Timestamp(first))
    covered = coverage or ((first, (pd.Timestamp(as_of) - pd.Timedelta(days=1)).date()),)
    return count_incidents(rows, GRID, covered, as_of, PARAMETERS)


def starts(counted):
    as_of = pd.Timestamp(counted.as_of)
    return [
        (str((as_of - pd.Timedelta(days=one.days_before)).date()), one.horizon_days)
        for one in quarter_origins(counted)
    ]


@lru_cache
def usual():
    rows = town_rows(1500, days=1456)
    return forecast_check(past_of(rows, coverage=((date(2021, 1, 5), date(2024, 12, 31)),)), STILL)


@pytest.mark.parametrize("as_of", [date(2025, 1, 1), date(2025, 1, 2), date(2025, 3, 31)])
def test_quarters_are_the_last_four_complete_ones(as_of):
    # 2024 has a 29 February
    assert starts(known_until(as_of)) == [
        ("2024-01-01", 91), ("2024-04-01", 91), ("2024-07-01", 92), ("2024-10-01", 92)
    ]  # fmt: skip


def test_a_quarter_is_complete_on_the_day_after_its_last():
    assert starts(known_until(date(2025, 4, 1)))[-1] == ("2025-01-01", 90)


def test_quarters_without_enough_history_are_left_out():
    # 1 April 2024 less 491 days is 27 November 2022; 1 January 2024 is 400 days after it
    assert starts(known_until(date(2025, 1, 1), first=date(2022, 11, 27))) == [
        ("2024-04-01", 91), ("2024-07-01", 92), ("2024-10-01", 92)
    ]  # fmt: skip
    assert len(starts(known_until(date(2025, 1, 1), first=date(2022, 11, 28)))) == 2


def test_a_town_that_is_too_young_is_refused():
    with pytest.raises(NoDataError) as caught:
        quarter_origins(known_until(date(2025, 1, 1), first=date(2024, 1, 1)))

    assert caught.value.code == "history_short"


def test_a_quarter_with_a_gap_is_left_out():
    coverage = ((date(2021, 1, 1), date(2024, 5, 1)), (date(2024, 5, 20), date(2024, 12, 31)))

    assert [start for start, _ in starts(known_until(date(2025, 1, 1), coverage=coverage))] == [
        "2024-01-01", "2024-07-01", "2024-10-01"
    ]  # fmt: skip


def test_nothing_recorded_in_full_is_refused():
    with pytest.raises(NoDataError) as caught:
        quarter_origins(
            known_until(date(2025, 1, 1), coverage=((date(2021, 1, 1), date(2024, 1, 9)),))
        )

    assert caught.value.code == "no_events"


def test_quarters_add_up_to_the_year():
    found = usual()
    json.dumps(found, allow_nan=False)

    assert [quarter["quarter"] for quarter in found["quarters"]] == [
        "2024Q1", "2024Q2", "2024Q3", "2024Q4"
    ]  # fmt: skip
    assert found["quarters"][0]["from"] == found["period"][0] == "2024-01-01"
    assert found["quarters"][0]["to"] == "2024-03-31"
    assert found["quarters"][3]["to"] == found["period"][1] == "2024-12-31"
    assert found["as_of"] == "2025-01-01"
    pooled = found["pooled"]
    assert sum(quarter["n"] for quarter in found["quarters"]) == pooled["protocol"]["events_test"]
    for model in MODELS:
        caught = sum(one["n"] * one["models"][model]["hit5"] for one in found["quarters"])
        assert caught == pytest.approx(
            pooled["models"][model]["hit5"] * pooled["models"][model]["n"]
        )


def test_groups_against_persons_are_told_of_as_one():
    found = usual()["groups"]

    # no child incident; violence stands for persons; disorder has about 19 a year
    assert set(found) <= {"against_persons", "theft_robbery", "disorder"}
    assert {"against_persons", "theft_robbery"} <= set(found)
    assert "child" not in json.dumps(usual()["groups"])
    assert all(group["n"] >= 20 for group in found.values())
    assert found["theft_robbery"]["verdict"] in {"use", "do_not_use"}


def test_the_year_before_does_not_change_when_the_year_is_judged():
    past = past_of(town_rows(1500, days=1456), coverage=((date(2021, 1, 5), date(2024, 12, 31)),))
    said = []

    again = forecast_check(past, replace(STILL, grid="h3:10"), said.append)

    assert again == usual()
    assert said[1:] == ["1/4 2024-01-01", "2/4 2024-04-01", "3/4 2024-07-01", "4/4 2024-10-01"]


def test_base_is_the_one_given():
    past = past_of(town_rows(1500, days=1456), coverage=((date(2021, 1, 5), date(2024, 12, 31)),))
    length = GRID.area_m2 * (GRID.x > GRID.x.mean())
    east = replace(past, base=base_share(length, GRID.area_m2, PARAMETERS))

    assert forecast_check(east, STILL)["pooled"]["fitted"] != usual()["pooled"]["fitted"]
