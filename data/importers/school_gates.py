"""Gates of a school: several points in one cell, or several rows of one number."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pandas as pd

from data.importers.asset_rows import ROWS
from data.importers.identity import content_digests
from data.importers.parsing.raw_columns import X
from data.importers.tabular import SourceTable
from geo import columns as c
from geo.study_area import StudyArea

_PAIR = re.compile(r"\s*\(?\s*(-?\d{1,2}(?:\.\d+)?)\s*[,\s]\s*(-?\d{1,3}(?:\.\d+)?)\s*\)?\s*")
FAR_APART_DEGREES = 0.01
"""About a kilometre: gates farther apart may be buildings of their own."""


def parse_gates(text: str) -> str | None:
    """Return gates as "lat,lon;lat,lon" from south-west, or None where the text is no list.

    Examples
    --------
    >>> parse_gates("51.2, 51.4; 51.1 51.3")
    '51.100000,51.300000;51.200000,51.400000'
    """
    gates = []
    for part in filter(None, map(str.strip, re.split(r"[;\n|]", text))):
        found = _PAIR.fullmatch(part)
        if found is None or abs(float(found[1])) > 90 or abs(float(found[2])) > 180:
            return None
        gates.append((float(found[1]), float(found[2])))
    return _text(gates) if gates else None


def read_gates(table: SourceTable, area: StudyArea) -> pd.Series:
    """Read the cell of gates, None where missing; mark what is no list of points in the area."""
    text = table.text("gates")
    known = text.map({cell: parse_gates(cell) for cell in text.dropna().unique()})
    known = known.map({gates: gates for gates in known.dropna().unique() if _within(gates, area)})
    wrong = (text.notna() & known.isna()).to_numpy(bool)
    table.faults.add(wrong, table.head("gates"), "gates_invalid")
    plain = known.astype(object)
    return plain.where(plain.notna(), None)


def place_by_gates(table: SourceTable) -> SourceTable:
    """Return the file with a school's first gate as its place where it has no other."""
    if X in table.texts or table.crs or "gates" not in table.texts:
        return table
    first = table.text("gates").map(_first_gate, na_action="ignore").astype(object)
    texts = dict(table.texts)
    bare = table.text(c.LAT).isna() & table.text(c.LON).isna()
    for name, axis in ((c.LAT, 0), (c.LON, 1)):
        gate = first.map(lambda pair, axis=axis: pair[axis], na_action="ignore").astype("str")
        texts[name] = table.text(name).where(~bare, gate)
    return replace(table, texts=texts)


def join_gates(table: SourceTable, frame: pd.DataFrame, external: pd.Series) -> pd.DataFrame:
    """Join the rows of one number that differ in their place alone; count them in ``rows``.

    Rows of one number that differ in anything else stay as they are and are found to conflict.
    """
    frame = frame.assign(**{ROWS: 1})
    saying = content_digests(
        *(frame[name] for name in frame if name not in (c.LAT, c.LON, "gates"))
    )
    usable = pd.Series(~table.faults.bad) & external.notna().to_numpy()
    numbers = external.astype(object).where(usable)
    for rows in numbers.dropna().groupby(numbers.dropna()).indices.values():
        if len(rows) == 1 or len(np.unique(saying[rows])) > 1:
            continue
        gates = sorted({gate for row in rows for gate in _gates_of(frame, row)})
        points = frame.loc[rows, [c.LAT, c.LON]].round(6).drop_duplicates()
        lat, lon = sorted(zip(points[c.LAT], points[c.LON], strict=True))[0]
        frame.loc[rows, [c.LAT, c.LON]] = lat, lon
        frame.loc[rows, "gates"] = _text(gates)
        frame.loc[rows, ROWS] = len(points)
        if max(np.ptp([gate[axis] for gate in gates]) for axis in (0, 1)) > FAR_APART_DEGREES:
            table.warnings.append(
                f"gates_apart: rows {', '.join(str(table.rows[row]) for row in rows[:10])} are "
                "gates of one number and lie about a kilometre apart or more."
            )
    return frame


# -------------------------------------------------------------------------------------------


def _first_gate(text: str) -> tuple[str, str] | None:
    gates = parse_gates(text)
    if gates is None:
        return None
    lat, lon = gates.split(";")[0].split(",")
    return lat, lon


def _within(gates: str, area: StudyArea) -> bool:
    points = np.array([gate.split(",") for gate in gates.split(";")], float)
    return bool(area.contains(points[:, 0], points[:, 1]).all())


def _gates_of(frame: pd.DataFrame, row: int) -> list[tuple[float, float]]:
    listed = frame["gates"].iloc[row]
    own = (round(frame[c.LAT].iloc[row], 6), round(frame[c.LON].iloc[row], 6))
    if not isinstance(listed, str):
        return [own]
    return [own, *(tuple(map(float, gate.split(","))) for gate in listed.split(";"))]


def _text(gates: list[tuple[float, float]]) -> str:
    return ";".join(f"{lat:.6f},{lon:.6f}" for lat, lon in sorted(set(gates)))
