"""Amounts of money as people write them: «12 500 000 ₸», «12,5 млн тг»."""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt

from data.importers.tabular import SourceTable

LARGEST_KZT = 1e15
_UNITS = {"": 1.0, "тыс": 1e3, "мың": 1e3, "млн": 1e6, "млрд": 1e9}
_AMOUNT = re.compile(
    r"(?i)\s*(?P<number>[0-9][0-9\s\u00a0\u202f'.,]*)\s*"
    r"(?P<unit>тыс|мың|млн|млрд)?\.?\s*(?:₸|тг|тенге|теңге|kzt)?\.?\s*"
)
_SPACES = re.compile(r"[\s\u00a0\u202f']")
_THOUSANDS = re.compile(r"[0-9]{1,3}(?:,[0-9]{3}){2,}|[0-9]{1,3}(?:\.[0-9]{3}){2,}")
_PLAIN = re.compile(r"[0-9]+(?:\.[0-9]+)?\.?")


def read_amounts(table: SourceTable, name: str) -> npt.NDArray[np.float64]:
    """Read a field of amounts in tenge, NaN where missing; mark what is no amount."""
    texts = table.text(name)
    known = {text: parse_amount(text) for text in texts.dropna().unique()}
    values = np.array([np.nan if v is None else v for v in map(known.get, texts)], float)
    strange = texts.notna().to_numpy(bool) & np.isnan(values)
    table.faults.add(strange, table.head(name), "not_number")
    beyond = values > LARGEST_KZT
    table.faults.add(beyond, table.head(name), "number_out_of_range")
    return np.where(beyond, np.nan, values)


def parse_amount(text: str) -> float | None:
    """Return an amount in tenge, or None where the text is none.

    Examples
    --------
    >>> parse_amount("12 500 000 ₸"), parse_amount("12,5 млн тг."), parse_amount("3,500,000")
    (12500000.0, 12500000.0, 3500000.0)
    """
    found = _AMOUNT.fullmatch(text)
    if found is None:
        return None
    number = _SPACES.sub("", found["number"])
    if _THOUSANDS.fullmatch(number):
        number = number.replace(",", "").replace(".", "")
    number = number.replace(",", ".")
    if not _PLAIN.fullmatch(number):
        return None
    return float(number) * _UNITS[(found["unit"] or "").casefold()]
