"""The few words that files use for yes and no, states and ways of discovery."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from data.distinct_words import map_words
from data.importers.tabular import SourceTable
from data.importers.values.look_alikes import fold, fold_texts

COMMA_SHARE = 0.9

YES = frozenset({
    "yes", "y", "true", "1", "+", "да", "иә", "ия", "бар", "iä", "working", "on", "горит",
    "работает", "исправен", "исправна", "исправно", "исправный", "включен", "включена", "есть",
    "имеется", "подключена", "подключен", "жанады", "жұмыс істейді", "істейді", "қосулы",
    "қосылған", "jumys isteidi", "janady",
})  # fmt: skip
NO = frozenset({
    "no", "n", "false", "0", "нет", "жоқ", "joq", "broken", "dismantled", "off", "не горит",
    "не работает", "неисправен", "неисправна", "неисправно", "не исправен", "не исправна",
    "отключен", "отключена", "не подключена", "не подключен", "отсутствует", "демонтирован",
    "демонтирована", "снят", "жанбайды", "істемейді", "жұмыс істемейді", "өшірулі",
    "қосылмаған", "бұзылған", "jumys istemeidi", "janbaidy",
})  # fmt: skip
NOT_KNOWN = frozenset({
    "unknown", "неизвестно", "не известно", "нет данных", "н/д", "белгісіз", "мәлімет жоқ", "-",
    "?",
})  # fmt: skip

DISCOVERY = {
    "reported": "reported", "заявление": "reported", "сообщение": "reported", "жалоба": "reported",
    "обращение": "reported", "звонок": "reported", "звонок 102": "reported", "102": "reported",
    "по заявлению": "reported", "по сообщению": "reported", "өтініш": "reported",
    "арыз": "reported", "шағым": "reported", "хабарлама": "reported", "қоңырау": "reported",
    "discovered": "discovered", "выявлено": "discovered", "выявлен": "discovered",
    "рапорт": "discovered", "обнаружено": "discovered", "по рапорту": "discovered",
    "непосредственное обнаружение": "discovered", "выявлено полицией": "discovered",
    "анықталды": "discovered", "баянат": "discovered", "полиция анықтады": "discovered",
    "unknown": "unknown", "неизвестно": "unknown", "белгісіз": "unknown",
}  # fmt: skip
REGISTER = {
    "erdr": "erdr", "ердр": "erdr", "сдтбт": "erdr", "kui": "kui", "куи": "kui", "кузи": "kui",
    "call102": "call102", "102": "call102", "koap": "koap", "коап": "koap", "әқбтк": "koap",
    "other": "other",
}  # fmt: skip
STATUS = {
    "active": "active", "действует": "active", "в производстве": "active", "өндірісте": "active",
    "возбуждено": "active", "направлено в суд": "active", "расследуется": "active",
    "приостановлено": "active", "тоқтатыла тұрды": "active", "зарегистрировано": "active",
    "discontinued": "discontinued", "прекращено": "discontinued", "прекращен": "discontinued",
    "прекращено производством": "discontinued", "тоқтатылды": "discontinued",
    "қысқартылды": "discontinued", "отказано": "discontinued",
    "reclassified": "reclassified", "переквалифицировано": "reclassified",
    "қайта сараланды": "reclassified",
}  # fmt: skip

CONFIRMED = ("подтв", "расталды", "confirmed")
NOT_CONFIRMED = (
    "не подтв", "неподтв", "ложн", "расталмады", "жалған", "not confirmed", "false",
    "unfounded",
)  # fmt: skip
"""Beginnings of the result of a call, folded; people shorten the words as they like."""


def read_flags(table: SourceTable, name: str) -> pd.Series:
    """Read a yes-or-no field as True, False or None; mark words that are neither."""
    folded = fold_texts(table.text(name))
    yes, no = (folded.isin(list(words)).to_numpy(bool) for words in (YES, NO))
    strange = folded.notna().to_numpy(bool) & ~yes & ~no & ~folded.isin(list(NOT_KNOWN)).to_numpy()
    table.faults.add(strange, table.head(name), "word_unknown")
    flags = np.full(len(folded), None, object)
    flags[yes], flags[no] = True, False
    return pd.Series(flags)


def read_words(table: SourceTable, name: str, words: dict[str, str], missing: str) -> pd.Series:
    """Read a field of a closed list; mark words that are not in it."""
    text = table.text(name)
    meanings = {fold(word): meaning for word, meaning in words.items()}
    known = map_words(text, lambda word: meanings.get(fold(word)))
    table.faults.add(text.notna() & known.isna(), table.head(name), "word_unknown")
    return known.fillna(missing)


def read_status(table: SourceTable) -> pd.Series:
    """Read whether a record stands: from its status, else from the result of the call.

    A call that was not confirmed is ``discontinued``; other results say nothing against it.
    """
    status = read_words(table, "status", STATUS, "active")
    result = fold_texts(table.text("result"))
    denied = result.str.startswith(NOT_CONFIRMED).fillna(False).to_numpy(bool)
    known = denied | result.str.startswith(CONFIRMED).fillna(False).to_numpy(bool)
    strange = int((result.notna().to_numpy(bool) & ~known).sum())
    if strange:
        table.warnings.append(
            f"result_unknown: {strange} rows in {table.head('result')!r} tell neither that a call "
            "was confirmed nor that it was not; they count as standing."
        )
    silent = table.text("status").isna().to_numpy(bool)
    return status.where(~(denied & silent), "discontinued")


def with_points(table: SourceTable, name: str) -> pd.Series:
    """Return a field's numbers with a point for the decimal comma, where the comma is one.

    It is where the mapping says so, or where nine tenths of the column's numbers with a sign have
    a comma and the file does not use it between its cells.
    """
    text = table.text(name)
    declared = table.mapping.decimal
    if declared == "," or (declared is None and _shows_comma(table, text, name)):
        return text.str.replace(",", ".", regex=False)
    return text


def read_numbers(table: SourceTable, name: str, low: float, high: float) -> npt.NDArray[np.float64]:
    """Read a field of numbers, NaN where missing; mark what is no number within the bounds."""
    text = with_points(table, name)
    plain = text.str.fullmatch(r"[+-]?[0-9]+(?:\.[0-9]*)?").fillna(False).to_numpy(bool)
    values = np.full(len(text), np.nan)
    values[plain] = pd.to_numeric(text[plain]).to_numpy(float)
    beyond = plain & ~((values >= low) & (values <= high))
    strange = text.notna().to_numpy(bool) & ~plain
    table.faults.add(strange, table.head(name), "not_number")
    table.faults.add(beyond, table.head(name), "number_out_of_range")
    values[beyond] = np.nan
    return values


# -------------------------------------------------------------------------------------------


def _shows_comma(table: SourceTable, text: pd.Series, name: str) -> bool:
    form, delimiter = table.inferred.get("format"), table.inferred.get("delimiter")
    if delimiter == "," or (form == "csv" and delimiter is None) or form is None:
        return False
    commas = int(text.str.fullmatch(r"[+-]?[0-9]+,[0-9]+").fillna(False).sum())
    points = int(text.str.contains(".", regex=False).fillna(False).sum())
    if not commas or commas < COMMA_SHARE * (commas + points):
        return False
    table.inferred[f"{name}_decimal"] = (
        f"comma: {commas} of {commas + points} numbers with a decimal sign have it"
    )
    return True
