"""Squares of the study area's plane: what is where must follow from x and y alone."""

import h3.api.basic_int as h3
import numpy as np
import pytest
import shapely

from geo.cells import CellGrid, SquareGrid, build_grid, build_square_grid, parse_grid
from geo.errors import InputRefusedError, UsageError
from geo.hazard.kernels import kernel_share, kernel_share_pairwise, kernel_sum, kernel_sum_pairwise
from geo.parameters import HazardParameters
from geo.study_area import StudyArea, build_study_area

PARAMETERS = HazardParameters()


def plane_area(*corners: tuple[float, float]) -> StudyArea:
    """A study area in Oral whose corners are metres east and north of (500 000, 5 675 000)."""
    plane = build_study_area("p", shapely.box(51, 51, 51.1, 51.1), time_zone="Asia/Oral",
                             metric_crs="EPSG:32639")  # fmt: skip
    metres = np.array(corners) + (500_000, 5_675_000)
    lat, lon = plane.to_degrees(metres[:, 0], metres[:, 1])
    ring = shapely.Polygon(np.column_stack([lon, lat]))
    return build_study_area("p", ring, time_zone="Asia/Oral", metric_crs="EPSG:32639")


def at(area: StudyArea, east: float, north: float) -> tuple[np.ndarray, np.ndarray]:
    return area.to_degrees([500_000 + east], [5_675_000 + north])


def ell() -> StudyArea:
    """250 m × 300 m less its upper right 150 m × 100 m: 60 000 m²."""
    return plane_area((0, 0), (250, 0), (250, 200), (100, 200), (100, 300), (0, 300))


def town(side_m: float = 100) -> SquareGrid:
    return build_square_grid(plane_area((30, 10), (4210, 60), (4000, 3955), (0, 3500)), side_m)


