"""The worked example of the score, with every sum by hand, and what the sums must keep."""

import doctest
import importlib

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from scipy.stats import gamma
from shapely import LineString

from geo.cells import build_cell_grid
from geo.hazard.score import sum_by
from geo.hazard.town import Town, town_hazard
from geo.parameters import PARTS, WINDOWS
from geo.study_area import build_study_area
from tests.geo.hazard_towns import AS_OF, COVERAGE, PARAMETERS, incident_rows, rich_town

MODULES = (
    "geo.disclosure", "geo.hazard.burden", "geo.hazard.hours", "geo.hazard.modifiers",
    "geo.hazard.posterior", "geo.hazard.rate", "geo.hazard.reference", "geo.hazard.town",
)  # fmt: skip


def row_town() -> tuple[Town, int, int]:
    """Two cells A and B, half a strip each; a street along the strip; one robbery in A."""
    a, b = (51.36674347, 51.23334347), (51.36854766, 51.23384822)
    middle = ((a[0] + b[0]) / 2, (a[1] + b[1]) / 2)
    strip = LineString([a, b]).buffer(0.0002, cap_style="flat")
    area = build_study_area("Row", strip, time_zone="Asia/Oral")
    grid = build_cell_grid(area, 10)
    in_a, in_b = grid.locate([a[1], b[1]], [a[0], b[0]]).tolist()
    sections = gpd.GeoDataFrame(
        {"section_id": ["s00000000000a", "s00000000000b"], "length_m": [68.95, 68.95]},
        geometry=[LineString([a, middle]), LineString([middle, b])],
        crs="EPSG:4326",
    )
    parts = pd.DataFrame(
        {"section": [0, 1], "cell": [in_a, in_b], "length_m": [68.95, 68.95], "weight": [1.0, 1.0]}
    )
    robbery = incident_rows(
        grid, [in_a], severity_days=1004.0, occurred_at=pd.Timestamp("2024-11-02 08:00")
    )
    town = Town(
        area=area,
        grid=grid,
        sections=sections,
        parts=parts.sort_values("cell", ignore_index=True),
        incidents=robbery,
        coverage=COVERAGE,
        as_of=AS_OF,
        darkness=dict.fromkeys(WINDOWS, 0.5),
    )
    return town, in_a, in_b


