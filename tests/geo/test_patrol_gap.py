"""The patrol gap weighs presence against need; what was never recorded is never a number."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from geo.cells import build_cell_grid
from geo.coverage.patrol_gap import ClassEdges, last_visits, main_sections, patrol_gap
from geo.parameters import WINDOWS
from tests.geo.small_town import AREA, degrees
from tests.geo.test_patrol_plans import visits

AS_OF = date(2025, 9, 8)
EVENING_H = 2.5
EDGES = {"day": [1.0, 2.0, 3.0, 4.0], "evening": [0.1, 0.2, 0.3, 0.4]}


def cells(*evening, street_m=100.0, classes=None):
    """Cells whose harm of the evening is given, by hand; other windows bear as much."""
    frame = pd.DataFrame({"h3_cell": np.arange(len(evening)), "street_length_m": street_m})
    for window in WINDOWS:
        frame[f"hazard_{window}"] = np.array(evening, float)
        frame[f"hazard_class_{window}"] = pd.array(classes or [1] * len(evening), dtype="Int64")
    frame["hazard"] = frame[[f"hazard_{window}" for window in WINDOWS]].sum(axis=1, min_count=6)
    frame["hazard_class"] = frame["hazard_class_evening"]
    return frame


def dose(*evening, other=0.0):
    frame = pd.DataFrame(other, index=range(len(evening)), columns=list(WINDOWS))
    return frame.assign(evening=evening)


def edges(frame):
    size = np.maximum(frame["street_length_m"].to_numpy(), 30)
    above = {span: np.array(values) for span, values in EDGES.items()}
    return ClassEdges(size, above | {w: np.array(EDGES["evening"]) for w in WINDOWS})


def never(count):
    return pd.Series([pd.NaT] * count, dtype="datetime64[s]")


def gap(frame, doses, last=None):
    last = never(len(frame)) if last is None else last
    return patrol_gap(frame, doses, last, AS_OF, edges(frame))


def test_gap_is_the_harm_per_hour_that_presence_leaves():
    # 40 days of sanction in the evening's 2.5 hours; a quarter of it under patrols.
    found = gap(cells(40, classes=[5]), dose(0.25)).iloc[0]
    assert found["gap_harm_evening"] == pytest.approx(40 * 0.75 / EVENING_H)
    assert found["patrol_dose_evening"] == 0.25
    # The day: six windows of 40, of one of which a quarter is taken: 230 / 24 h.
    assert found["gap_harm"] == pytest.approx(230 / 24)
    # The evening is 2.5 of 24 hours.
    assert found["patrol_dose"] == pytest.approx(0.25 * EVENING_H / 24)


@pytest.mark.parametrize(
    ("felt", "hazard_class", "expected"),
    [
        (0.0, 5, 5),  # 0.45 per metre: above every edge
        (0.12, 5, 4),  # 0.396: below the last edge
        (0.5, 5, 3),  # 0.225
        (1.0, 5, 1),
        (0.0, 4, 4),  # a class held back by its past stays so without patrols
        (0.5, 4, 2),
        (1.0, 3, 1),
    ],
)
def test_class_falls_by_the_breaks_that_presence_takes_it_below(felt, hazard_class, expected):
    found = gap(cells(45, classes=[hazard_class]), dose(felt))
    assert found["gap_evening"].tolist() == [expected]


def test_more_presence_never_raises_the_gap_and_other_windows_stay():
    frame = cells(*np.linspace(1, 60, 40), classes=[3] * 40)
    less, more = gap(frame, dose(*[0.2] * 40)), gap(frame, dose(*[0.6] * 40))
    assert (more["gap_evening"] <= less["gap_evening"]).all()
    assert (more["gap_harm_evening"] < less["gap_harm_evening"]).all()
    assert more["gap_night"].equals(less["gap_night"])
    assert (gap(frame, dose(*[0.0] * 40))["gap"] == 3).all()  # no rounding moves a class


def test_a_cell_without_a_street_or_class_has_no_gap():
    frame = cells(45, 45, 45, classes=[5, 5, None])
    frame.loc[0, "street_length_m"] = 0.0
    found = gap(frame, dose(0.0, 0.0, 0.0))
    assert found["h3_cell"].tolist() == [1, 2]
    assert found["gap_evening"].tolist() == [5, pd.NA]


def test_where_no_hour_is_known_only_the_day_has_a_gap():
    frame = cells(45, classes=[4]).assign(hazard=450.0)
    for window in WINDOWS:
        frame[f"hazard_{window}"] = np.nan
        frame[f"hazard_class_{window}"] = pd.array([None], dtype="Int64")
    found = gap(frame, dose(0.5, other=0.5)).iloc[0]
    assert found["gap_harm"] == pytest.approx(450 / 2 / 24)
    assert found["gap"] == 2  # from 4.5 to 2.25 per metre: two breaks
    assert pd.isna(found["gap_evening"])
    assert np.isnan(found["gap_harm_evening"])


def test_days_since_the_last_visit_are_counted_and_never_is_no_number():
    last = pd.Series(pd.to_datetime(["2025-09-07", None])).astype("datetime64[s]")
    found = gap(cells(45, 45), dose(0.0, 0.0), last)
    assert found["last_visit_days"].tolist() == [1, pd.NA]
    assert found["last_visit"].tolist() == [date(2025, 9, 7), None]


def test_the_last_visit_is_the_cells_own_before_the_run():
    grid = build_cell_grid(AREA, 10)
    seen = visits(
        (0, 0, "2025-09-01 23:50", 20),
        (0, 0, "2025-08-01 09:00", 15),
        (0, 0, "2025-09-08 00:00", 15),  # of the run's own day: not yet
        (90_000, 0, "2025-09-05 09:00", 15),  # outside
    )
    lat, lon = degrees([(0, 0)])
    here = int(grid.locate(lat, lon)[0])
    last = last_visits(seen, grid, AS_OF)
    assert last[here] == pd.Timestamp("2025-09-01")
    assert last.notna().sum() == 1  # neighbours feel it, and were not visited
    assert last_visits(seen.iloc[:0], grid, AS_OF).isna().all()


def test_a_cell_is_named_by_the_section_with_most_street_in_it():
    parts = pd.DataFrame(
        {
            "section_id": ["s1", "s2", "s3", None, "s5", "s4"],
            "h3_cell": [1, 1, 2, 2, 3, 3],
            "length_m": [10.0, 30.0, 5.0, 0.0, 7.0, 7.0],
        }
    )
    assert main_sections(parts).to_dict() == {1: "s2", 2: "s3", 3: "s4"}
