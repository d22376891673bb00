"""Propose a mapping for a file that nobody has described: by its heads, then by what it holds.

A proposal is looked at and confirmed by a person; no import uses one in silence. Where two
columns could be meant it names both and chooses none. Only the first rows are looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any

import pandas as pd

from data.importers.column_places import find_places
from data.importers.header_words import header_words, match_heads
from data.importers.mapping import SourceMapping
from geo.study_area import StudyArea

ROWS_LOOKED_AT = 1000
LEAST_VALUES = 3
LEAST_SHARE = 0.8

FIELD_OF_KIND = {
    "dates": ("occurred_at", "arrived_at"),
    "clock_times": ("occurred_time",),
    "articles": ("article",),
    "addresses": ("address", "address_raw", "street"),
    "flags": ("working", "lit"),
}
"""Kind of content → the fields that it can be, the first that the noun has."""

_DAY = r"(?:\d{4}[-./]\d{1,2}[-./]\d{1,2}|\d{1,2}[-./ ](?:\d{1,2}|[^\W\d_]{3,9})[-./ ]\d{2,4})"
_FORMS = {
    "dates": rf"\s*{_DAY}(?:\s*(?:г\.?|ж\.?|жыл\w*|года?))?(?:[T ,]+\d{{1,2}}[:.].{{1,20}})?\s*",
    "clock_times": r"\s*(?:[01]?\d|2[0-4])[:.][0-5]\d(?::[0-5]\d)?\s*",
    "articles": r"(?i)\s*(?:ст(?:атья|\.)?\s*\d|\d{1,3}(?:-\d{1,2})?\s*-?\s*(?:б(?:ап|\.)|ст))"
    r".{0,40}",
    "addresses": r"(?is).{0,80}?(?:\b(?:ул|көш|пр-т|даң|мкр|пер|пр-д)\b\.?|\bк-сі\b|улица|көшесі|"
    r"проспект|даңғыл|микрорайон|шағын ?аудан|\bстроение\b|\b(?:street|avenue)\b).{0,200}",
    "flags": r"(?i)\s*(?:да|нет|иә|ия|жоқ|бар|yes|no|true|false|горит|не горит|работает|"
    r"не работает|жанады|жанбайды|\+|-)\s*",
}


@dataclass(frozen=True)
class Evidence:
    """Why a column is proposed for a field, or why none is.

    Attributes
    ----------
    head
        The column.
    field
        The field it is proposed for; None where a person has to choose.
    code
        ``declared``, ``known_word``, a key of `FIELD_OF_KIND`, or of `find_places`.
    share, rows
        Share of the values looked at that have the form, and how many there were.
    crs
        CRS in which the points lie in the study area.
    """

    head: str
    field: str | None
    code: str
    share: float | None = None
    rows: int | None = None
    crs: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return what is known as JSON values."""
        return {name: value for name, value in asdict(self).items() if value is not None}


@dataclass(frozen=True)
class Proposal:
    """A mapping to confirm, with the evidence for each of its columns and for those left open."""

    mapping: SourceMapping
    evidence: tuple[Evidence, ...]


def propose_mapping(
    frame: pd.DataFrame,
    noun: str,
    declared: SourceMapping | None = None,
    area: StudyArea | None = None,
) -> Proposal:
    """Propose which column of a file is which field.

    Parameters
    ----------
    frame
        The file's cells as text under its own heads (`parse_table`); heads that begin with ``@``
        are not the file's.
    noun
        What the rows are.
    declared
        What a mapping file says already; it is kept as it stands.
    area
        Points inside it tell the order and the CRS of coordinates; without it they stay open.
    """
    declared = declared or SourceMapping()
    looked_at = frame[[head for head in frame if not str(head).startswith("@")]]
    looked_at = looked_at.head(ROWS_LOOKED_AT).rename(columns=str)

    heads = match_heads([str(head) for head in looked_at], noun, declared)
    evidence = [
        Evidence(head, field, "declared" if field in declared.columns else "known_word")
        for field, head in heads.items()
    ]
    rest = looked_at[[head for head in looked_at if head not in heads.values()]]
    open_fields = set(header_words(noun)) - set(heads) - set(declared.constants)
    crs = declared.crs
    if {"lat", "lon"} <= open_fields and {"x", "y"} <= open_fields:
        for place in find_places(rest, area):
            evidence.append(Evidence(**place))
            crs = crs or place.get("crs")
    taken = {one.head for one in evidence}
    evidence += _by_content(rest[[head for head in rest if head not in taken]], open_fields)

    columns = {one.field: one.head for one in evidence if one.field}
    mapping = replace(declared, source=declared.source or noun, noun=noun, crs=crs, columns=columns)
    return Proposal(mapping, tuple(evidence))


# -------------------------------------------------------------------------------------------


def _by_content(rest: pd.DataFrame, open_fields: set[str]) -> Iterator[Evidence]:
    found = [one for head in rest if (one := _kind_of(rest[head], str(head))) is not None]
    for kind, fields in FIELD_OF_KIND.items():
        of_kind = [one for one in found if one.code == kind]
        field = next((field for field in fields if field in open_fields), None)
        chosen = field if len(of_kind) == 1 else None
        yield from (replace(one, field=chosen) for one in of_kind)


def _kind_of(texts: pd.Series, head: str) -> Evidence | None:
    values = texts.dropna()
    if len(values) < LEAST_VALUES:
        return None
    shares = {kind: float(values.map(re.compile(form).fullmatch).notna().mean())
              for kind, form in _FORMS.items()}  # fmt: skip
    kind = max(shares, key=lambda name: shares[name])
    if shares[kind] < LEAST_SHARE:
        return None
    return Evidence(head, None, kind, round(shares[kind], 3), len(values))
