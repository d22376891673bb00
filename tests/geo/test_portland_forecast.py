"""Portland's last year, forecast from the years before: what the model must reach."""

import json
from functools import lru_cache

import pytest

from benchmarks.forecast_bars import BARS, figure, judged_bars
from benchmarks.other_bars import fit_cost
from benchmarks.portland_forecast import (
    FULL,
    KEPT,
    MONTH,
    kept_form,
    portland_past,
    run_case,
    run_cases,
)
from tests.shared_data import shared_path

pytestmark = pytest.mark.shared


@lru_cache
def months():
    """The two kinds of call, month by month."""
    shared_path("portland")
    return {"month": {target: [one] for target, one in run_case(MONTH).items()}}


def missed(cases):
    return [
        f"{bar.target} {bar.case} {bar.measure}: {bar.measured:.4f}, not {bar.sign} {bar.bound}"
        for bar in judged_bars(BARS, cases)
        if not bar.reached
    ]


def test_study_area_is_that_of_the_police_districts():
    grid = portland_past("h3:10").grid
    assert abs(len(grid.cells) - 28_561) <= 15
    assert grid.area_m2.min() > 1
    assert grid.area_m2.sum() / 1609.344**2 == pytest.approx(147.70, abs=0.01)
    assert len(portland_past("h3:10").counted.cell) == 14_133


def test_months_at_resolution_10_reach_their_bars():
    assert len(judged_bars(BARS, months())) == 14
    assert missed(months()) == []


def test_months_are_those_of_the_model_card():
    kept = json.loads(KEPT.read_text(encoding="utf-8"))["cases"]["month"]
    for target, (found,) in months()["month"].items():
        (known,) = kept[target]
        for fact in ("groups", "origins", "test_to", "cells", "events_test", "fitted_windows"):
            assert found["protocol"][fact] == known["protocol"][fact], fact
        for model, measures in known["models"].items():
            for measure, value in measures.items():
                near = pytest.approx(value, abs=0.003, rel=0.01)
                assert found["models"][model][measure] == near, (target, model, measure)


def test_burglary_is_forecast_better_with_what_theft_says():
    one = months()["month"]["BURG"]
    assert figure(one, "gain over steb") >= 0.03
    assert figure(one, "hit5") > figure(one, "hit5", "steb")


@pytest.mark.full
def test_every_case_reaches_its_bars_in_two_processes_as_in_one():
    shared_path("portland")
    cases = run_cases(FULL, 2)
    assert len(judged_bars(BARS, cases)) == len(BARS)
    assert missed(cases) == []
    quarter = next(case for case in FULL if case.name == "quarter")
    alone = run_cases((quarter,), 1)["quarter"]
    assert kept_form(alone) == kept_form(cases["quarter"])


@pytest.mark.full
def test_fit_and_forecast_stay_within_a_gigabyte():
    shared_path("portland")
    assert fit_cost()["peak_mb"] <= 1000
