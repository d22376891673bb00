"""One event told by several registers counts once; events that only resemble stay apart."""

import numpy as np
import pandas as pd
import pytest
from shapely.geometry import box

from data.event_links import event_ids
from geo.study_area import build_study_area

ORAL = build_study_area("Oral", box(51.2, 51.1, 51.6, 51.4), time_zone="Asia/Oral")
METRE = 1 / 111_320  # degrees of latitude


def records(*rows):
    """Rows of (id, register, minutes after 20:00, metres to the north, more columns)."""
    frame = pd.DataFrame(
        [
            {
                "incident_id": name,
                "register": register,
                "ext_id_hash": None,
                "reference_hash": None,
                "occurred_at": pd.Timestamp("2025-04-03 20:00") + pd.Timedelta(minutes=minutes),
                "occurred_precision": "minute",
                "lat": 51.23 + metres * METRE,
                "lon": 51.37,
                "geo_accuracy_m": 0.5,
                "offence_group": "theft_robbery",
                **more,
            }
            for name, register, minutes, metres, more in rows
        ]
    )
    return frame.astype({"ext_id_hash": object, "reference_hash": object, "offence_group": object})


def linked(*rows):
    frame = records(*rows)
    return dict(zip(frame["incident_id"], event_ids(frame, ORAL), strict=True))


def test_call_book_and_register_tell_of_one_event():
    call = ("c", "call102", 10, 0, {"offence_group": None})
    book = ("b", "kui", 40, 30, {})
    case = ("e", "erdr", 0, 60, {})
    assert linked(call, book, case) == {"c": "e", "b": "e", "e": "e"}


@pytest.mark.parametrize(
    ("minutes", "metres", "more"),
    [
        (121, 0, {}),  # later than two hours
        (0, 103, {}),  # further than 100 m and the half metres of both
        (0, 0, {"offence_group": "violence"}),
        (0, 0, {"register": "erdr"}),  # one register does not tell of one event twice
        (0, 0, {"register": "other"}),
    ],
)
def test_what_differs_stays_apart(minutes, metres, more):
    events = linked(("a", "erdr", 0, 0, {}), ("b", "kui", minutes, metres, more))
    assert events == {"a": "a", "b": "b"}


@pytest.mark.parametrize(("minutes", "metres"), [(120, 0), (0, 100.5)])
def test_the_last_step_within_reach_is_linked(minutes, metres):
    assert linked(("a", "erdr", 0, 0, {}), ("b", "kui", minutes, metres, {}))["b"] == "a"


def test_a_day_without_an_hour_is_compared_by_days():
    morning = ("b", "kui", -600, 0, {"occurred_precision": "day"})
    assert linked(("a", "erdr", 0, 0, {}), morning)["b"] == "a"
    before = ("b", "kui", -1300, 0, {"occurred_precision": "day"})
    assert linked(("a", "erdr", 0, 0, {}), before)["b"] == "b"


def test_coarse_coordinates_reach_further():
    assert linked(("a", "erdr", 0, 0, {}), ("b", "kui", 0, 150, {"geo_accuracy_m": 56}))["b"] == "a"
    assert (
        linked(("a", "erdr", 0, 0, {}), ("b", "kui", 0, 320, {"geo_accuracy_m": 900}))["b"] == "b"
    )


def test_the_number_of_the_other_register_goes_before_nearness():
    near = ("n", "erdr", 0, 0, {})
    named = ("x", "erdr", 6000, 5000, {"ext_id_hash": "k"})
    book = ("b", "kui", 0, 0, {"reference_hash": "k"})
    assert linked(near, named, book) == {"n": "n", "x": "x", "b": "x"}


def test_each_record_goes_to_its_nearest_and_none_is_linked_twice():
    events = linked(
        ("a", "erdr", 0, 0, {}),
        ("b", "erdr", 0, 40, {}),
        ("c", "kui", 0, 35, {}),
        ("d", "kui", 0, 20, {}),
    )
    assert events == {"a": "a", "b": "b", "c": "b", "d": "a"}


def test_the_order_of_the_rows_changes_nothing():
    rng = np.random.default_rng(5)
    registers = ("erdr", "kui", "call102", "koap", "other")
    rows = [
        (f"{n:03d}", registers[n % 5], rng.uniform(0, 600), rng.uniform(0, 400), {})
        for n in range(200)
    ]
    frame = records(*rows)
    events = dict(zip(frame["incident_id"], event_ids(frame, ORAL), strict=True))
    shuffled = frame.sample(frac=1, random_state=1)
    again = dict(zip(shuffled["incident_id"], event_ids(shuffled, ORAL), strict=True))
    assert events == again
    assert len(set(events.values())) < 200
    held = frame.assign(event=frame["incident_id"].map(events))
    assert not held.duplicated(["event", "register"]).any()
