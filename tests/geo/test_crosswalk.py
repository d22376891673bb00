"""Nothing may be lost or made up between cells and sections."""

import heapq
from math import exp

import numpy as np
import pandas as pd
import pytest
import shapely
from shapely.geometry import box

from geo.cells import build_cell_grid, cell_polygons
from geo.parameters import HazardParameters
from geo.streets.crosswalk import crosswalk_weights, section_parts, snap_to_sections
from geo.streets.network_kernel import kernel_mass
from geo.study_area import build_study_area
from tests.geo.small_town import AREA, degrees, random_town, small_town

PARAMETERS = HazardParameters()


@pytest.fixture(scope="module")
def grid():
    return build_cell_grid(AREA, 10)


def incidents_at(*metres):
    lat, lon = degrees(metres)
    return pd.DataFrame({"lat": lat, "lon": lon})


def in_metres(shapes):
    return shapely.transform(shapes, lambda xy: np.column_stack(AREA.to_metric(xy[:, 1], xy[:, 0])))


def whole_sections(town, cells=None):
    """Parts that are whole sections, all in one cell unless told."""
    length = town.sections.frame["length_m"].to_numpy()
    return pd.DataFrame(
        {
            "section": np.arange(len(length)),
            "cell": np.zeros(len(length), int) if cells is None else cells,
            "length_m": length,
            "offset_m": length / 2,
        }
    )


def crossing_town():
    """A street of 400 m from west to east, and a lane of 200 m north from its middle."""
    places = {"w": (0, 0), "m": (200, 0), "e": (400, 0), "n": (200, 200)}
    return small_town(places, "w m e", "m n")


class TestParts:
    def test_the_parts_of_a_section_add_up_to_its_length(self, grid):
        town = random_town(3)
        parts = section_parts(town.sections, town.network, grid)
        total = parts.groupby("section")["length_m"].sum()
        np.testing.assert_allclose(total, town.sections.frame["length_m"], rtol=1e-12)

    def test_parts_are_unique_and_sorted_by_cell_and_section(self, grid):
        town = random_town(3)
        parts = section_parts(town.sections, town.network, grid)
        keys = list(zip(parts["cell"], parts["section"], strict=True))
        assert keys == sorted(set(keys))

    def test_a_part_has_the_length_that_cutting_with_the_cell_s_polygon_gives(self, grid):
        town = random_town(4)
        parts = section_parts(town.sections, town.network, grid)
        cells = in_metres(cell_polygons(grid.cells[parts["cell"]]))
        lines = in_metres(town.sections.frame.geometry.to_numpy()[parts["section"]])
        expected = shapely.length(shapely.intersection(lines, cells))
        # A straight line in degrees bends by centimetres in the plane.
        np.testing.assert_allclose(parts["length_m"], expected, atol=0.1)

    def test_the_border_between_two_parts_is_found_to_a_millimetre(self, grid):
        town = small_town({"w": (0, 0), "e": (1000, 0)}, "w e")
        parts = section_parts(town.sections, town.network, grid).sort_values("offset_m")
        borders = np.cumsum(parts["length_m"].to_numpy())[:-1]
        share = np.sort(np.concatenate([borders - 0.001, borders + 0.001])) / 1000
        u, v = town.node("w"), town.node("e")
        lat = town.network.lat[u] + share * (town.network.lat[v] - town.network.lat[u])
        lon = town.network.lon[u] + share * (town.network.lon[v] - town.network.lon[u])
        sides = grid.locate(lat, lon)
        assert sides[0::2].tolist() == parts["cell"].tolist()[:-1]
        assert sides[1::2].tolist() == parts["cell"].tolist()[1:]

    def test_the_middles_of_a_straight_section_s_parts_follow_each_other(self, grid):
        town = small_town({"w": (0, 0), "e": (1000, 0)}, "e w")
        parts = section_parts(town.sections, town.network, grid).sort_values("offset_m")
        ends = np.cumsum(parts["length_m"].to_numpy())
        np.testing.assert_allclose(parts["offset_m"], ends - parts["length_m"] / 2, atol=1e-6)

    def test_street_outside_the_grid_has_no_part(self):
        town = small_town({"w": (0, 0), "e": (1000, 0)}, "w e")
        lat, lon = degrees([(-500, -300), (400, 300)])
        area = build_study_area("half", box(lon[0], lat[0], lon[1], lat[1]), time_zone="Asia/Oral")
        half = build_cell_grid(area, 10)
        total = section_parts(town.sections, town.network, half)["length_m"].sum()
        assert 400 <= total < 600


