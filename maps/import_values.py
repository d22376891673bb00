"""What was understood of a file, value by value, in the reader's language.

Readers tell evidence as English sentences and records as the words of the tables; both are said
here. A sentence that is not known stays as it is.
"""

from __future__ import annotations

import re

from maps.clerk_words import VALUES
from maps.translations import catalogue
from maps.words import N_

_SENTENCES = (
    (
        r"(?P<a>[\d.]+%) inside the study area as given, (?P<b>[\d.]+%) if swapped",
        N_("{a} inside the study area as given, {b} if swapped"),
    ),
    (
        r"(?P<a>[\d.]+%) within (?P<m>\d+) m of a street as given, (?P<b>[\d.]+%) if swapped",
        N_("{a} within {m} m of a street as given, {b} if swapped"),
    ),
    (r"first and last day of the rows", N_("first and last day of the rows")),
    (r"(?P<a>\S+) \(nothing else was declared\)", N_("{a} (nothing else was declared)")),
    (
        r"(?P<a>\S+) \(the page names none; its numbers look like degrees\)",
        N_("{a} (the page names none; its numbers look like degrees)"),
    ),
    (
        r"(?P<a>\S+) \(the page names none; its numbers look like metres\)",
        N_("{a} (the page names none; its numbers look like metres)"),
    ),
    (r"dmy: (?P<n>\d+) rows allow no other", N_("day, month, year: {n} rows allow no other")),
    (r"mdy: (?P<n>\d+) rows allow no other", N_("month, day, year: {n} rows allow no other")),
    (r"ymd: (?P<n>\d+) rows allow no other", N_("year, month, day: {n} rows allow no other")),
    (
        r"(?P<n>\d+) rows allow only another and are put aside",
        N_("{n} rows allow only another and are put aside"),
    ),
    (
        r"comma: (?P<a>\d+) of (?P<b>\d+) numbers with a decimal sign have it",
        N_("a comma: {a} of {b} numbers with a sign have it"),
    ),
    (r"it was declared", N_("it was declared")),
    (
        r"the file begins with its byte order mark",
        N_("the file begins with its byte order mark"),
    ),
    (
        r"(?P<n>\d+) letters beyond ASCII at its beginning are valid UTF-8",
        N_("{n} letters beyond ASCII at its beginning are valid UTF-8"),
    ),
    (r"every byte of the file is valid UTF-8", N_("every byte of the file is valid UTF-8")),
    (
        r"its (?P<n>\d+) letters beyond ASCII read as Kazakh or Russian best in (?P<a>[\w-]+)",
        N_("its {n} letters beyond ASCII read as Kazakh or Russian best in {a}"),
    ),
    (
        r"next comes (?P<a>[\w-]+), e\^(?P<n>\d+) times less likely",
        N_("next comes {a}, e^{n} times less likely"),
    ),
    (
        r"(?P<n>\d+) rows read as 00:00 of the next day",
        N_("{n} rows read as 00:00 of the next day"),
    ),
    (
        r"(?P<n>\d+) rows hold the day number of a spreadsheet, read to the second",
        N_("{n} rows hold the day number of a spreadsheet, read to the second"),
    ),
    (
        r"(?P<n>\d+) rows name a time from and a time to",
        N_("{n} rows name a time from and a time to"),
    ),
    (
        r"one that ends before it begins ends next day",
        N_("one that ends before it begins ends next day"),
    ),
)  # fmt: skip
_PATTERNS = tuple((re.compile(pattern), message) for pattern, message in _SENTENCES)
_JOINTS = re.compile(r"(; |, (?=\d+ rows allow only))")


def value_text(value: str, lang: str) -> str:
    """Say a word of the tables or a reader's evidence; another text stays as it is.

    Examples
    --------
    >>> value_text("minute", "ru")
    'до минуты'
    >>> value_text("dmy: 17 rows allow no other", "ru")
    'день, месяц, год: другого порядка не допускают строки: 17'
    >>> value_text("Абай көшесі", "ru")
    'Абай көшесі'
    """
    say = catalogue(lang).gettext
    if value in VALUES:
        return say(VALUES[value])
    return "".join(_clause(part, lang) for part in _JOINTS.split(value))


# -------------------------------------------------------------------------------------------


def _clause(text: str, lang: str) -> str:
    for pattern, message in _PATTERNS:
        found = pattern.fullmatch(text)
        if found:
            return catalogue(lang).gettext(message).format(**found.groupdict())
    return text
