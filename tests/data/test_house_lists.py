"""Decrees list streets and houses in many ways; each must be read as a person reads it."""

import pytest

from data.importers.places.house_lists import read_house_list
from data.importers.places.house_numbers import parse_house

STREETS = {"8 марта", "мкр 4", "ул. абая", "абая", "сатпаева", "28 панфиловцев", "абай көшесі"}


def read(text):
    listing = read_house_list(text, lambda name: name in STREETS)
    streets = [
        (one.street, [(str(h.low), h.high and str(h.high), h.side) for h in one.houses])
        for one in listing.streets
    ]
    return streets, listing.unread


@pytest.mark.parametrize(
    ("text", "streets"),
    [
        ("Абай көшесі 1–45 (тақ), Сарайшық көшесі толық",
         [("абай көшесі", [("1", "45", "odd")]), ("сарайшық көшесі", [])]),
        ("ул. Абая, дома 1-45 нечётные", [("ул. абая", [("1", "45", "odd")])]),
        ("ул. Абая, дома 2-44 чётные, 50, 52а; мкр 4",
         [("ул. абая", [("2", "44", "even"), ("50", "50", None), ("52а", "52а", None)]),
          ("мкр 4", [])]),
        ("Абай көшесі 2-20, жұп", [("абай көшесі", [("2", "20", "even")])]),
        ("Абай көшесі 2-20 жұп, 1-9 тақ",
         [("абай көшесі", [("2", "20", "even"), ("1", "9", "odd")])]),
        ("Абай көшесі 1-ден 45-ке дейін", [("абай көшесі", [("1", "45", None)])]),
        ("Абай көшесі 45-тен соңына дейін", [("абай көшесі", [("45", None, None)])]),
        ("ул. Абая от 45 до конца", [("ул. абая", [("45", None, None)])]),
        ("ул. Абая с 2 по 10 и 14", [("ул. абая", [("2", "10", None), ("14", "14", None)])]),
        ("ул. Абая (Ленина) чётная сторона", [("ул. абая", [("1", None, "even")])]),
        ("Абай көшесі №2, №4", [("абай көшесі", [("2", "2", None), ("4", "4", None)])]),
        ("Абай көшесі: 1-45", [("абай көшесі", [("1", "45", None)])]),
        ("ул. Абая, все дома", [("ул. абая", [])]),
        ("Абая и Сатпаева", [("абая", []), ("сатпаева", [])]),
        ("8 Марта 3, 5", [("8 марта", [("3", "3", None), ("5", "5", None)])]),
        ("28 панфиловцев", [("28 панфиловцев", [])]),
        ("мкр 4 12-20", [("мкр 4", [("12", "20", None)])]),
        ("Абай көшесі 12/1", [("абай көшесі", [("12/1", "12/1", None)])]),
    ],
)  # fmt: skip
def test_streets_and_houses_are_told_apart(text, streets):
    assert read(text) == (streets, ())


@pytest.mark.parametrize(("text", "unread"), [("###", ("###",)), ("45-50", ("45-50",))])
def test_what_names_no_street_is_handed_back(text, unread):
    assert read(text) == ([], unread)


def test_a_range_that_runs_backwards_is_no_range():
    streets, _ = read("ул. Абая 45-3")
    assert streets == [("ул. абая 45-3", [])]  # and no such street will be found


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("ул. Абая 1-9 нечётные", ["1", "5", "9", "7а"], ["2", "8", "11"]),
        ("ул. Абая 1-9", ["1", "8", "9/2"], ["10"]),
        ("ул. Абая 12", ["12"], ["12а", "12/1", "13"]),
        ("ул. Абая 12а", ["12а"], ["12"]),
        ("ул. Абая от 10 до конца, чётные", ["10", "900"], ["11", "8"]),
    ],
)
def test_ranges_cover_their_houses_and_no_other(text, inside, outside):
    (item,) = read_house_list(text, lambda name: name in STREETS).streets
    covered = [any(one.covers(parse_house(house)) for one in item.houses)
               for house in [*inside, *outside]]  # fmt: skip
    assert covered == [True] * len(inside) + [False] * len(outside)
