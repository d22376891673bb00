"""``routes``: the walk to a school at a given hour."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import typer

from api.commands.output import AsJson, Directory, print_result, street_lines


def routes(
    school: Annotated[str, typer.Argument(metavar="SCHOOL", help="Id, number or name.")],
    at: Annotated[
        str | None, typer.Option("--at", help="Local time, such as '2026-12-21 07:40'.")
    ] = None,
    lang: Annotated[str, typer.Option("--lang", help="kk, ru or en.")] = "en",
    directory: Directory = None,
    as_json: AsJson = False,
) -> None:
    """Say which streets a school's pupils walk, whether it is dark there, and the calm way.

    Example: safe-region routes 1 --at "2026-12-21 07:40"
    """
    from api.commands.places import checked_options
    from api.dependencies import Published
    from api.opening import opened_workspace
    from api.schemas import SectionQuery
    from api.school_walk import school_walk

    query = checked_options(SectionQuery, {"lang": lang})
    moment = None if at is None else local_time(at)
    workspace, database = opened_workspace(directory)
    opened = Published(workspace, database).current()
    result = school_walk(workspace, opened, school, at=moment, role=query.role, lang=query.lang)
    lines = [
        *result["sentences"],
        *_section_lines(result["sections"]["features"]),
        f"run {result['run_id']}, as of {result['as_of']}",
    ]
    print_result(result, as_json=as_json, lines=lines)


def local_time(text: str) -> datetime:
    """Read a local time of the command line.

    Raises
    ------
    UsageError
        ``time_invalid``.
    """
    from geo.errors import UsageError

    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(
            f"--at: {text[:32]!r} is no local time such as '2026-12-21 07:40'.", code="time_invalid"
        ) from error


# -------------------------------------------------------------------------------------------


def _section_lines(features: list[dict[str, Any]]) -> list[str]:
    return street_lines(
        f"{'pupils':>6} {'metres':>8}  {'min/day':>8}  {'light':<8} street",
        [feature["properties"] for feature in features],
        lambda row: (
            f"{row['pupils']:>6} {row['metres']:>6.0f} m  {_minutes(row['child_minutes'])}  "
            f"{row['light']:<8} {row['label']}"
        ),
    )


def _minutes(minutes: float | None) -> str:
    return f"{'–' if minutes is None else round(minutes):>8}"
