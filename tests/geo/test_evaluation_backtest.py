"""Forecasting the past: nothing later is seen, and every input ends in numbers or a refusal."""

import itertools
import json
from dataclasses import replace
from datetime import date
from functools import lru_cache

import numpy as np
import pandas as pd
import pytest

from geo.cells import build_square_grid
from geo.errors import NoDataError, UsageError
from geo.evaluation.backtest import backtest, backtest_town, judge, target_groups
from geo.evaluation.baselines import BASELINES
from geo.evaluation.forecasts import (
    TownPast,
    alone_evidence,
    alone_incidents,
    fit_forecasters,
    forecast_all,
)
from geo.evaluation.metrics import pooled_measures
from geo.evaluation.origins import Protocol, rolling_origins
from geo.hazard.counted import count_incidents, earlier
from geo.hazard.evidence import base_share, rate_evidence
from geo.hazard.fitted import Model
from geo.hazard.fitting import fit_rate
from geo.hazard.rate import town_rate
from tests.geo.hazard_towns import PARAMETERS, incident_rows, oral

AS_OF = date(2025, 1, 1)
COVERAGE = ((date(2022, 1, 1), date(2024, 12, 31)),)
GRID = oral(0.03).grid  # about 370 cells
MODELS = {"safe_region", "steb", *BASELINES}
SHORT = Protocol(horizon_days=31, origins=3, clock=lambda: 0.0)


def town_rows(n=900, seed=1, days=1095):
    """Incidents of two groups about a few cells, with one quiet group."""
    rng = np.random.default_rng(seed)
    centres = rng.choice(len(GRID.cells), 6, replace=False)
    near = GRID.neighbours[centres]
    spots = np.concatenate([centres, near[near >= 0], rng.integers(0, len(GRID.cells), 20)])
    at = pd.Timestamp(AS_OF) - pd.to_timedelta(rng.uniform(0.1, days, n), unit="D")
    return incident_rows(
        GRID, rng.choice(spots, n), occurred_at=at.floor("min"),
        offence_group=rng.choice(["theft_robbery", "violence", "disorder"], n, p=[0.6, 0.35, 0.05]),
    )  # fmt: skip


def past_of(incidents, grid=GRID, coverage=COVERAGE, **fields):
    counted = count_incidents(incidents, grid, coverage, AS_OF, PARAMETERS)
    base = base_share(np.zeros(len(grid.cells)), grid.area_m2, PARAMETERS)
    return TownPast(counted, grid, base, PARAMETERS, **fields)


def run(incidents, protocol=SHORT, **fields):
    return backtest_town(past_of(incidents, **fields), protocol)


@lru_cache
def usual():
    return run(town_rows())


def finite(result):
    json.dumps(result, allow_nan=False)  # a NaN or an infinity would raise
    return result


def test_result_says_what_was_judged_on_what():
    found = finite(usual())["protocol"]

    assert found["origins"] == ["2024-09-30", "2024-10-31", "2024-12-01"]
    assert (found["test_from"], found["test_to"]) == ("2024-09-30", "2024-12-31")
    assert found["history_from"] == "2022-01-01"
    assert found["groups"] == ["child", "theft_robbery", "violence", "disorder"]
    assert found["cells"] == len(GRID.cells)
    assert found["area_km2"] == pytest.approx(GRID.area_m2.sum() / 1e6)
    assert found["area_sq_mi"] == pytest.approx(found["area_km2"] / 2.589988, rel=1e-6)
    rows = town_rows()
    assert found["events_test"] == (rows["occurred_at"] >= "2024-09-30").sum()
    # windows of 31 days before 30 September 2024 with 400 days before them: (1003 − 400) / 31
    assert found["fitted_windows"] == 19


def test_windows_that_nobody_recorded_are_left_out_and_told_of():
    coverage = ((date(2022, 1, 1), date(2024, 11, 4)), (date(2024, 12, 1), date(2024, 12, 31)))

    found = run(town_rows(), coverage=coverage)["protocol"]

    assert found["origins"] == ["2024-09-30", "2024-12-01"]
    assert found["windows_left_out"] == 1


def test_every_model_is_judged_on_the_same_incidents():
    models = usual()["models"]

    assert set(models) == MODELS
    assert {one["n"] for one in models.values()} == {usual()["protocol"]["events_test"]}
    assert all(0 <= one["hit1"] <= one["hit5"] <= one["hit10"] <= 1 for one in models.values())
    assert models["safe_region"]["gain"] > 0.5
    assert usual()["verdict"]["word"] in {"use", "do_not_use"}


