import h3.api.basic_int as h3
import numpy as np
import pytest

from geo.cells.calibration import lattice_of_box
from geo.icosahedron import build_icosahedron, unit_vectors
from geo.lattice import Lattice, fit_lattice, number_places

# A lattice small enough to follow by hand: B = 1 turns the direction (1, i, j) into itself, so
# the cell of a point with tangents i east and j north of (0, 0) is found by rounding alone.
PLAIN = Lattice(resolution=0, matrix=np.eye(3), residual=0.0)


def degrees_of(i: float, j: float) -> tuple[float, float]:
    return float(np.degrees(np.arctan2(j, np.hypot(1, i)))), float(np.degrees(np.arctan2(i, 1)))


@pytest.mark.parametrize(
    ("i", "j", "cell"),
    [
        (0.0, 0.0, (0, 0)),
        (3.0, -2.0, (3, -2)),
        # The side towards (1, 0) is where 2i − j = 1.
        (0.49, 0.0, (0, 0)),
        (0.51, 0.0, (1, 0)),
        # The side towards (1, 1) is where i + j = 1; rounding i and j alone would say (0, 0).
        (0.49, 0.49, (0, 0)),
        (0.51, 0.51, (1, 1)),
        # The side towards (0, −1) is where 2j − i = −1.
        (0.0, -0.49, (0, 0)),
        (0.0, -0.51, (0, -1)),
        # On axes 120° apart the squared length is i² + j² − ij. From (−0.42, 0.40) to (0, 0):
        # .1764 + .16 + .168 = .504; to (−1, 0): .3364 + .16 − .232 = .264; to (0, 1):
        # .1764 + .36 − .252 = .284.
        (-0.42, 0.40, (-1, 0)),
        (-0.40, 0.42, (0, 1)),
    ],
)
def test_point_belongs_to_the_nearest_centre(i: float, j: float, cell: tuple[int, int]) -> None:
    found = PLAIN.locate(*degrees_of(i, j))

    assert (int(found[0][0]), int(found[1][0])) == cell


def test_nearest_centre_agrees_with_a_search_over_all_centres() -> None:
    rng = np.random.default_rng(5)
    i, j = rng.uniform(-3, 3, (2, 5000))
    lat, lng = np.array([degrees_of(a, b) for a, b in zip(i, j, strict=True)]).T
    grid = np.array([(a, b) for a in range(-5, 6) for b in range(-5, 6)])
    di, dj = i[:, None] - grid[:, 0], j[:, None] - grid[:, 1]
    nearest = grid[np.argmin(di**2 + dj**2 - di * dj, axis=1)]

    found = np.column_stack(PLAIN.locate(lat, lng))

    assert np.array_equal(found, nearest)


def test_blocks_do_not_show() -> None:
    rng = np.random.default_rng(6)
    lat, lng = rng.uniform(-20, 20, (2, 20_000))

    whole = np.column_stack(PLAIN.locate(lat, lng))
    parts = [np.column_stack(PLAIN.locate(lat[k : k + 777], lng[k : k + 777])) for k in
             range(0, 20_000, 777)]  # fmt: skip

    assert np.array_equal(whole, np.concatenate(parts))


def test_shared_corner_is_the_same_number_in_both_cells() -> None:
    lattice = lattice_of_box((51.0, 51.4), (51.1, 51.6), 10)
    assert lattice is not None
    i, j = lattice.locate([51.23], [51.37])

    own = {tuple(corner) for corner in lattice.corners(i, j)[0]}
    next_door = {tuple(corner) for corner in lattice.corners(i + 1, j)[0]}

    assert len(own & next_door) == 2


