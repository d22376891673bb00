"""Mappings kept for each source: written so that a person can edit them, found by their heads.

They stand in the workspace under ``mappings/SOURCE.yaml``. A file that is brought without a
mapping takes the one whose noun and columns fit it; where two fit, a person has to choose.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from data.importers.mapping import SourceMapping, build_mapping, read_mapping
from data.sealed_folders import replace_file
from geo.errors import UsageError

_KEYS = {
    "source": "name of the source; the same record is known again within it",
    "noun": "what the rows are",
    "register": "register that the rows come from: erdr, kui, call102, koap or other",
    "kind_of_file": "form of the file, where its noun has several",
    "crs": "of the columns x and y",
    "coordinates": "order of two numbers in one cell: lat,lon or lon,lat",
    "encoding": "of the text",
    "sheet": "of the workbook",
    "date_order": "of day, month and year: dmy, mdy or ymd",
    "decimal": "sign of decimals in numbers",
    "time_zone": "of times without an offset",
    "covers": "first and last day for which the file is complete",
    "layer": "url and where of the map service of the official layer",
    "columns": "our field: head in the file",
    "offence_groups": "the source's word: child, theft_robbery, violence, disorder, drugs or null",
    "constants": "field: the same text for every row",
    "values": "field: {the source's word: ours}",
}


class SavedMapping(NamedTuple):
    """A mapping kept in the workspace, and its file."""

    file: Path
    mapping: SourceMapping


def mapping_to_keep(understood: dict[str, Any], inferred: dict[str, Any]) -> SourceMapping:
    """Return what a report understood as a mapping for the next files of its source too.

    The days covered are this file's alone, and an encoding that was only inferred may be another
    in the next file.
    """
    of_this_file = {"covers"} | ({"encoding"} & inferred.keys())
    lasting = {key: value for key, value in understood.items() if key not in of_this_file}
    return build_mapping(lasting, "of the report")


def mapping_text(mapping: SourceMapping) -> str:
    """Return a mapping as commented YAML; `parse_mapping` reads the same mapping from it."""
    lines = ["# How the files of this source are read. Edit it beside the data."]
    for key, value in mapping.declared().items():
        lines += ["", f"# {_KEYS[key]}", _block(key, value)]
    return "\n".join(lines) + "\n"


def write_mapping(mapping: SourceMapping, path: Path) -> None:
    """Write a mapping as commented YAML; the file is there whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_file(path, mapping_text(mapping).encode())


def save_mapping(folder: Path, mapping: SourceMapping) -> Path:
    """Keep a mapping as that of its source and noun; return its file.

    An earlier mapping with another content stays beside it as ``.yaml.before``.

    Raises
    ------
    UsageError
        ``mapping_incomplete``: it names no source or no noun.
    """
    if not mapping.source or not mapping.noun:
        raise UsageError(
            "A mapping is kept by its source and noun; name the source with --source.",
            code="mapping_incomplete",
        )
    file = folder / f"{_file_name(mapping.source)}.yaml"
    if file.exists() and read_mapping(file).noun not in (None, mapping.noun):
        file = folder / f"{_file_name(mapping.source)}-{mapping.noun}.yaml"
    if file.exists() and file.read_text(encoding="utf-8") != mapping_text(mapping):
        replace_file(file.with_suffix(".yaml.before"), file.read_bytes())
    write_mapping(mapping, file)
    return file


def list_saved_mappings(folder: Path) -> list[SavedMapping]:
    """List the kept mappings in the order of their names.

    Raises
    ------
    UsageError
        ``mapping_invalid``: one of them cannot be read.
    """
    return [SavedMapping(file, read_mapping(file)) for file in sorted(folder.glob("*.yaml"))]


def find_saved_mapping(
    folder: Path, noun: str, heads: Collection[str], source: str | None = None
) -> SavedMapping | None:
    """Return the kept mapping of this noun all of whose columns are among the heads, if any.

    Parameters
    ----------
    folder
        ``mappings`` of the workspace.
    noun, heads
        Of the file.
    source
        Only this source's; None for any.

    Raises
    ------
    UsageError
        ``mapping_ambiguous``: several fit; ``mapping_invalid``.
    """
    fitting = [
        saved
        for saved in list_saved_mappings(folder)
        if saved.mapping.noun == noun
        and source in (None, saved.mapping.source)
        and saved.mapping.columns
        and set(saved.mapping.columns.values()) <= set(heads)
    ]
    if len(fitting) > 1:
        names = ", ".join(saved.file.name for saved in fitting)
        raise UsageError(
            f"Several kept mappings fit this file ({names}); name one with --mapping, or the "
            "source with --source.",
            code="mapping_ambiguous",
        )
    return fitting[0] if fitting else None


# -------------------------------------------------------------------------------------------


def _block(key: str, value: Any) -> str:
    text = yaml.safe_dump({key: value}, allow_unicode=True, sort_keys=False, width=1000)
    return text.rstrip("\n")


def _file_name(source: str) -> str:
    """Return a name that no two sources share and that stays in its folder."""
    plain = re.sub(r"[^\w-]+", "-", source).strip("-")[:64]
    if plain == source:
        return plain
    return f"{plain}-{hashlib.sha256(source.encode()).hexdigest()[:8]}".lstrip("-")
