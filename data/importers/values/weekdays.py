"""Weekdays as duty lists write them, in Kazakh, Russian or English: as ISO digits in order."""

from __future__ import annotations

import re

from data.importers.values.look_alikes import fold

EVERY_DAY = "1234567"

_WHOLE = (
    (r"ежедневно|каждый день|вся неделя|всю неделю|все дни|без выходных|күн сайын|күнделікті"
     r"|апта бойы|демалыссыз|daily|every ?day|all week|all days", EVERY_DAY),
    (r"будни|будние дни|будние|по будням|в будни|рабочие дни|по рабочим дням|жұмыс күндері"
     r"|жұмыс күні|weekdays|working days|workdays", "12345"),
    (r"выходные|выходные дни|по выходным|в выходные|выходной|демалыс|демалыс күндері"
     r"|демалыс күні|weekends?", "67"),
)  # fmt: skip
_DAYS = (
    r"пн|пнд|понедельник\w{0,2}|дс|дүйсенбі\w{0,6}|mon|mondays?",
    r"вт|втр|вторник\w{0,2}|сс|сейсенбі\w{0,6}|tue|tues|tuesdays?",
    r"ср|срд|сред\w{1,2}|сәр|сәрсенбі\w{0,6}|wed|wednesdays?",
    r"чт|чтв|четверг\w{0,2}|бс|бейсенбі\w{0,6}|thu|thur|thurs|thursdays?",
    r"пт|птн|пятниц\w{1,2}|жм|жұма\w{0,6}|fri|fridays?",
    r"сб|сбт|суббот\w{1,2}|сн|сенбі\w{0,6}|sat|saturdays?",
    r"вс|вск|воскресень\w{1,2}|жс|жк|жексенбі\w{0,6}|sun|sundays?",
)
_RANGE = re.compile(r"([1-7])(?:-|по|до)([1-7])")
_FROM_TO_KK = re.compile(r"(\w+?)(?:ден|дан|тен|тан|нен|нан)\s+(\w+?)(?:ға|ге|қа|ке|на|не)\s+дейін")
_HOLIDAYS = re.compile(
    r"[,;+]?\s*(?:и\s+|және\s+|and\s+)?(?:в\s+)?"
    r"(?:праздничн\w+(?:\s+дни)?|праздники|мереке\w*(?:\s+күндері)?|(?:public\s+)?holidays)"
)
_EXCEPT = re.compile(r"^(.*?)[,;(]?\s*(?:кроме|except|исключая)\s+(.+?)\)?$")
_EXCEPT_KK = re.compile(r"^(.*?)[,;(]?\s*(\S+)\s+басқа\)?$")
_LONGEST = 200
_WORDS = r"[^\W\d_]+"
_HOURS = re.compile(r"(?:\bс\s+)?\d{1,2}(?:[:.]\d\d)?\s*(?:-|до|по)\s*\d{1,2}(?:[:.]\d\d)?(?!\d)")


def parse_weekdays(text: str) -> str | None:
    """Return the weekdays of a text as ISO digits in order, or None where it tells none.

    A range may pass the end of the week. Public holidays are no weekday: what is said of them is
    left out (`names_holidays` tells of it).

    Examples
    --------
    >>> parse_weekdays("пн-пт"), parse_weekdays("Дс–Жм"), parse_weekdays("сб, вс")
    ('12345', '12345', '67')
    >>> parse_weekdays("ежедневно, кроме воскресенья"), parse_weekdays("пт-вт")
    ('123456', '12567')
    >>> parse_weekdays("по чётным числам") is None
    True
    """
    if len(text) > _LONGEST:
        return None
    plain = re.sub(r"(?<=\w)\.", "", fold(text))
    plain = _HOLIDAYS.sub("", plain).strip(" ,;")
    for form in (_EXCEPT, _EXCEPT_KK):
        found = form.match(plain)
        if found:
            of, without = (_days(part) for part in (found[1].strip(" ,;(") or "daily", found[2]))
            left = None if of is None or without is None else _without(of, without)
            return left or None
    return _days(plain)


def names_holidays(text: str) -> bool:
    """Tell whether a text speaks of public holidays too."""
    return _HOLIDAYS.search(fold(text)) is not None


def split_weekdays(text: str) -> tuple[str, str] | None:
    """Part a text of hours from the weekdays before or after them; None where it names none.

    Examples
    --------
    >>> split_weekdays("будни с 07.30 до 09.00")
    ('12345', 'с 07.30 до 09.00')
    >>> split_weekdays("20:00-02:00 (пт-сб)")
    ('56', '20:00-02:00')
    """
    plain = fold(text)
    hours = _HOURS.search(plain) if len(text) <= _LONGEST else None
    if hours is None:
        return None
    before, after = plain[: hours.start()].strip(" ,;:("), plain[hours.end() :].strip(" ,;:().")
    if bool(before) == bool(after):  # neither, or something on both sides
        return None
    days = parse_weekdays(before or after)
    return None if days is None else (days, hours[0].strip())


# -------------------------------------------------------------------------------------------


def _days(text: str) -> str | None:
    for form, days in _WHOLE:
        if re.fullmatch(form, text):
            return days
    numbered = re.sub(rf"\b{_WORDS}\b", _as_digit, _FROM_TO_KK.sub(r"\1-\2", text))
    numbered = re.sub(r"\s*([-,;+])\s*", r"\1", numbered)
    found: set[str] = set()
    for part in re.split(r"[,;+&]|\s+(?:и|және|and)\s+", numbered):
        digits = _of_part(part.strip())
        if digits is None:
            return None
        found |= set(digits)
    return "".join(sorted(found)) or None


def _as_digit(word: re.Match[str]) -> str:
    for number, form in enumerate(_DAYS, start=1):
        if re.fullmatch(form, word[0]):
            return str(number)
    return word[0]


def _of_part(part: str) -> str | None:
    """Return the days of one item: a day, days beside one another, or a range."""
    for form, days in _WHOLE:
        if re.fullmatch(form, part):
            return days
    part = re.sub(r"^(?:с|со|по|в|во)\s+(?=[1-7])", "", part)
    beside = part.replace(" ", "")
    found = _RANGE.fullmatch(beside)
    if found:
        first, last = (int(day) for day in found.groups())
        return "".join(str(1 + (first - 1 + step) % 7) for step in range((last - first) % 7 + 1))
    return beside if re.fullmatch("[1-7]{1,7}", beside) else None


def _without(days: str, taken: str) -> str:
    return "".join(day for day in days if day not in taken)
