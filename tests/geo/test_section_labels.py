"""Every section can be told from all others by what is named near it."""

import numpy as np
import pandas as pd
import pytest

from geo.streets.network import build_network
from geo.streets.section_labels import LABEL_KINDS, section_labels
from geo.streets.sections import street_sections
from tests.geo.street_drawings import X0, Y0, draw, town_area

POINT_COLUMNS = ["kind", "name", "name_kk", "name_ru", "place", "ref", "east", "north"]


def sights(*rows: dict) -> pd.DataFrame:
    frame = pd.DataFrame(list(rows), columns=POINT_COLUMNS)
    texts = dict.fromkeys(POINT_COLUMNS[:6], "str")
    frame = frame.astype(texts | {"east": float, "north": float})
    frame["lat"], frame["lon"] = town_area().to_degrees(X0 + frame["east"], Y0 + frame["north"])
    return frame


def labelled(places, streets, points=None) -> pd.DataFrame:
    """Label a drawing; the index is the run of OSM node ids of the section's ends."""
    area = town_area()
    network = build_network(*draw(places, streets), area)
    sections = street_sections(network)
    labels = section_labels(sections, network, sights() if points is None else points, area)
    assert labels.index.equals(sections.frame.index)
    ends = zip(sections.frame["node_u"], sections.frame["node_v"], strict=True)
    keys = [tuple(sorted((int(network.node_id[u]), int(network.node_id[v])))) for u, v in ends]
    return labels.set_index(pd.Index(keys, tupleize_cols=False))


GRID = {
    **{1: (0, 0), 2: (100, 0), 3: (200, 0), 4: (300, 0), 5: (400, 0)},
    **{12: (100, 90), 13: (200, 70), 14: (300, 80)},
}
MAIN = ([1, 2, 3, 4, 5], {"name": "Абай", "name_kk": "Абай көшесі", "name_ru": "улица Абая"})


def test_named_street_is_told_by_the_named_streets_that_cross_it():
    streets = [MAIN, ([2, 12], {"name": "Достық"}), ([4, 14], {"name": "Бейбітшілік"})]

    labels = labelled(GRID, streets)

    # The part in the middle has no cut at node 3; both crossings are named, in alphabetical order.
    row = labels.loc[[(2, 4)]].iloc[0]
    assert row["label_kind"] == "between"
    assert row[["label_name", "label_name_kk", "label_name_ru"]].tolist() == [
        "Абай",
        "Абай көшесі",
        "улица Абая",
    ]
    assert (row["label_from"], row["label_to"]) == ("Бейбітшілік", "Достық")
    assert pd.isna(row["label_from_kk"])
    end = labels.loc[[(1, 2)]].iloc[0]
    assert (end["label_kind"], end["label_from"]) == ("from", "Достық")
    assert pd.isna(end["label_to"])


def test_nearest_named_crossing_is_looked_for_past_unnamed_ones():
    streets = [
        MAIN,
        ([2, 12], {"name": "Достық"}),
        ([3, 13], {}),
        ([4, 14], {"name": "Курмангазы"}),
    ]

    labels = labelled(GRID, streets)

    for key, ordinal in (((2, 3), 1), ((3, 4), 2)):  # numbered from the west
        row = labels.loc[[key]].iloc[0]
        assert row["label_kind"] == "between"
        assert (row["label_from"], row["label_to"]) == ("Достық", "Курмангазы")
        assert row["label_ordinal"] == ordinal


def test_same_street_at_both_ends_is_one_crossing():
    places = GRID | {20: (150, 60)}
    streets = [MAIN, ([2, 20, 3], {"name": "Тұйық"})]

    row = labelled(places, streets).query("label_name == 'Тұйық'").iloc[0]

    assert (row["label_kind"], row["label_from"]) == ("from", "Абай")


def test_named_street_that_nothing_named_crosses_is_told_alone():
    labels = labelled(GRID, [MAIN, ([3, 13], {})])

    assert labels.loc[[(1, 3), (3, 5)], "label_kind"].tolist() == ["along", "along"]
    assert labels.loc[[(1, 3), (3, 5)], "label_ordinal"].tolist() == [1, 2]


def test_ring_street_that_nothing_named_crosses_ends_the_search():
    labels = labelled(GRID, [([1, 2, 12, 1], {"name": "Шеңбер"}), ([2, 3], {}), ([12, 13], {})])

    assert (labels.query("label_name == 'Шеңбер'")["label_kind"] == "along").sum() == 2


