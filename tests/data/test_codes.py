"""The tables of codes hold what was read and say of the rest that it is assumed."""

import pandas as pd
import pytest

from data.codes.tables import (
    PLACE_TYPES,
    classify_articles,
    place_types,
    read_articles,
    read_place_types,
)
from geo.parameters import DRUGS, GROUPS, HazardParameters

MIDPOINTS = (30, 456, 1004, 3103, 5840)


def offences(**columns):
    count = len(next(iter(columns.values())))
    blank = {"article": None, "part": None, "gravity": None, "victim_minor": None}
    rows = {name: [value] * count for name, value in blank.items()} | columns
    frame = pd.DataFrame(rows, dtype=object)
    frame["gravity"] = frame["gravity"].astype("Int64")
    return frame.assign(occurred_at=pd.Timestamp("2025-04-01"))


def test_only_three_rows_bear_exact_days():
    exact = {(row.article, row.part): row.severity_days for row in read_articles() if row.exact}
    assert exact == {("191", "1"): 821, ("191", "2"): 1825, ("120", "3-1"): 5840}


def test_every_other_row_takes_the_midpoint_of_its_gravity():
    assert HazardParameters().severity_days_by_gravity == MIDPOINTS
    for row in read_articles():
        if not row.exact:
            assert row.severity_days == MIDPOINTS[row.gravity]


def test_rows_have_known_groups_and_only_read_articles_are_verified():
    verified = {row.article for row in read_articles() if row.verified}
    assert verified == {"115-1", "188", "191", "293", "297", "300"}
    assert {row.offence_group for row in read_articles()} == {*GROUPS, DRUGS}
    assert all("http" not in row.source for row in read_articles())


def test_the_record_s_own_gravity_goes_before_the_table_s_but_not_before_exact_days():
    given = offences(article=["188", "188", "191", "999"], part=[None, None, "1", None],
                     gravity=[4, None, 4, 2])  # fmt: skip
    assert classify_articles(given)["severity_days"].tolist() == [5840, 1004, 821, 1004]


def test_the_victim_s_age_decides_where_the_table_says_so():
    given = offences(
        article=["120", "120", "120", "125", "125", "188"],
        part=[None, None, "3-1", None, None, None],
        victim_minor=[None, False, False, True, None, True],
    )
    named = classify_articles(given)
    assert named["offence_group"].tolist() == [
        "child", "violence", "child", "child", "violence", "theft_robbery",
    ]  # fmt: skip
    # Every sexual offence and everything of the group child
    assert named["sensitive"].tolist() == [True, True, True, True, False, False]


def test_a_row_holds_between_its_dates():
    early = offences(article=["188"]).assign(occurred_at=pd.Timestamp("2014-12-31"))
    assert classify_articles(early)["offence_group"].tolist() == [None]
    assert classify_articles(offences(article=["188"]))["known"].tolist() == [True]


def test_drugs_and_weapons_come_to_light_through_patrols():
    named = classify_articles(offences(article=["296", "287", "188", "999"]))
    assert named["discretionary"].tolist() == [True, True, False, None]


def test_words_for_places_lead_to_the_closed_list():
    assert set(read_place_types().values()) <= set(PLACE_TYPES)
    assert place_types(pd.Series(["Улица ", "МЕКТЕП", "somewhere", None])).tolist() == [
        "street", "school", "unknown", "unknown",
    ]  # fmt: skip


@pytest.mark.parametrize("group", GROUPS)
def test_each_scored_group_has_articles_for_its_table_mean(group):
    assert [row for row in read_articles() if row.offence_group == group]