def test_calibration_adds_up_to_what_happened():
    table = usual()["calibration"]

    assert len(table) == 10
    assert sum(row["observed"] for row in table) == usual()["protocol"]["events_test"]
    # 900 incidents in 1096 days: about 76 in 93 days
    assert 50 < sum(row["expected"] for row in table) < 110


def test_standard_error_is_the_binomial_one():
    n, hit5 = usual()["protocol"]["events_test"], usual()["models"]["safe_region"]["hit5"]

    assert usual()["standard_error"]["hit5"] == pytest.approx((hit5 * (1 - hit5) / n) ** 0.5)


def test_the_agreed_door_gives_the_same_result():
    past, said = past_of(town_rows()), []

    found = backtest(past.counted, past.grid, past.base, SHORT, PARAMETERS, said.append)

    assert found == usual()
    assert said == ["fit", "1/3 2024-09-30", "2/3 2024-10-31", "3/3 2024-12-01"]


@pytest.mark.parametrize("change", ["moved", "regrouped", "dropped", "doubled"])
def test_no_forecast_depends_on_what_happens_after_its_origin(change):
    rows = town_rows()
    later = (rows["occurred_at"] >= "2024-10-31").to_numpy()
    changed = rows.copy()
    if change == "moved":
        shuffled = np.random.default_rng(0).permutation(np.flatnonzero(later))
        for column in ("lat", "lon", "h3_cell", "address_key", "occurred_at"):
            changed.loc[later, column] = rows[column].to_numpy()[shuffled]
        changed.loc[later, ["lat", "lon"]] = [GRID.lat[7], GRID.lng[7]]
    elif change == "regrouped":
        changed.loc[later, "offence_group"] = "child"
    elif change == "dropped":
        changed = rows[~later]
    else:
        extra = rows[later].assign(incident_id=lambda frame: "x" + frame["incident_id"])
        changed = pd.concat([rows, extra], ignore_index=True)

    found = []
    for frame in (rows, changed):
        past = past_of(frame)
        known = earlier(past.counted, 62)  # 62 days before 1 January: 31 October
        forecasters = fit_forecasters(past, known, (1, 2), 31, (False, lambda: 0.0))
        rates, _ = forecast_all(forecasters, known)
        found.append((forecasters.fitted, forecasters.fitted_alone, rates))

    assert found[0][:2] == found[1][:2]
    assert set(found[0][2]) == MODELS
    for name in MODELS:
        assert found[0][2][name].tobytes() == found[1][2][name].tobytes(), name


def test_no_window_ranks_by_its_own_incidents():
    rows = town_rows()
    last = (rows["occurred_at"] >= "2024-12-01").to_numpy()
    places = np.random.default_rng(0).integers(0, len(GRID.cells), last.sum())
    changed = rows.copy()
    changed.loc[last, "lat"], changed.loc[last, "lon"] = GRID.lat[places], GRID.lng[places]

    one, other = (
        judge(past, rolling_origins(past.counted, SHORT), {"": (1,)}, SHORT).scores[""]
        for past in (past_of(rows), past_of(changed))
    )

    for model in MODELS:
        for window, again in zip(one[model], other[model], strict=True):
            assert window.expected.tobytes() == again.expected.tobytes(), model
            assert window.top.tobytes() == again.top.tobytes(), model
        assert one[model][2].log_gain != other[model][2].log_gain


def test_quantities_are_fitted_before_the_first_window_alone():
    rows = town_rows()
    tested = rows["occurred_at"] >= "2024-09-30"
    changed = rows.assign(offence_group=rows["offence_group"].mask(tested, "violence"))

    assert run(changed)["fitted"] == usual()["fitted"]
    assert run(changed)["models"] != usual()["models"]


def test_one_group_alone_is_forecast_as_if_there_were_no_other():
    past = past_of(town_rows())
    thefts = past.counted.groups.index("theft_robbery")

    cut = alone_evidence(
        rate_evidence(past.counted, GRID, past.base, PARAMETERS), thefts
    )  # fmt: skip
    anew = rate_evidence(alone_incidents(past.counted, thefts), GRID, past.base, PARAMETERS)

    assert cut.one_group
    assert anew.one_group
    own = len(PARAMETERS.own_components)
    assert cut.shares[:own] == pytest.approx(anew.shares[:own], rel=1e-9, abs=1e-15)
    for name in ("record", "others", "expected_others", "level", "level_variance"):
        assert getattr(cut, name) == pytest.approx(getattr(anew, name), rel=1e-12), name


