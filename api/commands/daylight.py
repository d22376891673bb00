"""``daylight``: how dark a window of the day is in a month."""

from __future__ import annotations

from typing import Annotated

import typer

from api.commands.output import AsJson, Directory, print_result


def daylight(
    month: Annotated[
        int | None, typer.Option("--month", help="1 to 12; the year's mean if not given.")
    ] = None,
    window: Annotated[str, typer.Option("--window", help="day or a window of it.")] = "day",
    lang: Annotated[str, typer.Option("--lang", help="kk, ru or en.")] = "en",
    directory: Directory = None,
    as_json: AsJson = False,
) -> None:
    """Say how much of a window of the day is dark in a month, by the sun alone.

    Example: safe-region daylight --month 1 --window school_am --lang kk
    """
    from api.commands.places import checked_options
    from api.daylight import month_daylight
    from api.dependencies import Published
    from api.opening import opened_workspace
    from api.routers.daylight import DaylightQuery

    options = {"month": month, "window": window, "lang": lang}
    query = checked_options(DaylightQuery, options)
    workspace, database = opened_workspace(directory)
    result = month_daylight(
        Published(workspace, database).current(),
        workspace.region.time_zone,
        month=query.month,
        window=query.window,
        lang=query.lang,
    )
    lines = [result["sentence"], f"run {result['run_id']}, as of {result['as_of']}"]
    print_result(result, as_json=as_json, lines=lines)
