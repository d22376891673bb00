"""The tables of codes hold what was read and say of the rest that it is assumed."""

import pandas as pd
import pytest

from data.codes.tables import (
    PLACE_TYPES,
    classify_articles,
    code_tables,
    gravities,
    place_types,
    read_articles,
    read_place_types,
    severity_by_group,
    unverified_articles,
)
from data.importers.values.articles import parse_article
from data.importers.values.code_words import mark_administrative
from data.importers.values.code_words import read_articles as read_articles_of
from geo.errors import UsageError
from geo.parameters import DRUGS, GROUPS, HazardParameters
from tests.data.tables_by_hand import faults_of, table_of_texts

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


# What an office lays over the package's tables

ARTICLE_HEADS = (
    "article,part,offence_group,gravity,severity_days,severity_source,discretion,sensitive,"
    "child_rule,valid_from,valid_to,source,verified\n"
)
OWN_188 = '188,,disorder,1,456,"gravity class, assumed",yes,no,,2025-01-01,,office,yes\n'


@pytest.fixture
def own(tmp_path):
    def write(name, text):
        (tmp_path / name).write_text(text, encoding="utf-8")
        return code_tables(tmp_path)

    return write


def test_an_office_s_row_goes_before_the_package_s_on_its_days(own):
    tables = own("articles.csv", ARTICLE_HEADS + OWN_188)
    given = offences(article=["188", "188", "191"])
    given["occurred_at"] = pd.to_datetime(
        ["2024-12-31 23:59", "2025-01-01 00:00", "2025-01-01 00:00"]
    )
    named = classify_articles(given, tables)
    assert named["offence_group"].tolist() == ["theft_robbery", "disorder", "theft_robbery"]
    assert named["discretionary"].tolist() == [False, True, False]
    assert classify_articles(given)["offence_group"].tolist()[1] == "theft_robbery"


def test_an_office_may_close_a_row_and_name_an_article_that_enters_no_map(own):
    closed = OWN_188.replace("disorder", "").replace("2025-01-01,,", "2015-01-01,2025-03-31,")
    tables = own("articles.csv", ARTICLE_HEADS + closed)
    given = offences(article=["188", "188"])
    given["occurred_at"] = pd.to_datetime(["2025-03-31 23:00", "2025-04-01 00:00"])
    named = classify_articles(given, tables)
    assert named["offence_group"].tolist() == [None, "theft_robbery"]
    assert named["known"].tolist() == [True, True]


def test_a_part_of_an_office_s_article_keeps_the_package_s_row(own):
    whole = OWN_188.replace("188,,", "191,,")
    named = classify_articles(
        offences(article=["191", "191"], part=["1", "4"]),
        own("articles.csv", ARTICLE_HEADS + whole),
    )
    assert named["severity_days"].tolist() == [821, 456]


def test_the_mean_of_a_group_counts_an_office_s_row_once(own):
    tables = own("articles.csv", ARTICLE_HEADS + OWN_188)
    days = [row.severity_days for row in tables.articles if row.offence_group == "disorder"]
    assert severity_by_group(tables)["disorder"] == sum(days) / len(days)
    assert severity_by_group(tables)["theft_robbery"] != severity_by_group()["theft_robbery"]


def test_tables_are_named_by_their_content(own, tmp_path):
    package = code_tables(None)
    assert code_tables(tmp_path / "none").digest == package.digest
    first = own("articles.csv", ARTICLE_HEADS + OWN_188)
    assert first.digest != package.digest
    assert code_tables(tmp_path) is first
    assert own("articles.csv", ARTICLE_HEADS + OWN_188.replace("456", "457")).digest != first.digest


def test_words_of_an_office_hold_between_their_days(own):
    tables = own(
        "place_types.csv",
        "word;place_type;valid_from;valid_to;source;verified\nЛарёк;market;2025-01-01;;office;no\n",
    )
    text, at = (
        pd.Series(["ларек", "ЛАРЁК"]),
        pd.to_datetime(pd.Series(["2024-12-31", "2025-01-01"])),
    )
    assert place_types(text, tables, at).tolist() == ["unknown", "market"]
    assert place_types(text, tables).tolist() == ["market", "market"]


def test_gravity_is_read_by_code_and_word():
    given = pd.Series(["0", "4", "Средней тяжести", "аса ауыр", "7", None])
    assert gravities(given).tolist() == [0, 4, 2, 4, pd.NA, pd.NA]


