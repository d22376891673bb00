"""The badge of hotspots: Gi* against slow sums, Benjamini-Hochberg by hand, and its silences."""

import math
from datetime import date

import numpy as np
import pandas as pd
import pytest
from libpysal.weights import W
from scipy.stats import norm

from geo.disclosure import disclose_cells
from geo.hazard.counted import count_incidents
from geo.hazard.hotspots import benjamini_hochberg, getis_ord, hotspots
from geo.hazard.town import town_hazard
from tests.geo.hazard_towns import AS_OF, COVERAGE, PARAMETERS, incident_rows, oral, plain_town


def slow_getis_ord(counts, neighbours):
    n = len(counts)
    mean = sum(counts) / n
    s = math.sqrt(sum(x * x for x in counts) / n - mean**2)
    z = []
    for cell in range(n):
        members = [cell, *(int(other) for other in neighbours[cell] if other >= 0)]
        w = w2 = len(members)
        spread = s * math.sqrt((n * w2 - w**2) / (n - 1))
        z.append((sum(counts[m] for m in members) - mean * w) / spread)
    return z


def gathered(counts, day="2024-06-01", **columns):
    """A town with so many incidents in the cells at these positions."""
    cells = np.repeat(list(counts), list(counts.values()))
    return incident_rows(oral().grid, cells, occurred_at=pd.Timestamp(day), **columns)


def found_in(incidents, coverage=COVERAGE):
    grid = oral().grid
    counted = count_incidents(incidents, grid, coverage, AS_OF, PARAMETERS)
    return hotspots(counted, grid, PARAMETERS)


def middle():
    """A cell all of whose neighbours are in the grid."""
    return int(np.flatnonzero((oral().grid.neighbours >= 0).all(axis=1))[4])


@pytest.mark.parametrize("seed", range(5))
def test_gi_star_equals_the_sums_written_out(seed):
    grid = oral().grid
    counts = np.random.default_rng(seed).poisson(1.5, len(grid.cells)).astype(float)

    np.testing.assert_allclose(
        getis_ord(counts, grid.neighbours), slow_getis_ord(counts.tolist(), grid.neighbours),
        rtol=1e-12, atol=1e-12,
    )  # fmt: skip


def test_gi_star_equals_that_of_a_weights_matrix():
    # Getis and Ord 1996 by the matrix of a common library: binary weights, the cell its own too
    grid = oral().grid
    x = np.random.default_rng(7).gamma(0.6, 3, len(grid.cells))
    beside = {cell: [cell, *row[row >= 0].tolist()] for cell, row in enumerate(grid.neighbours)}
    weights = W(beside, silence_warnings=True).sparse
    n, w = len(x), np.asarray(weights.sum(axis=1)).ravel()  # w is Σw and, of ones, Σw²
    spread = x.std() * np.sqrt((n * w - w**2) / (n - 1))
    expected = (weights @ x - x.mean() * w) / spread

    np.testing.assert_allclose(getis_ord(x, grid.neighbours), expected, rtol=1e-12)


@pytest.mark.parametrize("value", [0.0, 1.0, 0.1, 7.3])
def test_equal_counts_give_no_score_and_no_nan(value):
    grid = oral().grid

    assert (getis_ord(np.full(len(grid.cells), value), grid.neighbours) == 0).all()


def test_where_every_cell_is_a_neighbour_nothing_can_be_told():
    whole = np.array([[1, 2], [0, 2], [0, 1]])

    assert getis_ord(np.array([9.0, 0, 1]), whole).tolist() == [0, 0, 0]
    assert getis_ord(np.array([9.0]), np.array([[-1]])).tolist() == [0]


def test_benjamini_hochberg_goes_by_the_last_p_below_its_line():
    # sorted: .001 ≤ .01, .021 > .02, .025 ≤ .03, .5 > .04, .9 > .05 → the first three
    p = np.array([0.5, 0.021, 0.001, 0.9, 0.025])

    assert benjamini_hochberg(p, 0.05).tolist() == [False, True, True, False, True]
    assert not benjamini_hochberg(np.array([0.02, 0.5, 0.9]), 0.05).any()
    assert benjamini_hochberg(np.zeros(0), 0.05).tolist() == []


def test_gathered_incidents_are_marked_and_lone_ones_are_not():
    grid, cell = oral().grid, middle()
    near = grid.neighbours[cell]
    far = [other for other in range(0, len(grid.cells), 9) if other not in {cell, *near}]
    spots = found_in(gathered({cell: 8, int(near[0]): 6, **dict.fromkeys(far, 1)}))

    assert spots.badge[cell]
    assert spots.badge[near[0]]
    assert not spots.badge[far].any()
    np.testing.assert_allclose(spots.p, norm.sf(spots.z))
    assert spots.facts["badges"] == spots.badge.sum() < len(grid.cells) / 3
    assert spots.facts["withheld"] is None


def test_town_without_gathering_has_no_badge():
    # every cell alike but for one more here and there
    cells = range(len(oral().grid.cells))
    assert not found_in(gathered({cell: 4 + cell % 2 for cell in cells})).badge.any()


def test_fewer_than_five_together_are_never_marked():
    # Four incidents in one cell of a town with one other: z is far above any line.
    cell = middle()
    lonely = found_in(gathered({cell: 4, len(oral().grid.cells) - 1: 1}))
    five = found_in(gathered({cell: 5}))

    assert lonely.z[cell] > 3.5
    assert not lonely.badge.any()
    assert five.badge[cell]


@pytest.mark.parametrize(
    ("count", "first", "withheld"),
    [
        (4, date(2022, 1, 1), "few_incidents"),
        (40, date(2024, 1, 3), "few_days"),  # 364 days
        (40, date(2024, 1, 2), None),  # 365 days
    ],
)
def test_badges_are_withheld_and_the_run_says_so(count, first, withheld):
    spots = found_in(gathered({middle(): count}), ((first, date(2024, 12, 31)),))

    assert spots.facts["withheld"] == withheld
    assert spots.badge.any() == (withheld is None)
    assert spots.facts["incidents"] == count


def test_sensitive_incidents_make_no_badge():
    hidden = gathered({middle(): 30}, offence_group="child", sensitive=True)
    last = len(oral().grid.cells) - 1
    others = gathered({0: 3, last: 3}).assign(incident_id=[f"o{n}" for n in range(6)])

    spots = found_in(pd.concat([hidden, others], ignore_index=True))

    assert spots.facts["incidents"] == 6
    assert not spots.badge.any()


def test_badge_stands_on_the_scored_cells_and_moves_no_score():
    town = plain_town(oral(), gathered({middle(): 12, 3: 1, 30: 2}))
    with_badge = town_hazard(town, PARAMETERS)

    assert with_badge.cells["hotspot"].dtype == bool
    assert with_badge.cells["hotspot"][middle()]
    assert "hotspot" not in with_badge.sections
    assert all("hotspot" not in frame for frame in with_badge.parents.values())
    assert with_badge.facts["hotspots"]["badges"] == with_badge.cells["hotspot"].sum()


@pytest.mark.parametrize(
    ("role", "sees"),
    [("public", False), ("planner", True), ("dispatcher", True), ("prosecutor", True)],
)
def test_badge_is_seen_by_those_who_plan_and_patrol(role, sees):
    cells = town_hazard(plain_town(oral(), gathered({middle(): 12, 3: 1})), PARAMETERS).cells

    shown = disclose_cells(cells, role, resolution=10)

    assert ("hotspot" in shown) == sees
    if sees:
        assert shown["hotspot"].tolist() == cells["hotspot"].tolist()
