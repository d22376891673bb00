"""Words of places: labels of every kind, reasons, ranks, explanations; hostile names stay text."""

import datetime as dt
import math

import pytest

from maps.explanations import Explained, explanation, explanation_sentence, factor_text
from maps.formats import date_text, distance_text, number_text
from maps.labels import (
    class_word,
    confidence_word,
    data_date_text,
    local_name,
    rank_text,
    reading_note,
    reason_line,
    school_label,
    section_label,
    window_text,
)

BETWEEN = {
    "label_kind": "between",
    "label_name": "Абай көшесі",
    "label_from": "Сәтбаев көшесі",
    "label_to": "Жәңгір хан көшесі",
}
HOSTILE = "<img src=x onerror=alert(1)>{{7*7}}{name}{0}`${7*7}`</script>{% raw %}{# c %}"


@pytest.mark.parametrize(
    ("row", "kk", "ru", "en"),
    [
        (
            BETWEEN,
            "Абай көшесі: Сәтбаев көшесі – Жәңгір хан көшесі аралығы",
            "Абай көшесі: участок Сәтбаев көшесі — Жәңгір хан көшесі",
            "Абай көшесі: between Сәтбаев көшесі and Жәңгір хан көшесі",
        ),
        (
            {"label_kind": "from", "label_name": "Абай көшесі", "label_from": "Гагарин көшесі"},
            "Абай көшесі: Гагарин көшесі қиылысынан бастап",
            "Абай көшесі: от перекрёстка «Гагарин көшесі»",
            "Абай көшесі: from Гагарин көшесі",
        ),
        (
            {"label_kind": "along", "label_name": "Абай көшесі", "label_ordinal": 2},
            "Абай көшесі, 2-бөлік",
            "Абай көшесі, часть 2",
            "Абай көшесі, part 2",
        ),
        (
            {"label_kind": "branch", "label_name": "Абай көшесі", "label_bearing": "ne"},
            "Абай көшесі: солтүстік-шығысқа қарай тармақ",
            "Абай көшесі: ответвление на северо-восток",
            "Абай көшесі: branch to the north-east",
        ),
        (
            {"label_kind": "near_school", "label_name": "Школа №18", "label_distance_m": 120},
            "№ 18 мектеп маңы, 120 м",
            "Рядом: Школа № 18, 120 м",
            "Near: School No. 18, 120 m",
        ),
        (
            {
                "label_kind": "district",
                "label_name": "Зашаған",
                "label_bearing": "s",
                "label_distance_m": 1340,
            },
            "Зашаған: оңтүстікке қарай 1,3 км",
            "Зашаған, 1,3 км на юг",
            "Зашаған: 1.3 km to the south",
        ),
    ],
    ids=["between", "from", "along", "branch", "near_school", "district"],
)
def test_every_kind_of_label_is_said_in_three_languages(row, kk, ru, en):
    assert spaced(section_label(row, "kk")) == kk
    assert spaced(section_label(row, "ru")) == ru
    assert section_label(row, "en") == en


def test_name_is_taken_in_the_readers_language_where_the_map_has_it():
    row = {"name": "улица Абая", "name_kk": "Абай көшесі", "name_ru": None}

    assert local_name(row, "name", "kk") == "Абай көшесі"
    assert local_name(row, "name", "ru") == "улица Абая"
    assert local_name({"name": float("nan")}, "name", "kk") == ""


@pytest.mark.bad_input("B47", "B48")
@pytest.mark.parametrize("lang", ["kk", "ru", "en"])
def test_hostile_names_stand_in_labels_letter_by_letter(lang):
    label = section_label(BETWEEN | {"label_name": HOSTILE}, lang)

    assert HOSTILE in label


def test_control_and_direction_letters_become_blanks():
    assert local_name({"name": "Абай\u202e\x00\nкөшесі"}, "name", "kk") == "Абай көшесі"


def test_a_label_without_its_crossing_falls_back_to_the_street():
    assert section_label({"label_kind": "between", "label_name": "Абай"}, "en") == "Абай"
    assert section_label({"label_kind": "along"}, "en") == "unnamed street"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("№7", "School No. 7"),
        ("СШ 18", "School No. 18"),
        ("Школа №132", "School No. 132"),
        ("№ 4 мектеп", "School No. 4"),
        ("№ 9 жалпы білім беретін мектебі", "School No. 9"),
        ("Средняя школа № 12", "School No. 12"),
        ("Назарбаев Зияткерлік мектебі", "Назарбаев Зияткерлік мектебі"),
        ("Гимназия 2 корпус", "Гимназия 2 корпус"),
        ("", "school without a name"),
    ],
)
def test_numbered_schools_read_alike_and_names_are_kept(name, shown):
    assert school_label(name, "en") == shown


def test_reason_line_leaves_out_what_is_missing_and_never_says_zero_for_it():
    assert reason_line({}, "ru") == ""
    assert reason_line({"incidents_observed": None, "pupils": float("nan")}, "ru") == ""
    assert reason_line({"incidents_observed": 0}, "en") == "0 incidents in 12 months"


def test_a_street_that_no_pupil_walks_is_not_said_to_have_pupils():
    assert reason_line({"pupils": 0.4}, "en") == ""
    assert reason_line({"pupils": 0.6}, "en") == "1 pupil a day"


