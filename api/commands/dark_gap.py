"""``dark-gap``: where children walk in the dark without light."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from api.commands.output import AsJson, Directory, print_result


def dark_gap(
    month: Annotated[
        int | None, typer.Option("--month", min=1, max=12, help="1 to 12; else the whole year.")
    ] = None,
    window: Annotated[str, typer.Option("--window", help="day or a window of it.")] = "day",
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000, help="At most so many.")] = 20,
    lang: Annotated[str, typer.Option("--lang", help="kk, ru or en.")] = "en",
    role: Annotated[
        str, typer.Option("--role", help="prosecutor, planner or dispatcher.")
    ] = "planner",
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="Also as .xlsx or .csv.")
    ] = None,
    directory: Directory = None,
    as_json: AsJson = False,
) -> None:
    """List the sections with the most child-minutes in the dark without light.

    Example: safe-region dark-gap --month 12 --window school_am -o dark-streets.xlsx
    """
    from api.commands.places import checked_options
    from api.dark_gap import section_dark_gap
    from api.dependencies import Published
    from api.opening import opened_workspace
    from api.routers.dark_gap import DarkGapQuery

    asked = {"month": month, "window": window, "limit": limit, "lang": lang, "role": role}
    query = checked_options(DarkGapQuery, asked)
    _check_output(output)
    published = Published(*opened_workspace(directory))
    result = section_dark_gap(published, **query.model_dump())
    if output is not None:
        _write(result, output, lang)
    lines = [
        result["sentence"],
        *_section_lines(result["sections"]["features"]),
        *result["notes"],
        f"run {result['run_id']}, as of {result['as_of']}",
    ]
    print_result(result, as_json=as_json, lines=lines)


# -------------------------------------------------------------------------------------------


def _section_lines(features: list[dict[str, Any]]) -> list[str]:
    if not features:
        return []
    rows = [feature["properties"] for feature in features]
    return [
        f"{'':>4} {'unlit':>9} {'lit':>9} {'unknown':>9} {'so far':>7}  street",
        *(
            f"{row['rank']:>4} {row['unlit_dark_minutes']:>9,} {row['lit_dark_minutes']:>9,} "
            f"{row['unknown_dark_minutes']:>9,} {_share(row['cumulative_share']):>7}  "
            f"{row['label']} ({', '.join(row['schools'])})"
            for row in rows
        ),
    ]


def _share(share: float | None) -> str:
    return "–" if share is None else f"{share:.1%}"


def _check_output(output: Path | None) -> None:
    """Refuse a file that cannot be written, before any work is done for it."""
    from geo.errors import UsageError

    if output is None:
        return
    if output.suffix.lower() not in {".xlsx", ".csv"} or not output.absolute().parent.is_dir():
        raise UsageError(
            f"--output: {output.name} cannot be written there; name a file that ends in .xlsx or "
            ".csv in a folder that exists.",
            code="output_file_invalid",
        )


def _write(result: dict[str, Any], output: Path, lang: str) -> None:
    from data.sealed_folders import replace_file
    from maps.reports.dark_gap import render_dark_gap, render_dark_gap_table

    as_workbook = output.suffix.lower() == ".xlsx"
    render = render_dark_gap if as_workbook else render_dark_gap_table
    replace_file(output, render(result, lang))
