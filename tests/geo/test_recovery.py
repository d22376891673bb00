"""A planted effect is found again from what came, and nothing where nothing was planted."""

import numpy as np
import pytest

from geo.evaluation.recovery import Noticed, recovered_effect


def window(observed, unnoticed, factor) -> Noticed:
    unnoticed = np.asarray(unnoticed, float)
    return Noticed(np.asarray(observed), unnoticed * factor, unnoticed)


def drawn(rng, times: float, streets: int = 400, level: float = 30.0) -> Noticed:
    """A town in which a third of the streets became safer by 15 %, a third worse by as much."""
    expected = rng.gamma(3, size=streets)
    factor = np.resize([0.85, 1 / 0.85, 1.0], streets)
    return window(rng.poisson(level * expected * factor**times), expected, factor)


def test_ratio_of_two_streets_is_that_of_their_counts():
    # 800 against 1 000 alike before: ln .8. Foretold were ln .9: 2.118 times as much.
    found = recovered_effect([window([800, 1000], [1, 1], [0.9, 1])])

    assert found.times == pytest.approx(np.log(0.8) / np.log(0.9))
    # Expected of 1 800 as they came: all of it fits, so the scatter is nothing.
    assert found.high - found.low == pytest.approx(0, abs=1e-9)
    assert (found.safer.streets, found.safer.observed) == (1, 800)
    assert found.safer.unnoticed == pytest.approx(900)
    assert found.safer.noticed == pytest.approx(1800 * 0.9 / 1.9)
    assert found.worse.streets == 0


@pytest.mark.parametrize("times", [0.0, 1.0, 2.0])
def test_nine_of_ten_intervals_hold_what_was_planted(times):
    rng = np.random.default_rng(7)
    found = [recovered_effect([drawn(rng, times), drawn(rng, times)]) for _ in range(200)]

    held = np.mean([one.low <= times <= one.high for one in found])
    assert 0.85 <= held <= 0.95
    assert np.mean([one.times for one in found]) == pytest.approx(times, abs=0.02)


def test_scatter_of_streets_makes_the_interval_wider_and_keeps_what_it_promises():
    # The forecast misses each street by a factor of its own: counts alone would promise too much.
    rng = np.random.default_rng(8)
    found = []
    for _ in range(200):
        one = drawn(rng, 1.0)
        missed = rng.gamma(4, 1 / 4, size=len(one.observed))
        observed = rng.poisson(30 * one.noticed * missed)
        found.append(recovered_effect([Noticed(observed, one.noticed, one.unnoticed)]))

    assert 0.85 <= np.mean([one.low <= 1 <= one.high for one in found]) <= 0.95
    plain = recovered_effect([drawn(rng, 1.0)])
    assert np.mean([one.high - one.low for one in found]) > 2 * (plain.high - plain.low)


def test_level_of_the_town_plays_no_part():
    rng = np.random.default_rng(9)
    one = drawn(rng, 1.0)
    scaled = Noticed(one.observed, 7 * one.noticed, 7 * one.unnoticed)

    assert recovered_effect([scaled]).times == pytest.approx(recovered_effect([one]).times)


def test_nothing_changed_or_nothing_came_is_no_number():
    still = recovered_effect([window([5, 6], [1, 1], [1, 1])])
    empty = recovered_effect([window([0, 0], [1, 1], [0.8, 1])])

    for found in (still, empty):
        assert np.isnan([found.times, found.low, found.high]).all()
    assert still.safer.streets == still.worse.streets == 0