def test_reason_line_says_reasons_with_russian_plurals():
    row = {"incidents_observed": 21, "unlit_m": 140.2, "pupils": 1003, "share_violence": 0.6}

    assert spaced(reason_line(row, "ru")) == (
        "21 происшествие за 12 месяцев · в основном: насилие · без света: 140 м"
        " · 1 003 ученика в день"
    )


def test_unknown_light_is_said_as_unknown_not_as_dark():
    assert reason_line({"unlit_m": 0.0, "unknown_light_m": 80.0}, "en") == ("light unknown on 80 m")


def test_group_that_makes_less_than_half_is_not_called_the_main_one():
    assert reason_line({"share_violence": 0.49, "share_disorder": 0.2}, "en") == ""


def test_ranks_come_as_ranges():
    assert rank_text(3, 11, "kk") == "3–11-орын"
    assert rank_text(3, 3, "kk") == "3-орын"
    assert rank_text(None, 3, "kk") == ""
    assert rank_text(float("nan"), 3, "kk") == ""


def test_class_and_confidence_have_words_also_where_there_is_none():
    assert [class_word(number, "kk") for number in (1, 5)] == ["орташа не одан төмен", "өте жоғары"]
    assert class_word(None, "en") == "no class"
    assert confidence_word("strong", "ru") == "данных достаточно"
    assert confidence_word(None, "en") == "too few records to tell"


def test_dates_and_numbers_are_written_as_the_language_does():
    assert spaced(date_text(dt.date(2026, 11, 22), "kk")) == "2026 ж. 22 қараша"
    assert date_text(dt.date(2026, 11, 22), "en") == "22 November 2026"
    assert spaced(number_text(1234.56, "ru", digits=1)) == "1 234,6"
    assert distance_text(None, "kk") == ""
    assert window_text("midday", "en") == "Midday, change of shifts, 12:30–14:30"
    assert window_text("day", "en") == "Whole day"
    assert "street map" in data_date_text(dt.date(2026, 1, 2), dt.date(2025, 3, 4), "en")
    assert "street map" not in data_date_text(dt.date(2026, 1, 2), None, "en")


def test_reading_note_says_what_how_many_and_since_when():
    note = reading_note(1, (dt.date(2024, 3, 1), dt.date(2024, 5, 31)), "en")

    assert "about places, not about people. 1 incident, 1 March 2024 – 31 May 2024" in note


def spaced(text):
    """Return the text with the typographer's blanks as common ones."""
    return text.replace("\u00a0", " ").replace("\u2009", " ").replace("\u202f", " ")


def place(**changed):
    numbers = {
        "hazard": 8.0,
        "hazard_low": 3.21,
        "hazard_high": 19.4,
        "unit": "days",
        "ln_area_mean": math.log(2.0),
        "parts": {"area": math.log(2.5), "own_record": math.log(2.0), "level": math.log(0.8)},
        "group_shares": {"violence": 0.25, "theft_robbery": 0.75, "disorder": 0.0},
        "confidence": "strong",
        "period": (dt.date(2024, 1, 1), dt.date(2026, 12, 31)),
    }
    return Explained(**(numbers | changed))


def test_sentence_holds_the_numbers_of_the_place():
    # 8 / 2 = 4 times the usual level; the largest raising part is area, 2.5.
    assert explanation_sentence(place(), "en") == (
        "Whole day: expected harm a month 8 days of sanction (90 % interval 3.2–19), 4 times the"
        " usual level for a place of this size. Main reason: incidents in the surroundings over"
        " the years (×2.5)."
    )


def test_sentence_keeps_two_digits_that_count():
    sentence = explanation_sentence(
        place(hazard=1543.2, hazard_low=0.0123, hazard_high=187.0), "en"
    )

    assert "1,500 days of sanction (90 % interval 0.012–190)" in sentence


def test_factors_shown_multiply_to_the_comparison():
    parts = explanation(place(), "en")["parts"]

    assert [part["factor"] for part in parts] == ["×2.5", "×2", "×0.8"]
    assert math.isclose(math.exp(sum(part["log"] for part in parts)), 4.0, rel_tol=1e-12)


def test_small_factors_keep_the_digits_that_show_them():
    assert factor_text(math.log(1.04), "en") == "×1.04"
    assert factor_text(math.log(0.89), "ru") == "×0,89"
    assert factor_text(math.log(1.84), "en") == "×1.8"


def test_few_records_are_said_in_the_sentence():
    assert "too few records" in explanation_sentence(place(confidence="too_few"), "en")
    assert "too few records" not in explanation_sentence(place(), "en")


def test_groups_come_in_order_without_empty_ones():
    groups = explanation(place(), "en")["groups"]

    assert [(group["group"], group["text"]) for group in groups] == [
        ("theft_robbery", "75 %"),
        ("violence", "25 %"),
    ]


def test_light_and_facts_name_only_what_is_known():
    known = explanation(place(lit_m=60.0, unknown_light_m=0.0, pupils=214.0), "en")

    assert [state["text"] for state in known["light"]] == ["lit: 60 m"]
    assert known["facts"][0] == "214 pupils a day"
    assert not any("incident" in fact for fact in known["facts"])
