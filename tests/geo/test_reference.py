import numpy as np
import pandas as pd
import pytest
from shapely import LineString

from geo.hazard.reference import (
    build_yardstick,
    complete_reference,
    held_classes,
    reference_basis,
    reference_table,
    score_classes,
    street_hull_share,
)
from tests.geo.hazard_towns import PARAMETERS, oral

BREAKS = PARAMETERS.breaks


@pytest.mark.parametrize(
    ("intensity", "score"),
    [(0.0, 0.0), (1.0, 0.0), (1.0001, 50.0), (2.0, 50.0), (2.5, 90.0), (3.0, 90.0), (3.1, 100.0)],
)
def test_score_is_the_length_strictly_below(intensity, score):
    # lengths 300 + 200 at 1, 400 at 2, 100 at 3: 50 %, 90 %, 100 % up to each
    stick = build_yardstick(np.array([2.0, 1.0, 3.0, 1.0]), np.array([400.0, 300.0, 100.0, 200.0]))

    assert stick.score(np.array([intensity]))[0] == pytest.approx(score)


def test_places_without_size_or_intensity_do_not_count():
    stick = build_yardstick(np.array([1.0, 9.0, np.nan]), np.array([100.0, 0.0, 50.0]))

    assert stick.intensity.tolist() == [1.0]
    assert np.isnan(stick.score(np.array([np.nan]))[0])


def test_empty_yardstick_scores_nothing():
    stick = build_yardstick(np.array([]), np.array([]))

    assert np.isnan(stick.score(np.array([1.0]))).all()
    assert stick.intensity_at(75) == float("inf")


@pytest.mark.parametrize(
    ("score", "expected"),
    [(0, 1), (74.999, 1), (75, 2), (89.999, 2), (90, 3), (94.999, 3), (95, 4), (98.999, 4),
     (99, 5), (100, 5), (np.nan, 0)],
)  # fmt: skip
def test_class_is_cut_at_the_breaks(score, expected):
    assert score_classes(np.array([score], float), BREAKS).tolist() == [expected]


@pytest.mark.parametrize(
    ("raw", "previous", "above", "held"),
    [
        (2, 1, (0.79, 0, 0, 0), 1), (2, 1, (0.80, 0, 0, 0), 2), (2, 1, (0.81, 0, 0, 0), 2),
        (1, 2, (0.21, 0, 0, 0), 2), (1, 2, (0.20, 0, 0, 0), 1), (1, 2, (0.19, 0, 0, 0), 1),
        (5, 1, (1, 0.9, 0.8, 0.5), 4),  # only as far as is sure
        (1, 5, (0.5, 0.3, 0.2, 0.0), 3),  # surely below 95 and 99, not below 90
        (5, 3, (0.7, 0.6, 0.5, 0.4), 3),  # an unsure rise is no fall
        (1, 3, (0.3, 0.3, 0.3, 0.3), 3),  # nor an unsure fall a rise
        (3, 3, (0.5, 0.5, 0.5, 0.5), 3),
        (4, 0, (0, 0, 0, 0), 4),  # a new place takes its class at once
        (0, 4, (0, 0, 0, 0), 0),  # without a score no class
    ],
)  # fmt: skip
def test_class_changes_only_when_the_crossing_is_sure(raw, previous, above, held):
    found = held_classes(np.array([raw]), np.array([previous]), np.array([above], float), 0.8)

    assert found.tolist() == [held]


@pytest.mark.parametrize(("break_", "threshold"), [(75, 3.0), (90, 4.0), (95, 4.0), (99, 5.0)])
def test_threshold_is_where_the_score_reaches_the_break(break_, threshold):
    # 50 %, 75 %, 95 %, 100 % up to 2, 3, 4, 5: above 3 the score is 75, above 4 it is 95
    stick = build_yardstick(np.array([2.0, 3.0, 4.0, 5.0]), np.array([50.0, 25.0, 20.0, 5.0]))

    assert stick.intensity_at(break_) == threshold
    assert stick.score(np.array([threshold + 1e-9]))[0] >= break_
    assert stick.score(np.array([threshold]))[0] < break_


def test_kept_reference_stays_and_missing_yardsticks_are_made():
    first = {("section", "harm", "day"): (np.array([1.0, 2.0]), np.array([10.0, 30.0]))}
    sticks, made = complete_reference(None, first)
    assert made == [("section", "harm", "day")]

    table = reference_table(sticks)
    later = {
        ("section", "harm", "day"): (np.array([7.0]), np.array([1.0])),
        ("section", "count", "day"): (np.array([5.0]), np.array([1.0])),
    }
    again, made = complete_reference(table, later)

    assert made == [("section", "count", "day")]
    kept = again["section", "harm", "day"]
    assert (kept.intensity.tolist(), kept.cumulative.tolist()) == ([1.0, 2.0], [10.0, 40.0])
    pd.testing.assert_frame_equal(reference_table({("section", "harm", "day"): kept}), table)


def test_hull_of_a_street_along_half_the_area_decides_the_basis():
    place = oral()
    left, bottom, right, top = place.area.boundary.bounds

    def frame(share):
        corner = left + (right - left) * share
        ring = [(left, bottom), (corner, bottom), (corner, top), (left, top)]
        return pd.DataFrame({"geometry": [LineString(ring)]})

    assert street_hull_share(place.area, frame(0.5)) == pytest.approx(0.5, abs=0.002)
    assert reference_basis(street_hull_share(place.area, frame(0.89)), PARAMETERS) == "area"
    assert reference_basis(street_hull_share(place.area, frame(0.91)), PARAMETERS) == "street"
    assert street_hull_share(place.area, pd.DataFrame({"geometry": []})) == 0
