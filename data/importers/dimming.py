"""Read when lamps and listed streets are dimmed or go out at night, and what light is left then."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from data.importers.asset_rows import texts_or_none
from data.importers.tabular import SourceTable
from data.importers.values.dimming_words import Dimming, DimmingError, clock_text, parse_dimming
from data.importers.values.words import with_points

BoolArray = npt.NDArray[np.bool_]

PHRASES = ("dimming", "lit_hours")
FROM, TO, SHARE = "dimmed_from", "dimmed_to", "dimmed_share"


def read_dimming(table: SourceTable) -> dict[str, pd.Series]:
    """Read the hours of dimming and the light that is left, all missing where a row is not dimmed.

    A file may have columns of their own for hours and share, or say all of it in words; own
    columns go before words. What has no hours is kept and dims nothing; rows without a share or
    without an end are told.

    Returns
    -------
    dict
        dimmed_from, dimmed_to (HH:MM or None) and dimmed_share (0 … 1 or NaN).
    """
    told = _read_phrases(table)
    own = {FROM: _read_clocks(table, FROM), TO: _read_clocks(table, TO, end=True)}
    until = _read_clocks(table, "lit_until")
    share = _read_shares(table)

    start = _first(own[FROM], until, told[FROM])
    end = _first(own[TO], told[TO].where(own[FROM].isna() & until.isna(), None))
    off = until.notna() & own[FROM].isna()
    left = share.fillna(told[SHARE]).fillna(pd.Series(np.where(off, 0.0, np.nan)))
    headless = end.notna() & start.isna() & table.text(FROM).isna()
    table.faults.add(headless, table.head(FROM), "dimming_invalid")
    table.faults.add(end.notna() & (start == end), table.head(TO), "dimming_invalid")
    _note(table, start, end, left)
    return {FROM: start, TO: end, SHARE: left}


def says_lit_until(table: SourceTable, name: str) -> BoolArray:
    """Tell which cells of a field say until when a street is lit, such as «да, до 01:00»."""
    found = {text: _lit_until(text) is not None for text in table.text(name).dropna().unique()}
    return table.text(name).map(found).eq(True).to_numpy(bool)


# -------------------------------------------------------------------------------------------


def _read_phrases(table: SourceTable) -> pd.DataFrame:
    """Read what columns say in words; of several the first that says anything counts."""
    empty = pd.DataFrame({FROM: None, TO: None, SHARE: np.nan}, index=range(len(table.rows)))
    found = empty.astype({FROM: object, TO: object})
    for name in (*PHRASES, "lit"):
        texts = table.text(name)
        meant = {text: _meaning(text, name) for text in texts.dropna().unique()}
        codes = texts.map({text: one for text, one in meant.items() if isinstance(one, str)})
        for code in codes.dropna().unique():
            table.faults.add(codes == code, table.head(name), str(code))
        _note_unclear(table, name, [text for text, one in meant.items() if one is None])
        for part, field in ((FROM, "start"), (TO, "end"), (SHARE, "share")):
            values = {t: getattr(o, field) for t, o in meant.items() if isinstance(o, Dimming)}
            said = texts.map(values).astype(object)
            found[part] = _first(found[part], said)
    return found.astype({SHARE: float})


def _meaning(text: str, name: str) -> Dimming | str | None:
    """Return what a text says, the code of its fault, or None where it is not clear."""
    if name == "lit":
        return _lit_until(text) or Dimming()
    try:
        return parse_dimming(text, lit_hours=name == "lit_hours")
    except DimmingError as fault:
        return str(fault)


def _lit_until(text: str) -> Dimming | None:
    """Return what the word for light says of hours, where it says that there is some."""
    if not any(sign.isdigit() for sign in text) or text.strip().isdigit():
        return None
    try:
        found = parse_dimming(text, lit_hours=True)
    except DimmingError:
        return None
    return found if found is not None and found.start else None


def _read_clocks(table: SourceTable, name: str, *, end: bool = False) -> pd.Series:
    text = table.text(name)
    known = text.map({one: clock_text(one, end=end) for one in text.dropna().unique()})
    table.faults.add(text.notna() & known.isna(), table.head(name), "time_invalid")
    return texts_or_none(known)


def _read_shares(table: SourceTable) -> pd.Series:
    """Read the share left, in per cent where a number is above 1 or has the sign.

    A column of what is taken away is read as its rest.
    """
    left = _read_share(table, SHARE)
    return left.fillna(1 - _read_share(table, "dimmed_by"))


def _read_share(table: SourceTable, name: str) -> pd.Series:
    text = with_points(table, name)
    signed = text.str.contains("%", regex=False).fillna(False).to_numpy(bool)
    plain = text.str.replace("%", "", regex=False).str.strip()
    number = pd.to_numeric(plain, errors="coerce").astype(float)
    table.faults.add(text.notna() & number.isna(), table.head(name), "not_number")
    in_percent = bool((number[~signed] > 1).any())
    if number.notna().any():
        unit = "per cent" if in_percent or signed.any() else "shares of 1"
        table.inferred[f"{name}_unit"] = unit
    share = pd.Series(number.to_numpy(float) / np.where(signed | in_percent, 100.0, 1.0))
    beyond = ((share < 0) | (share > 1)).to_numpy(bool)
    table.faults.add(beyond, table.head(name), "number_out_of_range")
    return share.where(~beyond)


def _first(*choices: pd.Series) -> pd.Series:
    """Return the first of several columns that says anything, row by row."""
    found = choices[0].astype(object)
    for other in choices[1:]:
        found = found.where(found.notna(), other.astype(object))
    return texts_or_none(found)


def _note_unclear(table: SourceTable, name: str, texts: list[str]) -> None:
    if texts:
        table.warnings.append(
            f"dimming_unclear: {len(texts)} wordings in {table.head(name)!r} say nothing of hours "
            "that is understood; their rows count as not dimmed."
        )


def _note(table: SourceTable, start: pd.Series, end: pd.Series, left: pd.Series) -> None:
    told = {
        "dimming_hours_missing": (left.notna() & start.isna(), "name no hours and dim nothing."),
        "dimming_share_missing": (
            start.notna() & left.isna(), "do not say how much light is left; half is assumed."
        ),
        "dimming_end_missing": (
            start.notna() & end.isna(),
            "do not say when the light comes back; until noon there is none.",
        ),
    }  # fmt: skip
    for code, (rows, words) in told.items():
        count = int((rows.to_numpy(bool) & ~table.faults.bad).sum())
        if count:
            table.warnings.append(f"{code}: {count} rows {words}")
