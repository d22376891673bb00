"""What a check of the forecast found, in the reader's language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from geo.evaluation.metrics import SQUARE_MILE_M2, SQUARE_MILES
from geo.evaluation.verdict import LEAST_INCIDENTS, OURS
from maps import forecast_words
from maps.formats import distance_text, known_number, number_text, percent_text
from maps.labels import shown_text
from maps.translations import catalogue
from maps.words import GROUPS

Row = Mapping[str, Any]

NOTHING = "–"
CELL_HA = {10: 1.5, 9: 10.5, 8: 74.0}


def method_text(model: str, lang: str) -> str:
    """Name a way of forecasting; one without words is shown by its own name.

    Examples
    --------
    >>> method_text("kde_400_all", "ru")
    'Тепловая карта за все годы, 400 м'
    """
    word = forecast_words.METHODS.get(model)
    if word is None:
        return shown_text(model)
    metres = distance_text(forecast_words.RADII_M.get(model), lang)
    return catalogue(lang).gettext(word).format(metres=metres)


def verdict_text(word: str, lang: str) -> str:
    """Say the verdict in a line that can stand alone."""
    return catalogue(lang).gettext(forecast_words.VERDICTS[word])


def short_verdict_text(word: str, lang: str) -> str:
    """Say the verdict in a cell of a table."""
    return catalogue(lang).gettext(forecast_words.SHORT_VERDICTS[word])


def reasons_text(verdict: Row, lang: str) -> str:
    """Say why the verdict is what it is, and what follows from it."""
    say = catalogue(lang).gettext
    baseline, word = (
        _lower_first(method_text(verdict["best_baseline"] or "", lang)),
        verdict["word"],
    )
    reasons = [
        say(forecast_words.REASONS[code]).format(baseline=baseline, count=LEAST_INCIDENTS)
        for code in verdict["reasons"]
    ]
    return " ".join([*reasons, say(forecast_words.ADVICE[word])])


def comparison_text(told: Row, lang: str, *, digits: int) -> str:
    """Say how much of what came lay in the first 5 %, here and in the best simple map.

    Parameters
    ----------
    told
        ``verdict``, ``models``, ``standard_error`` and ``protocol``.
    digits
        Decimals of the per cents.
    """
    say = catalogue(lang).gettext
    best = told["verdict"]["best_baseline"]
    ours, other = (known_number(told["models"].get(name, {}).get("hit5")) for name in (OURS, best))
    if ours is None or other is None:
        return ""
    sentence = say(
        "{ours} of the offences fell into the first 5 % of the {size}; in the best simple map"
        " ({baseline}) it was {other}."
    ).format(
        ours=percent_text(ours, lang, digits=digits),
        other=percent_text(other, lang, digits=digits),
        baseline=_lower_first(method_text(best, lang)),
        size=size_text(told, lang),
    )
    error = known_number((told.get("standard_error") or {}).get("hit5"))
    if error is not None and abs(ours - other) < error:
        sentence += " " + say("The difference is no larger than chance alone may bring.")
    return sentence


def share_text(measures: Row | None, name: str, lang: str, *, digits: int = 0) -> str:
    """Write a share of the offences in per cent, a dash where there is none."""
    share = known_number((measures or {}).get(name))
    return NOTHING if share is None else percent_text(share, lang, digits=digits)


def measure_text(measures: Row | None, name: str, lang: str, *, digits: int) -> str:
    """Write a measure as a number, a dash where there is none."""
    number = known_number((measures or {}).get(name))
    return NOTHING if number is None else number_text(number, lang, digits=digits, fixed=True)


def points_text(share: Any, lang: str) -> str:
    """Write a standard error in points of a hundred, empty where there is none."""
    known = known_number(share)
    return "" if known is None else f"± {number_text(100 * known, lang, digits=1, fixed=True)}"


def size_text(told: Row, lang: str) -> str:
    """Name what the first 1, 5 and 10 % are shares of."""
    budget = told["protocol"].get("budget", "area")
    return catalogue(lang).gettext(forecast_words.SIZES[budget])


def budget_text(name: str, lang: str) -> str:
    """Write a budget of PAI in square kilometres, such as "0.65 km²"."""
    return area_text(SQUARE_MILES[name] * SQUARE_MILE_M2 / 1e6, lang)


def area_text(km2: float, lang: str) -> str:
    """Write an area in square kilometres."""
    unit = {"en": "km²"}.get(lang, "км²")
    return f"{number_text(km2, lang, digits=2 if km2 < 10 else 1)} {unit}"


def grid_text(grid: str, lang: str) -> str:
    """Name the cells that were ranked, such as "H3 cells of resolution 10, about 1.5 ha each"."""
    found = re.fullmatch(r"h3:(\d+)", grid)
    if found is None or int(found[1]) not in CELL_HA:
        return shown_text(grid)
    say = catalogue(lang).gettext
    hectares = number_text(CELL_HA[int(found[1])], lang, digits=1)
    return say("H3 cells of resolution {resolution}, about {hectares} ha each").format(
        resolution=found[1], hectares=hectares
    )


def quarter_text(quarter: str, lang: str) -> str:
    """Name a quarter, such as "IV quarter of 2025".

    Examples
    --------
    >>> quarter_text("2025Q4", "ru")
    'IV квартал 2025 года'
    """
    found = re.fullmatch(r"(\d{4})Q([1-4])", quarter)
    if found is None:
        return shown_text(quarter)
    roman = ("I", "II", "III", "IV")[int(found[2]) - 1]
    say = catalogue(lang).gettext
    return say("{quarter} quarter of {year}").format(quarter=roman, year=found[1])


def offences_text(count: int | None, lang: str) -> str:
    """Say how many offences a quarter brought; empty where that is not told."""
    if count is None:
        return ""
    message = catalogue(lang).ngettext("{count} offence", "{count} offences", count)
    return message.format(count=number_text(count, lang))


def group_text(group: str, lang: str) -> str:
    """Name a group of offences; a group of another country's file by its own name."""
    word = GROUPS.get(group)
    return catalogue(lang).gettext(word) if word else shown_text(group)


# -------------------------------------------------------------------------------------------


def _lower_first(text: str) -> str:
    return text[:1].lower() + text[1:]
