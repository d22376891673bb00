"""The catalogues: every message in all three languages, with its placeholders and plurals."""

import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir

import maps
from geo.errors import UsageError
from maps import words
from maps.translations import LANGUAGES, catalogue, read_catalogue

MAPS = Path(maps.__file__).parent
KEYWORDS = {"say": None, "N_": None, "ngettext": (1, 2)}
PLURALS = {"kk": 2, "ru": 3, "en": 2}


def messages_used():
    found = extract_from_dir(MAPS, method_map=[("**.py", "python")], keywords=KEYWORDS)
    return {message for _, _, message, _, _ in found}


def as_list(text):
    return [text] if isinstance(text, str) else list(text)


def placeholders(text):
    return sorted(re.findall(r"\{\w+\}", text))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_catalogue_holds_exactly_the_messages_that_are_used(lang):
    held = {m.id if isinstance(m.id, str) else tuple(m.id) for m in read_catalogue(lang) if m.id}

    assert held == messages_used()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_message_is_translated_with_its_placeholders_and_plural_forms(lang):
    for message in read_catalogue(lang):
        if not message.id:
            continue
        forms = as_list(message.string)
        assert len(forms) == (1 if isinstance(message.id, str) else PLURALS[lang]), message.id
        for form in forms:
            assert form.strip(), message.id
            assert placeholders(form) == placeholders(as_list(message.id)[0]), message.id
        assert not message.fuzzy, message.id


def test_languages_differ_from_each_other_in_98_of_100_messages():
    by_lang = {
        lang: {str(m.id): tuple(as_list(m.string)) for m in read_catalogue(lang) if m.id}
        for lang in LANGUAGES
    }
    for one, other in (("kk", "en"), ("ru", "en"), ("kk", "ru")):
        equal = [key for key in by_lang[one] if by_lang[one][key] == by_lang[other][key]]
        assert len(equal) <= 0.02 * len(by_lang[one]), (one, other, equal)


def test_english_is_the_message_itself():
    for message in read_catalogue("en"):
        if message.id:
            assert as_list(message.string) == as_list(message.id)


def test_kazakh_is_written_with_kazakh_letters():
    text = "".join(str(message.string) for message in read_catalogue("kk") if message.id)

    assert set("әғқңөұүі") <= set(text.lower())


@pytest.mark.parametrize(("count", "word"), [(1, "ученик "), (2, "ученика "), (5, "учеников ")])
def test_russian_counts_in_three_forms(count, word):
    text = catalogue("ru").ngettext("{count} pupil a day", "{count} pupils a day", count)

    assert word in text


def test_every_word_table_is_in_the_catalogue():
    tables = [
        table for name, table in vars(words).items() if name[0] != "_" and isinstance(table, dict)
    ]
    spoken = catalogue("kk")

    assert len(tables) >= 12
    for table in tables:
        for message in table.values():
            assert spoken.gettext(message) != message, message


def test_another_language_is_refused_with_the_offered_ones():
    with pytest.raises(UsageError, match="kk, ru, en"):
        catalogue("de")