def test_worked_example_by_hand():
    """The sums, to the digits written.

    Age: 60 days less 8 hours = 59.6667. Distance of the centres 137.905 m, areas equal
    (they differ by a hundred-thousandth, which moves the hazards by .0002).

    kernel in A, 1 / (1 + exp(−137.905² / 2h²)):
        h = 100: 1/(1 + .38640) = .72129     h = 200: 1/(1 + .78842) = .55915
        h = 400: 1/(1 + .94230) = .51485     h = 800: 1/(1 + .98525) = .50371
    weights (one group: own and base over .69), widths of all memories together:
        100: .12   200: .05 + .04 + .01 = .10   400: .13   800: .25 + .05 = .30   base .04 at ½
    F_A = (.086555 + .055915 + .066931 + .151113 + .020000) / .69 = .380514 / .69 = .551472
    F_B = 1 − F_A = .448528
    L   = 2^(−59.6667/60) / ((1 − 2^(−1096/60)) · 60 / ln 2) = .501929 / 86.561428 = .00579853
    y   = 2^(−59.6667/3650) = .988733;  E = (1 − 2^(−1096/3650)) · 3650 / ln 2 = 989.460
    ū_A = (2 + .988733) / (2 + .00579853 · .551472 · 989.460) = 2.988733 / 5.164024 = .578760
    ū_B = 2 / (2 + .00579853 · .448528 · 989.460) = 2 / 4.573393 = .437312
    κ   = 1 / (.551472 · .578760 + .448528 · .437312) = 1 / .515317 = 1.940553
    H_A = 30.4375 · 1004 · 1.940553 · .00579853 · .551472 · .578760 = 109.7510
    H_B = 30.4375 · 1004 · 1.940553 · .00579853 · .448528 · .437312 = 67.4477
    A0  = 30.4375 · 1004 · .00579853 · ½ = 88.5994, ln = 4.484125
    window school_am (2 of 24 h), town share (1 + (1 + 2/24)/2) / 2 = .770833,
        cell A: (50 · .770833 + 1) / 51 = .775327
    background of A, one incident, 2909.22 m² of A in the area: Σ w √(F · 2909.22 / 4πh²) / .69
        = (.12 · .129223 + .10 · .056888 + .13 · .027294 + .30 · .013498) / .69 = .041729
        its variance (.041729 / .551472)² = .005726, counted 2.5 times
    interval of A: variance share 1/(2 + .988733) + .014314 + 1 (level, one incident) = 1.348904
        → shape .741343
    """
    town, in_a, in_b = row_town()

    found = town_hazard(town, PARAMETERS)

    cells = found.cells.set_index(found.cells["h3_cell"].map(
        {town.grid.cells[in_a]: "A", town.grid.cells[in_b]: "B"}))  # fmt: skip
    assert cells.loc["A", "hazard"] == pytest.approx(109.7510, abs=1e-3)
    assert cells.loc["B", "hazard"] == pytest.approx(67.4477, abs=1e-3)
    assert cells.loc["A", "ln_area_mean"] == pytest.approx(4.484125, abs=1e-5)
    assert cells.loc["A", "part_area"] == pytest.approx(  # long memory: 100, 200, 400, 800, base
        np.log(
            (.12 * .72129 + .05 * .55915 + .13 * .51485 + .25 * .50371 + .04 * .5) / .59 / .5
        ), abs=1e-4,
    )  # fmt: skip
    assert cells.loc["A", "part_own_record"] == pytest.approx(np.log(0.578760), abs=1e-5)
    assert cells.loc["A", "part_level"] == pytest.approx(np.log(1.940553), abs=1e-5)
    assert cells.loc["A", "hazard_school_am"] == pytest.approx(109.7510 * 0.775327, abs=2e-3)
    assert cells.loc["A", "expected_incidents"] == pytest.approx(109.7510 / 1004, rel=1e-4)
    assert cells.loc["A", "incidents_observed"] == 1

    sections = found.sections
    assert sections["hazard"].tolist() == pytest.approx(cells["hazard"][["A", "B"]].tolist())
    assert sections["hazard_score"].tolist() == pytest.approx([50.0, 0.0])
    assert sections["hazard_class"].tolist() == [1, 1]
    assert sections["confidence"].tolist() == ["too_few", "too_few"]
    shape = 1 / (1 / 2.988733 + 2.5 * 0.0057258 + 1)
    ends = gamma.ppf([0.05, 0.95], shape, scale=109.7510 / shape)
    np.testing.assert_allclose(
        cells.loc["A", ["hazard_low", "hazard_high"]].astype(float), ends, rtol=1e-4
    )


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_the_docstrings_run(name):
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def test_sections_and_off_street_hold_what_the_cells_hold():
    town = rich_town()

    found = town_hazard(town, PARAMETERS)

    for column in ("hazard", *(f"hazard_{window}" for window in WINDOWS)):
        off_street = found.parts[column][found.parts["section_id"].isna()].sum()
        in_sections = found.sections[column].sum()
        assert in_sections + off_street == pytest.approx(found.cells[column].sum(), rel=1e-9)
    assert found.facts["off_street"] > 0
    assert found.facts["conservation_gap"] == pytest.approx(
        0, abs=1e-9 * found.facts["hazard_total"]
    )


def test_sections_of_each_cell_sum_to_the_cell():
    found = town_hazard(rich_town(), PARAMETERS)

    by_cell = found.parts.groupby("h3_cell")["hazard"].sum()

    np.testing.assert_allclose(
        by_cell.reindex(found.cells["h3_cell"]), found.cells["hazard"], rtol=1e-9
    )


def test_windows_add_up_to_the_day_and_groups_to_one():
    found = town_hazard(rich_town(), PARAMETERS)

    for frame in (found.cells, found.sections, *found.parents.values()):
        windows = sum(frame[f"hazard_{window}"] for window in WINDOWS)
        np.testing.assert_allclose(windows, frame["hazard"], rtol=1e-12)
        shares = frame[[column for column in frame if column.startswith("share_")]]
        np.testing.assert_allclose(shares.sum(axis=1), 1, rtol=1e-12)


def test_parents_sum_hazard_and_never_average_scores():
    found = town_hazard(rich_town(), PARAMETERS)

    for resolution in (9, 8, 7):
        parent = found.parents[resolution]
        for column in ("hazard", "expected_incidents", "area_m2", "street_length_m"):
            assert parent[column].sum() == pytest.approx(found.cells[column].sum(), rel=1e-12)
    assert "sensitive_observed" not in found.parents[9]
    assert found.parents[8]["sensitive_observed"].sum() > 0


def test_parts_are_named_in_every_frame():
    found = town_hazard(rich_town(), PARAMETERS)

    for frame in (found.cells, found.sections):
        assert {f"part_{part}" for part in PARTS} <= set(frame)


def test_sum_by_leaves_out_what_has_no_place():
    assert sum_by(np.array([1, -1, 1]), np.array([2.0, 5.0, 3.0]), 3).tolist() == [0, 5, 0]
