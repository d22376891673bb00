"""Over three successive edits of a whole map, ids that need not change do not."""

import numpy as np
import pytest

from geo.streets.section_links import carry_ids, with_ids
from tests.geo.map_edits import DrawnMap, demo_map, edges_of_sections, edited
from tests.geo.street_drawings import town_area
from tests.geo.test_sections import cut, town
from tests.shared_data import shared_path


def test_a_crossing_drawn_anew_keeps_the_ids_of_all_its_streets():
    places, streets = town(3)
    _, before = cut(places, streets)
    moved = {node: (x + 2.0, y - 3.0) for node, (x, y) in places.items()}
    _, after = cut(moved, [(refs, {"name": "Басқа"} | tags) for refs, tags in streets])

    found = carry_ids(after, before.frame, town_area())

    # Naming the unnamed joins no two of this town's sections: there are as many as before.
    assert len(after.frame) == len(before.frame)
    assert set(found.ids) == set(before.frame["section_id"])


def three_edits(drawn) -> tuple[float, float]:
    """Share of unaffected sections that keep their id, from map to map and over all three."""
    network, sections = drawn.cut()
    first = dict(
        zip(edges_of_sections(network, sections), sections.frame["section_id"], strict=True)
    )
    known, single = first, []
    earlier = sections.frame
    for seed in (1, 2, 3):
        drawn = edited(drawn, seed)
        network, sections = drawn.cut()
        found = carry_ids(sections, earlier, drawn.area)
        edges = edges_of_sections(network, sections)
        now = dict(zip(edges, found.ids, strict=True))
        same = known.keys() & now.keys()
        assert len(same) < len(known)
        single.append(np.mean([known[key] == now[key] for key in same]))
        first = {key: name for key, name in first.items() if key in now}
        known, earlier = now, with_ids(sections, found.ids).frame
    return min(single), float(np.mean([known[key] == name for key, name in first.items()]))


def test_three_edits_of_the_demo_town_keep_the_ids_of_unaffected_sections():
    each, all_three = three_edits(demo_map())

    assert each >= 0.99
    assert all_three >= 0.95


@pytest.mark.shared
def test_three_edits_of_almaty_keep_the_ids_of_unaffected_sections():
    from data.importers.street_map.osm import extract_hull, parse_osm_file
    from geo.study_area import build_study_area

    extract = parse_osm_file(shared_path("almaty/almaty.osm.pbf"))
    area = build_study_area("Almaty", extract_hull(extract), time_zone="Asia/Almaty")

    each, all_three = three_edits(DrawnMap(extract.nodes, extract.ways, extract.way_nodes, area))

    assert each >= 0.99
    assert all_three >= 0.95
