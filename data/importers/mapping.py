"""The mapping file of a source: which column is which field, and what its words mean.

A YAML file that its owner edits beside the data::

    source: portland-police          # name of the source; identities are made within it
    crs: EPSG:2913                   # of the columns x and y
    date_order: ymd
    columns: {occurred_at: date, x: x_ft, y: y_ft, offence: cat}
    offence_groups: {BURG: theft_robbery, TOA: theft_robbery}
    constants: {discovery: reported, place_type: street}
    values: {working: {"горит": "yes", "снят": "no"}}
    decimal: ","                     # of numbers in text; a point where not named
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import yaml

from data.importers.parsing.isolation import check_file
from geo.errors import UsageError
from geo.parameters import DRUGS, GROUPS

DATE_ORDERS = ("dmy", "mdy", "ymd")
_LARGEST_MAPPING = 1 << 20
_TEXTS = ("source", "crs", "encoding", "date_order", "decimal")


@dataclass(frozen=True)
class SourceMapping:
    """What a mapping file declares; empty where it says nothing.

    Attributes
    ----------
    source, crs, encoding, date_order, decimal
        As in the module's example.
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
    crs: str | None = None
    encoding: str | None = None
    date_order: str | None = None
    decimal: str = "."
    columns: dict[str, str] = field(default_factory=dict)
    offence_groups: dict[str, str | None] = field(default_factory=dict)
    constants: dict[str, str] = field(default_factory=dict)
    values: dict[str, dict[str, str]] = field(default_factory=dict)


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
        raise _fault(path, "is larger than 1 MB")
    try:
        declared = yaml.safe_load(path.read_text(encoding="utf-8-sig"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f" at line {mark.line + 1}" if mark else ""
        raise _fault(path, f"is not YAML in UTF-8{where}") from error
    if not isinstance(declared, dict):
        raise _fault(path, "is not a list of 'key: value' lines")

    unknown = sorted(set(map(str, declared)) - {known.name for known in fields(SourceMapping)})
    if unknown:
        raise _fault(path, f"has the unknown key {unknown[0][:64]!r}")
    mapping = SourceMapping(**{key: _plain(value) for key, value in declared.items()})
    _check(mapping, path)
    return mapping


# -------------------------------------------------------------------------------------------


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {_text(key): _plain(inner) for key, inner in value.items()}
    return _text(value)


def _text(value: Any) -> Any:
    # YAML reads 'yes', 'on' and 0990 as other things than the text that stands in the data.
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if value is None or isinstance(value, str | list) else str(value)


def _check(mapping: SourceMapping, path: Path) -> None:
    for name in _TEXTS:
        value = getattr(mapping, name)
        if value is not None and not isinstance(value, str):
            raise _fault(path, f"gives no text for {name!r}")
    for name in ("columns", "constants", "offence_groups", "values"):
        value = getattr(mapping, name)
        inner = dict if name == "values" else (str, type(None))
        if not isinstance(value, dict) or not all(isinstance(v, inner) for v in value.values()):
            raise _fault(path, f"gives no 'key: value' lines under {name!r}")
    groups = set(mapping.offence_groups.values()) - {*GROUPS, DRUGS, None}
    if groups:
        listed = ", ".join((*GROUPS, DRUGS))
        raise _fault(
            path, f"names the unknown group {sorted(map(str, groups))[0][:64]!r} ({listed})"
        )
    if mapping.date_order not in (None, *DATE_ORDERS):
        raise _fault(path, f"names a date_order that is none of {', '.join(DATE_ORDERS)}")
    if mapping.decimal not in (".", ","):
        raise _fault(path, "names a decimal sign that is neither point nor comma")


def _fault(path: Path, what: str) -> UsageError:
    return UsageError(f"Mapping file {path.name} {what}.", code="mapping_invalid")
