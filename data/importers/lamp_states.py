"""In what state a lamp is, and what that says of its light."""

from __future__ import annotations

import numpy as np
import pandas as pd

from data.importers.asset_rows import fold_words, read_known_words, texts_or_none
from data.importers.tabular import SourceTable

STATES = fold_words({
    "works": ("working", "yes", "y", "true", "1", "да", "иә", "ия", "горит", "работает", "исправен",
              "исправна", "исправно", "действует", "жанады", "жұмыс істейді", "жарық бар"),
    "dead": ("broken", "no", "n", "false", "0", "нет", "жоқ", "не горит", "не работает",
             "не светит", "неисправен", "неисправна", "неисправно", "перегорел", "перегорела",
             "отключен", "отключена", "обрыв", "жанбайды", "істемейді", "жұмыс істемейді"),
    "planned": ("план", "планируется", "запланирован", "запланирована", "проект", "в проекте",
                "жоспарда", "жоспарланған"),
    "unpaid": ("не оплачен", "не оплачена", "не оплачено", "отключен за неуплату",
               "отключена за неуплату", "төленбеген"),
    "dismantled": ("демонтирован", "демонтирована", "демонтаж", "снят", "снята", "бөлшектелген",
                   "алынған"),
    "unknown": ("неизвестно", "нет данных", "не обследован", "не обследована", "белгісіз",
                "деректер жоқ", "тексерілмеген"),
})  # fmt: skip
"""Folded word of a list → state. A lamp that nobody pays for stands and does not burn."""

_LIGHT = {"works": True, "dead": False, "unpaid": False, "dismantled": False}
"""State → whether the lamp burns. One that is planned or unknown says nothing: never dark."""


def read_states(table: SourceTable) -> tuple[pd.Series, pd.Series]:
    """Read the state of each lamp and whether it burns.

    A list may have a column of states, one of yes and no, or both; where both speak and differ,
    the row is marked ``state_contradicts``.

    Returns
    -------
    tuple of Series
        State, ``unknown`` where not said; whether it burns: True, False or None.
    """
    state = read_known_words(table, "state", STATES, closed=True)
    burning = read_known_words(table, "working", STATES, closed=True)
    light, said = (texts_or_none(one.map(_LIGHT)) for one in (state, burning))
    differ = light.notna() & said.notna() & (light != said)
    table.faults.add(differ, table.head("working"), "state_contradicts")

    silent = state.isna() | (state == "unknown")
    state = state.where(~silent, burning)
    state = state.where(state.notna(), "unknown").astype(object)
    working = np.array([_LIGHT.get(word) for word in state], object)
    return state, pd.Series(working)
