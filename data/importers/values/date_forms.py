"""The forms in which people write a moment: which digits of a text are its day, month, hour.

A form is found for the *shape* of a text, the text with every digit written as 9. A file has few
shapes however many rows it has, so each is looked at once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from data.importers.values.look_alikes import fold_letters

LONGEST_TEXT = 96
"""No moment is written in more characters; longer texts are not looked at."""

_SEPARATED = str.maketrans(
    {"\u00a0": " ", "\t": " ", "\u202f": " ", "\u2009": " ", "–": "-", "—": "-", "−": "-",
     "‑": "-", "‐": "-", "«": '"', "»": '"', "“": '"', "”": '"', "ё": "е"}
)  # fmt: skip


@dataclass(frozen=True)
class DateForm:
    """Where a text of one shape holds what.

    Attributes
    ----------
    spans
        Part → first byte and the byte after its last. Parts are ``year``, ``month``, ``day``, or
        ``first`` and ``second`` where day and month are told apart by the file's order; ``serial``
        and ``serial_fraction`` of a spreadsheet's day number; ``hour``, ``minute``, ``second_``,
        ``zero`` and ``day_fraction``; ``zone_hour`` and ``zone_minute``. The end of an interval has
        the same parts with ``_to``.
    months
        Month of the start and of the end where it stands in words, else 0.
    halves
        ``a`` or ``p`` of a twelve-hour clock at the start and at the end, else empty.
    zone_sign
        1 or −1; 1 with no zone spans for universal time; None without a zone.
    about
        The text itself says that its hour is not exact.
    dashed
        Day, month and year are parted by dashes: a year of two digits may stand first.
    name
        The form for the report, as ``99.99.9999 99:99``.
    """

    spans: dict[str, tuple[int, int]]
    months: tuple[int, int]
    halves: tuple[str, str]
    zone_sign: int | None
    about: bool
    dashed: bool
    name: str

    @property
    def has_order(self) -> bool:
        """Whether the file's order decides which number is the day."""
        return "first" in self.spans

    @property
    def is_interval(self) -> bool:
        """Whether the text names an end too."""
        return "hour_to" in self.spans or "year_to" in self.spans


@lru_cache(maxsize=8192)
def find_form(shape: str) -> DateForm | None:
    """Return the form of a shape; None where it is no moment.

    Examples
    --------
    >>> find_form("99.99.9999 99:99").spans["hour"]
    (11, 13)
    >>> find_form("99 апреля 9999 г.").months
    (4, 0)
    >>> find_form("вчера") is None
    True
    """
    folded = fold_letters(shape.lower().translate(_SEPARATED))
    if len(shape) > LONGEST_TEXT or len(folded) != len(shape):
        return None
    for pattern in _patterns():
        found = pattern.fullmatch(folded)
        if found is not None:
            form = _form(found, shape, folded)
            if form is not None:
                return form
    return None


def is_month(word: str) -> bool:
    """Tell whether a folded word names a month, in Kazakh, Russian or English."""
    return _month(word) > 0


# -------------------------------------------------------------------------------------------

_MONTH_STEMS = (
    ("январ", "january"), ("феврал", "february"), ("март", "march"), ("апрел", "april"),
    ("май", "мая", "мае", "may"), ("июн", "june"), ("июл", "july"), ("август", "august"),
    ("сентябр", "september"), ("октябр", "october"), ("ноябр", "november"), ("декабр", "december"),
)  # fmt: skip
_KAZAKH_STEMS = (
    ("кантар", "qantar", "qañtar", "qańtar"), ("акпан", "aqpan"), ("наурыз", "nauryz", "naýryz"),
    ("сауир", "sauir", "säuir", "sáýir", "sáuir"), ("мамыр", "mamyr"),
    ("маусым", "mausym", "maýsym"),
    ("шилде", "shilde", "şilde"), ("тамыз", "tamyz"), ("кыркуйе", "qyrküie", "qyrkúie", "qyrkúıe"),
    ("казан", "qazan"), ("караша", "qarasha", "qaraşa"), ("желтоксан", "jeltoqsan"),
)  # fmt: skip
_MONTH_SHORT = (
    ("янв", "кан", "jan"), ("фев", "февр", "акп", "feb"), ("мар", "нау", "mar"),
    ("апр", "сау", "apr"), ("май", "мам", "may"), ("июн", "мау", "jun"), ("июл", "шил", "jul"),
    ("авг", "там", "aug"), ("сен", "сент", "кыр", "кырк", "sep", "sept"), ("окт", "каз", "oct"),
    ("ноя", "нояб", "кар", "nov"), ("дек", "жел", "dec"),
)  # fmt: skip
_LONGEST_ENDING, _LONGEST_KAZAKH_ENDING = 2, 8
# Kazakh words are also written without the letters that a Russian keyboard lacks.
_PLAIN_KAZAKH = str.maketrans("қәіүұңөғһ", "каиууногх")

_YEAR_WORD = r"(?: ?(?:года|год|г|жылы|жыл|ж)\b\.?)?"
_WORD = r"[^\W\d_]{3,16}"
_ABOUT = r"(?:около|приблизительно|примерно|ок|шамамен|about|approx|~|≈)"
_AT = r"(?:(?:во|в|at|сағатта|сағат|сағ)\b\.? ?)?"
_HOURS = r"(?:часов|часа|час|ч|сағатта|сағат|сағ|hours|h)\b"
_MINUTES = r"(?:минута|минуты|минут|мин|м|min)\b"
_TO = r"(?: ?- ?| ?(?:до|по|to|until|мен|пен|бен) |-?[дт][ае]н )"
_TAIL = r"(?:-?[ғгқк][ае]\b)?(?: ?(?:аралығында|арасында|дейін)\b)?"
_ZONE = (
    r"(?: ?(?:utc|gmt)?(?P<zone>z|(?P<zone_sign>[+-])(?P<zone_hour>\d{2})"
    r"(?::?(?P<zone_minute>\d{2}))?))?"
)
_GAP = r"(?P<gap>t|[ ,;]+)"


