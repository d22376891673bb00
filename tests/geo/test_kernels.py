from functools import lru_cache

import h3.api.basic_int as h3
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.cells import CellGrid, build_cell_grid
from geo.hazard.kernels import (
    kernel_cut_m,
    kernel_pairs,
    kernel_share,
    kernel_share_pairwise,
    kernel_sum,
    kernel_sum_pairwise,
)
from geo.parameters import HazardParameters
from geo.study_area import build_study_area

PARAMETERS = HazardParameters()
TOWNS = {"Oral": (51.23, 51.37), "Almaty": (43.24, 76.91)}


@lru_cache(maxsize=4)
def grid_of(town: str, half_km: float, resolution: int = 10) -> CellGrid:
    lat, lng = TOWNS[town]
    half_lat = half_km / 111.2
    half_lng = half_lat / np.cos(np.radians(lat))
    box = shapely.box(lng - half_lng, lat - half_lat, lng + half_lng, lat + half_lat)
    return build_cell_grid(build_study_area(town, box, time_zone="Asia/Oral"), resolution)


def incidents(grid: CellGrid, layers: int, count: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.stack(
        [np.bincount(rng.integers(0, len(grid.cells), count), minlength=len(grid.cells))
         for _ in range(layers)]
    ).astype(float)  # fmt: skip


def slow_share(grid: CellGrid, mass: np.ndarray, bandwidth_m: float) -> np.ndarray:
    """Follow the definition cell by cell."""
    share = np.zeros(len(grid.cells))
    cut = max(3 * bandwidth_m, 1.02 * grid.area_m2.max() ** 0.5, 120)
    for source in np.flatnonzero(mass):
        distance = np.hypot(grid.x - grid.x[source], grid.y - grid.y[source])
        weight = grid.area_m2 * np.exp(-(distance**2) / (2 * bandwidth_m**2)) * (distance <= cut)
        share += mass[source] * weight / weight.sum()
    return share


@pytest.mark.parametrize("town", TOWNS)
@pytest.mark.parametrize("bandwidth_m", [100, 200, 400, 800])
def test_lattice_kernel_stays_within_its_stated_error(town: str, bandwidth_m: float) -> None:
    grid = grid_of(town, 15)
    mass = incidents(grid, layers=1, count=1000, seed=1)

    share = kernel_share(grid, mass, bandwidth_m, PARAMETERS)
    exact_share = kernel_share_pairwise(grid, mass, bandwidth_m, PARAMETERS)
    near = kernel_sum(grid, mass, bandwidth_m, PARAMETERS)
    exact_near = kernel_sum_pairwise(grid, mass, bandwidth_m, PARAMETERS)

    assert np.abs(share - exact_share).sum() / 2 < 0.0005 * mass.sum()
    assert np.abs(near - exact_near).sum() < 0.0015 * exact_near.sum()
    assert np.abs(share - exact_share).max() < 0.006 * exact_share.max()
    assert np.abs(near - exact_near).max() < 0.006 * exact_near.max()


@pytest.mark.parametrize("town", TOWNS)
def test_pairs_follow_the_definition(town: str) -> None:
    grid = grid_of(town, 2)
    mass = incidents(grid, layers=1, count=30, seed=2)[0]

    share = kernel_share_pairwise(grid, mass, 200, PARAMETERS)

    assert np.allclose(share, slow_share(grid, mass, 200), rtol=1e-12, atol=1e-15)


def test_sum_near_one_incident_is_the_gaussian_of_the_distance() -> None:
    grid = grid_of("Oral", 2)
    source = int(np.argmin(np.hypot(grid.x - grid.x.mean(), grid.y - grid.y.mean())))
    mass = np.zeros(len(grid.cells))
    mass[source] = 3

    near = kernel_sum_pairwise(grid, mass, 100, PARAMETERS)

    # A cell here has 16 590 m², so the next centre is √(2 · 16 590 / √3) = 138.4 m away:
    # 3 · exp(−138.4² / (2 · 100²)) = 3 · .384 = 1.15.
    assert near[source] == 3
    assert near[grid.neighbours[source]] == pytest.approx(1.15, abs=0.05)


@pytest.mark.parametrize("bandwidth_m", [30, 100, 800])
def test_the_whole_mass_stays_inside_the_study_area(bandwidth_m: float) -> None:
    grid = grid_of("Almaty", 15)
    mass = incidents(grid, layers=3, count=500, seed=3) * np.array([[1.0], [1e-6], [1e4]])
    mass[1] = 0

    share = kernel_share(grid, mass, bandwidth_m, PARAMETERS)

    assert np.abs(share.sum(axis=1) - mass.sum(axis=1)).max() <= 1e-9 * mass.sum()
    assert (share >= 0).all()
    assert (share[1] == 0).all()


def test_nothing_is_spread_beyond_the_cut() -> None:
    grid = grid_of("Almaty", 15)
    source = len(grid.cells) // 2
    mass = np.zeros(len(grid.cells))
    mass[source] = 1

    share = kernel_share(grid, mass, 200, PARAMETERS)
    reached = np.hypot(grid.x - grid.x[source], grid.y - grid.y[source])[share > 0]

    assert reached.max() < 1.01 * kernel_cut_m(grid, 200, PARAMETERS)
    assert share[source] == share.max()


def test_each_layer_is_worked_on_alone() -> None:
    grid = grid_of("Oral", 15)
    mass = incidents(grid, layers=4, count=200, seed=4)

    together = kernel_share(grid, mass.reshape(2, 2, -1), 400, PARAMETERS)
    alone = [kernel_share(grid, layer, 400, PARAMETERS) for layer in mass]

    assert together.shape == (2, 2, len(grid.cells))
    assert np.allclose(together.reshape(4, -1), alone, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(
    ("bandwidth_m", "expected"),
    # A full cell here has 16 590 m²: 1.02 · √16 590 = 131.4 m.
    [(10, 131.4), (43, 131.4), (44, 132), (800, 2400)],
)
def test_cut_is_the_widest_of_three(bandwidth_m: float, expected: float) -> None:
    assert kernel_cut_m(grid_of("Oral", 2), bandwidth_m, PARAMETERS) == pytest.approx(
        expected, abs=0.1
    )


def test_cut_never_falls_below_its_floor() -> None:
    grid = grid_of("Oral", 0.5, resolution=11)

    assert kernel_cut_m(grid, 10, PARAMETERS) == 120


def test_grid_across_a_face_edge_uses_pairs() -> None:
    pentagons = sorted(h3.get_pentagons(0))
    first = h3.cell_to_latlng(pentagons[0])
    second = min(
        (h3.cell_to_latlng(cell) for cell in pentagons[1:]),
        key=lambda other: h3.great_circle_distance(first, other, "km"),
    )
    phi, theta = np.radians([first, second]).T
    x, y, z = np.cos(phi) * np.cos(theta), np.cos(phi) * np.sin(theta), np.sin(phi)
    lat = float(np.degrees(np.arctan2(z.sum(), np.hypot(x.sum(), y.sum()))))
    lng = float(np.degrees(np.arctan2(y.sum(), x.sum())))
    box = shapely.box(lng - 0.05, lat - 0.04, lng + 0.05, lat + 0.04)
    grid = build_cell_grid(build_study_area("edge", box, time_zone="UTC"), 9)
    mass = incidents(grid, layers=1, count=40, seed=5)[0]

    share = kernel_share(grid, mass, 400, PARAMETERS)

    assert grid.lattice is None
    assert np.allclose(share, slow_share(grid, mass, 400), rtol=1e-12, atol=1e-15)


@settings(max_examples=20, deadline=None)
@given(cell=st.integers(0, 1500), more=st.floats(0.01, 1000), seed=st.integers(0, 99))
def test_more_incidents_never_lower_any_cell(cell: int, more: float, seed: int) -> None:
    grid = grid_of("Oral", 3)
    mass = incidents(grid, layers=1, count=20, seed=seed)[0]
    added = mass.copy()
    added[cell] += more

    before = kernel_share(grid, mass, 200, PARAMETERS)
    after = kernel_share(grid, added, 200, PARAMETERS)

    assert (after >= before - 1e-12 * added.sum()).all()
    assert after[cell] > before[cell]


@pytest.mark.parametrize("half_km", [0.8, 4])  # a sum over pairs, and a lattice
@pytest.mark.parametrize("bandwidth_m", [100, 800])
def test_pairs_give_the_targets_what_the_kernel_shares_out(half_km, bandwidth_m) -> None:
    grid = grid_of("Almaty", half_km)
    mass = incidents(grid, layers=2, count=60, seed=6)
    sources = np.flatnonzero(mass.any(axis=0))
    targets = np.arange(3, len(grid.cells), 7)

    pairs = kernel_pairs(grid, targets, sources, bandwidth_m, PARAMETERS)

    share = kernel_share(grid, mass, bandwidth_m, PARAMETERS)
    given = (pairs @ mass[:, sources].T).T
    # A Fourier transform leaves 2^−46 of the largest value uncertain.
    np.testing.assert_allclose(given, share[:, targets], atol=1e-12 * share.max(), rtol=1e-9)
    whole = kernel_pairs(grid, np.arange(len(grid.cells)), sources, bandwidth_m, PARAMETERS)
    np.testing.assert_allclose(whole.sum(axis=0), 1, rtol=1e-12)


def test_pairs_of_no_place_are_empty() -> None:
    grid, none = grid_of("Almaty", 4), np.zeros(0, np.int64)

    assert kernel_pairs(grid, np.array([1, 2]), none, 200, PARAMETERS).shape == (2, 0)
    assert kernel_pairs(grid, none, np.array([1]), 200, PARAMETERS).shape == (0, 1)
