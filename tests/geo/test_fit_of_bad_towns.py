"""Fit and backtest of a bad town: numbers that can be used, none, or a refusal by name."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from geo.errors import NoDataError
from geo.evaluation.backtest import backtest
from geo.evaluation.origins import Protocol
from geo.hazard.fitted import FittedQuantities
from geo.hazard.fitting import fit_rate
from geo.hazard.town import Town, town_hazard
from geo.parameters import GROUPS
from tests.geo.bad_towns import (
    POOR,
    SMALL,
    UNSURE,
    assert_sound,
    counted_and_base,
    spread_rows,
    town_of,
)
from tests.geo.hazard_towns import AS_OF, COVERAGE, PARAMETERS, incident_rows, oral

pytestmark = pytest.mark.filterwarnings("error::RuntimeWarning")


@pytest.mark.parametrize("name", [*UNSURE, *POOR])
def test_fit_of_a_bad_town_is_empty_or_can_be_used(name):
    town = (UNSURE | POOR)[name]()
    counted, base = counted_and_base(town)

    fitted = fit_rate(counted, town.grid, base, PARAMETERS)

    json.dumps(fitted.as_json(), allow_nan=False)
    for group in GROUPS:
        weights = fitted.weights.get(group, (1.0,))
        assert sum(weights) == pytest.approx(1)
        assert min(weights) >= 0
        assert fitted.effect_shape.get(group, 2.0) > 0
        assert 0 <= fitted.effect_other_groups.get(group, 0.3) <= 1
    found = town_hazard(replace(town, fitted=fitted), PARAMETERS)
    assert_sound(found)
    if name in UNSURE:
        assert (found.cells["confidence"] == "too_few").all()


def late_group() -> pd.DataFrame:
    """Violence that begins in the last year, where the earliest past windows know of none."""
    at = pd.Timestamp(AS_OF) - pd.to_timedelta(np.linspace(5, 300, 60), unit="D")
    cells = np.arange(60) * 7 % 20
    return incident_rows(oral(SMALL).grid, cells, offence_group="violence", occurred_at=at,
                         incident_id=[f"late{n}" for n in range(60)])  # fmt: skip


def test_group_that_began_late_is_fitted_on_the_windows_it_has():
    # Sixty incidents in the same twenty cells over and over: the own record says where, so a is
    # small. The windows before the first of them know no level, which must not undo the fit.
    town = town_of(late_group(), spread_rows(80))

    fitted = fit_rate(*_fit_arguments(town))

    assert fitted.effect_shape["violence"] < 1


@pytest.mark.parametrize(("days", "windows"), [(30, 0), (430, 0), (431, 1), (461, 1), (462, 2)])
def test_fit_needs_four_hundred_days_before_each_window(days, windows):
    # a window of 31 days takes the last days known; the first with 400 before it ends at 431
    first = AS_OF - pd.Timedelta(days=days)
    at = pd.Timestamp(AS_OF) - pd.to_timedelta(np.linspace(1, days, 60, endpoint=False), unit="D")
    town = town_of(spread_rows(60, occurred_at=at), coverage=((first, AS_OF),))

    fitted = fit_rate(*_fit_arguments(town))

    assert fitted.windows == windows
    assert windows or fitted == FittedQuantities()


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("no incident", "no_events"), ("one incident", "no_events"),
        ("all in the future", "no_events"), ("all outside the area", "no_events"),
        ("nothing covered", "no_events"), ("covered after the forecast alone", "no_events"),
        ("all in the gap", "history_short"), ("a history of ten days", "history_short"),
    ],
)  # fmt: skip
def test_backtest_without_anything_to_judge_is_refused_by_name(name, code):
    town = (UNSURE | POOR)[name]()
    counted, base = counted_and_base(town)

    with pytest.raises(NoDataError) as refused:
        backtest(counted, town.grid, base, Protocol(horizon_days=91), PARAMETERS)

    assert refused.value.code == code


@pytest.mark.parametrize(
    "name", ["all in one cell", "exact duplicates", "twelve of one group", "three cells"]
)
def test_backtest_of_few_incidents_is_finite_and_says_too_few(name):
    town = (UNSURE | POOR)[name]()
    town = replace(town, incidents=town.incidents.iloc[:29], coverage=COVERAGE)
    rows = town.incidents.assign(
        occurred_at=pd.Timestamp(AS_OF)
        - pd.to_timedelta(np.linspace(20, 1000, len(town.incidents)), unit="D")
    )
    counted, base = counted_and_base(replace(town, incidents=rows))

    found = backtest(counted, town.grid, base, Protocol(horizon_days=91), PARAMETERS)

    json.dumps(found, allow_nan=False)
    assert found["verdict"]["word"] == "too_few"
    assert 0 < found["models"]["safe_region"]["n"] < 30


# -------------------------------------------------------------------------------------------


def _fit_arguments(town: Town) -> tuple:
    counted, base = counted_and_base(town)
    return counted, town.grid, base, PARAMETERS
