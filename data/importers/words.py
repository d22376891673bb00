"""The few words that files use for yes and no, states and ways of discovery."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from data.importers.tabular import SourceTable

YES = frozenset({
    "yes", "y", "true", "1", "да", "иә", "ия", "бар", "working", "горит", "работает", "исправен",
    "исправна", "жанады", "жұмыс істейді",
})  # fmt: skip
NO = frozenset({
    "no", "n", "false", "0", "нет", "жоқ", "broken", "dismantled", "не горит", "не работает",
    "неисправен", "неисправна", "демонтирован", "жанбайды", "істемейді", "жұмыс істемейді",
})  # fmt: skip
NOT_KNOWN = frozenset({"unknown", "неизвестно", "белгісіз"})

DISCOVERY = {
    "reported": "reported", "заявление": "reported", "сообщение": "reported", "өтініш": "reported",
    "discovered": "discovered", "выявлено": "discovered", "рапорт": "discovered",
    "анықталды": "discovered", "unknown": "unknown",
}  # fmt: skip
STATUS = {name: name for name in ("active", "discontinued", "reclassified")}


def read_flags(table: SourceTable, name: str) -> pd.Series:
    """Read a yes-or-no field as True, False or None; mark words that are neither."""
    folded = table.text(name).str.casefold()
    yes, no = (folded.isin(list(words)).to_numpy(bool) for words in (YES, NO))
    strange = folded.notna().to_numpy(bool) & ~yes & ~no & ~folded.isin(list(NOT_KNOWN)).to_numpy()
    table.faults.add(strange, table.head(name), "word_unknown")
    flags = np.full(len(folded), None, object)
    flags[yes], flags[no] = True, False
    return pd.Series(flags)


def read_words(table: SourceTable, name: str, words: dict[str, str], missing: str) -> pd.Series:
    """Read a field of a closed list; mark words that are not in it."""
    text = table.text(name)
    known = text.str.casefold().map(words)
    table.faults.add(text.notna() & known.isna(), table.head(name), "word_unknown")
    return known.fillna(missing).astype(object)


def read_numbers(table: SourceTable, name: str, low: float, high: float) -> npt.NDArray[np.float64]:
    """Read a field of numbers, NaN where missing; mark what is no number within the bounds."""
    text = table.text(name)
    if table.mapping.decimal == ",":
        text = text.str.replace(",", ".", regex=False)
    plain = text.str.fullmatch(r"[+-]?[0-9]+(?:\.[0-9]*)?").fillna(False).to_numpy(bool)
    values = np.full(len(text), np.nan)
    values[plain] = pd.to_numeric(text[plain]).to_numpy(float)
    beyond = plain & ~((values >= low) & (values <= high))
    strange = text.notna().to_numpy(bool) & ~plain
    table.faults.add(strange, table.head(name), "not_number")
    table.faults.add(beyond, table.head(name), "number_out_of_range")
    values[beyond] = np.nan
    return values
