"""How dark a window is, in words: until when, from when, all of it, none of it, polar."""

import pytest

from maps.daylight_texts import DaylightFacts, daylight_sentence
from maps.formats import month_text
from maps.labels import hours_text

SUN = ("09:33", "17:54")


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        (("school_am", 1, 0.93, *SUN),
         "07:00–09:00, January: dark until about 09:33; 93 % of the window is dark, twilight"
         " counted in part."),
        (("school_pm", 1, 0.64, *SUN),
         "17:30–19:30, January: dark from about 17:54; 64 % of the window is dark, twilight"
         " counted in part."),
        (("night", 6, 0.84, "05:18", "21:51"),
         "22:00–06:00, June: 84 % of the window is dark, twilight counted in part; sunrise about"
         " 05:18, sunset about 21:51."),
        (("day", 1, 0.62, *SUN),
         "January: 62 % of the day is dark, twilight counted in part; sunrise about 09:33, sunset"
         " about 17:54."),
        (("school_am", None, 0.34), "07:00–09:00, whole year: 34 % of the window is dark, twilight"
         " counted in part."),
        (("day", None, 0.46), "Whole year: 46 % of the day is dark, twilight counted in part."),
        # The month as a whole is not quite as dark as its 15th: what counts is the month.
        (("school_am", 4, 0.02, "06:50", "20:40"),
         "07:00–09:00, April: 2 % of the window is dark, twilight counted in part; sunrise about"
         " 06:50, sunset about 20:40."),
        (("evening", 6, 0.03, "02:00", "00:30"),
         "19:30–22:00, June: 3 % of the window is dark, twilight counted in part; sunrise about"
         " 02:00, sunset about 00:30."),
        (("school_am", 12, 1.0, None, None, "night"),
         "07:00–09:00, December: dark throughout; polar night, the sun does not rise."),
        (("evening", 6, 0.0, None, None, "day"),
         "19:30–22:00, June: daylight throughout; polar day, the sun does not set."),
        (("school_am", 1, 0.4, None, "12:10"),
         "07:00–09:00, January: 40 % of the window is dark, twilight counted in part; sunset about"
         " 12:10."),
    ],
)  # fmt: skip
def test_sentence_says_until_when_or_how_much_is_dark(facts, said):
    assert daylight_sentence(DaylightFacts(*facts), "en") == said


@pytest.mark.parametrize(
    ("share", "said"),
    [
        (0.0049, "daylight throughout; sunrise about 09:33, sunset about 17:54."),
        (0.0051, "dark from about 17:54; 1 % of the window is dark, twilight counted in part."),
        (0.9949, "dark from about 17:54; 99 % of the window is dark, twilight counted in part."),
        (0.9951, "dark throughout; sunrise about 09:33, sunset about 17:54."),
    ],
)
def test_all_and_nothing_begin_where_whole_per_cents_say_so(share, said):
    sentence = daylight_sentence(DaylightFacts("school_pm", 1, share, *SUN), "en")
    assert sentence == f"17:30–19:30, January: {said}"


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("kk", "07:00–09:00, қаңтар: күн шыққанша қараңғы (шамамен 09:33); осы уақыттың қараңғы"
               " бөлігі – 93 %, ымырт ішінара есептелген."),
        ("ru", "07:00–09:00, январь: темно примерно до 09:33; тёмная часть этого времени – 93 %,"
               " сумерки учтены частично."),
    ],
)  # fmt: skip
def test_sentence_in_kazakh_and_russian(lang, said):
    assert daylight_sentence(DaylightFacts("school_am", 1, 0.93, *SUN), lang) == said


def test_months_are_named_as_within_a_sentence():
    assert [month_text(9, lang) for lang in ("kk", "ru", "en")] == [
        "қыркүйек", "сентябрь", "September",
    ]  # fmt: skip


def test_hours_of_every_window():
    assert hours_text("school_pm") == "17:30–19:30"
    assert hours_text("night") == "22:00–06:00"
    assert hours_text("other") == "06:00–07:00, 09:00–12:30, 14:30–17:30"
