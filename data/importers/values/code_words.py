"""Fields of a file that the code tables explain: articles, kinds of place, gravity."""

from __future__ import annotations

import re

import pandas as pd

from data.codes.tables import CodeTables, gravities, place_types
from data.distinct_words import as_category, map_words
from data.importers.tabular import SourceTable
from data.importers.values.articles import KOAP, is_date_like, parse_article
from data.importers.values.look_alikes import fold, fold_texts

_ZEROS = re.compile(r"[.,]0+$")
_WHOLE = re.compile(r"[+-]?[0-9]+")


def read_articles(table: SourceTable, name: str) -> tuple[pd.Series, pd.Series, pd.Series]:
    """Read a field of articles as article, part and paragraph, each of few distinct words.

    Rows whose article a spreadsheet turned into a day are marked ``article_is_date``.
    """
    words = as_category(table.text(name))
    days = map_words(words, is_date_like).eq(True)
    table.faults.add(days, table.head(name), "article_is_date")
    parsed = {word: parse_article(word) for word in words.cat.categories}
    article, part, paragraph = (
        as_category(map_words(words, lambda word, place=place: parsed[word][place]))  # type: ignore[misc]
        for place in range(3)
    )
    return article, part, paragraph


def mark_administrative(articles: pd.Series, registers: pd.Series) -> pd.Series:
    """Tell articles of the administrative register from those of the criminal code.

    Both codes number their articles from 1, so that 188 of one is no theft of the other.
    """
    bare = (registers == "koap").to_numpy(bool) & articles.notna().to_numpy(bool)
    bare &= ~articles.astype("str").str.startswith(KOAP).fillna(False).to_numpy(bool)
    if not bare.any():
        return articles
    named = articles.astype(object)
    named[bare] = KOAP + named[bare]
    return named.astype("category")


def read_place_types(
    table: SourceTable, name: str, codes: CodeTables, at: pd.Series | None = None
) -> pd.Series:
    """Read a field of words for a place; ``unknown`` where missing or in no table."""
    return place_types(fold_texts(table.text(name)), codes, at)


def read_gravities(
    table: SourceTable, name: str, codes: CodeTables, at: pd.Series | None = None
) -> pd.Series:
    """Read a field of gravity classes as numbers 0–4; mark words that no table explains."""
    text = map_words(table.text(name), lambda word: _ZEROS.sub("", fold(word)))
    found = gravities(text, codes, at)
    strange = (text.notna() & found.isna()).to_numpy(bool)
    number = map_words(text, _WHOLE.fullmatch).notna().to_numpy(bool)
    table.faults.add(strange & number, table.head(name), "number_out_of_range")
    table.faults.add(strange & ~number, table.head(name), "word_unknown")
    return found
