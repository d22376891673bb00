"""Measures of a forecast, by hand and against the slowest reading of their definitions."""

import math

import numpy as np
import pytest

from geo.errors import UsageError
from geo.evaluation.metrics import (
    SQUARE_MILE_M2,
    binomial_error,
    calibration,
    most_incidents,
    pooled_measures,
    ranking,
    score_window,
    yardstick,
)

TEN = np.full(10, SQUARE_MILE_M2 / 10)  # ten cells, one square mile


def measures(area, *windows):
    stick = yardstick(np.asarray(area, float))
    scores = [score_window(np.asarray(e, float), np.asarray(o), stick) for e, o in windows]
    return pooled_measures(scores, stick)


def test_whole_cells_are_flagged_until_the_budget_is_reached():
    expected = [10, 9, 8, 7, 6, 5, 4, 3, 2, 1]
    observed = [4, 0, 2, 1, 0, 0, 0, 0, 0, 3]

    found = measures(TEN, (expected, observed))

    # 1, 5 and 10 % of ten equal cells: one cell. 0.25 sq mi: three cells. 0.72: eight.
    assert (found["n"], found["hit1"], found["hit5"], found["hit10"]) == (10, 0.4, 0.4, 0.4)
    assert found["pai_025"] == pytest.approx((6 / 10) / (3 / 10))
    assert found["pai_072"] == pytest.approx((7 / 10) / (8 / 10))
    # the best eight cells hold all ten incidents
    assert found["pei_072"] == pytest.approx(7 / 10)
    assert found["hits_072"] == 7


def test_cells_are_ranked_by_incidents_per_area():
    # 3 in 2 units is denser than 4 in 4 units; 1 % is one cell
    found = measures([4e6, 2e6, 4e6], ([4, 3, 1], [5, 1, 0]))

    assert found["hit1"] == 1 / 6


@pytest.mark.parametrize(("area", "count"), [(9.99, 2), (10, 1), (10.01, 1)])
def test_budget_is_met_by_a_cell_of_just_its_size(area, count):
    # 10 % of 100 is 10
    sizes = np.array([area, 50, 100 - area - 50])
    stick = yardstick(sizes)

    score = score_window(np.array([1000.0, 2.0, 0.0]), np.array([1, 1, 1]), stick)

    assert score.hits["10"] == count


def test_gain_is_the_mean_log_of_share_over_even_share():
    # shares of the forecast .75 and .25, even .5 and .5; 1 % even mixed in:
    # .99·.75 + .01·.5 = .7475 and .99·.25 + .005 = .2525
    found = measures([5, 5], ([3, 1], [2, 1]))

    expected = (2 * math.log(0.7475 / 0.5) + math.log(0.2525 / 0.5)) / 3
    assert found["gain"] == pytest.approx(expected, rel=1e-12)


def test_gain_does_not_ask_for_the_level():
    one = measures([5, 5], ([3, 1], [2, 1]))
    other = measures([5, 5], ([300, 100], [2, 1]))

    assert one["gain"] == other["gain"]


def test_a_forecast_of_nothing_is_an_even_one():
    found = measures([5, 5, 2], ([0, 0, 0], [2, 0, 1]))

    assert found["gain"] == 0
    assert found["ece10"] is None
    assert found["top_oe"] is None


def test_an_incident_where_nothing_was_expected_costs_a_hundredth():
    found = measures([5, 5], ([1, 0], [0, 1]))

    assert found["gain"] == pytest.approx(math.log(0.01))


def test_calibration_groups_hold_equal_expected_numbers_hottest_first():
    # two hot cells of 5 each and ten of 1 each: groups of 2; a hot cell fills 2.5 groups and
    # lies with its middle (2.5 of 20, 7.5 of 20) in the second and the fourth
    expected = [5, 5] + [1] * 10
    observed = [4, 8] + [0] * 9 + [6]
    area = [1, 1.000001] + [1] * 10  # the first is denser
    stick = yardstick(np.array(area, float))
    score = score_window(np.array(expected, float), np.array(observed), stick)

    mass, seen = calibration([score])

    assert mass.tolist() == [0, 5, 0, 5, 0, 2, 2, 2, 2, 2]
    assert seen[[1, 3]].tolist() == [4, 8]
    assert seen.sum() == 18
    # 18 observed of 20: groups of 4.5, 4.5 and 1.8
    # |4 − 4.5| + |8 − 4.5| + four empty groups of 1.8 and one of |6 − 1.8|, over 18
    found = pooled_measures([score], stick)
    assert found["ece10"] == pytest.approx((0.5 + 3.5 + 4 * 1.8 + 4.2) / 18)
    assert found["top_oe"] is None
    assert found["level_oe"] == 0.9


def test_hottest_group_is_judged_apart_from_the_level():
    # ten cells of 2 each, the first with 5 incidents of 10: half of all, where a tenth was due
    found = measures([1] * 10, (np.linspace(2.01, 2, 10), [5, 1, 1, 1, 1, 1, 0, 0, 0, 0]))

    assert found["top_oe"] == pytest.approx(5, rel=0.01)
    assert found["level_oe"] == pytest.approx(0.5, rel=0.01)


def test_counts_are_added_before_anything_is_divided():
    # 1 of 1 in the first window, 0 of 9 in the second: 1/10, not the mean of 1 and 0
    first = ([9, 1] + [0] * 8, [1] + [0] * 9)
    second = ([9, 1] + [0] * 8, [0, 0, 9] + [0] * 7)

    assert measures(TEN, first, second)["hit1"] == 0.1


