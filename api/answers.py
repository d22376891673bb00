"""Put rows of a snapshot into the words and numbers of an answer, as far as the role may see."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import pandas as pd
import shapely.geometry

from api.dependencies import OpenedSnapshot
from api.near import cell_middle, ring_rows
from api.ranking import ranked_sections
from api.scenarios import light_what_if
from api.schemas import Feature
from api.section_lookup import get_section_row
from api.walking_schools import walking_schools
from geo import columns as c
from geo.cells import format_cell
from geo.columns import of_window, part_column, share_column
from geo.disclosure import AGAINST_PERSONS
from geo.errors import NotFoundError
from geo.hazard.explain import CAUSES, STANDING_CAUSES
from geo.hazard.month_places import MONTH_PART
from geo.parameters import GROUPS, PARTS
from maps.explanations import Explained, explanation
from maps.labels import class_word, confidence_word, rank_text, reason_line, section_label

Row = Mapping[str, Any]

NOTHING = 1e-9
"""A cause that moves ln hazard by less has not changed: sums in another order differ so far."""


def listed_features(
    opened: OpenedSnapshot, *, role: str, lang: str, window: str, view: str, limit: int
) -> list[Feature]:
    """Return the ranked list as GeoJSON features, best known first."""
    disclosed = opened.disclosed_sections(role)
    if disclosed.empty:
        return []
    ranked = ranked_sections(opened.frame("sections"), view=view, window=window, limit=limit)
    features = []
    for place in as_rows(ranked):
        row = _row(disclosed, place[c.SECTION_ID])
        rank = _whole(place["rank"])
        listing = {
            "rank": rank,
            "numbered": rank is not None,
            c.HAZARD_SCORE: _rounded(place["score"]) if c.HAZARD_SCORE in disclosed else None,
            c.HAZARD_CLASS: _whole(place[c.HAZARD_CLASS]),
            "class_word": class_word(_whole(place[c.HAZARD_CLASS]), lang),
            c.CONFIDENCE: place[c.CONFIDENCE],
            "confidence_word": confidence_word(place[c.CONFIDENCE], lang),
            "rank_text": rank_text(_whole(place["rank_low"]), _whole(place["rank_high"]), lang),
        }
        features.append(_section_feature(row, lang, listing))
    return features


def section_feature(opened: OpenedSnapshot, section_id: str, *, role: str, lang: str) -> Feature:
    """Return one section as a feature.

    Raises
    ------
    NotFoundError
        ``section_unknown``.
    """
    row = _section(opened, section_id, role)
    hazard_class = _whole(row.get(c.HAZARD_CLASS))
    listing = {
        "class_word": class_word(hazard_class, lang),
        "confidence_word": confidence_word(row.get(c.CONFIDENCE), lang),
    }
    known = {
        name: _plain(value)
        for name, value in row.items()
        if name not in {c.GEOMETRY, c.SECTION_ID} and not name.startswith("label_")
    }
    return _section_feature(row, lang, {**known, **listing})


def section_explanation(
    opened: OpenedSnapshot, section_id: str, *, role: str, lang: str, window: str
) -> dict[str, Any]:
    """Return why a section stands where it stands: sentence, factors, groups, light, schools.

    A role that sees classes only gets no number, no factor and no interval.

    Raises
    ------
    NotFoundError
        ``section_unknown``.
    """
    row = _section(opened, section_id, role)
    return {
        c.SECTION_ID: section_id,
        "label": section_label(row, lang),
        **_explained(opened, row, lang, window),
        "what_if": light_what_if(opened, section_id, role=role, lang=lang, window=window),
        "schools": walking_schools(opened, section_id, role=role, lang=lang),
        "quarters": ring_rows(opened, row[c.GEOMETRY], role=role, lang=lang),
    }


def cell_answer(opened: OpenedSnapshot, cell: int, *, role: str) -> dict[str, Any]:
    """Return one cell of resolution 10.

    Raises
    ------
    NotFoundError
        ``cell_unknown``.
    """
    row = _cell(opened, cell, role)
    values = {name: _plain(value) for name, value in row.items()}
    return {**values, c.H3_CELL: format_cell(cell), "run_id": opened.snapshot.run_id}


def cell_explanation(
    opened: OpenedSnapshot, cell: int, *, role: str, lang: str, window: str
) -> dict[str, Any]:
    """Return why a cell stands where it stands.

    Raises
    ------
    NotFoundError
        ``cell_unknown``.
    """
    row = _cell(opened, cell, role)
    return {
        c.H3_CELL: format_cell(cell),
        **_explained(opened, row, lang, window),
        "quarters": ring_rows(opened, cell_middle(cell), role=role, lang=lang),
    }


def as_rows(frame: pd.DataFrame) -> list[Row]:
    """Return a frame's rows as mappings from column name to value."""
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


