from datetime import date

import numpy as np
import pandas as pd
import pytest
from shapely import LineString, Point

from geo.disclosure_near import disclose_influential, disclose_ring_counts
from geo.errors import UsageError
from geo.hazard.rings import distance_m, incident_rings, placed_at_cells, ring_counts
from tests.geo.hazard_towns import oral

METRE = 1 / 111_195  # degrees of latitude
PERIOD = (date(2023, 11, 5), date(2026, 9, 30))


def incidents(metres_north, day="2026-09-01", sensitive=False):
    """Incidents whose cell's middle lies so far north of 51.23, 51.37."""
    metres = np.atleast_1d(np.asarray(metres_north, float))
    rows = {"lat": 51.23 + metres * METRE, "lon": 51.37, "sensitive": sensitive,
            "occurred_on": pd.to_datetime(day)}  # fmt: skip
    return pd.DataFrame(rows, index=range(len(metres)))


def counts_of(found, **asked):
    found = ring_counts(found, Point(51.37, 51.23), PERIOD, date(2026, 10, 1))
    return found.set_index(["quarter", "ring"])["incidents"]


@pytest.mark.parametrize(
    ("metres", "ring"), [(0, 0), (199, 0), (201, 1), (399, 1), (401, 2), (799, 2), (801, -1)]
)
def test_ring_holds_what_lies_up_to_its_outer_edge(metres, ring):
    assert incident_rings(incidents(metres), Point(51.37, 51.23)).tolist() == [ring]


def test_distance_is_that_to_the_street_and_not_to_its_middle():
    # the street runs 500 m east; 100 m north of its end is 100 m away, 269 m from its middle
    east = 500 * METRE / np.cos(np.radians(51.23))
    street = LineString([(51.37, 51.23), (51.37 + east, 51.23)])

    found = distance_m(street, np.array([51.23 + 100 * METRE]), np.array([51.37 + east]))

    assert found[0] == pytest.approx(100, rel=1e-3)


def test_incidents_are_counted_by_quarter_and_ring_latest_first():
    rows = pd.concat(
        [
            incidents([0, 50, 150], "2026-09-30"),
            incidents([300], "2026-07-01"),
            incidents([700, 710], "2026-06-30"),
            incidents([900], "2026-06-30"),
            incidents([10], "2024-01-01"),
        ],
        ignore_index=True,
    )

    counts = counts_of(rows)

    assert counts.index.get_level_values(0).unique().tolist() == [
        "2026Q3", "2026Q2", "2026Q1", "2025Q4", "2025Q3", "2025Q2", "2025Q1", "2024Q4",
    ]  # fmt: skip
    assert counts["2026Q3"].tolist() == [3, 1, 0]
    assert counts["2026Q2"].tolist() == [0, 0, 2]
    assert counts.sum() == 6  # one lies too far, one too long ago


def test_sensitive_incidents_are_in_no_ring():
    rows = pd.concat([incidents([10] * 5, sensitive=True), incidents([10] * 3)], ignore_index=True)

    assert counts_of(rows)["2026Q3"].tolist() == [3, 0, 0]


def test_incidents_stand_in_the_middle_of_their_cells():
    grid = oral().grid
    placed = placed_at_cells(pd.DataFrame({"h3_cell": grid.cells[[5, 2, 5]]}))

    np.testing.assert_allclose(placed["lat"], grid.lat[[5, 2, 5]])
    np.testing.assert_allclose(placed["lon"], grid.lng[[5, 2, 5]])


def counted(values):
    return pd.DataFrame({"quarter": "2026Q3", "ring": "0-200", "incidents": values, "canary": "x"})


@pytest.mark.parametrize(
    ("role", "shown"),
    [
        ("prosecutor", [None, None, None, 3, 4, 5]),
        ("dispatcher", [None, None, None, 3, 4, 5]),
        ("planner", [None, None, None, None, None, 5]),
        ("public", []),
    ],
)
def test_p06_small_counts_and_none_look_alike_to_every_role(role, shown):
    found = disclose_ring_counts(counted([0, 1, 2, 3, 4, 5]), role)

    assert found["incidents"].astype(object).where(found["incidents"].notna(), None).tolist() == (
        shown
    )
    assert "canary" not in found


def influential():
    return pd.DataFrame(
        {
            "number": [4, 9], "h3_cell": [11, 12], "offence_group": ["violence", "child"],
            "article": ["106", None], "occurred_on": pd.Timestamp("2026-03-03"),
            "sensitive": [False, True], "address_number": [3, -1], "geo_accuracy_m": 0.0,
            "ring": "0-200", "influence": 0.1, "lat": 51.2, "lon": 51.3,
        }
    )  # fmt: skip


def test_prosecutor_learns_day_kind_and_distance_of_incidents_that_are_not_sensitive():
    found = disclose_influential(influential(), "prosecutor")

    assert list(found) == ["occurred_on", "offence_group", "article", "ring", "influence"]
    assert found["offence_group"].tolist() == ["violence"]


@pytest.mark.parametrize("role", ["public", "planner", "dispatcher"])
def test_nobody_else_learns_of_a_single_incident(role):
    assert len(disclose_influential(influential(), role)) == 0


@pytest.mark.parametrize("disclose", [disclose_influential, disclose_ring_counts])
def test_unknown_role_is_refused(disclose):
    frame = influential() if disclose is disclose_influential else counted([1])
    with pytest.raises(UsageError):
        disclose(frame, "admin")
