"""``serve`` and ``demo``: the HTTP service, and a synthetic town to look at."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.commands.output import AsJson, Directory, print_note, print_result, progress_lines

Port = Annotated[int | None, typer.Option("--port", help="TCP port; 0 takes a free one.")]


def serve(
    host: Annotated[str | None, typer.Option("--host", help="Address to listen on.")] = None,
    port: Port = None,
    workers: Annotated[int | None, typer.Option("--workers", help="Server processes.")] = None,
    directory: Directory = None,
) -> None:
    """Serve the published map on this computer.

    Example: safe-region serve --port 8000
    """
    from api.serving import serve_forever
    from api.settings import changed_settings

    settings = changed_settings({"host": host, "port": port, "workers": workers, "dir": directory})
    serve_forever(settings, announce=print_note)


def demo(
    osm: Annotated[
        Path | None,
        typer.Option("--osm", help="Put the synthetic layers on this OSM extract's streets."),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="Another seed, another town.")] = 1,
    no_serve: Annotated[bool, typer.Option("--no-serve", help="Build only.")] = False,
    port: Port = None,
    directory: Directory = None,
    as_json: AsJson = False,
) -> None:
    """Make the synthetic town, build its map and serve it.

    Example: safe-region demo --port 8000
    """
    from api.demo import make_demo
    from api.serving import serve_forever
    from api.settings import changed_settings

    settings = changed_settings({"port": port, "dir": directory})
    progress = progress_lines(as_json=as_json)
    result = make_demo(settings.dir, seed=seed, osm=osm, progress=progress)
    print_result(
        result,
        as_json=as_json,
        lines=[f"synthetic town in {settings.dir}, run {result['run_id']}"],
    )
    if not no_serve:
        serve_forever(settings, announce=print_note)
