"""Propose a mapping for a file as it lies there: read it in the confined child, look, propose."""

from __future__ import annotations

from pathlib import Path

from data.importers.mapping import read_mapping
from data.importers.opening import TABLES, first_rows
from data.importers.parsing.isolation import run_isolated
from data.importers.parsing.table_parsers import parse_table
from data.importers.proposal import Proposal, propose_mapping
from data.importers.tabular import ReadOptions
from geo.errors import SafeRegionError
from geo.study_area import StudyArea


def propose_for_file(
    path: Path, noun: str, options: ReadOptions, area: StudyArea | None
) -> Proposal | None:
    """Propose a mapping for a file; None where it cannot be read as a table at all.

    Parameters
    ----------
    path
        The file.
    noun
        What its rows are.
    options
        What was declared of it.
    area
        Points inside it tell the order and the CRS of coordinates.
    """
    try:
        declared = read_mapping(options.mapping)
        encoding = options.encoding or declared.encoding
        parsed = run_isolated(parse_table, path, {"accepted": list(TABLES), "encoding": encoding})
    except SafeRegionError:
        return None
    rows = first_rows(parsed)
    return propose_mapping(rows, noun, declared, area)
