"""An article as people write it → its number with a hyphen, part and paragraph."""

from __future__ import annotations

import re

from data.importers.values.date_forms import is_month
from data.importers.values.look_alikes import fold

FIRST_OFFENCE = 99
"""Articles below it are of the general part: ст. 24 ч. 3 beside another one says "attempted"."""

KOAP = "koap-"
"""Stands before articles of the administrative code, whose numbers are others' in the criminal."""

_NUMBER = r"(?<![0-9])[0-9]{1,3}(?: ?- ?[0-9]{1,2}(?![0-9])|\.[0-9]{1,2})?(?![0-9])"
_PIECE = r"[0-9]{1,2}(?:-[0-9]{1,2})?"
_NAMED = re.compile(
    rf"(?<![а-я])ст(?:атья|атьи|атье|\.)?\s*({_NUMBER})|({_NUMBER})\s*-?\s*б(?:ап\w*|аб\w*|\.)"
    rf"|(?<![а-я])бап\s*({_NUMBER})"
)
_LEADING = re.compile(rf"(?:(?:ук|қк)(?:\s*рк|\s*қр)?\s*|қр\s*қк\s*|№\s*)?({_NUMBER})")
_AFTER = re.compile(rf"[\s,;]+({_NUMBER})(?=\s*(?:ч|$|,|;))")
_PART = re.compile(
    rf"(?<![а-я])ч(?:асть|асти|\.)?\s*({_PIECE})|({_PIECE})\s*-?\s*бөл|^\s*\(({_PIECE})\)"
)
_PARAGRAPH = re.compile(
    rf"(?<![а-я])п(?:ункт\w*|одпункт\w*|п|\.)*\s*[\"«]?({_PIECE})|({_PIECE})\s*-?\s*тарм"
)
_CODE = re.compile(r"[0-9]{3,4}")
_DECIMAL = re.compile(r"([0-9]{1,3})[.,]([0-9]{1,2})")
_THREE = re.compile(r"((?<![а-я])ч\.?\s*)з(?![а-я])")
_DAY = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}.*|[0-9]{1,2}([./])[0-9]{1,2}\1[0-9]{2,4}.*")
_DAY_IN_WORDS = re.compile(
    r"[0-9]{1,2}[-. ]*([^\W\d_]{3,})\.?(?:[-. ]*[0-9]{2,4})?|([^\W\d_]{3,})\.?[-. ]*[0-9]{1,4}"
)


def parse_article(text: str) -> tuple[str | None, str | None, str | None]:
    """Read article, part and paragraph out of a text such as "ст.188 ч.3".

    A spreadsheet's 188.10 is the number 188.1, and that is how a program writes 188-1. Of several
    articles the first of the special part counts.

    Examples
    --------
    >>> parse_article("ст.188 ч.3")
    ('188', '3', None)
    >>> parse_article("188-1")
    ('188-1', None, None)
    >>> parse_article("1880")
    ('188', None, None)
    >>> parse_article("188.10")
    ('188-1', None, None)
    """
    plain = _THREE.sub(r"\g<1>3", fold(text))
    if is_date_like(text):
        return None, None, None
    code = re.sub(r"[.,]0+$", "", plain)
    if _CODE.fullmatch(code) and (len(code) == 4 or code > "500"):
        return article_of_code(code), None, None
    decimal = _DECIMAL.fullmatch(plain)
    if decimal:
        suffix = decimal[2].rstrip("0")
        return f"{int(decimal[1])}-{suffix}" if suffix else str(int(decimal[1])), None, None
    return _in_words(plain)


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


def is_date_like(text: str) -> bool:
    """Tell whether a spreadsheet turned an article such as 12-1 into a day.

    Examples
    --------
    >>> [is_date_like(text) for text in ("2001-12-01 00:00:00", "01.дек", "12-1", "188 ч.3")]
    [True, True, False, False]
    """
    plain = fold(text)
    words = _DAY_IN_WORDS.fullmatch(plain)
    return bool(_DAY.fullmatch(plain)) or bool(words and is_month(words[1] or words[2]))


# -------------------------------------------------------------------------------------------


def _in_words(plain: str) -> tuple[str | None, str | None, str | None]:
    found = list(_NAMED.finditer(plain)) or [
        one for one in (_LEADING.match(plain),) if one is not None
    ]
    if not found:
        return None, None, None
    if len(found) == 1:
        more = _AFTER.finditer(plain, found[0].end())
        found += [one for one in more if _whole(one) >= FIRST_OFFENCE]
    chosen = next((one for one in found if _whole(one) >= FIRST_OFFENCE), found[0])
    later = [one.start() for one in found if one.start() > chosen.start()]
    after = plain[chosen.end() : min(later, default=len(plain))]
    # "п. 2 ч. 3 ст. 188" names the part first.
    around = after if _PART.search(after) or chosen is not found[0] else plain[: chosen.start()]
    part, paragraph = _PART.search(around), _PARAGRAPH.search(around)
    article = _first(chosen).replace(".", "-").replace(" ", "")
    if "коап" in plain or "әқбтк" in plain:
        article = KOAP + article
    return article, part and _first(part), paragraph and _first(paragraph)


def _first(found: re.Match[str]) -> str:
    return next(group for group in found.groups() if group)


def _whole(found: re.Match[str]) -> int:
    return int(re.split(r"[-.]", _first(found))[0])
