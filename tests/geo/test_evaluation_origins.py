"""Windows that follow each other to the end of the data, and what each is judged on."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from geo.errors import NoDataError, UsageError
from geo.evaluation.origins import (
    Origin,
    Protocol,
    covered_origins,
    observed_counts,
    rolling_origins,
    thinned,
)
from geo.hazard.counted import count_incidents, earlier
from tests.geo.hazard_towns import PARAMETERS, incident_rows, oral, random_incidents

AS_OF = date(2025, 1, 1)
LONG = ((date(2020, 1, 1), date(2024, 12, 31)),)


def counted_of(incidents=None, coverage=LONG, as_of=AS_OF):
    rows = random_incidents(oral().grid, 60, seed=1) if incidents is None else incidents
    return count_incidents(rows, oral().grid, coverage, as_of, PARAMETERS)


def days(counted, **protocol):
    return [one.days_before for one in rolling_origins(counted, Protocol(**protocol))]


@pytest.mark.parametrize(("horizon", "count"), [(7, 26), (14, 26), (31, 11), (91, 4), (366, 1)])
def test_windows_of_the_last_year_end_with_the_last_day(horizon, count):
    found = days(counted_of(), horizon_days=horizon)

    assert found == [horizon * k for k in range(count, 0, -1)]


def test_windows_end_where_the_data_end_not_at_the_day_they_are_told_from():
    # the last covered day is 10 December: 22 days before 1 January, 21 whole ones after it
    coverage = ((date(2020, 1, 1), date(2024, 12, 10)),)

    assert days(counted_of(coverage=coverage), origins=2) == [21 + 62, 21 + 31]


def test_windows_may_start_on_a_given_day():
    # 1 October to 31 December are 92 days: two windows of 31 begin 92 and 61 days before
    found = days(counted_of(), test_from=date(2024, 10, 1))

    assert found == [92, 61]
    assert days(counted_of(), test_from=date(2024, 10, 1), origins=1) == [92]
    assert len(days(counted_of(), test_from=date(2024, 10, 1), origins=9)) == 2


@pytest.mark.parametrize(
    ("protocol", "code"),
    [
        ({"horizon_days": 0}, "horizon_invalid"),
        ({"horizon_days": 367}, "horizon_invalid"),
        ({"origins": 0}, "origins_invalid"),
        ({"test_from": date(2024, 12, 2)}, "test_from_invalid"),  # 30 days are left
        ({"test_from": date(2025, 6, 1)}, "test_from_invalid"),
    ],
)
def test_protocol_that_cannot_be_meant_is_refused(protocol, code):
    with pytest.raises(UsageError) as caught:
        rolling_origins(counted_of(), Protocol(**protocol))

    assert caught.value.code == code


def test_a_window_that_just_fits_is_taken():
    assert days(counted_of(), test_from=date(2024, 12, 1)) == [31]


@pytest.mark.parametrize(
    # the test begins on 31 October 2023; 26 August 2022 is 431 = 400 + 31 days before it
    ("first_day", "known"), [(date(2022, 8, 26), True), (date(2022, 8, 27), False)]
)  # fmt: skip
def test_history_must_hold_400_days_and_one_window_before_the_test(first_day, known):
    coverage = ((first_day, date(2023, 12, 31)),)
    counted = counted_of(coverage=coverage, as_of=date(2024, 1, 1))

    if known:
        assert days(counted, origins=2) == [62, 31]
    else:
        with pytest.raises(NoDataError, match="Only 430 days") as caught:
            days(counted, origins=2)
        assert caught.value.code == "history_short"
        assert "1 windows of 31 days" in str(caught.value)


def test_windows_that_nobody_counts_are_those_that_can_be_fitted_for():
    # 732 days known: 400 + 31 before the first of n windows of 31 days, n = 301 / 31
    coverage = ((date(2022, 12, 31), date(2024, 12, 31)),)

    assert len(days(counted_of(coverage=coverage))) == 9
    with pytest.raises(NoDataError, match="9 windows of 31 days"):
        days(counted_of(coverage=coverage), origins=10)


def test_records_too_short_to_fit_on_are_judged_over_their_second_half():
    # 365 days known: 182 are 5 windows of 31 days
    year = counted_of(coverage=((date(2024, 1, 2), date(2024, 12, 31)),))

    assert days(year) == [155, 124, 93, 62, 31]
    assert len(days(year, origins=10)) == 10
    with pytest.raises(NoDataError, match="shorter than two windows"):
        days(year, origins=11)


def test_nothing_covered_is_refused():
    with pytest.raises(NoDataError) as caught:
        rolling_origins(replace(counted_of(), covered=()), Protocol())

    assert caught.value.code == "no_events"


def test_windows_with_days_that_nobody_recorded_are_left_out():
    coverage = ((date(2020, 1, 1), date(2024, 10, 15)), (date(2024, 11, 1), date(2024, 12, 31)))
    origins = rolling_origins(counted_of(coverage=coverage), Protocol(origins=4))

    # windows from 124, 93, 62, 31 days before; the gap is 16–31 October, 61 to 77 days before
    assert [one.days_before for one in covered_origins(counted_of(coverage=coverage), origins)] == [
        124, 31
    ]  # fmt: skip


def test_what_happened_is_counted_from_the_first_moment_of_the_window_to_the_last():
    moments = ["2024-12-01 00:00", "2024-12-01 08:00", "2024-12-31 23:59", "2024-11-30 23:59"]
    incidents = incident_rows(
        oral().grid, [3, 4, 5, 6], occurred_at=pd.to_datetime(moments), offence_group="violence"
    )
    counted = counted_of(incidents)

    seen = observed_counts(counted, Origin(31, 31), len(oral().grid.cells))

    violence = counted.groups.index("violence")
    assert np.flatnonzero(seen[violence]).tolist() == [3, 4, 5]
    assert seen.sum() == 3
    # the window before ends where this one begins: only 30 November, 23:59
    before = observed_counts(counted, Origin(62, 31), len(oral().grid.cells))
    assert np.flatnonzero(before[violence]).tolist() == [6]
    # every incident is either known at the origin or happens after it
    assert earlier(counted, 31).cell.tolist() == [6]


def test_thinning_keeps_each_incident_by_chance_in_history_and_test_alike():
    incidents = random_incidents(oral().grid, 2000, seed=2)
    counted = counted_of(incidents)
    half = thinned(counted, 0.5, seed=3)

    # 1000 ± 4 · √(2000 · ¼)
    assert abs(len(half.group) - 1000) < 90
    assert len(half.frame) == len(half.cell) == len(half.age_days) == len(half.address)
    kept = counted.frame["incident_id"].isin(half.frame["incident_id"]).to_numpy()
    assert np.array_equal(half.cell, counted.cell[kept])
    assert abs(np.median(half.age_days) - np.median(counted.age_days)) < 60
    assert half.covered == counted.covered
    again, other = thinned(counted, 0.5, seed=3), thinned(counted, 0.5, seed=4)
    assert again.frame.equals(half.frame)
    assert not other.frame.equals(half.frame)
    assert len(thinned(counted, 1, seed=0).group) == len(counted.group)


@pytest.mark.parametrize("share", [0, -0.1, 1.1, float("nan")])
def test_share_that_keeps_nothing_or_more_than_all_is_refused(share):
    with pytest.raises(UsageError) as caught:
        thinned(counted_of(), share, seed=0)

    assert caught.value.code == "thin_invalid"
