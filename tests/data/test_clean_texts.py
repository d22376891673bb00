"""Unsafe text is put aside, the rest is brought into one normal form."""

import pandas as pd
import pytest

from data.importers.values.clean_texts import LONGEST_TEXT, MOST_MARKS, clean_texts
from tests.data.tables_by_hand import faults_of, table_of_texts


@pytest.mark.parametrize(
    "text",
    [
        "a\0b",
        "ул. \u202eавокуЖ",
        "\u2066x\u2069",
        "е" + "\u0301" * (MOST_MARKS + 1),
        "я" * (LONGEST_TEXT + 1),
        "a" * (LONGEST_TEXT + 1),
    ],
)
@pytest.mark.bad_input("B21")
def test_unsafe_text_is_a_coded_row_and_goes_no_further(text):
    table = table_of_texts(address=["ok", text, None], street=["a", "b", "c"])
    clean_texts(table)
    assert faults_of(table) == [(3, "address", "text_unsafe")]
    assert table.texts["address"].isna().tolist() == [False, True, True]


@pytest.mark.bad_input("B21")
def test_half_a_character_is_unsafe_too():
    table = table_of_texts(address=["ok", "x"])
    table.texts["address"] = pd.Series(["ok", "a\ud800b"], dtype=object)
    clean_texts(table)
    assert faults_of(table) == [(3, "address", "text_unsafe")]
    assert table.texts["address"].tolist()[0] == "ok"


@pytest.mark.bad_input("B21")
def test_letters_come_into_one_form_and_long_text_stays():
    decomposed = "и\u0306" * 100  # a hundred letters й, each with its breve apart
    long = "я" * LONGEST_TEXT
    table = table_of_texts(address=[decomposed, long, "көше", "a\u200eb"])
    clean_texts(table)
    assert faults_of(table) == []
    assert table.texts["address"].tolist() == ["й" * 100, long, "көше", "a\u200eb"]
