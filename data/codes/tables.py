"""The dated tables of codes: article → offence group and severity, place text → place type.

They are CSV files that a prosecutor can read and edit. ``verified`` tells whether a source was
read; ``severity_source`` tells a custodial range from the midpoint of an assumed gravity class.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from statistics import fmean

import numpy as np
import pandas as pd

from geo import columns as c
from geo.parameters import HazardParameters

ALWAYS, UNLESS_ADULT, IF_MINOR = "always", "unless_adult", "if_minor"
PLACE_TYPES = (
    "street", "yard", "park", "school", "transport", "market", "venue", "dwelling", "other",
    "unknown",
)  # fmt: skip

CHILD = "child"
_ADULT_GROUP = "violence"


@dataclass(frozen=True)
class ArticleRow:
    """What one article, or one part of it, means.

    Attributes
    ----------
    article, part
        "188-1" and "3"; part is empty for the parts that have no row of their own.
    offence_group
        Group of the rate; for ``unless_adult`` and ``if_minor`` the victim's age decides.
    gravity
        Gravity class assumed where the record gives none.
    severity_days
        Days of sanction.
    exact
        The days come from the custodial range, not from a gravity class.
    discretion
        Such offences come to light through patrols.
    sensitive
        Never shown as a place of its own.
    child_rule
        ``always``, ``unless_adult``, ``if_minor`` or empty.
    valid_from, valid_to
        Days between which the row holds; None where open.
    source, verified
        Where it comes from and whether that was read.
    """

    article: str
    part: str
    offence_group: str
    gravity: int
    severity_days: float
    exact: bool
    discretion: bool
    sensitive: bool
    child_rule: str
    valid_from: date | None
    valid_to: date | None
    source: str
    verified: bool


@cache
def read_articles() -> tuple[ArticleRow, ...]:
    """Read the table of articles; rows of a whole article stand before those of its parts."""
    rows = [
        ArticleRow(
            article=row["article"],
            part=row["part"],
            offence_group=row["offence_group"],
            gravity=int(row["gravity"]),
            severity_days=float(row["severity_days"]),
            exact=row["severity_source"] == "custodial range",
            discretion=row["discretion"] == "yes",
            sensitive=row["sensitive"] == "yes",
            child_rule=row["child_rule"],
            valid_from=_day(row["valid_from"]),
            valid_to=_day(row["valid_to"]),
            source=row["source"],
            verified=row["verified"] == "yes",
        )
        for row in _lines("articles.csv")
    ]
    return tuple(sorted(rows, key=lambda row: (row.part != "", row.article, row.part)))


@cache
def read_place_types() -> dict[str, str]:
    """Read the table of words for a place, in lower case → place type."""
    return {row["word"]: row["place_type"] for row in _lines("place_types.csv")}


def place_types(text: pd.Series) -> pd.Series:
    """Return the place type of each text; ``unknown`` where missing or not in the table.

    Examples
    --------
    >>> import pandas as pd
    >>> place_types(pd.Series(["Иные", "street", None])).tolist()
    ['other', 'street', 'unknown']
    """
    words = text.str.casefold().str.strip()
    return words.map({**read_place_types(), **{name: name for name in PLACE_TYPES}}).fillna(
        "unknown"
    )


def severity_by_group() -> dict[str, float]:
    """Return the mean days of sanction of each group's articles, for groups with few incidents."""
    groups = sorted({row.offence_group for row in read_articles()})
    return {
        group: fmean(row.severity_days for row in read_articles() if row.offence_group == group)
        for group in groups
    }