@pytest.mark.parametrize(
    ("name", "line", "field"),
    [
        ("articles.csv", OWN_188.replace("disorder", "thefts"), "offence_group"),
        ("articles.csv", OWN_188.replace("188,,", "188.1,,"), "article"),
        ("articles.csv", OWN_188.replace(",1,456", ",5,456"), "gravity"),
        ("articles.csv", OWN_188.replace("456", "nan"), "severity_days"),
        ("articles.csv", OWN_188.replace("2025-01-01,", "1.1.2025,"), "valid_from"),
        ("articles.csv", OWN_188.replace("2025-01-01,,", "2025-01-01,2024-01-01,"), "valid_to"),
        ("articles.csv", OWN_188.replace(",yes,no,", ",да,no,"), "discretion"),
        ("articles.csv", OWN_188.replace("office,yes", ",yes"), "source"),
        ("articles.csv", OWN_188 + OWN_188, "article"),
        ("articles.csv", "188,,\n", "article"),
        ("hard_codes.csv", "код,9,,,office,no\n", "gravity"),
        ("place_types.csv", ",street,,,office,no\n", "word"),
    ],
)
def test_a_fault_of_an_office_s_table_names_file_row_and_field(own, name, line, field):
    heads = {
        "articles.csv": ARTICLE_HEADS,
        "hard_codes.csv": "code,gravity,valid_from,valid_to,source,verified\n",
        "place_types.csv": "word,place_type,valid_from,valid_to,source,verified\n",
    }[name]
    with pytest.raises(UsageError, match=f"{name}, row [23], field '{field}'") as refusal:
        own(name, heads + line)
    assert refusal.value.code == "code_table_invalid"


def test_other_heads_and_other_bytes_are_refused(own, tmp_path):
    with pytest.raises(UsageError, match=r"articles.csv, row 1"):
        own("articles.csv", "article,part\n188,\n")
    (tmp_path / "articles.csv").write_bytes("статья".encode("cp1251"))
    with pytest.raises(UsageError, match=r"articles.csv is not text in UTF-8"):
        code_tables(tmp_path)


def test_rows_of_articles_that_nobody_read_are_counted():
    given = offences(article=["188", "106", "106", "999", None])
    assert unverified_articles(given["article"], classify_articles(given)) == {"106": 2}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("188.1", ("188-1", None, None)),
        ("188.10", ("188-1", None, None)),  # a spreadsheet's spelling of 188.1
        ("188.0", ("188", None, None)),
        ("1321", ("132-1", None, None)),
        ("1880.0", ("188", None, None)),
        ("990", ("99", None, None)),
        ("188 ч 3 п 2", ("188", "3", "2")),
        ("ст. 188 УК РК", ("188", None, None)),
        ("188-бап 3-бөлігі", ("188", "3", None)),
        ("ҚК 188-бабының 3-бөлігі 2-тармағы", ("188", "3", "2")),
        ("п. 2 ч. 3 ст. 188 УК РК", ("188", "3", "2")),
        ("c\u0442.188 ч.3", ("188", "3", None)),  # a Latin c
        ("ст.188 ч.З", ("188", "3", None)),  # a letter for the digit
        ("ст.24 ч.3, ст.188 ч.2", ("188", "2", None)),  # attempted
        ("ст.188-1 ч.2", ("188-1", "2", None)),
        ("191(1)", ("191", "1", None)),
        ("ст. 434 КоАП", ("koap-434", None, None)),
        ("2001-12-01 00:00:00", (None, None, None)),
        ("01.дек", (None, None, None)),
        ("37226", (None, None, None)),
        ("кража", (None, None, None)),
    ],
)
def test_articles_are_read_as_people_and_programs_write_them(text, expected):
    assert parse_article(text) == expected


def test_articles_that_became_days_are_coded_rows():
    table = table_of_texts(article=["188", "2001-12-01 00:00:00", "01.дек", "12-янв", "12-1", None])
    article, part, _ = read_articles_of(table, "article")
    assert faults_of(table) == [(row, "article", "article_is_date") for row in (3, 4, 5)]
    assert article.astype(object).where(article.notna(), None).tolist() == [
        "188", None, None, None, "12-1", None,
    ]  # fmt: skip
    assert part.isna().all()


def test_an_article_of_the_administrative_register_is_no_theft():
    registers = pd.Series(["koap", "erdr", "koap", "koap"], dtype="category")
    articles = pd.Series(["188", "188", None, "koap-434"], dtype="category")
    named = mark_administrative(articles, registers).astype(object)
    assert named.where(named.notna(), None).tolist() == ["koap-188", "188", None, "koap-434"]
