"""What commands print: one JSON object or readable lines on stdout, all else on stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from geo.errors import SafeRegionError

Directory = Annotated[
    Path | None,
    typer.Option("--dir", help="Workspace folder; else SAFE_REGION_DIR, else ./safe-region-data."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout.")]

Progress = Callable[[str], None]

LISTED_STREETS = 15


def street_lines(head: str, rows: list[dict[str, Any]], line: Callable[..., str]) -> list[str]:
    """Return a head, a line for each of the first streets, and how many more there are."""
    if not rows:
        return []
    more = len(rows) - LISTED_STREETS
    rest = [f"… and {more} more streets"] if more > 0 else []
    return [head, *(line(row) for row in rows[:LISTED_STREETS]), *rest]


def print_result(result: dict[str, Any], *, as_json: bool, lines: list[str]) -> None:
    """Print the result for a machine, or the lines for a person."""
    if as_json:
        typer.echo(json.dumps(result, ensure_ascii=False, default=str))
        return
    for line in lines:
        typer.echo(line)


def print_error(error: SafeRegionError, *, as_json: bool) -> None:
    """Print one line on stderr; with ``as_json`` the same as an object on stdout."""
    if as_json:
        facts = {"error": {"code": error.code, "message": str(error)}, **error.facts}
        typer.echo(json.dumps(facts, ensure_ascii=False, default=str))
    typer.echo(f"safe-region: {error}", err=True)


def print_note(line: str) -> None:
    """Print a line for a person on stderr."""
    typer.echo(line, err=True)


def progress_lines(*, as_json: bool) -> Progress:
    """Return a reporter of stages that writes to stderr on a terminal and is silent elsewhere."""
    if as_json or not sys.stderr.isatty():
        return lambda stage: None
    return lambda stage: typer.echo(f"… {stage}", err=True)