def test_steb_is_the_rate_of_the_group_alone_fitted_for_itself():
    past = past_of(town_rows())
    known = earlier(past.counted, 31)
    forecasters = fit_forecasters(past, known, (1, 2), 31, (False, lambda: 0.0))

    found = forecast_all(forecasters, known)[0]["steb"]

    for group in (1, 2):
        own = alone_incidents(known, group)
        fitted = fit_rate(own, GRID, past.base, PARAMETERS, 31)
        evidence = rate_evidence(own, GRID, past.base, PARAMETERS)
        ones = np.ones((1, len(GRID.cells)))
        rate = town_rate(evidence, ones, Model(PARAMETERS, fitted)).expected[0]
        assert found[group] == pytest.approx(rate, rel=1e-9)
    assert not found[[0, 3]].any()


def test_standing_conditions_move_the_forecast():
    past = past_of(town_rows())
    contrast = np.where(GRID.x > GRID.x.mean(), 2.0, 0.5) * np.ones((4, 1))
    known = earlier(past.counted, 31)
    plain, moved = (
        forecast_all(fit_forecasters(one, known, (1,), 31, (False, lambda: 0.0)), known)[0]
        for one in (past, replace(past, contrast=contrast))
    )

    east = GRID.x > GRID.x.mean()
    for model in ("safe_region", "steb"):
        assert moved[model][1, east].sum() > plain[model][1, east].sum()
    assert np.array_equal(moved["kde_200_all"], plain["kde_200_all"])


def test_seconds_add_up_over_fit_and_windows():
    ticks = itertools.count()
    found = run(town_rows(), replace(SHORT, clock=lambda: float(next(ticks))))["models"]

    # one tick a measured piece: three windows, and the fit of the two that are fitted
    assert found["count_365"]["seconds"] == 3
    assert found["safe_region"]["seconds"] == found["steb"]["seconds"] == 4


def test_steb_of_a_town_with_one_group_is_the_rate_itself():
    rows = town_rows()
    found = run(rows[rows["offence_group"] == "theft_robbery"])["models"]

    ours, steb = dict(found["safe_region"]), dict(found["steb"])
    assert ours["n"] > 0
    assert abs(ours["gain"] - steb["gain"]) < 0.005
    assert ours["hit5"] == pytest.approx(steb["hit5"], abs=0.02)


def test_several_targets_in_one_pass_are_judged_as_each_alone():
    past = past_of(town_rows())
    origins = rolling_origins(past.counted, SHORT)
    together = judge(past, origins, {"thefts": (1,), "violence": (2,)}, SHORT)

    for name, code, group in (("thefts", 1, "theft_robbery"), ("violence", 2, "violence")):
        alone = backtest_town(past, replace(SHORT, targets=(group,)))["models"]
        for model in MODELS:
            measures = pooled_measures(together.scores[name][model], together.stick)
            assert measures.items() <= alone[model].items(), (model, code)


def test_all_groups_together_are_the_sum_of_their_rates():
    past = past_of(town_rows())
    known = earlier(past.counted, 31)
    forecasters = fit_forecasters(past, known, (0, 1, 2, 3), 31, (False, lambda: 0.0))

    rates, _ = forecast_all(forecasters, known)

    level = rates["safe_region"].sum()
    # κ keeps the level of every group
    assert level == pytest.approx(rates["steb"].sum(), rel=1e-9)
    assert rates["steb"].shape == (4, len(GRID.cells))


def test_backtest_on_squares():
    grid = build_square_grid(oral(0.03).area, 150)
    found = finite(run(town_rows(), replace(SHORT, grid="square:150m"), grid=grid))

    assert found["protocol"]["grid"] == "square:150m"
    assert found["protocol"]["cells"] == len(grid.cells)
    assert found["models"]["safe_region"]["gain"] > 0.5


def test_budget_may_be_street_length():
    rng = np.random.default_rng(3)
    length = np.where(rng.random(len(GRID.cells)) < 0.7, rng.uniform(20, 300, len(GRID.cells)), 0.0)

    found = finite(run(town_rows(), street_length_m=length))

    assert found["protocol"]["budget"] == "street_length"
    assert found["models"]["safe_region"]["pai_025"] is None
    assert 0 < found["models"]["safe_region"]["hit10"] <= 1


def test_thinned_backtest_judges_fewer_incidents():
    found = finite(run(town_rows(), replace(SHORT, thin=0.3, seed=5)))

    assert found["protocol"]["thin"] == 0.3
    assert found["protocol"]["seed"] == 5
    assert 0.1 < found["protocol"]["events_test"] / usual()["protocol"]["events_test"] < 0.5


def test_boosted_trees_are_one_more_rival():
    pytest.importorskip("sklearn")
    protocol = replace(SHORT, origins=1, boosting=True, targets=("theft_robbery",))
    found = finite(run(town_rows(), protocol))

    assert set(found["models"]) == MODELS | {"gradient_boosting"}
    assert found["models"]["gradient_boosting"]["gain"] > 0.3
    # the cells left out of the learning are stood for: the level is that of the counts
    level = found["models"]["count_365"]["level_oe"]
    assert found["models"]["gradient_boosting"]["level_oe"] == pytest.approx(level, rel=0.25)
    again = run(town_rows(), protocol)
    assert again["models"]["gradient_boosting"] == found["models"]["gradient_boosting"]


