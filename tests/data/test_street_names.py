"""Spellings of one street meet, different streets stay apart."""

import pytest

from data.importers.places.house_numbers import parse_house
from data.importers.places.street_names import PLACED_SCORE, fold_street, match_score, name_variants


def score(one, other):
    return match_score(fold_street(one), fold_street(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ул. Абая", "Абай көшесі"),
        ("пр-т Абая", "Абай даң."),
        ("ул. Құрманғазы", "Курмангазы к-сі"),
        ("Kurmangazy str.", "Құрманғазы көш."),
        ("Кyрмaнғaзы көшeсi", "Құрманғазы көшесі"),  # Latin y, a, e, i
        ("Джандосова", "ул. Жандосов"),
        ("ул. Уалиханова", "Валиханов"),
        ("ул. Ауэзова", "Әуезов көшесі"),
        ("Жібек жолы", "улица Жибек Жолы"),
        ("Әл-Фараби даңғылы", "Аль-Фараби пр."),
        ("мкр. №5", "5 микрорайон"),
        ("4-шағын аудан", "мкр 4"),
        ("4 ы.а.", "мкр. 4"),
        ("20-я линия", "ул. 20 линия"),
        ("Шарипова Ади", "ул. Ади Шарипова"),
        ("ул. Т. Кулбекова", "Кулбекова"),
        ("ул. им. Тургут Озала", "Тургут Озал көшесі"),
        ("ул. «Мира»", "Мира"),
        ("ул. Маметовой", "Мәметова көшесі"),
        ("Космодемьянской", "ул. Космодемьянская"),
    ],
)
def test_spellings_of_one_street_score_as_one(one, other):
    assert score(one, other) >= 98


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("8 Марта", "3 Марта"),
        ("мкр 5", "мкр 6"),
        ("20 линия", "22 линия"),
        ("Московская", "Москвина"),
        ("Мира", "Мара"),
        ("школа", "Школьная"),
        ("Тәуелсіздік", "Независимости"),  # only the map or the office can tell
        ("ул. Читинская", "Читинский пер."),
    ],
)
def test_different_streets_stay_below_the_score_at_which_rows_are_placed(one, other):
    if "Читинск" in one:
        assert score(one, other) < 100 - 4
    else:
        assert score(one, other) < PLACED_SCORE


@pytest.mark.parametrize(
    ("one", "other", "least", "most"),
    [
        ("Қонаев", "Кунаева", 85, 95),  # vowels alone
        ("Жамбыл", "Джамбула", 85, 95),
        ("ул. Назарбаева", "Нұрсұлтан Назарбаев даңғылы", 85, 95),  # part of the name
        ("Сейфулина", "пр. Сейфуллина", 98, 100),
        ("Розыбокиева", "Розыбакиева", 85, 99),  # a slip
    ],
)
def test_what_is_likely_but_not_certain_scores_between(one, other, least, most):
    assert least <= score(one, other) <= most


def test_every_score_lies_between_0_and_100_and_is_the_same_both_ways():
    names = ["ул. Абая", "", "мкр 5", "5", "Kunaev", "пер. Абая", "Набережная", "№", "😀"]
    for one in names:
        for other in names:
            assert 0 <= score(one, other) <= 100
            assert score(one, other) == score(other, one)


def test_a_name_in_brackets_is_a_second_name():
    assert name_variants("пр. Достык (Ленина)") == ["пр. Достык", "Ленина"]
    assert name_variants("ул. Джандосова;ул.Жандосова") == ["ул. Джандосова", "ул.Жандосова"]


@pytest.mark.parametrize(
    ("text", "house"),
    [
        ("12", "12"),
        ("12а", "12а"),
        ("12A", "12а"),  # Latin
        ("12-А", "12а"),
        ('12 "а"', "12а"),
        ("12/1", "12/1"),
        ("7А/3", "7а/3"),
        ("д.12 корп 2", "12 корп. 2"),
        ("12к2", "12 корп. 2"),
        ("дом 5 стр. 1", "5 корп. 1"),
        ("үй 12", "12"),
        ("12-үй", "12"),
        ("№ 5", "5"),
        ("154 кв. 5", "154"),
        ("б/н", None),
        ("0", None),
        ("45-47", None),
        ("", None),
        (None, None),
    ],
)
def test_house_numbers_are_read_as_written(text, house):
    read = parse_house(text)
    assert (str(read) if read else None) == house