class TestSnapping:
    def test_a_point_beside_a_street_is_placed_by_section_offset_and_distance(self):
        town = crossing_town()
        lat, lon = degrees([(50, 30), (210, 120), (200, 900)])
        spots = snap_to_sections(lat, lon, town.sections, town.network, 100)
        assert spots["section"].tolist() == [town.section("w", "m"), town.section("m", "n"), -1]
        np.testing.assert_allclose(spots["distance_m"], [30, 10, np.nan], rtol=0.005)
        # The lane's line runs from its western end; both ends share a longitude, so upwards or
        # downwards by the section's own rule: measure from the node it begins at.
        begins_at_m = town.sections.frame["node_u"][town.section("m", "n")] == town.node("m")
        lane = 120 if begins_at_m else 80
        np.testing.assert_allclose(spots["offset_m"], [50, lane, np.nan], atol=0.1)

    def test_the_reach_is_kept_to_both_sides(self):
        town = crossing_town()
        lat, lon = degrees([(50, 99), (50, 101)])
        spots = snap_to_sections(lat, lon, town.sections, town.network, 100)
        assert (spots["section"] >= 0).tolist() == [True, False]

    def test_snapping_agrees_with_measuring_to_every_section(self):
        town = random_town(5)
        rng = np.random.default_rng(0)
        metres = rng.uniform(-200, 1700, (300, 2))
        lat, lon = degrees(metres)
        spots = snap_to_sections(lat, lon, town.sections, town.network, 250)
        x, y = AREA.to_metric(lat, lon)
        lines = in_metres(town.sections.frame.geometry.to_numpy())
        distance = shapely.distance(shapely.points(x, y)[:, None], lines[None, :])
        nearest = distance.min(axis=1)
        found = spots["section"].to_numpy() >= 0
        np.testing.assert_array_equal(found, nearest <= 250)
        chosen = distance[np.flatnonzero(found), spots["section"].to_numpy()[found]]
        np.testing.assert_allclose(chosen, nearest[found], atol=0.5)

    def test_no_point_gives_no_row(self):
        town = crossing_town()
        assert snap_to_sections([], [], town.sections, town.network, 100).empty


class TestWeights:
    def test_a_crossing_of_three_streets_by_hand(self):
        town = crossing_town()
        parts = whole_sections(town)
        weights = crosswalk_weights(
            parts, town.sections, town.network, incidents_at((100, 0)), PARAMETERS
        )
        # The incident stands in the middle of the western section (200 m), 100 m from the
        # crossing; the other two middles are 100 + 100 m away, and half the mass turns off
        # into each: degree 3 − 1 = 2.
        west = 1.0 * 200
        other = exp(-(200**2) / (2 * 200**2)) / 2 * 200
        total = west + 2 * other
        by_mass = {"w": west / total, "e": other / total, "n": other / total}
        for end, share in by_mass.items():
            expected = 0.9 * share + 0.1 / 3
            assert weights[town.section(end, "m")] == pytest.approx(expected, abs=1e-5)

    def test_a_cell_far_from_every_incident_is_shared_by_length_alone(self):
        town = small_town(
            {"a": (0, 0), "b": (300, 0), "c": (400, 0), "x": (2000, 0), "y": (2100, 0)},
            "a b", "b c", "x y", name=["One", "Two", None],
        )  # fmt: skip
        cells = np.zeros(3, int)
        cells[town.section("x", "y")] = 1
        parts = whole_sections(town, cells)
        weights = crosswalk_weights(
            parts, town.sections, town.network, incidents_at((2050, 0)), PARAMETERS
        )
        assert weights[town.section("a", "b")] == pytest.approx(0.75, abs=1e-6)
        assert weights[town.section("b", "c")] == pytest.approx(0.25, abs=1e-6)
        assert weights[town.section("x", "y")] == pytest.approx(1.0, abs=1e-12)

    def test_no_incident_at_all_shares_by_length(self, grid):
        town = random_town(6)
        parts = section_parts(town.sections, town.network, grid)
        weights = crosswalk_weights(
            parts, town.sections, town.network, incidents_at().iloc[:0], PARAMETERS
        )
        total = parts.groupby("cell")["length_m"].transform("sum")
        np.testing.assert_allclose(weights, parts["length_m"] / total, rtol=1e-12)

    @pytest.mark.parametrize("seed", [1, 2, 3])
    def test_the_shares_of_every_cell_sum_to_one(self, grid, seed):
        town = random_town(seed)
        parts = section_parts(town.sections, town.network, grid)
        metres = np.random.default_rng(seed).uniform(-100, 1600, (50, 2))
        weights = crosswalk_weights(
            parts, town.sections, town.network, incidents_at(*metres), PARAMETERS
        )
        assert (weights > 0).all()
        np.testing.assert_allclose(pd.Series(weights).groupby(parts["cell"]).sum(), 1, rtol=1e-12)

    def test_the_order_of_incidents_changes_not_a_bit(self, grid):
        town = random_town(7)
        parts = section_parts(town.sections, town.network, grid)
        metres = np.random.default_rng(7).uniform(0, 1500, (200, 2))
        frame = incidents_at(*metres)
        one = crosswalk_weights(parts, town.sections, town.network, frame, PARAMETERS)
        turned = frame.iloc[::-1].reset_index(drop=True)
        other = crosswalk_weights(parts, town.sections, town.network, turned, PARAMETERS)
        np.testing.assert_array_equal(one, other)

    def test_an_incident_far_from_every_street_changes_nothing(self, grid):
        town = random_town(8)
        parts = section_parts(town.sections, town.network, grid)
        near = incidents_at((700, 700))
        both = incidents_at((700, 700), (5000, 5000))
        one = crosswalk_weights(parts, town.sections, town.network, near, PARAMETERS)
        two = crosswalk_weights(parts, town.sections, town.network, both, PARAMETERS)
        np.testing.assert_array_equal(one, two)


