"""The dated tables of codes: article → offence group and severity, words → place type and gravity.

They are CSV files that a prosecutor can read and edit. ``verified`` tells whether a source was
read; ``severity_source`` tells a custodial range from the midpoint of an assumed gravity class.
Tables of the same names in an office's own folder go before the package's, row by row.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from pathlib import Path
from statistics import fmean

import numpy as np
import numpy.typing as npt
import pandas as pd

from data.codes.code_files import (
    ALWAYS,
    IF_MINOR,
    PLACE_TYPES,
    UNLESS_ADULT,
    ArticleRow,
    DatedRow,
    WordRow,
    plain_word,
    read_article_rows,
    read_word_rows,
)
from data.codes.own_tables import layered, own_text
from data.distinct_words import map_words
from geo import columns as c
from geo.parameters import HazardParameters

CHILD = "child"
FILES = ("articles.csv", "place_types.csv", "hard_codes.csv")
_ADULT_GROUP = "violence"


@dataclass(frozen=True)
class CodeTables:
    """The package's tables with an office's own rows over them.

    Attributes
    ----------
    articles
        Rows of a whole article stand before those of its parts, an office's after the package's:
        the last row that fits an offence holds.
    places, hard_codes
        Words for a place and for gravity; the last row that fits holds.
    digest
        SHA-256 of the files, by which a run can name its tables.
    """

    articles: tuple[ArticleRow, ...]
    places: tuple[WordRow, ...]
    hard_codes: tuple[WordRow, ...]
    digest: str


def code_tables(folder: Path | None = None) -> CodeTables:
    """Read the tables, with those of an office's folder over the package's.

    Parameters
    ----------
    folder
        Holds any of ``articles.csv``, ``place_types.csv`` and ``hard_codes.csv``, with the heads
        of the package's. None, or a folder that is not there, for the package's own.

    Raises
    ------
    UsageError
        ``code_table_invalid``: names file, row and field.
    """
    return _build(tuple(own_text(folder, name) for name in FILES))


def read_articles() -> tuple[ArticleRow, ...]:
    """Return the package's own rows of articles."""
    return code_tables().articles


def read_place_types() -> dict[str, str]:
    """Return the package's own words for a place → place type."""
    return {row.word: row.meaning for row in code_tables().places}


def place_types(
    text: pd.Series, tables: CodeTables | None = None, at: pd.Series | None = None
) -> pd.Series:
    """Return the place type of each text; ``unknown`` where missing or not in the table.

    Parameters
    ----------
    text
        Words of a source.
    tables
        The package's own where not given.
    at
        Time of each row; without it every row of the table holds.

    Examples
    --------
    >>> import pandas as pd
    >>> place_types(pd.Series(["Иные", "street", None])).tolist()
    ['other', 'street', 'unknown']
    """
    own = tuple(WordRow(name, name, None, None, "", True) for name in PLACE_TYPES)
    found = _meanings(text, own + (tables or code_tables()).places, at)
    return found.fillna("unknown")


def gravities(
    text: pd.Series, tables: CodeTables | None = None, at: pd.Series | None = None
) -> pd.Series:
    """Return the gravity class of each code or word, missing where it is not in the table.

    Examples
    --------
    >>> import pandas as pd
    >>> gravities(pd.Series(["3", "средней тяжести", "?"])).tolist()
    [3, 2, <NA>]
    """
    found = _meanings(text, (tables or code_tables()).hard_codes, at)
    return found.astype(object).map(int, na_action="ignore").astype("Int64")


def severity_by_group(tables: CodeTables | None = None) -> dict[str, float]:
    """Return the mean days of sanction of each group's articles, for groups with few incidents."""
    standing = {row.key: row for row in (tables or code_tables()).articles}
    groups = sorted({row.offence_group for row in standing.values()} - {""})
    return {
        group: fmean(row.severity_days for row in standing.values() if row.offence_group == group)
        for group in groups
    }


