"""A section keeps its id where most of it stays; elsewhere the old id leads to the new ones."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import FrameError
from geo.streets.section_links import (
    EarlierMap,
    SectionIds,
    carry_ids,
    chain_links,
    lasting_sections,
    with_ids,
)
from geo.streets.sections import Sections
from tests.geo.street_drawings import X0, Y0, town_area
from tests.geo.test_sections import cut, town

AREA = town_area()


def frame_of(lines: dict[str, list]) -> gpd.GeoDataFrame:
    """Sections by id, their corners in metres east and north of the origin."""
    shapes = []
    for corners in lines.values():
        x, y = np.array(corners, float).T
        lat, lon = AREA.to_degrees(X0 + x, Y0 + y)
        shapes.append(shapely.LineString(np.column_stack([lon, lat])))
    ids = pd.Series(list(lines), dtype="str")
    return gpd.GeoDataFrame({"section_id": ids}, geometry=shapes, crs="EPSG:4326")


def carried(new: dict[str, list], old: dict[str, list]) -> tuple[dict[str, str], dict]:
    """The id that each new section gets, by its own; and (old, new) → share rounded to 3."""
    new = dict(sorted(new.items()))
    empty = np.zeros(0, np.int64)
    sections = Sections(frame_of(new), empty, empty.astype(float), empty.astype(bool))
    found = carry_ids(sections, frame_of(old), AREA)
    links = {(row.old_id, row.new_id): round(row.share, 3) for row in found.links.itertuples()}
    return dict(zip(new, found.ids, strict=True)), links


def line(start: float, end: float, north: float = 0.0) -> list:
    return [(start, north), (end, north)]


class TestKeeps:
    def test_the_same_line_keeps_its_id_whatever_its_name(self):
        ids, links = carried({"new": line(0, 100)}, {"old": line(0, 100)})

        assert ids == {"new": "old"}
        assert links == {}

    @pytest.mark.parametrize(("metres", "kept"), [(3, "old"), (4.99, "old"), (5.01, "new")])
    def test_a_street_that_was_moved_by_up_to_five_metres_keeps_its_id(self, metres, kept):
        ids, _ = carried({"new": line(0, 100, metres)}, {"old": line(0, 100)})

        assert ids == {"new": kept}

    def test_a_short_section_that_was_moved_lengthwise_keeps_its_id(self):
        # 4 of its 8 metres lie beside the old line, the others past its end: it ends there too.
        ids, _ = carried({"new": line(4, 12)}, {"old": line(0, 8)})

        assert ids == {"new": "old"}

    def test_a_line_drawn_the_other_way_round_keeps_its_id(self):
        ids, _ = carried({"new": [(100, 1), (60, 8), (0, 1)]}, {"old": [(0, 0), (60, 7), (100, 0)]})

        assert ids == {"new": "old"}

    def test_more_corners_on_the_same_course_keep_the_id(self):
        bend = [(50 * np.cos(t), 50 * np.sin(t)) for t in np.linspace(0, 3, 31)]
        ids, _ = carried({"new": bend}, {"old": bend[::5]})

        assert ids == {"new": "old"}

    @pytest.mark.parametrize(("metres", "kept"), [(60, True), (59.9, False)])
    def test_of_a_street_cut_in_two_the_part_of_sixty_percent_keeps_the_id(self, metres, kept):
        ids, links = carried({"a": line(0, metres), "b": line(metres, 100)}, {"old": line(0, 100)})

        assert ids == {"a": "old" if kept else "a", "b": "b"}
        assert links == ({} if kept else {("old", "a"): 0.599, ("old", "b"): 0.401})

    @pytest.mark.parametrize(("metres", "kept"), [(166.6, True), (166.7, False)])
    def test_a_street_made_longer_keeps_its_id_while_sixty_percent_is_the_old_one(
        self, metres, kept
    ):
        # 100 / 166.6 = 0.6002; 100 / 166.7 = 0.5999
        ids, links = carried({"new": line(0, metres)}, {"old": line(0, 100)})

        assert ids == {"new": "old" if kept else "new"}
        assert links == ({} if kept else {("old", "new"): 1.0})


class TestLinks:
    def test_a_section_cut_in_three_leads_to_all_three(self):
        new = {"a": line(0, 50), "b": line(50, 80), "c": line(80, 100)}
        ids, links = carried(new, {"old": line(0, 100)})

        assert ids == {"a": "a", "b": "b", "c": "c"}
        assert links == {("old", "a"): 0.5, ("old", "b"): 0.3, ("old", "c"): 0.2}

    def test_of_two_joined_sections_the_longer_gives_its_id_and_the_other_is_linked(self):
        ids, links = carried({"new": line(0, 100)}, {"long": line(0, 70), "rest": line(70, 100)})

        assert ids == {"new": "long"}
        assert links == {("rest", "long"): 1.0}

    def test_two_joined_halves_both_lead_to_the_new_one(self):
        ids, links = carried({"new": line(0, 100)}, {"one": line(0, 50), "two": line(50, 100)})

        assert ids == {"new": "new"}
        assert links == {("one", "new"): 1.0, ("two", "new"): 1.0}

    def test_a_section_half_of_which_was_torn_up_leads_to_the_rest(self):
        _, links = carried({"new": line(0, 40)}, {"old": line(0, 100)})

        assert links == {("old", "new"): 0.4}

    def test_a_gone_section_leads_nowhere_though_its_street_goes_on(self):
        old = {"gone": line(0, 100), "onward": line(100, 200), "across": [(0, 0), (0, 80)]}
        ids, links = carried({"x": line(100, 200), "y": [(0, 0), (0, 80)]}, old)

        assert ids == {"x": "onward", "y": "across"}
        assert links == {}

    def test_metres_beside_two_new_lines_are_given_to_the_nearer(self):
        # The path runs beside 50 of the 100 m, 4 m off; the street's halves lie in place.
        new = {"street": line(0, 50), "onward": line(50, 100), "path": line(20, 70, 4)}
        _, links = carried(new, {"old": line(0, 100)})

        assert links == {("old", "street"): 0.5, ("old", "onward"): 0.5}


class TestOnce:
    def test_the_best_match_takes_the_id(self):
        # The footway shares all of its 100 m but 4 m off; the street 80 of its 80 m, in place.
        ids, links = carried(
            {"footway": line(0, 100, 4), "street": line(0, 80)}, {"old": line(0, 100)}
        )

        assert ids == {"footway": "footway", "street": "old"}
        assert links == {}

    def test_a_lane_that_crosses_within_reach_is_another_street(self):
        ids, links = carried({"new": [(4.5, -4.5), (4.5, 4.5)]}, {"old": line(0, 9)})

        assert ids == {"new": "new"}
        assert links == {}

    def test_an_id_is_never_given_to_another_place(self):
        # The old section called x is gone; a new one far away would be called x by its place.
        ids, links = carried({"x": line(500, 600)}, {"x": line(0, 100)})

        assert ids["x"] not in {"x"}
        assert len(ids["x"]) == 13
        assert links == {}

    def test_a_new_street_where_a_moved_one_used_to_be_gets_an_id_of_its_own(self):
        # By its place the second would be called "first", which the moved street still is.
        old = {"first": line(0, 100)}
        ids, _ = carried({"first": line(0, 100, 6), "moved": line(0, 100, 3)}, old)

        assert ids["moved"] == "first"
        assert ids["first"] != "first"

    def test_of_a_line_drawn_twice_each_keeps_an_id(self):
        twice = {"two": line(0, 100), "one": line(0, 100)}
        ids, links = carried({"a": line(0, 100), "b": line(0, 100)}, twice)
        assert ids == {"a": "one", "b": "two"}

        ids, links = carried({"a": line(0, 100)}, twice)
        assert ids == {"a": "one"}
        assert links == {("two", "one"): 1.0}


def test_the_first_map_names_its_sections_by_their_place():
    _, sections = cut(*town(3))
    found = carry_ids(sections, sections.frame.iloc[:0], AREA)

    assert found.ids.tolist() == sections.frame["section_id"].tolist()
    assert found.links.empty
    assert list(found.links) == ["old_id", "new_id", "share"]


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_ids_and_links_depend_on_the_maps_alone(seed):
    rng = np.random.default_rng(seed)
    places, streets = town(int(rng.integers(5)))
    _, before = cut(places, streets)
    shaken = {node: np.add(at, rng.normal(0, 2, 2)) for node, at in places.items()}
    kept = [street for street in streets if rng.random() < 0.9]
    _, after = cut(shaken, kept)
    expected = carry_ids(after, before.frame, AREA)

    mixed = before.frame.sample(frac=1, random_state=seed % 2**31)
    again = carry_ids(cut(dict(reversed(shaken.items())), kept[::-1])[1], mixed, AREA)

    assert again.ids.tolist() == expected.ids.tolist()
    pd.testing.assert_frame_equal(again.links, expected.links)
    assert len(set(expected.ids)) == len(after.frame)
    assert expected.links["share"].between(0.05, 1).all()
    assert (expected.links.groupby("old_id")["share"].sum() <= 1 + 1e-9).all()
    assert set(expected.links["new_id"]) <= set(expected.ids)
    assert set(expected.links["old_id"]) == set(expected.links["old_id"]) - set(expected.ids)


class TestWithIds:
    def test_every_edge_stays_on_its_section(self):
        _, sections = cut(*town(3))
        ids = np.array([f"t{i * 7919 % 1000:03d}" for i in range(len(sections.frame))], object)

        renamed = with_ids(sections, ids)

        by_place = dict(zip(sections.frame["section_id"], ids, strict=True))
        before = sections.frame["section_id"].iloc[sections.edge_section].map(by_place)
        assert renamed.frame["section_id"].iloc[renamed.edge_section].tolist() == before.tolist()
        lengths = sections.frame["length_m"].iloc[sections.edge_section].tolist()
        assert renamed.frame["length_m"].iloc[renamed.edge_section].tolist() == lengths
        assert renamed.frame["section_id"].is_monotonic_increasing
        assert renamed.frame.index.equals(pd.RangeIndex(len(ids)))
        assert renamed.frame.dtypes.equals(sections.frame.dtypes)
        assert renamed.frame.crs == sections.frame.crs
        # The argument is not changed.
        assert sections.frame["section_id"].is_monotonic_increasing

    def test_own_ids_change_nothing(self):
        _, sections = cut(*town(3))

        same = with_ids(sections, sections.frame["section_id"].to_numpy(object))

        pd.testing.assert_frame_equal(same.frame, sections.frame)
        np.testing.assert_array_equal(same.edge_section, sections.edge_section)

    @pytest.mark.parametrize("ids", [["a"], ["a", "a", "b"]])
    def test_ids_that_are_equal_or_too_few_are_refused(self, ids):
        _, sections = cut(
            {1: (0, 0), 2: (9, 0), 3: (19, 0), 4: (9, 9)}, [([1, 2, 3], {}), ([2, 4], {})]
        )

        with pytest.raises(FrameError, match="3 sections"):
            with_ids(sections, np.array(ids, object))


def links(*rows) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["old_id", "new_id", "share"])


class TestChain:
    def test_an_id_of_two_maps_ago_leads_to_where_its_parts_went(self):
        before = links(("a", "b", 0.5), ("a", "c", 0.3), ("a", "gone", 0.2))
        now = SectionIds(np.array(["c", "d", "e"], object), links(("b", "d", 0.8), ("b", "e", 0.2)))

        chained = chain_links(before, now)

        # 0.5 · 0.8 and 0.5 · 0.2 by way of b; c stands as it was; what is gone leads nowhere.
        expected = [
            ("a", "c", 0.3),
            ("a", "d", 0.4),
            ("a", "e", 0.1),
            ("b", "d", 0.8),
            ("b", "e", 0.2),
        ]
        found = [(row.old_id, row.new_id, round(row.share, 12)) for row in chained.itertuples()]
        assert found == expected

    def test_ways_that_meet_again_are_added_up(self):
        before = links(("a", "b", 0.5), ("a", "c", 0.5))
        now = SectionIds(np.array(["d"], object), links(("b", "d", 1.0), ("c", "d", 1.0)))

        assert chain_links(before, now)["share"].tolist() == [1, 1, 1]

    def test_an_id_that_is_in_use_again_has_no_link(self):
        now = SectionIds(np.array(["a"], object), links(("b", "a", 1.0)))

        chained = chain_links(links(("a", "b", 0.9)), now)

        assert chained[["old_id", "new_id"]].to_numpy().tolist() == [["b", "a"]]

    def test_the_first_links_stand_as_they_are(self):
        now = SectionIds(np.array(["b"], object), links(("a", "b", 0.7)))

        pd.testing.assert_frame_equal(
            chain_links(links().astype({"share": float}), now),
            now.links.astype({"old_id": "str", "new_id": "str"}),
        )


class TestLastingSections:
    def test_the_first_run_keeps_the_sections_as_they_are(self):
        _, sections = cut(*town(3))

        lasting, found = lasting_sections(sections, None, AREA)

        pd.testing.assert_frame_equal(lasting.frame, sections.frame)
        assert found.empty
        assert list(found) == ["old_id", "new_id", "share"]

    def test_ids_go_on_and_links_of_older_maps_with_them(self):
        places, streets = town(3)
        _, first = cut(places, streets)
        moved = {node: (x + 1.0, y - 1.0) for node, (x, y) in places.items()}
        known = first.frame["section_id"]
        older = links(("s-long-ago", known.iloc[4], 0.7), ("s-elsewhere", "s-gone", 0.7))

        earlier = EarlierMap(first.frame, older)
        lasting, found = lasting_sections(cut(moved, streets)[1], earlier, AREA)

        assert lasting.frame["section_id"].tolist() == known.tolist()
        by_id = lasting.frame.set_index("section_id")["length_m"]
        before = first.frame.set_index("section_id")["length_m"]
        np.testing.assert_allclose(by_id, before, atol=0.1)
        assert found.to_numpy().tolist() == [["s-long-ago", known.iloc[4], 0.7]]

    def test_a_run_that_kept_no_links_is_an_earlier_map_too(self):
        _, sections = cut(*town(3))

        _, found = lasting_sections(sections, EarlierMap(sections.frame, None), AREA)

        assert found.empty