def test_boosted_trees_without_scikit_learn_are_refused(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "sklearn.ensemble", None)

    with pytest.raises(UsageError, match=r"safe-region\[boosting\]") as caught:
        run(town_rows(), replace(SHORT, origins=1, boosting=True))

    assert caught.value.code == "scikit_learn_missing"


def test_unknown_group_is_refused():
    with pytest.raises(UsageError, match="arson") as caught:
        run(town_rows(), replace(SHORT, targets=("arson",)))

    assert caught.value.code == "group_unknown"
    assert target_groups(past_of(town_rows()).counted, ("violence", "violence")) == (2,)


# ------------------------------------------------------------------------- few and odd incidents


def at(*days_before):
    return pd.Timestamp(AS_OF) - pd.to_timedelta(list(days_before), unit="D")


def test_no_incidents_are_refused():
    with pytest.raises(NoDataError) as caught:
        run(incident_rows(GRID, []))

    assert caught.value.code == "no_events"


@pytest.mark.parametrize("days", [10, 500])
def test_one_incident_is_refused(days):
    with pytest.raises(NoDataError) as caught:
        run(incident_rows(GRID, [5], occurred_at=at(days)))

    assert caught.value.code == "no_events"


def test_one_incident_before_and_one_in_the_test_are_too_few():
    found = finite(run(incident_rows(GRID, [5, 5], occurred_at=at(10, 500))))

    assert found["verdict"] == {
        "word": "too_few", "best_baseline": found["verdict"]["best_baseline"],
        "reasons": ["few_events"],
    }  # fmt: skip
    assert found["models"]["safe_region"]["hit1"] == 1


def test_all_incidents_in_one_cell():
    found = finite(run(incident_rows(GRID, [5] * 300, occurred_at=at(*np.linspace(1, 1000, 300)))))

    assert found["models"]["safe_region"]["hit1"] == 1
    assert found["models"]["count_all"]["hit1"] == 1


def test_repeated_incidents_are_each_counted():
    rows = town_rows(300)
    twice = pd.concat([rows, rows.assign(incident_id="d" + rows["incident_id"])])

    once, double = run(rows), finite(run(twice))

    assert double["protocol"]["events_test"] == 2 * once["protocol"]["events_test"]
    assert double["models"]["count_all"]["hit5"] == once["models"]["count_all"]["hit5"]


def test_incidents_outside_the_area_change_nothing():
    rows = town_rows()
    far = rows.iloc[:50].assign(
        incident_id=[f"far{k}" for k in range(50)], lat=rows["lat"].iloc[:50] + 3
    )

    assert run(pd.concat([rows, far])) == usual()


def test_records_too_short_to_fit_on_are_forecast_by_the_default_weights():
    first = (pd.Timestamp(AS_OF) - pd.Timedelta(days=430)).date()

    found = finite(run(town_rows(days=430), coverage=((first, date(2024, 12, 31)),)))

    assert found["protocol"]["fitted_windows"] == 0
    assert found["fitted"]["weights"] == {}


@pytest.mark.parametrize("days", [100, 523])
def test_history_shorter_than_a_window_needs_is_refused(days):
    # the test takes 93 days; 31 are needed before it, and where a fit is possible 431
    first = (pd.Timestamp(AS_OF) - pd.Timedelta(days=days)).date()

    with pytest.raises(NoDataError) as caught:
        run(town_rows(days=days), coverage=((first, date(2024, 12, 31)),))

    assert caught.value.code == "history_short"


def test_just_enough_history_is_fitted_on_one_window():
    first = (pd.Timestamp(AS_OF) - pd.Timedelta(days=524)).date()

    found = finite(run(town_rows(days=524), coverage=((first, date(2024, 12, 31)),)))

    assert found["protocol"]["fitted_windows"] == 1


def test_a_category_of_twelve_incidents_is_too_few():
    rows = town_rows()
    rare = incident_rows(
        GRID, [3, 8, 8, 20, 40, 60, 80, 8, 3, 90, 91, 8], offence_group="child", sensitive=True,
        occurred_at=at(*np.linspace(5, 1000, 12)), incident_id=[f"r{k}" for k in range(12)],
    )  # fmt: skip

    found = finite(run(pd.concat([rows, rare]), replace(SHORT, targets=("child",))))

    assert found["verdict"]["word"] == "too_few"
    assert 0 < found["protocol"]["events_test"] < 12
