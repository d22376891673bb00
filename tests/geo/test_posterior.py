import numpy as np
import pytest
from scipy import stats

from geo.hazard.posterior import (
    SectionDraws,
    confidence_words,
    gamma_interval,
    probability_above,
    rising_order,
    section_standing,
)
from tests.geo.hazard_towns import PARAMETERS


def test_interval_is_that_of_the_gamma_with_mean_and_variance():
    mean, variance = np.array([3.0, 100.0]), np.array([4.0, 50.0])

    low, high = gamma_interval(mean, variance, (0.05, 0.95))

    judge = stats.gamma(mean**2 / variance, scale=variance / mean)
    np.testing.assert_allclose(low, judge.ppf(0.05))
    np.testing.assert_allclose(high, judge.ppf(0.95))


def test_nothing_expected_has_no_interval_and_too_few():
    low, high = gamma_interval(np.zeros(1), np.zeros(1), (0.05, 0.95))

    assert (low[0], high[0]) == (0, 0)
    assert confidence_words(low, high, PARAMETERS).tolist() == ["too_few"]


@pytest.mark.parametrize(
    ("high", "word"),
    [(3.99, "strong"), (4.0, "strong"), (4.01, "tentative"), (10.0, "tentative"),
     (10.01, "too_few"), (np.inf, "too_few")],
)  # fmt: skip
def test_word_follows_the_ratio_of_the_ends(high, word):
    assert confidence_words(np.ones(1), np.array([high]), PARAMETERS)[0] == word


def test_probability_above_a_threshold():
    # mean 2, variance 4: exponential, P(> 2) = 1/e
    found = probability_above(np.array([2.0, 0.0]), np.array([4.0, 0.0]), np.array([2.0, 0.0]))

    np.testing.assert_allclose(found, [np.exp(-1), 0])


def draws(harm, *, length=100.0, variance=0.01, level=0.0, ratio=None, moves=None):
    n = len(harm)
    return SectionDraws(
        cell_mean=np.array(harm, float),
        cell_variance=np.array(harm, float) ** 2 * variance,
        cell_shares=np.tile([1.0, 0, 0, 0], (n, 1)),
        level_variance=np.array([level, 0, 0, 0]),
        part_cell=np.arange(n),
        part_section=np.arange(n),
        part_harm=np.array(harm, float),
        part_moves=np.zeros((n, 3)) if moves is None else np.array(moves, float),
        length_m=np.full(n, length),
        burden_ratio=None if ratio is None else np.array(ratio, float),
    )


def test_clear_order_gives_narrow_ranks_and_the_worst_twentieth_is_the_top():
    # 20 sections a factor 4 apart with 1 % spread: the order never changes; 5 % is one section
    standing = section_standing(draws(4.0 ** np.arange(20), variance=1e-4), PARAMETERS, seed=1)

    assert standing.rank_low.tolist() == list(range(20, 0, -1))
    assert standing.rank_high.tolist() == list(range(20, 0, -1))
    assert standing.p_top.tolist() == [0.0] * 19 + [1.0]
    assert standing.burden_rank_low is None


def test_equal_sections_share_the_whole_range():
    standing = section_standing(draws(np.ones(20)), PARAMETERS, seed=1)

    assert (standing.rank_low <= 3).all()
    assert (standing.rank_high >= 18).all()
    assert standing.p_top.mean() == pytest.approx(0.05)


def test_error_of_the_level_moves_no_rank():
    kept = section_standing(draws(4.0 ** np.arange(20), variance=1e-4, level=0.5), PARAMETERS, 1)

    assert kept.rank_low.tolist() == kept.rank_high.tolist()


def test_burden_ranks_follow_the_children():
    standing = section_standing(
        draws([8.0, 4.0, 2.0], variance=1e-6, ratio=[0.0, 1.0, 9.0]), PARAMETERS, seed=1
    )

    assert standing.burden_rank_low.tolist() == [3, 2, 1]


def test_seed_decides_the_draws():
    one, same, other = (section_standing(draws(np.ones(50)), PARAMETERS, s) for s in (1, 1, 2))

    np.testing.assert_array_equal(one.p_top, same.p_top)
    assert (one.p_top != other.p_top).any()


def test_town_without_harm_puts_nobody_on_top():
    standing = section_standing(draws(np.zeros(5)), PARAMETERS, seed=1)

    assert standing.p_top.tolist() == [0] * 5
    assert (standing.rank_low.tolist(), standing.rank_high.tolist()) == ([1] * 5, [5] * 5)


@pytest.mark.parametrize("count", [0, 1, 2, 3, 2000])
@pytest.mark.parametrize("distinct", [1, 2, 40, 10**9])
def test_equal_harm_keeps_the_order_of_the_sections(count, distinct):
    random = np.random.default_rng(count + distinct)
    harm = random.integers(1, distinct + 1, count) / 7
    harm[random.random(count) < 0.4] = 0

    assert rising_order(harm).tolist() == np.argsort(harm, kind="stable").tolist()