# -------------------------------------------------------------------------------------------


def _section(opened: OpenedSnapshot, section_id: str, role: str) -> Row:
    return get_section_row(opened, section_id, role)


def _cell(opened: OpenedSnapshot, cell: int, role: str) -> Row:
    disclosed = opened.disclosed_cells(role)
    if cell not in disclosed.index:
        raise NotFoundError(
            f"There is no cell {format_cell(cell)!r} in this run.", code="cell_unknown"
        )
    return _row(disclosed, cell)


def _row(frame: pd.DataFrame, name: str | int) -> Row:
    return {str(column): value for column, value in frame.loc[name].items()}


def _section_feature(row: Row, lang: str, properties: dict[str, Any]) -> Feature:
    return Feature(
        geometry=shapely.geometry.mapping(row[c.GEOMETRY]),
        properties={
            c.SECTION_ID: row[c.SECTION_ID],
            "label": section_label(row, lang),
            "reason": reason_line(row, lang),
            **properties,
        },
    )


def _explained(opened: OpenedSnapshot, row: Row, lang: str, window: str) -> dict[str, Any]:
    card = opened.snapshot.run_card
    first, last = (dt.date.fromisoformat(day) for day in card["period"])
    numbers = (c.HAZARD, c.HAZARD_LOW, c.HAZARD_HIGH, c.LN_AREA_MEAN)
    hazard, low, high, start = (_of(row, name, window) for name in numbers)
    place = Explained(
        hazard=hazard,
        hazard_low=low,
        hazard_high=high,
        unit=card["unit"],
        ln_area_mean=start,
        parts={} if hazard is None else _parts(row, window),
        group_shares=_group_shares(row),
        confidence=row.get(c.CONFIDENCE if window == "day" else of_window(c.CONFIDENCE, window)),
        hazard_class=_whole(
            row.get(c.HAZARD_CLASS if window == "day" else of_window(c.HAZARD_CLASS, window))
        ),
        period=(first, last),
        window=window,
        month=opened.month,
        lit_m=_number(row.get(c.LIT_M)),
        unlit_m=_number(row.get(c.UNLIT_M)),
        unknown_light_m=_number(row.get(c.UNKNOWN_LIGHT_M)),
        pupils=_number(row.get(c.PUPILS)),
        incidents_observed=_number(row.get(c.INCIDENTS_OBSERVED)),
        hotspot=row.get(c.HOTSPOT),
        causes={} if hazard is None else _causes(row, window),
    )
    return {
        "window": window,
        "month": opened.month,
        "hazard": None
        if hazard is None
        else {"value": hazard, "low": low, "high": high, "unit": place.unit},
        c.HAZARD_CLASS: place.hazard_class,
        "ln_area_mean": start,
        c.CONFIDENCE: place.confidence,
        "run_id": card["run_id"],
        "as_of": card["as_of"],
        "period": card["period"],
        **explanation(place, lang),
    }


def _parts(row: Row, window: str) -> dict[str, float]:
    """Return the parts of ln hazard; some of them are of the window, the others of the day."""
    by_window = {"hour", "change_since", MONTH_PART}
    parts = {
        part: _number(
            row.get(
                of_window(part_column(part), window)
                if window != "day" and part in by_window
                else part_column(part)
            )
        )
        for part in (*PARTS, MONTH_PART)
        if window != "day" or part != "hour"
    }
    return {part: value for part, value in parts.items() if value is not None}


def _causes(row: Row, window: str) -> dict[str, float]:
    """Return standing conditions and what has changed since by cause, where they move anything."""
    logs = {cause: _of(row, part_column(cause), "day") for cause in STANDING_CAUSES}
    logs |= {cause: _of(row, part_column(cause), window) for cause in CAUSES}
    return {cause: log for cause, log in logs.items() if log and abs(log) > NOTHING}


def _group_shares(row: Row) -> dict[str, float]:
    shares = {group: _number(row.get(share_column(group))) for group in (*GROUPS, AGAINST_PERSONS)}
    return {group: share for group, share in shares.items() if share is not None}


def _of(row: Row, column: str, window: str) -> float | None:
    return _number(row.get(column if window == "day" else of_window(column, window)))


def _number(value: Any) -> float | None:
    return None if value is None or pd.isna(value) else float(value)


def _whole(value: Any) -> int | None:
    return None if value is None or pd.isna(value) else int(value)


def _rounded(value: Any) -> float | None:
    return None if value is None or pd.isna(value) else round(float(value), 1)


def _plain(value: Any) -> Any:
    if value is None or pd.isna(value):
        return None
    return value.item() if hasattr(value, "item") else value