def test_corners_run_counter_clockwise_and_match_h3() -> None:
    lattice = lattice_of_box((43.0, 43.4), (76.7, 77.1), 9)
    assert lattice is not None
    ring = lattice.corners(*lattice.locate([43.24], [76.91]))[0]

    cell = h3.latlng_to_cell(43.24, 76.91, 9)
    expected = np.array(h3.cell_to_boundary(cell))[:, ::-1]
    x, y = ring.T
    area = (x * np.roll(y, -1) - np.roll(x, -1) * y).sum() / 2

    assert area > 0
    assert np.abs(ring - expected).max() < 1e-9


def test_fit_recovers_a_known_matrix_and_reports_a_lattice_that_bends() -> None:
    rng = np.random.default_rng(7)
    matrix = np.array([[0.9, 0.1, 0.2], [300.0, 5000.0, 40.0], [-20.0, 900.0, 4000.0]])
    vectors = unit_vectors(rng.uniform(-5, 15, 40), rng.uniform(-10, 10, 40))
    w, iw, jw = matrix @ vectors.T

    fitted = fit_lattice(9, vectors, iw / w, jw / w)
    bent = fit_lattice(9, vectors, iw / w + rng.uniform(-1, 1, 40), jw / w)

    assert np.abs(fitted.matrix / fitted.matrix[0, 0] - matrix / 0.9).max() < 1e-6
    assert fitted.residual < 1e-8
    assert bent.residual > 0.1


def test_places_of_a_box_hold_every_cell_that_touches_it() -> None:
    box = (42.9, 43.5), (76.5, 77.4)
    lattice = lattice_of_box(*box, 8)
    assert lattice is not None
    rng = np.random.default_rng(8)
    i, j = lattice.locate(rng.uniform(*box[0], 50_000), rng.uniform(*box[1], 50_000))

    inside = set(zip(*(axis.tolist() for axis in lattice.places_of_box(*box)), strict=True))

    assert set(zip(i.tolist(), j.tolist(), strict=True)) <= inside


def test_faces_are_twenty_and_the_box_check_is_exact() -> None:
    corners = np.array([h3.cell_to_latlng(cell) for cell in sorted(h3.get_pentagons(0))])
    faces = build_icosahedron(corners[:, 0], corners[:, 1])
    rng = np.random.default_rng(9)

    assert len(faces.sides) == 20
    for _ in range(300):
        lat = np.sort(rng.uniform(-89, 89) + np.array([0, rng.uniform(0, 15)])).clip(-90, 90)
        lng = np.sort(rng.uniform(-179, 140) + np.array([0, rng.uniform(0, 30)]))
        steps = np.linspace(0, 1, 41)
        grid = np.meshgrid(lat[0] + steps * np.ptp(lat), lng[0] + steps * np.ptp(lng))
        points = unit_vectors(grid[0].ravel(), grid[1].ravel())
        holds = (points @ np.swapaxes(faces.sides, 1, 2) > 0).all(axis=(1, 2))
        found = faces.face_of_box((lat[0], lat[1]), (lng[0], lng[1]), margin=0.0)
        # The exact check may refuse a box whose side bulges out between two of the grid's points.
        if found is not None:
            assert holds[found]
        elif holds.any():
            inner = faces.face_of_box((lat[0], lat[1]), (lng[0], lng[1]), margin=-0.005)
            assert inner is not None


def test_places_are_numbered_alike_by_table_and_by_sorting() -> None:
    rng = np.random.default_rng(10)
    i, j = rng.integers(-50, 50, (2, 1000))
    # Two far cells stretch the window beyond what a table is used for.
    far_i, far_j = np.append(i, [10**6, -(10**6)]), np.append(j, [10**6, -(10**6)])

    place, kept_i, kept_j = number_places(i, j)
    far_place, far_kept_i, far_kept_j = number_places(far_i, far_j)

    assert np.array_equal(kept_i[place], i)
    assert np.array_equal(kept_j[place], j)
    assert np.array_equal(far_kept_i[far_place], far_i)
    assert np.array_equal(far_kept_j[far_place], far_j)
    assert len(far_kept_i) == len(kept_i) + 2
