"""``assets``: lamps and cameras that are down."""

from __future__ import annotations

from typing import Annotated

import typer

from api.commands.output import AsJson, Directory, print_result

app = typer.Typer(help="Lamps and cameras: which are down.", no_args_is_help=True)


@app.callback()
def assets() -> None:
    """Say what of the town's lamps and cameras does not work."""


@app.command("down")
def down(
    lang: Annotated[str, typer.Option("--lang", help="kk, ru or en.")] = "en",
    role: Annotated[
        str, typer.Option("--role", help="prosecutor, planner or dispatcher.")
    ] = "prosecutor",
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000, help="At most so many.")] = 20,
    directory: Directory = None,
    as_json: AsJson = False,
) -> None:
    """List the lamps and cameras that are down, the one that costs children most first.

    Example: safe-region assets down --lang kk --limit 10
    """
    from api.commands.places import checked_options
    from api.dependencies import Published
    from api.down_assets import down_assets
    from api.opening import opened_workspace
    from api.schemas import DownQuery

    checked_options(DownQuery, {"lang": lang, "role": role, "limit": limit})
    published = Published(*opened_workspace(directory))
    result = down_assets(published, role=role, lang=lang, limit=limit)
    lines = [
        *(row["sentence"] for row in result["assets"]),
        f"{result['number_down']} down in all; run {result['run_id']}, as of {result['as_of']}",
    ]
    print_result(result, as_json=as_json, lines=lines)