def classify_articles(offences: pd.DataFrame, tables: CodeTables | None = None) -> pd.DataFrame:
    """Give every offence what its article says.

    Parameters
    ----------
    offences
        ``article``, ``part``, ``gravity`` (missing where the record gives none), ``victim_minor``
        (True, False or missing), ``occurred_at``.
    tables
        The package's own where not given.

    Returns
    -------
    pandas.DataFrame
        On the same index: ``offence_group`` (None where the article is in no set),
        ``severity_days`` (NaN where neither table nor gravity tell), ``discretionary`` (None where
        the article is unknown), ``sensitive``, ``known`` (the article is in the table),
        ``verified`` (a source was read for its row).
    """
    count = len(offences)
    group, discretionary = np.full(count, None, object), np.full(count, None, object)
    sensitive, exact, verified = (np.zeros(count, bool) for _ in range(3))
    table_days = np.full(count, np.nan)
    minor = offences[c.VICTIM_MINOR].astype(object)
    not_adult, minor_victim = (minor != False).to_numpy(bool), (minor == True).to_numpy(bool)  # noqa: E712
    rows_of = _rows_by_article(offences[c.ARTICLE])

    for row in (tables or code_tables()).articles:
        meant = _meant(offences, rows_of(row.article), row)
        if not len(meant):
            continue
        child = {
            ALWAYS: np.ones(len(meant), bool),
            UNLESS_ADULT: not_adult[meant],
            IF_MINOR: minor_victim[meant],
        }.get(row.child_rule, np.zeros(len(meant), bool))
        group[meant] = (_ADULT_GROUP if row.offence_group == CHILD else row.offence_group) or None
        group[meant[child]] = CHILD
        discretionary[meant], sensitive[meant] = row.discretion, row.sensitive
        exact[meant], verified[meant] = row.exact, row.verified
        table_days[meant] = row.severity_days

    midpoints = np.array([*HazardParameters().severity_days_by_gravity, np.nan])
    given = midpoints[offences[c.GRAVITY].astype("Int64").fillna(-1).to_numpy(int)]
    return pd.DataFrame(
        {
            c.OFFENCE_GROUP: pd.Series(group, index=offences.index, dtype=object),
            c.SEVERITY_DAYS: np.where(exact | np.isnan(given), table_days, given),
            "discretionary": discretionary,
            c.SENSITIVE: sensitive | (group == CHILD),
            "known": discretionary != None,  # noqa: E711  elementwise
            "verified": verified,
        },
        index=offences.index,
    )


def unverified_articles(articles: pd.Series, named: pd.DataFrame) -> dict[str, int]:
    """Count the rows whose article is in the table but was read in no source.

    Parameters
    ----------
    articles
        Article of each row.
    named
        What `classify_articles` says of the same rows.
    """
    open_rows = (named["known"] & ~named["verified"]).to_numpy(bool)
    counts = articles[open_rows].astype(object).value_counts()
    return {str(article): int(count) for article, count in counts.sort_index().items()}


# -------------------------------------------------------------------------------------------


@lru_cache(maxsize=16)
def _build(own: tuple[str | None, ...]) -> CodeTables:
    package = [
        resources.files(__package__).joinpath(name).read_text(encoding="utf-8") for name in FILES
    ]
    articles = layered(package[0], own[0], lambda text: read_article_rows(text, FILES[0]))
    places = layered(
        package[1], own[1], lambda text: read_word_rows(text, FILES[1], "word", "place_type")
    )
    hard = layered(
        package[2], own[2], lambda text: read_word_rows(text, FILES[2], "code", "gravity")
    )
    digest = hashlib.sha256("\0".join([*package, *(text or "" for text in own)]).encode())
    return CodeTables(
        articles=tuple(sorted(articles, key=lambda row: row.part != "")),
        places=places,
        hard_codes=hard,
        digest=digest.hexdigest(),
    )


def _meanings(text: pd.Series, rows: tuple[WordRow, ...], at: pd.Series | None) -> pd.Series:
    if at is None or not any(row.valid_from or row.valid_to for row in rows):
        meanings = {row.word: row.meaning for row in rows}
        return map_words(text, lambda word: meanings.get(plain_word(word)))
    words = map_words(text, plain_word)
    found = pd.Series(None, index=text.index, dtype=object)
    for row in rows:
        found[(words == row.word) & pd.Series(_holds(at, row), index=text.index)] = row.meaning
    return found


def _holds(at: pd.Series, row: DatedRow) -> npt.NDArray[np.bool_]:
    held = np.ones(len(at), bool)
    if row.valid_from:
        held &= (at >= pd.Timestamp(row.valid_from)).to_numpy(bool)
    if row.valid_to:
        held &= (at < pd.Timestamp(row.valid_to) + pd.Timedelta(days=1)).to_numpy(bool)
    return held


def _rows_by_article(articles: pd.Series) -> Callable[[str], npt.NDArray[np.int64]]:
    codes, known = pd.factorize(articles.astype(object))
    order = np.argsort(codes, kind="stable")
    bounds = np.searchsorted(codes[order], np.arange(len(known) + 1))
    place = {article: number for number, article in enumerate(known)}

    def rows_of(article: str) -> npt.NDArray[np.int64]:
        number = place.get(article)
        return order[:0] if number is None else order[bounds[number] : bounds[number + 1]]

    return rows_of


def _meant(
    offences: pd.DataFrame, rows: npt.NDArray[np.int64], row: ArticleRow
) -> npt.NDArray[np.int64]:
    if row.part and len(rows):
        rows = rows[offences["part"].iloc[rows].eq(row.part).fillna(False).to_numpy(bool)]
    return rows[_holds(offences[c.OCCURRED_AT].iloc[rows], row)] if len(rows) else rows