def classify_articles(offences: pd.DataFrame) -> pd.DataFrame:
    """Give every offence what its article says.

    Parameters
    ----------
    offences
        ``article``, ``part``, ``gravity`` (missing where the record gives none), ``victim_minor``
        (True, False or missing), ``occurred_at``.

    Returns
    -------
    pandas.DataFrame
        On the same index: ``offence_group`` (None where the article is in no set),
        ``severity_days`` (NaN where neither table nor gravity tell), ``discretionary`` (None where
        the article is unknown), ``sensitive``, ``known`` (the article is in the table).
    """
    count = len(offences)
    group = np.full(count, None, object)
    discretionary = np.full(count, None, object)
    sensitive, exact = np.zeros(count, bool), np.zeros(count, bool)
    table_days = np.full(count, np.nan)
    minor = offences[c.VICTIM_MINOR].astype(object)
    adult_victim, minor_victim = (minor == False), (minor == True)  # noqa: E712  three values

    for row in read_articles():
        meant = _meant(offences, row)
        child = meant & {
            ALWAYS: np.ones(count, bool),
            UNLESS_ADULT: ~adult_victim.to_numpy(bool),
            IF_MINOR: minor_victim.to_numpy(bool),
        }.get(row.child_rule, np.zeros(count, bool))
        group[meant] = _ADULT_GROUP if row.offence_group == CHILD else row.offence_group
        group[child] = CHILD
        discretionary[meant] = row.discretion
        sensitive[meant] = row.sensitive
        exact[meant] = row.exact
        table_days[meant] = row.severity_days

    midpoints = np.array([*HazardParameters().severity_days_by_gravity, np.nan])
    given = midpoints[offences[c.GRAVITY].astype("Int64").fillna(-1).to_numpy(int)]
    return pd.DataFrame(
        {
            c.OFFENCE_GROUP: group,
            c.SEVERITY_DAYS: np.where(exact | np.isnan(given), table_days, given),
            "discretionary": discretionary,
            c.SENSITIVE: sensitive | (group == CHILD),
            "known": discretionary != None,  # noqa: E711  elementwise
        },
        index=offences.index,
    )


_ARTICLE = re.compile(r"(?:ст(?:атья|\.)?\s*)?([0-9]{1,3}(?:-[0-9]{1,2})?)(?:\s*-?\s*б(?:ап|\.))?")
_PART = re.compile(r"(?:ч(?:асть|\.)?\s*([0-9]+(?:-[0-9]+)?))|(?:([0-9]+(?:-[0-9]+)?)\s*-?\s*бөл)")
_PARAGRAPH = re.compile(r"п(?:ункт|\.)?\s*([0-9]+(?:-[0-9]+)?)")
_CODE = re.compile(r"[0-9]{3,4}")


def parse_article(text: str) -> tuple[str | None, str | None, str | None]:
    """Read article, part and paragraph out of a text such as "ст.188 ч.3".

    Examples
    --------
    >>> parse_article("ст.188 ч.3")
    ('188', '3', None)
    >>> parse_article("188-1")
    ('188-1', None, None)
    >>> parse_article("1880")
    ('188', None, None)
    """
    plain = text.casefold().strip()
    if _CODE.fullmatch(plain) and (len(plain) == 4 or plain > "500"):
        return article_of_code(plain), None, None
    article = _ARTICLE.match(plain)
    if article is None:
        return None, None, None
    rest = plain[article.end() :]
    part = _PART.search(rest)
    paragraph = _PARAGRAPH.search(rest)
    return (
        article.group(1),
        (part.group(1) or part.group(2)) if part else None,
        paragraph.group(1) if paragraph else None,
    )


def article_of_code(code: str) -> str | None:
    """Return the article of a code of the official layer: article × 10 + suffix.

    Examples
    --------
    >>> [article_of_code(code) for code in ("1880", "1321", "0990", "990")]
    ['188', '132-1', '99', '99']
    """
    if not _CODE.fullmatch(code):
        return None
    article, suffix = divmod(int(code), 10)
    return f"{article}-{suffix}" if suffix else str(article)


# -------------------------------------------------------------------------------------------


def _lines(name: str) -> list[dict[str, str]]:
    text = resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _meant(offences: pd.DataFrame, row: ArticleRow) -> np.ndarray:
    meant = offences[c.ARTICLE].eq(row.article)
    if row.part:
        meant &= offences["part"].eq(row.part)
    if row.valid_from:
        meant &= offences[c.OCCURRED_AT] >= pd.Timestamp(row.valid_from)
    if row.valid_to:
        meant &= offences[c.OCCURRED_AT] < pd.Timestamp(row.valid_to) + pd.Timedelta(days=1)
    return meant.fillna(False).to_numpy(bool)
