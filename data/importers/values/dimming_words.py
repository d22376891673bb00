"""When a lamp is dimmed or goes out at night, as registers write it in words.

«диммирование 01:00–05:00 50 %», «до 01:00», «жарық 01:00-ге дейін», «горит 18:00–01:00».
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from data.importers.values.look_alikes import fold


@dataclass(frozen=True)
class Dimming:
    """Hours of dimming and what is left then; each None where it is not said.

    Attributes
    ----------
    start, end
        HH:MM, local; ``24:00`` only as an end.
    share
        Share of the light that is left, 0 (switched off) … 1.
    """

    start: str | None = None
    end: str | None = None
    share: float | None = None


class DimmingError(ValueError):
    """Words that name hours or a share which cannot be; the argument is the code of the fault."""


NIGHT = ("06:00", "21:00")
"""A lamp that burns on until after the first, or goes on before the second, is lit all night."""

_HOUR = r"(\d{1,2}(?:[:.]\d{2}){0,2})(?![:.]?\d)"
_OF = r"(?:\s*-?\s*(?:ден|дан|тен|тан|нен|нан|ге|ға|ке|қа)(?!\w))?"
_RANGE = re.compile(
    rf"(?:(?<!\w)(?:с|со|от|from)\s+)?{_HOUR}{_OF}\s*(?:-|до|по|to|until|\s)\s*"
    rf"{_HOUR}{_OF}(?:\s*дейін)?"
)
_UNTIL = re.compile(
    rf"(?<!\w)(?:до|по|until|till)\s+{_HOUR}|{_HOUR}\s*-?\s*(?:ге|ға|ке|қа)?\s*дейін"
)
_SINCE = re.compile(
    rf"(?<!\w)(?:с|со|от|после|from|after)\s+{_HOUR}"
    rf"|{_HOUR}\s*-?\s*(?:ден|дан|тен|тан|нен|нан)(?!\w)"
)
_SHARE = re.compile(
    r"(?P<by>(?<!\w)(?:на|by)\s*)?(?:(?<!\w)до\s*)?(?P<share>(?:(?<!\d)-)?\d+(?:[.,]\d+)?)\s*"
    r"(?:%|пайыз\w*|процент\w*)(?:\s*-?\s*(?:ға|ге|қа|ке)(?!\w))?(?:\s*дейін)?"
    r"(?P<less>\s*(?:төмен|азай|кемі)\w*)?"
)
_OFF = re.compile(r"(?<!\w)(?:выкл|откл|гас|погас|не гор|не свет|өш|сөн|off|жанбай)")
_DIM = re.compile(r"(?<!\w)(?:димм|сниж|притуш|dim|күңгірт|азай|төмен)")
_LIT = re.compile(r"(?<!\w)(?:гор|свет|освещ|вкл|раб|жарық|жан|қосул|lit|on(?!\w))")
_WHOLE = frozenset({
    "нет", "жоқ", "no", "none", "без диммирования", "не диммируется", "всю ночь", "ночь", "полный",
    "круглосуточно", "темное время суток", "темное время", "от заката до рассвета", "по датчику",
    "фотореле", "түні бойы", "толық", "диммерленбейді", "all night", "dusk to dawn", "24/7",
})  # fmt: skip


def parse_dimming(text: str, *, lit_hours: bool = False) -> Dimming | None:
    """Return what a text says of the hours in which there is less light; None: it is not clear.

    Parameters
    ----------
    lit_hours
        Whether hours without a word beside them say when the lamp burns, not when it is dimmed.

    Raises
    ------
    DimmingError
        ``dimming_invalid``: no such hour, or two alike; ``number_out_of_range``: the share.

    Examples
    --------
    >>> parse_dimming("диммирование 01:00–05:00 50 %")
    Dimming(start='01:00', end='05:00', share=0.5)
    >>> parse_dimming("жарық 01:00-ге дейін")
    Dimming(start='01:00', end=None, share=0.0)
    >>> parse_dimming("горит 18:00-01:00, 05:00-08:00")
    Dimming(start='01:00', end='05:00', share=0.0)
    """
    words = fold(text).strip(" .;")
    if words in _WHOLE:
        return Dimming()
    share, words = _take_share(words)
    ranges = [(_clock(a), _clock(b, end=True)) for a, b in _RANGE.findall(words)]
    rest = _RANGE.sub(" ", words)
    off, dim = bool(_OFF.search(rest)), bool(_DIM.search(rest)) or share is not None
    burns = not off and not dim and (bool(_LIT.search(rest)) or lit_hours)
    if ranges:
        return _of_lit_hours(ranges) if burns else _of_dark_hours(ranges, share, off=off)
    return _of_one_hour(words, share, (off, dim))


def clock_text(text: str, *, end: bool = False) -> str | None:
    """Return a time of day as HH:MM, or None where it is none; midnight as an end is ``24:00``.

    Examples
    --------
    >>> clock_text("1.30"), clock_text("01:00:00"), clock_text("25:00"), clock_text("24", end=True)
    ('01:30', '01:00', None, '24:00')
    """
    found = re.fullmatch(r"(\d{1,2})(?:[:.](\d{2}))?(?:[:.]\d{2})?", text.strip())
    if found is None:
        return None
    hour, minute = int(found[1]), int(found[2] or 0)
    if minute > 59 or hour > 24 or (hour == 24 and minute):
        return None
    return f"{hour if hour < 24 or end else 0:02}:{minute:02}"


# -------------------------------------------------------------------------------------------


def _take_share(words: str) -> tuple[float | None, str]:
    found = _SHARE.search(words)
    if found is None:
        return None, words
    share = float(found["share"].replace(",", ".")) / 100
    if not 0 <= share <= 1:
        raise DimmingError("number_out_of_range")
    less = found["by"] or found["less"]
    left = round(1 - share, 6) if less else share
    return left, f"{words[: found.start()]} {words[found.end() :]}"


def _of_dark_hours(
    ranges: list[tuple[str, str]], share: float | None, *, off: bool
) -> Dimming | None:
    if len(ranges) > 1:
        return None
    start, end = ranges[0]
    if start == end:
        raise DimmingError("dimming_invalid")
    return Dimming(start, end, 0.0 if off and share is None else share)


def _of_lit_hours(ranges: list[tuple[str, str]]) -> Dimming | None:
    """Read hours of burning: from evening to night, and perhaps again before the morning."""
    if len(ranges) > 2:
        return None
    end = ranges[0][1]
    if NIGHT[0] < end < NIGHT[1]:
        return Dimming()
    start = "00:00" if end == "24:00" else end
    return Dimming(start, ranges[1][0] if len(ranges) == 2 else None, 0.0)


def _of_one_hour(words: str, share: float | None, told: tuple[bool, bool]) -> Dimming | None:
    """Read «до 01:00» as light until then, and «с 01:00 …» as less light from then on."""
    off, dim = told
    until, since = _UNTIL.search(words), _SINCE.search(words)
    if until and not (off or dim):
        return Dimming(_clock(until[1] or until[2]), None, 0.0)
    if since and (off or dim):
        return Dimming(_clock(since[1] or since[2]), None, share if dim else 0.0)
    if share is not None and not re.search(r"\d", words):
        return Dimming(share=share)
    if re.search(r"\d[:.]\d", words):
        raise DimmingError("dimming_invalid")
    return None


def _clock(text: str, *, end: bool = False) -> str:
    clock = clock_text(text, end=end)
    if clock is None:
        raise DimmingError("dimming_invalid")
    return clock
