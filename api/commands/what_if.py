"""``what-if``: the walks to a school if streets were closed or lit."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from api.commands.output import AsJson, Directory, print_result, street_lines


def what_if(
    school: Annotated[str, typer.Argument(metavar="SCHOOL", help="Id, number or name.")],
    close: Annotated[
        list[str] | None, typer.Option("--close", help="Section that nobody can walk on; again.")
    ] = None,
    light: Annotated[
        list[str] | None, typer.Option("--light", help="Section lit over its length; again.")
    ] = None,
    at: Annotated[
        str | None, typer.Option("--at", help="Local time, such as '2026-12-21 07:40'.")
    ] = None,
    lang: Annotated[str, typer.Option("--lang", help="kk, ru or en.")] = "en",
    directory: Directory = None,
    as_json: AsJson = False,
) -> None:
    """Say how the walks to a school change when streets are closed or lit; nothing is stored.

    Example: safe-region what-if 1 --close s0123456789ab --at "2026-12-21 07:40"
    """
    from api.commands.places import checked_options
    from api.commands.routes import local_time
    from api.dependencies import Published
    from api.opening import opened_workspace
    from api.schemas import SectionQuery
    from api.walk_changes import StreetChange, walk_what_if

    query = checked_options(SectionQuery, {"lang": lang})
    moment = None if at is None else local_time(at)
    published = Published(*opened_workspace(directory))
    change = StreetChange(close or (), light or ())
    result = walk_what_if(published, school, change, at=moment, role=query.role, lang=query.lang)
    lines = [
        result["sentence"],
        *result["notes"],
        *_table(result),
        *_section_lines(result["sections"]["features"]),
        f"run {result['run_id']}, as of {result['as_of']}",
    ]
    print_result(result, as_json=as_json, lines=lines)


# -------------------------------------------------------------------------------------------


def _table(result: dict[str, Any]) -> list[str]:
    if result["before"] is None:
        return []
    names = ("metres", "dark_m", "lit_m", "unlit_m", "unknown_light_m")
    lines = [f"{'one walk, metres':<18}" + "".join(f"{name:>17}" for name in names)]
    for way in ("shortest", "calm"):
        for when in ("before", "after"):
            cells = "".join(f"{result[when][way][name]:>17}" for name in names)
            lines.append(f"{way + ' ' + when:<18}{cells}")
    return lines


def _section_lines(features: list[dict[str, Any]]) -> list[str]:
    return street_lines(
        f"{'before':>6} {'after':>6}  {'':<7} street (pupils on the lit and calm way)",
        [feature["properties"] for feature in features],
        lambda row: (
            f"{_count(row['pupils_before']):>6} {_count(row['pupils_after']):>6}  "
            f"{row['change'] or '':<7} {row['label']}"
        ),
    )


def _count(pupils: int | None) -> str:
    return "<5" if pupils is None else str(pupils)
