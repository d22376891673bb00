"""Metres beside a line must be those that a walk along it in short steps finds."""

from itertools import pairwise

import numpy as np
import pytest
import shapely

from geo.streets.line_overlap import nearest_metres, shared_metres, stretches_beside

STEP_M = 0.02


def lines(*corners) -> np.ndarray:
    return np.array([shapely.LineString(points) for points in corners], object)


def shared(line, other, reach_m=5.0) -> tuple[float, float]:
    """Metres shared and mean distance of two lines."""
    found = shared_metres(stretches_beside(lines(line), lines(other), reach_m))
    return (0.0, 0.0) if found.empty else tuple(found.loc[0, ["metres", "distance_m"]])


class TestByHand:
    def test_parallel_lines_share_their_whole_length(self):
        assert shared([(0, 0), (100, 0)], [(0, 4), (100, 4)]) == pytest.approx((100, 4))

    def test_direction_of_drawing_does_not_matter(self):
        assert shared([(0, 0), (100, 0)], [(100, 4), (0, 4)]) == pytest.approx((100, 4))

    def test_half_a_line_shares_half_and_not_the_reach_past_its_end(self):
        assert shared([(0, 0), (100, 0)], [(0, 0), (50, 0)])[0] == pytest.approx(50)
        assert shared([(0, 0), (50, 0)], [(0, 0), (100, 0)])[0] == pytest.approx(50)

    def test_lines_that_meet_end_to_end_share_nothing(self):
        assert shared([(0, 0), (100, 0)], [(100, 0), (200, 0)])[0] == 0

    def test_lines_that_end_side_by_side_share_the_last_metres_too(self):
        # 3-4-5: past the other's end the line stays within reach for 4 m at 3 m aside.
        assert shared([(0, 3), (104, 3)], [(0, 0), (100, 0)])[0] == pytest.approx(104)
        # The ends are 5.4 m apart: they are two ends, and what lies past the other's is not beside.
        assert shared([(0, 3), (104.5, 3)], [(0, 0), (100, 0)])[0] == pytest.approx(100)

    @pytest.mark.parametrize(("degrees", "any_metre"), [(29, True), (31, False)])
    def test_lines_that_part_by_more_than_thirty_degrees_do_not_run_beside(
        self, degrees, any_metre
    ):
        away = (100 * np.cos(np.radians(degrees)), 100 * np.sin(np.radians(degrees)))

        # Up to where the other line is 5 m aside: 5 / sin 29° = 10.3 m.
        expected = 5 / np.sin(np.radians(29)) if any_metre else 0
        assert shared([(0, 0), away], [(0, 0), (100, 0)])[0] == pytest.approx(expected)

    def test_a_line_counts_no_metre_twice_where_the_other_bends(self):
        bent = [(0, 1), (40, -1), (60, 1), (100, 0)]

        assert shared([(0, 0), (100, 0)], bent)[0] == pytest.approx(100)

    def test_a_moved_ring_shares_all_of_its_length(self):
        ring = [(0, 0), (50, 0), (50, 50), (0, 50), (0, 0)]
        moved = [(x + 2, y + 2) for x, y in ring]

        assert shared(ring, moved)[0] == pytest.approx(200)

    def test_nearest_line_gets_the_metres(self):
        found = nearest_metres(
            stretches_beside(
                lines([(0, 0), (100, 0)]),
                lines([(0, 4), (100, 4)], [(0, 0), (30, 0)], [(60, -1), (100, -1)]),
                5.0,
            )
        )

        assert found["other"].tolist() == [0, 1, 2]
        np.testing.assert_allclose(found["metres"], [30, 30, 40])

    def test_nothing_near_is_an_empty_table(self):
        found = stretches_beside(lines([(0, 0), (9, 0)]), lines([(0, 99), (9, 99)]), 5.0)

        assert shared_metres(found).empty
        assert nearest_metres(found).empty


def wiggly(rng: np.random.Generator) -> np.ndarray:
    turn = np.cumsum(rng.uniform(-0.6, 0.6, 8)) + rng.uniform(0, 6)
    steps = rng.uniform(4, 20, 8)[:, None] * np.column_stack([np.cos(turn), np.sin(turn)])
    return np.cumsum(np.concatenate([np.zeros((1, 2)), steps]), axis=0)


def metres_step_by_step(line: np.ndarray, other: np.ndarray, reach_m: float) -> float:
    """Walk along the line and ask at each step for a piece of the other, near and the same way."""
    total = 0.0
    for start, end in pairwise(line):
        length = np.hypot(*(end - start))
        towards = (end - start) / length
        count = int(length / STEP_M)
        spots = start + np.outer((np.arange(count) + 0.5) / count, end - start)
        near = np.zeros(count, bool)
        for number in range(len(other) - 1):
            near |= steps_near(spots, towards, line, other, number, reach_m)
        total += near.mean() * length
    return total


def steps_near(spots, towards, line, other, number, reach_m) -> np.ndarray:
    first, last = other[number], other[number + 1]
    length = np.hypot(*(last - first))
    way = (last - first) / length
    if abs(towards @ way) < np.cos(np.radians(30)):
        return np.zeros(len(spots), bool)
    along, aside = (spots - first) @ way, (spots - first) @ np.array([-way[1], way[0]])
    near = np.hypot(aside, np.maximum(np.maximum(-along, along - length), 0)) <= reach_m
    behind, ahead = (line[0], line[-1]) if towards @ way > 0 else (line[-1], line[0])
    if number == 0 and np.hypot(*(behind - first)) > reach_m:
        near &= along >= 0
    if number == len(other) - 2 and np.hypot(*(ahead - last)) > reach_m:
        near &= along <= length
    return near


@pytest.mark.parametrize("seed", range(40))
def test_shared_metres_are_those_of_a_walk_in_short_steps(seed):
    rng = np.random.default_rng(seed)
    line = wiggly(rng)
    kind = seed % 4
    other = line + rng.normal(0, 1.5, line.shape) + rng.uniform(-3, 3, 2)
    other = [other, other[::-1], other[rng.integers(1, 4) :], wiggly(rng)][kind]

    for one, two in ((line, other), (other, line)):
        expected = metres_step_by_step(one, two, 5.0)
        assert shared(one, two)[0] == pytest.approx(expected, abs=10 * STEP_M)


def test_many_lines_at_once_are_each_pair_by_itself():
    rng = np.random.default_rng(5)
    drawn = [wiggly(rng) + rng.uniform(0, 60, 2) for _ in range(20)]
    others = [corners + rng.normal(0, 1, corners.shape) for corners in drawn]

    found = shared_metres(stretches_beside(lines(*drawn), lines(*others), 5.0))

    together = found.set_index(["line", "other"])["metres"]
    assert len(together) > 20
    for one, line in enumerate(drawn):
        for two, other in enumerate(others):
            assert shared(line, other)[0] == pytest.approx(together.get((one, two), 0.0))
    nearest = nearest_metres(stretches_beside(lines(*drawn), lines(*others), 5.0))
    assert (nearest.groupby("line")["metres"].sum() <= shapely.length(lines(*drawn)) + 1e-9).all()
    merged = nearest.merge(found, on=["line", "other"], suffixes=("", "_shared"))
    assert len(merged) == len(nearest)
    assert (merged["metres"] <= merged["metres_shared"] + 1e-9).all()