def test_jaccard_compares_each_window_with_the_next():
    hot = [[9, 1, 1, 1], [9, 1, 1, 1], [1, 9, 1, 1], [1, 9, 1, 1]]
    happened = [1, 0, 0, 0]

    # same, other, same: (1 + 0 + 1) / 3
    assert measures([1] * 4, *((e, happened) for e in hot))["jaccard"] == pytest.approx(2 / 3)
    assert measures([1] * 4, (hot[0], happened))["jaccard"] is None


def test_most_incidents_skips_a_cell_that_does_not_fit():
    observed, size = np.array([5, 4, 4, 1, 0]), np.array([3.0, 2.0, 1.0, 0.5, 0.1])

    assert most_incidents(observed, size, 3.5) == 5 + 1  # the threes, then only the half fits
    assert most_incidents(observed, size, 2.0) == 4 + 1  # of equals the smaller one first
    assert most_incidents(observed, size, 3.0) == 5
    assert most_incidents(observed, size, 0.05) == 0


def test_pei_is_never_above_one():
    # greedily the cell of 2 is taken and nothing else fits; the flagged two hold 1 + 1 + 1
    area = np.array([0.72, 0.3, 0.3, 0.12, 1]) * SQUARE_MILE_M2
    found = measures(area, ([0, 9, 9, 3, 0], [2, 1, 1, 1, 0]))

    assert found["hits_072"] == 3
    assert found["pei_072"] == 1


def test_ties_are_broken_by_seed_and_the_same_way_each_time():
    area, flat = np.full(1000, 100.0), np.ones(1000)
    tops = [set(ranking(flat, yardstick(area, seed=seed))[:10].tolist()) for seed in (0, 0, 1)]

    assert tops[0] == tops[1]
    assert tops[0] != tops[2]
    assert tops[0] != set(range(10))


def test_budgets_by_street_length_flag_streets():
    area, length = np.array([1.0, 1, 1, 1]), np.array([0.0, 10, 30, 60])
    stick = yardstick(area, length)
    score = score_window(np.array([50.0, 1, 6, 6]), np.array([1, 2, 4, 8]), stick)
    found = pooled_measures([score], stick)

    # per metre: .1, .2, .1; the cell without a street comes last. 10 % = 10 m: the 30 m cell
    assert ranking(np.array([50.0, 1, 6, 6]), stick)[0] == 2
    assert ranking(np.array([50.0, 1, 6, 6]), stick)[-1] == 0
    assert found["hit10"] == 4 / 15
    assert (found["pai_025"], found["pei_072"], found["hits_072"]) == (None, None, None)


def test_a_town_without_streets_has_no_budget_of_streets():
    with pytest.raises(UsageError) as caught:
        yardstick(np.ones(3), np.zeros(3))

    assert caught.value.code == "no_streets"


def test_nothing_happened():
    found = measures(TEN, (np.ones(10), np.zeros(10, int)))

    assert found["n"] == 0
    assert [found[name] for name in ("hit1", "gain", "pai_025", "pei_072", "ece10")] == [None] * 5
    assert found["level_oe"] == 0


def test_binomial_error():
    # √(.29 · .71 / 2345) = .0094: what the vehicle thefts of a year leave open
    assert binomial_error(0.29, 2345) == pytest.approx(0.0094, abs=5e-5)
    assert binomial_error(None, 0) is None


@pytest.mark.parametrize("seed", range(6))
def test_measures_are_those_of_the_slow_reading(seed):
    rng = np.random.default_rng(seed)
    cells, windows = 60, 3
    area = rng.uniform(0.2, 1, cells) * SQUARE_MILE_M2 / 30
    cases = [
        (rng.gamma(0.4, 1, cells) * (rng.random(cells) < 0.8), rng.poisson(0.6, cells))
        for _ in range(windows)
    ]

    found = measures(area, *cases)

    slow = slow_measures(area.tolist(), [(e.tolist(), o.tolist()) for e, o in cases], seed)
    for name, value in slow.items():
        assert found[name] == pytest.approx(value, rel=1e-9), name


def slow_measures(area, cases, seed):
    ties = yardstick(np.array(area), seed=0).ties.tolist()
    total_area, n = sum(area), sum(sum(o) for _, o in cases)

    def flag(expected, target):
        order = sorted(range(len(area)), key=lambda k: (-expected[k] / area[k], ties[k]))
        chosen, size = [], 0.0
        for cell in order:
            if size >= target:
                break
            chosen.append(cell)
            size += area[cell]
        return chosen, size

    def hits(target):
        return sum(sum(o[k] for k in flag(e, target)[0]) for e, o in cases)

    log = 0.0
    mass, seen = [0.0] * 10, [0] * 10
    for e, o in cases:
        for k in range(len(area)):
            even = area[k] / total_area
            log += o[k] * math.log((0.99 * e[k] / sum(e) + 0.01 * even) / even)
        before = 0.0
        for k in sorted(range(len(area)), key=lambda k, e=e: (-e[k] / area[k], ties[k])):
            group = min(9, int((before + e[k] / 2) / sum(e) * 10))
            mass[group] += e[k]
            seen[group] += o[k]
            before += e[k]
    quarter = 0.25 * SQUARE_MILE_M2
    flagged = sum(flag(e, quarter)[1] for e, _ in cases)
    return {
        "n": n,
        "hit1": hits(0.01 * total_area) / n,
        "hit5": hits(0.05 * total_area) / n,
        "hit10": hits(0.10 * total_area) / n,
        "pai_025": (hits(quarter) / n) / (flagged / (len(cases) * total_area)),
        "hits_072": hits(0.72 * SQUARE_MILE_M2),
        "gain": log / n,
        "ece10": sum(abs(a * n / sum(mass) - b) for a, b in zip(mass, seen, strict=True)) / n,
    }
