"""Which of two numbers is the day: decided once for a whole file, from every date in it."""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt

from data.importers.tabular import SourceTable
from data.importers.values.date_rows import ORDERS, feasible_orders, split_by_form
from data.importers.values.text_blocks import blocks_of
from geo.errors import InputRefusedError

CONTRARY_SHARE = 0.1
"""Rows that fit only the other order of day and month, as a share of those that decide it."""

_DATE_FIELD = re.compile(r".*_(at|to|from|on|until)")


def date_order(table: SourceTable, name: str) -> str:
    """Return ``dmy``, ``mdy`` or ``ymd``: as declared, or as all the file's days allow.

    Raises
    ------
    InputRefusedError
        ``date_order_ambiguous``: day and month could stand either way.
    """
    if table.date_order in ("dmy", "mdy"):
        return table.date_order
    known = str(table.inferred.get("date_order", ""))[:3]
    return known if known in ORDERS else _judge(table, name)


# -------------------------------------------------------------------------------------------


def _judge(table: SourceTable, name: str) -> str:
    """Decide for the whole file, from every column of days, what all its rows allow."""
    fields = dict.fromkeys([name, *filter(_DATE_FIELD.fullmatch, table.texts)])
    counts = np.zeros(16, np.int64)
    for column in fields:
        for _, block in blocks_of(table.text(column)):
            for part in split_by_form(block):
                if part.form.has_order:
                    counts += np.bincount(feasible_orders(part), minlength=16)
    readable = counts.sum() - counts[0]
    against = [
        int(readable - sum(counts[m] for m in range(16) if m >> bit & 1)) for bit in range(3)
    ]
    if table.date_order == "ymd" and against[2] < readable:
        return "ymd"
    best, *others = sorted(range(3), key=lambda bit: (against[bit], bit))
    rivals = [bit for bit in others if against[best] > CONTRARY_SHARE * against[bit]]
    if rivals or against[best] == against[others[0]]:
        _refuse_open_order(table, name, counts, against)
    witnesses = against[1] if best == 0 else against[0]
    told = f"{ORDERS[best]}: {witnesses} rows allow no other"
    if against[best]:
        told += f", {against[best]} rows allow only another and are put aside"
    table.inferred["date_order"] = told
    return ORDERS[best]


def _refuse_open_order(
    table: SourceTable, name: str, counts: npt.NDArray[np.int64], against: list[int]
) -> None:
    same = int(counts[8:].sum())
    if counts.sum() - counts[0] == same:
        return  # 04.04.2025 is one day either way
    what = "both orders occur" if min(against) else "both orders are possible"
    raise InputRefusedError(
        f"{table.file_name}, column {table.head(name)!r}: day and month could stand either way "
        f"({what}); declare --date-order dmy or --date-order mdy.",
        code="date_order_ambiguous",
    )
