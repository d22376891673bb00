"""Heads and words of every spelling lead to the fields and words that they mean."""

import pytest

from data.importers.header_words import fold_header, fold_heads, header_words
from data.importers.mapping import NOUNS
from data.importers.values.look_alikes import fold, fold_letters
from data.importers.values.words import (
    DISCOVERY,
    NO,
    NOT_KNOWN,
    STATUS,
    YES,
    read_flags,
    read_status,
)
from tests.data.tables_by_hand import faults_of, table_of_texts


def field_of(head, noun="incidents"):
    """Return the field that a file's only such head means."""
    heads = fold_heads([head])
    fields = [name for name, words in header_words(noun).items() if heads.keys() & set(words)]
    return fields[0] if fields else None


@pytest.mark.parametrize(
    ("head", "field"),
    [
        ("күні", "occurred_at"), ("Күні (дд.мм.гггг)", "occurred_at"), ("КУНИ", "occurred_at"),
        ("Дата\nсовершения", "occurred_at"), ("Kúni", "occurred_at"), ("küni", "occurred_at"),
        ("Уақыты", "occurred_time"), ("Уакыты", "occurred_time"), ("время", "occurred_time"),
        ("бап", "article"), ("б\u0061п", "article"), ("Баптың нөмірі", "article"),
        ("Статья УК РК", "article"), ("ендік", "lat"), ("Ендик", "lat"), ("endik", "lat"),
        ("Широта, °", "lat"), ("Широта (WGS-84)", "lat"), ("boılyq", "lon"), ("БОЙЛЫҚ", "lon"),
        ("долгота\u00a0", "lon"), ("дол\u00adгота", "lon"), ("Координаты", "location"),
        ("Улица", "street"), ("көшесі", "street"), ("Дом №", "house"), ("№ дома", "house"),
        ("үй", "house"), ("Адрес происшествия", "address"), ("мекенжайы", "address"),
        ("Пересечение улиц", "crossing"), ("қиылысы", "crossing"), ("район", "district"),
        ("№ ЕРДР", "external_id"), ("ҚАТЖ-СДТБТ(ЕРДР)", "external_id"),
        ("өтініш/КУИ", "external_id"),
        ("Результат", "result"), ("ауырлығы", "gravity"), ("Ауырлыгы", "gravity"),
        ("примечание", None),
    ],
)  # fmt: skip
@pytest.mark.bad_input("B42")
def test_a_head_of_any_spelling_means_its_field(head, field):
    assert field_of(head) == field


def test_the_number_of_another_register_is_a_reference():
    words = header_words("incidents")
    heads = fold_heads(["№ вызова", "№ ЕРДР"])
    taken = set()
    found = {}
    for name in ("external_id", "reference"):
        word = next(word for word in words[name] if word in heads and heads[word] not in taken)
        found[name] = heads[word]
        taken.add(heads[word])
    assert found == {"external_id": "№ вызова", "reference": "№ ЕРДР"}


def test_a_form_that_two_heads_share_means_neither():
    heads = fold_heads(["Дата (начала)", "Дата (конца)"])
    assert fold_header("дата") not in heads
    assert set(heads.values()) == {"Дата (начала)", "Дата (конца)"}


@pytest.mark.parametrize("noun", NOUNS)
def test_the_words_of_a_noun_are_words(noun):
    for name, words in header_words(noun).items():
        assert all(words), name
        assert len(set(words)) == len(words)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("\u0070\u0430\u0431o\u0442\u0430\u0435\u0442", "работает"),  # Latin p and o
        ("НЕ\u00a0ГОРИТ", "не горит"),
        ("жұмыс iстейдi", "жұмыс істейді"),
        ("\u0259\u0434\u0456\u0441", "әдіс"),
        ("не\tгорит", "не горит"),
        ("демонти\u00adрован", "демонтирован"),
        ("жаñа", "жаңа"),
        ("пёстрый", "пестрый"),
        ("cap park", "cap park"),
        ("20–30", "20-30"),
    ],
)
def test_words_are_compared_folded(text, meant):
    assert fold(text) == meant


def test_letters_fold_one_for_one():
    for text in ("cәуip", "мaй", "April", "3 c\u04d9уip"):
        assert len(fold_letters(text)) == len(text)


def test_the_lists_of_words_are_folded_and_do_not_contradict():
    assert not YES & NO
    assert not (YES | NO) & NOT_KNOWN
    for words in (YES, NO, NOT_KNOWN, set(DISCOVERY), set(STATUS)):
        assert {fold(word) for word in words} == set(words)


@pytest.mark.bad_input("B42")
def test_flags_are_read_in_three_languages_and_with_look_alikes():
    texts = ["иә", "ДА", "\u0433op\u0438\u0442", "жоқ", "не\u00a0горит", "неизвестно", None, "мож"]
    table = table_of_texts(working=texts)
    flags = read_flags(table, "working").tolist()
    assert flags == [True, True, True, False, False, None, None, None]
    assert faults_of(table) == [(9, "working", "word_unknown")]


def test_the_result_of_a_call_tells_whether_it_stands():
    results = ["подтвердилось", "Не подтв.", "ложный вызов", "расталмады", "передано", None]
    table = table_of_texts(result=results)
    assert read_status(table).tolist() == [
        "active", "discontinued", "discontinued", "discontinued", "active", "active",
    ]  # fmt: skip
    assert table.warnings[0].startswith("result_unknown: 1 rows")


def test_a_status_of_its_own_goes_before_the_result():
    table = table_of_texts(
        status=["прекращено", "active", None, "?"], result=[None, "не подтв.", "не подтв.", None]
    )
    assert read_status(table).tolist() == ["discontinued", "active", "discontinued", "active"]
    assert faults_of(table) == [(5, "status", "word_unknown")]
