"""Fields of a file that the code tables explain: articles, kinds of place, gravity."""

from __future__ import annotations

import pandas as pd

from data.codes.tables import CodeTables, gravities, place_types
from data.importers.tabular import SourceTable
from data.importers.values.articles import KOAP, is_date_like, parse_article
from data.importers.values.look_alikes import fold_texts


def read_articles(table: SourceTable, name: str) -> tuple[pd.Series, pd.Series, pd.Series]:
    """Read a field of articles as article, part and paragraph, each of few distinct words.

    Rows whose article a spreadsheet turned into a day are marked ``article_is_date``.
    """
    words = table.text(name).astype("category")
    known = words.cat.categories
    days = [word for word in known if is_date_like(word)]
    table.faults.add(words.isin(days), table.head(name), "article_is_date")
    parsed = [parse_article(word) for word in known] or [(None, None, None)]
    article, part, paragraph = (
        words.map(dict(zip(known, values, strict=False))).astype(object).astype("category")
        for values in zip(*parsed, strict=True)
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
    text = fold_texts(table.text(name)).str.replace(r"[.,]0+$", "", regex=True)
    found = gravities(text, codes, at)
    strange = (text.notna() & found.isna()).to_numpy(bool)
    number = text.str.fullmatch(r"[+-]?[0-9]+").fillna(False).to_numpy(bool)
    table.faults.add(strange & number, table.head(name), "number_out_of_range")
    table.faults.add(strange & ~number, table.head(name), "word_unknown")
    return found
