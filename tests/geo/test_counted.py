from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from geo.cells import cell_parents
from geo.errors import FrameError
from geo.hazard.counted import count_incidents, earlier, first_at_address, group_mass
from tests.geo.hazard_towns import (
    AS_OF,
    COVERAGE,
    PARAMETERS,
    incident_rows,
    oral,
    random_incidents,
)


def counted_of(incidents, coverage=COVERAGE):
    return count_incidents(incidents, oral().grid, coverage, AS_OF, PARAMETERS)


def test_rows_that_may_not_enter_are_left_out_and_counted_by_reason():
    grid = oral().grid
    far = oral(0.03).grid
    outside = far.positions(np.setdiff1d(far.cells, grid.cells))[0]
    incidents = incident_rows(
        grid,
        [1] * 7,
        offence_group=["drugs", *["violence"] * 6],
        discovery=["reported", "discovered", *["reported"] * 5],
        place_type=["street", "street", "dwelling", *["street"] * 4],
        occurred_at=pd.to_datetime(
            ["2024-06-01"] * 3 + ["2025-01-01", "2021-12-31", "2024-06-01", "2024-06-01"]
        ),
    )
    incidents.loc[5, ["lat", "lon"]] = far.lat[outside], far.lng[outside]

    counted = counted_of(incidents)

    assert counted.left_out == {
        "no_offence_group": 1, "discovered": 1, "dwelling": 1,
        "after_as_of": 1, "outside_coverage": 1, "outside_area": 1,
    }  # fmt: skip
    assert counted.frame["incident_id"].tolist() == ["i00006"]


def test_unknown_place_type_enters():
    assert len(counted_of(incident_rows(oral().grid, [1], place_type="unknown")).frame) == 1


@pytest.mark.parametrize(
    ("precision", "to", "age"),
    [
        ("minute", None, 10 - 8 / 24),  # 2024-12-22 08:00 before 2025-01-01 00:00
        ("hour", None, 10 - 8 / 24),
        ("day", None, 9.5),  # noon of the day
        ("interval", "2024-12-22 12:00", 10 - 10 / 24),  # its middle, 10:00
    ],
)
def test_age_counts_from_what_is_known_of_the_moment(precision, to, age):
    incidents = incident_rows(
        oral().grid,
        [1],
        occurred_at=pd.Timestamp("2024-12-22 08:00"),
        occurred_to=pd.Timestamp(to) if to else pd.NaT,
        occurred_precision=precision,
    )

    assert counted_of(incidents).age_days[0] == pytest.approx(age)


def test_overlapping_coverage_counts_its_days_once():
    coverage = (
        (date(2024, 12, 1), date(2024, 12, 31)),
        (date(2024, 12, 20), date(2025, 3, 1)),
        (date(2024, 1, 1), date(2024, 1, 10)),
    )

    # days before 1 January 2025: [0, 31] and [356, 366] (2024 has 366 days)
    assert counted_of(incident_rows(oral().grid, []), coverage).covered == (
        (0.0, 31.0), (356.0, 366.0)
    )  # fmt: skip


def test_sensitive_incident_is_spread_over_its_coarse_cell_by_area():
    grid = oral().grid
    counted = counted_of(incident_rows(grid, [7], offence_group="child", sensitive=True))

    mass = group_mass(counted, grid, np.array([2.0]), PARAMETERS)

    parents = cell_parents(grid.cells, 8)
    same = parents == parents[7]
    assert 1 < same.sum() < len(same)
    expected = np.where(same, 2.0 * grid.area_m2 / grid.area_m2[same].sum(), 0)
    np.testing.assert_allclose(mass[0], expected, rtol=1e-12)


def test_two_points_of_one_coarse_cell_cannot_be_told_apart_when_sensitive():
    grid = oral().grid
    parents = cell_parents(grid.cells, 8)
    one, other = np.flatnonzero(parents == parents[7])[:2]
    masses = [
        group_mass(
            counted_of(incident_rows(grid, [cell], offence_group="child", sensitive=True)),
            grid,
            np.ones(1),
            PARAMETERS,
        )
        for cell in (one, other)
    ]

    np.testing.assert_array_equal(*masses)


@pytest.mark.parametrize(("accuracy", "spread"), [(np.nan, False), (65.0, False), (66.0, True)])
def test_incident_of_vague_place_is_spread_and_keeps_its_mass(accuracy, spread):
    grid = oral().grid
    counted = counted_of(incident_rows(grid, [7], geo_accuracy_m=accuracy))

    mass = group_mass(counted, grid, np.ones(1), PARAMETERS)[1]

    assert mass.sum() == pytest.approx(1)
    assert (mass[7] < 1) == spread


def test_first_incident_of_the_other_groups_at_an_address():
    # address x: theft (oldest), violence, disorder; address y: theft alone; z: sensitive
    incidents = incident_rows(
        oral().grid,
        [1, 2, 3, 4, 5],
        offence_group=["theft_robbery", "violence", "disorder", "theft_robbery", "child"],
        address_key=["x", "x", "x", "y", "z"],
        sensitive=[False, False, False, False, True],
        occurred_at=pd.to_datetime(
            ["2023-01-01", "2023-02-01", "2023-03-01", "2023-04-01", "2022-05-01"]
        ),
    )
    counted = counted_of(incidents)

    # for violence: theft at x and theft at y; for theft: violence at x, nothing at y
    assert first_at_address(counted, 2).tolist() == [True, False, False, True, False]
    assert first_at_address(counted, 1).tolist() == [False, True, False, False, False]


def test_frame_that_breaks_its_contract_is_refused():
    with pytest.raises(FrameError):
        counted_of(incident_rows(oral().grid, [1]).drop(columns="sensitive"))


def test_no_incident_at_all_is_no_fault():
    counted = counted_of(incident_rows(oral().grid, []))

    assert counted.count_by_group().tolist() == [0, 0, 0, 0]
    assert group_mass(counted, oral().grid, np.ones((3, 0)), PARAMETERS).shape == (
        3, 4, len(oral().grid.cells)
    )  # fmt: skip


def test_what_was_known_earlier_is_what_a_count_on_that_day_knows():
    grid = oral().grid
    incidents = random_incidents(grid, 80, seed=3)
    now = count_incidents(incidents, grid, COVERAGE, AS_OF, PARAMETERS)

    before = earlier(now, 200)

    then = count_incidents(incidents, grid, COVERAGE, AS_OF - timedelta(days=200), PARAMETERS)
    assert 0 < len(before.group) < len(now.group)
    assert before.as_of == then.as_of
    assert before.covered == then.covered
    pd.testing.assert_frame_equal(before.frame, then.frame)
    for name in ("group", "cell", "age_days", "windows"):
        np.testing.assert_allclose(getattr(before, name), getattr(then, name), rtol=1e-12)


def test_groups_of_another_register_are_counted_by_their_own_names():
    grid = oral().grid
    incidents = incident_rows(grid, [1, 2, 3], offence_group=["TOA", "BURG", "TOA"])

    counted = count_incidents(incidents, grid, COVERAGE, AS_OF, PARAMETERS, groups=("TOA", "BURG"))

    assert counted.count_by_group().tolist() == [2, 1]
    with pytest.raises(FrameError):
        count_incidents(incidents, grid, COVERAGE, AS_OF, PARAMETERS)