def test_each_square_holds_what_is_inside_the_area() -> None:
    grid = build_square_grid(ell(), 100)

    # rows from the south: two whole and one half square, the same again, then one whole square
    assert list(zip(grid.row, grid.col, strict=True)) == [
        (0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (2, 0)
    ]  # fmt: skip
    expected = [10_000, 10_000, 5_000, 10_000, 10_000, 5_000, 10_000]
    assert grid.area_m2 == pytest.approx(expected, abs=0.01)
    assert grid.shape == (3, 3)
    assert grid.x.tolist() == [500_050, 500_150, 500_250] * 2 + [500_050]
    assert grid.y.tolist() == [5_675_050] * 3 + [5_675_150] * 3 + [5_675_250]


@pytest.mark.parametrize("side_m", [30, 76.2, 250])
def test_areas_sum_to_the_study_area(side_m: float) -> None:
    grid = town(side_m)

    assert grid.area_m2.sum() == pytest.approx(grid.area.area_m2, rel=1e-6)
    assert (grid.area_m2 > 1).all()
    assert np.median(grid.area_m2) == side_m**2  # whole squares are all alike, bit for bit


def test_a_sliver_of_one_square_metre_is_left_out() -> None:
    inside = build_square_grid(plane_area((0, 0), (100.02, 0), (100.02, 100), (0, 100)), 100)
    sliver = build_square_grid(plane_area((0, 0), (100.005, 0), (100.005, 100), (0, 100)), 100)

    # 0.02 m × 100 m = 2 m² stay, 0.005 m × 100 m = 0.5 m² do not
    assert len(inside.cells) == 2
    assert len(sliver.cells) == 1


def test_points_are_counted_in_the_square_of_their_floor() -> None:
    grid = town(76.2)
    rng = np.random.default_rng(1)
    x, y = 499_700 + rng.uniform(0, 5000, 3000), 5_674_800 + rng.uniform(0, 4500, 3000)
    lat, lon = grid.area.to_degrees(x, y)

    found = grid.locate(lat, lon)

    centres = {
        (int(cx // 76.2), int(cy // 76.2)): n
        for n, (cx, cy) in enumerate(zip(grid.x, grid.y, strict=True))
    }
    expected = [
        centres.get((int(a // 76.2), int(b // 76.2)), -1) for a, b in zip(x, y, strict=True)
    ]
    assert found.tolist() == expected
    assert 500 < (found < 0).sum() < 2500


@pytest.mark.parametrize(
    ("east", "north", "expected"),
    [(99.99, 50, 0), (100.01, 50, 1), (50, 99.99, 0), (50, 100.01, 3), (260, 50, 2), (310, 50, -1),
     (150, 250, -1), (-0.01, 50, -1)],
)  # fmt: skip
def test_a_point_beside_a_side_falls_into_its_own_square(east, north, expected) -> None:
    grid = build_square_grid(ell(), 100)

    assert grid.locate(*at(grid.area, east, north)).tolist() == [expected]


def test_points_on_the_far_side_of_the_globe_lie_in_no_square() -> None:
    grid = build_square_grid(ell(), 100)
    lat, lon = at(grid.area, 50, 50)

    far = grid.locate([lat[0], -lat[0], lat[0], 90, -90], [lon[0], lon[0] - 180, -lon[0], 0, 0])

    assert far.tolist() == [0, -1, -1, -1, -1]


@pytest.mark.bad_input("B01")
def test_coordinate_that_is_no_number_is_refused_by_squares() -> None:
    with pytest.raises(InputRefusedError) as caught:
        build_square_grid(ell(), 100).locate([np.nan], [51.0])

    assert caught.value.code == "coord_not_finite"


def test_ids_are_sorted_and_are_no_h3_cells_and_do_not_depend_on_the_area() -> None:
    grid, part = town(), build_square_grid(plane_area((500, 500), (900, 500), (700, 900)), 100)

    assert np.array_equal(grid.cells, np.unique(grid.cells))
    assert np.array_equal(grid.positions(grid.cells), np.arange(len(grid.cells)))
    assert grid.positions([grid.cells[0] - 1, 0]).tolist() == [-1, -1]
    assert not any(h3.is_valid_cell(cell) for cell in grid.cells.tolist())
    shared = grid.positions(part.cells)
    assert (shared >= 0).all()
    assert np.array_equal(grid.x[shared], part.x)


def test_neighbours_share_a_side_or_a_corner() -> None:
    grid = build_square_grid(ell(), 100)

    near = [sorted(row[row >= 0].tolist()) for row in grid.neighbours]

    assert near[0] == [1, 3, 4]
    assert near[4] == [0, 1, 2, 3, 5, 6]
    assert near[6] == [3, 4]


def test_coarser_cell_is_that_of_the_centre() -> None:
    grid = town(250)
    expected = [h3.latlng_to_cell(lat, lng, 8) for lat, lng in zip(grid.lat, grid.lng, strict=True)]

    assert grid.coarser(8).tolist() == expected


def test_coarser_cell_of_a_hexagon_is_its_parent_or_itself() -> None:
    grid = build_grid(town().area, parse_grid("h3:9"))

    assert grid.coarser(8).tolist() == [h3.cell_to_parent(cell, 8) for cell in grid.cells.tolist()]
    assert np.array_equal(grid.coarser(9), grid.cells)
    assert np.array_equal(grid.coarser(10), grid.cells)


def test_dense_window_of_squares_gives_back_what_was_laid_in() -> None:
    grid = town()
    values = np.arange(2.0 * len(grid.cells)).reshape(2, -1) + 1

    assert np.array_equal(grid.sparse(grid.dense(values)), values)
    assert grid.dense(values).sum() == values.sum()


@pytest.mark.parametrize("bandwidth_m", [60, 200, 800])
def test_kernels_on_squares_are_those_of_the_pairs(bandwidth_m: float) -> None:
    grid = town(90)
    rng = np.random.default_rng(2)
    mass = np.bincount(rng.integers(0, len(grid.cells), 40), minlength=len(grid.cells)) * 1.0

    share = kernel_share(grid, mass, bandwidth_m, PARAMETERS)
    near = kernel_sum(grid, mass, bandwidth_m, PARAMETERS)

    assert len(grid.cells) > 500  # enough that the convolution is used
    exact = kernel_share_pairwise(grid, mass, bandwidth_m, PARAMETERS)
    assert np.abs(share - exact).max() < 1e-9 * exact.max()
    exact = kernel_sum_pairwise(grid, mass, bandwidth_m, PARAMETERS)
    assert np.abs(near - exact).max() < 1e-9 * exact.max()


@pytest.mark.parametrize(
    ("text", "resolution", "side_m"),
    [("h3:7", 7, None), ("h3:11", 11, None), ("square:250ft", None, 76.2),
     ("square:100m", None, 100), ("square:12.5m", None, 12.5)],
)  # fmt: skip
def test_grid_names(text, resolution, side_m) -> None:
    name = parse_grid(text)

    assert (name.text, name.resolution, name.side_m) == (text, resolution, side_m)


@pytest.mark.parametrize(
    "text",
    ["", "h3", "h3:6", "h3:12", "h3:010", "h3: 10", "H3:10", "square:250", "square:9m",
     "square:-100m", "square:0.5m", "square:11km", "square:10001m",
     "square:1e3m", "square:nanm", "square:٣٠٠m", "square:100m\n"],
)  # fmt: skip
def test_a_name_that_cannot_be_meant_is_refused(text) -> None:
    with pytest.raises(UsageError, match="square:100m") as caught:
        parse_grid(text)

    assert caught.value.code == "grid_invalid"


def test_named_grids_are_built() -> None:
    assert isinstance(build_grid(town().area, parse_grid("h3:10")), CellGrid)
    built = build_grid(town().area, parse_grid("square:250ft"))
    assert isinstance(built, SquareGrid)
    assert built.side_m == 76.2


@pytest.mark.parametrize("side_m", [0, -1, 0.5, float("nan"), float("inf")])
def test_a_side_that_cannot_be_meant_is_refused(side_m: float) -> None:
    with pytest.raises(UsageError) as caught:
        build_square_grid(ell(), side_m)

    assert caught.value.code == "grid_invalid"


def test_too_many_squares_are_refused_before_they_are_made() -> None:
    wide = build_study_area("wide", shapely.box(50, 50, 52, 52), time_zone="Asia/Oral")

    with pytest.raises(UsageError) as caught:
        build_square_grid(wide, 10)

    assert caught.value.code == "too_complex"
