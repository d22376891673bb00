"""The mapping of a source: which column is which field, and what its words mean.

A YAML file that its owner edits beside the data::

    source: portland-police          # name of the source; identities are made within it
    noun: incidents                  # what its rows are
    crs: EPSG:2913                   # of the columns x and y
    date_order: ymd
    columns: {occurred_at: date, x: x_ft, y: y_ft, offence: cat}
    offence_groups: {BURG: theft_robbery, TOA: theft_robbery}
    constants: {discovery: reported, place_type: street}
    values: {working: {горит: yes, снят: no}}
    decimal: ","                     # of numbers in text; a point where not named

Every word is text as it stands: ``no``, ``0990`` and ``2025-04-03`` are not read as anything else.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

import yaml

from data.importers.parsing.isolation import check_file
from data.registers import REGISTERS
from geo.errors import UsageError
from geo.parameters import DRUGS, GROUPS

NOUNS = (
    "incidents", "kpssu", "lighting", "patrols", "cameras", "schools", "homes", "population",
    "catchments", "assignments", "measures",
)  # fmt: skip
"""What the rows of a file can be, as ``safe-region import`` names them."""

DATE_ORDERS = ("dmy", "mdy", "ymd")
COORDINATES = ("lat,lon", "lon,lat", "dms", "link", "micro")
_LARGEST_MAPPING = 1 << 20
_TABLES = ("columns", "constants", "offence_groups", "values", "covers", "layer")
_CLOSED = {
    "noun": NOUNS,
    "register": REGISTERS,
    "coordinates": COORDINATES,
    "date_order": DATE_ORDERS,
    "decimal": (".", ","),
}


@dataclass(frozen=True)
class SourceMapping:
    """What a mapping file declares; empty where it says nothing.

    Attributes
    ----------
    source
        Name of the source; identities are made within it.
    noun
        What the rows are, one of `NOUNS`; a saved mapping is found again by it.
    register
        Register of incidents that the rows come from, one of `REGISTERS`.
    kind_of_file
        Which of a noun's forms the file has, such as a list of poles or of streets.
    crs
        Of the columns x and y.
    coordinates
        Their form, one of `COORDINATES`: the order of two numbers in one cell, angles, links of
        maps, millionths of a degree; plain numbers where not named.
    encoding, sheet
        Of the file.
    date_order, decimal
        Of dates (`DATE_ORDERS`) and of numbers in text, a point or a comma.
    time_zone
        Of times without an offset, such as UTC for traces; that of the region where not named.
    covers
        ``from`` and ``to``: first and last day for which the file is complete.
    layer
        ``url`` and ``where`` of the map service that gives the pages of the official layer.
    columns
        Field → head in the file.
    offence_groups
        The source's own word for an offence → offence group, or None for one that is not counted.
    constants
        Field → the same text for every row.
    values
        Field → {the source's word → ours}.
    """

    source: str | None = None
    noun: str | None = None
    register: str | None = None
    kind_of_file: str | None = None
    crs: str | None = None
    coordinates: str | None = None
    encoding: str | None = None
    sheet: str | None = None
    date_order: str | None = None
    decimal: str | None = None
    time_zone: str | None = None
    covers: dict[str, str] = field(default_factory=dict)
    layer: dict[str, str] = field(default_factory=dict)
    columns: dict[str, str] = field(default_factory=dict)
    offence_groups: dict[str, str | None] = field(default_factory=dict)
    constants: dict[str, str] = field(default_factory=dict)
    values: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def covers_from(self) -> date | None:
        """First day for which the file is complete, where it is declared."""
        return date.fromisoformat(self.covers["from"]) if "from" in self.covers else None

    @property
    def covers_to(self) -> date | None:
        """Last day for which the file is complete, where it is declared."""
        return date.fromisoformat(self.covers["to"]) if "to" in self.covers else None

    def declared(self) -> dict[str, Any]:
        """Return what is declared, in the order of the keys; nothing that is empty."""
        values = {one.name: getattr(self, one.name) for one in fields(self)}
        return {name: value for name, value in values.items() if value not in (None, {})}


def read_mapping(path: Path | None) -> SourceMapping:
    """Read a mapping file; without one, return an empty mapping.

    Raises
    ------
    NotFoundError
        ``file_not_found``.
    UsageError
        ``mapping_invalid``: not YAML of this form; names the key.
    """
    if path is None:
        return SourceMapping()
    check_file(path)
    if path.stat().st_size > _LARGEST_MAPPING:
        raise _fault(path.name, "is larger than 1 MB")
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _fault(path.name, "is not text in UTF-8") from error
    return parse_mapping(text, path.name)


def parse_mapping(text: str, name: str) -> SourceMapping:
    """Read the text of a mapping file, such as one that was edited on a page.

    Parameters
    ----------
    text
        YAML.
    name
        Of the file, for messages.

    Raises
    ------
    UsageError
        ``mapping_invalid``.
    """
    try:
        declared = yaml.load(text, _TextLoader)
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f" at line {mark.line + 1}" if mark else ""
        what = getattr(error, "problem", None) or "it is nested too deeply"
        raise _fault(name, f"is not YAML of this form{where}: {what}") from error
    if not isinstance(declared, dict):
        raise _fault(name, "is not a list of 'key: value' lines")
    return build_mapping(declared, name)


def build_mapping(declared: dict[str, Any], name: str) -> SourceMapping:
    """Check the keys and words of a mapping, such as the one that a report tells.

    Raises
    ------
    UsageError
        ``mapping_invalid``.
    """
    known = {one.name for one in fields(SourceMapping)}
    unknown = sorted(str(key) for key in declared if key not in known)
    if unknown:
        raise _fault(name, f"has the unknown key {unknown[0][:64]!r}")
    mapping = SourceMapping(**{key: value for key, value in declared.items() if value is not None})
    _check_forms(mapping, name)
    _check_words(mapping, name)
    return mapping


# -------------------------------------------------------------------------------------------


class _TextLoader(yaml.SafeLoader):
    """Reads plain words as text, and nothing that stands for something else by reference."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - PyYAML's own attribute
        start: [(tag, pattern) for tag, pattern in resolvers if tag == "tag:yaml.org,2002:null"]
        for start, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        # A few lines of references to references grow to more than memory holds.
        if self.check_event(yaml.AliasEvent):
            mark = self.get_mark()
            raise yaml.MarkedYAMLError(None, None, "references (*name) are not read", mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        pairs: dict[Any, Any] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode) or key.value in pairs:
                what = "a key stands twice or is no word"
                raise yaml.MarkedYAMLError(None, None, what, key.start_mark)
            pairs[key.value] = self.construct_object(value, deep=True)
        return pairs


def _check_forms(mapping: SourceMapping, name: str) -> None:
    for one in fields(mapping):
        value = getattr(mapping, one.name)
        if one.name not in _TABLES and value is not None and not isinstance(value, str):
            raise _fault(name, f"gives no text for {one.name!r}")
    for table in _TABLES:
        value = getattr(mapping, table)
        inner = {"values": dict, "offence_groups": str | None}.get(table, str)
        if not isinstance(value, dict) or not all(isinstance(v, inner) for v in value.values()):
            raise _fault(name, f"gives no 'key: value' lines under {table!r}")
    for words in mapping.values.values():
        if not all(isinstance(word, str) for word in words.values()):
            raise _fault(name, "gives no text for a word under 'values'")


def _check_words(mapping: SourceMapping, name: str) -> None:
    for key, words in _CLOSED.items():
        if getattr(mapping, key) not in (None, *words):
            raise _fault(name, f"names a {key} that is none of: {'  '.join(words)}")
    groups = set(mapping.offence_groups.values()) - {*GROUPS, DRUGS, None}
    if groups:
        listed = ", ".join((*GROUPS, DRUGS))
        raise _fault(
            name, f"names the unknown group {sorted(map(str, groups))[0][:64]!r} ({listed})"
        )
    if mapping.time_zone and mapping.time_zone not in available_timezones():
        raise _fault(name, "names a time_zone that is not in the tz database")
    if set(mapping.covers) - {"from", "to"}:
        raise _fault(name, "names other days than 'from' and 'to' under 'covers'")
    try:
        first, last = mapping.covers_from, mapping.covers_to
    except ValueError as error:
        raise _fault(name, "gives no day as 2025-04-03 under 'covers'") from error
    if first and last and last < first:
        raise _fault(name, "covers days that end before they begin")


def _fault(name: str, what: str) -> UsageError:
    return UsageError(f"Mapping file {name} {what}.", code="mapping_invalid")
