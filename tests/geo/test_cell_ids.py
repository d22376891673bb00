import h3.api.basic_int as h3
import numpy as np
import pytest

from geo.cells import ids
from geo.cells.calibration import lattice_of_box
from geo.cells.ids import FEWEST_CELLS, ask_h3, lattice_ids, sample_rows


def block(lat: float, lng: float, resolution: int, side: int = 90):
    """Return the lattice at a place and a block of cells on it, more than the pattern needs."""
    lattice = lattice_of_box((lat, lat), (lng, lng), resolution)
    if lattice is None:
        return None
    i, j = lattice.locate([lat], [lng])
    steps = np.indices((side, side)).reshape(2, -1)
    return lattice, i + steps[0], j + steps[1]


def asked(lattice, i, j) -> np.ndarray:
    return ask_h3(*lattice.centres(i, j), lattice.resolution)


@pytest.mark.parametrize("resolution", [7, 8, 9, 10])
def test_ids_by_family_are_those_of_h3_all_over_the_globe(resolution: int) -> None:
    rng = np.random.default_rng(resolution)
    tried = 0
    for lat, lng in zip(rng.uniform(-75, 75, 12), rng.uniform(-170, 170, 12), strict=True):
        found = block(lat, lng, resolution)
        if found is not None:
            tried += 1
            assert np.array_equal(lattice_ids(*found), asked(*found))
    assert tried >= 6


def test_ids_are_right_where_two_base_cells_meet() -> None:
    # Walk north from Oral until the base cell changes; the block lies across that border.
    lat = 51.23
    base_cell = h3.get_base_cell_number(h3.latlng_to_cell(lat, 51.37, 9))
    while h3.get_base_cell_number(h3.latlng_to_cell(lat, 51.37, 9)) == base_cell:
        lat += 0.01
    lattice, i, j = block(lat, 51.37, 9)
    i, j = i - 45, j - 45
    expected = asked(lattice, i, j)

    assert len({h3.get_base_cell_number(cell) for cell in expected.tolist()}) > 1
    assert np.array_equal(lattice_ids(lattice, i, j), expected)


def test_ids_are_right_in_the_base_cell_of_a_pentagon() -> None:
    pentagon = min(h3.get_pentagons(0))
    inside = max(h3.cell_to_children(pentagon, 2), key=lambda cell: h3.great_circle_distance(
        h3.cell_to_latlng(cell), h3.cell_to_latlng(pentagon)))  # fmt: skip
    lattice, i, j = block(*h3.cell_to_latlng(inside), 8)

    assert h3.get_base_cell_number(int(asked(lattice, i, j)[0])) in {
        h3.get_base_cell_number(cell) for cell in h3.get_pentagons(0)
    }
    assert np.array_equal(lattice_ids(lattice, i, j), asked(lattice, i, j))


def test_h3_is_asked_for_a_fraction_of_the_cells_only(monkeypatch: pytest.MonkeyPatch) -> None:
    lattice, i, j = block(51.23, 51.37, 10)
    expected = asked(lattice, i, j)
    calls = []

    def counted(lat, lng, resolution):
        calls.append(len(lat))
        return ask_h3(lat, lng, resolution)

    monkeypatch.setattr(ids, "ask_h3", counted)

    assert np.array_equal(lattice_ids(lattice, i, j), expected)
    assert sum(calls) < len(i) / 20


def test_a_pattern_that_does_not_hold_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    lattice, i, j = block(51.23, 51.37, 10)
    monkeypatch.setattr(
        ids, "_members", lambda *_: (i, j, np.full(len(i), 0x8A118C3B6B07FFF, np.int64))
    )

    assert np.array_equal(lattice_ids(lattice, i, j), asked(lattice, i, j))


def test_cells_far_apart_are_asked_of_h3() -> None:
    lattice, i, j = block(48.0, 67.0, 9, side=2)
    rng = np.random.default_rng(1)
    steps = np.unique(rng.integers(-2000, 2000, (FEWEST_CELLS + 500, 2)), axis=0)
    i, j = i[0] + steps[:, 0], j[0] + steps[:, 1]

    assert np.array_equal(lattice_ids(lattice, i, j), asked(lattice, i, j))


@pytest.mark.parametrize(
    ("count", "expected"), [(0, []), (1, [0]), (3, [0, 1, 2]), (32, list(range(32)))]
)
def test_sample_of_few_rows_is_all_of_them(count: int, expected: list[int]) -> None:
    assert sample_rows(count).tolist() == expected


def test_sample_of_many_rows_reaches_from_first_to_last() -> None:
    rows = sample_rows(1000)

    assert len(rows) == 32
    assert (rows[0], rows[-1]) == (0, 999)