def _time(end: str = "", *, bare: bool = True) -> str:
    clock = (
        rf"(?:[:.](?P<minute{end}>\d{{2}})(?:[:.](?P<second_{end}>\d{{2}})(?:[.,]\d{{1,9}})?)?"
        rf"| ?{_HOURS}\.?(?: ?(?P<minute_word{end}>\d{{1,2}}) ?{_MINUTES}\.?)?)"
    )
    return (
        rf"{_AT}(?P<about{end}>{_ABOUT}\.? ?)?{_AT}(?P<hour{end}>\d{{1,2}}){clock}"
        rf"{'?' if bare else ''}(?:-?(?:да|де|та|те)\b)?(?: ?(?P<half{end}>[ap])\.?m\.?)?"
        rf"(?: ?{_HOURS}\.?)?(?P<about_after{end}>(?:-?[лд][ае]р)? ?шамасында)?"
    )


_FRACTION = r"(?P<zero>\d)?[.,](?P<day_fraction>\d|\d{3,18})"


def _dates(end: str = "") -> Iterator[str]:
    year = rf"(?P<year{end}>\d{{4}}|\d{{2}})"
    day = rf'"?(?P<day{end}>\d{{1,2}})"?'
    word = rf"(?P<word{end}>{_WORD})"
    yield rf"(?P<year{end}>\d{{4}})[-./](?P<month{end}>\d{{1,2}})[-./](?P<day{end}>\d{{1,2}})"
    yield (
        rf"(?P<first{end}>\d{{1,2}}) ?(?P<part{end}>[-./]) ?(?P<second{end}>\d{{1,2}}) ?[-./] ?"
        rf"{year}{_YEAR_WORD}"
    )
    yield rf"{day}[ .\-/]*{word}[ .,\-/]*{year}{_YEAR_WORD}"
    yield rf"{word}[ .]+{day}(?:st|nd|rd|th)?,? +(?P<year{end}>\d{{4}})"
    yield rf"(?P<year{end}>\d{{4}}) ?(?:жылғы|жылдың|жылы|жыл|ж|г)?\.?,? +{day}[ \-]*{word}"


@lru_cache(maxsize=1)
def _patterns() -> tuple[re.Pattern[str], ...]:
    serial = r"(?P<serial>\d{5})(?:[.,](?P<serial_fraction>\d{1,18}))?"
    found = [serial, rf"(?P<serial>\d{{5}}){_GAP}(?:{_time()}|{_FRACTION})"]
    for date, until in zip(_dates(), _dates("_to"), strict=True):
        interval = rf"(?:(?:с|from) )?{_time()}{_TO}{_time('_to')}{_TAIL}"
        early, late = _time(bare=False), _time("_to", bare=False)
        found += [
            date,
            rf"{date}{_GAP}{_time()}{_ZONE}",
            rf"{date}{_GAP}{_FRACTION}",
            rf"{date}{_GAP}{interval}",
            rf"{early},? {date}",
            rf"(?:(?:с|from) )?{early}{_TO}{late}{_TAIL},? {date}",
            rf"(?:(?:с|from) )?{date}(?:[ ,]+{_time()})?{_TO}"
            rf"{until}(?:[ ,]+{_time('_to')})?{_TAIL}",
            rf"(?:(?:с|from) )?{early},? {date}{_TO}{late},? {until}{_TAIL}",
        ]
    return tuple(re.compile(text.replace(r"\d", "9")) for text in found)  # ASCII digits only


def _form(found: re.Match[str], shape: str, folded: str) -> DateForm | None:
    group = {name: text for name, text in found.groupdict().items() if text is not None}
    months = _month(group.get("word")), _month(group.get("word_to"))
    if ("word" in group and not months[0]) or ("word_to" in group and not months[1]):
        return None
    # 20:00-22:30 after a day is an interval; an offset to the west needs seconds or the letter T.
    west = group.get("zone_sign") == "-"
    if west and "second_" not in group and group.get("gap") != "t":
        return None
    renamed = {"minute_word": "minute", "minute_word_to": "minute_to"}
    spans = {
        renamed.get(name, name): _bytes_of(shape, *found.span(name))
        for name, text in group.items()
        if text.isdigit()
    }
    sign = None if "zone" not in group else -1 if west else 1
    return DateForm(
        spans=spans,
        months=months,
        halves=(group.get("half", ""), group.get("half_to", "")),
        zone_sign=sign,
        about=any(name.startswith("about") for name in group),
        dashed=group.get("part") == "-",
        name=folded,
    )


def _bytes_of(shape: str, start: int, stop: int) -> tuple[int, int]:
    before = len(shape[:start].encode())
    return before, before + stop - start


def _month(word: str | None) -> int:
    if word is None:
        return 0
    plain = word.translate(_PLAIN_KAZAKH)
    for stems, longest in (
        (_MONTH_SHORT, 0),
        (_MONTH_STEMS, _LONGEST_ENDING),
        (_KAZAKH_STEMS, _LONGEST_KAZAKH_ENDING),
    ):
        for number, known in enumerate(stems, start=1):
            ends = (len(plain) - len(stem) for stem in known if plain.startswith(stem))
            if any(extra <= longest for extra in ends):
                return number
    return 0
