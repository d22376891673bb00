import h3.api.basic_int as h3
import numpy as np
import pytest
import shapely

from geo.cells import (
    build_cell_grid,
    cell_boundaries,
    cell_centres,
    cell_counts,
    cell_parents,
    cell_polygons,
    cells_in_area,
    format_cell,
    format_cells,
    latlng_to_cells,
    parse_cell,
)
from geo.cells.calibration import lattice_of_points
from geo.cells.outlines import adjacent_cells
from geo.errors import InputRefusedError, UsageError
from geo.study_area import StudyArea, build_study_area

TOWNS = {"Oral": (51.23, 51.37), "Almaty": (43.24, 76.91), "Portland": (45.52, -122.68)}
KAZAKHSTAN = ((40.6, 55.4), (46.5, 87.3))


def near(town: str, count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    lat, lng = TOWNS[town]
    return lat + rng.uniform(-0.2, 0.2, count), lng + rng.uniform(-0.2, 0.2, count)


def in_kazakhstan(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.uniform(*KAZAKHSTAN[0], count), rng.uniform(*KAZAKHSTAN[1], count)


def asked_of_h3(lat: np.ndarray, lng: np.ndarray, resolution: int) -> np.ndarray:
    points = zip(lat.tolist(), lng.tolist(), strict=True)
    return np.array([h3.latlng_to_cell(*point, resolution) for point in points], np.int64)


def face_edge() -> tuple[float, float]:
    """Find a point where two faces meet: halfway between two neighbouring pentagons."""
    first, *others = [np.array(h3.cell_to_latlng(cell)) for cell in sorted(h3.get_pentagons(0))]
    near_first = min(others, key=lambda other: h3.great_circle_distance(first, other, "km"))
    phi, theta = np.radians([first, near_first]).T
    x, y, z = (np.cos(phi) * np.cos(theta), np.cos(phi) * np.sin(theta), np.sin(phi))
    lat = np.degrees(np.arctan2(z.sum(), np.hypot(x.sum(), y.sum())))
    return float(lat), float(np.degrees(np.arctan2(y.sum(), x.sum())))


def study_area(lat: float, lng: float, half_lat: float, half_lng: float) -> StudyArea:
    box = shapely.box(lng - half_lng, lat - half_lat, lng + half_lng, lat + half_lat)
    return build_study_area("a box", box, time_zone="Asia/Oral")


@pytest.mark.parametrize("town", TOWNS)
@pytest.mark.parametrize("resolution", range(8, 14))
def test_no_point_of_a_town_differs_from_h3(town: str, resolution: int) -> None:
    lat, lng = near(town, 20_000, seed=resolution)

    assert lattice_of_points(lat, lng, resolution) is not None
    assert np.array_equal(latlng_to_cells(lat, lng, resolution), asked_of_h3(lat, lng, resolution))


@pytest.mark.full
@pytest.mark.parametrize("town", TOWNS)
@pytest.mark.parametrize("resolution", range(8, 14))
def test_none_of_a_million_points_of_a_town_differs_from_h3(town: str, resolution: int) -> None:
    lat, lng = near(town, 1_000_000, seed=100 + resolution)

    found = latlng_to_cells(lat, lng, resolution)

    assert int((found != asked_of_h3(lat, lng, resolution)).sum()) == 0


@pytest.mark.parametrize("resolution", [8, 9])
def test_no_point_of_kazakhstan_differs_from_h3(resolution: int) -> None:
    lat, lng = in_kazakhstan(20_000, seed=resolution)

    assert lattice_of_points(lat, lng, resolution) is not None
    assert np.array_equal(latlng_to_cells(lat, lng, resolution), asked_of_h3(lat, lng, resolution))


@pytest.mark.full
@pytest.mark.parametrize("resolution", [8, 9])
def test_none_of_a_million_points_of_kazakhstan_differs_from_h3(resolution: int) -> None:
    lat, lng = in_kazakhstan(1_000_000, seed=100 + resolution)

    found = latlng_to_cells(lat, lng, resolution)

    assert int((found != asked_of_h3(lat, lng, resolution)).sum()) == 0


@pytest.mark.parametrize("resolution", [3, 8, 10])
def test_an_area_across_a_face_edge_falls_back_and_agrees(resolution: int) -> None:
    rng = np.random.default_rng(3)
    middle_lat, middle_lng = face_edge()
    lat = middle_lat + rng.uniform(-0.2, 0.2, 3000)
    lng = middle_lng + rng.uniform(-0.2, 0.2, 3000)

    assert lattice_of_points(lat, lng, resolution) is None
    assert np.array_equal(latlng_to_cells(lat, lng, resolution), asked_of_h3(lat, lng, resolution))


def test_points_all_over_the_globe_agree_with_h3() -> None:
    rng = np.random.default_rng(4)
    lat, lng = rng.uniform(-90, 90, 2000), rng.uniform(-180, 180, 2000)
    lat[:2], lng[:4] = (90, -90), (0, 0, 180, -180)

    assert np.array_equal(latlng_to_cells(lat, lng, 9), asked_of_h3(lat, lng, 9))


def test_counts_are_those_of_the_single_points() -> None:
    lat, lng = near("Oral", 5000, seed=1)
    cells, expected = np.unique(asked_of_h3(lat, lng, 8), return_counts=True)

    found, counts = cell_counts(lat, lng, 8)

    assert np.array_equal(found, cells)
    assert np.array_equal(counts, expected)


def test_no_points_have_no_cells() -> None:
    assert len(latlng_to_cells([], [], 10)) == 0
    assert [len(part) for part in cell_counts([], [], 10)] == [0, 0]


@pytest.mark.bad_input("B01")
@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
@pytest.mark.parametrize("axis", [0, 1])
def test_coordinate_that_is_no_number_is_refused(value: float, axis: int) -> None:
    point = [np.array([51.2, 51.2]), np.array([51.3, 51.3])]
    point[axis][1] = value

    with pytest.raises(InputRefusedError, match="rows 1") as caught:
        latlng_to_cells(*point, 10)

    assert caught.value.code == "coord_not_finite"


@pytest.mark.bad_input("B02")
@pytest.mark.parametrize(
    ("lat", "lng"),
    [(91, 51), (-90.001, 51), (51, 180.5), (51, 541), (1e308, 51), (512300000, 513700000)],
)
def test_coordinate_out_of_range_is_refused_before_h3_answers(lat: float, lng: float) -> None:
    with pytest.raises(InputRefusedError) as caught:
        latlng_to_cells([51.2, lat], [51.3, lng], 10)

    assert caught.value.code == "coord_out_of_range"


@pytest.mark.parametrize("resolution", [-1, 16, 10.5, 10.0, True, "10"])
def test_resolution_that_h3_would_bend_is_refused(resolution: object) -> None:
    with pytest.raises(UsageError) as caught:
        latlng_to_cells([51.2], [51.3], resolution)  # type: ignore[arg-type]

    assert caught.value.code == "resolution_invalid"


def test_cell_text_survives_the_way_out_and_back() -> None:
    cells = latlng_to_cells(*near("Almaty", 50, seed=2), 10)

    assert [parse_cell(text) for text in format_cells(cells)] == cells.tolist()
    assert format_cell(cells[0]) == h3.int_to_str(int(cells[0]))
    assert parse_cell(format_cell(cells[0]), resolution=10) == cells[0]


CELL = h3.int_to_str(h3.latlng_to_cell(51.23, 51.37, 10))


@pytest.mark.bad_input("B15")
@pytest.mark.parametrize(
    "text",
    [
        CELL.upper(), "0x" + CELL, "0" + CELL, " " + CELL, CELL + "\n", CELL[:-1], "", "zzz",
        "123456789abcdef", "f" * 15, "8a118c3b6b0７fff", h3.int_to_str(min(h3.get_pentagons(10))),
        None, 622236750694711295,
    ],
)  # fmt: skip
def test_any_other_spelling_of_a_cell_is_refused(text: object) -> None:
    with pytest.raises(UsageError) as caught:
        parse_cell(text)  # type: ignore[arg-type]

    assert caught.value.code == "cell_invalid"


@pytest.mark.bad_input("B15")
def test_cell_of_another_resolution_is_refused() -> None:
    with pytest.raises(UsageError, match="resolution 10, not 9"):
        parse_cell(CELL, resolution=9)


@pytest.mark.parametrize("resolution", [7, 10])
def test_boundaries_and_centres_are_those_of_h3(resolution: int) -> None:
    cells = latlng_to_cells(*near("Almaty", 300, seed=3), resolution)
    expected = np.array([h3.cell_to_boundary(cell) for cell in cells.tolist()])[:, :, ::-1]

    assert np.abs(cell_boundaries(cells) - expected).max() < 1e-9
    assert np.allclose(
        np.column_stack(cell_centres(cells)), [h3.cell_to_latlng(int(c)) for c in cells], atol=1e-12
    )


@pytest.mark.parametrize("resolution", [7, 8])
def test_cells_on_a_face_edge_keep_six_corners(resolution: int) -> None:
    cells = np.array(sorted(h3.grid_disk(h3.latlng_to_cell(*face_edge(), resolution), 5)))
    outlines = [np.array(h3.cell_to_boundary(cell))[:, ::-1] for cell in cells.tolist()]

    corners = cell_boundaries(cells)

    # At odd resolutions H3 bends the sides of a cell on the edge with further points.
    assert max(len(outline) for outline in outlines) == (8 if resolution == 7 else 6)
    for found, outline in zip(corners, outlines, strict=True):
        gaps = np.abs(found[:, None] - outline[None]).max(axis=2).min(axis=1)
        assert gaps.max() < 1e-9
    assert [polygon.area for polygon in cell_polygons(cells)] == pytest.approx(
        [shapely.Polygon(outline).area for outline in outlines], rel=1e-9
    )


def test_pentagon_has_no_six_corners_but_a_polygon() -> None:
    pentagon = [min(h3.get_pentagons(9))]

    with pytest.raises(UsageError):
        cell_boundaries(pentagon)
    assert cell_polygons(pentagon)[0].area > 0


def test_cells_of_two_resolutions_keep_their_own_outlines() -> None:
    cells = [h3.latlng_to_cell(51.23, 51.37, 9), h3.latlng_to_cell(51.23, 51.37, 10)]
    expected = [np.array(h3.cell_to_boundary(cell))[:, ::-1] for cell in cells]

    assert np.abs(cell_boundaries(cells) - expected).max() < 1e-9


def test_parent_holds_its_cell() -> None:
    cells = latlng_to_cells(*near("Oral", 200, seed=4), 10)

    expected = [h3.cell_to_parent(cell, 8) for cell in cells.tolist()]

    assert cell_parents(cells, 8).tolist() == expected
    assert len(cell_parents([], 8)) == 0


@pytest.mark.parametrize("resolution", range(10))
def test_parents_of_cells_all_over_the_globe_are_those_of_h3(resolution: int) -> None:
    random = np.random.default_rng(5)
    points = zip(random.uniform(-90, 90, 200), random.uniform(-180, 180, 200), strict=True)
    cells = [h3.latlng_to_cell(*point, 9) for point in points]
    cells += [h3.cell_to_center_child(cell, 9) for cell in h3.get_pentagons(4)]
    cells += h3.cell_to_children(h3.cell_to_parent(cells[0], 7), 9) + cells[:3]

    expected = [h3.cell_to_parent(cell, resolution) for cell in cells]

    assert cell_parents(cells, resolution).tolist() == expected


def test_cells_in_area_are_all_that_overlap_it() -> None:
    area = shapely.Point(51.37, 51.23).buffer(0.03)
    disk = h3.grid_disk(h3.latlng_to_cell(51.23, 51.37, 9), 25)
    touching = [
        cell
        for cell in disk
        if area.intersects(shapely.Polygon(np.array(h3.cell_to_boundary(cell))[:, ::-1]))
    ]

    assert cells_in_area(area, 9).tolist() == sorted(touching)


def test_area_of_too_many_cells_is_refused() -> None:
    with pytest.raises(UsageError) as caught:
        cells_in_area(shapely.box(46.5, 40.6, 87.3, 55.4), 10)

    assert caught.value.code == "too_complex"


def exact_area_m2(area: StudyArea) -> float:
    fine = shapely.segmentize(area.boundary, 0.0005)
    x, y = area.to_metric(*shapely.get_coordinates(fine)[:, ::-1].T)
    return float(shapely.set_coordinates(fine, np.column_stack([x, y])).area)


@pytest.mark.parametrize("town", TOWNS)
def test_cells_of_a_grid_cover_the_study_area_once(town: str) -> None:
    area = study_area(*TOWNS[town], 0.05, 0.08)
    grid = build_cell_grid(area, 10)

    assert grid.area_m2.sum() == pytest.approx(exact_area_m2(area), rel=1e-6)
    assert (grid.area_m2 > 1).all()
    assert np.array_equal(grid.cells, np.sort(grid.cells))


def test_grid_of_an_area_with_a_hole_leaves_the_hole_out() -> None:
    whole = study_area(51.23, 51.37, 0.05, 0.08)
    hole = shapely.box(51.33, 51.21, 51.40, 51.25)
    area = build_study_area(
        "with a hole", shapely.difference(whole.boundary, hole), time_zone="Asia/Oral"
    )
    grid = build_cell_grid(area, 10)

    assert grid.area_m2.sum() == pytest.approx(exact_area_m2(area), rel=1e-6)
    assert grid.locate([51.23, 51.19], [51.365, 51.30]).tolist() == [
        -1,
        grid.positions(latlng_to_cells([51.19], [51.30], 10))[0],
    ]


@pytest.fixture(scope="module")
def oral():
    return build_cell_grid(study_area(51.23, 51.37, 0.04, 0.06), 10)


def test_points_find_their_position_and_points_outside_none(oral) -> None:
    rng = np.random.default_rng(11)
    lat = np.append(51.23 + rng.uniform(-0.08, 0.08, 4000), [-51.23, 0.0, 90.0, 51.23])
    lng = np.append(51.37 + rng.uniform(-0.12, 0.12, 4000), [-128.63, 0.0, 0.0, -128.63])

    expected = oral.positions(asked_of_h3(lat, lng, 10))

    assert np.array_equal(oral.locate(lat, lng), expected)
    assert (expected >= 0).any()
    assert expected[-4:].tolist() == [-1, -1, -1, -1]


def test_neighbours_are_those_of_h3(oral) -> None:
    expected = np.sort(oral.positions(adjacent_cells(oral.cells).ravel()).reshape(-1, 6), axis=1)

    assert np.array_equal(np.sort(oral.neighbours, axis=1), expected)
    assert (expected == -1).any()


def test_dense_window_gives_back_what_was_laid_in(oral) -> None:
    values = np.arange(2 * len(oral.cells), dtype=float).reshape(2, -1) + 1

    window = oral.dense(values)

    assert window.shape == (2, *oral.shape)
    assert window.sum() == values.sum()
    assert np.array_equal(oral.sparse(window), values)


@pytest.mark.parametrize("resolution", [8, 9])
def test_grid_across_a_face_edge_has_everything_but_the_dense_window(resolution: int) -> None:
    middle = face_edge()
    area = study_area(*middle, 0.04, 0.04)
    grid = build_cell_grid(area, resolution)
    rng = np.random.default_rng(12)
    lat, lng = middle[0] + rng.uniform(-0.06, 0.06, 500), middle[1] + rng.uniform(-0.06, 0.06, 500)

    assert grid.lattice is None
    assert grid.area_m2.sum() == pytest.approx(exact_area_m2(area), rel=1e-4)
    assert np.array_equal(grid.locate(lat, lng), grid.positions(asked_of_h3(lat, lng, resolution)))
    assert grid.neighbours.shape == (len(grid.cells), 6)
    inner = np.flatnonzero((grid.neighbours >= 0).all(axis=1))
    assert set(grid.cells[grid.neighbours[inner[0]]]) == set(
        h3.grid_ring(int(grid.cells[inner[0]]), 1)
    )
    with pytest.raises(UsageError):
        grid.dense(grid.area_m2)