class TestKernel:
    @pytest.mark.parametrize("seed", range(6))
    def test_mass_agrees_with_a_slow_walk_from_every_incident(self, grid, seed):
        town = random_town(seed, count=25)
        parts = section_parts(town.sections, town.network, grid)
        metres = np.random.default_rng(seed).uniform(0, 1500, (30, 2))
        lat, lon = degrees(metres)
        spots = snap_to_sections(lat, lon, town.sections, town.network, 400)
        spots = spots[spots["section"] >= 0]
        fast = kernel_mass(parts, town.sections, spots, PARAMETERS)
        np.testing.assert_allclose(fast, _slow_mass(parts, town.sections, spots), rtol=1e-9)

    def test_a_ring_street_passes_its_mass_round_both_sides(self):
        # A ring of 400 m hangs on the end of a street of 100 m; the incident is on the street,
        # 50 m from the ring. The ring's middle is 250 m off; the crossing has degree 3.
        places = {"s": (0, 0), "r": (100, 0), "p": (200, 0), "q": (200, 100), "t": (100, 100)}
        town = small_town(places, "s r", "r p q t r")
        parts = whole_sections(town)
        mass = kernel_mass(
            parts,
            town.sections,
            snap_to_sections(*degrees([(50, 0)]), town.sections, town.network, 100),
            PARAMETERS,
        )
        ring = town.section("r", "r")
        assert mass[ring] == pytest.approx(exp(-(250**2) / 80_000) / 2 * 400, rel=1e-4)

    def test_the_reach_ends_at_six_hundred_metres_of_street(self):
        places = {"a": (0, 0), "b": (100, 0), "c": (1090, 0), "d": (1150, 0)}
        town = small_town(places, "a b", "b c", "c d", name=["One", "Two", "Three"])
        spots = snap_to_sections(*degrees([(0, 0)]), town.sections, town.network, 100)
        mass = kernel_mass(whole_sections(town), town.sections, spots, PARAMETERS)
        # Middles lie at 50, 595 and 1 120 m.
        assert mass[town.section("b", "c")] > 0
        assert mass[town.section("c", "d")] == 0

    def test_a_change_of_name_without_a_crossing_splits_nothing(self):
        places = {"a": (0, 0), "b": (100, 0), "c": (200, 0)}
        town = small_town(places, "a b", "b c", name=["One", "Two"])
        spots = snap_to_sections(*degrees([(50, 0)]), town.sections, town.network, 100)
        mass = kernel_mass(whole_sections(town), town.sections, spots, PARAMETERS)
        assert mass[town.section("b", "c")] == pytest.approx(
            exp(-(100**2) / 80_000) * 100, rel=1e-4
        )


def _slow_mass(parts, sections, spots):
    """Walk from each incident with a heap, one node at a time, without arrays."""
    frame = sections.frame
    ends = list(zip(frame["node_u"], frame["node_v"], frame["length_m"], strict=True))
    roads = {}
    for u, v, length in ends:
        roads.setdefault(u, []).append((v, length))
        roads.setdefault(v, []).append((u, length))
    mass = np.zeros(len(parts))
    for spot in spots.itertuples():
        u, v, length = ends[spot.section]
        # Of equally long ways (to a micrometre) the one that keeps more comes first.
        reached, heap = {}, []
        for metres, node in ((spot.offset_m, u), (length - spot.offset_m, v)):
            heapq.heappush(heap, (round(metres, 6), node, -1.0, metres))
        while heap:
            _, node, left, metres = heapq.heappop(heap)
            left = -left
            if node in reached:
                continue
            left = left / max(len(roads[node]) - 1, 1)
            reached[node] = (metres, left)
            for other, further in roads[node]:
                far = metres + further
                heapq.heappush(heap, (round(far, 6), other, -left, far))
        for row in parts.itertuples():
            a, b, whole = ends[row.section]
            ways = [
                (reached[a][0] + row.offset_m, reached[a][1]),
                (reached[b][0] + whole - row.offset_m, reached[b][1]),
            ]
            if row.section == spot.section:
                ways.append((abs(row.offset_m - spot.offset_m), 1.0))
            metres = min(ways)[0]
            left = max(kept for length, kept in ways if length <= metres + 1e-6)
            if metres <= 600:
                mass[row.Index] += exp(-(metres**2) / 80_000) * left * row.length_m
    return mass