@pytest.mark.parametrize(
    ("east", "north", "bearing"),
    [
        (0, 90, "n"),
        (70, 70, "ne"),
        (70, -70, "se"),
        (0, -90, "s"),
        (-70, -70, "sw"),
        (-70, 70, "nw"),
        # Just this side and that side of 22.5° east of north: tan 22.5° = 0.4142
        (41, 100, "n"),
        (42, 100, "ne"),
    ],
)
def test_unnamed_street_is_a_branch_away_from_the_named_one(east, north, bearing):
    places = GRID | {20: (200 + east, north)}

    row = labelled(places, [MAIN, ([20, 3], {})]).loc[[(3, 20)]].iloc[0]

    assert (row["label_kind"], row["label_name"]) == ("branch", "Абай")
    assert row["label_bearing"] == bearing
    assert pd.isna(row["label_distance_m"])


def test_branch_between_two_named_streets_leaves_the_longer_one():
    places = GRID | {30: (200, 200), 31: (210, 200)}

    labels = labelled(places, [MAIN, ([30, 31], {"name": "Қысқа"}), ([3, 30], {})])

    row = labels.loc[[(3, 30)]].iloc[0]
    assert (row["label_name"], row["label_bearing"]) == ("Абай", "n")


SCHOOL = {"kind": "school", "name": "№ 18", "east": 50, "north": 40}
PLACE = {"kind": "place", "place": "suburb", "name": "Зашаған", "east": 0, "north": -2000}


@pytest.mark.parametrize(("away", "kind"), [(299, "near_school"), (301, "district")])
def test_unnamed_street_within_300_m_is_told_by_its_school(away, kind):
    school = SCHOOL | {"north": away}

    row = labelled({1: (0, 0), 2: (100, 0)}, [([1, 2], {})], sights(school, PLACE)).iloc[0]

    assert row["label_kind"] == kind
    # 299 m reads as 300; the section's middle is (50, 0): 2 000.6 m from the place, to the north
    expected = ("№ 18", 300) if kind == "near_school" else ("Зашаған", 2000)
    assert (row["label_name"], row["label_distance_m"]) == expected
    assert kind == "near_school" or row["label_bearing"] == "n"


def test_nearest_of_two_schools_is_named_and_a_nameless_one_never():
    near = {"kind": "school", "east": 50, "north": 10}
    numbered = {"kind": "school", "ref": "7", "east": 50, "north": -90}

    points = sights(SCHOOL | {"north": 200}, near, numbered)

    row = labelled({1: (0, 0), 2: (100, 0)}, [([1, 2], {})], points).iloc[0]
    assert (row["label_name"], row["label_distance_m"]) == ("7", 90)


def test_town_serves_where_the_map_names_no_place():
    airport = PLACE | {"place": "airport"}

    row = labelled({1: (3000, 0), 2: (3100, 0)}, [([1, 2], {})], sights(airport)).iloc[0]

    # The middle is 3 050 m east of the town's centre; from one kilometre on in hundreds.
    assert (row["label_kind"], row["label_name"], row["label_bearing"]) == ("district", "Oral", "e")
    assert row["label_distance_m"] in (3000, 3100)


def test_names_that_read_alike_in_one_language_are_numbered_together():
    places = {1: (0, 0), 2: (100, 0), 3: (0, 500), 4: (100, 500), 5: (0, 900), 6: (90, 900)}
    streets = [
        ([1, 2], {"name": "Абай көшесі", "name_ru": "улица Абая"}),
        ([3, 4], {"name": "улица Абая"}),
        ([5, 6], {"name": "Абай көшесі 2"}),
    ]

    labels = labelled(places, streets)

    assert labels.loc[[(1, 2), (3, 4)], "label_ordinal"].tolist() in ([1, 2], [2, 1])
    assert labels.loc[[(5, 6)], "label_ordinal"].tolist() == [1]


def test_labels_are_unique_in_every_language_in_a_large_drawing():
    rng = np.random.default_rng(5)
    places = {10 * i + j: (90 * i, 80 * j) for i in range(10) for j in range(10)}
    names = ["Абай", "Абая", "Достық", None]
    streets = []
    for i in range(10):
        for refs in ([10 * i + j for j in range(10)], [10 * j + i for j in range(10)]):
            name = names[rng.integers(4)]
            tags = {} if name is None else {"name": name}
            streets.append((refs, tags | ({"name_ru": "Абая"} if name == "Абай" else {})))
    labels = labelled(places, streets, sights(SCHOOL, PLACE))

    assert set(labels["label_kind"]) <= set(LABEL_KINDS)
    for ending in ("", "_kk", "_ru"):
        shown = labels[["label_kind", "label_bearing", "label_distance_m", "label_ordinal"]].copy()
        for part in ("label_name", "label_from", "label_to"):
            shown[part] = labels[part + ending].fillna(labels[part])
        assert not shown.duplicated().any()


def test_town_without_any_name_is_labelled_too():
    labels = labelled(GRID, [([1, 2, 3], {}), ([2, 12], {})])

    assert labels["label_kind"].tolist() == ["district"] * 3
